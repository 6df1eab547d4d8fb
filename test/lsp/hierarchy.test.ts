/**
 * Calls, types, and where things are declared, typed and implemented; what belongs together in control flow. Asked at
 * `¦`; the marked ranges are the answer.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  DocumentHighlight,
  Location,
  LocationLink,
  TypeHierarchyItem,
} from 'vscode-languageserver';
import { Editor, marked, PULLS, withMarks } from './harness.ts';

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
});
after(() => editor?.stop());

async function answered(source: string, method: string): Promise<[shown: string, wanted: string]> {
  const { text, places } = marked(source);
  const document = await editor.open(text, 'hierarchy.wast');
  const found = await editor.at<Location | Location[] | DocumentHighlight[] | null>(
    method,
    document,
    document.positionAt(places[0]),
  );
  await editor.close(document);
  const ranges = (Array.isArray(found) ? found : found ? [found] : []).map(({ range }) => range);
  return [withMarks(document, ranges), source.replace('¦', '')];
}

const PLACES: Readonly<Record<string, readonly (readonly [name: string, text: string])[]>> = {
  typeDefinition: [
    ['a function', '(type «$t» (func)) (func $f (type $t)) (func (call $f¦))'],
    ['a local', '(type «$s» (struct)) (func (param $p (ref null $s)) (drop (local.get ¦$p)))'],
    ['a global', '(type «$s» (struct)) (global $g¦ (ref null $s) (ref.null $s))'],
    ['a field', '(type «$s» (struct (field $next¦ (ref null $s))))'],
    ['a tag', '(type «$t» (func)) (tag $e (type $t)) (func (throw ¦$e))'],
    ['a table', '(type «$t» (func)) (table $tab¦ 1 (ref null $t))'],
    ['a number', '(func (param $n i32) (drop (local.get ¦$n)))'],
  ],
  declaration: [
    ['an import', '(module (import "m" "f" (func «$f»)) (func (call ¦$f)))'],
    ['a local', '(func (param «$x» i32) (drop (local.get ¦$x)))'],
    ['nothing', '(func (i32.const ¦1) drop)'],
  ],
  implementation: [
    [
      'an import of a script',
      '(module (func «$g» (export "g"))) (register "m") (module (import "m" "g" (func $f)) (start $¦f))',
    ],
    [
      'an import of an import',
      '(module (func «$a» (export "a"))) (register "x") (module (import "x" "a" (func $b)) (export "b" (func $b))) (register "y") (module (import "y" "b" (func $c)) (start ¦$c))',
    ],
    ['a type', '(type $t¦ (sub (struct))) (type «$u» (sub $t (struct))) (type $v (sub $u (struct)))'],
    ['a function type', '(type ¦$t (func)) (func «$f» (type $t)) (func $g (param i32))'],
    ['an action', '(module (func «$f» (export "run"))) (invoke "r¦un")'],
    ['what nobody implements', '(type $t¦ (struct))'],
  ],
  definition: [
    ['in a module of an assertion', '(assert_trap (module (func «$f») (start ¦$f)) "unreachable")'],
    ['a module of a script', '(module «$m» (func (export "f"))) (invoke ¦$m "f")'],
    ['the last module of that name', '(module $m) (module «$m») (register "x" $¦m)'],
    [
      'an export of an action',
      '(module (func «$f» (export "run")) (func $g)) (assert_return (invoke "¦run"))',
    ],
    ['an export of a module', '(module $m (func «$f») (export "run" (func $f))) (module) (invoke $m "run¦")'],
    [
      'an export of the last module that is one',
      '(module (func «$f» (export "run"))) (module definition (func $g (export "run"))) (invoke "¦run")',
    ],
    ['an export that is not there', '(module (func $f (export "run"))) (invoke "¦walk")'],
  ],
  documentHighlight: [
    ['in a module of an assertion', '(assert_invalid (module (func «$f») (start «$¦f»)) "type mismatch")'],
    ['a block, its end and branches', '(func «¦block» «br» 0 loop br 0 «br» 1 end «end» block end)'],
    ['from the end', '(func «block» $l «br_if» $l «end¦» $l)'],
    ['if and else', '(func i32.const 0 «if» «br» 0 «¦else» nop «end»)'],
    ['from a branch', '(func «block» $l block ¦«br» $l end «end»)'],
    ['a folded block', '(func («block» $l («¦br» $l)))'],
    ['a folded if', '(func («if» (i32.const 0) («then» («br» 0)) («¦else»)))'],
    ['a br_table', '(func «block» block (¦«br_table» 1 0 (i32.const 0)) end «end»)'],
    ['a function and its returns', '(«func» block «ret¦urn» «br» 1 end «return_call» 0)'],
    ['legacy try', '(func «¦try» nop «catch_all» nop «end»)'],
    ['a module of a script', '(module «$m») (register "x" «$¦m»)'],
    ['no control flow', '(func (drop¦ (i32.const 0)))'],
  ],
};

for (const [method, cases] of Object.entries(PLACES)) {
  for (const [name, source] of cases) {
    test(`${method}: ${name}`, async () => {
      const [shown, wanted] = await answered(source, method);
      assert.equal(shown, wanted);
    });
  }
}

test('links for a client that takes them: the whole form, and its name', async (t) => {
  const textDocument = { ...PULLS.textDocument, declaration: { linkSupport: true } };
  const linking = await Editor.start({ ...PULLS, textDocument }, t);
  const document = await linking.open('(module (import "m" "f" (func $f)) (start $f))');
  const [link] = await linking.at<LocationLink[]>('declaration', document, { line: 0, character: 43 });
  assert.equal(document.getText(link.targetRange), '(import "m" "f" (func $f))');
  assert.equal(document.getText(link.targetSelectionRange), '$f');
});

const CALLS = `(module
  (type $t (func (param i32)))
  (import "m" "log" (func $log (param i32)))
  (table funcref (elem $a $b))
  (func $a (type $t) (call $log (local.get 0)) call $c call 3)
  (func $b (type $t))
  (func $c (call_indirect (type $t) (i32.const 0) (i32.const 1)) (call $c))
  (func $other (export "main") (param i64) (call $a (i32.const 1)) block
)`;

async function hierarchy(name: string): Promise<{ item: CallHierarchyItem; in: string[]; out: string[] }> {
  const document = await editor.open(CALLS, 'calls.wat');
  const place = document.positionAt(CALLS.indexOf(`(func ${name}`) + 7);
  const [item] = await editor.at<CallHierarchyItem[]>('prepareCallHierarchy', document, place);
  const incoming = await editor.request<CallHierarchyIncomingCall[]>('callHierarchy/incomingCalls', { item });
  const outgoing = await editor.request<CallHierarchyOutgoingCall[]>('callHierarchy/outgoingCalls', { item });
  await editor.close(document);
  const shown = (of: CallHierarchyItem, ranges: readonly { start: { line: number } }[]) =>
    `${of.name}${/indirect/.test(of.detail ?? '') ? ' (possible)' : ''} x${ranges.length}`;
  return {
    item,
    in: incoming.map(({ from, fromRanges }) => shown(from, fromRanges)),
    out: outgoing.map(({ to, fromRanges }) => shown(to, fromRanges)),
  };
}

test('call hierarchy: direct and possible calls, also of a function with a fault', async () => {
  const a = await hierarchy('$a');
  assert.deepEqual(a.in, ['$other x1', '$c (possible) x1']);
  assert.deepEqual(a.out, ['$log x1', '$c x2']);
  const c = await hierarchy('$c');
  assert.deepEqual(c.in, ['$a x2', '$c x1']);
  assert.deepEqual(c.out, ['$c x1', '$a (possible) x1', '$b (possible) x1']);
  const log = await hierarchy('$log');
  assert.equal(log.item.detail, 'import "m" "log"');
  assert.deepEqual(log.in, ['$a x1']);
  assert.deepEqual(log.out, []);
});

test('call hierarchy: the function around, by its export', async () => {
  const document = await editor.open('(module (func (export "main") nop nop))', 'around.wat');
  const [item] = await editor.at<CallHierarchyItem[]>('prepareCallHierarchy', document, {
    line: 0,
    character: 32,
  });
  assert.equal(item.name, 'main');
  assert.equal(document.getText(item.selectionRange), 'func');
  assert.equal(await editor.at('prepareCallHierarchy', document, { line: 0, character: 3 }), null);
  await editor.close(document);
});

test('type hierarchy', async () => {
  const text =
    '(type $a (sub (struct))) (rec (type $b (sub $a (struct))) (type $c (sub final $a (struct)))) (type $d (sub $b (struct)))';
  const document = await editor.open(text, 'types.wat');
  const at = async (name: string) => {
    const place = document.positionAt(text.indexOf(`(type ${name}`) + 7);
    const [item] = await editor.at<TypeHierarchyItem[]>('prepareTypeHierarchy', document, place);
    const names = async (method: string) =>
      (await editor.request<TypeHierarchyItem[]>(`typeHierarchy/${method}`, { item })).map(
        ({ name, detail }) => `${name} ${detail}`,
      );
    return { above: await names('supertypes'), below: await names('subtypes') };
  };
  assert.deepEqual(await at('$a'), { above: [], below: ['$b struct', '$c final struct'] });
  assert.deepEqual(await at('$b'), { above: ['$a struct'], below: ['$d struct'] });
  assert.deepEqual(await at('$d'), { above: ['$b struct'], below: [] });
  assert.equal(await editor.at('prepareTypeHierarchy', document, { line: 0, character: 2 }), null);
  await editor.close(document);
});
