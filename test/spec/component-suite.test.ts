/**
 * The component model's own tests, every file, held against component-expected-failures.txt: what is not listed there must
 * pass, and what passes must not be listed. BLESS=1 takes out what passes; it never adds.
 *
 * What needs no running (definitions, malformed and invalid components) is checked for all files beside that, without a
 * list: each component decodes and validates, or fails as its command says; its bytes, decoded and encoded again, are
 * the same bytes; and the WIT that is printed of it is read again without faults, and printed as it was.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { encodeComponent } from '../../engine/component/binary/encode.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { validateComponent } from '../../engine/component/valid/validate.ts';
import { witOf } from '../../engine/component/wit/from-component.ts';
import { parseWit } from '../../engine/component/wit/parse.ts';
import { printWit } from '../../engine/component/wit/print.ts';
import { resolveWit } from '../../engine/component/wit/resolve.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { type Command, type ModuleForm, parseScript } from '../../engine/text/script.ts';
import { parseTree, type Tree } from '../../engine/text/tree.ts';
import { complaintsAbout, type Outcome, outcomeOf } from './judge.ts';
import { blessed, componentSuiteFolder, readExpectedFailures, suiteFiles } from './suite.ts';

const EXPECTED = 'test/spec/component-expected-failures.txt';
const folder = componentSuiteFolder();
const expected = readExpectedFailures(readFileSync(EXPECTED, 'utf8'));
const outcomes = new Map<string, Outcome>();

if (!folder) {
  test('the component test suite', {
    skip: 'there is no test suite: put the tests of WebAssembly/component-model beside the project or name them in WASMSCOPE_COMPONENT_TESTSUITE',
  });
}

const files = folder ? suiteFiles(folder) : [];

for (const file of files) {
  test(`${file}: what needs no running`, () => {
    const text = readFileSync(path.join(folder!, file), 'utf8');
    const tree = parseTree(text);
    const script = parseScript(tree);
    assert.deepEqual(
      script.faults.map(({ message }) => message),
      [],
    );
    const complaints = script.commands.flatMap((command) => {
      const form = 'module' in command && typeof command.module === 'object' ? command.module : undefined;
      if (form?.source !== 'component') return [];
      const complaint = complaintAbout(tree, form, command);
      return complaint === undefined
        ? []
        : [`${text.slice(command.span.start).split('\n', 1)[0]}: ${complaint}`];
    });
    assert.deepEqual(complaints, []);
  });

  test(file, (t) => {
    const outcome = outcomeOf(readFileSync(path.join(folder!, file), 'utf8'), SUPPORTED);
    outcomes.set(file, outcome);
    if (process.env.BLESS) return;
    const listed = expected.files.has(file) ? 'all' : (expected.lines.get(file) ?? new Set<number>());
    const complaints = complaintsAbout(outcome, listed);
    assert.ok(complaints.length === 0, `${file}\n${complaints.slice(0, 20).join('\n')}`);
    t.diagnostic(`${outcome.passed} passed, ${outcome.failures.size} failed, ${outcome.heldUp} held up`);
  });
}

if (folder) {
  test('component-expected-failures.txt names no file that the suite does not have', () => {
    const known = new Set(files);
    const unknown = [...expected.files, ...expected.lines.keys()].filter((file) => !known.has(file));
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
  if (outcomes.size > 0) console.log(`component suite: ${passed} commands passed, ${left} do not pass yet`);
  if (process.env.BLESS) writeFileSync(EXPECTED, blessed(EXPECTED, outcomes));
});

/** What is wrong with how a component of a command fares; undefined if nothing is. */
function complaintAbout(tree: Tree, form: ModuleForm, command: Command): string | undefined {
  const wanted =
    command.kind === 'assert_malformed'
      ? 'malformed'
      : command.kind === 'assert_invalid'
        ? 'invalid'
        : 'valid';
  const message = wanted !== 'valid' && 'message' in command ? command.message : '';
  const got = faultOf(tree, form);
  const phase = got?.phase ?? 'valid';
  if (phase !== wanted || !(got?.message ?? '').includes(message)) {
    return `expected ${wanted} "${message}", got ${phase} "${got?.message ?? ''}"`;
  }
  return undefined;
}

function faultOf(tree: Tree, form: ModuleForm): { phase: string; message: string } | undefined {
  const { bytes, faults } = assembleComponent(tree, form.form);
  if (faults.length > 0) return faults[0];
  try {
    const component = decodeComponent(bytes);
    const again = encodeComponent(component);
    // Written bytes need not be the shortest ones.
    const own = !tree.tokens.text.slice(form.span.start, form.span.end).includes(' binary');
    if (own && Buffer.compare(again, bytes) !== 0) return { phase: 'crash', message: 'other bytes' };
    const wit = witOf(validateComponent(component));
    const said = printWit(wit);
    const { document, faults: unread } = parseWit(said);
    const [fault] = [...unread, ...resolveWit([document]).faults.map((one) => one.fault)];
    if (fault) return { phase: 'crash', message: `its WIT is not read: ${fault.message} in\n${said}` };
    if (printWit(document) !== said) return { phase: 'crash', message: `other WIT than\n${said}` };
    return undefined;
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return error.fault;
  }
}
