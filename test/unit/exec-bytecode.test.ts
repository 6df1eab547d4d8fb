/**
 * What V8 makes of the interpreter's loop, bundled as it is shipped: numeric labels, a jump table, and a size that
 * it still optimises. Each of these failing costs a factor of 7 to 16 and no other test would notice.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { build } from 'esbuild';

/** V8's `max_optimized_bytecode_size`. */
const NEVER_OPTIMISED = 61_440;
/** Half of it: room for what later features add to the loop. */
const ENOUGH = NEVER_OPTIMISED / 2;

const dir = mkdtempSync(path.join(tmpdir(), 'wasmscope-bytecode-'));
after(() => rmSync(dir, { recursive: true }));

const outfile = path.join(dir, 'interp.mjs');
await build({
  entryPoints: ['engine/exec/interp.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  target: 'es2023',
  logLevel: 'error',
});
const text = readFileSync(outfile, 'utf8');
const loop = text.slice(text.indexOf('function interpret('), text.indexOf('\nfunction keep('));

test('every label of the loop is a numeric literal, and they are dense', () => {
  const labels = [...loop.matchAll(/^\s*case (.+?)(?: \/\*.*\*\/)?:/gm)].map((match) => match[1]);
  assert.deepEqual(
    labels.filter((label) => !/^\d+$/.test(label)),
    [],
  );
  const numbers = [...new Set(labels.map(Number))].sort((a, b) => a - b);
  assert.equal(numbers.length, labels.length);
  assert.ok(numbers.length > 200);
  const span = numbers[numbers.length - 1] - numbers[0] + 1;
  assert.equal(span, numbers.length, 'no holes');
});

test('the loop has a jump table and is small enough to be optimised', () => {
  const flags = ['--no-lazy', '--print-bytecode', '--print-bytecode-filter=interpret'];
  const printed = execFileSync(process.execPath, [...flags, outfile], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const length = Number(/Bytecode length: (\d+)/.exec(printed)?.[1]);
  assert.ok(length > 1000, `bytecode length ${length}`);
  assert.ok(length < ENOUGH, `bytecode length ${length}`);
  assert.match(printed, /SwitchOnSmiNoFeedback/);
});
