/**
 * The types of a component as validation understands them (Explainer.md, Type Checking): without indices, with resources.
 *
 * Types are trees that share parts. Equality is structural, but an object's identity means something too: a record, variant,
 * enum, flags or resource type that is imported or exported is a new object, which is its *name* there; so `own` and `borrow`
 * refer to a `ResourceType`, of which several may name one `Resource`.
 */

import type { ValType as CoreValType, GlobalType, MemoryType, TableType } from '../isa/types.ts';
import type { PrimType } from './model.ts';

/** A resource type's identity: two of them are equal only if they are this one object. */
export interface Resource {
  /** For people: no two of one validation have the same. */
  readonly number: number;
  /** How it is represented, where its definition is known. */
  readonly rep?: CoreValType;
}

/** A name of a resource. */
export interface ResourceType {
  readonly kind: 'resource';
  readonly resource: Resource;
}

export interface Field {
  readonly label: string;
  readonly type: ValType;
}

export interface CaseType {
  readonly label: string;
  readonly type?: ValType;
}

export type ValType =
  | { readonly kind: 'prim'; readonly prim: PrimType }
  | { readonly kind: 'record'; readonly fields: readonly Field[] }
  | { readonly kind: 'variant'; readonly cases: readonly CaseType[] }
  | { readonly kind: 'list'; readonly element: ValType; readonly length?: number }
  | { readonly kind: 'map'; readonly key: ValType; readonly value: ValType }
  | { readonly kind: 'tuple'; readonly types: readonly ValType[] }
  | { readonly kind: 'flags'; readonly labels: readonly string[] }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | { readonly kind: 'option'; readonly type: ValType }
  | { readonly kind: 'result'; readonly ok?: ValType; readonly error?: ValType }
  | { readonly kind: 'own' | 'borrow'; readonly type: ResourceType }
  | { readonly kind: 'stream' | 'future'; readonly type?: ValType };

export interface FuncType {
  readonly kind: 'func';
  readonly async: boolean;
  readonly params: readonly Field[];
  readonly result?: ValType;
}

/** Where a resource stands among the exports (or imports) of an instance or component: names from the outside in. */
export type Path = readonly string[];

export interface InstanceType {
  readonly kind: 'instance';
  readonly exports: ReadonlyMap<string, Entity>;
  /** Resources that each instance of this type has of its own, by where they are exported. */
  readonly defined: ReadonlyMap<Resource, Path>;
  /** All resources that are exported, by where they are first. */
  readonly explicit: ReadonlyMap<Resource, Path>;
}

export interface ComponentType {
  readonly kind: 'component';
  readonly imports: ReadonlyMap<string, Entity>;
  readonly exports: ReadonlyMap<string, Entity>;
  /** Resources that come with the imports, by where they are imported. */
  readonly imported: ReadonlyMap<Resource, Path>;
  /** Resources that each instance makes anew, by where they are exported. */
  readonly defined: ReadonlyMap<Resource, Path>;
  readonly explicit: ReadonlyMap<Resource, Path>;
}

/** What stands in the space of types. */
export type AnyType = ValType | FuncType | InstanceType | ComponentType | ResourceType;

/** What can be imported and exported. */
export type Entity =
  | { readonly kind: 'func'; readonly type: FuncType }
  | { readonly kind: 'instance'; readonly type: InstanceType }
  | { readonly kind: 'component'; readonly type: ComponentType }
  | { readonly kind: 'core module'; readonly type: ModuleType }
  | { readonly kind: 'value'; readonly type: ValType }
  /** `type` is the new name, `of` what it names. */
  | { readonly kind: 'type'; readonly type: AnyType; readonly of: AnyType };

/** A core item's type; type indices are canonical numbers (valid/canon.ts). */
export type CoreEntity =
  | { readonly kind: 'func'; readonly id: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: MemoryType }
  | { readonly kind: 'global'; readonly type: GlobalType }
  | { readonly kind: 'tag'; readonly id: number };

export interface CoreImport {
  readonly module: string;
  readonly name: string;
  readonly type: CoreEntity;
}

export interface ModuleType {
  readonly kind: 'module';
  /** By `module:name`, which is unique in a module that can stand in a component. */
  readonly imports: ReadonlyMap<string, CoreImport>;
  readonly exports: ReadonlyMap<string, CoreEntity>;
}

export interface CoreInstanceType {
  readonly exports: ReadonlyMap<string, CoreEntity>;
}

const PRIMS = new Map<PrimType, ValType>();

/** A primitive type: one object each. */
export function primType(prim: PrimType): ValType {
  let type = PRIMS.get(prim);
  if (!type) PRIMS.set(prim, (type = Object.freeze({ kind: 'prim', prim })));
  return type;
}

/** The value types right inside of one. */
export function partsOf(type: ValType): readonly ValType[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map((field) => field.type);
    case 'variant':
      return type.cases.flatMap((one) => (one.type ? [one.type] : []));
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'tuple':
      return type.types;
    case 'option':
      return [type.type];
    case 'result':
      return [...(type.ok ? [type.ok] : []), ...(type.error ? [type.error] : [])];
    case 'stream':
    case 'future':
      return type.type ? [type.type] : [];
    default:
      return [];
  }
}

/** The value types right inside of a function type. */
export function partsOfFunc({ params, result }: FuncType): readonly ValType[] {
  const types = params.map(({ type }) => type);
  return result ? [...types, result] : types;
}

/** How large a type is as a tree, and how deep: what walking through it costs. */
export interface Extent {
  readonly size: number;
  readonly depth: number;
}

const extents = new WeakMap<AnyType, Extent>();

/** The extent of a type, whose parts have been measured. */
export function extentOf(type: AnyType): Extent {
  const known = extents.get(type);
  if (known) return known;
  let size = 1;
  let depth = 0;
  const add = (part: Extent) => {
    size += part.size;
    depth = Math.max(depth, part.depth);
  };
  switch (type.kind) {
    case 'func':
      for (const part of partsOfFunc(type)) add(extentOf(part));
      break;
    case 'component':
      for (const entity of type.imports.values()) add(entityExtent(entity));
      for (const entity of type.exports.values()) add(entityExtent(entity));
      break;
    case 'instance':
      for (const entity of type.exports.values()) add(entityExtent(entity));
      break;
    case 'resource':
      break;
    default:
      for (const part of partsOf(type)) add(extentOf(part));
  }
  const extent = { size, depth: depth + 1 };
  extents.set(type, extent);
  return extent;
}

function entityExtent(entity: Entity): Extent {
  if (entity.kind !== 'core module') return extentOf(entity.type);
  return { size: 1 + entity.type.imports.size + entity.type.exports.size, depth: 1 };
}

const borrows = new WeakMap<ValType, boolean>();

/** True if a value of this type may have a borrowed handle in it. */
export function hasBorrow(type: ValType): boolean {
  if (type.kind === 'borrow') return true;
  let known = borrows.get(type);
  if (known === undefined) borrows.set(type, (known = partsOf(type).some(hasBorrow)));
  return known;
}

const NO_RESOURCES: ReadonlySet<Resource> = new Set();
const free = new WeakMap<AnyType, ReadonlySet<Resource>>();

/** The resources that a type refers to and does not bring itself. */
export function freeResources(type: AnyType): ReadonlySet<Resource> {
  const known = free.get(type);
  if (known) return known;
  const found = findFree(type);
  free.set(type, found);
  return found;
}

function findFree(type: AnyType): ReadonlySet<Resource> {
  switch (type.kind) {
    case 'resource':
      return new Set([type.resource]);
    case 'own':
    case 'borrow':
      return freeResources(type.type);
    case 'func':
      return union(partsOfFunc(type).map(freeResources));
    case 'instance':
      return without(union([...type.exports.values()].map(freeInEntity)), type.defined);
    case 'component': {
      const all = union([...type.imports.values(), ...type.exports.values()].map(freeInEntity));
      return without(without(all, type.imported), type.defined);
    }
    default:
      return union(partsOf(type).map(freeResources));
  }
}

/** The same for what is imported or exported. */
export function freeInEntity(entity: Entity): ReadonlySet<Resource> {
  if (entity.kind === 'core module') return NO_RESOURCES;
  return freeResources(entity.type);
}

function union(sets: readonly ReadonlySet<Resource>[]): ReadonlySet<Resource> {
  const some = sets.filter(({ size }) => size > 0);
  if (some.length <= 1) return some[0] ?? NO_RESOURCES;
  const out = new Set<Resource>();
  for (const set of some) for (const resource of set) out.add(resource);
  return out;
}

function without(set: ReadonlySet<Resource>, bound: ReadonlyMap<Resource, Path>): ReadonlySet<Resource> {
  if (bound.size === 0) return set;
  return new Set([...set].filter((resource) => !bound.has(resource)));
}

/** A type for people: `list<u8>`, `own<r>`, `record { a: u32 }`. */
export function typeText(type: ValType): string {
  switch (type.kind) {
    case 'prim':
      return type.prim;
    case 'record':
      return `record { ${type.fields.map(({ label, type: of }) => `${label}: ${typeText(of)}`).join(', ')} }`;
    case 'variant':
      return `variant { ${type.cases.map(({ label, type: of }) => (of ? `${label}(${typeText(of)})` : label)).join(', ')} }`;
    case 'list':
      return type.length === undefined
        ? `list<${typeText(type.element)}>`
        : `list<${typeText(type.element)}, ${type.length}>`;
    case 'map':
      return `map<${typeText(type.key)}, ${typeText(type.value)}>`;
    case 'tuple':
      return `tuple<${type.types.map(typeText).join(', ')}>`;
    case 'flags':
    case 'enum':
      return `${type.kind} { ${type.labels.join(', ')} }`;
    case 'option':
      return `option<${typeText(type.type)}>`;
    case 'result': {
      if (type.ok && type.error) return `result<${typeText(type.ok)}, ${typeText(type.error)}>`;
      if (type.error) return `result<_, ${typeText(type.error)}>`;
      return type.ok ? `result<${typeText(type.ok)}>` : 'result';
    }
    case 'own':
    case 'borrow':
      return `${type.kind}<resource ${type.type.resource.number}>`;
    case 'stream':
    case 'future':
      return type.type ? `${type.kind}<${typeText(type.type)}>` : type.kind;
  }
}
