/**
 * Subtyping inside one module (spec 3.3): the types of a module, and which of them match.
 *
 * `ModuleTypes` answers for value types that hold the module's own type indices; canonical numbers (canon.ts) are
 * looked up on first need, since most modules compare none. Knows no instructions.
 */

import {
  CONCRETE,
  type CompositeType,
  type FieldType,
  type HeapType,
  isNullable,
  isRef,
  NULL,
  type StructType,
  type ValType,
} from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { TypeCanon } from './canon.ts';

export class ModuleTypes {
  readonly module: Module;
  readonly canon: TypeCanon;

  constructor(module: Module, canon = new TypeCanon()) {
    this.module = module;
    this.canon = canon;
  }

  /** May an `a` stand where a `b` is wanted? Both hold type indices of this module. */
  matches(a: ValType, b: ValType): boolean {
    if (a === b) return true;
    if (!isRef(a) || !isRef(b)) return a === 0;
    return this.canon.matches(this.canonical(a), this.canonical(b));
  }

  /** True if each type of `a` matches its partner in `b`. */
  allMatch(a: readonly ValType[], b: readonly ValType[]): boolean {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!this.matches(a[i], b[i])) return false;
    return true;
  }

  /** The top of the hierarchy of a heap type: any, func, extern or exn. */
  topOf(heap: HeapType): HeapType {
    return this.canon.topOf(this.canonical(heap));
  }

  /** Composite type matching (spec 3.3.8): what a declared subtype's definition must satisfy. */
  compositeMatches(a: CompositeType, b: CompositeType): boolean {
    if (a.kind === 'func' && b.kind === 'func') {
      return this.allMatch(b.params, a.params) && this.allMatch(a.results, b.results);
    }
    if (a.kind === 'struct' && b.kind === 'struct') return this.structMatches(a, b);
    return a.kind === 'array' && b.kind === 'array' && this.fieldMatches(a.field, b.field);
  }

  private structMatches(a: StructType, b: StructType): boolean {
    if (a.fields.length < b.fields.length) return false;
    return b.fields.every((field, i) => this.fieldMatches(a.fields[i], field));
  }

  private fieldMatches(a: FieldType, b: FieldType): boolean {
    if (a.mutable !== b.mutable) return false;
    return this.matches(a.storage, b.storage) && (!a.mutable || this.matches(b.storage, a.storage));
  }

  private canonical(t: ValType | HeapType): ValType {
    return t & CONCRETE ? this.canon.typeOf(this.module, t) : t;
  }
}

const CACHE = new WeakMap<Module, ModuleTypes>();

/** The types of a module, with what is known about them already. */
export function typesOf(module: Module): ModuleTypes {
  let types = CACHE.get(module);
  if (!types) CACHE.set(module, (types = new ModuleTypes(module)));
  return types;
}

/** May an `a` stand where a `b` is wanted, in `module` (spec 3.3.5)? */
export function matches(module: Module, a: ValType, b: ValType): boolean {
  return a === b || typesOf(module).matches(a, b);
}

/** The type difference `a \ b` of reference types (spec 3.3.6): `a`, without the null if `b` takes it. */
export function typeDifference(a: ValType, b: ValType): ValType {
  return isNullable(b) ? a & ~NULL : a;
}
