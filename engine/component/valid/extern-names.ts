/**
 * The rules about names of imports and exports (Binary.md, Import and Export Definitions): their form, their attributes,
 * their uniqueness, and what functions with an annotated name must look like.
 */

import { invalid } from '../../base/errors.ts';
import type { ExternName } from '../model.ts';
import { type ExternNameParts, isCanonVersion, parseExternName, parseVersion, uniqueName } from '../names.ts';
import type { Entity, FuncType, ResourceType, ValType } from '../types.ts';
import type { NameSpace } from './scope.ts';

/** Throws unless the name is well-formed, unlike the others, and fits what it names. */
export function checkExternName(
  names: NameSpace,
  what: 'import' | 'export',
  { text, offset, attributes }: ExternName,
  entity: Entity,
): void {
  const parsed = parseExternName(text);
  if (!parsed.ok) invalid(offset, `${what} name \`${text}\` is not a valid extern name: ${parsed.reason}`);
  checkAttributes(text, parsed.value, offset, attributes, entity);
  checkAnnotation(names, parsed.value, entity, offset);
  const unique = uniqueName(text);
  const previous = names.unique.get(unique);
  if (previous !== undefined) {
    invalid(offset, `${what} name \`${text}\` conflicts with previous name \`${previous}\``);
  }
  names.unique.set(unique, text);
}

function checkAttributes(
  text: string,
  name: ExternNameParts,
  offset: number,
  attributes: ExternName['attributes'],
  entity: Entity,
): void {
  const seen = new Set<string>();
  for (const { kind, value, offset: at } of attributes) {
    if (seen.has(kind)) invalid(at, `duplicate '${kind}' option in name`);
    seen.add(kind);
    if (kind === 'implements') {
      const parsed = parseExternName(value);
      if (!parsed.ok) invalid(at, `\`${value}\` is not a valid name: must be an interface: ${parsed.reason}`);
      if (parsed.value.kind !== 'interface') invalid(at, `name \`${value}\` must be an interface`);
      if (entity.kind !== 'instance') invalid(offset, 'only instances can have an `implements`');
      if (name.kind !== 'label') invalid(offset, `name \`${text}\` is not valid with \`implements\``);
    } else if (kind === 'versionsuffix') checkSuffix(name, value, at);
  }
}

/** The version in the name and the suffix are a version together. */
function checkSuffix(name: ExternNameParts, suffix: string, offset: number): void {
  const version = name.kind === 'interface' ? name.version : undefined;
  if (version === undefined || !isCanonVersion(version)) {
    invalid(offset, '`versionsuffix` needs an interface name with a canonical version');
  }
  const parsed = parseVersion(version + suffix);
  if (!parsed.ok) invalid(offset, `\`${version}${suffix}\` is not a valid semver: ${parsed.reason}`);
}

function checkAnnotation(names: NameSpace, name: ExternNameParts, entity: Entity, offset: number): void {
  if (name.kind === 'label' || name.kind === 'interface') return;
  if (entity.kind !== 'func') invalid(offset, 'item is not a func');
  const { type } = entity;
  switch (name.kind) {
    case 'constructor': {
      if (!type.result) invalid(offset, 'function should return one value');
      const resource = constructed(type.result);
      if (!resource) invalid(offset, 'function should return `(own $T)` or `(result (own $T))`');
      checkResource(names, resource, name.resource, offset);
      break;
    }
    case 'method':
      checkResource(names, selfOf(type, offset), name.resource, offset);
      break;
    case 'static':
      if (![...names.resources.values()].includes(name.resource)) {
        invalid(offset, 'static resource name is not known in this context');
      }
  }
}

/** The resource that a constructor makes. */
function constructed(result: ValType): ResourceType | undefined {
  if (result.kind === 'own') return result.type;
  return result.kind === 'result' && result.ok?.kind === 'own' ? result.ok.type : undefined;
}

/** The resource that a method is one of. */
function selfOf({ params }: FuncType, offset: number): ResourceType {
  if (params.length === 0) invalid(offset, 'function should have at least one argument');
  const [{ label, type }] = params;
  if (label !== 'self') invalid(offset, 'function should have a first argument called `self`');
  if (type.kind !== 'borrow') invalid(offset, 'function should take a first argument of `(borrow $T)`');
  return type.type;
}

function checkResource(names: NameSpace, resource: ResourceType, name: string, offset: number): void {
  const known = names.resources.get(resource);
  if (known === undefined) {
    invalid(offset, 'resource used in function does not have a name in this context');
  }
  if (known !== name) invalid(offset, `function does not match expected resource name \`${known}\``);
}
