/**
 * The byte-structure tree of real modules from npm: leaves tile the file, nothing is malformed, and what is not taken apart
 * is data, or says so.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { ByteNode } from '../../engine/binary/structure/node.ts';
import { StructureTree } from '../../engine/binary/structure/tree.ts';
import { installed, type PackageName } from '../packages.ts';

const ALL = Boolean(process.env.WASMSCOPE_TEST_ALL);

const MODULES: readonly (readonly [name: PackageName, file: string, size: 'small' | 'large'])[] = [
  ['source-map', 'lib/mappings.wasm', 'small'],
  ['web-tree-sitter', 'web-tree-sitter.wasm', 'small'],
  ['web-tree-sitter', 'debug/web-tree-sitter.wasm', 'small'],
  ['vscode-oniguruma', 'release/onig.wasm', 'small'],
  ['sql.js', 'dist/sql-wasm.wasm', 'small'],
  ['@wasm-fmt/gofmt', 'gofmt.wasm', 'small'],
  ['@wasm-fmt/zig_fmt', 'zig_fmt.wasm', 'small'],
  ['@wasm-fmt/dart_fmt', 'dart_fmt.wasm', 'small'],
  ['esbuild-wasm', 'esbuild.wasm', 'large'],
  ['@yowasp/yosys', 'gen/yosys.core.wasm', 'large'],
];

/** Leaves of bytes that belong to something which is bytes. */
const DATA = /^(data|content|value|build id|DW_AT_const_value)$/;

for (const [name, file, size] of MODULES) {
  const found = size === 'large' && !ALL ? { why: 'large: npm run test:all' } : installed(name);
  test(`${name}/${file}`, { skip: 'why' in found ? found.why : false }, (t) => {
    if ('why' in found) return;
    const bytes = new Uint8Array(readFileSync(path.join(found.folder, file)));
    const tree = new StructureTree(bytes);
    let at = 0;
    let leaves = 0;
    const check = (node: ByteNode): void => {
      if (node.isLeaf) {
        if (node.start !== at) assert.fail(`${node.label} begins at ${node.start}, not ${at}`);
        if (node.kind === 'malformed') assert.fail(`${node.fault!.message} at ${node.start}`);
        if (node.kind === 'bytes') assert.match(node.label, DATA);
        at = node.end;
        leaves++;
        return;
      }
      for (const child of node.children) check(child);
      node.close();
    };
    check(tree.root);
    assert.equal(at, bytes.length);
    t.diagnostic(`${leaves} leaves`);
  });
}
