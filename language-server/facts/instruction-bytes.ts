/**
 * The bytes of an instruction of a binary, field by field, for hovers in its disassembled documents.
 */

import type { ByteNode } from '../../engine/binary/structure/node.ts';
import { StructureTree } from '../../engine/binary/structure/tree.ts';
import type { Module } from '../../engine/module/module.ts';
import { valueText } from '../../engine/symbols/byte-value.ts';
import { code } from './markdown.ts';

const TREES = new WeakMap<Module, StructureTree>();

/** Fields of a `br_table` and its like are many. */
const SHOWN = 12;

/** `0x1f3: 28 opcode, 02 alignment, 08 offset`; undefined if no instruction begins at the offset. */
export function instructionBytes(module: Module, offset: number): string | undefined {
  let tree = TREES.get(module);
  if (!tree) TREES.set(module, (tree = new StructureTree(module.bytes)));
  const node = tree.nodeAt(offset).find(({ kind }) => kind === 'instruction');
  if (node?.start !== offset) return undefined;
  const leaves = leavesOf(node);
  const shown = leaves.slice(0, SHOWN).map((leaf) => field(module.bytes, leaf));
  const more = leaves.length > SHOWN ? ', …' : '';
  return `Bytes at ${code(`0x${offset.toString(16)}`)}: ${shown.join(', ')}${more}`;
}

function leavesOf(node: ByteNode): readonly ByteNode[] {
  return node.isLeaf ? [node] : node.children.flatMap(leavesOf);
}

function field(bytes: Uint8Array, leaf: ByteNode): string {
  const { form, label, start, end } = leaf;
  const shown = Array.from(bytes.subarray(start, end), (byte) => byte.toString(16).padStart(2, '0')).join(
    ' ',
  );
  const isCode = form === 'opcode' || form === 'subopcode';
  const value = isCode ? undefined : valueText(leaf, bytes);
  return `${code(shown)} ${label}${value === undefined ? '' : ` ${value}`}`;
}
