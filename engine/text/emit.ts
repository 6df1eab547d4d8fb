/**
 * The second pass over a module's fields: types, signatures, then everything, as bytes (spec 6.6).
 *
 * Each field is written relative to its own start; layout.ts places it. A field with a fault is replaced by
 * something harmless of the same kind, so that no index of another field moves. A field that an earlier assembly made of
 * the same text, and that resolves to the same, is placed again (memory.ts, dependencies.ts). Knows no sections' order.
 */

import type { Fault, Span } from '../base/errors.ts';
import type { ByteWriter } from '../base/writer.ts';
import { SECTION } from '../binary/sections.ts';
import {
  writeGlobalType,
  writeMemoryType,
  writeTableType,
  writeTagType,
  writeValType,
} from '../binary/types.ts';
import { FUNCREF, I32, type MemoryType, type TableType, type ValType } from '../isa/types.ts';
import { Body } from './body.ts';
import { type Cursor, RECOVER } from './cursor.ts';
import { stillHolds } from './dependencies.ts';
import type { Emitted, FieldMemory, NameRange, Part } from './emitted.ts';
import { EXTERN_SPACES, type Field, type FieldKind } from './fields.ts';
import { beginField, closeDescription, type Header, Headers } from './headers.ts';
import { Tok } from './lexer.ts';
import { Entry, type MapBuilder } from './map.ts';
import { byIndex, type InnerNames, writeNameMap } from './name-section.ts';
import type { Names, NameTable } from './names.ts';
import { Output, type Recording, type SectionItem } from './output.ts';
import { Parts, withoutText } from './parts.ts';
import { Segments } from './segments.ts';
import { Sp, type SymbolIndex } from './symbols.ts';
import { TypeFields } from './type-fields.ts';
import { EMPTY_FUNC, Types } from './types.ts';
import { word } from './words.ts';

const W = {
  elem: word('elem'),
  data: word('data'),
  shared: word('shared'),
};

/** Kinds of externals in imports and exports, by space (spec 5.5.5). */
const EXTERN_BYTE: Readonly<Partial<Record<Sp, number>>> = {
  [Sp.Func]: 0,
  [Sp.Table]: 1,
  [Sp.Memory]: 2,
  [Sp.Global]: 3,
  [Sp.Tag]: 4,
};

/** Everything that the fields come to. */
export class Emitter {
  readonly output: Output;
  /** Functions whose code is a placeholder. */
  readonly broken = new Set<number>();
  /** Names of parameters and locals, and of labels, by function. */
  readonly localNames: InnerNames[] = [];
  readonly labelNames: InnerNames[] = [];
  /** One object an entry of the code section: the same as in an earlier assembly where the bytes are. */
  readonly codes: object[] = [];
  private readonly body: Body;
  private readonly types: Types;
  private readonly segments: Segments;
  private readonly recording: Recording;
  private readonly out: ByteWriter;
  private readonly map: MapBuilder;
  private readonly headers: Headers;
  private readonly typeFields: TypeFields;
  /** Fields that came to something earlier which may still do. */
  private readonly candidates = new Map<Field, Emitted>();
  private readonly parts: Parts;
  private usesData = false;
  private startSpan: Span | undefined;
  private readonly cursor: Cursor;
  private readonly names: Names;
  private readonly kept: FieldMemory | undefined;
  /** Forms that are not closed, ascending; made when there are any. */
  private unclosed: Int32Array | undefined;

  constructor(cursor: Cursor, names: Names, recording: Recording, kept?: FieldMemory) {
    this.cursor = cursor;
    this.names = names;
    this.kept = kept;
    this.types = new Types(cursor, names);
    this.parts = new Parts(cursor, names, this.types, recording, kept !== undefined);
    this.headers = new Headers(cursor, names, this.types, this.parts);
    this.output = new Output(recording);
    this.recording = recording;
    this.out = recording.out;
    this.map = recording.map;
    this.body = new Body(cursor, names, this.types, recording);
    this.typeFields = new TypeFields(cursor, this.types, this.output);
    this.segments = new Segments(this.output, cursor, names, this.types, this.body);
  }

  /** Assembles all fields, in the order that gives types their indices, in steps. */
  *fields(fields: readonly Field[]): Generator<void> {
    for (const field of fields) {
      if (field.kind === 'type' || field.kind === 'rec')
        this.parts.note(
          field,
          this.parts.recorded(() => this.typeFields.read(field)),
        );
    }
    yield;
    let read = 0;
    for (const field of fields) {
      this.header(field);
      if (++read % 64 === 0) yield;
    }
    read = 0;
    for (const field of fields) {
      yield* this.field(field);
      if (++read % 16 === 0) yield;
    }
    this.typeFields.write();
    if (this.usesData || this.names.annotations?.dataCount) {
      const start = this.out.length;
      this.out.u32(this.names.counts[Sp.Data]);
      this.output.item(SECTION.dataCount, start, this.map.length);
    }
  }

  /** All faults of the fields. */
  faults(fields: readonly Field[]): Fault[] {
    return this.parts.faults(fields);
  }

  /** All definitions and uses, in steps. */
  symbols(fields: readonly Field[]): Generator<void, SymbolIndex> {
    return this.parts.symbols(fields);
  }

  /** What the field came to in an earlier text, if it stands there whole and depends on nothing but what is in the logs. */
  private remembered(field: Field): Emitted | undefined {
    if (!this.kept || !this.isKept(field)) return undefined;
    const { start, end } = this.cursor.formSpan(field.open);
    const emitted = this.kept.find(start, end);
    if (!emitted || (emitted.idx === 0) !== (field.idx === 0)) return undefined;
    const { header, content, inUnclosed } = emitted;
    const isFaulty = content.faults.length > 0 || (header?.faults.length ?? 0) > 0;
    return isFaulty && inUnclosed !== this.inUnclosed ? undefined : emitted;
  }

  private get inUnclosed(): boolean {
    return this.cursor.tree.unclosed.size > 0;
  }

  /** True for fields that are worth it, whole, and without annotations, which are claimed in the whole module. */
  private isKept({ kind, open, ok, late, import: from }: Field): boolean {
    if (!KEPT.has(kind) || !ok || late || from) return false;
    const { tree } = this.cursor;
    const close = tree.match[open];
    if (close < 0) return false;
    if (this.hasUnclosed(open, close)) return false;
    return !this.names.annotations?.hasAny(open, close);
  }

  /** True if a form between two tokens is not closed. */
  private hasUnclosed(first: number, end: number): boolean {
    const { unclosed } = this.cursor.tree;
    if (unclosed.size === 0) return false;
    this.unclosed ??= Int32Array.from(unclosed.keys()).sort();
    let low = 0;
    let high = this.unclosed.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.unclosed[mid] <= first) low = mid + 1;
      else high = mid;
    }
    return low < this.unclosed.length && this.unclosed[low] < end;
  }

  /** Places again what an earlier assembly made of the field. */
  private again(field: Field, emitted: Emitted): void {
    const { recording } = emitted;
    const start = this.cursor.tokens.starts[field.open];
    const moved = start - emitted.start;
    const movedTokens = field.open - emitted.open;
    this.parts.noteAgain(field, emitted, moved, movedTokens);
    for (const item of emitted.items) this.output.again(item, moved);
    if (emitted.usesData) this.usesData = true;
    this.kept?.keep(start, emitted);
    if (field.kind !== 'func') return;
    const span = this.cursor.formSpan(field.open);
    this.output.bounds.push(span.start, span.end);
    if (emitted.broken) this.broken.add(field.idx);
    this.innerNames(field.idx, recording, emitted.locals, emitted.labels);
    this.codes.push(emitted);
  }

  private innerNames(idx: number, { names }: Recording, locals: NameRange, labels: NameRange): void {
    const view = names.view();
    if (locals.end > locals.start)
      this.localNames.push({ idx, names: view.subarray(locals.start, locals.end) });
    if (labels.end > labels.start)
      this.labelNames.push({ idx, names: view.subarray(labels.start, labels.end) });
  }

  /** Keeps what was made of a field just now. */
  private keep(field: Field, emitted: Emitted): void {
    if (this.kept && this.isKept(field)) this.kept.keep(emitted.start, emitted);
  }

  /** Reads the type of a function or tag, so that types get their indices in the order of signatures. */
  private header(field: Field): void {
    if (field.space !== Sp.Func && field.space !== Sp.Tag) return;
    const emitted = field.kind === 'func' ? this.remembered(field) : undefined;
    if (emitted?.header && this.holds(field, emitted, emitted.header)) this.candidates.set(field, emitted);
    else this.headers.read(field);
  }

  private holds(field: Field, { start }: Emitted, { log }: Part): boolean {
    return stillHolds(log, this.names, this.types, this.cursor.tokens.starts[field.open] - start);
  }

  private *field(field: Field): Generator<void> {
    if (field.kind === 'type' || field.kind === 'rec') return;
    for (const { name, open } of field.exports) this.exportItem(name, field.space as Sp, field.idx, open);
    const isFunc = field.space === Sp.Func && (!field.import || field.late);
    const emitted = isFunc ? this.candidates.get(field) : this.remembered(field);
    if (emitted && this.holds(field, emitted, emitted.content)) {
      this.again(field, emitted);
      return;
    }
    beginField(this.cursor, field);
    const mark = this.output.mark();
    const items: SectionItem[] = [];
    this.output.log = items;
    this.body.usesData = false;
    if (isFunc) {
      const header = this.headers.of(field) ?? this.headers.read(field);
      const made = yield* this.func(field, header, items);
      this.parts.note(field, made.content, made.header);
      this.codes.push(made);
      this.keep(field, made);
    } else {
      let ok = false;
      const content = this.parts.recorded(() => {
        ok = field.ok && !field.late && this.cursor.within(field.open, () => this.content(field));
        if (ok) return;
        // Nothing of a half-written field stays but its exports.
        this.output.back(mark);
        this.placeholder(field);
      });
      const header = this.headers.of(field);
      this.parts.note(field, content, header?.part);
      if (field.space === Sp.Func && header) this.writeInnerNames(field.idx, header.locals, NO_LABELS);
      if (ok) this.keep(field, this.emitted(field, content, items));
    }
    this.output.log = undefined;
    if (this.body.usesData) this.usesData = true;
  }

  /** Something that was made of a field, to be kept. */
  private emitted(field: Field, content: Part, items: readonly SectionItem[]): Emitted {
    const { recording, inUnclosed } = this;
    const { start, end } = this.cursor.formSpan(field.open);
    return {
      recording,
      open: field.open,
      start,
      length: end - start,
      idx: field.idx,
      content: withoutText(content),
      items,
      locals: NO_NAMES,
      labels: NO_NAMES,
      broken: false,
      usesData: this.body.usesData,
      inUnclosed,
    };
  }

  /** Writes maps of the names of a function's locals and labels. */
  private writeInnerNames(
    funcIdx: number,
    locals: NameTable,
    labels: ReadonlyMap<number, string>,
  ): { locals: NameRange; labels: NameRange } {
    const { names: out } = this.recording;
    const { inner } = this.names.annotations ?? {};
    const write = (map: ReadonlyMap<number, string>, space: Sp): NameRange => {
      const start = out.length;
      writeNameMap(out, map, inner?.get(space)?.get(funcIdx));
      return { start, end: out.length };
    };
    const written = { locals: write(byIndex(locals), Sp.Local), labels: write(labels, Sp.Label) };
    this.innerNames(funcIdx, this.recording, written.locals, written.labels);
    return written;
  }

  private content(field: Field): void {
    this.cursor.seek(field.at);
    if (field.import) {
      this.importField(field);
      return;
    }
    switch (field.kind) {
      case 'table':
        this.table(field);
        break;
      case 'memory':
        this.memory(field);
        break;
      case 'global':
        this.global(field);
        break;
      case 'tag':
        this.output.simple(SECTION.tag, field.head, () =>
          writeTagType(this.out, { typeIdx: this.headers.of(field)!.typeIdx }),
        );
        break;
      case 'export':
        this.exportField(field);
        break;
      case 'start':
        this.startField(field);
        break;
      case 'elem':
        this.segments.elem(field);
        break;
      case 'data':
        this.segments.data(field);
        break;
      default:
    }
  }

  private importField(field: Field): void {
    const { types, out } = this;
    const header = this.headers.of(field);
    this.importItem(field, () => {
      switch (field.space) {
        case Sp.Func:
          out.u32(header!.typeIdx);
          return;
        case Sp.Tag:
          writeTagType(out, { typeIdx: header!.typeIdx });
          return;
        case Sp.Table:
          writeTableType(out, types.tableType());
          break;
        case Sp.Memory:
          writeMemoryType(out, types.memoryType());
          break;
        default:
          writeGlobalType(out, types.globalType());
      }
      closeDescription(this.cursor, field);
    });
    if (header && header.bodyAt < 0) throw RECOVER;
  }

  private importItem(field: Field, type: () => void): void {
    const { out } = this;
    this.output.simple(SECTION.import, field.head, () => {
      out.name(field.import!.module);
      out.name(field.import!.name);
      out.u8(EXTERN_BYTE[field.space as Sp]!);
      type();
    });
  }

  private *func(field: Field, header: Header, items: readonly SectionItem[]): Generator<void, Emitted> {
    const { cursor, out, body } = this;
    this.output.simple(SECTION.function, field.head, () => out.u32(header.typeIdx));
    const start = out.length;
    const entry = this.map.length;
    const span = cursor.formSpan(field.open);
    this.output.bounds.push(span.start, span.end);
    this.map.add(Entry.Item, start, field.head.start, field.head.end);
    this.localRuns(header.localTypes);
    const before = cursor.enterForm(field.open);
    const close = Math.max(field.open, cursor.limit - 1);
    const part = this.parts.begin();
    let ok = false;
    if (header.bodyAt >= 0 && !field.late) {
      cursor.seek(header.bodyAt);
      ok = yield* body.func(field.idx, header.locals, close);
    } else {
      body.placeholder(close);
    }
    cursor.limit = before;
    this.names.annotations?.func(field.idx, field.open, close, this.map, entry, start, ok);
    const content = part.end();
    const broken = !ok || header.faulty;
    if (broken) this.broken.add(field.idx);
    this.output.item(SECTION.code, start, entry);
    return {
      ...this.emitted(field, content, items),
      ...this.writeInnerNames(field.idx, header.locals, body.labelNames),
      header: withoutText(header.part),
      broken,
    };
  }

  /** Equal neighbours are one run (spec 5.5.13). */
  private localRuns(types: readonly ValType[]): void {
    const { out } = this;
    let runs = 0;
    for (let i = 0; i < types.length; i++) if (i === 0 || types[i] !== types[i - 1]) runs++;
    out.u32(runs);
    for (let i = 0; i < types.length; ) {
      let n = 1;
      while (types[i + n] === types[i]) n++;
      out.u32(n);
      writeValType(out, types[i]);
      i += n;
    }
  }

  private table(field: Field): void {
    const { cursor, types, out, body } = this;
    const is64 = types.addressType();
    if (types.isRefType()) {
      const element = types.refType();
      if (!cursor.isForm(W.elem)) cursor.unexpected('(elem');
      const segment = this.segments.inlineElem(field, element, is64);
      cursor.close();
      const type: TableType = { is64, limits: { min: segment, max: segment }, element };
      this.output.simple(SECTION.table, field.head, () => writeTableType(out, type));
      return;
    }
    const limits = types.limits();
    const element = types.refType();
    this.output.simple(SECTION.table, field.head, () => {
      const hasInit = !cursor.isClose();
      if (hasInit) out.bytes([0x40, 0x00]);
      writeTableType(out, { is64, limits, element });
      if (hasInit) body.expr();
      cursor.close();
    });
  }

  private memory(field: Field): void {
    const { cursor, types, out } = this;
    const is64 = types.addressType();
    if (cursor.kind === Tok.Int) {
      this.output.simple(SECTION.memory, field.head, () => {
        const limits = types.limits();
        const shared = cursor.tryWord(W.shared);
        writeMemoryType(out, { is64, limits, shared, pageSizeLog2: types.pageSize() });
        cursor.close();
      });
      return;
    }
    const pageSizeLog2 = types.pageSize();
    if (!cursor.isForm(W.data)) cursor.unexpected('a number of pages or (data');
    const length = this.segments.inlineData(field, is64);
    const pages = Math.ceil(length / 2 ** pageSizeLog2);
    const type: MemoryType = { is64, limits: { min: pages, max: pages }, shared: false, pageSizeLog2 };
    this.output.simple(SECTION.memory, field.head, () => writeMemoryType(out, type));
    cursor.close();
  }

  private global(field: Field): void {
    this.output.simple(SECTION.global, field.head, () => {
      writeGlobalType(this.out, this.types.globalType());
      this.body.expr();
      this.cursor.close();
    });
  }

  private exportField(field: Field): void {
    const { names } = this;
    const cursor: Cursor = this.cursor;
    const name = cursor.name('an export name');
    const space = EXTERN_SPACES.get(cursor.formWord());
    if (space === undefined) {
      const at = cursor.kind === Tok.Open ? cursor.significant(cursor.at + 1) : cursor.at;
      cursor.unexpectedAt(at, 'func, table, memory, global or tag');
    }
    cursor.open();
    const idx = names.index(space);
    cursor.close();
    cursor.close();
    if (idx >= 0) this.exportItem(name, space, idx, field.open);
  }

  private exportItem(name: string, space: Sp, idx: number, open: number): void {
    this.output.simple(SECTION.export, this.cursor.formSpan(open), () => {
      this.out.name(name);
      this.out.u8(EXTERN_BYTE[space]!);
      this.out.u32(idx);
    });
  }

  private startField(field: Field): void {
    const cursor: Cursor = this.cursor;
    const idx = this.names.index(Sp.Func);
    cursor.close();
    const span = cursor.formSpan(field.open);
    if (this.startSpan) {
      const notes = [{ message: 'the first one is here', span: this.startSpan }];
      cursor.noteIn('multiple start sections', span, notes);
      return;
    }
    this.startSpan = span;
    if (idx >= 0) this.output.simple(SECTION.start, span, () => this.out.u32(idx));
  }

  /** What stands for a field with a fault, so that the indices of others stay. */
  private placeholder(field: Field): void {
    const { out } = this;
    if (field.segmentIdx >= 0) {
      this.output.simple(field.kind === 'table' ? SECTION.element : SECTION.data, field.head, () =>
        out.bytes(field.kind === 'table' ? [1, 0, 0] : [1, 0]),
      );
    }
    if (field.import && field.space >= 0 && !field.late) {
      this.importItem(field, () => this.harmlessType(field));
      return;
    }
    switch (field.space) {
      case Sp.Table:
        this.output.simple(SECTION.table, field.head, () => this.harmlessType(field));
        break;
      case Sp.Memory:
        this.output.simple(SECTION.memory, field.head, () => this.harmlessType(field));
        break;
      case Sp.Global:
        this.output.simple(SECTION.global, field.head, () => {
          this.harmlessType(field);
          this.segments.zero(false);
        });
        break;
      case Sp.Tag:
        this.output.simple(SECTION.tag, field.head, () => this.harmlessType(field));
        break;
      case Sp.Elem:
        this.output.simple(SECTION.element, field.head, () => out.bytes([1, 0, 0]));
        break;
      case Sp.Data:
        this.output.simple(SECTION.data, field.head, () => out.bytes([1, 0]));
        break;
      default:
    }
  }

  private harmlessType(field: Field): void {
    const { out } = this;
    const typeIdx = () => this.headers.of(field)?.typeIdx ?? this.types.intern(EMPTY_FUNC);
    switch (field.space) {
      case Sp.Func:
        out.u32(typeIdx());
        break;
      case Sp.Tag:
        writeTagType(out, { typeIdx: typeIdx() });
        break;
      case Sp.Table:
        writeTableType(out, { limits: { min: 0 }, is64: false, element: FUNCREF });
        break;
      case Sp.Memory:
        writeMemoryType(out, { limits: { min: 0 }, is64: false, shared: false, pageSizeLog2: 16 });
        break;
      default:
        writeGlobalType(out, { type: I32, mutable: true });
    }
  }
}

/** Kinds of fields that are kept: those that can be large. */
const KEPT: ReadonlySet<FieldKind> = new Set(['func', 'table', 'memory', 'global', 'elem', 'data']);

const NO_NAMES: NameRange = { start: 0, end: 0 };
const NO_LABELS: ReadonlyMap<number, string> = new Map();
