/**
 * The decoded module (spec 2.5): index spaces, types, segments, and where each of them stands in the bytes.
 *
 * A `Module` is what binary/decode makes and nobody edits afterwards: it is frozen. Function bodies and constant
 * expressions stay bytes; they are ranges into `bytes` that readers walk with an instruction reader. Index spaces
 * hold imports first, as the spec numbers them. Every item says at which byte offset it stands, because an offset
 * is the one coordinate of errors, breakpoints, frames and hovers.
 */

import type { Feature } from '../isa/row.ts';
import type { FuncType, GlobalType, MemoryType, TableType, TagType, TypeDef, ValType } from '../isa/types.ts';
import type { NameMap } from './names.ts';

/** A range of bytes of the module; `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export type ExternKind = 'func' | 'table' | 'memory' | 'global' | 'tag';

/** Where an imported item comes from. */
export interface ImportName {
  readonly module: string;
  readonly name: string;
}

export interface Import extends ImportName {
  readonly kind: ExternKind;
  /** Index in the index space of its kind. */
  readonly idx: number;
  readonly offset: number;
}

/** A function: imported, or with a body. `offset` is its entry in the import or the code section. */
export interface Func {
  readonly typeIdx: number;
  readonly offset: number;
  readonly import?: ImportName;
  /** The body of a defined function. */
  readonly body?: FuncBody;
}

export interface FuncBody {
  /** The whole code entry behind its size: local declarations and instructions, to one past the last `end`. */
  readonly range: ByteRange;
  /** Offset of the first instruction, behind the local declarations. */
  readonly codeStart: number;
  /** Run-length local declarations as the binary has them: count, type, count, type, … */
  readonly locals: readonly number[];
}

export interface Table {
  readonly type: TableType;
  readonly offset: number;
  readonly import?: ImportName;
  /** Initial element, when the table has an explicit one (`table … (expr)`). */
  readonly init?: ByteRange;
}

export interface Memory {
  readonly type: MemoryType;
  readonly offset: number;
  readonly import?: ImportName;
}

export interface Global {
  readonly type: GlobalType;
  readonly offset: number;
  readonly import?: ImportName;
  readonly init?: ByteRange;
}

export interface Tag {
  readonly type: TagType;
  readonly offset: number;
  readonly import?: ImportName;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternKind;
  readonly idx: number;
  readonly offset: number;
}

/** An element segment (spec 2.5.8). Its items are function indices, or constant expressions. */
export interface ElemSegment {
  readonly type: ValType;
  readonly mode: 'active' | 'passive' | 'declarative';
  readonly tableIdx: number;
  /** Constant expression of an active segment's offset. */
  readonly at?: ByteRange;
  readonly items: { readonly funcs: readonly number[] } | { readonly exprs: readonly ByteRange[] };
  readonly offset: number;
}

/** A data segment (spec 2.5.9). */
export interface DataSegment {
  readonly mode: 'active' | 'passive';
  readonly memIdx: number;
  readonly at?: ByteRange;
  readonly bytes: ByteRange;
  readonly offset: number;
}

export interface CustomSection {
  readonly name: string;
  /** The payload behind the name. */
  readonly range: ByteRange;
  /** Offset of the section's id byte. */
  readonly offset: number;
}

/** One section as it stands in the file, custom ones included, in file order. */
export interface Section {
  readonly id: number;
  readonly offset: number;
  /** Content behind id and size. */
  readonly range: ByteRange;
}

export interface Module {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly TypeDef[];
  readonly imports: readonly Import[];
  readonly funcs: readonly Func[];
  readonly tables: readonly Table[];
  readonly memories: readonly Memory[];
  readonly globals: readonly Global[];
  readonly tags: readonly Tag[];
  readonly exports: readonly Export[];
  readonly start?: { readonly funcIdx: number; readonly offset: number };
  readonly elems: readonly ElemSegment[];
  readonly datas: readonly DataSegment[];
  /** From the data count section, if there is one. */
  readonly dataCount?: number;
  readonly customs: readonly CustomSection[];
  /** Names of the name section, then exports and imports; decoded on first use. */
  readonly names: NameMap;
}

/** The features a module may use; what is outside is refused by validation. */
export type FeatureSet = ReadonlySet<Feature>;

/** The function type at `typeIdx`; undefined when that index is no function type. */
export function funcTypeAt(module: Module, typeIdx: number): FuncType | undefined {
  const composite = module.types[typeIdx]?.composite;
  return composite?.kind === 'func' ? composite : undefined;
}

/** The type of function `funcIdx` of a valid module. */
export function funcType(module: Module, funcIdx: number): FuncType {
  const type = funcTypeAt(module, module.funcs[funcIdx].typeIdx);
  if (!type) throw new TypeError(`func ${funcIdx} has no function type`);
  return type;
}

/** All local types of function `funcIdx`, parameters first. The caller bounds the count (validation does). */
export function localTypes(module: Module, funcIdx: number): ValType[] {
  const out = [...funcType(module, funcIdx).params];
  const runs = module.funcs[funcIdx].body?.locals ?? [];
  for (let i = 0; i < runs.length; i += 2) for (let n = runs[i]; n > 0; n--) out.push(runs[i + 1]);
  return out;
}

/** How many items of an index space are imported. */
export function importCount(module: Module, kind: ExternKind): number {
  let n = 0;
  for (const imp of module.imports) if (imp.kind === kind) n++;
  return n;
}
