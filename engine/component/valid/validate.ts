/**
 * Validation of components (Explainer.md, Type Checking; Binary.md): the doors, and the definitions that make instances.
 *
 * Definitions are checked in their order, each with what stands in front of it. Modules inside are validated by core
 * validation. Stops at the first fault.
 */

import { invalid, WasmError } from '../../base/errors.ts';
import { SUPPORTED } from '../../isa/features.ts';
import type { FeatureSet, Module } from '../../module/module.ts';
import { TypeCanon } from '../../valid/canon.ts';
import { validate } from '../../valid/validate.ts';
import { inComponent } from '../binary/decode.ts';
import { decodeValue } from '../binary/values.ts';
import type {
  Component,
  CoreInstanceDef,
  CoreModuleDef,
  CoreSort,
  Definition,
  ExportDef,
  InstanceDef,
  SortIdx,
  StartDef,
} from '../model.ts';
import type {
  ComponentType,
  CoreEntity,
  CoreInstanceType,
  Entity,
  InstanceType,
  Path,
  Resource,
} from '../types.ts';
import { aliased } from './aliases.ts';
import { checkCanon } from './canon.ts';
import { coreMismatch, importKey, moduleTypeOf } from './core-matching.ts';
import { checkCoreType } from './core-types.ts';
import { checkExternName } from './extern-names.ts';
import { matchAll, matchEntity } from './matching.ts';
import { type NameSpace, Scope, type SpaceTypes, type Validation } from './scope.ts';
import {
  defineType,
  externEntity,
  finishComponent,
  importOrExport,
  newName,
  valueType,
} from './type-definitions.ts';

/** A component that validates, with the types of all that it has. */
export interface ValidComponent {
  readonly component: Component;
  readonly type: ComponentType;
  /** What the index spaces hold, by sort. */
  readonly spaces: { readonly [S in keyof SpaceTypes]: readonly SpaceTypes[S][] };
  /** The components inside, by their definitions. */
  readonly inner: ReadonlyMap<Component, ValidComponent>;
  /** What the numbers of core types stand for. */
  readonly canon: TypeCanon;
}

/**
 * Throws the first fault: `invalid`, `unsupported`, or `malformed` code inside. Returns the types of everything.
 * `checkModule` validates the modules inside; whoever has done that already gives one that does nothing.
 */
export function validateComponent(
  component: Component,
  features: FeatureSet = SUPPORTED,
  checkModule: (module: Module, features: FeatureSet) => void = validate,
): ValidComponent {
  const shared: Validation = { features, canon: new TypeCanon(), nextResource: 0, weight: 0, checkModule };
  return validateIn(component, shared, undefined);
}

function validateIn(component: Component, shared: Validation, parent: Scope | undefined): ValidComponent {
  const scope = new Scope('component', shared, parent);
  const inner = new Map<Component, ValidComponent>();
  for (const def of component.definitions) define(scope, def, inner, component.bytes);
  for (const [idx, { used, offset }] of scope.spaces.value.entries()) {
    if (!used)
      invalid(
        offset,
        `value index ${idx} was not used as part of an instantiation, start function, or export`,
      );
  }
  const type = finishComponent(scope, component.range.end);
  return { component, type, spaces: scope.spaces, inner, canon: shared.canon };
}

function define(
  scope: Scope,
  def: Definition,
  inner: Map<Component, ValidComponent>,
  bytes: Uint8Array,
): void {
  const { offset } = def;
  switch (def.kind) {
    case 'core module':
      checkModule(scope, def);
      break;
    case 'core instance':
      scope.push('core instance', checkCoreInstance(scope, def));
      break;
    case 'core type':
      checkCoreType(scope, def);
      break;
    case 'component': {
      const valid = validateIn(def.component, scope.shared, scope);
      inner.set(def.component, valid);
      scope.weigh(valid.type, offset);
      scope.push('component', valid.type);
      break;
    }
    case 'instance': {
      const type = checkInstance(scope, def);
      scope.weigh(type, offset);
      scope.push('instance', type);
      break;
    }
    case 'alias':
      aliased(scope, def);
      break;
    case 'type':
      scope.push('type', defineType(scope, def.type, offset));
      break;
    case 'canon':
      checkCanon(scope, def);
      break;
    case 'start':
      checkStart(scope, def);
      break;
    case 'import':
      importOrExport(scope, 'import', def.name, externEntity(scope, def.type, offset), offset);
      break;
    case 'export':
      importOrExport(scope, 'export', def.name, exported(scope, def), offset);
      if (def.item.sort === 'value') scope.spaces.value[def.idx].used = true;
      break;
    case 'value': {
      const type = valueType(scope, def.type, offset);
      decodeValue(bytes, def.value, type);
      scope.push('value', { type, used: false, offset });
    }
  }
}

function checkModule(scope: Scope, { module, range, offset }: CoreModuleDef): void {
  try {
    scope.shared.checkModule(module, scope.shared.features);
  } catch (error) {
    throw error instanceof WasmError ? inComponent(error, range.start) : error;
  }
  const seen = new Set<string>();
  for (const { module: from, name, offset: at } of module.imports) {
    const key = importKey(from, name);
    if (seen.has(key)) invalid(range.start + at, `duplicate import name \`${key}\``);
    seen.add(key);
  }
  scope.push('core module', moduleTypeOf(module, scope.shared.canon));
  if (range.start > range.end) invalid(offset, 'unexpected end-of-file');
}

function checkCoreInstance(scope: Scope, { expr, offset }: CoreInstanceDef): CoreInstanceType {
  if (expr.kind === 'exports') {
    const exports = new Map<string, CoreEntity>();
    for (const { name, item, offset: at } of expr.exports) {
      if (exports.has(name)) invalid(at, `export name \`${name}\` already defined`);
      exports.set(name, coreItem(scope, item, at));
    }
    return { exports };
  }
  const module = scope.at('core module', expr.moduleIdx, offset);
  scope.count(module.imports.size, offset);
  const args = new Map<string, CoreInstanceType>();
  for (const { name, instanceIdx, offset: at } of expr.args) {
    if (args.has(name)) invalid(at, `duplicate module instantiation argument named \`${name}\``);
    args.set(name, scope.at('core instance', instanceIdx, at));
  }
  for (const { module: from, name, type } of module.imports.values()) {
    const instance = args.get(from);
    if (!instance) invalid(offset, `missing module instantiation argument named \`${from}\``);
    const given = instance.exports.get(name);
    if (!given) {
      invalid(offset, `module instantiation argument \`${from}\` does not export an item named \`${name}\``);
    }
    const why = coreMismatch(scope.shared.canon, given, type);
    if (why !== undefined) {
      invalid(
        offset,
        `type mismatch for export \`${name}\` of module instantiation argument \`${from}\`: ${why}`,
      );
    }
  }
  return { exports: module.exports };
}

function coreItem(scope: Scope, { sort, idx }: SortIdx, offset: number): CoreEntity {
  const kind = sort.slice('core '.length) as CoreSort;
  switch (kind) {
    case 'func':
      return { kind, id: scope.at('core func', idx, offset) };
    case 'tag':
      return { kind, id: scope.at('core tag', idx, offset) };
    case 'table':
      return { kind, type: scope.at('core table', idx, offset) };
    case 'memory':
      return { kind, type: scope.at('core memory', idx, offset) };
    case 'global':
      return { kind, type: scope.at('core global', idx, offset) };
    default:
      return invalid(offset, `core instances cannot export a ${kind}`);
  }
}

/** An item of any sort as what can be imported and exported. */
function itemEntity(scope: Scope, { sort, idx }: SortIdx, offset: number): Entity {
  switch (sort) {
    case 'func':
      return { kind: sort, type: scope.at(sort, idx, offset) };
    case 'instance':
      return { kind: sort, type: scope.at(sort, idx, offset) };
    case 'component':
      return { kind: sort, type: scope.at(sort, idx, offset) };
    case 'core module':
      return { kind: sort, type: scope.at(sort, idx, offset) };
    case 'value': {
      const value = scope.at(sort, idx, offset);
      if (value.used) invalid(offset, `cannot use value ${idx} more than once`);
      value.used = true;
      return { kind: sort, type: value.type };
    }
    case 'type': {
      const type = scope.at(sort, idx, offset);
      return { kind: sort, type, of: type };
    }
    default:
      return invalid(offset, `a ${sort} cannot be imported or exported by a component`);
  }
}

function checkInstance(scope: Scope, { expr, offset }: InstanceDef): InstanceType {
  if (expr.kind === 'instantiate') return instantiated(scope, expr, offset);
  const names: NameSpace = { unique: new Map(), resources: new Map() };
  const exports = new Map<string, Entity>();
  const explicit = new Map<Resource, Path>();
  for (const { name, item, offset: at } of expr.exports) {
    const entity = itemEntity(scope, item, at);
    checkExternName(names, 'export', name, entity);
    exports.set(name.text, entity);
    for (const [resource, path] of explicitIn(entity)) {
      if (!explicit.has(resource)) explicit.set(resource, [name.text, ...path]);
    }
  }
  return { kind: 'instance', exports, defined: new Map(), explicit };
}

function explicitIn(entity: Entity): Iterable<readonly [Resource, Path]> {
  if (entity.kind === 'instance') return entity.type.explicit;
  return entity.kind === 'type' && entity.type.kind === 'resource' ? [[entity.type.resource, []]] : [];
}

function instantiated(
  scope: Scope,
  { componentIdx, args }: Extract<InstanceDef['expr'], { kind: 'instantiate' }>,
  offset: number,
): InstanceType {
  const component = scope.at('component', componentIdx, offset);
  const given = new Map<string, Entity>();
  for (const { name, item, offset: at } of args) {
    if (given.has(name)) {
      invalid(at, `instantiation argument \`${name}\` conflicts with previous argument \`${name}\``);
    }
    given.set(name, itemEntity(scope, item, at));
  }
  const substitution = scope.checked(offset, () =>
    matchAll(scope.shared.canon, given, {
      entities: component.imports,
      resources: component.imported,
      what: 'import',
    }),
  );
  // Resources that the component defines are other ones in each instance.
  for (const resource of component.defined.keys()) {
    const fresh = scope.newResource();
    substitution.resources.set(resource, fresh);
    scope.defined.add(fresh);
  }
  substitution.forget();
  return {
    kind: 'instance',
    exports: substitution.entities(component.exports),
    defined: new Map(),
    explicit: substitution.paths(component.explicit),
  };
}

/** What an export exports: the item, or what the ascribed type leaves of it. */
function exported(scope: Scope, { item, type, offset }: ExportDef): Entity {
  const actual = itemEntity(scope, item, offset);
  if (!type) return actual.kind === 'type' ? { ...actual, type: newName(actual.of) } : actual;
  const ascribed = externEntity(scope, type, offset);
  // Any resource is one, and nobody outside is told which.
  const hides = type.kind === 'type' && type.bound === 'resource';
  if (hides && actual.kind === 'type' && actual.of.kind === 'resource') return ascribed;
  scope.checked(
    offset,
    () => matchEntity(scope.shared.canon, actual, ascribed),
    "ascribed type of export is not compatible with item's type: ",
  );
  return ascribed;
}

function checkStart(scope: Scope, { funcIdx, args, results, offset }: StartDef): void {
  const type = scope.at('func', funcIdx, offset);
  if (args.length !== type.params.length) {
    invalid(
      offset,
      `component start function requires ${type.params.length} arguments but was given ${args.length}`,
    );
  }
  args.forEach((idx, i) => {
    const given = itemEntity(scope, { sort: 'value', idx }, offset);
    const wanted: Entity = { kind: 'value', type: type.params[i].type };
    scope.checked(
      offset,
      () => matchEntity(scope.shared.canon, given, wanted),
      `value type mismatch for component start function argument ${i}: `,
    );
  });
  const count = type.result ? 1 : 0;
  if (results !== count) {
    invalid(
      offset,
      `component start function has a result count of ${results} but the function type has a result count of ${count}`,
    );
  }
  if (type.result) scope.push('value', { type: type.result, used: false, offset });
}
