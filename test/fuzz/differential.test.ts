/**
 * Differential fuzzing, bounded: generated modules have the same results, traps, memories, globals and tables in our
 * engine and in the host's WebAssembly; in our engine also in slices and step by step, with the same count of
 * instructions. `npm run fuzz` goes on for as long as it is told to, and writes what fails into cases/.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { INSTRS } from '../../engine/isa/isa.ts';
import { bytesOfText, compare, newTally, printing } from './compare.ts';
import { GENERATED, generateModule, ROUND, UNJUDGED } from './generate.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const MODULES = process.env.WASMSCOPE_TEST_ALL ? 4000 : 120;
/** Rounds of fixed seeds in which every row is executed. */
const ROUNDS = 3;
const CASES = 'test/fuzz/cases';

/** Rows that the host cannot judge; the test suite covers them. */
const NOT_COMPARED = ['i64_add128', 'i64_sub128', 'i64_mul_wide_s', 'i64_mul_wide_u'];

/** Rows that part blocks and are no instructions that are executed: no machine stops at them. */
const DELIMITERS = ['else', 'catch', 'delegate', 'catch_all'];

test(`every row of the table is executed as in the host, by ${ROUNDS * ROUND} fixed modules`, () => {
  const tally = newTally();
  for (let seed = 0; seed < ROUNDS * ROUND; seed++) check(seed, tally);
  assert.deepEqual(
    GENERATED.filter(({ code }) => !tally.codes.has(code)).map(({ op }) => op),
    DELIMITERS,
    'never executed',
  );
});

test('the rows that are not compared are those that the host does not know', () => {
  const rows = INSTRS.filter((instr) => !GENERATED.includes(instr));
  assert.deepEqual(
    rows.map(({ op }) => op),
    NOT_COMPARED,
  );
  assert.ok(rows.every(({ feature }) => UNJUDGED.has(feature)));
});

test(`${MODULES} modules from seed ${SEED} are executed as in the host`, (t) => {
  const tally = newTally();
  for (let k = 0; k < MODULES; k++) check((SEED + k) >>> 0, tally);
  t.diagnostic(`${tally.calls} calls, ${tally.traps} of them trap; ${tally.instructions} instructions`);
  assert.ok(tally.traps < tally.calls / 2, 'most calls trap: the modules say little');
  assert.ok(tally.cut < MODULES / 10, 'many modules meet limits: they say little');
});

for (const file of readdirSync(CASES).filter((name) => name.endsWith('.wat'))) {
  test(`what once failed: ${file}`, () => {
    const text = readFileSync(`${CASES}/${file}`, 'utf8');
    const seed = Number(/^;; seed (\d+)/.exec(text)?.[1]);
    assert.ok(Number.isFinite(seed), 'its first line must say the seed of its inputs');
    assert.equal(compare(bytesOfText(text), seed), undefined);
  });
}

function check(seed: number, tally: ReturnType<typeof newTally>): void {
  const again = `to shrink it: npm run fuzz -- --seed ${seed} --modules 1`;
  let found: string | undefined;
  try {
    const bytes = bytesOfText(generateModule(seed));
    found = compare(bytes, seed, tally) ?? printing(bytes, seed % 2 === 0);
  } catch (error) {
    throw new Error(`the module of seed ${seed}; ${again}`, { cause: error });
  }
  assert.equal(found, undefined, `the module of seed ${seed} differs ${found}\n${again}`);
}
