/**
 * A range of a binary as rows: each node with its title, value and meaning, parents first. What listings are made of.
 */

import type { Fault } from '../base/errors.ts';
import { type ByteNode, faultOfLeaf } from '../binary/structure/node.ts';
import type { Module } from '../module/module.ts';
import type { ByteInspector } from './byte-info.ts';
import { isItem, meaningOf, titleOf } from './byte-meaning.ts';
import { valueText } from './byte-value.ts';

export interface Row {
  readonly node: ByteNode;
  /** How many nodes it is in; groups that mean nothing do not count. */
  readonly depth: number;
  readonly title: string;
  readonly value?: string;
  readonly meaning: readonly string[];
  /** Of a leaf, what is wrong there. */
  readonly fault?: Fault;
}

/** Calls with the rows of all nodes that have bytes in `[start, end)`; what is in one only if that says true. */
export function rowsIn(
  inspector: ByteInspector,
  start: number,
  end: number,
  row: (row: Row) => boolean,
): void {
  const { bytes, tree } = inspector;
  const path: ByteNode[] = [];
  const modules: (Module | undefined)[] = [];
  tree.visit(start, end, (node, depth) => {
    path.length = depth;
    modules.length = depth;
    path.push(node);
    const module = node.kind === 'file' ? inspector.moduleOf(node) : modules[depth - 1];
    modules.push(module);
    if (node.kind === 'part') return true;
    const own = path.slice(path.findLastIndex(({ kind }) => kind === 'file'));
    return row({
      node,
      depth: path.filter(({ kind }) => kind !== 'part').length - 1,
      title: titleOf(node, module),
      value: valueText(node, bytes),
      meaning: node.isLeaf
        ? meaningOf({ path: own, bytes, module, partial: inspector.isPartial(own[0]), offset: node.start })
        : [],
      ...(node.isLeaf && { fault: faultOfLeaf(path) }),
    });
  });
}

/** An instruction in one line, and what its indices are: `call 7 → $malloc : (i32) → (i32)`. */
export function instructionLine(rows: readonly Row[]): string {
  const [{ title }, ...fields] = rows;
  const shown = fields.filter(({ node }) => node.isLeaf);
  const text = [title, ...shown.flatMap(immediateText)].join(' ');
  const meant = shown.flatMap(({ meaning, node }) => (isItem(node) ? meaning : []));
  return meant.length > 0 ? `${text} → ${meant.join(' → ')}` : text;
}

/** A field as it stands in the line: the ones that only say how the bytes go on are left out. */
function immediateText({ node, value, meaning }: Row): string[] {
  const { label, form, role } = node;
  if (form === 'opcode' || form === 'subopcode' || role === 'count' || role === 'flags') return [];
  if (form === 'byte') {
    if (label === 'block type' || label === 'reference' || label === 'reserved') return [];
    return [label.startsWith('lane') ? String(node.value) : (meaning[0] ?? value ?? '')];
  }
  if (role === 'alignment') return [`align=${2 ** (Number(node.value) & 0x3f)}`];
  if (form === 'u64') return [`offset=${value}`];
  return [value ?? label];
}
