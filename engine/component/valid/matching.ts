/**
 * Subtyping of components (Explainer.md, Type Checking): may what is given stand for what is wanted, and why not.
 *
 * A mismatch is thrown as a `Mismatch`, whose message gets more around it on its way out; who asks turns it into a fault
 * with a place. The reasons are in the component suite's words.
 */

import type { TypeCanon } from '../../valid/canon.ts';
import {
  type AnyType,
  type ComponentType,
  type Entity,
  type FuncType,
  type InstanceType,
  type Path,
  type Resource,
  type ResourceType,
  typeText,
  type ValType,
} from '../types.ts';
import { moduleMismatch } from './core-matching.ts';
import { Substitution } from './substitute.ts';

/** Why something cannot stand for something else. */
export class Mismatch extends Error {}

function fail(message: string): never {
  throw new Mismatch(message);
}

/** Adds what a mismatch is about in front of its message. */
function within(context: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof Mismatch ? new Mismatch(`${context}: ${error.message}`) : error;
  }
}

const ENTITY_NAMES: Readonly<Record<Entity['kind'], string>> = {
  func: 'func',
  instance: 'instance',
  component: 'component',
  'core module': 'module',
  value: 'value',
  type: 'type',
};

/** Throws a Mismatch unless `given` may stand for `wanted`. */
export function matchEntity(canon: TypeCanon, given: Entity, wanted: Entity): void {
  if (given.kind === 'func' && wanted.kind === 'func') matchFunc(given.type, wanted.type);
  else if (given.kind === 'instance' && wanted.kind === 'instance') {
    matchInstance(canon, given.type, wanted.type);
  } else if (given.kind === 'component' && wanted.kind === 'component') {
    matchComponent(canon, given.type, wanted.type);
  } else if (given.kind === 'core module' && wanted.kind === 'core module') {
    const why = moduleMismatch(canon, given.type, wanted.type);
    if (why !== undefined) fail(why);
  } else if (given.kind === 'value' && wanted.kind === 'value') matchValue(given.type, wanted.type);
  else if (given.kind === 'type' && wanted.kind === 'type') matchType(canon, given.of, wanted.of);
  else fail(`expected ${ENTITY_NAMES[wanted.kind]}, found ${ENTITY_NAMES[given.kind]}`);
}

/** What opening a component's imports (or a component type's exports) needs of it. */
interface Opened {
  readonly entities: ReadonlyMap<string, Entity>;
  readonly resources: ReadonlyMap<Resource, Path>;
  readonly what: 'import' | 'export';
}

/**
 * Checks what is given for all that is wanted, by name. Resources that are wanted are the given ones from then on: returns
 * that substitution.
 */
export function matchAll(
  canon: TypeCanon,
  given: ReadonlyMap<string, Entity>,
  { entities, resources, what }: Opened,
): Substitution {
  const substitution = new Substitution();
  for (const [resource, path] of resources) {
    const found = resourceAt(given, path);
    if (found) substitution.resources.set(resource, found);
  }
  for (const [name, wanted] of entities) {
    const supplied = given.get(name);
    if (!supplied)
      fail(what === 'import' ? `missing import named \`${name}\`` : `missing expected export \`${name}\``);
    within(`type mismatch for ${what} \`${name}\``, () =>
      matchEntity(canon, supplied, substitution.entity(wanted)),
    );
    rename(substitution.names, wanted, supplied);
    substitution.forget();
  }
  return substitution;
}

/** The resource that is exported at a path; undefined if there is none. */
function resourceAt(entities: ReadonlyMap<string, Entity>, path: Path): Resource | undefined {
  let within = entities;
  for (const [i, name] of path.entries()) {
    const entity = within.get(name);
    if (i === path.length - 1) {
      return entity?.kind === 'type' && entity.type.kind === 'resource' ? entity.type.resource : undefined;
    }
    if (entity?.kind !== 'instance') return undefined;
    within = entity.type.exports;
  }
  return undefined;
}

/** Names of types that are wanted stand for those that are given. */
function rename(names: Map<AnyType, AnyType>, wanted: Entity, given: Entity): void {
  if (wanted.kind === 'type' && given.kind === 'type') {
    names.set(wanted.type, given.type);
  } else if (wanted.kind === 'instance' && given.kind === 'instance') {
    for (const [name, entity] of wanted.type.exports) {
      const supplied = given.type.exports.get(name);
      if (supplied) rename(names, entity, supplied);
    }
  }
}

function matchInstance(canon: TypeCanon, given: InstanceType, wanted: InstanceType): void {
  const substitution = new Substitution();
  for (const [resource, path] of wanted.defined) {
    const found = resourceAt(given.exports, path);
    if (found) substitution.resources.set(resource, found);
  }
  for (const [name, entity] of wanted.exports) {
    const supplied = given.exports.get(name);
    if (!supplied) fail(`missing expected export \`${name}\``);
    within(`type mismatch in instance export \`${name}\``, () =>
      matchEntity(canon, supplied, substitution.entity(entity)),
    );
  }
}

function matchComponent(canon: TypeCanon, given: ComponentType, wanted: ComponentType): void {
  // What is wanted says what will be given for the imports.
  const substitution = matchAll(canon, wanted.imports, {
    entities: given.imports,
    resources: given.imported,
    what: 'import',
  });
  matchAll(canon, substitution.entities(given.exports), {
    entities: wanted.exports,
    resources: wanted.defined,
    what: 'export',
  });
}

function matchFunc(given: FuncType, wanted: FuncType): void {
  if (given.async !== wanted.async) {
    fail(
      `expected ${wanted.async ? 'an async' : 'a non-async'} function, found ${given.async ? 'an async' : 'a non-async'} one`,
    );
  }
  if (given.params.length !== wanted.params.length) {
    fail(`expected ${wanted.params.length} parameters, found ${given.params.length}`);
  }
  wanted.params.forEach(({ label, type }, i) => {
    const param = given.params[i];
    if (param.label !== label) fail(`expected parameter named \`${label}\`, found \`${param.label}\``);
    within(`type mismatch in function parameter \`${label}\``, () => matchValue(param.type, type));
  });
  // The suite has these words for either of the two having a result that the other has not.
  if ((given.result === undefined) !== (wanted.result === undefined)) fail('expected a result, found none');
  const { result } = given;
  if (result) within('type mismatch with result type', () => matchValue(result, wanted.result!));
}

function matchType(canon: TypeCanon, given: AnyType, wanted: AnyType): void {
  if (given.kind === 'resource' && wanted.kind === 'resource') matchResource(given, wanted);
  else if (given.kind === 'func' && wanted.kind === 'func') matchFunc(given, wanted);
  else if (given.kind === 'instance' && wanted.kind === 'instance') matchInstance(canon, given, wanted);
  else if (given.kind === 'component' && wanted.kind === 'component') matchComponent(canon, given, wanted);
  else if (isValType(given) && isValType(wanted)) matchValue(given, wanted, true);
  else fail(`expected ${typeKind(wanted)}, found ${typeKind(given)}`);
}

function isValType(type: AnyType): type is ValType {
  return !['resource', 'func', 'instance', 'component'].includes(type.kind);
}

/** What a type in the space of types is called. */
export function typeKind(type: AnyType): string {
  return isValType(type) ? 'defined type' : type.kind;
}

function matchResource(given: ResourceType, wanted: ResourceType): void {
  if (given.resource === wanted.resource) return;
  fail(`resource types are not the same: resource ${given.resource.number} and ${wanted.resource.number}`);
}

/** What kind of value type it is; a primitive one by its name unless only the kind is asked for. */
function valueKind(type: ValType, byName: boolean): string {
  if (type.kind === 'prim') return byName ? type.prim : 'primitive';
  return type.kind === 'list' && type.length !== undefined ? 'fixed-length list' : type.kind;
}

/** Throws unless the types are equal. `top`: the type itself is imported, and is not a part of another. */
function matchValue(given: ValType, wanted: ValType, top = false): void {
  if (given === wanted) return;
  if (given.kind === 'prim' && wanted.kind === 'prim') {
    if (given.prim !== wanted.prim) {
      fail(`expected primitive \`${wanted.prim}\` found primitive \`${given.prim}\``);
    }
    return;
  }
  if (valueKind(given, false) !== valueKind(wanted, false)) {
    fail(`expected ${valueKind(wanted, !top)}, found ${valueKind(given, true)}`);
  }
  matchConstructor(given, wanted);
}

function matchConstructor(given: ValType, wanted: ValType): void {
  if (given.kind === 'record' && wanted.kind === 'record') {
    count(given.fields, wanted.fields, 'fields');
    wanted.fields.forEach(({ label, type }, i) => {
      const field = given.fields[i];
      if (field.label !== label) fail(`expected field name \`${label}\`, found \`${field.label}\``);
      within(`type mismatch in record field \`${label}\``, () => matchValue(field.type, type));
    });
  } else if (given.kind === 'variant' && wanted.kind === 'variant') {
    count(given.cases, wanted.cases, 'cases');
    wanted.cases.forEach(({ label, type }, i) => {
      const one = given.cases[i];
      if (one.label !== label) fail(`expected case named \`${label}\`, found \`${one.label}\``);
      if (type && !one.type) fail(`expected case \`${label}\` to have a type, found none`);
      if (!type && one.type) fail(`expected case \`${label}\` to have no type`);
      if (type) within(`type mismatch in variant case \`${label}\``, () => matchValue(one.type!, type));
    });
  } else if (given.kind === 'list' && wanted.kind === 'list') {
    if (given.length !== wanted.length) fail(`expected ${wanted.length} elements, found ${given.length}`);
    matchValue(given.element, wanted.element);
  } else if (given.kind === 'map' && wanted.kind === 'map') {
    within('type mismatch in map key', () => matchValue(given.key, wanted.key));
    within('type mismatch in map value', () => matchValue(given.value, wanted.value));
  } else if (given.kind === 'tuple' && wanted.kind === 'tuple') {
    count(given.types, wanted.types, 'types');
    wanted.types.forEach((type, i) => {
      within(`type mismatch in tuple field ${i}`, () => matchValue(given.types[i], type));
    });
  } else if (given.kind === 'flags' && wanted.kind === 'flags') {
    if (!sameLabels(given.labels, wanted.labels)) fail('mismatch in flags elements');
  } else if (given.kind === 'enum' && wanted.kind === 'enum') {
    if (!sameLabels(given.labels, wanted.labels)) fail('mismatch in enum elements');
  } else if (given.kind === 'option' && wanted.kind === 'option') matchValue(given.type, wanted.type);
  else if (given.kind === 'result' && wanted.kind === 'result') {
    matchOptional(given.ok, wanted.ok, 'ok');
    matchOptional(given.error, wanted.error, 'err');
  } else if ((given.kind === 'own' || given.kind === 'borrow') && wanted.kind === given.kind) {
    matchResource(given.type, wanted.type);
  } else if ((given.kind === 'stream' || given.kind === 'future') && wanted.kind === given.kind) {
    matchOptional(given.type, wanted.type, given.kind);
  } else fail(`expected ${typeText(wanted)}, found ${typeText(given)}`);
}

function matchOptional(given: ValType | undefined, wanted: ValType | undefined, what: string): void {
  if (!given && wanted) fail(`expected ${what} type, but found none`);
  if (given && !wanted) fail(`expected ${what} type to not be present`);
  if (!given || !wanted) return;
  const place = what === 'ok' || what === 'err' ? `${what} variant` : what;
  within(`type mismatch in ${place}`, () => matchValue(given, wanted));
}

function count(given: readonly unknown[], wanted: readonly unknown[], what: string): void {
  if (given.length !== wanted.length) fail(`expected ${wanted.length} ${what}, found ${given.length}`);
}

function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((label, i) => label === b[i]);
}
