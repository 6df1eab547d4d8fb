/** The language server on component text: the requests' cores, without a server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentSymbol, Range } from 'vscode-languageserver';
import { CancellationToken } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from '../../language-server/analysis.ts';
import { completion } from '../../language-server/requests/completion.ts';
import { definition } from '../../language-server/requests/definition.ts';
import { diagnosticsOf } from '../../language-server/requests/diagnostics.ts';
import { documentHighlight } from '../../language-server/requests/document-highlight.ts';
import { documentSymbols } from '../../language-server/requests/document-symbols.ts';
import { hover } from '../../language-server/requests/hover.ts';
import { planOfText } from '../../language-server/requests/instantiation.ts';
import { references } from '../../language-server/requests/references.ts';
import { rename } from '../../language-server/requests/rename.ts';
import { rangeTokens } from '../../language-server/requests/semantic-tokens.ts';

const TEXT = `(component $top
  (type $rec (record (field "a" u8)))
  (import "wasi:cli/run@0.2.0" (instance $run (export "run" (func))))
  (core module $m (func $f (export "f") (param i32) (result i32) local.get 0))
  (core instance $i (instantiate $m))
  (component $inner
    (type $list (list $rec))
    (core module $n (func (drop (i32.const 1)))))
  (func $g (export "g") (param "x" u32) (result u32) (canon lift (core func $i "f")))
  (export "again" (func $g)))
`;

function analysisOf(text: string, name = 'a.wat'): Analysis {
  return new Analysis(TextDocument.create(`file:///${name}`, 'wat', 1, text));
}

/** What stands in a range. */
function textOf({ document }: Analysis, range: Range): string {
  return document.getText(range);
}

test('a good component has no diagnostics', () => {
  assert.deepEqual(diagnosticsOf(analysisOf(TEXT)), []);
});

/** A change of the text, and the diagnostics of it: what they are about, and what they say. */
const WRONG: readonly [from: string, to: string, found: readonly [about: string, message: RegExp][]][] = [
  ['(list $rec)', '(list $reck)', [['$reck', /^unknown type: failed to find name `\$reck`\ndid you mean `\$rec`\?$/]]],
  ['local.get 0', 'local.get 1', [['local.get 1', /^unknown local 1/]]],
  ['(i32.const 1)', '(i64.add)', [['i64.add', /^type mismatch/]]],
  ['(result u32) (canon', '(result u64) (canon', [['', /^lowered result types `\[I64\]` do not match/]]],
  ['"again"', '"Again_"', [['', /is not in kebab case/]]],
  ['(core func $i "f")', '(core func $i "f"', [['(component $top', /unclosed/]]],
]; // biome-ignore format: a table

for (const [from, to, found] of WRONG) {
  test(`what is wrong with ${to}`, () => {
    const analysis = analysisOf(TEXT.replace(from, to));
    const diagnostics = diagnosticsOf(analysis);
    for (const [i, [about, message]] of found.entries()) {
      assert.match(String(diagnostics[i]?.message), message);
      if (about && !message.source.includes('unclosed'))
        assert.equal(textOf(analysis, diagnostics[i].range), about);
    }
  });
}

/** A place by the text behind it, the definition there, and how often it is used. */
const PLACES: readonly [at: string, definition: string, line: number, uses: number][] = [
  ['$rec))\n    (core', '$rec', 1, 1],
  ['$i "f"', '$i', 4, 1],
  ['$m))', '$m', 3, 1],
  ['$g)))', '$g', 8, 1],
];

for (const [at, name, line, uses] of PLACES) {
  test(`${name} is defined on line ${line}`, async () => {
    const analysis = analysisOf(TEXT);
    const pos = TEXT.indexOf(at);
    const found = definition(analysis, pos)!;
    assert.equal(textOf(analysis, found.range), name);
    assert.equal(found.range.start.line, line);
    const all = await references(analysis, pos, true, CancellationToken.None);
    assert.equal(all.length, uses + 1);
    assert.equal(documentHighlight(analysis, pos).length, uses + 1);
  });
}

test('places inside of modules are places of modules', () => {
  const analysis = analysisOf(TEXT);
  const value = hover(analysis, TEXT.indexOf('local.get'), true)?.contents as { value: string };
  assert.match(value.value, /Pushes the value of a local/);
});

/** A place, and what is said there. */
const HOVERS: readonly [at: string, said: RegExp][] = [
  ['$rec))\n    (core', /\(type \$rec \(record \(field "a" u8\)\)\)[\s\S]*`type 0`, used once/],
  ['$g)))', /`func\(x: u32\) -> u32`[\s\S]*`func 0`, used once/],
  ['canon lift', /A canonical definition/],
  ['lift (', /Makes a function of a core function/],
  ['"wasi:cli', /Interface `run` of the package `wasi:cli`, version `0\.2\.0`/],
  ['record', /Values of several types, by name/],
];

for (const [at, said] of HOVERS) {
  test(`hover at ${JSON.stringify(at)}`, () => {
    const found = hover(analysisOf(TEXT), TEXT.indexOf(at), true)?.contents as { value: string } | undefined;
    assert.match(found?.value ?? '', said);
  });
}

test('the outline has components, modules and what is in them', () => {
  const names = (symbols: readonly DocumentSymbol[]): unknown[] =>
    symbols.map(({ name, children }) => (children ? [name, names(children)] : name));
  assert.deepEqual(names(documentSymbols(analysisOf(TEXT))), [
    [
      '$top',
      [
        '$rec',
        '"wasi:cli/run@0.2.0"',
        ['$m', ['$f']],
        '$i',
        ['$inner', ['$list', ['$n', ['func 0']]]],
        '$g',
        '"again"',
      ],
    ],
  ]);
});

/** A place `¦` in a component, labels that are offered there, and one that is not. */
const COMPLETIONS: readonly [text: string, offered: readonly string[], not: string][] = [
  ['(component (¦))', ['core module', 'import', 'canon'], 'record'],
  ['(component (type $t u8) (component $c) (type (list ¦)))', ['$t', 'u32', 'string'], '$c'],
  ['(component (type $t u8) (import "f" (func (param "x" $¦))))', ['$t'], 'u32'],
  ['(component (core module $m) (core instance (instantiate $¦)))', ['$m'], '$later'],
  ['(component (import "f" (¦)))', ['func', 'instance', 'core module'], 'canon'],
];

for (const [marked, offered, not] of COMPLETIONS) {
  test(`completion in ${marked}`, () => {
    const pos = marked.indexOf('¦');
    const labels =
      completion(analysisOf(marked.replace('¦', '')), pos, false)?.items.map(({ label }) => label) ?? [];
    assert.deepEqual(
      offered.filter((label) => !labels.includes(label)),
      [],
    );
    assert.ok(!labels.includes(not), `${not} is offered`);
  });
}

test('a name is changed wherever it stands', () => {
  const analysis = analysisOf(TEXT);
  const edits = rename(analysis, TEXT.indexOf('$rec'), '$record')?.changes?.[analysis.document.uri] ?? [];
  assert.equal(
    TextDocument.applyEdits(analysis.document as TextDocument, edits),
    TEXT.replaceAll('$rec', '$record'),
  );
  assert.throws(() => rename(analysis, TEXT.indexOf('$rec'), '$list'), /there is a type \$list already/);
});

test('names have the colours of what they stand for', () => {
  assert.equal(rangeTokens(analysisOf(TEXT), 0, TEXT.length).length % 5, 0);
  assert.ok(rangeTokens(analysisOf(TEXT), 0, TEXT.length).length > 10 * 5);
});

test('components of scripts are analysed, each on its own', () => {
  const script = '(component (core module (func nop)))\n(component definition $c (export "x" (func $y)))\n';
  const found = diagnosticsOf(analysisOf(script, 'a.wast'));
  assert.deepEqual(
    found.map(({ message }) => message),
    ['unknown func: failed to find name `$y`'],
  );
});

test('what is instantiated, with ranges; nothing for a module or a component with faults', () => {
  const root = planOfText(analysisOf(TEXT));
  assert.equal(root?.name, '$top');
  const [instance] = root.children;
  assert.deepEqual([instance.number, instance.name, instance.of], [1, '$i', '$m']);
  assert.equal(textOf(analysisOf(TEXT), instance.range!), '(core instance $i (instantiate $m))');
  assert.match(textOf(analysisOf(TEXT), instance.source!.range!), /^\(core module \$m /);
  assert.deepEqual(root.links[0].links, [{ name: 'wasi:cli/run@0.2.0', to: 'the host' }]);
  assert.equal(planOfText(analysisOf('(module)')), null);
  assert.equal(planOfText(analysisOf('(component (core instance (instantiate 0)))')), null);
  assert.equal(planOfText(analysisOf(TEXT, 'a.wast')), null);
});
