/**
 * Completion by context: at the place `¦` of each text, what must be suggested, in this order, and what must not be.
 *
 * `first` are the first labels of the list, `has` stand somewhere in it, `not` nowhere.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from '../../language-server/analysis.ts';
import { completion } from '../../language-server/requests/completion.ts';
import { marked } from '../lsp/harness.ts';

interface Case {
  readonly first?: readonly string[];
  readonly has?: readonly string[];
  readonly not?: readonly string[];
  /** The text with `«` `»` around what a suggestion replaces. */
  readonly replaces?: string;
  readonly name?: string;
}

function ask(source: string, name = 'test.wat', snippets = false) {
  const { text, places } = marked(source);
  const analysis = new Analysis(TextDocument.create(`file:///${name}`, 'wat', 1, text));
  return { list: completion(analysis, places[0], snippets), analysis, text };
}

const STRUCT = '(type $s (struct (field $x i32) (field $y (mut f64))))';

const CASES: readonly (readonly [what: string, text: string, expected: Case])[] = [
  // instructions by the stack
  [
    'two i32 on the stack: what takes them comes first',
    '(module (func (param i32) local.get 0 local.get 0 ¦))',
    {
      first: ['local.set', 'local.tee', 'i32.add'],
      has: ['i32.const'],
      not: ['f64.add', 'i64.eqz', 'struct.get'],
    },
  ],
  [
    'an f64 on top',
    '(module (func f64.const 1 ¦))',
    { first: ['drop', 'f64.abs'], not: ['i32.eqz', 'f64.add'] },
  ],
  [
    'nothing on the stack: what needs nothing',
    '(module (func (local i32) ¦))',
    { first: ['local.get'], has: ['i32.const', 'block'], not: ['i32.add', 'drop', 'end'] },
  ],
  ['memory instructions need a memory', '(module (func i32.const 0 ¦))', { not: ['i32.load'] }],
  [
    'and come with one',
    '(module (memory 1) (func i32.const 0 ¦))',
    { has: ['i32.load'], not: ['i64.store'] },
  ],
  [
    'the results of a block are there: it can end',
    '(module (func block i32.const 1 drop ¦))',
    { has: ['end'] },
  ],
  ['the function itself has no end', '(module (func ¦))', { not: ['end', 'else'] }],
  ['else in an if', '(module (func i32.const 1 if nop ¦', { has: ['else', 'end'] }],
  ['unreachable code takes anything', '(module (func unreachable ¦))', { has: ['i32.add', 'f64.add'] }],
  [
    'typed: everything that it could mean, what fits first',
    '(module (func i32.const 1 i32.const 2 i32.a¦))',
    { first: ['i32.add', 'i32.and'], has: ['i32.atomic.load'], not: ['f64.abs'] },
  ],
  ['old names are not offered', '(module (func (param i32) get_loc¦))', { not: ['get_local'] }],
  [
    'an operand behind a head that comes later',
    '(module (func (i32.add (i32.const 1) (i32.const 2)) ¦))',
    {
      has: ['drop', 'i32.eqz'],
      not: ['i32.add'],
    },
  ],
  [
    'inside of then the condition is gone',
    '(module (func (if (i32.const 1) (then ¦))))',
    { not: ['drop', 'i32.eqz'] },
  ],
  ['a block hides what is below', '(module (func i32.const 1 block ¦', { not: ['drop'] }],
  [
    'typing behind a try_table clause',
    '(module (tag $e) (func block $l try_table (catch $e $l) i32.const 1 ¦',
    {
      has: ['drop'],
    },
  ],
  // folded
  [
    'an operand: what gives it',
    '(module (func (param i32) (i32.add (¦',
    {
      first: ['local.get', 'i32.const'],
      has: ['i32.load', 'f32.eq'].slice(1),
      not: ['f64.add', 'i32.store'],
    },
  ],
  [
    'the second operand of a store',
    '(module (memory 1) (func (f64.store (i32.const 0) (¦',
    {
      has: ['f64.const', 'f64.load'],
      not: ['i32.const', 'i32.add'],
    },
  ],
  [
    'an argument of a call',
    '(module (func $f (param i32 f32)) (func (call $f (i32.const 0) (¦',
    {
      has: ['f32.const'],
      not: ['i32.const'],
    },
  ],
  [
    'behind (then …) there is (else',
    '(module (func (if (i32.const 1) (then) (¦',
    { first: ['else'], not: ['i32.const'] },
  ],
  [
    'then behind a condition',
    '(module (func (if (i32.const 1) (¦',
    { first: ['then'], not: ['else', 'result'] },
  ],
  ['the type of a block', '(module (func (block (¦', { first: ['type', 'param', 'result'] }],
  [
    'clauses of try_table',
    '(module (func (try_table (¦',
    { has: ['catch', 'catch_ref', 'catch_all', 'catch_all_ref'] },
  ],
  [
    'a flat call_indirect',
    '(module (table 1 funcref) (func i32.const 0 call_indirect (¦',
    { first: ['type', 'param', 'result'] },
  ],
  [
    'constant expressions',
    '(module (global i32 (¦',
    { has: ['i32.const', 'global.get'], not: ['i32.eqz', 'call', 'end'] },
  ],
  // names
  [
    'locals by type wanted',
    '(module (func (param $a i32) (param $b f64) (f64.abs (local.get $¦',
    { first: ['$b', '$a'] },
  ],
  [
    'a local for what is on top',
    '(module (func (param $a i32) (local $b f64) f64.const 0 local.set ¦',
    {
      first: ['$b', '$a'],
    },
  ],
  [
    'locals without names',
    '(module (func (param i32 f64) local.get ¦',
    { first: ['0', '1'], not: ['i32.const'] },
  ],
  [
    'the word is replaced, not what is behind it',
    '(module (func (param $name i32) local.get «$na¦me» drop))',
    {
      first: ['$name'],
      replaces: '$name',
    },
  ],
  [
    'in the middle of an instruction',
    '(module (func «i32.a¦dd»))',
    { has: ['i32.add'], replaces: 'i32.add' },
  ],
  [
    'in front of an instruction nothing is replaced',
    '(module (func ¦i32.add))',
    { has: ['i32.const'], replaces: '' },
  ],
  ['quoted names', '(module (func $"a b") (func call $¦))', { has: ['$"a b"'] }],
  [
    'functions that take what is there',
    '(module (func $n) (func $d (param f64)) (func $i (param i32)) (func i32.const 1 call ¦',
    {
      first: ['$i', '$n'],
    },
  ],
  [
    'mutable globals first',
    '(module (global $c i32 (i32.const 0)) (global $m (mut i32) (i32.const 0)) (func i32.const 1 global.set $¦',
    {
      first: ['$m', '$c'],
    },
  ],
  ['labels, innermost first', '(module (func block $a loop $b br $¦', { first: ['$b', '$a'] }],
  ['labels by depth', '(module (func block loop br ¦', { first: ['0', '1', '2'] }],
  [
    'labels of blocks that are closed are not in scope',
    '(module (func (block $a) (loop $b (br $¦',
    { first: ['$b'], not: ['$a'] },
  ],
  [
    'the label of an if is not in its condition',
    '(module (func (block $o (if $i (br_if $¦',
    { first: ['$o'], not: ['$i'] },
  ],
  ['but in its branches', '(module (func (if $i (i32.const 0) (then (br $¦', { first: ['$i'] }],
  [
    'clauses of try_table branch outwards',
    '(module (tag $e) (func (block $o (try_table $t (catch $e $¦',
    {
      first: ['$o'],
      not: ['$t'],
    },
  ],
  [
    'fields of a structure',
    `(module ${STRUCT} (func (param (ref $s)) (struct.get $s $¦`,
    { first: ['$x', '$y'] },
  ],
  [
    'mutable fields first',
    `(module ${STRUCT} (func (param (ref $s)) (struct.set $s $¦`,
    { first: ['$y', '$x'] },
  ],
  [
    'structure types only',
    `(module ${STRUCT} (type $f (func)) (func (struct.new $¦`,
    { first: ['$s'], not: ['$f'] },
  ],
  [
    'function types only',
    `(module ${STRUCT} (type $f (func)) (func (type $¦`,
    { first: ['$f'], not: ['$s'] },
  ],
  [
    'tables may be left out',
    '(module (table $t 1 funcref) (func i32.const 0 table.get ¦',
    { first: ['$t'], has: ['i32.const'] },
  ],
  ['segments', '(module (memory 1) (data $d "") (func memory.init $¦', { first: ['$d'] }],
  ['tags', '(module (tag $e) (func throw $¦', { first: ['$e'] }],
  ['exports', '(module (func $f) (memory $m 1) (export "f" (func $¦', { first: ['$f'], not: ['$m'] }],
  ['the start function', '(module (func $f) (start $¦', { first: ['$f'] }],
  [
    'functions of an element segment',
    '(module (table 1 funcref) (func $f) (elem (i32.const 0) func $¦',
    { first: ['$f'] },
  ],
  ['the table of an element segment', '(module (table $t 1 funcref) (elem (table $¦', { first: ['$t'] }],
  ['a memory in a data segment', '(module (memory $m 1) (data (memory $¦', { first: ['$m'] }],
  // types, keywords
  ['value types', '(module (func (param ¦', { first: ['i32', 'i64', 'f32', 'f64'], not: ['i8', 'nop'] }],
  ['storage types', '(module (type (struct (field ¦', { has: ['i8', 'i32'] }],
  ['a reference type', '(module (func (param (¦', { first: ['ref'] }],
  [
    'heap types and type names',
    `(module ${STRUCT} (func (param (ref ¦`,
    { has: ['func', 'null', '$s', 'any'] },
  ],
  ['heap types of ref.null', '(module (func ref.null ¦', { has: ['func', 'extern'] }],
  ['what a type can be', '(module (type $t (¦', { first: ['func', 'struct', 'array', 'sub'] }],
  [
    'parts of a function',
    '(module (func $f (¦',
    { has: ['param', 'result', 'local', 'export', 'import', 'type', 'i32.const'] },
  ],
  ['behind code there is no parameter', '(module (func nop (¦', { not: ['param', 'local'] }],
  ['fields', '(module (¦', { first: ['func', 'import', 'export'], not: ['i32.const', 'param'] }],
  ['fields where no parenthesis stands', '(module\n  ¦\n)', { has: ['func', 'memory', 'binary'] }],
  ['the top of a text', '¦', { first: ['module'] }],
  [
    'memory accesses: natural alignment first',
    '(module (memory 1) (func i32.const 0 i64.load ¦',
    {
      first: ['offset=', 'align=8', 'align=4'],
      not: ['align=16'],
    },
  ],
  [
    'offset once',
    '(module (memory 1) (func i32.const 0 i64.load offset=4 ¦',
    { first: ['align=8'], not: ['offset='] },
  ],
  ['lanes', '(module (func v128.const ¦', { first: ['i8x16'] }],
  ['annotations', '(module (@¦', { first: ['(@custom', '(@name', '(@metadata.code.branch_hint'] }],
  ['in a comment nothing', '(module ;; ¦\n)', {}],
  ['in an annotation nothing', '(module (@x ¦))', {}],
  ['in an ordinary string nothing', '(module (data "¦"))', {}],
  // strings
  ['the name of the function', '(module (func $foo (export "¦")))', { first: ['"foo"'] }],
  ['the name of what is exported', '(module (func $foo) (export "¦" (func $foo)))', { first: ['"foo"'] }],
  [
    'what is not exported yet',
    '(module (func $a (export "a")) (func $b) (memory $m 1) (export "¦',
    {
      has: ['"b"', '"m"'],
      not: ['"a"'],
    },
  ],
  // scripts
  ['commands', '(module)\n(¦', { has: ['assert_return', 'invoke', 'module'], not: ['func'], name: 't.wast' }],
  ['an action', '(module)(assert_return (¦', { first: ['invoke', 'get'], name: 't.wast' }],
  [
    'the exports of the module in front',
    '(module (func (export "a")))(module $m (func (export "b")) (global (export "g") i32 (i32.const 0)))(invoke "¦")',
    {
      first: ['"b"'],
      not: ['"a"', '"g"'],
      name: 't.wast',
    },
  ],
  [
    'of the module that is named',
    '(module $n (func (export "a")))(module $m (func (export "b")))(assert_return (invoke $n "¦"))',
    {
      first: ['"a"'],
      not: ['"b"'],
      name: 't.wast',
    },
  ],
  ['names of modules', '(module $n)(module $m)(invoke $¦', { has: ['$n', '$m'], name: 't.wast' }],
  ['arguments', '(module)(invoke "a" (¦', { first: ['i32.const'], not: ['i32.add'], name: 't.wast' }],
  [
    'NaN patterns of results',
    '(module)(assert_return (invoke "a") (f32.const ¦',
    {
      first: ['nan:canonical', 'nan:arithmetic'],
      name: 't.wast',
    },
  ],
  [
    'no NaN patterns in arguments',
    '(module)(assert_return (invoke "a" (f32.const ¦',
    {
      first: ['nan', 'inf'],
      not: ['nan:canonical'],
      name: 't.wast',
    },
  ],
  [
    'registered modules',
    '(module $m (func (export "f")))(register "lib" $m)(module (import "¦" "f" (func)))',
    {
      first: ['"lib"'],
      name: 't.wast',
    },
  ],
  [
    'their exports',
    '(module $m (func (export "f")))(register "lib" $m)(module (import "lib" "¦" (func)))',
    {
      first: ['"f"'],
      name: 't.wast',
    },
  ],
  ['inside of a module of a script', '(module (func $f) (func call $¦))', { first: ['$f'], name: 't.wast' }],
  [
    'inside of a module of an assertion',
    '(assert_invalid (module (func $f) (func (param f64) local.get 0 ¦)) "type mismatch")',
    { first: ['local.set', 'local.tee'], has: ['f64.abs'], not: ['i32.add'], name: 't.wast' },
  ],
  [
    'an unfinished string: only what is typed is replaced',
    '(module (func $foo) (export «"f¦» (func $foo))',
    { first: ['"foo"'], replaces: '"f' },
  ],
];

for (const [what, source, expected] of CASES) {
  test(what, () => {
    const { list, analysis } = ask(source.replace(/[«»]/g, ''), expected.name);
    const labels = (list?.items ?? []).map(({ label }) => label);
    const { first = [], has = [], not = [], replaces } = expected;
    assert.deepEqual(labels.slice(0, first.length), first);
    for (const label of has) assert.ok(labels.includes(label), `${label} is missing: ${labels.slice(0, 20)}`);
    for (const label of not) assert.ok(!labels.includes(label), `${label} should not be there`);
    assert.equal(new Set(labels).size, labels.length, 'twice in the list');
    if (first.length + has.length + not.length === 0) assert.deepEqual(labels, []);
    if (replaces === undefined) return;
    const edit = list!.items[0].textEdit!;
    assert.ok('range' in edit);
    assert.equal(analysis.document.getText(edit.range), replaces);
  });
}

test('snippets come only where the client can fill them in', () => {
  const labels = (snippets: boolean) =>
    ask('(module (func (¦', 't.wat', snippets).list!.items.filter((i) => i.insertTextFormat === 2);
  assert.deepEqual(labels(false), []);
  assert.ok(labels(true).some(({ label }) => label.startsWith('if ')));
});

test('a list is bounded, and asks to be asked again', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `(func $f${i})`).join('\n');
  const { list } = ask(`(module ${many} (func call $¦))`);
  assert.equal(list!.items.length, 300);
  assert.equal(list!.isIncomplete, true);
  const narrow = ask(`(module ${many} (func call $f999¦))`).list!;
  assert.equal(narrow.items[0].label, '$f999');
  assert.equal(narrow.isIncomplete, false);
});

test('types stand beside labels where the client shows them there, else in the detail', () => {
  const { text, places } = marked('(module (func (param i32) local.get 0 i32.eq¦))');
  const analysis = new Analysis(TextDocument.create('file:///t.wat', 'wat', 1, text));
  const find = (labelDetails: boolean) =>
    completion(analysis, places[0], false, labelDetails)!.items.find(({ label }) => label === 'i32.eqz')!;
  assert.deepEqual([find(true).labelDetails?.detail, find(true).detail], [' [i32] -> [i32]', undefined]);
  assert.deepEqual([find(false).labelDetails, find(false).detail], [undefined, '[i32] -> [i32]']);
});
