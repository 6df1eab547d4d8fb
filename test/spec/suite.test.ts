/**
 * The public WebAssembly test suite, every file, held against expected-failures.txt: what is not listed there must
 * pass, and what passes must not be listed. BLESS=1 takes out what passes; it never adds.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { complaintsAbout, type Outcome, outcomeOf } from './judge.ts';
import {
  blessed,
  EXPECTED_FAILURES,
  expectedFailures,
  featuresOf,
  suiteFiles,
  suiteFolder,
} from './suite.ts';

const folder = suiteFolder();
const expected = expectedFailures();
const outcomes = new Map<string, Outcome>();

if (!folder) {
  test('the public test suite', {
    skip: 'there is no test suite: put WebAssembly/testsuite beside the project or name it in WASMSCOPE_SPEC_TESTSUITE',
  });
}

for (const file of folder ? suiteFiles(folder) : []) {
  test(file, (t) => {
    const text = readFileSync(path.join(folder!, file), 'utf8').replace(/^\uFEFF/, '');
    const outcome = outcomeOf(text, featuresOf(file));
    outcomes.set(file, outcome);
    if (process.env.BLESS) return;
    const listed = expected.files.has(file) ? 'all' : (expected.lines.get(file) ?? new Set<number>());
    const complaints = complaintsAbout(outcome, listed);
    assert.ok(complaints.length === 0, `${file}\n${complaints.slice(0, 20).join('\n')}`);
    t.diagnostic(`${outcome.passed} passed, ${outcome.failures.size} failed, ${outcome.heldUp} held up`);
  });
}

if (folder) {
  test('expected-failures.txt names no file that the suite does not have', () => {
    const files = new Set(suiteFiles(folder));
    const unknown = [...expected.files, ...expected.lines.keys()].filter((file) => !files.has(file));
    assert.deepEqual(unknown, []);
  });
}

after(() => {
  let passed = 0;
  let left = 0;
  for (const { passed: ok, failures, heldUp } of outcomes.values()) {
    passed += ok;
    left += failures.size + heldUp;
  }
  if (outcomes.size > 0) console.log(`test suite: ${passed} commands passed, ${left} do not pass yet`);
  if (process.env.BLESS) writeFileSync(EXPECTED_FAILURES, blessed(EXPECTED_FAILURES, outcomes));
});
