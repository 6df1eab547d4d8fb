/**
 * Decoding a component: bytes to `Component` (Binary.md, Component Definitions).
 *
 * Sections are bounded by their sizes, unlike in a core module, and come in any order, any number of times. Modules in it
 * are decoded by binary/decode, components by the same code again. What is refused has the component suite's wording.
 */

import { faultAt, malformed, WasmError } from '../../base/errors.ts';
import { decode } from '../../binary/decode.ts';
import { componentSectionName, HEADER } from '../../binary/sections.ts';
import { readValType } from '../../binary/types.ts';
import type { Module } from '../../module/module.ts';
import { type CanonName, canonByCode, canonImmediates } from '../canons.ts';
import {
  type Canon,
  type CanonBuiltin,
  type CanonOpt,
  type Component,
  type ComponentCustom,
  type ComponentSection,
  type CoreInstanceExpr,
  type Definition,
  type ExportDef,
  type ImportDef,
  type InstanceExpr,
  indexCount,
  SORTS,
  type Sort,
  type Spaces,
  type StringEncoding,
  sortOf,
} from '../model.ts';
import { COMPONENT_SECTION, PREAMBLE } from './codes.ts';
import { componentNames } from './names.ts';
import { badByte, ComponentReader } from './reader.ts';
import {
  checkNesting,
  IndexCounter,
  readAlias,
  readCoreSortIdx,
  readCoreTypeDefinition,
  readExternName,
  readExternType,
  readResultList,
  readSortIdx,
  readTypeDefinition,
  readValTypeRef,
} from './types.ts';

/**
 * Decodes a component. The result is frozen and refers to `bytes`, which must not change any more.
 *
 * Throws a WasmError: `malformed`, or `unsupported` for more than this implementation's limits. Offsets are those in
 * `bytes`, also where the fault is in a module inside.
 */
export function decodeComponent(bytes: Uint8Array): Component {
  return decodeAt(bytes, 0, bytes.length, 0);
}

function decodeAt(bytes: Uint8Array, start: number, end: number, depth: number): Component {
  checkNesting(start, depth);
  const d = new Decoder(bytes, start, end, depth);
  d.preamble();
  while (!d.r.atEnd) d.section();
  return d.finish();
}

/** The lists that grow while sections are read, and one method a kind of definition. */
class Decoder {
  readonly r: ComponentReader;
  private readonly start: number;
  private readonly depth: number;
  private readonly counter = new IndexCounter();
  private readonly definitions: Definition[] = [];
  private readonly spaces = Object.fromEntries(SORTS.map((sort) => [sort, []])) as unknown as Record<
    Sort,
    Definition[]
  >;
  private readonly imports: ImportDef[] = [];
  private readonly exports: ExportDef[] = [];
  private readonly sections: ComponentSection[] = [];
  private readonly customs: ComponentCustom[] = [];

  constructor(bytes: Uint8Array, start: number, end: number, depth: number) {
    this.r = new ComponentReader(bytes, start, end);
    this.start = start;
    this.depth = depth;
  }

  preamble(): void {
    const { r, start } = this;
    for (let i = 0; i < 4; i++) {
      if (r.atEnd) r.unexpectedEnd();
      if (r.u8() !== PREAMBLE[i]) malformed(start, 'magic header not detected: bad magic number');
    }
    if (r.left < 4) malformed(r.end, 'unexpected end-of-file');
    const at = r.pos;
    const rest = r.take(4);
    if (rest.every((byte, i) => byte === PREAMBLE[i + 4])) return;
    if (rest.every((byte, i) => byte === HEADER[i + 4])) {
      malformed(at, 'expected a version header for a component: this is a core module');
    }
    const [low, high, layer, layerHigh] = rest;
    malformed(
      at,
      `unknown binary version: version 0x${(low | (high << 8)).toString(16)}, layer 0x${(layer | (layerHigh << 8)).toString(16)}`,
    );
  }

  section(): void {
    const { r } = this;
    const offset = r.pos;
    const id = r.u8();
    if (componentSectionName(id) === undefined)
      malformed(offset, 'malformed section id', [
        { message: `0x${id.toString(16)} is no section of a component` },
      ]);
    const size = r.length();
    const range = Object.freeze({ start: r.pos, end: r.pos + size });
    this.sections.push({ id, offset, range });
    const { end } = r;
    r.end = range.end;
    this.content(id, offset);
    if (r.pos !== range.end) {
      malformed(r.pos, 'section size mismatch: unexpected data at the end of the section');
    }
    r.end = end;
  }

  finish(): Component {
    const { r, start, definitions, imports, exports, sections, customs } = this;
    for (const list of [definitions, imports, exports, sections, customs]) Object.freeze(list);
    for (const sort of SORTS) Object.freeze(this.spaces[sort]);
    const spaces: Spaces = Object.freeze(this.spaces);
    const range = Object.freeze({ start, end: r.end });
    const names = componentNames(r.bytes, customs);
    const { bytes } = r;
    return Object.freeze({ bytes, range, definitions, spaces, imports, exports, sections, customs, names });
  }

  private content(id: number, sectionOffset: number): void {
    const { r, counter } = this;
    switch (id) {
      case COMPONENT_SECTION.custom: {
        const name = r.name();
        const range = { start: r.pos, end: r.end };
        r.pos = r.end;
        this.customs.push({ name, range, offset: sectionOffset, after: this.definitions.length });
        break;
      }
      case COMPONENT_SECTION.coreModule:
        this.define((offset) => {
          const range = { start: r.pos, end: r.end };
          const module = decodeModule(r.bytes, range.start, range.end);
          r.pos = r.end;
          return { kind: 'core module', idx: counter.take('core module'), range, module, offset, end: r.pos };
        });
        break;
      case COMPONENT_SECTION.coreInstance:
        this.entries((offset) => {
          const expr = this.coreInstanceExpr();
          return { kind: 'core instance', idx: counter.take('core instance'), expr, offset, end: r.pos };
        });
        break;
      case COMPONENT_SECTION.coreType:
        this.entries(() => readCoreTypeDefinition(r, counter));
        break;
      case COMPONENT_SECTION.component:
        this.define((offset) => {
          const component = decodeAt(r.bytes, r.pos, r.end, this.depth + 1);
          r.pos = r.end;
          return { kind: 'component', idx: counter.take('component'), component, offset, end: r.pos };
        });
        break;
      case COMPONENT_SECTION.instance:
        this.entries((offset) => {
          const expr = this.instanceExpr();
          return { kind: 'instance', idx: counter.take('instance'), expr, offset, end: r.pos };
        });
        break;
      case COMPONENT_SECTION.alias:
        this.entries((offset) => {
          const { sort, target } = readAlias(r);
          return { kind: 'alias', sort, idx: counter.take(sort), target, offset, end: r.pos };
        });
        break;
      case COMPONENT_SECTION.type:
        this.entries(() => readTypeDefinition(r, counter, this.depth));
        break;
      case COMPONENT_SECTION.canon:
        this.entries((offset) => {
          const canon = this.canon();
          const idx = counter.take(canon.kind === 'lift' ? 'func' : 'core func');
          return { kind: 'canon', idx, canon, offset, end: r.pos };
        });
        break;
      case COMPONENT_SECTION.start:
        this.define((offset) => {
          const funcIdx = r.u32();
          const args = r.vec(() => r.u32());
          const results = r.u32();
          if (results > 1) malformed(r.pos, 'a start function has at most one result');
          return {
            kind: 'start',
            funcIdx,
            args,
            results,
            idx: counter.take('value', results),
            offset,
            end: r.pos,
          };
        });
        break;
      case COMPONENT_SECTION.import:
        this.entries((offset) => {
          const name = readExternName(r);
          const type = readExternType(r);
          const def: ImportDef = {
            kind: 'import',
            name,
            type,
            idx: counter.take(type.kind),
            offset,
            end: r.pos,
          };
          this.imports.push(def);
          return def;
        });
        break;
      case COMPONENT_SECTION.export:
        this.entries((offset) => {
          const name = readExternName(r);
          const item = readSortIdx(r);
          const type = r.optional(() => readExternType(r), 'optional component export type');
          const def: ExportDef = {
            kind: 'export',
            name,
            item,
            type,
            idx: counter.take(item.sort),
            offset,
            end: r.pos,
          };
          this.exports.push(def);
          return def;
        });
        break;
      case COMPONENT_SECTION.value:
        this.entries((offset) => {
          const type = readValTypeRef(r);
          const length = r.length();
          const value = { start: r.pos, end: r.pos + length };
          r.skip(length);
          return { kind: 'value', idx: counter.take('value'), type, value, offset, end: r.pos };
        });
    }
  }

  private entries(read: (offset: number) => Definition): void {
    for (let n = this.r.count(); n > 0; n--) this.define(read);
  }

  private define(read: (offset: number) => Definition): void {
    const def = Object.freeze(read(this.r.pos));
    this.definitions.push(def);
    const space = this.spaces[sortOf(def)];
    for (let n = indexCount(def); n > 0; n--) space.push(def);
  }

  private coreInstanceExpr(): CoreInstanceExpr {
    const { r } = this;
    const at = r.pos;
    const byte = r.u8();
    switch (byte) {
      case 0x00: {
        const moduleIdx = r.u32();
        const args = r.vec(() => {
          const offset = r.pos;
          const name = r.name();
          r.expect(0x12, 'instantiation arg kind');
          return { name, instanceIdx: r.u32(), offset };
        });
        return { kind: 'instantiate', moduleIdx, args };
      }
      case 0x01: {
        const exports = r.vec(() => {
          const offset = r.pos;
          return { name: r.name(), item: readCoreSortIdx(r), offset };
        });
        return { kind: 'exports', exports };
      }
      default:
        badByte(at, byte, 'core instance');
    }
  }

  private instanceExpr(): InstanceExpr {
    const { r } = this;
    const at = r.pos;
    const byte = r.u8();
    switch (byte) {
      case 0x00: {
        const componentIdx = r.u32();
        const args = r.vec(() => {
          const offset = r.pos;
          return { name: r.name(), item: readSortIdx(r), offset };
        });
        return { kind: 'instantiate', componentIdx, args };
      }
      case 0x01: {
        const exports = r.vec(() => {
          const offset = r.pos;
          return { name: readExternName(r), item: readSortIdx(r), offset };
        });
        return { kind: 'exports', exports };
      }
      default:
        badByte(at, byte, 'instance');
    }
  }

  private canon(): Canon {
    const { r } = this;
    const at = r.pos;
    const byte = r.u8();
    if (byte === 0x00) {
      r.expect(0, 'canonical function lift');
      const funcIdx = r.u32();
      const opts = this.opts();
      return { kind: 'lift', funcIdx, opts, typeIdx: r.u32() };
    }
    if (byte === 0x01) {
      r.expect(0, 'canonical function lower');
      return { kind: 'lower', funcIdx: r.u32(), opts: this.opts() };
    }
    const name = canonByCode(byte);
    if (name === undefined) badByte(at, byte, 'canonical function');
    return this.builtin(name);
  }

  private builtin(name: CanonName): CanonBuiltin {
    const { r } = this;
    const out: { -readonly [K in keyof CanonBuiltin]: CanonBuiltin[K] } = { kind: 'builtin', name };
    for (const immediate of canonImmediates(name)) {
      switch (immediate) {
        case 'type':
          out.typeIdx = r.u32();
          break;
        case 'opts':
          out.opts = this.opts();
          break;
        case 'async':
        case 'cancellable':
        case 'shared':
          out[immediate] = r.flag();
          break;
        case 'memory':
          out.memoryIdx = r.u32();
          break;
        case 'result':
          out.result = readResultList(r);
          break;
        case 'slot':
          out.slotType = readValType(r);
          out.slot = r.u32();
          break;
        case 'core type':
          out.coreTypeIdx = r.u32();
          break;
        case 'table':
          out.tableIdx = r.u32();
      }
    }
    return out;
  }

  private opts(): readonly CanonOpt[] {
    return this.r.vec(() => this.opt());
  }

  private opt(): CanonOpt {
    const { r } = this;
    const offset = r.pos;
    const byte = r.u8();
    const encoding = ENCODINGS[byte];
    if (encoding !== undefined) return { kind: 'string-encoding', encoding, offset };
    if (byte === 0x06) return { kind: 'async', offset };
    const kind = INDEX_OPTS.get(byte);
    if (kind === undefined) badByte(offset, byte, 'canonical option');
    return { kind, idx: r.u32(), offset };
  }
}

/** String encodings by their codes. */
export const ENCODINGS: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16'];

/** Options with an index by their codes. */
export const INDEX_OPTS: ReadonlyMap<number, 'memory' | 'realloc' | 'post-return' | 'callback'> = new Map([
  [0x03, 'memory'],
  [0x04, 'realloc'],
  [0x05, 'post-return'],
  [0x07, 'callback'],
]);

/** Decodes a module inside of a component; faults get offsets in the component and the component suite's words. */
function decodeModule(bytes: Uint8Array, start: number, end: number): Module {
  const own = bytes.subarray(start, end);
  if (PREAMBLE.every((byte, i) => own[i] === byte)) {
    malformed(start + 4, 'expected a version header for a module: this is a component');
  }
  try {
    return decode(own);
  } catch (error) {
    throw error instanceof WasmError ? inComponent(error, start) : error;
  }
}

/** Core wording that the component suite words in another way. */
const WORDINGS: Readonly<Record<string, string>> = {
  'unexpected content after last section': 'section out of order',
  'unexpected end': 'unexpected end-of-file',
  'length out of bounds': 'unexpected end-of-file',
};

/** A fault of a module inside as a fault of the component. */
export function inComponent(error: WasmError, start: number): WasmError {
  const { phase, message, offset = 0, notes } = error.fault;
  const moved = notes.map((note) =>
    note.offset === undefined ? note : { ...note, offset: note.offset + start },
  );
  const wording = Object.keys(WORDINGS).find((words) => message.startsWith(words));
  const text = wording === undefined ? message : `${WORDINGS[wording]}: ${message}`;
  return new WasmError(faultAt(phase, offset + start, text, moved));
}
