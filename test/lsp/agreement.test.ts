/**
 * Agreement with the standard's tests: every module of the suite, cut out and looked at as a file of its own. An error
 * is reported exactly for those that the suite rejects, with the suite's message first, inside of the module; and at
 * exactly the places that were reviewed and written down in exact-ranges.txt.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { tryDecodeUtf8 } from '../../engine/base/utf8.ts';
import type { FeatureSet } from '../../engine/module/module.ts';
import { binaryBytes, type Command, type ModuleForm, parseScript } from '../../engine/text/script.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { Analysis } from '../../language-server/analysis.ts';
import { moduleSummary } from '../../language-server/requests/module-summary.ts';
import { featuresOf, suiteFiles, suiteFolder } from '../spec/suite.ts';

/** No other requests wait. */
const AT_ONCE = { pause: () => undefined };

const EXACT = 'test/lsp/exact-ranges.txt';

const SUITE = suiteFolder();
/** Without the suite there is nothing to test here, and the summary says so. */
const NEEDS_SUITE = { skip: SUITE ? false : 'no test suite: set WASMSCOPE_SPEC_TESTSUITE' };

/**
 * Where this engine and the host point at different bytes, by file and line: we at the end of the bytes that are
 * missing something, the host at the beginning of what is not finished.
 */
const FAR_FROM_HOST: ReadonlySet<string> = new Set([
  'binary.wast:175',
  'binary.wast:922',
  'custom.wast:101',
  'proposals/custom-page-sizes/binary.wast:175',
  'proposals/custom-page-sizes/binary.wast:922',
]);
/** Bytes between the beginning of a number or a section, where the host points, and its end, where we do. */
const NEAR = 8;

interface Case {
  /** `file:line` */
  readonly at: string;
  readonly module: ModuleForm;
  /** What the suite says is wrong; undefined if nothing is. */
  readonly expected: string | undefined;
  readonly features: FeatureSet;
  readonly text?: string;
  readonly bytes?: Uint8Array;
}

let cases: Case[] | undefined;

/** Every module of the suite. A proposal that this engine does not know is left out. */
function allCases(): Case[] {
  cases ??= suiteFiles(SUITE!)
    .filter((file) => !file.includes('custom-descriptors'))
    .flatMap(casesOf);
  return cases;
}

function casesOf(file: string): Case[] {
  const script = readFileSync(path.join(SUITE!, file), 'utf8');
  const tree = parseTree(script);
  const features = featuresOf(file);
  const found: Case[] = [];
  const visit = (command: Command): void => {
    if (command.kind === 'thread') for (const inner of command.commands) visit(inner);
    if (!('module' in command) || typeof command.module !== 'object') return;
    const { module } = command;
    const line = script.slice(0, command.span.start).split('\n').length;
    const expected =
      'message' in command && /malformed|invalid/.test(command.kind) ? command.message : undefined;
    const given = {
      at: `${file}:${line}`,
      module,
      expected,
      features,
    };
    const whole = script.slice(module.span.start, module.span.end);
    if (module.source === 'binary') found.push({ ...given, bytes: binaryBytes(tree, module) });
    else if (module.source === 'quote') {
      // A quoted text that is no UTF-8 cannot be a document: it stays quoted.
      found.push({ ...given, text: tryDecodeUtf8(binaryBytes(tree, module)) ?? whole });
    } else found.push({ ...given, text: whole });
  };
  for (const command of parseScript(tree).commands) visit(command);
  return found;
}

function analysisOf(text: string, features: FeatureSet): Analysis {
  return new Analysis(TextDocument.create('file:///case.wat', 'wat', 1, text), features);
}

test(
  'texts: an error exactly where the suite has one, in its words, inside of the module',
  NEEDS_SUITE,
  (t) => {
    const wrong: string[] = [];
    let count = 0;
    for (const { at, text, expected, features } of allCases()) {
      if (text === undefined) continue;
      count++;
      const [fault] = analysisOf(text, features).faults;
      if (!fault !== (expected === undefined) || !(fault?.message ?? '').startsWith(expected ?? '')) {
        wrong.push(`${at}: "${expected ?? 'no error'}" is expected, found "${fault?.message ?? 'none'}"`);
      } else if (fault && !isInside(fault.span, text)) {
        wrong.push(`${at}: the range ${fault.span.start}-${fault.span.end} is not in the module`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(count > 6000, `${count} texts`);
    t.diagnostic(`${count} texts`);
  },
);

/** In the text and not all of it: an error about everything says nothing. Bytes in quotes have no finer place. */
function isInside({ start, end }: { start: number; end: number }, text: string): boolean {
  if (start < 0 || start > end || end > text.length) return false;
  return !/^\(module\s+(?!quote)/.test(text) || end - start < text.trim().length;
}

test(
  'binaries: an error exactly where the suite has one, in its words, at the place where the host sees it',
  NEEDS_SUITE,
  async (t) => {
    const wrong: string[] = [];
    let count = 0;
    for (const { at, bytes, expected } of allCases()) {
      if (!bytes) continue;
      count++;
      const { fault } = await moduleSummary('file:///case.wasm', { readFile: async () => bytes }, AT_ONCE);
      if (!fault !== (expected === undefined) || !(fault?.message ?? '').startsWith(expected ?? '')) {
        wrong.push(`${at}: "${expected ?? 'no error'}" is expected, found "${fault?.message ?? 'none'}"`);
      } else if (fault) {
        const { offset = -1 } = fault;
        if (offset < 0 || offset > bytes.length) wrong.push(`${at}: offset ${offset} of ${bytes.length}`);
        const host = hostOffset(bytes);
        const distance = host === undefined ? 0 : Math.abs(offset - host);
        if (distance > NEAR !== FAR_FROM_HOST.has(at))
          wrong.push(`${at}: offset ${offset}, the host says ${host}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(count > 900, `${count} binaries`);
    t.diagnostic(`${count} binaries`);
  },
);

/** Where the host's own decoder stops; undefined if it says nothing or takes the module. */
function hostOffset(bytes: Uint8Array): number | undefined {
  try {
    new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    const [, offset] = /@\+(\d+)/.exec(String(error)) ?? [];
    return offset === undefined ? undefined : Number(offset);
  }
  return undefined;
}

test('exact ranges', NEEDS_SUITE, (t) => {
  const byPlace = new Map(allCases().map((one) => [one.at, one]));
  const rows = readFileSync(EXACT, 'utf8')
    .split('\n')
    .filter((row) => row !== '' && !row.startsWith('#'));
  const wrong: string[] = [];
  for (const row of rows) {
    const [, at, start, end, covered] = /^(\S+) (\d+)-(\d+) (.*)$/.exec(row) ?? assert.fail(row);
    const { text = '', features } = byPlace.get(at) ?? assert.fail(`no module at ${at}`);
    const span = analysisOf(text, features).faults[0]?.span;
    if (span?.start === Number(start) && span.end === Number(end)) continue;
    const found = span && `${span.start}-${span.end} ${JSON.stringify(text.slice(span.start, span.end))}`;
    wrong.push(`${at}: ${start}-${end} ${covered} is expected, found ${found ?? 'none'}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(rows.length >= 300, `${rows.length} ranges`);
  t.diagnostic(`${rows.length} ranges`);
});
