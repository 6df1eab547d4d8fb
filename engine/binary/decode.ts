/**
 * Decoding a module: bytes to `Module` (spec 5.5).
 *
 * Everything but the inside of function bodies is read here; a body's instructions are read where they are used
 * (validation first), so what is malformed in there shows up then. What is refused has the suite's wording. Like the
 * spec's own decoder, a section's entries are read on to the end of the file, and its size is compared afterwards:
 * a wrong count or size shows as what the bytes then look like, with a note that says where the section ends.
 */

import { malformed, WasmError } from '../base/errors.ts';
import { ByteReader } from '../base/reader.ts';
import { HEAP, refType, type TypeDef, type ValType } from '../isa/types.ts';
import type {
  ByteRange,
  CustomSection,
  DataSegment,
  ElemSegment,
  Export,
  Func,
  Global,
  Import,
  Memory,
  Module,
  Section,
  Table,
  Tag,
} from '../module/module.ts';
import { nameMap } from '../module/name-section.ts';
import { InstrReader, skipExpr } from './instr.ts';
import { checkLimit, type LIMITS } from './limits.ts';
import { EXTERN_KINDS, HEADER, SECTION, SECTION_ORDER, sectionName } from './sections.ts';
import {
  readGlobalType,
  readMemoryType,
  readRecType,
  readRefType,
  readTableType,
  readTagType,
  readValType,
  readZero,
} from './types.ts';

/** True when the bytes start as a component (layer 1) does, whatever its version. */
export function isComponent(bytes: Uint8Array): boolean {
  return HEADER.every((byte, i) => i >= 4 || bytes[i] === byte) && bytes[6] === 1 && bytes[7] === 0;
}

/**
 * Decodes a core module. The result is frozen and refers to `bytes`, which must not change any more.
 *
 * Throws a WasmError: `malformed`, or `unsupported` for more than this implementation's limits.
 */
export function decode(bytes: Uint8Array): Module {
  const d = new Decoder(bytes);
  d.header();
  try {
    decodeSections(d);
    return d.finish();
  } catch (error) {
    throw error instanceof WasmError ? (d.faultInCode() ?? error) : error;
  }
}

function decodeSections(d: Decoder): void {
  let place = -1;
  while (!d.r.atEnd) {
    const offset = d.r.pos;
    const id = d.r.u8();
    if (sectionName(id) === undefined) malformed(offset, 'malformed section id');
    if (id !== SECTION.custom) {
      const next = SECTION_ORDER.indexOf(id);
      if (next <= place) {
        malformed(offset, 'unexpected content after last section', [
          { message: `the ${sectionName(id)} section is a second one, or comes too late` },
        ]);
      }
      place = next;
    }
    d.section(id, offset);
  }
}

const NO_LOCALS: readonly number[] = Object.freeze([]);

/** The lists that grow while sections are read, and one method a section. */
class Decoder {
  readonly r: ByteReader;
  private readonly instrs: InstrReader;
  private readonly sections: Section[] = [];
  private readonly types: TypeDef[] = [];
  private readonly imports: Import[] = [];
  private readonly funcs: Func[] = [];
  private readonly tables: Table[] = [];
  private readonly memories: Memory[] = [];
  private readonly globals: Global[] = [];
  private readonly tags: Tag[] = [];
  private readonly exports: Export[] = [];
  private readonly elems: ElemSegment[] = [];
  private readonly datas: DataSegment[] = [];
  private readonly customs: CustomSection[] = [];
  private start: { funcIdx: number; offset: number } | undefined;
  private dataCount: number | undefined;
  /** From the function section, until the code section uses them. */
  private readonly typeIdxs: number[] = [];
  private bodies = 0;

  constructor(bytes: Uint8Array) {
    this.r = new ByteReader(bytes);
    this.instrs = new InstrReader(bytes);
  }

  header(): void {
    const { r } = this;
    for (let i = 0; i < 4; i++) {
      if (r.left < 4 - i) malformed(r.end, 'unexpected end');
      if (r.u8() !== HEADER[i]) malformed(0, 'magic header not detected');
    }
    if (r.left < 4) malformed(r.end, 'unexpected end');
    if (isComponent(r.bytes)) malformed(4, 'unknown binary version: this is a component, not a core module');
    for (let i = 4; i < 8; i++) if (r.u8() !== HEADER[i]) malformed(4, 'unknown binary version');
  }

  section(id: number, offset: number): void {
    const { r } = this;
    const size = r.length();
    const range = { start: r.pos, end: r.pos + size };
    this.sections.push({ id, offset, range });
    if (id === SECTION.custom) {
      this.customSection(range, offset);
      return;
    }
    try {
      this.content(id);
      if (r.pos !== range.end) malformed(r.pos, 'section size mismatch');
    } catch (error) {
      throw error instanceof WasmError ? withSectionEnd(error, id, range.end) : error;
    }
  }

  finish(): Module {
    const { r } = this;
    if (this.bodies !== this.typeIdxs.length) {
      malformed(r.end, 'function and code section have inconsistent lengths', [
        { message: `${this.typeIdxs.length} functions are declared, ${this.bodies} have code` },
      ]);
    }
    if (this.dataCount !== undefined && this.dataCount !== this.datas.length) {
      malformed(r.end, 'data count and data section have inconsistent lengths', [
        { message: `${this.dataCount} are announced, ${this.datas.length} are there` },
      ]);
    }
    const { sections, types, imports, funcs, tables, memories, globals, tags, exports } = this;
    const { elems, datas, customs, start, dataCount } = this;
    for (const list of [sections, types, imports, funcs, tables, memories, globals, tags, exports]) {
      Object.freeze(list);
    }
    for (const list of [elems, datas, customs]) Object.freeze(list);
    const names = nameMap({ bytes: r.bytes, customs, exports, imports });
    return Object.freeze({
      bytes: r.bytes,
      sections,
      types,
      imports,
      funcs,
      tables,
      memories,
      globals,
      tags,
      exports,
      start,
      elems,
      datas,
      dataCount,
      customs,
      names,
    });
  }

  /**
   * The first malformed instruction of the bodies read so far. When decoding fails, such a one comes first in the
   * file: a wrong size of a body or of the code section shows in the body, and only then in what follows.
   */
  faultInCode(): WasmError | undefined {
    try {
      for (const { body } of this.funcs) {
        if (!body) continue;
        this.instrs.startBody(body.codeStart, body.range.end);
        while (this.instrs.next());
      }
      return undefined;
    } catch (error) {
      if (error instanceof WasmError) return error;
      throw error;
    }
  }

  private content(id: number): void {
    const { r } = this;
    switch (id) {
      case SECTION.type:
        this.entries('types', () => {
          readRecType(r, this.types);
        });
        break;
      case SECTION.import:
        this.entries('imports', () => this.import());
        break;
      case SECTION.function:
        this.entries('functions', () => {
          this.typeIdxs.push(r.u32());
        });
        break;
      case SECTION.table:
        this.entries('tables', () => this.table());
        break;
      case SECTION.memory:
        this.entries('memories', () => {
          const at = r.pos;
          this.memories.push({ type: readMemoryType(r), offset: at });
        });
        break;
      case SECTION.tag:
        this.entries('tags', () => {
          const at = r.pos;
          this.tags.push({ type: readTagType(r), offset: at });
        });
        break;
      case SECTION.global:
        this.entries('globals', () => {
          const at = r.pos;
          this.globals.push({ type: readGlobalType(r), offset: at, init: this.expr() });
        });
        break;
      case SECTION.export:
        this.entries('exports', () => this.export());
        break;
      case SECTION.start:
        this.start = Object.freeze({ offset: r.pos, funcIdx: r.u32() });
        break;
      case SECTION.element:
        this.entries('element segments', () => this.elem());
        break;
      case SECTION.dataCount:
        this.dataCount = r.u32();
        break;
      case SECTION.code:
        this.code();
        break;
      case SECTION.data:
        this.entries('data segments', () => this.data());
    }
  }

  private entries(what: keyof typeof LIMITS, read: () => void): void {
    const { r } = this;
    const start = r.pos;
    const n = r.count();
    checkLimit(start, what, n);
    for (let i = 0; i < n; i++) read();
    if (what === 'types') checkLimit(start, what, this.types.length);
  }

  private customSection(range: ByteRange, offset: number): void {
    const { r } = this;
    r.end = range.end;
    const name = r.name();
    this.customs.push({ name, range: { start: r.pos, end: range.end }, offset });
    r.pos = range.end;
    r.end = r.bytes.length;
  }

  private import(): void {
    const { r } = this;
    const offset = r.pos;
    const module = r.name();
    const name = r.name();
    const from = { module, name };
    const kindAt = r.pos;
    const kind = EXTERN_KINDS[r.u8()];
    switch (kind) {
      case 'func':
        this.imports.push({ module, name, kind, idx: this.funcs.length, offset });
        this.funcs.push({ typeIdx: r.u32(), offset, import: from });
        break;
      case 'table':
        this.imports.push({ module, name, kind, idx: this.tables.length, offset });
        this.tables.push({ type: readTableType(r), offset, import: from });
        break;
      case 'memory':
        this.imports.push({ module, name, kind, idx: this.memories.length, offset });
        this.memories.push({ type: readMemoryType(r), offset, import: from });
        break;
      case 'global':
        this.imports.push({ module, name, kind, idx: this.globals.length, offset });
        this.globals.push({ type: readGlobalType(r), offset, import: from });
        break;
      case 'tag':
        this.imports.push({ module, name, kind, idx: this.tags.length, offset });
        this.tags.push({ type: readTagType(r), offset, import: from });
        break;
      default:
        malformed(kindAt, 'malformed import kind');
    }
  }

  private table(): void {
    const { r } = this;
    const offset = r.pos;
    if (r.peek() !== 0x40) {
      this.tables.push({ type: readTableType(r), offset });
      return;
    }
    r.u8();
    readZero(r);
    this.tables.push({ type: readTableType(r), offset, init: this.expr() });
  }

  private export(): void {
    const { r } = this;
    const offset = r.pos;
    const name = r.name();
    const kindAt = r.pos;
    const kind = EXTERN_KINDS[r.u8()];
    if (kind === undefined) malformed(kindAt, 'malformed export kind');
    this.exports.push({ name, kind, idx: r.u32(), offset });
  }

  /**
   * An element segment (spec 5.5.12). Bits of its flags: 0 not active, 1 names its table (active) or is declarative,
   * 2 items are expressions.
   */
  private elem(): void {
    const { r } = this;
    const offset = r.pos;
    const flags = r.u32();
    if (flags > 7) malformed(offset, 'malformed elements segment kind');
    const active = (flags & 1) === 0;
    const mode = active ? 'active' : (flags & 2) !== 0 ? 'declarative' : 'passive';
    const tableIdx = active && (flags & 2) !== 0 ? r.u32() : 0;
    const at = active ? this.expr() : undefined;
    const isExprs = (flags & 4) !== 0;
    let type: ValType = refType(isExprs, HEAP.func);
    if ((flags & 3) !== 0) {
      if (isExprs) type = readRefType(r);
      else {
        const kindAt = r.pos;
        if (r.u8() !== 0) malformed(kindAt, 'malformed element kind');
      }
    }
    const n = r.count();
    if (isExprs) {
      const exprs: ByteRange[] = [];
      for (let i = 0; i < n; i++) exprs.push(this.expr());
      this.elems.push({ type, mode, tableIdx, at, items: { exprs }, offset });
    } else {
      const funcs: number[] = [];
      for (let i = 0; i < n; i++) funcs.push(r.u32());
      this.elems.push({ type, mode, tableIdx, at, items: { funcs }, offset });
    }
  }

  private data(): void {
    const { r } = this;
    const offset = r.pos;
    const flags = r.u32();
    if (flags > 2) malformed(offset, 'malformed data segment kind');
    const memIdx = flags === 2 ? r.u32() : 0;
    const at = flags === 1 ? undefined : this.expr();
    const size = r.length();
    const bytes = { start: r.pos, end: r.pos + size };
    r.pos = bytes.end;
    this.datas.push({ mode: flags === 1 ? 'passive' : 'active', memIdx, at, bytes, offset });
  }

  private code(): void {
    const { r } = this;
    const n = r.count();
    this.bodies = n;
    // Counts that differ are found at the end; until then a body without a declaration has type 0.
    for (let i = 0; i < n; i++) this.body(this.typeIdxs[i] ?? 0);
  }

  /** A code entry: size, local declarations, instructions (spec 5.5.13). */
  private body(typeIdx: number): void {
    const { r } = this;
    const offset = r.pos;
    const size = r.length();
    checkLimit(offset, 'bytes of a function', size);
    const range = { start: r.pos, end: r.pos + size };
    r.end = range.end;
    const locals = this.locals();
    this.funcs.push({ typeIdx, offset, body: { range, codeStart: r.pos, locals } });
    r.pos = range.end;
    r.end = r.bytes.length;
  }

  private locals(): readonly number[] {
    const { r } = this;
    const start = r.pos;
    const n = r.count();
    if (n === 0) return NO_LOCALS;
    const runs: number[] = [];
    let total = 0;
    for (let i = 0; i < n; i++) {
      const at = r.pos;
      const count = r.u32();
      total += count;
      if (total > 0xffff_ffff) malformed(at, 'too many locals');
      runs.push(count, readValType(r));
    }
    checkLimit(start, 'locals', total);
    // An array that grew has room for 17: in a module of 40,000 functions the copies are 6 MB less.
    return runs.slice();
  }

  /** A constant expression's range; its instructions must be well-formed, what they are is validation's. */
  private expr(): ByteRange {
    const { r } = this;
    const start = r.pos;
    r.pos = skipExpr(this.instrs, start, r.end);
    return { start, end: r.pos };
  }
}

/** Says where the section ends when the fault lies behind that: then its count or its size is what is wrong. */
function withSectionEnd(error: WasmError, id: number, end: number): WasmError {
  const { fault } = error;
  if (fault.phase !== 'malformed' || fault.offset === undefined) return error;
  const what = fault.offset >= end ? 'ends' : 'should end';
  if (what === 'should end' && fault.message !== 'section size mismatch') return error;
  const note = { message: `by its size the ${sectionName(id)} section ${what} here`, offset: end };
  return new WasmError({ ...fault, notes: [...fault.notes, note] });
}
