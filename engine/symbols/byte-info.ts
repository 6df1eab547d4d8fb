/**
 * The card of a byte: which field it belongs to, its value, what that means in the module, and for an instruction its
 * stack, its documentation and its line of WAT. What the editor's hovers, `wasmscope/byteInfo` and `objdump --at` show.
 *
 * Plain data without markup. A binary that is malformed has cards too: with what could be decoded of it.
 */

import { type Fault, WasmError } from '../base/errors.ts';
import { decode } from '../binary/decode.ts';
import { instrReader } from '../binary/instr.ts';
import { decodePartly, type Framed } from '../binary/partly.ts';
import { instrAt } from '../binary/structure/instructions.ts';
import { type Leb, lebOf } from '../binary/structure/leb.ts';
import { type ByteNode, type Form, faultOfLeaf, type NodeKind } from '../binary/structure/node.ts';
import { StructureTree } from '../binary/structure/tree.ts';
import { faultOf } from '../binary/structure/walker.ts';
import { decodeComponent } from '../component/binary/decode.ts';
import type { Component } from '../component/model.ts';
import { componentGrammar } from '../component/structure/sections.ts';
import { INSTR_DOCS } from '../isa/docs.ts';
import type { Module } from '../module/module.ts';
import { type Clause, clauseOf } from './byte-clause.ts';
import { meaningOf, meaningOfInstruction, titleOf } from './byte-meaning.ts';
import { type StackFacts, StackWalk } from './byte-stack.ts';
import { valueText } from './byte-value.ts';
import { disassembleFunc, disassemblyIds } from './disassembly.ts';

export interface PathStep {
  readonly kind: NodeKind;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

export interface ByteInfo {
  readonly offset: number;
  /** From the file to the leaf that has the byte; groups that mean nothing are left out. */
  readonly path: readonly PathStep[];
  /** The leaf's range. */
  readonly start: number;
  readonly end: number;
  readonly kind: NodeKind;
  readonly label: string;
  readonly form?: Form;
  /** The leaf's value for people. */
  readonly value?: string;
  readonly leb?: Leb;
  /** What the value means, a line each; empty if the value says it all. */
  readonly meaning: readonly string[];
  readonly instruction?: InstructionInfo;
  readonly clause: Clause;
  /** The share of the whole file that the leaf, and its section, have: 0 to 1. */
  readonly share: number;
  readonly sectionShare?: number;
  /** What is wrong with the leaf. */
  readonly fault?: Fault;
}

export interface InstructionInfo {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly funcIdx?: number;
  readonly sentence: string;
  /** In functions that are valid so far. `after` is not there if nothing ever comes behind it. */
  readonly stack?: { readonly before: string; readonly after?: string; readonly reachable: boolean };
  /** Why validation refuses it, if it is the first that it refuses in its function. */
  readonly fault?: Fault;
  /** Where its labels lead, by depth. */
  readonly labels?: readonly string[];
  /** Its line in the function's disassembly, counted from 0. */
  readonly wat?: { readonly line: number; readonly text: string };
}

/** A longer body is not printed for one line of it. */
const MAX_PRINTED = 32 * 1024;
/** The names of so many functions are made in no time. */
const FEW_NAMES = 1000;

/** Whether a card has its line of WAT: always, never, or where that takes no time. */
export type WatWish = boolean | 'ready';

/** A file that cards are asked of. Keeps what was decoded; `bytes` must not change any more. */
export class ByteInspector {
  readonly bytes: Uint8Array;
  readonly tree: StructureTree;
  readonly #files = new Map<number, Decoded>();
  #walk: StackWalk | undefined;
  #printed:
    | { key: string; lines: readonly string[]; lineAt: (offset: number) => number | undefined }
    | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.tree = new StructureTree(bytes, componentGrammar);
  }

  /**
   * The card of the byte at `offset`; undefined outside of the file. The line of WAT can be left out, always or where it
   * is not `ready`: the first one of a module needs the names of all its functions, and 40,000 of C++ take a second.
   */
  at(offset: number, { wat = true }: { readonly wat?: WatWish } = {}): ByteInfo | undefined {
    const whole = this.tree.nodeAt(offset);
    if (whole.length === 0) return undefined;
    const { bytes } = this;
    const leaf = whole[whole.length - 1];
    const fileAt = whole.findLastIndex(({ kind }) => kind === 'file');
    const file = whole[fileAt];
    // A module in a component is decoded with it.
    if (whole[0].value === 'component') this.#decoded(whole[0]);
    const { module, fault } = this.#decoded(file);
    const path = whole.slice(fileAt);
    const section = path.find(({ kind }) => kind === 'section');
    const instruction = path.find(({ kind }) => kind === 'instruction');
    const value = valueText(leaf, bytes);
    const leb = lebOf(bytes, leaf.start, leaf.end, leaf.kind === 'malformed' ? undefined : leaf.form);
    const about =
      instruction && this.#instruction(instruction, path, module, file.start, wat, fault !== undefined);
    const surroundings = { path, bytes, module, partial: fault !== undefined, offset };
    const isCode = leaf.form === 'opcode' || leaf.form === 'subopcode';
    const meaning =
      instruction && isCode ? meaningOfInstruction(surroundings, instruction) : meaningOf(surroundings);
    const label = leaf.role === 'label' ? about?.labels?.[Number(leaf.value)] : undefined;
    return {
      offset,
      path: this.#steps(whole),
      start: leaf.start,
      end: leaf.end,
      kind: leaf.kind,
      label: leaf.label,
      form: leaf.form,
      value,
      leb,
      meaning: label === undefined ? meaning : [label],
      instruction: about,
      clause: clauseOf(bytes, path),
      share: (leaf.end - leaf.start) / bytes.length,
      sectionShare: section && (section.end - section.start) / bytes.length,
      fault: faultFor(path, fault) ?? about?.fault,
    };
  }

  /**
   * Makes the names that lines of WAT are written with, in short steps, for the function that has a byte. Without them its card
   * has a line only if that is waited for.
   */
  *makingNames(offset: number): Generator<void, void> {
    const path = this.tree.nodeAt(offset);
    const file = path.findLast(({ kind }) => kind === 'file');
    const module = file && path.some(({ kind }) => kind === 'func') ? this.moduleOf(file) : undefined;
    if (module && !this.#hasNames(module)) yield* disassemblyIds(module).making('func');
  }

  /** What decoding a module says first, its code included; of a component, nothing. Reads all of the code. */
  firstFault(): Fault | undefined {
    const { module, fault } = this.#decoded(this.tree.root);
    if (fault || !module) return fault;
    const reader = instrReader(module);
    return faultOf(() => {
      for (const { body } of module.funcs) {
        if (!body) continue;
        reader.startBody(body.codeStart, body.range.end);
        while (reader.next());
      }
    });
  }

  /** What could be decoded of a module that is the file or nested in it; of a component, nothing. */
  moduleOf(file: ByteNode): Module | undefined {
    const { root } = this.tree;
    if (root.value === 'component') this.#decoded(root);
    return this.#decoded(file).module;
  }

  /** Why not all of a module could be decoded. Bodies are not looked into. */
  faultOf(file: ByteNode): Fault | undefined {
    return this.#decoded(file).fault;
  }

  /** True if not all of a module could be decoded. */
  isPartial(file: ByteNode): boolean {
    return this.#decoded(file).fault !== undefined;
  }

  #steps(path: readonly ByteNode[]): PathStep[] {
    const steps: PathStep[] = [];
    let module: Module | undefined;
    for (const node of path) {
      const { kind, start, end } = node;
      if (kind === 'part') continue;
      if (kind === 'file') module = this.#decoded(node).module;
      steps.push({ kind, title: titleOf(node, module), start, end });
    }
    return steps;
  }

  #decoded(file: ByteNode): Decoded {
    let known = this.#files.get(file.start);
    if (!known) this.#files.set(file.start, (known = this.#decode(file)));
    return known;
  }

  #decode(file: ByteNode): Decoded {
    const { start, end, value } = file;
    const own = this.bytes.subarray(start, end);
    if (value !== 'module') return { fault: this.#decodeInside(own, start) };
    try {
      return { module: decode(own) };
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      const sections = file.children
        .filter(({ kind }) => kind === 'section')
        .map((node): Framed => ({ id: node.index!, start: node.start - start, end: node.end - start }));
      return { module: decodePartly(own, sections), fault: error.fault };
    }
  }

  /** Decodes a component; the modules in it are then known. Gives the fault if it is malformed. */
  #decodeInside(own: Uint8Array, start: number): Fault | undefined {
    const keep = ({ definitions }: Component): void => {
      for (const def of definitions) {
        if (def.kind === 'core module') this.#files.set(start + def.range.start, { module: def.module });
        else if (def.kind === 'component') {
          this.#files.set(start + def.component.range.start, {});
          keep(def.component);
        }
      }
    };
    try {
      keep(decodeComponent(own));
      return undefined;
    } catch (error) {
      if (error instanceof WasmError) return error.fault;
      throw error;
    }
  }

  #instruction(
    node: ByteNode,
    path: readonly ByteNode[],
    module: Module | undefined,
    base: number,
    wat: WatWish,
    partial: boolean,
  ): InstructionInfo | undefined {
    const instr = instrAt(this.bytes, node.start);
    if (!instr) return undefined;
    const { start, end } = node;
    const funcIdx = path.find(({ kind }) => kind === 'func')?.index;
    const facts = { name: instr.name, start, end, sentence: INSTR_DOCS[instr.name] };
    const body = funcIdx === undefined ? undefined : module?.funcs[funcIdx]?.body;
    if (!module || funcIdx === undefined || !body || partial) return { ...facts, funcIdx };
    const at = start - base;
    const isWritten = wat === 'ready' ? this.#hasNames(module) : wat;
    return {
      ...facts,
      funcIdx,
      ...this.#stack(module, funcIdx, at, base),
      wat: isWritten ? this.#wat(module, funcIdx, at, base) : undefined,
    };
  }

  #stack(module: Module, funcIdx: number, at: number, base: number): StackFacts {
    if (!this.#walk?.isOf(module, funcIdx)) this.#walk = new StackWalk(module, funcIdx, base);
    const facts = this.#walk.at(at);
    return facts.fault ? { ...facts, fault: moved(facts.fault, base) } : facts;
  }

  #hasNames(module: Module): boolean {
    return module.funcs.length <= FEW_NAMES || disassemblyIds(module).has('func');
  }

  #wat(module: Module, funcIdx: number, at: number, base: number): InstructionInfo['wat'] {
    const { range } = module.funcs[funcIdx].body!;
    if (range.end - range.start > MAX_PRINTED) return undefined;
    const key = `${base}:${funcIdx}`;
    if (this.#printed?.key !== key) {
      const { text, map } = disassembleFunc(module, funcIdx);
      const lines = text.split('\n');
      const lineOf = lineFinder(lines);
      const lineAt = (offset: number): number | undefined => {
        const span = map.exactSpan(offset);
        return span && lineOf(span.start);
      };
      this.#printed = { key, lines, lineAt };
    }
    const line = this.#printed.lineAt(at);
    return line === undefined ? undefined : { line, text: this.#printed.lines[line].trim() };
  }
}

interface Decoded {
  readonly module?: Module;
  readonly fault?: Fault;
}

/** What the decoder says about the file wins where it is about this leaf: its wording is the suite's. */
function faultFor(path: readonly ByteNode[], fault: Fault | undefined): Fault | undefined {
  const [file] = path;
  const leaf = path[path.length - 1];
  if (fault?.offset === undefined) return faultOfLeaf(path);
  const at = fault.offset + file.start;
  const isHere = (at >= leaf.start && at < leaf.end) || (at === leaf.end && at === file.end);
  if (!isHere) return faultOfLeaf(path);
  return moved(fault, file.start);
}

/** The fault of a nested module, by the offsets of the whole file. */
function moved(fault: Fault, by: number): Fault {
  const place = (offset: number | undefined) => (offset === undefined ? undefined : offset + by);
  const notes = fault.notes.map((note) => ({ ...note, offset: place(note.offset) }));
  return { ...fault, offset: place(fault.offset), notes };
}

/** The line that has a character of a text, both counted from 0. */
function lineFinder(lines: readonly string[]): (at: number) => number {
  const starts: number[] = [];
  let start = 0;
  for (const line of lines) {
    starts.push(start);
    start += line.length + 1;
  }
  return (at) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}
