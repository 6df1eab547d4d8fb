/**
 * A scope while it is validated: a component, a component type or an instance type, with what its index spaces hold.
 *
 * Keeps what the rules about names and resources need: which types have a name that imports and exports may use, which
 * resources came with imports, are defined here, or are exported (Explainer.md, External Visibility of Types). Knows no
 * bytes and no definitions.
 */

import { type Fault, faultAt, invalid, WasmError } from '../../base/errors.ts';
import type { FeatureSet, Module } from '../../module/module.ts';
import type { TypeCanon } from '../../valid/canon.ts';
import { SORTS, type Sort } from '../model.ts';
import {
  type AnyType,
  type ComponentType,
  type CoreEntity,
  type CoreInstanceType,
  type Entity,
  extentOf,
  type FuncType,
  freeResources,
  type InstanceType,
  type ModuleType,
  type Path,
  type Resource,
  type ResourceType,
  type ValType,
} from '../types.ts';
import { Mismatch } from './matching.ts';
import { Substitution } from './substitute.ts';

/** What all scopes of one validation share. */
export interface Validation {
  readonly features: FeatureSet;
  readonly canon: TypeCanon;
  readonly checkModule: (module: Module, features: FeatureSet) => void;
  /** The number of the next resource. */
  nextResource: number;
  /** The sizes of all types that were made or compared so far. */
  weight: number;
}

/** How large a type may be when all that it refers to is written out, and how deep. */
const MOST_SIZE = 1_000_000;
const MOST_DEPTH = 500;
/** How large all types together may be: what validation costs. */
const MOST_WEIGHT = 5_000_000;
/** A resource stands in several sets and has paths. */
const RESOURCE_WEIGHT = 20;

/** A core type: a canonical number, or the type of modules. */
export type CoreType = { readonly kind: 'type'; readonly id: number } | ModuleType;

/** What the index spaces hold. */
export interface SpaceTypes {
  'core func': number;
  'core table': Extract<CoreEntity, { kind: 'table' }>['type'];
  'core memory': Extract<CoreEntity, { kind: 'memory' }>['type'];
  'core global': Extract<CoreEntity, { kind: 'global' }>['type'];
  'core tag': number;
  'core type': CoreType;
  'core module': ModuleType;
  'core instance': CoreInstanceType;
  func: FuncType;
  value: { readonly type: ValType; used: boolean; readonly offset: number };
  type: AnyType;
  component: ComponentType;
  instance: InstanceType;
}

type SpaceLists = { readonly [S in Sort]: SpaceTypes[S][] };

export type ScopeKind = 'component' | 'component type' | 'instance type';

/** Names of imports or of exports, and the resources among them. */
export interface NameSpace {
  /** What must be unique, with the name that has it. */
  readonly unique: Map<string, string>;
  readonly resources: Map<ResourceType, string>;
}

/** What indices of a sort are called in messages. */
const CALLED: Readonly<Record<Sort, string>> = {
  'core func': 'function',
  'core table': 'table',
  'core memory': 'memory',
  'core global': 'global',
  'core tag': 'tag',
  'core type': 'type',
  'core module': 'module',
  'core instance': 'core instance',
  func: 'function',
  value: 'value',
  type: 'type',
  component: 'component',
  instance: 'instance',
};

export class Scope {
  readonly kind: ScopeKind;
  readonly parent: Scope | undefined;
  readonly shared: Validation;
  readonly spaces = Object.fromEntries(SORTS.map((sort) => [sort, []])) as unknown as SpaceLists;
  readonly imports = new Map<string, Entity>();
  readonly exports = new Map<string, Entity>();
  readonly importNames: NameSpace = { unique: new Map(), resources: new Map() };
  readonly exportNames: NameSpace = { unique: new Map(), resources: new Map() };
  /** Types that imports, and types that exports, may use although they need a name. */
  private readonly named = { import: new Set<AnyType>(), export: new Set<AnyType>() };
  readonly imported = new Map<Resource, Path>();
  /** Resources that come to be here, and the core type that represents those that are defined here. */
  readonly defined = new Set<Resource>();
  /** Resources that are defined by a definition of this component. */
  readonly local = new Set<Resource>();
  readonly explicit = new Map<Resource, Path>();
  /** The type of the slots of `context.get` and `context.set`, once one said it. */
  slotType: number | undefined;

  constructor(kind: ScopeKind, shared: Validation, parent?: Scope) {
    this.kind = kind;
    this.shared = shared;
    this.parent = parent;
  }

  newResource(): Resource {
    return { number: this.shared.nextResource++ };
  }

  /** The item at an index. Throws if there is none. */
  at<S extends Sort>(sort: S, idx: number, offset: number): SpaceTypes[S] {
    const list = this.spaces[sort];
    if (idx < list.length) return list[idx] as SpaceTypes[S];
    const called = CALLED[sort];
    invalid(offset, `unknown ${called} ${idx}: ${called} index out of bounds`, [
      { message: list.length === 0 ? `there is no ${sort}` : `there are ${list.length}` },
    ]);
  }

  push<S extends Sort>(sort: S, item: SpaceTypes[S]): void {
    (this.spaces[sort] as SpaceTypes[S][]).push(item);
  }

  /** The type at an index, which must be of the kind. */
  typeAt<K extends 'func' | 'instance' | 'component' | 'resource'>(
    kind: K,
    idx: number,
    offset: number,
  ): Extract<AnyType, { kind: K }> {
    const type = this.at('type', idx, offset);
    if (type.kind === kind) return type as Extract<AnyType, { kind: K }>;
    const called = {
      func: 'a function',
      instance: 'an instance',
      component: 'a component',
      resource: 'a resource',
    };
    invalid(offset, `type index ${idx} is not ${called[kind]} type`);
  }

  /** The module type at a core type index. */
  moduleTypeAt(idx: number, offset: number): ModuleType {
    const type = this.at('core type', idx, offset);
    if (type.kind !== 'module') invalid(offset, `core type index ${idx} is not a module type`);
    return type;
  }

  /** Counts a type that was made, or is about to be looked through; refuses what is too much. */
  weigh(type: AnyType, offset: number): void {
    const { size, depth } = extentOf(type);
    if (size > MOST_SIZE) invalid(offset, `effective type size exceeds the limit of ${MOST_SIZE}`);
    if (depth > MOST_DEPTH) invalid(offset, `type nesting is too deep: more than ${MOST_DEPTH}`);
    const inside = type.kind === 'instance' || type.kind === 'component' ? type.explicit.size : 0;
    this.count(size + RESOURCE_WEIGHT * (freeResources(type).size + inside), offset);
  }

  /** Counts types of core modules. */
  count(size: number, offset: number): void {
    this.shared.weight += size;
    if (this.shared.weight > MOST_WEIGHT)
      invalid(offset, `the types of all definitions are too large: more than ${MOST_WEIGHT} in all`);
  }

  /** Takes the next index for what is imported or exported under a name. Returns what it is from here on. */
  add(what: 'import' | 'export', name: string, entity: Entity, offset: number): Entity {
    if (entity.kind === 'core module')
      this.count(entity.type.imports.size + entity.type.exports.size, offset);
    else this.weigh(entity.type, offset);
    const added = this.prepared(what, name, entity);
    if (!this.nameTypes(what, added, name)) {
      const called = added.kind === 'core module' ? 'module' : added.kind;
      invalid(offset, `${called} not valid to be used as ${what}`, [
        { message: 'its type uses a type that has no name in the imports or exports in front of it' },
      ]);
    }
    this.pushEntity(added, offset);
    return added;
  }

  /** Takes the next index for an item of a sort. */
  pushEntity(entity: Entity, offset: number): void {
    switch (entity.kind) {
      case 'value':
        this.push('value', { type: entity.type, used: this.kind !== 'component', offset });
        break;
      case 'type':
        this.push('type', entity.type);
        break;
      case 'func':
        this.push('func', entity.type);
        break;
      case 'instance':
        this.push('instance', entity.type);
        break;
      case 'component':
        this.push('component', entity.type);
        break;
      case 'core module':
        this.push('core module', entity.type);
    }
  }

  /** Notes the resources that come with an import or an export; those of an instance that is declared are new ones. */
  private prepared(what: 'import' | 'export', name: string, entity: Entity): Entity {
    if (entity.kind === 'type' && entity.type.kind === 'resource') {
      this.noteResource(what, entity.type.resource, [name], entity.type === entity.of);
      return entity;
    }
    if (entity.kind !== 'instance') return entity;
    const fresh = this.freshInstance(entity.type);
    for (const resource of fresh.resources) {
      if (what === 'import') this.imported.set(resource, [name, ...fresh.type.explicit.get(resource)!]);
      else this.defined.add(resource);
    }
    if (what === 'export') {
      for (const [resource, path] of fresh.type.explicit) this.exportResource(resource, [name, ...path]);
    }
    return { kind: 'instance', type: fresh.type };
  }

  private noteResource(what: 'import' | 'export', resource: Resource, path: Path, isNew: boolean): void {
    if (what === 'export') {
      if (isNew) this.defined.add(resource);
      this.exportResource(resource, path);
    } else if (isNew) this.imported.set(resource, path);
  }

  private exportResource(resource: Resource, path: Path): void {
    if (!this.explicit.has(resource)) this.explicit.set(resource, path);
  }

  /** An instance type with resources of its own in place of those that it defines. */
  freshInstance(type: InstanceType): {
    readonly type: InstanceType;
    readonly resources: readonly Resource[];
  } {
    if (type.defined.size === 0) return { type, resources: [] };
    const substitution = new Substitution();
    const resources: Resource[] = [];
    for (const old of type.defined.keys()) {
      const resource = this.newResource();
      substitution.resources.set(old, resource);
      resources.push(resource);
    }
    const exports = substitution.entities(type.exports);
    const explicit = substitution.paths(type.explicit);
    return { type: { kind: 'instance', exports, defined: new Map(), explicit }, resources };
  }

  /** True if all types that need a name have one; gives what is imported or exported its names. */
  private nameTypes(what: 'import' | 'export', entity: Entity, name?: string): boolean {
    if (name !== undefined && entity.kind === 'type' && entity.type.kind === 'resource') {
      const names = what === 'import' ? this.importNames : this.exportNames;
      names.resources.set(entity.type, name);
    }
    if (this.kind === 'instance type') return true;
    const set = this.named[what];
    switch (entity.kind) {
      case 'type':
        if (!this.isNamedInside(entity.of, set)) return false;
        this.named.export.add(entity.type);
        if (what === 'import') this.named.import.add(entity.type);
        return true;
      case 'instance':
        return [...entity.type.exports.values()].every((inner) => this.nameTypes(what, inner));
      case 'func':
        return this.isNamedInside(entity.type, set);
      case 'value':
        return this.isNamed(entity.type, set);
      default:
        return true;
    }
  }

  /** True if what a type consists of has names; it may have none itself. */
  private isNamedInside(type: AnyType, set: ReadonlySet<AnyType>): boolean {
    const named = (part: ValType) => this.isNamed(part, set);
    switch (type.kind) {
      case 'resource':
      case 'component':
        return true;
      case 'func':
        return type.params.every((param) => named(param.type)) && (!type.result || named(type.result));
      case 'instance':
        return [...type.exports.values()].every(
          (entity) =>
            entity.kind === 'core module' ||
            entity.kind === 'component' ||
            this.isNamedInside(entity.type, set),
        );
      case 'own':
      case 'borrow':
        return set.has(type.type);
      default:
        return partsNamed(type, named);
    }
  }

  /** True if a type has a name, or needs none and consists of such types. */
  private isNamed(type: ValType, set: ReadonlySet<AnyType>): boolean {
    switch (type.kind) {
      case 'record':
      case 'variant':
      case 'enum':
      case 'flags':
        return set.has(type);
      default:
        return this.isNamedInside(type, set);
    }
  }

  /** Throws what is wrong where a check found a mismatch. */
  checked<T>(offset: number, check: () => T, context = ''): T {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      throw new WasmError(mismatchFault(offset, context + error.message));
    }
  }
}

function mismatchFault(offset: number, message: string): Fault {
  return faultAt('invalid', offset, message);
}

function partsNamed(type: ValType, named: (part: ValType) => boolean): boolean {
  switch (type.kind) {
    case 'record':
      return type.fields.every((field) => named(field.type));
    case 'variant':
      return type.cases.every((one) => !one.type || named(one.type));
    case 'list':
      return named(type.element);
    case 'map':
      return named(type.key) && named(type.value);
    case 'tuple':
      return type.types.every(named);
    case 'option':
      return named(type.type);
    case 'result':
      return (!type.ok || named(type.ok)) && (!type.error || named(type.error));
    case 'stream':
    case 'future':
      return !type.type || named(type.type);
    default:
      return true;
  }
}
