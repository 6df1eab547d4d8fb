/**
 * Canonical types: iso-recursive type equality and subtyping across modules (spec 3.1, 3.3, "rolled-up" groups).
 *
 * A `TypeCanon` gives equal defined types of any modules one number, so that type equality is `===` and subtyping
 * walks one short chain. A recursion group's structure is written as a key in which references to its own members
 * are positions and references outwards are canonical numbers; groups with equal keys are one group. A store has one
 * registry for all of its modules (linking, `call_indirect`, casts); validation of a module has one of its own.
 *
 * A *canonical* value type is a `ValType` whose type index is a canonical number. Nothing here throws: an index out
 * of range is a type of its own that matches nothing, because tools ask about modules that are not valid.
 */

import {
  CONCRETE,
  type CompositeType,
  concreteHeap,
  type FieldType,
  HEAP,
  type HeapType,
  heapOf,
  isNullable,
  isRef,
  REF,
  type TypeDef,
  typeIdxOf,
  type ValType,
} from '../isa/types.ts';
import type { Module } from '../module/module.ts';

/** The heap type of a reference popped from nowhere (behind `unreachable`): matches every heap type. */
export const BOT_HEAP: HeapType = 0;

/** The reference type of an operand that came from nowhere, once a rule has taken its null: `(ref bot)`. */
export const BOT_REF: ValType = REF | BOT_HEAP;

/** Stands for an index that names no type. */
const NO_TYPE = 0x1f_ffff;

/** How many supertypes a type may have above it, as in browsers. Chains are walked, so there must be a bound. */
export const MAX_SUBTYPE_DEPTH = 63;

/** One canonical defined type; its composite type holds canonical value types. */
export interface CanonType {
  readonly composite: CompositeType;
  readonly final: boolean;
  /** Canonical number of its declared supertype, -1 without one. */
  readonly superId: number;
  /** How many supertypes it has above it; beyond MAX_SUBTYPE_DEPTH it counts as no one's subtype. */
  readonly depth: number;
}

export class TypeCanon {
  private readonly groups = new Map<string, number>();
  private readonly types: CanonType[] = [];
  private readonly byModule = new WeakMap<Module, Int32Array>();

  /** The canonical number of each type index of `module`. */
  idsOf(module: Module): Int32Array {
    let ids = this.byModule.get(module);
    if (!ids) {
      ids = new Int32Array(module.types.length).fill(NO_TYPE);
      for (let i = 0; i < ids.length; i += Math.max(1, module.types[i].groupSize))
        this.intern(module.types, ids, i);
      this.byModule.set(module, ids);
    }
    return ids;
  }

  /** The canonical number of type `typeIdx` of `module`. */
  idOf(module: Module, typeIdx: number): number {
    return this.idsOf(module)[typeIdx] ?? NO_TYPE;
  }

  /** What a canonical number stands for; undefined for the number of an index that names no type. */
  typeAt(id: number): CanonType | undefined {
    return this.types[id];
  }

  /** A value type of `module` as a canonical one. */
  typeOf(module: Module, type: ValType): ValType {
    return type & CONCRETE ? canonical(this.idsOf(module), type) : type;
  }

  /** True if the two defined types are the same type (spec 3.3, defined type equivalence). */
  typesEqual(moduleA: Module, idxA: number, moduleB: Module, idxB: number): boolean {
    const a = this.idOf(moduleA, idxA);
    return a !== NO_TYPE && a === this.idOf(moduleB, idxB);
  }

  /** True if canonical type `a` is `b` or declares it as a supertype, directly or further up. */
  isSubId(a: number, b: number): boolean {
    if (a === b) return a !== NO_TYPE;
    const to = this.types[b];
    if (!to) return false;
    let from = this.types[a];
    while (from && from.depth > to.depth) {
      if (from.superId === b) return true;
      from = this.types[from.superId];
    }
    return false;
  }

  /** Value type matching (spec 3.3.5) of canonical types: may an `a` stand where a `b` is wanted? */
  matches(a: ValType, b: ValType): boolean {
    if (a === b) return true;
    if (!isRef(a) || !isRef(b) || (isNullable(a) && !isNullable(b))) return a === 0;
    return this.heapMatches(heapOf(a), heapOf(b));
  }

  /** Heap type matching (spec 3.3.3) of canonical types. */
  heapMatches(a: HeapType, b: HeapType): boolean {
    if (a === b || a === BOT_HEAP) return true;
    const to = typeIdxOf(b);
    const from = typeIdxOf(a);
    if (to >= 0) return from >= 0 ? this.isSubId(from, to) : a === this.bottomOf(b);
    if (from < 0) return abstractMatches(a, b);
    const kind = this.types[from]?.composite.kind;
    return kind !== undefined && (b === HEAP[kind] || abstractMatches(HEAP[kind], b));
  }

  /** The top of the hierarchy that a canonical heap type is in: any, func, extern or exn. */
  topOf(heap: HeapType): HeapType {
    switch (this.abstractOf(heap)) {
      case HEAP.func:
      case HEAP.nofunc:
        return HEAP.func;
      case HEAP.extern:
      case HEAP.noextern:
        return HEAP.extern;
      case HEAP.exn:
      case HEAP.noexn:
        return HEAP.exn;
      default:
        return HEAP.any;
    }
  }

  private bottomOf(heap: HeapType): HeapType {
    return this.abstractOf(heap) === HEAP.func ? HEAP.nofunc : HEAP.none;
  }

  private abstractOf(heap: HeapType): HeapType {
    const id = typeIdxOf(heap);
    if (id < 0) return heap;
    const kind = this.types[id]?.composite.kind;
    return kind ? HEAP[kind] : BOT_HEAP;
  }

  /**
   * Gives the recursion group that begins at `start` of a list of types its canonical numbers: writes them into `ids`,
   * which has those of all types in front. A list need not be a module's: components have lists of their own.
   */
  intern(types: readonly TypeDef[], ids: CanonIds, start: number): void {
    const size = Math.max(1, types[start].groupSize);
    const group = types.slice(start, start + size);
    const key = groupKey(group, ids, start);
    let first = this.groups.get(key);
    if (first === undefined) {
      first = this.types.length;
      this.groups.set(key, first);
      for (let i = 0; i < group.length; i++) ids[start + i] = first + i;
      for (let i = 0; i < group.length; i++) this.types.push(this.canonType(group[i], ids, start + i));
      return;
    }
    for (let i = 0; i < group.length; i++) ids[start + i] = first + i;
  }

  private canonType(def: TypeDef, ids: CanonIds, typeIdx: number): CanonType {
    const superIdx = def.supers[0] ?? -1;
    const above = superIdx >= 0 && superIdx < typeIdx ? ids[superIdx] : -1;
    const depth = above < 0 ? 0 : (this.types[above]?.depth ?? 0) + 1;
    const superId = depth > MAX_SUBTYPE_DEPTH ? -1 : above;
    return { composite: canonicalComposite(def.composite, ids), final: def.final, superId, depth };
  }
}

/** Canonical numbers by type index. */
export type CanonIds = Int32Array | number[];

/** `type` with its type index looked up in `ids`. */
export function canonical(ids: CanonIds, type: ValType): ValType {
  const idx = typeIdxOf(type);
  return idx < 0 ? type : (type & (CONCRETE - 1)) | concreteHeap(ids[idx] ?? NO_TYPE);
}

function canonicalComposite(type: CompositeType, ids: CanonIds): CompositeType {
  const one = (t: ValType) => canonical(ids, t);
  const field = (f: FieldType): FieldType => ({ storage: one(f.storage), mutable: f.mutable });
  switch (type.kind) {
    case 'func':
      return { kind: 'func', params: type.params.map(one), results: type.results.map(one) };
    case 'struct':
      return { kind: 'struct', fields: type.fields.map(field) };
    case 'array':
      return { kind: 'array', field: field(type.field) };
  }
}

/** The structure of a recursion group: members as `r<position>`, types outside by canonical number. */
function groupKey(group: readonly TypeDef[], ids: CanonIds, start: number): string {
  const index = (idx: number) =>
    idx >= start && idx < start + group.length ? `r${idx - start}` : `c${ids[idx] ?? NO_TYPE}`;
  const value = (t: ValType) => (t & CONCRETE ? `${t & (CONCRETE - 1)}${index(typeIdxOf(t))}` : `${t}`);
  const field = (f: FieldType) => (f.mutable ? 'm' : '') + value(f.storage);
  const composite = (type: CompositeType) => {
    switch (type.kind) {
      case 'func':
        return `f${type.params.map(value).join()}>${type.results.map(value).join()}`;
      case 'struct':
        return `s${type.fields.map(field).join()}`;
      case 'array':
        return `a${field(type.field)}`;
    }
  };
  return group
    .map((def) => `${def.final ? '!' : ''}${def.supers.map(index).join()}:${composite(def.composite)}`)
    .join(';');
}

function abstractMatches(a: HeapType, b: HeapType): boolean {
  switch (a) {
    case HEAP.none:
      return b === HEAP.i31 || b === HEAP.struct || b === HEAP.array || b === HEAP.eq || b === HEAP.any;
    case HEAP.i31:
    case HEAP.struct:
    case HEAP.array:
      return b === HEAP.eq || b === HEAP.any;
    case HEAP.eq:
      return b === HEAP.any;
    case HEAP.nofunc:
      return b === HEAP.func;
    case HEAP.noextern:
      return b === HEAP.extern;
    case HEAP.noexn:
      return b === HEAP.exn;
    default:
      return false;
  }
}
