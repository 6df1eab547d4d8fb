/**
 * Lints: for each text the places that one lint marks (`«»`), and the text behind its fixes. Then what all of them have
 * in common: settings, documentation, suppressions, versions of a document, quiet over the public test suite.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { DiagnosticTag } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { Analysis } from '../../language-server/analysis.ts';
import { applied } from '../../language-server/facts/edits.ts';
import type { Turns } from '../../language-server/facts/turns.ts';
import { Levels } from '../../language-server/lints/levels.ts';
import { type Lint, SEVERITIES } from '../../language-server/lints/lint.ts';
import { LintRuns, lintField } from '../../language-server/lints/run.ts';
import { LINTS } from '../../language-server/lints/table.ts';
import { Editor, marked, PULLS, PUSHED } from './harness.ts';

interface Case {
  readonly code: string;
  readonly text: string;
  /** Behind all fixes; absent: there is none. */
  readonly fixed?: string;
  readonly file?: string;
}

const CASES: readonly Case[] = [
  // what nothing uses
  { code: 'unused-function', text: '(module (func «$f») (func $g (export "g")) («func» (call 1)))' },
  {
    code: 'unused-function',
    text: '(module (func $_spare) (func $s) (start $s) (func $e) (elem declare func $e))',
  },
  { code: 'unused-function', text: '(module (func «$f» (call $f)))' },
  { code: 'unused-function', text: '(module (func $f (result i32) i64.const 1) (func (call $g)))' },
  {
    code: 'unused-global',
    text: '(module (global «$g» i32 (i32.const 1)) (global $h i32 (i32.const 1)) (global (export "i") i32 (global.get $h)))',
  },
  {
    code: 'unused-global',
    text: '(module (func $f) (global funcref (ref.func $f)) (func (export "g") (drop (ref.func $f))))',
  },
  {
    code: 'unused-import',
    text: '(module (import "m" "f" (func «$f»)) (memory «$m» (import "m" "m") 1) (func (export "g") (import "m" "g")))',
  },
  {
    code: 'unused-import',
    text: '(module (import "m" "m" (memory 1)) (func (drop (i32.load (i32.const 0)))))',
  },
  {
    code: 'unused-table',
    text: '(module (table $u 1 funcref) (table «$t» 1 funcref) (elem (table $u) (i32.const 0) func))',
  },
  {
    code: 'unused-table',
    text: '(module (type $t (func)) (table 1 funcref) (func (call_indirect (type $t) (i32.const 0))))',
  },
  {
    code: 'unused-memory',
    text: '(module (memory $m 1) (memory «$n» 1) (func (i32.store (i32.const 0) (i32.const 1))))',
  },
  { code: 'unused-memory', text: '(module (memory 1) (data (i32.const 0) "x"))' },
  { code: 'unused-tag', text: '(module (tag $e) (tag «$f») (func (throw $e)))' },
  {
    code: 'unused-type',
    text: '(module (type $t (func)) (type «$u» (func)) (rec (type $v (sub (func))) («type» (sub $v (func)))) (func (type $t)))',
  },
  {
    code: 'unused-elem',
    text: '(module (table 1 funcref) (elem «$e» funcref) (elem (i32.const 0) func) (elem declare func))',
  },
  { code: 'unused-elem', text: '(module (elem $e func $f) (func $f (drop (ref.func $f))))' },
  {
    code: 'unused-data',
    text: '(module (memory 1) (data «$d» "a") (data (i32.const 0) "b") (data $e "c") (func (data.drop $e)))',
  },
  {
    code: 'unused-label',
    text: '(func (block «$l» (nop)) block «$m» nop end $m (block $n (br $n)) (block $o (br 0)))',
    fixed: '(func (block (nop)) block nop end (block $n (br $n)) (block $o (br 0)))',
  },
  {
    code: 'unused-local',
    text: '(func (local «$x» i32) (local $y i32) (local $_z i32) (drop (local.get $y)))',
    fixed: '(func (local $y i32) (local $_z i32) (drop (local.get $y)))',
  },
  { code: 'unused-local', text: '(func (local «i32» i64) (drop (local.get 1)))' },
  {
    code: 'unused-local',
    text: '(func (local i64 «i32») (drop (local.get 0)))',
    fixed: '(func (local i64) (drop (local.get 0)))',
  },
  {
    code: 'unused-local',
    text: '(type $t (func (param i32 i32))) (func (type $t) (local «i32» i64) (drop (local.get 3)))',
  },
  { code: 'unused-parameter', text: '(func (param «$x» i32) (param $y i32) (drop (local.get $y)))' },
  // what is never read
  {
    code: 'never-read-local',
    text: '(func (local «$x» i32) (local.set $x (i32.const 1)))',
    fixed: '(func (local $x i32) (drop (i32.const 1)))',
  },
  {
    code: 'never-read-local',
    text: '(func (result i32) (local «$x» i32) (local.tee $x (i32.const 1)))',
    fixed: '(func (result i32) (local $x i32) (i32.const 1))',
  },
  {
    code: 'never-read-local',
    text: '(func (result i32) (local «$x» i32)\n  i32.const 1\n  local.tee $x\n)',
    fixed: '(func (result i32) (local $x i32)\n  i32.const 1\n)',
  },
  {
    code: 'never-read-global',
    text: '(module (global «$g» (mut i32) (i32.const 0)) (global $h (export "h") (mut i32) (i32.const 0)) (func (global.set $g (i32.const 1)) (global.set $h (i32.const 1))))',
  },
  {
    code: 'needless-mut',
    text: '(module (global $g («mut» i32) (i32.const 0)) (func (drop (global.get $g))))',
    fixed: '(module (global $g i32 (i32.const 0)) (func (drop (global.get $g))))',
  },
  {
    code: 'needless-mut',
    text: '(module (global (export "g") (mut i32) (i32.const 0)) (global $h (mut i32) (i32.const 0)) (func (global.set $h (i32.const 1))))',
  },
  {
    code: 'dead-store',
    text: '(func (local $x i32) («local.set $x» (i32.const 1)) (local.set $x (i32.const 2)) (drop (local.get $x)))',
    fixed: '(func (local $x i32) (drop (i32.const 1)) (local.set $x (i32.const 2)) (drop (local.get $x)))',
  },
  {
    code: 'dead-store',
    text: '(func (param $x i32) (drop (local.get $x)) («local.set $x» (i32.const 1)))',
    fixed: '(func (param $x i32) (drop (local.get $x)) (drop (i32.const 1)))',
  },
  {
    code: 'dead-store',
    text: '(func (param $x i32) (local.set $x (i32.const 1)) (if (local.get $x) (then (local.set $x (i32.const 2)))) (drop (local.get $x)))',
  },
  {
    code: 'dead-store',
    text: '(func (param $x i32) (loop $l (drop (local.get $x)) (local.set $x (i32.const 1)) (br $l)))',
  },
  {
    code: 'dead-store',
    text: '(tag $e) (func $f) (func (param $x i32) (block $h (try_table (catch_all $h) (local.set $x (i32.const 1)) (call $f) (local.set $x (i32.const 2)) (call $f))) (drop (local.get $x)))',
  },
  // what is never reached
  {
    code: 'unreachable-code',
    text: '(func (result i32) (return (i32.const 1)) «(drop (i32.const 2)) (nop)»)',
  },
  { code: 'unreachable-code', text: '(func (loop $l (br $l)) «(call 0)»)' },
  { code: 'unreachable-code', text: '(func (block $l (loop (br $l))) (call 0))' },
  {
    code: 'unreachable-code',
    text: '(func (param i32) (if (local.get 0) (then (return)) (else (unreachable))) «(call 0)»)',
  },
  { code: 'unreachable-code', text: '(func (param i32) (if (local.get 0) (then (return))) (call 0))' },
  { code: 'unreachable-code', text: '(func (block $l (br_table $l $l (i32.const 0)) unreachable) (call 0))' },
  {
    code: 'unreachable-code',
    text: '(tag $e) (func (block $h (try_table (catch $e $h) (throw $e) «(call 0)»)) (call 0))',
  },
  {
    code: 'constant-condition',
    text: '(func (block $l (br_if $l («i32.const 1»)) (call 0)))',
    fixed: '(func (block $l (br $l) (call 0)))',
  },
  { code: 'constant-condition', text: '(func block «i32.const 0» br_if 0 end)', fixed: '(func block end)' },
  { code: 'constant-condition', text: '(func (if («i32.const 1») (then)))' },
  { code: 'branch-to-next', text: '(func (block $l (call 0) («br $l»)) (loop $m (br $m)))' },
  { code: 'branch-to-next', text: '(func (block $l (block (call 0) («br $l»))))' },
  { code: 'branch-to-next', text: '(func (block $l (block (br $l)) (call 0)))' },
  { code: 'empty-block', text: '(func («block») (block (nop)) («if» (i32.const 1) (then)))' },
  { code: 'shadowed-label', text: '(func (block $l (loop «$l» (br $l))) (block $l (br $l)))' },
  // what can be said better
  {
    code: 'useless-drop',
    text: '(func (param i32) «(drop (i32.add (local.get 0) (i32.const 1)))» (call 0 (i32.const 1)))',
    fixed: '(func (param i32) (call 0 (i32.const 1)))',
  },
  { code: 'useless-drop', text: '(func\n  «i32.const 1\n  drop»\n)', fixed: '(func\n)' },
  {
    code: 'useless-drop',
    text: '(func (result i32) (drop (call 0)) (drop (i32.div_s (i32.const 1) (i32.const 2))) (i32.const 1))',
  },
  {
    code: 'use-eqz',
    text: '(func (param i32) (result i32) («i32.eq» (local.get 0) (i32.const 0)))',
    fixed: '(func (param i32) (result i32) (i32.eqz (local.get 0)))',
  },
  {
    code: 'use-eqz',
    text: '(func (param i64) (result i32) local.get 0 i64.const 0x0 «i64.eq»)',
    fixed: '(func (param i64) (result i32) local.get 0 i64.eqz)',
  },
  {
    code: 'use-tee',
    text: '(func (param $x i32) (result i32) i32.const 1 local.set $x «local.get $x»)',
    fixed: '(func (param $x i32) (result i32) i32.const 1 local.tee $x)',
  },
  {
    code: 'use-set',
    text: '(func (param $x i32) (drop («local.tee $x» (i32.const 1))))',
    fixed: '(func (param $x i32) (local.set $x (i32.const 1)))',
  },
  {
    code: 'use-set',
    text: '(func (param $x i32) i32.const 1 «local.tee $x» drop)',
    fixed: '(func (param $x i32) i32.const 1 local.set $x)',
  },
  {
    code: 'self-assignment',
    text: '(func (param $x i32) («local.set $x» (local.get $x)) local.get 0 «local.set $x»)',
    fixed: '(func (param $x i32))',
  },
  {
    code: 'useless-comparison',
    text: '(func (param i32) (drop («i32.lt_u» (local.get 0) (i32.const 0))) (drop (i32.lt_s (local.get 0) (i32.const 0))))',
  },
  {
    code: 'division-by-zero',
    text: '(func (param i64) (drop («i64.rem_u» (local.get 0) (i64.const 0))) (drop (i64.div_s (local.get 0) (i64.const 1))))',
  },
  {
    code: 'shift-out-of-range',
    text: '(func (param i32) (drop (i32.shl (local.get 0) («i32.const 32»))) (drop (i32.shl (local.get 0) (i32.const 31))))',
  },
  {
    code: 'omitted-index',
    text: '(memory 1) (memory 1) (func (drop («i32.load» (i32.const 0))) (drop (i32.load 1 (i32.const 0))))',
    fixed: '(memory 1) (memory 1) (func (drop (i32.load 0 (i32.const 0))) (drop (i32.load 1 (i32.const 0))))',
  },
  { code: 'omitted-index', text: '(memory 1) (func (drop (i32.load (i32.const 0))))' },
  {
    code: 'low-alignment',
    text: '(memory 1) (func (drop (i32.load «align=2» (i32.const 0))) (drop (i32.load align=4 (i32.const 0))))',
  },
  { code: 'implicit-module', text: '«func $f» ', fixed: undefined },
  {
    code: 'implicit-module',
    text: ';; a comment\n(«func $f»)\n',
    fixed: ';; a comment\n(module\n(func $f)\n)\n',
  },
  { code: 'implicit-module', text: '(module (func $f))' },
  // suppressions
  { code: 'unknown-suppression', text: ';; wasmscope-ignore «dead-stores» dead-store\n(module)' },
  {
    code: 'unused-label',
    text: '(func\n  ;; wasmscope-ignore unused-label: spare\n  (block $a (nop))\n  (block «$b» (nop)))',
    fixed: '(func\n  ;; wasmscope-ignore unused-label: spare\n  (block $a (nop))\n  (block (nop)))',
  },
  {
    code: 'unused-label',
    text: '(func\r\n  (block $a (nop)) ;; wasmscope-ignore\r\n  (block «$b» (nop)))',
    fixed: '(func\r\n  (block $a (nop)) ;; wasmscope-ignore\r\n  (block (nop)))',
  },
  {
    code: 'unused-label',
    text: ';; wasmscope-ignore-file unused-local unused-label\n(func (block $a (nop)))',
  },
  {
    code: 'unused-label',
    text: ';; wasmscope-ignore-file unused-local\n(func (block «$a» (nop)))',
    fixed: ';; wasmscope-ignore-file unused-local\n(func (block (nop)))',
  },
  // scripts, and documents printed for reading
  {
    code: 'unused-local',
    text: '(module (func (local «i32»)))\n(assert_invalid (module (func (local i32) (drop))) "type mismatch")',
    fixed: '(module (func))\n(assert_invalid (module (func (local i32) (drop))) "type mismatch")',
    file: 'test.wast',
  },
  { code: 'unused-local', text: '(func (local i32))', file: 'wasmscope:/project/m.wasm/func-1.wat' },
];

const AT_ONCE: Turns = { pause: () => undefined };

function levelsOf(...codes: string[]): Levels {
  const lint = Object.fromEntries(LINTS.map(({ code }) => [code, codes.includes(code) ? 'warning' : 'off']));
  return new Levels({ raw: { lint } });
}

const EVERYTHING = levelsOf(...LINTS.map(({ code }) => code));

function analysisOf(text: string, file = 'test.wat', version = 1): Analysis {
  return new Analysis(
    TextDocument.create(file.includes(':') ? file : `file:///project/${file}`, 'wat', version, text),
  );
}

function withLints(text: string, lints: readonly Lint[]): string {
  const marks = lints.flatMap(({ span }) => [[span.start, '«'] as const, [span.end, '»'] as const]);
  marks.sort((a, b) => b[0] - a[0] || (a[1] === '»' ? 1 : -1));
  return marks.reduce((out, [at, mark]) => out.slice(0, at) + mark + out.slice(at), text);
}

for (const { code, text: source, fixed, file } of CASES.filter(({ text }) => !text.startsWith('«'))) {
  test(`${code}: ${source.replace(/\s+/g, ' ')}`, async () => {
    const { text } = marked(source);
    const found = await new LintRuns().of(analysisOf(text, file), levelsOf(code), AT_ONCE);
    assert.equal(withLints(text, found), source);
    assert.ok(found.every((lint) => lint.code === code && lint.message !== ''));
    const edits = found.flatMap(({ fix }) => fix?.edits ?? []);
    assert.equal(edits.length > 0 ? applied(text, edits) : undefined, fixed);
  });
}

test('every lint has a case, a setting with its default, a sentence about that, and a place in the documentation', () => {
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8'));
  const sentences = JSON.parse(readFileSync('package.nls.json', 'utf8'));
  const docs = readFileSync('docs/lints.md', 'utf8');
  for (const { code, severity } of LINTS) {
    assert.match(code, /^[a-z]+(-[a-z]+)+$/);
    assert.ok(
      CASES.some((one) => one.code === code && one.text.includes('«')),
      code,
    );
    const setting = contributes.configuration.properties[`wasmscope.lint.${code}`];
    assert.deepEqual(setting.enum, SEVERITIES, code);
    assert.deepEqual([setting.default, setting.scope], [severity, 'resource'], code);
    assert.ok(sentences[setting.markdownDescription.replaceAll('%', '')], code);
    assert.ok(docs.includes(`\n## ${code}\n`) && docs.includes(`Default: \`${severity}\``), code);
  }
  const settings = Object.keys(contributes.configuration.properties).filter((key) =>
    key.startsWith('wasmscope.lint.'),
  );
  assert.equal(settings.length, LINTS.length);
});

test('what was found in a version of a document is what a fresh look finds, after many edits', async () => {
  const runs = new LintRuns();
  const field = (i: number) =>
    `  (func $f${i} (param $x i32) (local $y i32)\n    (drop (i32.eq (local.get $x) (i32.const 0))))\n`;
  let text = `(module\n${Array.from({ length: 20 }, (_, i) => field(i)).join('')})`;
  let seed = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
  const below = (n: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % n;
  };
  const pieces = [
    '(block $l)',
    ' ',
    '(local.set $y (i32.const 1))',
    '\n',
    '(',
    ')',
    ';; x\n',
    '(memory 1)',
    '$x',
    'return ',
  ];
  for (let version = 1; version <= 150; version++) {
    const start = below(text.length);
    const end = Math.min(text.length, start + below(12));
    const before = text;
    text = text.slice(0, start) + pieces[below(pieces.length)] + text.slice(end);
    const kept = await runs.of(analysisOf(text, 'test.wat', version), EVERYTHING, AT_ONCE);
    const fresh = await new LintRuns().of(analysisOf(text, 'test.wat', version), EVERYTHING, AT_ONCE);
    assert.deepEqual(kept, fresh, text);
    // A text that does not close is put right again, or soon nothing can be read.
    if (version % 3 === 0 && analysisOf(text).faults.length > 0) text = before;
    if (version % 10 === 0) text = `(module\n${Array.from({ length: 20 }, (_, i) => field(i)).join('')})`;
  }
});

test('a function alone has the lints of functions', () => {
  const analysis = analysisOf('(module (func $f (local i32)) (func (local i32 i32)))');
  const [module] = analysis.modules;
  const counts = module.assembly.fields.map((field) => lintField(module, field, EVERYTHING).length);
  assert.deepEqual(counts, [1, 2]);
});

test('a run over a large document gives way', async () => {
  let pauses = 0;
  const text = `(module ${'(func (local i32) (drop (i32.add (i32.const 1) (i32.const 2))))'.repeat(3000)})`;
  await new LintRuns().of(analysisOf(text), EVERYTHING, {
    pause: () => {
      pauses++;
      return undefined;
    },
  });
  assert.ok(pauses > 3000 * 10);
});

test('lints come with the faults, pulled or pushed, and go with settings', async (t) => {
  const text = '(module (func (export "f") (local $x i32)) (func (export "g") (call $g)))';
  for (const capabilities of [PULLS, PUSHED]) {
    const editor = await Editor.start(capabilities, t, { settings: { lint: { 'unused-local': 'error' } } });
    const document = await editor.open(text);
    const told = capabilities === PULLS ? await editor.pull(document) : await editor.diagnosticsOf(document);
    assert.deepEqual(
      told.map(({ code, severity }) => [code, severity]),
      [
        ['unused-local', 1],
        ['unknown-function', 1],
      ],
    );
    assert.deepEqual(told[0].tags, [DiagnosticTag.Unnecessary]);
    await editor.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: { wasmscope: { lint: { 'unused-local': 'off' } } },
    });
    const later = await editor.open(text, 'later.wat');
    const now = capabilities === PULLS ? await editor.pull(later) : await editor.diagnosticsOf(later);
    assert.deepEqual(
      now.map(({ code }) => code),
      ['unknown-function'],
    );
  }
});

const SUITE = process.env.WASMSCOPE_SPEC_TESTSUITE ?? path.resolve('../shared/spec-testsuite');
const SCRIPTS = [
  'block.wast',
  'if.wast',
  'call_indirect.wast',
  'local_tee.wast',
  'try_table.wast',
  'labels.wast',
  'br_table.wast',
];
for (const file of SCRIPTS) {
  if (!existsSync(path.join(SUITE, file))) continue;
  test(`fixes keep the modules of ${file} valid`, async () => {
    const text = readFileSync(path.join(SUITE, file), 'utf8');
    const analysis = analysisOf(text, file);
    assert.equal(analysis.faults.length, 0);
    for (const { fix, span, code } of await new LintRuns().of(analysis, EVERYTHING, AT_ONCE)) {
      const module = analysis.moduleAt(span.start);
      if (!fix || !module) continue;
      const { start, end } = module.span;
      const inside = fix.edits.map((edit) => ({
        ...edit,
        span: { start: edit.span.start - start, end: edit.span.end - start },
      }));
      const after = analysisOf(applied(text.slice(start, end), inside));
      assert.deepEqual(
        after.faults.map(({ message }) => message),
        [],
        `${code} at ${span.start}: ${text.slice(span.start, span.end)}`,
      );
      assert.ok(assemble(parseTree(after.document.getText())).bytes.length > 0);
    }
  });
}
