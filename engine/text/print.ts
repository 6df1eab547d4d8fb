/**
 * Bytes to text: a module, or one function of it, as WAT with a map to byte offsets (spec 6).
 *
 * The text assembles to the same module: indices, types, literals and alignments are those of the bytes. Names come
 * from the module where it has them; comments show the indices (`(;12;)`) and the labels (`(;@1;)`). Custom sections
 * are annotations: names that no `$id` can carry, branch hints at their branches, all others as bytes. So is a data count
 * section that no instruction needs. A body whose bytes are malformed is printed up to the fault, which a comment tells.
 */

import { WasmError } from '../base/errors.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { type InstrReader, instrReader } from '../binary/instr.ts';
import { SECTION } from '../binary/sections.ts';
import type { CompositeType, FieldType, Limits, ValType } from '../isa/types.ts';
import { type ByteRange, type ElemSegment, funcTypeAt, type Module } from '../module/module.ts';
import type { NameSpace } from '../module/names.ts';
import { DATA_COUNT } from './annotations.ts';
import { foldBody, Indents } from './fold.ts';
import { idsOf, type ModuleIds, NoIds } from './ids.ts';
import { Entry, MapBuilder, type TextMap } from './map.ts';
import { CustomText } from './print-custom.ts';
import { signatureText, typeText } from './print-instr.ts';
import { Labels } from './print-labels.ts';
import { escaped, writtenId } from './strings.ts';

export interface PrintOptions {
  /** Nest operands in their instructions instead of one instruction a line. */
  readonly folded?: boolean;
  /** Write `$names`; on unless this is false. */
  readonly names?: boolean;
  /** What a name of the module becomes before it is written; names stay different from each other. */
  readonly rename?: (name: string) => string;
  /** Write custom sections and a needless data count section, as annotations; on unless this is false. */
  readonly customs?: boolean;
  /** What one level of nesting is indented by; two spaces if absent. */
  readonly indent?: string;
}

export interface Printed {
  readonly text: string;
  readonly map: TextMap;
}

/**
 * A whole module. Large modules make large texts: a 700 KB binary has about 300,000 lines. Throws `unsupported` for what is
 * longer than a string can be, as all of these do.
 */
export function printModule(module: Module, options: PrintOptions = {}): Printed {
  const printer = new Printer(module, options);
  printer.module();
  return printer.finish();
}

/**
 * A whole module of any size, in pieces: one a function or segment, each with its map, positions counting from the
 * piece's start. A piece begins with its line break, so what is written is the text of `printModule`.
 */
export function printModuleInPieces(
  module: Module,
  options: PrintOptions,
  write: (piece: Printed) => void,
): void {
  const printer = new Printer(module, options, write);
  printer.module();
  write(printer.finish());
}

/**
 * A module without its own functions, for reading: types, imports, tables, memories, tags, globals, exports, segments.
 * Data is cut after some bytes, with a comment, and lists of functions have several lines.
 */
export function printFields(module: Module, options: PrintOptions = {}): Printed {
  const printer = new Printer(module, options);
  printer.module('fields');
  return printer.finish();
}

/** The same without the segments, which come last and may be a hundred thousand. */
export function printDeclarations(module: Module, options: PrintOptions = {}): Printed {
  const printer = new Printer(module, options);
  printer.module('declarations');
  return printer.finish();
}

/** One function: its `(func …)` form, or for an imported one its `(import …)`. */
export function printFunc(module: Module, funcIdx: number, options: PrintOptions = {}): Printed {
  const printer = new Printer(module, options);
  printer.func(funcIdx, '');
  return printer.finish();
}

/**
 * UTF-16 code units of one text. Strings end at 2^29 in V8; what is added between two looks (a br_table, the functions of
 * a segment) has room above it.
 */
const MAX_LENGTH = 2 ** 28;

/** What `printFields` shows of a data segment, in bytes, and of a list of functions in one line. */
const SHOWN_BYTES = 1024;
const FUNCS_PER_LINE = 8;

/** An instruction's text and where it is from: what a body is made of before it is laid out. */
export interface Line {
  readonly text: string;
  readonly offset: number;
  readonly code: number;
}

class Printer {
  private readonly ids: ModuleIds;
  private readonly step: string;
  private readonly folded: boolean;
  private map = new MapBuilder();
  private readonly reader: InstrReader;
  private text = '';
  /** Some instruction needs the data count section. */
  private usesData = false;
  private readonly source: Module;
  private readonly customs: CustomText;
  private readonly write: ((piece: Printed) => void) | undefined;

  constructor(
    module: Module,
    { folded = false, names = true, rename, indent = '  ', customs = true }: PrintOptions,
    write?: (piece: Printed) => void,
  ) {
    this.customs = new CustomText(module, { customs, names, renamed: rename !== undefined });
    this.write = write;
    this.source = module;
    this.ids = names ? idsOf(module, rename) : new NoIds(module);
    this.step = indent;
    this.folded = folded;
    this.reader = instrReader(module);
  }

  finish(): Printed {
    return { text: this.text, map: sorted(this.map).finish() };
  }

  /** Hands out what is printed so far, where pieces are wanted. */
  private piece(): void {
    this.checkLength(0);
    if (!this.write) return;
    this.write(this.finish());
    this.text = '';
    this.map = new MapBuilder();
  }

  /** All of the module, or what `printFields` and `printDeclarations` have of it. */
  module(what: 'all' | 'fields' | 'declarations' = 'all'): void {
    const { source, step } = this;
    const brief = what !== 'all';
    const name = source.names.module;
    this.text += name && !(this.ids instanceof NoIds) ? `(module ${writtenId(name)}` : '(module';
    this.text += this.customs.moduleName();
    for (const { offset, head, bytes } of this.customs.sections()) {
      this.piece();
      this.open(offset, head);
      this.text += bytes.length > 0 ? ` "${escaped(bytes)}")` : ')';
    }
    this.types();
    for (const { kind, idx, offset, module, name: item } of source.imports) {
      this.open(offset, `(import ${string(module)} ${string(item)} ${this.importType(kind, idx)})`);
    }
    source.funcs.forEach((func, idx) => {
      if (func.import || brief) return;
      this.piece();
      this.text += `\n${step}`;
      this.func(idx, step);
    });
    source.tables.forEach((table, idx) => {
      if (table.import) return;
      this.form(table.offset, `(table ${this.def('table', idx)} ${this.tableType(idx)}`, table.init);
    });
    source.memories.forEach((memory, idx) => {
      if (!memory.import)
        this.open(memory.offset, `(memory ${this.def('memory', idx)} ${this.memoryType(idx)})`);
    });
    source.tags.forEach((tag, idx) => {
      if (!tag.import)
        this.open(tag.offset, `(tag ${this.def('tag', idx)}${this.typeUse(tag.type.typeIdx)})`);
    });
    source.globals.forEach((global, idx) => {
      if (global.import) return;
      this.form(global.offset, `(global ${this.def('global', idx)} ${this.globalType(idx)}`, global.init);
    });
    for (const { name: item, kind, idx, offset } of source.exports) {
      this.open(offset, `(export ${string(item)} (${kind} ${this.ids.ref(kind, idx)}))`);
    }
    if (source.start) this.open(source.start.offset, `(start ${this.ids.ref('func', source.start.funcIdx)})`);
    if (what === 'declarations') {
      this.text += ')\n';
      return;
    }
    source.elems.forEach((elem, idx) => {
      this.piece();
      this.elem(elem, idx, brief);
    });
    source.datas.forEach(({ mode, memIdx, at, bytes, offset }, idx) => {
      this.piece();
      const memory = mode === 'active' && memIdx !== 0 ? ` (memory ${this.ids.ref('memory', memIdx)})` : '';
      this.open(offset, `(data ${this.def('data', idx)}${memory}`);
      if (mode === 'active') this.offsetExpr(at);
      const length = bytes.end - bytes.start;
      const shown = brief ? Math.min(length, SHOWN_BYTES) : length;
      this.checkLength(3 * shown);
      this.text += ` "${escaped(source.bytes.subarray(bytes.start, bytes.start + shown))}"`;
      if (shown < length) this.text += ` (; ${shown} of ${length} bytes ;)`;
      this.text += ')';
    });
    if (source.dataCount !== undefined && !this.usesData && this.customs.options.customs && !brief) {
      this.open(source.sections.find(({ id }) => id === SECTION.dataCount)!.offset, `(@${DATA_COUNT})`);
    }
    this.text += ')\n';
  }

  /** A function's form, without a line's end. Its lines are indented by `indent`. */
  func(funcIdx: number, indent: string): void {
    const { source } = this;
    const func = source.funcs[funcIdx];
    if (!func.body) {
      const { module, name } = func.import ?? { module: '', name: '' };
      this.text += `(import ${string(module)} ${string(name)} ${this.importType('func', funcIdx)})`;
      return;
    }
    const start = this.text.length;
    const type = funcTypeAt(source, func.typeIdx);
    const params = type?.params ?? [];
    const declared = declaredLocals(func.body.locals);
    const locals = this.ids.locals(funcIdx, params.length + declared.length);
    const head = `(func ${this.def('func', funcIdx)}`;
    this.map.add(Entry.Item, func.offset, start, start + head.length);
    this.text += `${head} (type ${this.ids.ref('type', func.typeIdx)})`;
    const defs = this.customs.definitions(locals, (i) => source.names.local(funcIdx, i));
    this.text += this.named('param', params, defs, 0);
    if (type?.results.length) this.text += signatureText([], type.results, this.ids);
    const inner = indent + this.step;
    if (declared.length > 0)
      this.text += `\n${inner}${this.named('local', declared, defs, params.length).slice(1)}`;
    this.reader.startBody(func.body.codeStart, func.body.range.end);
    const labels = new Labels(source, this.ids, funcIdx, locals);
    if (this.folded) foldBody(source, this.reader, this.lines(labels), new Indents(inner, this.step), this);
    else this.flatBody(labels, inner);
    this.usesData ||= labels.usesData;
    this.map.bounds.push(start, this.text.length);
  }

  /** Text that is no instruction. */
  raw(text: string): void {
    this.text += text;
  }

  /** Throws when so much more would make a text that no string can hold. */
  private checkLength(more: number): void {
    if (this.text.length + more <= MAX_LENGTH) return;
    const notes = [{ message: 'its functions can be printed one by one' }];
    throw new WasmError({ phase: 'unsupported', message: 'the text is too long for a string', notes });
  }

  /** An instruction's head. */
  instr(line: Line): void {
    this.checkLength(0);
    const start = this.text.length;
    this.text += line.text;
    // The comment behind a last label is not part of the instruction.
    const length = line.text.endsWith(';)') ? line.text.lastIndexOf(' (;') : line.text.length;
    this.map.add(Entry.Instruction, line.offset, start, start + length);
  }

  /** What stands in front of the instruction at an offset. */
  hint(offset: number): string {
    return this.customs.hint(offset);
  }

  /** A form's `)` that stands for an `end`. */
  end(offset: number): void {
    this.map.add(Entry.Instruction, offset, this.text.length, this.text.length + 1);
    this.text += ')';
  }

  private flatBody(labels: Labels, indent: string): void {
    const { reader } = this;
    const indents = new Indents(indent, this.step);
    try {
      while (reader.next()) {
        if (reader.depth === 0) {
          this.end(reader.offset);
          return;
        }
        const line = labels.line(reader);
        // `end`, `else` and catches stand where their block does.
        const level = labels.isInside ? labels.depth : labels.depth - 1;
        this.text += `\n${indents.at(level)}${this.hint(line.offset)}`;
        this.instr(line);
        this.text += labels.comment;
      }
    } catch (error) {
      this.malformed(error, indent);
    }
  }

  /** The instructions of the body that the reader stands in front of, for folding. */
  private *lines(labels: Labels): Generator<Line> {
    const { reader } = this;
    try {
      while (reader.next()) {
        if (reader.depth === 0) yield { text: 'end', offset: reader.offset, code: reader.code };
        else yield labels.line(reader);
      }
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      yield { text: `(; ${error.message} ;)`, offset: error.offset ?? 0, code: -1 };
    }
  }

  private malformed(error: unknown, indent: string): void {
    if (!(error instanceof WasmError)) throw error;
    this.text += `\n${indent}(; ${error.message} ;))`;
  }

  /** ` (param $x i32) (param i64 i64)`: those with names one by one. */
  private named(
    keyword: string,
    types: readonly ValType[],
    names: readonly (string | undefined)[],
    first: number,
  ): string {
    let text = '';
    let open = false;
    types.forEach((type, i) => {
      const name = names[first + i];
      if (name !== undefined) {
        text += `${open ? ')' : ''} (${keyword} ${name} ${typeText(type, this.ids)})`;
        open = false;
      } else {
        text += `${open ? '' : ` (${keyword}`} ${typeText(type, this.ids)}`;
        open = true;
      }
    });
    return open ? `${text})` : text;
  }

  /** Text at the start of a line, with its entry in the map. */
  private open(offset: number, text: string): void {
    this.text += `\n${this.step}`;
    this.map.add(Entry.Item, offset, this.text.length, this.text.length + text.length);
    this.text += text;
  }

  /** A form on its own line, from its head and the expression that may stand at its end. */
  private form(offset: number, head: string, init: ByteRange | undefined): void {
    this.open(offset, head);
    if (init) {
      this.text += ' ';
      this.expr(init, '', ')');
    } else {
      this.text += ')';
    }
  }

  /** `$name (;idx;)` of a definition. */
  private def(space: NameSpace, idx: number): string {
    const id = this.ids.id(space, idx);
    return `${id === undefined ? '' : `${id} `}${this.customs.nameOf(space, idx, id)}(;${idx};)`;
  }

  private types(): void {
    const { types } = this.source;
    const offset = this.source.sections.find(({ id }) => id === 1)?.offset ?? 0;
    for (let i = 0; i < types.length; ) {
      const { groupSize } = types[i];
      if (groupSize === 1) {
        this.open(offset, this.typeDef(i++));
        continue;
      }
      this.open(offset, '(rec');
      for (const end = i + groupSize; i < end; i++)
        this.text += `\n${this.step}${this.step}${this.typeDef(i)}`;
      this.text += ')';
    }
  }

  private typeDef(idx: number): string {
    const { composite, final, supers } = this.source.types[idx];
    const text = this.composite(composite, idx);
    const head = `(type ${this.def('type', idx)} `;
    if (final && supers.length === 0) return `${head}${text})`;
    const above = supers.map((sup) => `${this.ids.ref('type', sup)} `).join('');
    return `${head}(sub ${final ? 'final ' : ''}${above}${text}))`;
  }

  private composite(type: CompositeType, idx: number): string {
    switch (type.kind) {
      case 'func':
        return `(func${signatureText(type.params, type.results, this.ids)})`;
      case 'array':
        return `(array ${this.fieldType(type.field)})`;
      case 'struct': {
        const ids = this.ids.fields(idx);
        const names = this.customs.definitions(
          type.fields.map((_, i) => ids[i]),
          (i) => this.source.names.field(idx, i),
        );
        const fields = type.fields.map((field, i) => {
          const name = names[i];
          return ` (field ${name === undefined ? '' : `${name} `}${this.fieldType(field)})`;
        });
        return `(struct${fields.join('')})`;
      }
    }
  }

  private fieldType({ storage, mutable }: FieldType): string {
    const text = typeText(storage, this.ids);
    return mutable ? `(mut ${text})` : text;
  }

  private typeUse(typeIdx: number): string {
    const type = funcTypeAt(this.source, typeIdx);
    const use = ` (type ${this.ids.ref('type', typeIdx)})`;
    return type ? use + signatureText(type.params, type.results, this.ids) : use;
  }

  private importType(kind: 'func' | 'table' | 'memory' | 'global' | 'tag', idx: number): string {
    const { source } = this;
    const head = `(${kind} ${this.def(kind, idx)}`;
    switch (kind) {
      case 'func':
        return `${head}${this.typeUse(source.funcs[idx].typeIdx)})`;
      case 'tag':
        return `${head}${this.typeUse(source.tags[idx].type.typeIdx)})`;
      case 'table':
        return `${head} ${this.tableType(idx)})`;
      case 'memory':
        return `${head} ${this.memoryType(idx)})`;
      case 'global':
        return `${head} ${this.globalType(idx)})`;
    }
  }

  private tableType(idx: number): string {
    const { is64, limits, element } = this.source.tables[idx].type;
    return `${is64 ? 'i64 ' : ''}${limitsText(limits)} ${typeText(element, this.ids)}`;
  }

  private memoryType(idx: number): string {
    const { is64, limits, shared, pageSizeLog2 } = this.source.memories[idx].type;
    const pageSize = pageSizeLog2 === 16 ? '' : ` (pagesize ${2 ** pageSizeLog2})`;
    return `${is64 ? 'i64 ' : ''}${limitsText(limits)}${shared ? ' shared' : ''}${pageSize}`;
  }

  private globalType(idx: number): string {
    const { type, mutable } = this.source.globals[idx].type;
    const text = typeText(type, this.ids);
    return mutable ? `(mut ${text})` : text;
  }

  private elem(
    { type, mode, tableIdx, at, items, offset }: ElemSegment,
    idx: number,
    inLines: boolean,
  ): void {
    const table = mode === 'active' && tableIdx !== 0 ? ` (table ${this.ids.ref('table', tableIdx)})` : '';
    this.open(offset, `(elem ${this.def('elem', idx)}${mode === 'declarative' ? ' declare' : ''}${table}`);
    if (mode === 'active') this.offsetExpr(at);
    if ('funcs' in items) {
      const gap = `\n${this.step}${this.step}`;
      const many = inLines && items.funcs.length > FUNCS_PER_LINE;
      const funcs = items.funcs.map((funcIdx, i) => {
        const isFirst = many && i % FUNCS_PER_LINE === 0;
        return `${isFirst ? `${gap}(;${i};) ` : ' '}${this.ids.ref('func', funcIdx)}`;
      });
      this.text += ` func${funcs.join('')})`;
      return;
    }
    this.text += ` ${typeText(type, this.ids)}`;
    for (const item of items.exprs) {
      this.text += ' ';
      this.expr(item, '(item ', ')');
    }
    this.text += ')';
  }

  private offsetExpr(at: ByteRange | undefined): void {
    if (!at) return;
    this.text += ' ';
    this.expr(at, '(offset ', ')');
  }

  /**
   * A constant expression. One instruction is folded; several stand flat between `before` and `after`. Where there
   * is nothing `before`, the form around them ends with `after` in both cases.
   */
  private expr(range: ByteRange, before: string, after: string): void {
    const { reader, source } = this;
    const lines: Line[] = [];
    reader.startExpr(range.start, range.end);
    const labels = new Labels(source, this.ids, -1, []);
    try {
      while (reader.next()) lines.push(labels.line(reader));
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
    }
    const end = lines.pop();
    const isSingle = lines.length === 1;
    this.text += isSingle ? '(' : before;
    lines.forEach((line, i) => {
      if (i > 0) this.text += ' ';
      this.instr(line);
    });
    if (isSingle && before === '') this.text += ')';
    if (end) this.map.add(Entry.Instruction, end.offset, this.text.length, this.text.length + 1);
    this.text += after;
  }
}

function declaredLocals(runs: readonly number[]): ValType[] {
  const out: ValType[] = [];
  for (let i = 0; i < runs.length; i += 2) for (let n = runs[i]; n > 0; n--) out.push(runs[i + 1]);
  return out;
}

function limitsText({ min, max }: Limits): string {
  const text = (n: number) => (n >= 2 ** 64 ? '18446744073709551615' : String(BigInt(n)));
  return max === undefined ? text(min) : `${text(min)} ${text(max)}`;
}

/** The entries in the order of their offsets; the text's order is another one. */
function sorted(map: MapBuilder): MapBuilder {
  const order = Array.from({ length: map.length }, (_, i) => i);
  order.sort((a, b) => map.offsets[a] - map.offsets[b] || a - b);
  const out = new MapBuilder();
  for (const i of order) out.append(map, i, i + 1, 0);
  for (const bound of map.bounds) out.bounds.push(bound);
  return out;
}

function string(name: string): string {
  return `"${escaped(encodeUtf8(name), true)}"`;
}
