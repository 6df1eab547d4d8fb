/**
 * The byte structure of real modules from npm and of the examples: leaves tile the file, nothing is malformed, values and
 * widths give the bytes back, and what is raw is data.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { encodeLeaf } from '../../engine/binary/structure/encode.ts';
import type { ByteNode } from '../../engine/binary/structure/node.ts';
import { StructureTree } from '../../engine/binary/structure/tree.ts';
import { componentGrammar } from '../../engine/component/structure/sections.ts';
import { installed, type PackageName } from '../packages.ts';

const ALL = Boolean(process.env.WASMSCOPE_TEST_ALL);

const MODULES: readonly (readonly [name: PackageName, file: string, size: 'small' | 'large'])[] = [
  ['source-map', 'lib/mappings.wasm', 'small'],
  ['web-tree-sitter', 'web-tree-sitter.wasm', 'small'],
  ['web-tree-sitter', 'debug/web-tree-sitter.wasm', 'small'],
  ['vscode-oniguruma', 'release/onig.wasm', 'small'],
  ['sql.js', 'dist/sql-wasm.wasm', 'small'],
  ['@jitl/quickjs-wasmfile-release-sync', 'dist/emscripten-module.wasm', 'small'],
  ['@wasm-fmt/gofmt', 'gofmt.wasm', 'small'],
  ['@wasm-fmt/zig_fmt', 'zig_fmt.wasm', 'small'],
  ['@wasm-fmt/dart_fmt', 'dart_fmt.wasm', 'small'],
  ['@wasm-fmt/dart_fmt', 'dart_fmt.unopt.wasm', 'large'],
  ['@bytecodealliance/jco-transpile', 'vendor/js-component-bindgen-component.core.wasm', 'large'],
  ['@astral-sh/ruff-wasm-nodejs', 'ruff_wasm_bg.wasm', 'large'],
  ['pyodide', 'pyodide.asm.wasm', 'large'],
  ['esbuild-wasm', 'esbuild.wasm', 'large'],
  ['@yowasp/yosys', 'gen/yosys.core.wasm', 'large'],
  ['z3-solver', 'build/z3-built.wasm', 'large'],
  ['@duckdb/duckdb-wasm', 'dist/duckdb-eh.wasm', 'large'],
];

/** Compiled here, from C with debugging information, C++, Rust and AssemblyScript. */
const EXAMPLES: readonly string[] = [
  'examples/c-hello/hello.wasm',
  'examples/cpp-shapes/shapes.wasm',
  'examples/rust-words/words.wasm',
  'examples/as-primes/primes.wasm',
  'examples/reactor/counter.wasm',
];

/** Raw leaves: bytes of memory, of a hint, of an id, of a constant in debugging information, of what nobody describes. */
const DATA = /^(data|content|value|build id|DW_AT_const_value)$/;

/** Custom sections that no convention describes: their content is raw. */
const UNDESCRIBED: ReadonlySet<string> = new Set(['go:buildid']);

for (const [name, file, size] of MODULES) {
  const found = size === 'large' && !ALL ? { why: 'large: npm run test:all' } : installed(name);
  test(`${name}/${file}`, { skip: 'why' in found ? found.why : false }, (t) => {
    if ('why' in found) return;
    t.diagnostic(`${check(path.join(found.folder, file))} leaves`);
  });
}

for (const file of EXAMPLES) test(file, (t) => t.diagnostic(`${check(file)} leaves`));

/** The number of leaves. */
function check(file: string): number {
  const bytes = new Uint8Array(readFileSync(file));
  const tree = new StructureTree(bytes, componentGrammar);
  let at = 0;
  let leaves = 0;
  let section = '';
  const look = (node: ByteNode): void => {
    if (node.kind === 'section') section = String(node.value ?? node.label);
    if (!node.isLeaf) {
      for (const child of node.children) look(child);
      node.close();
      return;
    }
    if (node.start !== at) assert.fail(`${node.label} begins at ${node.start}, not ${at}`);
    if (node.kind === 'malformed') assert.fail(`${node.fault!.message} at ${node.start}`);
    const again = encodeLeaf(node);
    if (again) same(bytes, node, again);
    else {
      assert.match(node.label, DATA);
      assert.ok(node.label !== 'content' || UNDESCRIBED.has(section), `${section} is taken apart`);
    }
    at = node.end;
    leaves++;
  };
  look(tree.root);
  assert.equal(at, bytes.length);
  return leaves;
}

function same(bytes: Uint8Array, { label, start, end }: ByteNode, again: Uint8Array): void {
  let isSame = again.length === end - start;
  for (let i = 0; isSame && i < again.length; i++) isSame = again[i] === bytes[start + i];
  if (!isSame) assert.fail(`${label} at ${start} is written again as ${Buffer.from(again).toString('hex')}`);
}
