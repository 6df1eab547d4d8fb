/**
 * Linking a component to its host: each import gets what the host has under its name, or under that of a compatible
 * version. What is missing is told all at once, with its WIT.
 *
 * The types of imports are the component's own: a host function is called with values of these types, and what it answers
 * is looked at when it is lowered.
 */

import { type Note, unlinkable } from '../base/errors.ts';
import type { HostFunction, HostImports, HostInstance, HostItem } from './host.ts';
import type { InstanceItem, Item } from './instance.ts';
import { canonVersion, parseExternName, parseVersion } from './names.ts';
import { type Entity, type InstanceType, typeText } from './types.ts';
import type { ValidComponent } from './valid/validate.ts';
import { type InterfaceMember, packageKey, type WitDocument } from './wit/ast.ts';
import { witOf } from './wit/from-component.ts';
import { witFuncText } from './wit/print.ts';

/** The items for all imports of a component. Throws an `unlinkable` fault with a note for each that is missing. */
export function linkHost(valid: ValidComponent, host: HostImports): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  const missing: Note[] = [];
  for (const def of valid.component.imports) {
    const { text } = def.name;
    const entity = valid.type.imports.get(text)!;
    const found = find(host, text);
    const item = found && itemOf(found, entity, text);
    if (item && 'missing' in item) {
      const names = item.missing;
      missing.push(
        ...names.map((name) => ({ message: `${text}: ${typeNote(valid, text, name)}`, offset: def.offset })),
      );
    } else if (item) items.set(text, item);
    else if (!isEmpty(entity)) {
      const other = found ? ', which is something else in this host' : otherVersion(host, text);
      for (const what of wantedOf(entity)) {
        const message =
          what === undefined
            ? `${text}: ${typeNote(valid, text)}`
            : `${text}: ${typeNote(valid, text, what)}`;
        missing.push({ message: `${message}${other}`, offset: def.offset });
      }
    } else items.set(text, { kind: 'instance', exports: new Map(), inst: undefined });
  }
  if (missing.length > 0) unlinkable(`unknown import ${missing[0].message}`, missing);
  return items;
}

/** What the host has under a name, or under that of the newest compatible version. */
function find(host: HostImports, name: string): HostItem | undefined {
  const exact = host.get(name);
  if (exact) return exact;
  const wanted = compatible(name);
  if (wanted === undefined) return undefined;
  let best: string | undefined;
  for (const other of host.keys()) {
    if (compatible(other) === wanted && (best === undefined || isNewer(other, best))) best = other;
  }
  return best === undefined ? undefined : host.get(best);
}

/** What the names of compatible interfaces have in common; undefined for names that are no interfaces with versions. */
function compatible(name: string): string | undefined {
  const parsed = parseExternName(name);
  if (!parsed.ok || parsed.value.kind !== 'interface' || parsed.value.version === undefined) return undefined;
  const version = parseVersion(parsed.value.version);
  // A version before a release is compatible with nothing else.
  if (version.ok && version.value.pre.length > 0) return undefined;
  return `${unversioned(name)}@${canonVersion(parsed.value.version)}`;
}

function unversioned(name: string): string {
  return name.replace(/@.*$/s, '');
}

function isNewer(a: string, b: string): boolean {
  const [x, y] = [a, b].map((name) => parseVersion(name.slice(name.indexOf('@') + 1)));
  if (!x.ok || !y.ok) return x.ok;
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (x.value[part] !== y.value[part]) return x.value[part] > y.value[part];
  }
  return false;
}

function otherVersion(host: HostImports, name: string): string {
  const others = [...host.keys()].filter(
    (other) => other !== name && unversioned(other) === unversioned(name),
  );
  return others.length === 0 ? '' : ` (the host has ${others.join(', ')})`;
}

/** An import's item; or the names of what the host's instance does not have; undefined if it is of another kind. */
function itemOf(
  found: HostItem,
  entity: Entity,
  name: string,
): Item | { readonly missing: readonly string[] } | undefined {
  if (found.kind === 'func' && entity.kind === 'func')
    return { kind: 'func', type: entity.type, name, target: found };
  if (found.kind === 'resource' && entity.kind === 'type' && entity.type.kind === 'resource') {
    return { kind: 'type', resource: found };
  }
  if (found.kind === 'instance' && entity.kind === 'instance') return instanceOf(found, entity.type, name);
  return undefined;
}

function instanceOf(
  found: HostInstance,
  type: InstanceType,
  name: string,
): InstanceItem | { readonly missing: readonly string[] } {
  const exports = new Map<string, Item>();
  const missing: string[] = [];
  for (const [of, entity] of type.exports) {
    const given = found.exports.get(of);
    if (entity.kind === 'func' && given?.kind === 'func') {
      exports.set(of, hostFunc(given, entity, `${name}#${of}`));
    } else if (entity.kind === 'type' && entity.type.kind === 'resource' && given?.kind === 'resource') {
      exports.set(of, { kind: 'type', resource: given });
    } else if (entity.kind === 'type' && entity.type.kind !== 'resource') {
      exports.set(of, { kind: 'type', resource: undefined });
    } else missing.push(of);
  }
  return missing.length > 0 ? { missing } : { kind: 'instance', exports, inst: undefined };
}

function hostFunc(target: HostFunction, { type }: Extract<Entity, { kind: 'func' }>, name: string): Item {
  return { kind: 'func', type, name, target };
}

/** True for an instance that has only types which running knows nothing of. */
function isEmpty(entity: Entity): boolean {
  if (entity.kind !== 'instance') return entity.kind === 'type' && entity.type.kind !== 'resource';
  return [...entity.type.exports.values()].every(isEmpty);
}

/** The names of what has to be there of an import; undefined for the import itself. */
function wantedOf(entity: Entity): (string | undefined)[] {
  if (entity.kind !== 'instance') return [undefined];
  return [...entity.type.exports].flatMap(([name, part]) => (isEmpty(part) ? [] : [name]));
}

const documents = new WeakMap<ValidComponent, WitDocument>();

/** What WIT says of an import, or of something in it: `read: func(len: u64) -> …`. */
function typeNote(valid: ValidComponent, name: string, part?: string): string {
  let document = documents.get(valid);
  if (!document) documents.set(valid, (document = witOf(valid)));
  const members = part === undefined ? undefined : membersOf(document, name);
  const text = part === undefined ? worldText(document, name) : memberText(members ?? [], part);
  if (text ?? part) return (text ?? part)!;
  const entity = valid.type.imports.get(name)!;
  return entity.kind === 'value' ? `value ${typeText(entity.type)}` : entity.kind;
}

function worldText(document: WitDocument, name: string): string | undefined {
  for (const item of document.items) {
    if (item.kind !== 'world') continue;
    for (const member of item.members) {
      if (member.kind === 'import' && member.name?.name === name && member.what.kind === 'func') {
        return witFuncText(member.what.type);
      }
    }
  }
  return undefined;
}

function membersOf(document: WitDocument, name: string): readonly InterfaceMember[] | undefined {
  for (const item of document.items) {
    if (item.kind === 'package') {
      const [of, version] = packageKey(item.package).split('@');
      for (const inner of item.items) {
        if (inner.kind !== 'interface') continue;
        const full = `${of}/${inner.name.name}${version === undefined ? '' : `@${version}`}`;
        if (full === name) return inner.members;
      }
    } else if (item.kind === 'world') {
      for (const member of item.members) {
        if (member.kind === 'import' && member.name?.name === name && member.what.kind === 'interface') {
          return member.what.members;
        }
      }
    }
  }
  return undefined;
}

function memberText(members: readonly InterfaceMember[], part: string): string | undefined {
  for (const member of members) {
    if (member.kind === 'func' && member.name.name === part) return `${part}: ${witFuncText(member.type)}`;
    if (member.kind !== 'type' || member.def.kind !== 'resource') continue;
    if (member.name.name === part) return `resource ${part}`;
    for (const method of member.def.methods) {
      const of = member.name.name;
      const name =
        method.role === 'constructor' ? `[constructor]${of}` : `[${method.role}]${of}.${method.name.name}`;
      if (name === part) return `${part}: ${witFuncText(method.type)}`;
    }
  }
  return undefined;
}
