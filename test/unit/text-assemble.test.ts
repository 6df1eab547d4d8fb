// The assembler: bytes the host accepts, faults with places and notes, tolerance, names, and the map both ways.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { type Assembly, assemble } from '../../engine/text/assemble.ts';
import { lex, Tok } from '../../engine/text/lexer.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { instrOfToken } from '../../engine/text/words.ts';

const assembled = (text: string): Assembly => assemble(parseTree(text));

/** Faults as `message @text`. */
function faultsOf(text: string): string[] {
  return assembled(text).faults.map(
    ({ message, span }) => `${message} @${text.slice(span!.start, span!.end)}`,
  );
}

function accepted(text: string): Uint8Array<ArrayBuffer> {
  const { bytes, faults } = assembled(text);
  assert.deepEqual(faults, [], text);
  assert.ok(WebAssembly.validate(bytes), `the host accepts ${text}`);
  return bytes;
}

function run(text: string, name: string, ...args: unknown[]): unknown {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(accepted(text)));
  return (instance.exports[name] as (...args: unknown[]) => unknown)(...args);
}

test('folded and flat code are the same code', () => {
  const flat =
    '(func (export "f") (param i32) (result i32) local.get 0 if (result i32) i32.const 1 i32.const 2 i32.add else i32.const 9 end)';
  const folded =
    '(func (export "f") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (i32.const 2))) (else (i32.const 9))))';
  assert.deepEqual(accepted(folded), accepted(flat));
  assert.equal(run(folded, 'f', 1), 3);
  assert.equal(run(flat, 'f', 0), 9);
});

test('labels are found by name, inner ones first', () => {
  const text = `(func (export "f") (param i32) (result i32)
    (block $l (result i32) (block $l (br_if 1 (i32.const 7) (local.get 0)) (drop) (br $l)) (i32.const 8)))`;
  assert.equal(run(text, 'f', 1), 7);
  assert.equal(run(text, 'f', 0), 8);
});

test('types without an index are found or appended behind the written ones', () => {
  const { types, funcs } = decode(
    accepted(
      '(func (param i32)) (type (func (param i64))) (func (param i64)) (func (param i32)) (func (result f32 f32) (unreachable))',
    ),
  );
  assert.deepEqual(
    types.map(({ composite }) => composite.kind === 'func' && composite.params.length),
    [1, 1, 0],
  );
  assert.deepEqual(
    funcs.map(({ typeIdx }) => typeIdx),
    [1, 0, 1, 2],
  );
});

const FAULTS: readonly [text: string, ...faults: string[]][] = [
  ['(func local.get $x)', 'unknown local $x @$x'],
  ['(func call $f)', 'unknown function $f @$f'],
  ['(func br $l)', 'unknown label $l @$l'],
  ['(func global.get $g)', 'unknown global $g @$g'],
  ['(func (type $t))', 'unknown type $t @$t'],
  ['(func i32.foo)', 'unknown operator i32.foo @i32.foo'],
  ['(func get_local 0)', 'unknown operator get_local @get_local'],
  ['(func nop', 'unexpected token: unclosed ( @('],
  ['(func block end $l)', 'mismatching label $l @$l'],
  ['(func block)', 'unexpected token ) @)'],
  ['(func i32.const 4294967296 drop)', 'constant out of range @4294967296'],
  ['(func i32.const drop)', 'unexpected token drop @drop'],
  ['(func f32.const nan:0x0 drop)', 'constant out of range @nan:0x0'],
  ['(memory 1) (func i32.load align=3)', 'alignment must be a power of two @align=3'],
  ['(func $f) (func $f)', 'duplicate func $f @$f'],
  ['(func (param $a i32) (local $a i32))', 'duplicate local $a @$a'],
  ['(func) (import "" "" (func))', 'import after function @import'],
  ['(func $f) (start $f) (start $f)', 'multiple start sections @(start $f)'],
  ['(type $t (func)) (func (type $t) (param i32))', 'inline function type does not match @$t'],
  ['(memory 0x1_0000_0000_0000_0000)', 'i64 constant out of range @0x1_0000_0000_0000_0000'],
  ['(func (result i32) (param i32))', 'unexpected token param @param'],
  ['(func (export "\\ff"))', 'malformed UTF-8 encoding @"\\ff"'],
  ['(foo)', 'unknown operator foo @foo'],
  ['(func (if (i32.const 1) (else)))', 'unexpected token else @else'],
  ['(func (i32.const 1 2 drop))', 'unexpected token 2 @2'],
  ['(func (drop i32.const 1))', 'unexpected token i32.const @i32.const'],
  ['(module) (func)', 'unexpected token ( @('],
  // Faults in one function and in one field do not hide each other.
  [
    '(func call $a local.get $b) (global i32 foo) (func br $c)',
    'unknown function $a @$a',
    'unknown local $b @$b',
    'unknown operator foo @foo',
    'unknown label $c @$c',
  ],
];

test('faults have the suite’s words and the exact place', () => {
  for (const [text, ...faults] of FAULTS) assert.deepEqual(faultsOf(text).sort(), faults.sort(), text);
});

test('faults help: a near name, the first definition, what was expected', () => {
  const note = (text: string) => assembled(text).faults[0]!.notes[0]!;
  assert.equal(note('(func (param $count i32) local.get $cuont)').message, 'did you mean `$count`?');
  assert.deepEqual(note('(func $f) (func $f)').span, { start: 6, end: 8 });
  assert.equal(note('(func get_local 0)').message, 'the instruction is called `local.get` now');
  assert.equal(note('(func i32.const)').message, 'expected an integer');
});

test('what is broken keeps its place', () => {
  const text = `(module (global $a i32 (foo)) (global $b i32 (i32.const 2))
    (func $f (result i32) (block (i32.const 1) (foo)))
    (func $h foo)
    (data (foo)) (elem (foo)) (memory foo) (table foo) (tag (foo))
    (func (export "g") (result i32) (global.get $b)))`;
  const { bytes, broken, faults } = assembled(text);
  assert.equal(faults.length, 8);
  assert.deepEqual([...broken], [0, 1]);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  assert.equal((instance.exports.g as () => number)(), 2);
});

test('an import in the wrong place shifts no index', () => {
  const text = `(func $f) (import "m" "g" (func $g)) (import "m" "t" (table 1 funcref)) (memory $m (import "m" "m") 1)
    (func (export "h") (result i32) (i32.const 5)) (func (type $missing))`;
  const { bytes, broken } = assembled(text);
  assert.deepEqual([...broken], [1, 3]);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  assert.equal((instance.exports.h as () => number)(), 5);
});

test('a field with a mistyped keyword keeps its index and its name', () => {
  const { faults, broken, bytes, symbols } = assembled(
    '(module (fnc $a (param i32)) (func $b (call $a (i32.const 1))) (func (call 1)) (globel $g i32 (i32.const 1)) (nonsense $x))',
  );
  assert.deepEqual(
    faults.map(({ message, notes }) => `${message}: ${notes[0]?.message}`),
    [
      'unknown operator fnc: expected a module field: is `func` meant?',
      'unknown operator globel: expected a module field: is `global` meant?',
      'unknown operator nonsense: expected a module field',
    ],
  );
  assert.deepEqual([...broken], [0]);
  assert.equal(decode(bytes).funcs.length, 3);
  assert.deepEqual(symbols.definition('func', 1)?.name, 'b');
});

test('an unfinished text has its symbols and its good fields', () => {
  const { symbols, bytes } = assembled(
    '(module (func $a (export "a") (param $p i32))\n  (func $b (local $x i32)\n    (local.set $x (i32.add (local.get',
  );
  assert.deepEqual(
    symbols.defs.map(({ space, name }) => `${space} ${name}`),
    ['func a', 'local p', 'func b', 'local x'],
  );
  assert.equal(decode(bytes).funcs.length, 2);
});

test('names go into the name section, unless told otherwise', () => {
  const text = `(module $m (type $t (func)) (memory $mem 1) (table $tab 1 funcref) (global $g i32 (i32.const 0)) (tag $tag)
    (type $s (struct (field $x i32))) (elem $e func) (data $d "")
    (func $f (param $p i32) (local i32) (local $l i32) (block (block $lab))))`;
  const { names } = decode(assembled(text).bytes);
  const found = [
    names.module, names.given('func', 0), names.given('type', 0), names.given('memory', 0), names.given('table', 0),
    names.given('global', 0), names.given('tag', 0), names.given('elem', 0), names.given('data', 0),
    names.local(0, 0), names.local(0, 1), names.local(0, 2), names.label(0, 0), names.label(0, 1), names.field(1, 0),
  ]; // biome-ignore format: one name after the other
  assert.deepEqual(found, [
    'm',
    'f',
    't',
    'mem',
    'tab',
    'g',
    'tag',
    'e',
    'd',
    'p',
    undefined,
    'l',
    undefined,
    'lab',
    'x',
  ]);
  assert.equal(decode(assemble(parseTree(text), undefined, { names: false }).bytes).customs.length, 0);
});

test('uses lead to definitions, by name and by number', () => {
  const text = '(func $f (param $p i32) (block $l (br_if $l (local.get 0)) (call 0 (local.get $p))))';
  const tree = parseTree(text);
  const { symbols } = assemble(tree);
  const seen = symbols.uses.map(({ space, idx, scope, span }) => {
    const def = symbols.definition(space, idx, scope)!;
    return `${text.slice(span.start, span.end)} -> ${text.slice(def.span.start, def.span.end)}`;
  });
  assert.deepEqual(seen, ['$l -> $l', '0 -> $p', '0 -> $f', '$p -> $p']);
  assert.deepEqual(
    symbols.usesOf('local', 0, 0).map(({ span }) => span.start),
    [text.indexOf('0)'), text.indexOf('$p)')],
  );
  assert.equal(symbols.useOf(symbols.uses[0]!.token)?.space, 'label');
});

test('every instruction keyword leads to its row', () => {
  const tokens = lex('(func i32.add local.get $x end foo)');
  const names = Array.from({ length: tokens.count }, (_, token) => instrOfToken(tokens, token)?.name);
  assert.deepEqual(
    names.filter((name) => name),
    ['i32.add', 'local.get', 'end'],
  );
  assert.equal(tokens.kinds[tokens.count - 2], Tok.Keyword);
});

const MAPPED = `(module
  (func $f (param i32) (result i32)
    (i32.add
      (local.get 0)
      (i32.const 1)) ;; comment
  )
  (func $g
    nop
  ))`;

test('the map leads from offsets to heads and back', () => {
  const { map } = assembled(MAPPED);
  const at = (needle: string) => MAPPED.indexOf(needle);
  const heads = [...map.instructions()].map(({ span }) => MAPPED.slice(span.start, span.end));
  assert.deepEqual(heads, ['local.get 0', 'i32.const 1', 'i32.add', ')', 'nop', ')']);
  for (const { offset, span } of map.instructions()) {
    assert.deepEqual(map.exactSpan(offset), span);
    assert.deepEqual(map.instructionAt(span.start)?.offset, offset);
  }
  const from = (pos: number) => {
    const found = map.instructionAt(pos);
    return found && MAPPED.slice(found.span.start, found.span.end);
  };
  assert.equal(from(at('(func $f')), 'i32.add', 'a place before a function’s code leads to its first head');
  assert.equal(from(at(';; comment')), ')', 'a place behind them leads to the end');
  assert.equal(from(at('(module')), undefined, 'outside of functions nothing follows');
  const inside = map.instructionsIn({ start: at('(i32.add'), end: at(';; comment') });
  assert.deepEqual(
    inside.map(({ span }) => MAPPED.slice(span.start, span.end)),
    ['local.get 0', 'i32.const 1', 'i32.add'],
  );
  const func = decode(assembled(MAPPED).bytes).funcs[1]!;
  const span = map.spanAt(func.offset)!;
  assert.equal(MAPPED.slice(span.start, span.end), 'func $g');
});

test('depth costs no host stack', () => {
  const n = 100_000;
  const text = `(func (result i32) ${'(i32.eqz '.repeat(n)}(i32.const 1)${')'.repeat(n)})`;
  assert.deepEqual(faultsOf(text), []);
  assert.deepEqual(faultsOf(`(func ${'(block $a '.repeat(n)}(br $a)${')'.repeat(n)})`), []);
  assert.equal(assembled(`(func ${'(i32.eqz '.repeat(n)}`).faults.length <= 1001, true);
});
