/**
 * The fields of an index of names, of call frames and of macros (DWARF 5, 6.1.1, 6.3, 6.4, and DWARF 4), against sections that are
 * written by hand and that llvm-dwarfdump reads alike. Cut anywhere, they are covered by leaves all the same.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ByteNode } from '../../engine/binary/structure/node.ts';
import { ByteInspector } from '../../engine/symbols/byte-info.ts';

const GOLDEN = 'test/golden/dwarf-sections.txt';

const text = (value: string) => [...Buffer.from(`${value}\0`)];
const u32 = (...values: number[]) =>
  values.flatMap((n) => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24]);
const unit = (...content: number[]) => [...u32(content.length), ...content];

function module(name: string, content: readonly number[]): Uint8Array {
  const named = [name.length, ...Buffer.from(name), ...content];
  const size = [(named.length & 0x7f) | 0x80, named.length >> 7];
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, ...size, ...named]);
}

const NAMES = unit(
  ...[5, 0, 0, 0],
  ...u32(1, 0, 0, 1, 2, 9, 8),
  ...Buffer.from('LLVM0700'),
  ...u32(0),
  ...u32(1),
  ...u32(0x7c9a7f6a, 0xb887389),
  ...u32(4, 9),
  ...u32(0, 6),
  // An abbreviation: DW_TAG_subprogram with the offset of the entry, and of its parent.
  ...[1, 0x2e, 3, 0x13, 4, 0x19, 0, 0, 0],
  ...[1, ...u32(0x2a), 0],
  ...[1, ...u32(0x40), 0],
);

const COMMON = unit(
  ...u32(0xffffffff),
  ...[4, ...text(''), 4, 0, 1, 0x7c, 1],
  ...[0x0c, 5, 0x10, 0x81, 1, 0],
);
const FRAMES = [
  ...COMMON,
  ...unit(
    ...u32(0, 0x20, 0x15),
    ...[0x41, 0x0e, 0x18, 0x02, 7, 0x0a, 0x0b, 0xc1],
    ...[0x10, 4, 2, 0x91, 0x7c, 0],
  ),
];

const MACROS = [
  ...[5, 0, 2, ...u32(0)],
  ...[3, 0, 1, 1, 5, ...text('ONE 1'), 5, 6, ...u32(0), 7, ...u32(0x20), 2, 7, ...text('ONE'), 4, 0],
];
/** With an opcode of its own, whose operands are a LEB128 and a text. */
const MACROS_OF_OTHERS = [5, 0, 4, 1, 0xe0, 2, 0x0f, 0x08, 0xe0, 5, ...text('x'), 0];
const OLD_MACROS = [3, 0, 1, 1, 2, ...text('TWO 2'), 4, 255, 9, ...text('of a vendor'), 0];

/** The nodes of the section, each with its value, by their depth. */
function outline(bytes: Uint8Array): string {
  const lines: string[] = [];
  const walk = (node: ByteNode, depth: number) => {
    const value = node.isLeaf && node.value !== undefined ? ` ${node.value}` : '';
    lines.push(`${'  '.repeat(depth)}${node.label}${value}`);
    assert.equal(node.fault, undefined, node.label);
    assert.notEqual(node.kind, 'bytes', node.label);
    for (const child of node.children) walk(child, depth + 1);
  };
  const { tree } = new ByteInspector(bytes);
  const section = tree.root.children.at(-1)!;
  for (const child of section.children) {
    if (child.kind === 'entry') walk(child, 0);
  }
  return lines.join('\n');
}

const SECTIONS: readonly (readonly [name: string, content: readonly number[]])[] = [
  ['.debug_names', NAMES],
  ['.debug_frame', FRAMES],
  ['.debug_macro', MACROS],
  ['.debug_macro', MACROS_OF_OTHERS],
  ['.debug_macinfo', OLD_MACROS],
];

test('the fields of indices of names, call frames and macros', () => {
  const actual = SECTIONS.map(([name, content]) => `--- ${name}\n${outline(module(name, content))}\n`).join(
    '\n',
  );
  if (process.env.BLESS) writeFileSync(GOLDEN, actual);
  assert.equal(actual, readFileSync(GOLDEN, 'utf8'), 'BLESS=1 writes it anew');
});

test('cut anywhere, leaves cover all of it', () => {
  for (const [name, content] of SECTIONS) {
    for (let n = 0; n < content.length; n++) {
      const bytes = module(name, content.slice(0, n));
      const { tree } = new ByteInspector(bytes);
      let at = 0;
      for (const { start, end } of tree.leavesIn(0, bytes.length)) {
        assert.equal(start, at, `${name} of ${n} bytes`);
        at = end;
      }
      assert.equal(at, bytes.length, `${name} of ${n} bytes`);
    }
  }
});
