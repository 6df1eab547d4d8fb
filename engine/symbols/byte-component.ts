/**
 * What the bytes of a component mean: which definition an index leads to, and that definition in one line.
 *
 * Read off the byte structure alone, so it needs no component that decodes. A definition is an entry whose role is its index
 * space; indices count in the innermost scope, which is a component or a type that has declarations.
 */

import type { ByteNode, Role } from '../binary/structure/node.ts';
import { COMPONENT_SORTS, CORE_SORTS, PRIMS } from '../component/binary/codes.ts';
import { ENCODINGS, INDEX_OPTS } from '../component/binary/decode.ts';
import { canonByCode } from '../component/canons.ts';
import { typeName } from '../isa/types.ts';
import { quoted } from './byte-value.ts';

/** Leaves that begin what has indices of its own. */
const SCOPES: ReadonlySet<string> = new Set(['component type', 'instance type', 'module type']);

/** The scopes around the last node of a path, the innermost first; the path begins at a component. */
export function scopesOf(path: readonly ByteNode[]): readonly ByteNode[] {
  const within = path.slice(0, -1);
  const types = within.filter(
    (node) => node.kind === 'entry' && node.children.some(({ label }) => SCOPES.has(label)),
  );
  // The declaration itself stands in the scope around it.
  return [...types.reverse(), path[0]];
}

/** The space that a role of a component's leaf is an index of; core types use the roles of a module. */
export function componentSpace(path: readonly ByteNode[], role: Role | undefined): Role | undefined {
  switch (role) {
    case 'type':
      return path.some((node) => node.role === 'core type' && node.kind === 'entry') && !isComponentType(path)
        ? 'core type'
        : 'type';
    case 'func':
    case 'value':
    case 'component':
    case 'instance':
      return role;
    default:
      return role?.startsWith('core ') ? role : undefined;
  }
}

/** True if the innermost definition is one of the component's own types. */
function isComponentType(path: readonly ByteNode[]): boolean {
  return path.findLast(({ kind, role }) => kind === 'entry' && role !== undefined)?.role !== 'core type';
}

/** The entry that defines an index in a scope; undefined if there is none. */
export function definitionIn(scope: ByteNode, space: Role, idx: number): ByteNode | undefined {
  const all = definitionsIn(scope).get(space) ?? [];
  // A recursion group has several.
  return all.findLast(({ index }) => index! <= idx && (space === 'core type' || index === idx));
}

const KNOWN = new WeakMap<ByteNode, ReadonlyMap<Role, readonly ByteNode[]>>();

function definitionsIn(scope: ByteNode): ReadonlyMap<Role, readonly ByteNode[]> {
  let known = KNOWN.get(scope);
  if (known) return known;
  const found = new Map<Role, ByteNode[]>();
  const look = (node: ByteNode): void => {
    for (const child of node.children) {
      if (child.kind === 'section' || child.kind === 'part') look(child);
      else if (child.role !== undefined && child.index !== undefined && !child.isLeaf) {
        const list = found.get(child.role);
        if (list) list.push(child);
        else found.set(child.role, [child]);
      }
    }
  };
  look(scope);
  known = found;
  KNOWN.set(scope, known);
  return known;
}

/** What an index of a component leads to. */
export function componentMeaning(path: readonly ByteNode[], leaf: ByteNode): readonly string[] {
  const space = componentSpace(path, leaf.role);
  if (space === undefined) return [];
  const idx = Number(leaf.value);
  const [scope] = scopesOf(path);
  const entry = definitionIn(scope, space, idx);
  const name = scope === path[0] ? namesOf(scope).get(`${space} ${idx}`) : undefined;
  const item = `${space} ${idx}${name === undefined ? '' : ` $${name}`}`;
  return [`${item}: ${entry ? definitionText(entry) : 'there is none'}`];
}

const NAMES = new WeakMap<ByteNode, ReadonlyMap<string, string>>();

/** The names of a component's items by space and index, from its name section. */
function namesOf(file: ByteNode): ReadonlyMap<string, string> {
  const known = NAMES.get(file);
  if (known) return known;
  const names = new Map<string, string>();
  const look = (node: ByteNode): void => {
    for (const child of node.children) {
      if (child.kind === 'part' || child.label === 'item names') look(child);
      else if (child.label === 'item name') {
        const [index, name] = child.children;
        if (index?.role && name) names.set(`${index.role} ${index.value}`, String(name.value));
      }
    }
  };
  const section = file.children.find(({ value }) => value === 'component-name');
  if (section) look(section);
  NAMES.set(file, names);
  return names;
}

/** `core func 3`, with what it is called where it says so. */
export function componentTitle(entry: ByteNode): string {
  const { label, index } = entry;
  const name = entry.isLeaf ? undefined : externNameOf(entry);
  return `${label} ${index}${name === undefined ? '' : ` ${quoted(name)}`}`;
}

function externNameOf({ kind, children }: ByteNode): string | undefined {
  if (kind === 'file' || !children.some(({ label }) => label === 'kind of name')) return undefined;
  return String(children.find((child) => child.kind === 'name')?.value ?? '');
}

/** A definition in one line. */
export function definitionText(entry: ByteNode): string {
  if (entry.kind === 'file') return `a ${entry.label} of ${entry.end - entry.start} bytes`;
  const leaf = (label: string): ByteNode | undefined => entry.children.find((child) => child.label === label);
  const name = externNameOf(entry);
  if (name !== undefined) {
    const item = entry.children.find(
      ({ role, isLeaf, label }) => isLeaf && role === entry.role && label === `${role} index`,
    );
    const isExport =
      leaf('kind of declaration')?.value === 4 || (item !== undefined && !leaf('kind of bound'));
    return `${isExport ? 'export' : 'import'} ${quoted(name)}${item && isExport ? `, ${item.role} ${item.value}` : ''}`;
  }
  const alias = leaf('kind of alias');
  if (alias) {
    if (alias.value === 2) return 'an alias from a scope further out';
    const from = entry.children.find(({ role }) => role === 'instance' || role === 'core instance');
    return `export ${quoted(String(leaf('name')?.value ?? ''))} of ${from?.role} ${from?.value}`;
  }
  const canon = leaf('canonical definition');
  if (canon) return canonText(entry, Number(canon.value));
  const instance = leaf('kind of instance');
  if (instance) {
    const of = entry.children.find(({ role }) => role === 'core module' || role === 'component');
    const count = entry.children.find(({ role }) => role === 'count');
    return of ? `an instance of ${of.role} ${of.value}` : `an instance of ${count?.value} exports`;
  }
  return typeText(entry);
}

function canonText({ children }: ByteNode, code: number): string {
  const [index] = children.filter(({ role, isLeaf }) => isLeaf && (role === 'core func' || role === 'func'));
  const type = children.findLast(({ role, isLeaf }) => isLeaf && role === 'type');
  if (code === 0) return `${index?.role} ${index?.value}, lifted to type ${type?.value}`;
  if (code === 1) return `${index?.role} ${index?.value}, lowered`;
  return `${canonByCode(code) ?? 'a canonical function'}${type ? ` of type ${type.value}` : ''}`;
}

/** How many parts of a type are shown. */
const SHOWN = 8;

/** A type in short: what it is, and the types in it. */
function typeText({ children }: ByteNode): string {
  const own = children.filter(({ label }) => label !== 'kind of declaration');
  const [head] = own;
  if (!head) return 'a type';
  if (head.form === 'primtype') return primName(Number(head.value));
  const result = own.slice(1).find(({ label }) => label === 'result');
  const parts = own.slice(1).flatMap((child): string[] => {
    if (child === result) return [];
    if (child.form === 'primtype') return [primName(Number(child.value))];
    if (child.form === 'valtype') return [typeName(Number(child.value))];
    if (child.isLeaf) return child.role === 'type' ? [`type ${child.value}`] : [];
    if (child.kind === 'name') return [String(child.value)];
    if (child.kind !== 'entry' || child.role !== undefined) return [];
    const label = child.children.find(({ kind }) => kind === 'name');
    const type = child.children.findLast(({ form, role }) => form === 'primtype' || role === 'type');
    const text = type && partType(type);
    return [`${label?.value ?? ''}${text ? `: ${text}` : ''}`];
  });
  const count = own.find(({ role }) => role === 'count');
  if (SCOPES.has(head.label)) return `${head.label} of ${count?.value} declarations`;
  const shown = parts.slice(0, SHOWN).join(', ');
  const after = result ? ` → ${partType(result)}` : '';
  return `${head.label}${shown === '' ? '' : ` (${shown}${parts.length > SHOWN ? ', …' : ''})`}${after}`;
}

function partType({ form, value }: ByteNode): string {
  if (form === 'valtype') return typeName(Number(value));
  return form === 'primtype' ? primName(Number(value)) : `type ${value}`;
}

function primName(code: number): string {
  return PRIMS.get(code) ?? `0x${code.toString(16)}`;
}

/** What a byte of a component says by itself. */
export function componentFixed(path: readonly ByteNode[], leaf: ByteNode, n: number): string | undefined {
  const parent = path[path.length - 2];
  switch (leaf.label) {
    case 'sort':
      return n === 0 ? 'a core sort follows' : COMPONENT_SORTS.get(n);
    case 'core sort':
      return CORE_SORTS.get(n) && `core ${CORE_SORTS.get(n)}`;
    case 'kind of name':
      return ['a name', 'a name (an older form)', 'a name with attributes'][n];
    case 'kind of attribute':
      return ['implements', 'version suffix', 'external id'][n];
    case 'kind of alias':
      return ['of an export of an instance', 'of an export of a core instance', 'from a scope further out'][
        n
      ];
    case 'kind of instance':
      return ['instantiates', 'made of exports'][n];
    case 'kind of bound':
      return parent?.role === 'value'
        ? ['equal to a value', 'of a type'][n]
        : ['equal to a type', 'any resource type'][n];
    case 'kind of results':
      return ['a result', 'no result'][n];
    case 'kind of declaration':
      return path.some(({ kind, children }) => kind === 'entry' && children[0]?.label === 'module type')
        ? ['import', 'type', 'alias', 'export'][n]
        : ['core type', 'type', 'alias', 'import', 'export'][n];
    case 'kind of option':
      return ENCODINGS[n] ?? (n === 6 ? 'async' : INDEX_OPTS.get(n));
    case 'string encoding':
      return ENCODINGS[n];
    case 'canonical definition':
      return n === 0 ? 'lift' : n === 1 ? 'lower' : canonByCode(n);
    case 'async':
    case 'cancellable':
    case 'shared':
      return n === 1 ? 'yes' : 'no';
    default:
      if (/^has an? /.test(leaf.label)) return n === 1 ? 'yes' : 'no';
      return undefined;
  }
}
