/**
 * What the bytes of an index name, and where it is defined: an item of an index space, a local, a label, a field, a section.
 *
 * A target is asked of a byte: of the index itself, of the instruction that has one, or of the definition. References to it
 * are byte-references.ts's.
 */

import { InstrReader } from '../binary/instr.ts';
import { EXTERN_KINDS, SECTION } from '../binary/sections.ts';
import type { ByteNode, Role } from '../binary/structure/node.ts';
import { faultOf } from '../binary/structure/walker.ts';
import { instrByCode } from '../isa/isa.ts';
import { typeIdxOf } from '../isa/types.ts';
import { funcTypeAt, type Module } from '../module/module.ts';
import type { NameSpace } from '../module/names.ts';
import { firstInstruction, nodesOf } from './byte-code.ts';
import { componentSpace, definitionIn, scopesOf } from './byte-component.ts';
import { debugTarget, funcAtAddress } from './byte-dwarf.ts';
import type { ByteInspector } from './byte-info.ts';
import { symbolAt } from './byte-linking.ts';
import { definedSpace, isItem, itemSpace, titleOf } from './byte-meaning.ts';

export type Target = {
  /** The module that it is in. */
  readonly file: ByteNode;
} & (
  | { readonly kind: 'item'; readonly space: NameSpace; readonly idx: number }
  | { readonly kind: 'local'; readonly func: ByteNode; readonly idx: number }
  /** `offset`: the instruction that the label is of; the function's first byte for its own label. */
  | { readonly kind: 'label'; readonly func: ByteNode; readonly offset: number }
  | { readonly kind: 'field'; readonly typeIdx: number; readonly idx: number }
  /** A definition of a component, in the component or in a type of it. */
  | { readonly kind: 'definition'; readonly scope: ByteNode; readonly space: Role; readonly idx: number }
  /** An item of the debugging information. */
  | { readonly kind: 'debug'; readonly node: ByteNode }
  /** A symbol of the linker's table. */
  | { readonly kind: 'symbol'; readonly node: ByteNode }
  /** A section by its number in the file. */
  | { readonly kind: 'section'; readonly number: number }
);

/** A place that a target leads to. */
export interface Place {
  readonly kind: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/** What the byte at `offset` names or defines; undefined if it does neither. */
export function targetAt(inspector: ByteInspector, offset: number): Target | undefined {
  const whole = inspector.tree.nodeAt(offset);
  if (whole.length === 0) return undefined;
  const path = whole.slice(whole.findLastIndex(({ kind }) => kind === 'file'));
  const leaf = path[path.length - 1];
  const named = namedBy(inspector, path, leaf);
  if (named) return named;
  if (path[0].value === 'component') return definedInComponent(path);
  const instruction = path.find(({ kind }) => kind === 'instruction');
  if (instruction) return ofInstruction(inspector, path, instruction);
  return defined(inspector, path);
}

/** What a leaf with a number in it names. */
export function namedBy(
  inspector: ByteInspector,
  path: readonly ByteNode[],
  leaf: ByteNode,
): Target | undefined {
  const { role, value } = leaf;
  const [file] = path;
  if (leaf.label === 'section number') return { file, kind: 'section', number: Number(value) };
  if (role === undefined || leaf.kind === 'malformed') return undefined;
  if (role === 'unit' || role.startsWith('.debug_')) {
    const node = debugTarget(path, leaf);
    return node && { file, kind: 'debug', node };
  }
  if (role === 'symbol') {
    const node = symbolAt(file, Number(value));
    return node && { file, kind: 'symbol', node };
  }
  if (role === 'address') {
    const func = funcAtAddress(file, Number(value));
    return func && { file, kind: 'item', space: 'func', idx: func.index! };
  }
  if (file.value === 'component') {
    const space = componentSpace(path, role);
    return space && { file, kind: 'definition', scope: scopesOf(path)[0], space, idx: Number(value) };
  }
  const idx = leaf.form === 'heaptype' ? typeIdxOf(Number(value)) : Number(value);
  const func = path.find(({ kind }) => kind === 'func');
  if (role === 'local') return func && { file, kind: 'local', func, idx };
  if (role === 'field') return fieldOf(path, leaf, idx);
  if (role === 'label') {
    if (!func) return undefined;
    const offset = labelTarget(inspector.bytes, func, leaf.start, idx);
    return offset === undefined ? undefined : { file, kind: 'label', func, offset };
  }
  const space = itemSpace(role);
  return space && idx >= 0 ? { file, kind: 'item', space, idx } : undefined;
}

/** The definition around the byte. */
function definedInComponent(path: readonly ByteNode[]): Target | undefined {
  const at = path.findLastIndex(
    ({ kind, role, index }) => kind === 'entry' && role !== undefined && index !== undefined,
  );
  if (at < 0) return undefined;
  const { role, index } = path[at];
  const [scope] = scopesOf(path.slice(0, at + 1));
  return { file: path[0], kind: 'definition', scope, space: role!, idx: index! };
}

function fieldOf(path: readonly ByteNode[], leaf: ByteNode, idx: number): Target | undefined {
  const siblings = path[path.length - 2].children;
  const before = siblings[siblings.findIndex(({ start }) => start === leaf.start) - 1];
  return before && { file: path[0], kind: 'field', typeIdx: Number(before.value), idx };
}

/** Of an opcode: the first item that its instruction names, or the label that it opens. */
function ofInstruction(
  inspector: ByteInspector,
  path: readonly ByteNode[],
  instruction: ByteNode,
): Target | undefined {
  for (const child of instruction.children) {
    if (child.isLeaf && isItem(child)) return namedBy(inspector, [...path, child], child);
  }
  const func = path.find(({ kind }) => kind === 'func');
  if (!func || !OPENS.has(instruction.label)) return undefined;
  return { file: path[0], kind: 'label', func, offset: instruction.start };
}

const OPENS: ReadonlySet<string> = new Set(['block', 'loop', 'if', 'try', 'try_table']);

/** What the entry around the byte defines. */
function defined(inspector: ByteInspector, path: readonly ByteNode[]): Target | undefined {
  const [file] = path;
  const section = path.find(({ kind }) => kind === 'section');
  for (const node of path.toReversed()) {
    const { index: idx, label } = node;
    if (idx === undefined) continue;
    const space = definedSpace(label);
    if (space) return { file, kind: 'item', space, idx };
    if (label === 'import') {
      const found = inspector.moduleOf(file)?.imports[idx];
      return found && { file, kind: 'item', space: found.kind, idx: found.idx };
    }
    if (label === 'symbol') return { file, kind: 'symbol', node };
    if (label === 'local declaration') {
      const func = path.find(({ kind }) => kind === 'func')!;
      const first = firstLocalOf(inspector.moduleOf(file), func.index!, idx);
      return first === undefined ? undefined : { file, kind: 'local', func, idx: first };
    }
    if (label === 'field' && section?.index === SECTION.type) {
      const type = path.findLast(({ kind }) => kind === 'type');
      return type?.index === undefined ? undefined : { file, kind: 'field', typeIdx: type.index, idx };
    }
  }
  return undefined;
}

/** Where the target is defined, in words and bytes; none if it is not there. */
export function placesOf(inspector: ByteInspector, target: Target): Place[] {
  const { file } = target;
  const module = inspector.moduleOf(file);
  switch (target.kind) {
    case 'section': {
      const sections = file.children.filter(({ kind }) => kind === 'section');
      const section = sections[target.number];
      return section ? [placeOf(section, undefined)] : [];
    }
    case 'definition': {
      const entry = definitionIn(target.scope, target.space, target.idx);
      return entry ? [placeOf(entry, undefined)] : [];
    }
    case 'debug':
    case 'symbol':
      return [placeOf(target.node, module)];
    case 'label':
      return [labelPlace(target.func, target.offset, inspector.bytes, module)];
    case 'local':
      return localPlace(target.func, target.idx, file, module);
    case 'field': {
      const type = entryOf(file, 'type', target.typeIdx, module);
      const field = type?.children.find(({ label, index }) => label === 'field' && index === target.idx);
      return field ? [placeOf(field, module)] : [];
    }
    default: {
      const entry = entryOf(file, target.space, target.idx, module);
      return entry ? [placeOf(entry, module)] : [];
    }
  }
}

function placeOf(node: ByteNode, module: Module | undefined): Place {
  return { kind: node.kind, title: titleOf(node, module), start: node.start, end: node.end };
}

const SECTIONS: Readonly<Record<NameSpace, number>> = {
  type: SECTION.type,
  func: SECTION.code,
  table: SECTION.table,
  memory: SECTION.memory,
  global: SECTION.global,
  tag: SECTION.tag,
  elem: SECTION.element,
  data: SECTION.data,
};

/** The entry that defines an item: in its section, or in the imports. */
export function entryOf(
  file: ByteNode,
  space: NameSpace,
  idx: number,
  module: Module | undefined,
): ByteNode | undefined {
  const imports = module?.imports ?? [];
  const imported = imports.findIndex((item) => item.kind === space && item.idx === idx);
  if (imported >= 0) {
    return entryIn(sectionOf(file, SECTION.import), imported, imported, ({ label }) => label === 'import');
  }
  const before = (EXTERN_KINDS as readonly string[]).includes(space)
    ? imports.reduce((n, item) => n + (item.kind === space ? 1 : 0), 0)
    : 0;
  const ordinal = space === 'type' ? undefined : idx - before;
  return entryIn(
    sectionOf(file, SECTIONS[space]),
    idx,
    ordinal,
    ({ label }) => definedSpace(label) === space,
  );
}

function sectionOf(file: ByteNode, id: number): ByteNode | undefined {
  return file.children.find(({ kind, index }) => kind === 'section' && index === id);
}

/** `ordinal`: its place in the section, where that is known: parts of a long list say with which one they begin. */
function entryIn(
  within: ByteNode | undefined,
  idx: number,
  ordinal: number | undefined,
  isEntry: (node: ByteNode) => boolean,
): ByteNode | undefined {
  if (!within) return undefined;
  const parts = within.children.filter(({ kind }) => kind === 'part');
  if (ordinal !== undefined && parts.length > 0) {
    return entryIn(
      parts.findLast(({ index }) => index! <= ordinal),
      idx,
      ordinal,
      isEntry,
    );
  }
  for (const child of within.children) {
    if (isEntry(child) && child.index === idx) return child;
    if (child.kind !== 'part' && child.label !== 'recursion group') continue;
    const found = entryIn(child, idx, ordinal, isEntry);
    if (found) return found;
  }
  return undefined;
}

function firstLocalOf(module: Module | undefined, funcIdx: number, declaration: number): number | undefined {
  const func = module?.funcs[funcIdx];
  const params = func && funcTypeAt(module, func.typeIdx)?.params;
  if (!func?.body || !params) return undefined;
  let first = params.length;
  for (let i = 0; i < declaration; i++) first += func.body.locals[2 * i];
  return first;
}

/** A parameter stands in the function's type, another local in its declaration. */
function localPlace(func: ByteNode, idx: number, file: ByteNode, module: Module | undefined): Place[] {
  const funcIdx = func.index!;
  const item = module?.funcs[funcIdx];
  const params = item && funcTypeAt(module!, item.typeIdx)?.params;
  if (!module || !item || !params) return [];
  const name = module.names.local(funcIdx, idx);
  if (idx < params.length) {
    const type = entryOf(file, 'type', item.typeIdx, module);
    const nodes = type ? [...nodesOf(type, () => true)] : [];
    const param = nodes.filter(({ label }) => label === 'parameter')[idx];
    const title = `parameter ${name === undefined ? idx : `$${name}`}`;
    return param ? [{ kind: 'parameter', title, start: param.start, end: param.end }] : [];
  }
  let first = params.length;
  const locals = item.body?.locals ?? [];
  for (let i = 0; i < locals.length; i += 2) {
    if (idx < first + locals[i]) {
      const declarations = [
        ...nodesOf(func, ({ kind }) => kind === 'func' || kind === 'part' || kind === 'entry'),
      ];
      const entry = declarations.filter(({ label }) => label === 'local declaration')[i / 2];
      const title = `local ${name === undefined ? idx : `$${name}`}`;
      return entry ? [{ kind: 'local', title, start: entry.start, end: entry.end }] : [];
    }
    first += locals[i];
  }
  return [];
}

function labelPlace(func: ByteNode, offset: number, bytes: Uint8Array, module: Module | undefined): Place {
  if (offset === func.start) return placeOf(func, module);
  const reader = new InstrReader(bytes);
  reader.readAt(offset, func.end);
  const title = instrByCode(reader.code)?.name ?? 'block';
  return { kind: 'instruction', title, start: offset, end: reader.pos };
}

/** Of functions, what was found last: a `br_table` has thousands of labels. */
const LAST_OPEN = new WeakMap<
  ByteNode,
  { readonly start: number; readonly end: number; readonly open: readonly number[] }
>();

/**
 * Where the instruction is whose label is `depth` blocks out from the byte at `at`; the function's first byte for its own
 * label, undefined if there are not so many.
 */
function labelTarget(bytes: Uint8Array, func: ByteNode, at: number, depth: number): number | undefined {
  const open = openBlocks(bytes, func, at);
  return open.length > depth ? open[open.length - 1 - depth] : undefined;
}

/** The blocks that are open in front of the instruction that has the byte at `at`, outermost first: the function is one. */
function openBlocks(bytes: Uint8Array, func: ByteNode, at: number): readonly number[] {
  const known = LAST_OPEN.get(func);
  if (known && at >= known.start && at < known.end) return known.open;
  const open = [func.start];
  const reader = new InstrReader(bytes);
  reader.startBody(firstInstruction(bytes, func), func.end);
  faultOf(() => {
    while (reader.next()) {
      if (reader.pos > at) {
        LAST_OPEN.set(func, { start: reader.offset, end: reader.pos, open });
        return;
      }
      const depth = reader.depth;
      if (depth > open.length) open.push(reader.offset);
      else open.length = depth;
    }
  });
  return open;
}
