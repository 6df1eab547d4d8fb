/**
 * Loading a program: a text is assembled, bytes are decoded, both are validated (the one road for data).
 *
 * A program that is not right is refused with everything that is wrong, every fault with its place. Knows nothing of
 * imports and of running.
 */

import { type Fault, WasmError } from '../base/errors.ts';
import { decode } from '../binary/decode.ts';
import { SUPPORTED } from '../isa/features.ts';
import { type FuncType, typeName } from '../isa/types.ts';
import { funcType, type Module } from '../module/module.ts';
import {
  type DisassemblyOptions,
  disassembleFields,
  disassembleFunc,
  disassembleModule,
  funcOfDocument,
  readableName,
} from '../symbols/disassembly.ts';
import { type DisassemblyDoc, disassemblyDoc, parseDoc } from '../symbols/disassembly-doc.ts';
import { assemble } from '../text/assemble.ts';
import type { TextMap } from '../text/map.ts';
import type { Printed } from '../text/print.ts';
import { parseTree } from '../text/tree.ts';
import { validateAll } from '../valid/validate.ts';
import { type Block, blocksOf } from './blocks.ts';
import { CodeRows } from './disassembly.ts';
import { docOfModule, isTextDoc, splitDoc, textDoc } from './docs.ts';
import { funcNameIn, type Rename } from './style.ts';
import type { Doc, ExportedFunc, ModuleSource, Place, TextDoc, WireFault } from './wire.ts';

/** A command is refused with these faults, the first one first. */
export class Refusal extends Error {
  readonly faults: readonly WireFault[];

  constructor(faults: readonly WireFault[]) {
    super(faults[0]?.message ?? 'refused');
    this.name = 'Refusal';
    this.faults = faults;
  }
}

/** A valid program, and how its offsets are shown. */
export class LoadedProgram {
  readonly module: Module;
  /** What a name of the module becomes before people see it. */
  #rename: Rename | undefined;
  /** The program's own text and its map; undefined for a binary. */
  readonly #own: Printed | undefined;
  /** How the documents are written that its places are shown in. */
  #disassembly: DisassemblyOptions = {};
  readonly #printed = new Map<Doc, Printed>();
  readonly #blocks = new Map<number, readonly Block[]>();
  #code: CodeRows | undefined;
  /** Which of several modules it is; undefined for the only one, and for the main one of those that are linked. */
  readonly number: number | undefined;
  /** The name of its own text: modules of a script share that of the script. */
  readonly ownDoc: TextDoc;

  constructor(
    module: Module,
    own: Printed | undefined,
    disassembly: DisassemblyOptions = {},
    number?: number,
    ownDoc: TextDoc = 'program',
  ) {
    this.module = module;
    this.ownDoc = ownDoc;
    this.number = number;
    this.#own = own;
    this.write(disassembly);
  }

  /** From now on places are shown in documents that are written so. */
  write(disassembly: DisassemblyOptions): void {
    this.#disassembly = disassembly;
    this.#rename = disassembly.mangled ? undefined : readableName;
  }

  get rename(): Rename | undefined {
    return this.#rename;
  }

  /** A function's name as people should see it. */
  nameOf(funcIdx: number): string {
    return funcNameIn(this.module, funcIdx, this.rename);
  }

  get form(): 'text' | 'binary' {
    return this.#own ? 'text' : 'binary';
  }

  /** The document that a function's instructions are shown in. */
  docOf(funcIdx: number): Doc {
    return this.#own ? this.ownDoc : this.#named(disassemblyDoc(funcIdx, this.#disassembly));
  }

  /** The map of a document. Throws a usage fault when there is no such document. */
  mapOf(doc: Doc): TextMap {
    return this.shown(doc).map;
  }

  #named(doc: DisassemblyDoc): Exclude<Doc, 'program'> {
    return docOfModule(this.number, doc);
  }

  /** The text of a document and its map. Throws a usage fault when there is no such document. */
  shown(doc: Doc): Printed {
    if (!isTextDoc(doc)) return this.printed(splitDoc(doc).doc);
    if (this.#own) return this.#own;
    throw new WasmError({ phase: 'usage', message: 'a binary has no text of its own', notes: [] });
  }

  /** The disassembly of a defined function or of the module, printed once. */
  printed(doc: DisassemblyDoc): Printed {
    let printed = this.#printed.get(doc);
    if (!printed) {
      printed = this.#print(doc);
      this.#printed.set(doc, printed);
    }
    return printed;
  }

  #print(doc: DisassemblyDoc): Printed {
    const { part, options } = parseDoc(doc);
    if (part === 'module') return disassembleModule(this.module, options);
    if (part === 'fields') return disassembleFields(this.module, options);
    if (this.module.funcs[part]?.body) return disassembleFunc(this.module, part, options);
    throw new WasmError({ phase: 'usage', message: `unknown function ${part}`, notes: [] });
  }

  /** The blocks of a defined function. */
  blocksOf(funcIdx: number): readonly Block[] {
    let blocks = this.#blocks.get(funcIdx);
    if (!blocks) {
      blocks = blocksOf(this.module, funcIdx);
      this.#blocks.set(funcIdx, blocks);
    }
    return blocks;
  }

  /** The code as rows. */
  get code(): CodeRows {
    this.#code ??= new CodeRows(this);
    return this.#code;
  }

  /** The document that is now what `doc` was when its function's name was `word`, as URIs write names. */
  currentDoc(doc: Doc, word: string | undefined): Doc | undefined {
    if (isTextDoc(doc)) return doc;
    const { part, options } = parseDoc(splitDoc(doc).doc);
    if (typeof part !== 'number') return doc;
    const now = funcOfDocument(this.module, part, word, options);
    return now === undefined ? undefined : this.#named(disassemblyDoc(now, options));
  }

  /** The place of an instruction of a function, in the document that it is shown in or in another one that has it. */
  place(funcIdx: number, offset: number, doc = this.docOf(funcIdx)): Place {
    const span = this.mapOf(doc).spanAt(offset) ?? { start: 0, end: 0 };
    return { module: this.number ?? 0, funcIdx, offset, doc, span };
  }

  /** The defined function whose body holds a byte; -1 if none does. */
  funcAt(offset: number): number {
    const { funcs } = this.module;
    let low = 0;
    let high = funcs.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const range = funcs[middle].body?.range;
      if (!range || range.end <= offset) low = middle + 1;
      else if (range.start > offset) high = middle - 1;
      else return middle;
    }
    return -1;
  }

  exportedFuncs(): ExportedFunc[] {
    const { module } = this;
    return module.exports
      .filter(({ kind }) => kind === 'func')
      .map(({ name, idx }) => {
        const { params, results } = funcType(module, idx);
        return {
          name,
          funcIdx: idx,
          params: params.map((type) => typeName(type)),
          results: results.map((type) => typeName(type)),
        };
      });
  }

  /** A fault as it crosses the wire: with a span where the program has a text. */
  wireFault(fault: Fault): WireFault {
    return wireFault(fault, this.ownDoc === 'program' ? this.#own?.map : undefined);
  }
}

/** Loads a module, the only one or the one with a number among several. Throws a Refusal with every fault that was found. */
export function loadProgram(
  source: ModuleSource,
  disassembly?: DisassemblyOptions,
  number?: number,
): LoadedProgram {
  return 'text' in source
    ? loadText(source.text, disassembly, number)
    : validProgram(source.bytes, undefined, disassembly, number);
}

function loadText(
  text: string,
  disassembly: DisassemblyOptions | undefined,
  number: number | undefined,
): LoadedProgram {
  const assembly = assemble(parseTree(text), undefined, {});
  if (assembly.faults.length > 0) throw new Refusal(assembly.faults.map((fault) => wireFault(fault)));
  // A module that is written as bytes, `(module binary …)`, has no instructions in its text.
  const { done } = assembly.map.instructions().next();
  return validProgram(assembly.bytes, done ? undefined : { text, map: assembly.map }, disassembly, number);
}

function validProgram(
  bytes: Uint8Array,
  own: Printed | undefined,
  disassembly: DisassemblyOptions | undefined,
  number: number | undefined,
): LoadedProgram {
  try {
    const module = decode(bytes);
    const faults = validateAll(module, SUPPORTED);
    if (faults.length > 0) throw new Refusal(faults.map((fault) => wireFault(fault, own?.map)));
    return new LoadedProgram(module, own, disassembly, number, textDoc(number));
  } catch (error) {
    if (error instanceof WasmError) throw new Refusal([wireFault(error.fault, own?.map)]);
    throw error;
  }
}

function wireFault(fault: Fault, map?: TextMap): WireFault {
  const placed = <T extends Pick<Fault, 'span' | 'offset'>>(item: T): T => ({
    ...item,
    span: item.span ?? (item.offset === undefined ? undefined : map?.spanAt(item.offset)),
  });
  const { phase, message, notes } = fault;
  return { phase, message, ...placed({ span: fault.span, offset: fault.offset }), notes: notes.map(placed) };
}

/** A link fault tells of every import that is wrong in a note: each becomes a fault at its own place. */
export function linkFaults({ phase, message, notes }: Fault): Fault[] {
  const at = notes.length > 0 ? message.indexOf(notes[0].message) : -1;
  if (phase !== 'unlinkable' || at < 0) return [{ phase, message, notes }];
  return notes.map((note) => ({
    ...note,
    phase,
    message: `${message.slice(0, at)}${note.message}`,
    notes: [],
  }));
}

/** `fib(i32) -> i32`, as messages list exported functions. */
export function signatureText(
  name: string,
  { params, results }: Pick<FuncType, 'params' | 'results'>,
): string {
  const inner = params.map((type) => typeName(type)).join(', ');
  const outer = results.map((type) => typeName(type)).join(', ');
  return `${name}(${inner})${outer ? ` -> ${outer}` : ''}`;
}
