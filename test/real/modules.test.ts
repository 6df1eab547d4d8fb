/**
 * Real modules from npm, made by seven toolchains: they decode and validate without a false fault, and their text
 * assembles to the same module.
 *
 * By default small modules are printed whole, in both forms, and large ones in a seeded sample of their functions; the
 * largest not at all. With `--all` every function of every module is printed and read again, in parts, because the text
 * of a large module would be longer than a string can be.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import type { Module } from '../../engine/module/module.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { type PrintOptions, printModule, printModuleInPieces } from '../../engine/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validateAll } from '../../engine/valid/validate.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { installed, type PackageName } from '../packages.ts';
import { type Part, reduced } from './reduce.ts';
import { difference } from './same.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const ALL = Boolean(process.env.WASMSCOPE_TEST_ALL);

/** How much of a module `npm test` prints; `huge` ones are also large to download. */
type Size = 'small' | 'large' | 'huge';

interface Real {
  readonly name: PackageName;
  readonly file: string;
  readonly size: Size;
  /** What it is made of, or what is special in it. */
  readonly what: string;
}

const MODULES: readonly Real[] = [
  { name: 'source-map', file: 'lib/mappings.wasm', size: 'small', what: 'Rust of 2018' },
  { name: 'web-tree-sitter', file: 'web-tree-sitter.wasm', size: 'small', what: 'a dynamic library in C' },
  { name: 'web-tree-sitter', file: 'debug/web-tree-sitter.wasm', size: 'small', what: 'names and DWARF' },
  { name: '@jitl/quickjs-wasmfile-release-sync', file: 'dist/emscripten-module.wasm', size: 'small', what: 'C' },
  { name: 'vscode-oniguruma', file: 'release/onig.wasm', size: 'small', what: 'C' },
  { name: 'sql.js', file: 'dist/sql-wasm.wasm', size: 'small', what: 'C' },
  { name: 'sql.js', file: 'dist/sql-wasm-debug.wasm', size: 'small', what: 'C with imports and exports by name' },
  { name: '@wasm-fmt/gofmt', file: 'gofmt.wasm', size: 'small', what: 'TinyGo' },
  { name: '@wasm-fmt/zig_fmt', file: 'zig_fmt.wasm', size: 'small', what: 'Zig' },
  { name: '@wasm-fmt/dart_fmt', file: 'dart_fmt.wasm', size: 'small', what: 'Dart: garbage collection, exceptions' },
  { name: '@wasm-fmt/dart_fmt', file: 'dart_fmt.unopt.wasm', size: 'large', what: 'Dart with names' },
  { name: 'esbuild-wasm', file: 'esbuild.wasm', size: 'large', what: 'Go' },
  { name: '@astral-sh/ruff-wasm-nodejs', file: 'ruff_wasm_bg.wasm', size: 'large', what: 'Rust' },
  { name: 'pyodide', file: 'pyodide.asm.wasm', size: 'large', what: 'C and C++ with exceptions' },
  { name: '@yowasp/yosys', file: 'gen/yosys.core.wasm', size: 'huge', what: 'C++ in a component' },
  { name: 'z3-solver', file: 'build/z3-built.wasm', size: 'huge', what: 'C++ with threads' },
  { name: '@duckdb/duckdb-wasm', file: 'dist/duckdb-eh.wasm', size: 'huge', what: 'C++ with legacy exceptions' },
]; // biome-ignore format: a table reads best with one row a line

const FORMS: readonly PrintOptions[] = [{ folded: false }, { folded: true }];

/** Bytes of code that one part may have. */
const PART = 2_000_000;
/** Bytes of code in the sample of a large module. */
const SAMPLE = 150_000;

for (const real of MODULES) {
  const { name, file, size, what } = real;
  const found = size === 'huge' && !ALL ? { why: 'over 30 MB: npm run test:all' } : installed(name);
  test(`${name}/${file}: ${what}`, { skip: 'why' in found ? found.why : false }, (t) => {
    if ('why' in found) return;
    const bytes = new Uint8Array(readFileSync(path.join(found.folder, file)));
    const module = decode(bytes);
    assert.deepEqual(validateAll(module, SUPPORTED), []);
    let length = 0;
    for (const part of partsOf(module, size)) {
      const small = part ? decode(reduced(module, part)) : module;
      for (const form of FORMS) length += checkText(small, form);
    }
    if (size === 'small') checkPieces(module);
    t.diagnostic(`${name}/${file}: ${bytes.length} bytes, ${length} characters of text`);
  });
}

/** What of a module is printed; `undefined` stands for the whole. */
function* partsOf(module: Module, size: Size): Generator<Part | undefined> {
  if (size === 'small') yield undefined;
  else if (!ALL) yield { keeps: sampled(module, randomFrom(SEED)), whole: false };
  else {
    // The first part has what is no code.
    yield { keeps: () => false, whole: true };
    let first = 0;
    let code = 0;
    for (const [idx, { body }] of module.funcs.entries()) {
      code += body ? body.range.end - body.range.start : 0;
      if (code < PART && idx < module.funcs.length - 1) continue;
      const from = first;
      yield { keeps: (i) => i >= from && i <= idx, whole: false };
      first = idx + 1;
      code = 0;
    }
  }
}

/** Functions by chance, until there is enough code. */
function sampled({ funcs }: Module, random: Random): (funcIdx: number) => boolean {
  const chosen = new Set<number>();
  for (let code = 0, tries = 0; code < SAMPLE && tries < 10_000; tries++) {
    const idx = random.below(funcs.length);
    const { body } = funcs[idx];
    const length = body ? body.range.end - body.range.start : 0;
    if (!body || chosen.has(idx) || length > SAMPLE) continue;
    chosen.add(idx);
    code += length;
  }
  return (funcIdx) => chosen.has(funcIdx);
}

/** The text of a module is read as the same module, whose text is the same. Gives the text's length. */
function checkText(module: Module, options: PrintOptions): number {
  const { text } = printModule(module, options);
  const { bytes, faults } = assemble(parseTree(text));
  assert.deepEqual(faults.slice(0, 3), []);
  const again = decode(bytes);
  assert.equal(difference(module, again), undefined);
  assertSameText(printModule(again, options).text, text);
  return text.length;
}

/** Comparing long texts in the assertion itself would show them whole. */
function assertSameText(actual: string, expected: string): void {
  if (actual === expected) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 100), at + 100);
  assert.equal(around(actual), around(expected), `at ${at}`);
}

/** A text in pieces is the text. */
function checkPieces(module: Module): void {
  const pieces: string[] = [];
  printModuleInPieces(module, {}, ({ text }) => pieces.push(text));
  assertSameText(pieces.join(''), printModule(module).text);
}
