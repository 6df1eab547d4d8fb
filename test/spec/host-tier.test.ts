/**
 * The public test suite in compiled code: every function that the host tier takes runs there from its first call on. What
 * passes in the interpreter passes here. Functions that stay in the interpreter are listed by file with the reason
 * (tier0-functions.txt); BLESS=1 takes out what is compiled now, and never adds.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Threads } from '../../engine/exec/threads.ts';
import { complaintsAbout, outcomeOf } from './judge.ts';
import { expectedFailures, featuresOf, suiteFiles, suiteFolder } from './suite.ts';

const LIST = 'test/spec/tier0-functions.txt';

const folder = suiteFolder();
const expected = expectedFailures();
const listed = readFileSync(LIST, 'utf8')
  .split('\n')
  .filter((row) => row !== '' && !row.startsWith('#'));
const found: string[] = [];
let compiled = 0;
let kept = 0;

if (!folder) {
  test('the public test suite', {
    skip: 'there is no test suite: put WebAssembly/testsuite beside the project or name it in WASMSCOPE_SPEC_TESTSUITE',
  });
}

for (const file of folder ? suiteFiles(folder) : []) {
  test(file, () => {
    const text = readFileSync(path.join(folder!, file), 'utf8').replace(/^\uFEFF/, '');
    let threads: Threads | undefined;
    const begins = (made: Threads) => {
      threads = made;
    };
    const outcome = outcomeOf(text, featuresOf(file), { engine: 'compiled', begins });
    const failures = expected.files.has(file) ? 'all' : (expected.lines.get(file) ?? new Set<number>());
    const complaints = complaintsAbout(outcome, failures);
    assert.ok(complaints.length === 0, `${file}\n${complaints.slice(0, 20).join('\n')}`);
    const tier = threads?.space.tier?.tier;
    if (!tier) return;
    compiled += tier.functions().length;
    const rows: string[] = [];
    for (const [func, reason] of tier.kept) {
      kept++;
      rows.push(`${file}: func ${func.idx}: ${reason}`);
    }
    found.push(...rows);
    if (process.env.BLESS) return;
    assert.deepEqual(
      rows.filter((row) => !listed.includes(row)),
      [],
      'stays in the interpreter and is not listed',
    );
  });
}

after(() => {
  if (!folder) return;
  console.log(`test suite: ${compiled} functions compiled, ${kept} in the interpreter`);
  if (!process.env.BLESS) return;
  const head = readFileSync(LIST, 'utf8')
    .split('\n')
    .filter((row) => row.startsWith('#'));
  const left = [...new Set(listed)].filter((row) => found.includes(row));
  writeFileSync(LIST, `${[...head, ...left].join('\n')}\n`);
});
