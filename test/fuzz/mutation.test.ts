/**
 * Damaged modules and texts, and inputs that are large in one direction, through everything from bytes to execution, and
 * through the commands of the tool: no crash, only our own errors. Nothing here asserts a time; the large inputs are so
 * large that quadratic time would not end before the runner's limit.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Failure } from '../../cli/failure.ts';
import { objdump } from '../../cli/objdump.ts';
import { parse } from '../../cli/parse.ts';
import { print } from '../../cli/print.ts';
import { validate } from '../../cli/validate.ts';
import { bytesOfText } from './compare.ts';
import { generateModule } from './generate.ts';
import { damageBytes, damageText, type Reached, withstandBytes, withstandText } from './mutate.ts';
import { type Random, randomFrom } from './random.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const SCALE = process.env.WASMSCOPE_TEST_ALL ? 50 : 1;
const MODULES = 12;
const CASES = 'test/fuzz/cases';

const texts = Array.from({ length: MODULES }, (_, k) => generateModule((SEED + k) >>> 0));

test(`damaged bytes, seed ${SEED}`, (t) => {
  const modules = texts.map(bytesOfText);
  const count = many(2500 * SCALE, t, (random) => {
    const bytes = damageBytes(random.pick(modules), random);
    return { input: () => Buffer.from(bytes).toString('hex'), reached: () => withstandBytes(bytes) };
  });
  for (const reached of ['malformed', 'invalid', 'ran'] as const) assert.ok(count[reached] > 0, reached);
});

test(`damaged texts, seed ${SEED}`, (t) => {
  const count = many(400 * SCALE, t, (random) => {
    const text = damageText(random.pick(texts), random);
    return { input: () => JSON.stringify(text), reached: () => withstandText(text) };
  });
  // Few damaged texts are well-formed and invalid: a seed may have none.
  for (const reached of ['malformed', 'ran'] as const) assert.ok(count[reached] > 0, reached);
});

/** Texts that are large in one direction. */
const LARGE: Readonly<Record<string, (n: number) => string>> = {
  'open parentheses': (n) => '('.repeat(n),
  'nested comments': (n) => '(;'.repeat(n),
  'annotations in annotations': (n) => '(@a '.repeat(n),
  'nested blocks': (n) => `(module (func ${'(block '.repeat(n)}${')'.repeat(n)}))`,
  'blocks without parentheses': (n) => `(module (func ${'block '.repeat(n)}${'end '.repeat(n)}))`,
  'blocks that are not closed': (n) => `(module (func ${'block '.repeat(n)}))`,
  'nested ifs': (n) => `(module (func ${'(if (i32.const 1) (then '.repeat(n)}${'))'.repeat(n)}))`,
  'folded operands': (n) => `(module (func (drop ${'(i32.eqz '.repeat(n)}(i32.const 1)${')'.repeat(n)})))`,
  'a branch out of each block': (n) => `(module (func ${'block br 0 '.repeat(n)}${'end '.repeat(n)}))`,
  'blocks with results': (n) => `(module (func ${'(block (result i32 i32) '.repeat(n)}(unreachable)${')'.repeat(n)} (drop) (drop)))`,
  'operands below dead code': (n) => `(module (func ${'i32.const 1 '.repeat(n)} unreachable ${'drop '.repeat(n)}))`,
  'faults': (n) => `(module (func ${'(local.get $x) '.repeat(n)}))`,
  'functions': (n) => `(module ${'(func (param i32)) '.repeat(n)})`,
  'types': (n) => `(module ${Array.from({ length: n }, (_, k) => `(type $t${k} (sub ${k % 60 ? `$t${k - 1}` : ''} (struct)))`).join('')})`,
  'types in one group': (n) => `(module (rec ${Array.from({ length: n }, (_, k) => `(type (struct (field (ref ${(k * 7) % n}))))`).join('')}))`,
  'names': (n) => `(module ${Array.from({ length: n }, (_, k) => `(func $f${k} (call $f${n - 1 - k}))`).join('')})`,
  'catches': (n) => `(module (tag $e) (func (try_table ${'(catch $e 0)'.repeat(n)})))`,
  'legacy catches': (n) => `(module (tag $e) (func try ${'catch $e '.repeat(n)} end))`,
  'a long string': (n) => `(module (memory 1) (data "${'\\61'.repeat(n)}"))`,
  'a long branch table': (n) => `(module (func (br_table ${'0 '.repeat(n)} (i32.const 0))))`,
  'locals': (n) => `(module (func ${'(local i32) '.repeat(Math.min(n, 45_000))} (drop (local.get 0))))`,
  'exports of one name': (n) => `(module (func $f) ${'(export "a" (func $f)) '.repeat(n)})`,
  'globals of globals': (n) => `(module ${Array.from({ length: n }, (_, k) => `(global i32 ${k ? `(global.get ${k - 1})` : '(i32.const 1)'})`).join('')})`,
}; // biome-ignore format: a table reads best with one row a line

for (const [what, make] of Object.entries(LARGE)) {
  test(`large: ${what}`, () => {
    const reached = withstandText(make(60_000));
    assert.ok(reached);
  });
}

for (const file of readdirSync(CASES).filter((name) => name.startsWith('damaged-'))) {
  test(`what once failed: ${file}`, () => {
    const bytes = Uint8Array.from(readFileSync(`${CASES}/${file}`));
    assert.ok(
      file.endsWith('.wasm') ? withstandBytes(bytes) : withstandText(new TextDecoder().decode(bytes)),
    );
  });
}

test(`the commands of the tool on damaged files, seed ${SEED}`, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wasmscope-fuzz-'));
  const random = randomFrom(SEED);
  const modules = texts.map(bytesOfText);
  try {
    for (let k = 0; k < 30 * SCALE; k++) {
      const isText = random.chance(0.5);
      const file = path.join(folder, isText ? 'm.wat' : 'm.wasm');
      writeFileSync(
        file,
        isText ? damageText(random.pick(texts), random) : damageBytes(random.pick(modules), random),
      );
      for (const command of [validate, print, parse, objdump]) {
        if (command === parse && !isText) continue;
        const { code } = quietly(() =>
          command(command === validate ? [file] : [file, '-o', path.join(folder, 'out')]),
        );
        assert.ok(code === 0 || code === 2, `exit code ${code}, case ${k}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

interface Case {
  readonly input: () => string;
  readonly reached: () => Reached;
}

/** Takes `n` cases, and counts how far they came. */
function many(
  n: number,
  t: { diagnostic(text: string): void },
  make: (random: Random) => Case,
): Record<Reached, number> {
  const count: Record<Reached, number> = { malformed: 0, invalid: 0, unlinkable: 0, ran: 0 };
  for (let k = 0; k < n; k++) {
    const { input, reached } = make(randomFrom(SEED + k));
    try {
      count[reached()]++;
    } catch (error) {
      throw new Error(`case ${k}: ${input().slice(0, 30_000)}`, { cause: error });
    }
  }
  t.diagnostic(JSON.stringify(count));
  return count;
}

/** Runs a command without its output. */
function quietly(command: () => number): { readonly code: number } {
  const { stdout, stderr } = process;
  const written = [stdout.write, stderr.write];
  stdout.write = stderr.write = () => true;
  try {
    return { code: command() };
  } catch (error) {
    if (error instanceof Failure) return { code: error.exitCode };
    throw error;
  } finally {
    [stdout.write, stderr.write] = written;
  }
}
