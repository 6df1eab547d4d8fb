/**
 * Listings of a binary as plain data: headers of its sections, the entries of each with their fields, and functions instruction
 * by instruction. What `objdump -h -x -d` prints, as text or as JSON.
 */

import type { ByteNode } from '../binary/structure/node.ts';
import type { Module } from '../module/module.ts';
import { nodesOf } from './byte-code.ts';
import { definitionText } from './byte-component.ts';
import type { ByteInspector } from './byte-info.ts';
import { constantText, definedSpace, meaningOf, titleOf, typeOfItem } from './byte-meaning.ts';
import { instructionLine, type Row } from './byte-rows.ts';
import { quoted, valueText } from './byte-value.ts';

export interface SectionHeader {
  readonly name: string;
  readonly id: number;
  /** Offsets of its id, of its content behind id and size, and behind it. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
  /** How many items it has, where it begins with that number. */
  readonly count?: number;
  readonly fault?: string;
}

/** The sections of the outermost file, in order. */
export function headersOf({ tree }: ByteInspector): SectionHeader[] {
  return tree.root.children
    .filter(({ kind }) => kind === 'section')
    .map((section) => {
      const { label: name, index: id, start, end, children } = section;
      const content = children.find(({ label }) => label === 'size')?.end ?? end;
      const count = children.find(({ role, start: at }) => role === 'count' && at === content);
      return {
        name,
        id: id!,
        start,
        content,
        end,
        ...(count && { count: Number(count.value) }),
        ...(section.fault && { fault: section.fault.message }),
      };
    });
}

/** A node with what is in it: a field has a value, a group has fields. */
export interface Detail {
  readonly title: string;
  readonly start: number;
  readonly end: number;
  /** As people read it. */
  readonly value?: string;
  /** Numbers and texts as they are; 64-bit ones and the bits of floats in decimal. */
  readonly raw?: number | string;
  readonly meaning?: string;
  readonly fault?: string;
  readonly fields?: readonly Detail[];
}

/** The entries of a section, with their fields. Functions are not opened. */
export function* entriesOf(inspector: ByteInspector, section: ByteNode): Generator<Detail> {
  const { root } = inspector.tree;
  const wasOpen = section.isOpen;
  for (const child of section.children) yield* entries(inspector, [root, section], child);
  if (!wasOpen) section.close();
}

function* entries(inspector: ByteInspector, path: readonly ByteNode[], node: ByteNode): Generator<Detail> {
  if (node.kind === 'part') {
    const wasOpen = node.isOpen;
    for (const child of node.children) yield* entries(inspector, path, child);
    if (!wasOpen) node.close();
    return;
  }
  const isHead = node.isLeaf && /^(section id|size|section name|count)$/.test(node.label);
  if (!isHead && !(node.kind === 'name' && node.label === 'section name'))
    yield detailOf(inspector, path, node);
}

/** A node, whose path from the file is `above`, with what is in it; `all`: also functions and names. */
export function detailOf(
  inspector: ByteInspector,
  above: readonly ByteNode[],
  node: ByteNode,
  depth: 'all' | 'items' = 'items',
): Detail {
  const { bytes } = inspector;
  const path = [...above, node];
  const own = path.slice(path.findLastIndex(({ kind }) => kind === 'file'));
  const module = inspector.moduleOf(own[0]);
  const { start, end, value } = node;
  const isItem = node.kind === 'func' || node.kind === 'name';
  const isClosed = node.isLeaf || (isItem && depth === 'items');
  const partial = inspector.isPartial(own[0]);
  const meaning = node.isLeaf
    ? meaningOf({ path: own, bytes, module, partial, offset: start })
    : [...itemMeaning(own, module)];
  const text = valueText(node, bytes);
  return {
    title: titleOf(node, module),
    start,
    end,
    ...(text !== undefined && { value: text }),
    ...(value !== undefined && { raw: typeof value === 'bigint' ? String(value) : value }),
    ...(meaning.length > 0 && { meaning: meaning[0] }),
    ...(node.fault && { fault: node.fault.message }),
    ...(!isClosed && { fields: fieldsOf(inspector, path, node, depth) }),
  };
}

/** What an entry defines or exports, in a line. */
function* itemMeaning(path: readonly ByteNode[], module: Module | undefined): Generator<string> {
  const [file] = path;
  const { kind, label, index, role } = path[path.length - 1];
  if (index === undefined || (kind !== 'entry' && kind !== 'type' && kind !== 'func')) return;
  if (file.value === 'component') {
    if (role !== undefined) yield definitionText(path[path.length - 1]);
    return;
  }
  if (!module) return;
  const space = definedSpace(label);
  if (space) {
    const type = typeOfItem(module, space, index);
    const init = space === 'global' ? module.globals[index]?.init : undefined;
    if (type !== undefined) yield init ? `${type} = ${constantText(module, init)}` : type;
  } else if (label === 'import' && module.imports[index]) {
    const { kind: what, idx, module: from, name } = module.imports[index];
    yield `${quoted(from)} ${quoted(name)} → ${what} ${idx} : ${typeOfItem(module, what, idx)}`;
  } else if (label === 'export' && module.exports[index]) {
    const { kind: what, idx, name } = module.exports[index];
    yield `${quoted(name)} → ${what} ${idx} : ${typeOfItem(module, what, idx)}`;
  }
}

function fieldsOf(
  inspector: ByteInspector,
  path: readonly ByteNode[],
  node: ByteNode,
  depth: 'all' | 'items',
): Detail[] {
  return node.children.flatMap((child) =>
    child.kind === 'part'
      ? fieldsOf(inspector, path, child, depth)
      : [detailOf(inspector, path, child, depth)],
  );
}

/** A line of a disassembly: an instruction, a local declaration, or bytes that are malformed. */
export interface CodeLine {
  readonly start: number;
  readonly end: number;
  /** How many blocks it is in. */
  readonly depth: number;
  /** The keyword; `local` for a declaration. */
  readonly name: string;
  /** Its fields behind the opcode, as they are: 64-bit numbers and the bits of floats in decimal. */
  readonly immediates: readonly { readonly label: string; readonly value: number | string }[];
  /** The line as people read it, with what indices mean. */
  readonly text: string;
  readonly fault?: string;
}

const OPENS: ReadonlySet<string> = new Set(['block', 'loop', 'if', 'try', 'try_table']);
const SPLITS: ReadonlySet<string> = new Set(['else', 'catch', 'catch_all']);
const CLOSES: ReadonlySet<string> = new Set(['end', 'delegate']);

/** A function of `file`, line by line. */
export function* linesOf(inspector: ByteInspector, file: ByteNode, func: ByteNode): Generator<CodeLine> {
  const module = inspector.moduleOf(file);
  const wasOpen = func.isOpen;
  let depth = 0;
  for (const node of nodesOf(func, ({ kind, isLeaf }) => !isLeaf || kind === 'malformed', isLine)) {
    const { kind, label, start, end } = node;
    if (kind === 'malformed') {
      const text = `! ${node.fault?.message}`;
      yield { start, end, depth, name: 'malformed', immediates: [], text, fault: node.fault?.message };
    } else if (kind === 'entry') {
      const [count, type] = node.children;
      const name = 'local';
      const text = `local ${count?.value} × ${type ? valueText(type, inspector.bytes) : '?'}`;
      yield { start, end, depth: 0, name, immediates: immediatesOf([node]), text };
    } else if (kind === 'instruction') {
      if (CLOSES.has(label)) depth = Math.max(0, depth - 1);
      const own = SPLITS.has(label) ? Math.max(0, depth - 1) : depth;
      const rows = rowsOf(inspector, [file, func, node], module);
      const fields = rows.slice(1).map((row) => row.node);
      yield {
        start,
        end,
        depth: own,
        name: label,
        immediates: immediatesOf(fields),
        text: instructionLine(rows),
      };
      if (OPENS.has(label)) depth++;
    }
  }
  if (!wasOpen) func.close();
}

function isLine({ kind, label }: ByteNode): boolean {
  return kind === 'instruction' || (kind === 'entry' && label === 'local declaration');
}

function immediatesOf(nodes: readonly ByteNode[]): CodeLine['immediates'] {
  return nodes.flatMap((node): { label: string; value: number | string }[] => {
    if (!node.isLeaf) {
      // A type of two parts has a value of its own, too.
      return immediatesOf(node.children) as { label: string; value: number | string }[];
    }
    const { form, label, value } = node;
    if (form === 'opcode' || form === 'subopcode' || value === undefined) return [];
    return [{ label, value: typeof value === 'bigint' ? String(value) : value }];
  });
}

/** An instruction and what is in it. */
function rowsOf(inspector: ByteInspector, path: readonly ByteNode[], module: Module | undefined): Row[] {
  const { bytes } = inspector;
  const partial = inspector.isPartial(path[0]);
  const rows: Row[] = [];
  const add = (above: readonly ByteNode[], node: ByteNode): void => {
    const own = [...above, node];
    const title = titleOf(node, module);
    const value = valueText(node, bytes);
    const meaning = node.isLeaf ? meaningOf({ path: own, bytes, module, partial, offset: node.start }) : [];
    rows.push({ node, depth: own.length, title, value, meaning });
    for (const child of node.children) add(own, child);
  };
  add(path.slice(0, -1), path[path.length - 1]);
  return rows;
}
