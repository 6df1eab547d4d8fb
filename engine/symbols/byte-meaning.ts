/**
 * What the value of a field means in its module: an index is an item with a name and a type, a segment goes to addresses,
 * a flag says something. In one line each, without markup.
 */

import { instrReader } from '../binary/instr.ts';
import { EXTERN_KINDS, SECTION, sectionName } from '../binary/sections.ts';
import type { ByteNode, Role } from '../binary/structure/node.ts';
import { Op } from '../isa/op.gen.ts';
import { heapName, type Limits, typeIdxOf, typeName, type ValType } from '../isa/types.ts';
import { type ByteRange, funcTypeAt, type Module } from '../module/module.ts';
import type { NameSpace } from '../module/names.ts';
import { componentFixed, componentMeaning, componentTitle } from './byte-component.ts';
import { dwarfMeaning } from './byte-dwarf.ts';
import { linkingMeaning } from './byte-linking.ts';
import { dataText, hex, quoted } from './byte-value.ts';
import { readableName } from './disassembly.ts';

/** What a node is in, from the file that it belongs to. Offsets of `module` count from that file's start. */
export interface Surroundings {
  /** From that file down to the node. */
  readonly path: readonly ByteNode[];
  readonly bytes: Uint8Array;
  /** What could be decoded of the file. */
  readonly module: Module | undefined;
  /** Not all of it could be decoded: what is not in `module` may be there. */
  readonly partial: boolean;
  /** The byte asked about. */
  readonly offset: number;
}

const NOTHING: readonly string[] = [];

/** What the leaf at the end of the path means; empty if its name and its value say it all. */
export function meaningOf(about: Surroundings): readonly string[] {
  const { path, module, offset } = about;
  const leaf = path[path.length - 1];
  if (leaf.kind === 'malformed') return NOTHING;
  const { role, value } = leaf;
  const n = Number(value);
  const section = path.find(({ kind }) => kind === 'section');
  if (String(section?.value).startsWith('.debug_')) {
    const said = dwarfMeaning(path, leaf, about.bytes);
    if (said.length > 0) return said;
  }
  if (/^(linking$|dylink|reloc\.)/.test(String(section?.value))) {
    const said = linkingMeaning(path, leaf);
    if (said !== undefined) return [said];
  }
  const fixed = fixedMeaning(about, leaf, n);
  if (fixed) return [fixed];
  if (leaf.kind === 'bytes') return dataMeaning(about, leaf, offset);
  if (path[0].value === 'component') return componentMeaning(path, leaf);
  if (!module || role === undefined) return NOTHING;
  switch (role) {
    case 'local':
      return localMeaning(about, n);
    case 'field':
      return fieldMeaning(about, leaf, n);
    case 'label':
    case 'size':
    case 'count':
    case 'sectionId':
    case 'externKind':
    case 'alignment':
    case 'flags':
      return NOTHING;
    default: {
      const space = itemSpace(role);
      if (!space) return NOTHING;
      const idx = leaf.form === 'heaptype' ? typeIdxOf(n) : n;
      return about.partial && typeOfItem(module, space, idx) === undefined
        ? NOTHING
        : [itemText(module, space, idx)];
    }
  }
}

/** What the indices of an instruction are: what is to be said at its opcode. */
export function meaningOfInstruction(about: Surroundings, instruction: ByteNode): readonly string[] {
  const up = about.path.slice(0, about.path.indexOf(instruction) + 1);
  const found: string[] = [];
  const look = (path: readonly ByteNode[]): void => {
    for (const node of path[path.length - 1].children) {
      if (found.length > SHOWN_ITEMS) return;
      if (isItem(node)) found.push(...meaningOf({ ...about, path: [...path, node] }));
      else if (!node.isLeaf) look([...path, node]);
    }
  };
  look(up);
  return found;
}

const SHOWN_ITEMS = 8;

const ITEMS: ReadonlySet<Role> = new Set<Role>([
  'func',
  'local',
  'global',
  'table',
  'tag',
  'type',
  'elem',
  'data',
  'field',
]);

/** The index space that numbers with this role are indices of; undefined for other roles. */
export function itemSpace(role: Role): NameSpace | undefined {
  return (Object.values(SPACES) as (Role | undefined)[]).includes(role) ? (role as NameSpace) : undefined;
}

/** True for an index of something that is worth a remark beside the number. */
export function isItem({ role }: ByteNode): boolean {
  return role !== undefined && ITEMS.has(role);
}

/** The title of a node in a path: `func 12 $add`, `export 3`. */
export function titleOf(node: ByteNode, module: Module | undefined): string {
  const { index, label, kind, role } = node;
  if (role !== undefined && index !== undefined) return componentTitle(node);
  if (index === undefined || kind === 'section' || kind === 'part' || /subsection| names$/.test(label))
    return label;
  const space = SPACES[label];
  const name = space && module && nameText(module, space, index);
  return `${label} ${index}${name ? ` ${name}` : ''}`;
}

/** Index spaces by what their entries are called. */
const SPACES: Readonly<Record<string, NameSpace | undefined>> = {
  type: 'type',
  func: 'func',
  function: 'func',
  table: 'table',
  memory: 'memory',
  global: 'global',
  tag: 'tag',
  'element segment': 'elem',
  'data segment': 'data',
};

/** The index space whose items entries with this label define. */
export function definedSpace(label: string): NameSpace | undefined {
  return SPACES[label];
}

/** An item of an index space: name, type, where it comes from. */
export function itemText(module: Module, space: NameSpace, idx: number): string {
  const type = typeOfItem(module, space, idx);
  if (type === undefined) return `${wordOf(space)} ${idx}: there is none`;
  return [`${itemName(module, space, idx)}${type && ` : ${type}`}`, ...connections(module, space, idx)].join(
    ', ',
  );
}

/** `$name`, or `table 0` where it has none. */
export function itemName(module: Module, space: NameSpace, idx: number): string {
  return nameText(module, space, idx) ?? `${wordOf(space)} ${idx}`;
}

/** What stands behind the name of an item that is there: its type, where it comes from, what it is exported as. */
export function itemFacts(module: Module, space: NameSpace, idx: number): string {
  const type = typeOfItem(module, space, idx);
  return [...(type ? [type] : []), ...connections(module, space, idx)].join(', ');
}

function connections(module: Module, space: NameSpace, idx: number): string[] {
  const from = importOf(module, space, idx);
  const exported = module.exports.find((e) => e.kind === space && e.idx === idx);
  return [
    ...(from ? [`import ${quoted(from.module)} ${quoted(from.name)}`] : []),
    ...(exported ? [`export ${quoted(exported.name)}`] : []),
  ];
}

function wordOf(space: NameSpace): string {
  return space === 'elem' ? 'element segment' : space === 'data' ? 'data segment' : space;
}

function nameText(module: Module, space: NameSpace, idx: number): string | undefined {
  const name = module.names.of(space, idx);
  return name === undefined ? undefined : dollar(space === 'func' ? readableName(name) : name);
}

/** `$name`; with quotes where a name has other characters than those of an id. */
function dollar(name: string): string {
  return /^[!-~]+$/.test(name) ? `$${name}` : `$${quoted(name)}`;
}

/** The type as a line; undefined if there is no such item. */
export function typeOfItem(module: Module, space: NameSpace, idx: number): string | undefined {
  switch (space) {
    case 'func':
    case 'tag': {
      const item = space === 'func' ? module.funcs[idx] : module.tags[idx]?.type;
      return item && signature(module, item.typeIdx);
    }
    case 'type':
      return module.types[idx] && definedType(module, idx);
    case 'table': {
      const type = module.tables[idx]?.type;
      return type && `${type.is64 ? 'i64 ' : ''}${limits(type.limits)} ${valType(module, type.element)}`;
    }
    case 'memory': {
      const type = module.memories[idx]?.type;
      const unit = type?.pageSizeLog2 === 16 ? 'pages' : `pages of ${2 ** (type?.pageSizeLog2 ?? 0)} bytes`;
      return (
        type && `${type.is64 ? 'i64 ' : ''}${limits(type.limits)} ${unit}${type.shared ? ' shared' : ''}`
      );
    }
    case 'global': {
      const type = module.globals[idx]?.type;
      return type && (type.mutable ? `(mut ${valType(module, type.type)})` : valType(module, type.type));
    }
    case 'elem':
      return elemText(module, idx);
    default:
      return dataSegmentText(module, idx);
  }
}

function signature(module: Module, typeIdx: number): string {
  const type = funcTypeAt(module, typeIdx);
  if (!type) return `type ${typeIdx}`;
  return `(${list(module, type.params)}) → (${list(module, type.results)})`;
}

function definedType(module: Module, idx: number): string {
  const { composite } = module.types[idx];
  if (composite.kind === 'func') return signature(module, idx);
  const fields = composite.kind === 'struct' ? composite.fields : [composite.field];
  const shown = fields.slice(0, 16).map(({ storage, mutable }) => {
    const text = valType(module, storage);
    return mutable ? `(mut ${text})` : text;
  });
  return `${composite.kind} ${shown.join(' ')}${fields.length > 16 ? ' …' : ''}`.trimEnd();
}

function list(module: Module, types: readonly ValType[]): string {
  return types.map((type) => valType(module, type)).join(', ');
}

function valType(module: Module, type: ValType): string {
  return typeName(type, (idx) => {
    const name = module.names.given('type', idx);
    return name === undefined ? String(idx) : dollar(name);
  });
}

function limits({ min, max }: Limits): string {
  return max === undefined ? `${min}` : `${min} … ${max}`;
}

function importOf(module: Module, space: NameSpace, idx: number) {
  switch (space) {
    case 'func':
      return module.funcs[idx]?.import;
    case 'table':
      return module.tables[idx]?.import;
    case 'memory':
      return module.memories[idx]?.import;
    case 'global':
      return module.globals[idx]?.import;
    case 'tag':
      return module.tags[idx]?.import;
    default:
      return undefined;
  }
}

function elemText(module: Module, idx: number): string | undefined {
  const segment = module.elems[idx];
  if (!segment) return undefined;
  const { items, mode, tableIdx, at, type } = segment;
  const n = 'funcs' in items ? items.funcs.length : items.exprs.length;
  const what = `${n} ${n === 1 ? 'element' : 'elements'} of ${valType(module, type)}`;
  return mode === 'active'
    ? `${what}, to table ${tableIdx} at ${constant(module, at!).text}`
    : `${what}, ${mode}`;
}

function dataSegmentText(module: Module, idx: number): string | undefined {
  const segment = module.datas[idx];
  if (!segment) return undefined;
  const { mode, memIdx, at, bytes } = segment;
  const text = dataText(module.bytes, bytes.start, bytes.end);
  if (mode === 'passive') return `passive, ${bytes.end - bytes.start} bytes ${text}`;
  const { text: place, value } = constant(module, at!);
  const size = bytes.end - bytes.start;
  const range =
    value === undefined
      ? `from ${place}`
      : `${address(value)} … ${address(value + BigInt(Math.max(0, size - 1)))}`;
  return `memory ${memIdx}, ${range}, ${text}`;
}

/** A constant expression in short. */
export function constantText(module: Module, range: ByteRange): string {
  return constant(module, range).text;
}

function address(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** A constant expression that is one instruction; others as their length. */
function constant(module: Module, { start, end }: ByteRange): { text: string; value?: bigint } {
  const reader = instrReader(module);
  reader.readAt(start, end);
  if (reader.pos === end - 1) {
    switch (reader.code) {
      case Op.i32_const:
        return { text: hex(reader.lo >>> 0, 1), value: BigInt(reader.lo >>> 0) };
      case Op.i64_const: {
        const value = (BigInt(reader.hi >>> 0) << 32n) | BigInt(reader.lo >>> 0);
        return { text: address(value), value };
      }
      case Op.global_get:
        return { text: `global ${nameText(module, 'global', reader.a) ?? reader.a}` };
    }
  }
  return { text: `an expression of ${end - start} bytes` };
}

/** What needs no module. */
function fixedMeaning({ path }: Surroundings, leaf: ByteNode, n: number): string | undefined {
  if (path[0].value === 'component' && leaf.role !== 'sectionId') {
    const said = componentFixed(path, leaf, n);
    if (said !== undefined) return said;
  }
  const section = path.findLast(({ kind }) => kind === 'section');
  const parent = path[path.length - 2];
  switch (leaf.role) {
    case 'sectionId':
      return path[0].value === 'module' ? sectionName(n) : section?.label;
    case 'externKind':
      return EXTERN_KINDS[n];
    case 'alignment':
      return `aligned to ${2 ** (n & 0x3f)} byte${(n & 0x3f) === 0 ? '' : 's'}${n & 0x40 ? ', a memory index follows' : ''}`;
    case 'flags':
      return flagsMeaning(section, parent, leaf, n);
    case 'size':
      return leaf.form === 'u32' ? `${n} byte${n === 1 ? '' : 's'} follow` : undefined;
    default:
  }
  switch (leaf.label) {
    case 'mutability':
      return n === 1 ? 'mutable' : 'immutable';
    case 'reference':
      return n === 0x63 ? 'nullable reference' : 'reference that is not null';
    case 'block type':
      return leaf.form === 'byte' ? 'no parameters, no results' : undefined;
    case 'kind of catch clause':
      return ['catch', 'catch_ref', 'catch_all', 'catch_all_ref'][n];
    case 'magic':
      return 'every WebAssembly binary begins so';
    case 'lane':
      return undefined;
    case 'prefix':
      return leaf.form === 'byte' ? PREFIXES[String.fromCharCode(n)] : undefined;
    case 'subsection id':
      return parent?.label;
    case 'opcode':
      return leaf.form === 'subopcode' ? parent?.label : undefined;
    case 'section number':
      return sectionByNumber(path[0], n);
    default:
      return leaf.form === 'heaptype' && !leaf.role ? heapName(n) : undefined;
  }
}

/** Prefixes of target features. */
const PREFIXES: Readonly<Record<string, string>> = {
  '+': 'used',
  '-': 'must not be used',
  '=': 'required',
};

function sectionByNumber(file: ByteNode, n: number): string | undefined {
  return file.children.filter(({ kind }) => kind === 'section')[n]?.label;
}

function flagsMeaning(
  section: ByteNode | undefined,
  parent: ByteNode | undefined,
  leaf: ByteNode,
  n: number,
): string | undefined {
  if (leaf.label === 'limits flags') {
    const words = [n & 1 ? 'with a maximum' : 'without a maximum'];
    if (n & 2) words.push('shared');
    if (n & 4) words.push('64-bit addresses');
    if (n & 8) words.push('with a page size');
    return words.join(', ');
  }
  if (leaf.label === 'nullability flags') {
    return `source ${n & 1 ? 'nullable' : 'not null'}, target ${n & 2 ? 'nullable' : 'not null'}`;
  }
  if (parent?.kind !== 'entry') return undefined;
  if (section?.index === SECTION.data) {
    return ['active, memory 0', 'passive', 'active, a memory index follows'][n];
  }
  if (section?.index !== SECTION.element) return undefined;
  const mode = (n & 1) === 0 ? 'active' : n & 2 ? 'declarative' : 'passive';
  return `${mode}, elements are ${n & 4 ? 'expressions' : 'function indices'}`;
}

function dataMeaning({ path, module }: Surroundings, leaf: ByteNode, offset: number): readonly string[] {
  const entry = path.findLast(({ kind }) => kind === 'entry');
  const idx = entry?.label === 'data segment' ? entry.index : undefined;
  const segment = idx === undefined ? undefined : module?.datas[idx];
  if (!module || !segment) return NOTHING;
  const lines = [`data segment ${nameText(module, 'data', idx!) ?? idx}: ${dataSegmentText(module, idx!)}`];
  const { value } = segment.at ? constant(module, segment.at) : { value: undefined };
  const within = offset - leaf.start;
  lines.push(
    value === undefined
      ? `byte ${within} of the segment`
      : `byte ${within} of the segment, at address ${address(value + BigInt(within))}`,
  );
  return lines;
}

function localMeaning({ path, module, partial }: Surroundings, n: number): readonly string[] {
  const funcIdx = path.find(({ kind }) => kind === 'func')?.index;
  const func = funcIdx === undefined ? undefined : module?.funcs[funcIdx];
  if (!module || funcIdx === undefined || !func) return NOTHING;
  const params = funcTypeAt(module, func.typeIdx)?.params;
  if (!params) return NOTHING;
  const type = n < params.length ? params[n] : localType(module, funcIdx, n);
  if (type === undefined) return partial ? NOTHING : [`local ${n}: there is none`];
  const name = module.names.local(funcIdx, n);
  const what = n < params.length ? 'parameter' : 'local';
  return [`${name === undefined ? `${what} ${n}` : `${what} ${dollar(name)}`} : ${valType(module, type)}`];
}

/** Runs of locals may be long, and are bounded only in valid modules. */
function localType(module: Module, funcIdx: number, n: number): ValType | undefined {
  const { body } = module.funcs[funcIdx];
  let first = funcTypeAt(module, module.funcs[funcIdx].typeIdx)!.params.length;
  const runs = body?.locals ?? [];
  for (let i = 0; i < runs.length; i += 2) {
    if (n < first + runs[i]) return runs[i + 1];
    first += runs[i];
  }
  return undefined;
}

function fieldMeaning({ path, module }: Surroundings, leaf: ByteNode, n: number): readonly string[] {
  const siblings = path[path.length - 2]?.children ?? [];
  const typeIdx = Number(siblings[siblings.indexOf(leaf) - 1]?.value);
  const composite = module?.types[typeIdx]?.composite;
  if (!module || composite?.kind !== 'struct') return NOTHING;
  const field = composite.fields[n];
  if (!field) return [`field ${n}: type ${typeIdx} has none`];
  const name = module.names.field(typeIdx, n);
  const type = valType(module, field.storage);
  return [`field ${name === undefined ? n : dollar(name)} : ${field.mutable ? `(mut ${type})` : type}`];
}
