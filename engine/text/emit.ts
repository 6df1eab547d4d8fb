/**
 * The second pass over a module's fields: types, signatures, then everything, as bytes (spec 6.6).
 *
 * Each field is written relative to its own start; layout.ts places it. A field with a fault is replaced by
 * something harmless of the same kind, so that no index of another field moves. Knows no sections' order.
 */

import type { Fault, Span } from '../base/errors.ts';
import type { ByteWriter } from '../base/writer.ts';
import {
  TYPE_BYTE,
  writeGlobalType,
  writeMemoryType,
  writeRecType,
  writeTableType,
  writeTagType,
  writeValType,
} from '../binary/types.ts';
import { FUNCREF, I32, type MemoryType, type TableType, type TypeDef, type ValType } from '../isa/types.ts';
import { Body } from './body.ts';
import { type Cursor, RECOVER } from './cursor.ts';
import { DependencyLog, stillHolds } from './dependencies.ts';
import type { Emitted, FieldMemory, NameRange, Part } from './emitted.ts';
import { EXTERN_SPACES, type Field, type FieldKind } from './fields.ts';
import { SECTION } from './layout.ts';
import { movedFault, Tok, type Tokens } from './lexer.ts';
import { Entry, type MapBuilder } from './map.ts';
import { byIndex, writeNameMap } from './name-section.ts';
import type { Names, NameTable, Unknown } from './names.ts';
import { Output, type Recording, type SectionItem } from './output.ts';
import { Segments } from './segments.ts';
import { detached } from './strings.ts';
import { Sp, SymbolIndex, SymbolList, type SymbolRange } from './symbols.ts';
import { formEnd, MAX_FAULTS } from './tree.ts';
import { Types } from './types.ts';
import { word } from './words.ts';

const W = {
  type: word('type'),
  local: word('local'),
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

/** What is known of a function before its body is read. */
interface Header {
  typeIdx: number;
  /** Names of parameters and locals. */
  locals: NameTable;
  /** Types of the declared locals, without parameters. */
  localTypes: ValType[];
  /** The token where instructions begin; -1 if the header could not be read. */
  bodyAt: number;
  /** Some fault was in it: the types may be others than the text says. */
  faulty: boolean;
  /** What reading it found. */
  part: Part;
}

/** Names of the locals or labels of one function, as the name section has them. */
export interface InnerNames {
  readonly idx: number;
  readonly names: Uint8Array;
}

/** How many faults about unknown names get a suggestion: each costs a walk over the names. */
const SUGGESTIONS = 20;

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
  private readonly headers = new Map<number, Header>();
  /** Fields that came to something earlier which may still do. */
  private readonly candidates = new Map<Field, Emitted>();
  /** What each field came to. */
  private readonly parts = new Map<Field, FieldParts>();
  private usesData = false;
  private startSpan: Span | undefined;
  /** Where each type stands in the text. */
  private readonly typeSpans = new Map<number, Span>();
  /** Where groups without types stand among the types. */
  private readonly emptyGroups: number[] = [];
  /** The index of the next local of the function whose header is being read. */
  private nextLocal = 0;
  private readonly cursor: Cursor;
  private readonly names: Names;
  private readonly kept: FieldMemory | undefined;

  constructor(cursor: Cursor, names: Names, recording: Recording, kept?: FieldMemory) {
    this.cursor = cursor;
    this.names = names;
    this.kept = kept;
    this.types = new Types(cursor, names);
    this.output = new Output(recording);
    this.recording = recording;
    this.out = recording.out;
    this.map = recording.map;
    this.body = new Body(cursor, names, this.types, recording);
    this.segments = new Segments(this.output, cursor, names, this.types, this.body);
  }

  /** Assembles all fields, in the order that gives types their indices, in steps. */
  *fields(fields: readonly Field[]): Generator<void> {
    for (const field of fields) {
      if (field.kind === 'type' || field.kind === 'rec')
        this.note(
          field,
          this.recorded(() => this.typeField(field)),
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
    this.typeSection();
    if (this.usesData || this.names.annotations?.dataCount) {
      const start = this.out.length;
      this.out.u32(this.names.counts[Sp.Data]);
      this.output.item(SECTION.dataCount, start, this.map.length);
    }
  }

  /** All faults of the fields: of types and headers, then of what is in them. */
  faults(fields: readonly Field[]): Fault[] {
    const faults: Fault[] = [];
    let suggestions = SUGGESTIONS;
    const add = (part: Part, moved: number) => {
      const first = faults.length;
      for (const fault of part.faults) faults.push(movedFault(fault, moved));
      for (const unknown of part.unknowns) {
        if (--suggestions < 0) break;
        const at = first + unknown.fault;
        faults[at] = { ...faults[at], notes: this.names.suggestion(unknown) };
      }
    };
    for (const inContent of [false, true]) {
      for (const field of fields) {
        const found = this.parts.get(field);
        if (!found) continue;
        const { moved, header, content } = found;
        const part = inContent ? content : header;
        if (part && part.faults.length > 0) add(part, moved);
        if (faults.length > MAX_FAULTS) {
          faults.length = MAX_FAULTS;
          return faults;
        }
      }
    }
    return faults;
  }

  /** Definitions and uses, by field; `collected`: those that the first pass found. */
  *symbols(fields: readonly Field[], tokens: Tokens): Generator<void, SymbolIndex> {
    let uses = 0;
    let defs = 0;
    const count = (part: SymbolRange | undefined) => {
      uses += part ? part.endUse - part.firstUse : 0;
      defs += part ? part.endDef - part.firstDef : 0;
    };
    for (const field of fields) {
      count(field.found);
      count(this.parts.get(field)?.header);
      count(this.parts.get(field)?.content);
    }
    const list = new SymbolList(uses, defs);
    let pause = 100_000;
    for (const field of fields) {
      list.append(this.recording.symbols, field.found, 0, 0, field.idx);
      const found = this.parts.get(field);
      if (!found) continue;
      const { recording, movedTokens, moved, header, content } = found;
      if (header) list.append(recording.symbols, header, movedTokens, moved, field.idx);
      if (content) list.append(recording.symbols, content, movedTokens, moved, field.idx);
      if (list.useCount > pause) {
        pause += 100_000;
        yield;
      }
    }
    return new SymbolIndex(tokens, list);
  }

  /** Does something and says what it noted: faults, names and what it depends on. */
  private recorded(read: () => void): Part {
    const open = this.beginPart();
    read();
    return open.end();
  }

  private beginPart(): { end(): Part } {
    const { cursor, names, types } = this;
    const { symbols } = this.recording;
    const { faults: faultsBefore } = cursor;
    const { unknowns: unknownsBefore } = names;
    const faults: Fault[] = [];
    const unknowns: Unknown[] = [];
    const log = this.kept ? new DependencyLog() : undefined;
    const { defCount: firstDef, useCount: firstUse } = symbols;
    cursor.faults = faults;
    names.unknowns = unknowns;
    names.log = log;
    types.log = log;
    const end = () => {
      cursor.faults = faultsBefore;
      names.unknowns = unknownsBefore;
      names.log = undefined;
      types.log = undefined;
      const { defCount: endDef, useCount: endUse } = symbols;
      return { faults, unknowns, log: log?.list ?? [], firstDef, endDef, firstUse, endUse };
    };
    return { end };
  }

  /** Notes what a field came to just now; `header` if that was read apart. */
  private note(field: Field, content: Part, header?: Part): void {
    this.parts.set(field, { recording: this.recording, movedTokens: 0, moved: 0, header, content });
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
    for (const other of tree.unclosed.keys()) if (other > open && other < close) return false;
    return !this.names.annotations?.hasAny(open, close);
  }

  /** Places again what an earlier assembly made of the field. */
  private again(field: Field, emitted: Emitted): void {
    const { recording, header, content } = emitted;
    const start = this.cursor.tokens.starts[field.open];
    const moved = start - emitted.start;
    const movedTokens = field.open - emitted.open;
    this.parts.set(field, { recording, movedTokens, moved, header, content });
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

  private typeField(field: Field): void {
    const { cursor, types } = this;
    const groupStart = types.defs.length;
    const opens: number[] = [];
    if (field.kind === 'type') opens.push(field.open);
    else {
      this.guarded(field.open, () => {
        cursor.seek(field.at);
        while (cursor.isForm(W.type)) {
          opens.push(cursor.at);
          cursor.seek(formEnd(cursor.tree, cursor.at));
        }
        cursor.close();
      });
    }
    for (const open of opens) {
      const idx = types.defs.length;
      let def: TypeDef = {
        composite: EMPTY_FUNC,
        final: true,
        supers: [],
        groupStart,
        groupSize: opens.length,
      };
      this.guarded(open, () => {
        const keyword = cursor.take();
        const id = cursor.tryId();
        this.typeSpans.set(idx, cursor.spanOf(keyword, id >= 0 ? id : keyword));
        def = { ...types.subType(idx), groupStart, groupSize: opens.length };
        cursor.close();
      });
      types.add(def);
    }
    // An empty group is a group still: it takes an entry of the section.
    if (field.kind === 'rec' && opens.length === 0) this.emptyGroups.push(groupStart);
  }

  private typeSection(): void {
    const { defs, origins } = this.types;
    const empty = new Set(this.emptyGroups);
    for (let i = 0; i <= defs.length; ) {
      if (empty.delete(i)) {
        const start = this.out.length;
        this.out.u8(TYPE_BYTE.rec);
        this.out.u32(0);
        this.output.item(SECTION.type, start, this.map.length);
        continue;
      }
      if (i === defs.length) return;
      const { groupSize } = defs[i];
      const start = this.out.length;
      const entry = this.map.length;
      if (groupSize > 1) {
        this.out.u8(TYPE_BYTE.rec);
        this.out.u32(groupSize);
      }
      for (const end = i + groupSize; i < end; i++) {
        const span = this.typeSpans.get(i) ?? origins.get(i);
        if (span) this.map.add(Entry.Item, this.out.length, span.start, span.end);
        writeRecType(this.out, [defs[i]], false);
      }
      this.output.item(SECTION.type, start, entry);
    }
  }

  /** Reads the type of a function or tag, so that types get their indices in the order of signatures. */
  private header(field: Field): void {
    if (field.space !== Sp.Func && field.space !== Sp.Tag) return;
    const emitted = field.kind === 'func' ? this.remembered(field) : undefined;
    if (emitted?.header && this.holds(field, emitted, emitted.header)) this.candidates.set(field, emitted);
    else this.readHeader(field);
  }

  /** The header of a function or tag that was read; other fields have none. */
  private headerOf(field: Field): Header | undefined {
    const hasOne = field.space === Sp.Func || field.space === Sp.Tag;
    return hasOne ? this.headers.get(headerKey(field)) : undefined;
  }

  /** What is read next of the field stands behind its head, not behind what was read last. */
  private begin({ open, id }: Field): void {
    this.cursor.last = id >= 0 ? id : this.cursor.significant(open + 1);
  }

  private holds(field: Field, { start }: Emitted, { log }: Part): boolean {
    return stillHolds(log, this.names, this.types, this.cursor.tokens.starts[field.open] - start);
  }

  private readHeader(field: Field): Header {
    const { cursor, types } = this;
    const header: Header = {
      typeIdx: -1,
      locals: new Map(),
      localTypes: [],
      bodyAt: -1,
      faulty: true,
      part: NO_PART,
    };
    this.headers.set(headerKey(field), header);
    this.begin(field);
    header.part = this.recorded(() => {
      const ok =
        field.ok &&
        this.guarded(field.open, () => {
          cursor.seek(field.at);
          const use = types.typeUse(true);
          header.typeIdx = use.typeIdx;
          if (field.space === Sp.Func) this.params(field, header, use.paramTokens);
          if (field.space === Sp.Func && !field.import) this.locals(field, header);
          header.bodyAt = cursor.at;
          if (field.import || field.space === Sp.Tag) this.closeAll(field);
        });
      if (!ok && header.typeIdx < 0) header.typeIdx = types.intern(EMPTY_FUNC);
    });
    header.faulty = header.part.faults.length > 0;
    return header;
  }

  /** Behind an import's description comes its `)`, and the field's own where it stands inside of one. */
  private closeAll(field: Field): void {
    this.cursor.close();
    if (field.kind === 'import') this.cursor.close();
  }

  private params(field: Field, header: Header, tokens: readonly number[]): void {
    let idx = 0;
    for (const token of tokens) this.local(field, header, idx++, token);
    if (tokens.length === 0) idx = this.types.funcType(header.typeIdx)?.params.length ?? 0;
    this.nextLocal = idx;
  }

  private locals(field: Field, header: Header): void {
    const { cursor, types } = this;
    while (cursor.isForm(W.local)) {
      cursor.open();
      if (cursor.kind === Tok.Id) {
        this.local(field, header, this.nextLocal++, cursor.take());
        header.localTypes.push(types.valType());
      } else {
        while (!cursor.isClose()) {
          const token = cursor.kind === Tok.Open ? cursor.significant(cursor.at + 1) : cursor.at;
          this.local(field, header, this.nextLocal++, ~token);
          header.localTypes.push(types.valType());
        }
      }
      cursor.close();
    }
  }

  /** Defines a parameter or local; `token` is its name, or the complement of what stands for it. */
  private local(field: Field, header: Header, idx: number, token: number): void {
    const { names, cursor } = this;
    const at = token >= 0 ? token : ~token;
    const name = token >= 0 ? names.bind(Sp.Local, idx, token, header.locals, field.idx) : undefined;
    const open = cursor.tree.parent[at];
    names.add(Sp.Local, idx, at, name, open >= 0 ? cursor.formSpan(open) : cursor.span(at), field.idx);
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
    this.begin(field);
    const mark = this.output.mark();
    const items: SectionItem[] = [];
    this.output.log = items;
    this.body.usesData = false;
    if (isFunc) {
      const header = this.headerOf(field) ?? this.readHeader(field);
      const made = yield* this.func(field, header, items);
      this.note(field, made.content, made.header);
      this.codes.push(made);
      this.keep(field, made);
    } else {
      let ok = false;
      const content = this.recorded(() => {
        ok = field.ok && !field.late && this.guarded(field.open, () => this.content(field));
        if (ok) return;
        // Nothing of a half-written field stays but its exports.
        this.output.back(mark);
        this.placeholder(field);
      });
      const header = this.headerOf(field);
      this.note(field, content, header?.part);
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
          writeTagType(this.out, { typeIdx: this.headerOf(field)!.typeIdx }),
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
    const header = this.headerOf(field);
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
      this.closeAll(field);
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
    this.output.simple(SECTION.func, field.head, () => out.u32(header.typeIdx));
    const start = out.length;
    const entry = this.map.length;
    const span = cursor.formSpan(field.open);
    this.output.bounds.push(span.start, span.end);
    this.map.add(Entry.Item, start, field.head.start, field.head.end);
    this.localRuns(header.localTypes);
    const before = cursor.enterForm(field.open);
    const close = Math.max(field.open, cursor.limit - 1);
    const part = this.beginPart();
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
      this.output.simple(field.kind === 'table' ? SECTION.elem : SECTION.data, field.head, () =>
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
        this.output.simple(SECTION.elem, field.head, () => out.bytes([1, 0, 0]));
        break;
      case Sp.Data:
        this.output.simple(SECTION.data, field.head, () => out.bytes([1, 0]));
        break;
      default:
    }
  }

  private harmlessType(field: Field): void {
    const { out } = this;
    const typeIdx = () => this.headerOf(field)?.typeIdx ?? this.types.intern(EMPTY_FUNC);
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

  /** Runs inside the form that opens at `open`; false if a fault ended it. */
  private guarded(open: number, read: () => void): boolean {
    const cursor: Cursor = this.cursor;
    const before = cursor.enterForm(open);
    try {
      read();
      return true;
    } catch (error) {
      if (error !== RECOVER) throw error;
      return false;
    } finally {
      cursor.limit = before;
    }
  }
}

/** What a field came to, and how much further its text stands now than when it was read. */
interface FieldParts {
  readonly recording: Recording;
  readonly movedTokens: number;
  readonly moved: number;
  readonly header?: Part;
  readonly content?: Part;
}

/** Kinds of fields that are kept: those that can be large. */
const KEPT: ReadonlySet<FieldKind> = new Set(['func', 'table', 'memory', 'global', 'elem', 'data']);

const EMPTY_FUNC = { kind: 'func', params: [], results: [] } as const;
const NO_NAMES: NameRange = { start: 0, end: 0 };
const NO_LABELS: ReadonlyMap<number, string> = new Map();
const NO_PART: Part = { faults: [], unknowns: [], log: [], firstDef: 0, endDef: 0, firstUse: 0, endUse: 0 };

/** The part without strings that keep the text alive which they were cut from. */
function withoutText(part: Part): Part {
  if (part.faults.length === 0) return part;
  const faults = part.faults.map((fault) => ({
    ...fault,
    message: detached(fault.message),
    notes: fault.notes.map((note) => ({ ...note, message: detached(note.message) })),
  }));
  return { ...part, faults };
}

/** Functions and tags have headers; their indices overlap. */
function headerKey(field: Field): number {
  return field.idx * 2 + (field.space === Sp.Tag ? 1 : 0);
}
