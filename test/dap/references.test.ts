/** References at a stop: what they point at, what is inside, how that is reached and changed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

const PROGRAM = `(module
  (type $point (struct (field $x (mut i32)) (field $y i64) (field $b (mut i8)) (field (mut f32))))
  (rec (type $node (struct (field $value (ref null $point)) (field $next (mut (ref null $node))))))
  (type $bytes (array (mut i8)))
  (type $big (array (mut i64)))
  (type $refs (array (mut anyref)))
  (type $fixed (array i16))
  (type $binary (func (param i32 i32) (result i32)))
  (import "env" "thing" (global $thing externref))
  (tag $error (param i32 (ref null $point)))
  (tag $plain)
  (global $shared (mut (ref null $node)) (ref.null $node))
  (table $nodes 3 (ref null $node))
  (table $far i64 1 externref)
  (memory $a 1)
  (memory $b i64 2 4)
  (data $text "hello")
  (elem $subs (ref null $binary) (ref.func $sub) (ref.null $binary))
  (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $main (export "main") (param $n i32) (result i32)
    (local $p (ref null $point))
    (local $node (ref null $node))
    (local $text (ref null $bytes))
    (local $big (ref null $big))
    (local $refs (ref null $refs))
    (local $fixed (ref null $fixed))
    (local $any anyref)
    (local $small i31ref)
    (local $f funcref)
    (local $g (ref null $binary))
    (local $e exnref)
    (local $nothing (ref null $point))
    (local $host externref)
    (local.set $p (struct.new $point (local.get $n) (i64.const -2) (i32.const 255) (f32.const 1.5)))
    (local.set $node (struct.new $node (local.get $p) (ref.null $node)))
    (struct.set $node $next (local.get $node) (local.get $node))
    (global.set $shared (local.get $node))
    (table.set $nodes (i32.const 1) (local.get $node))
    (local.set $text (array.new_data $bytes $text (i32.const 0) (i32.const 5)))
    (local.set $big (array.new $big (i64.const 7) (i32.const 1000000)))
    (local.set $refs (array.new_fixed $refs 3 (local.get $p) (ref.i31 (i32.const -3)) (ref.null any)))
    (local.set $fixed (array.new_fixed $fixed 2 (i32.const 1) (i32.const 0xffff)))
    (local.set $any (local.get $p))
    (local.set $small (ref.i31 (i32.const 42)))
    (local.set $f (ref.func $sub))
    (local.set $g (ref.func $sub))
    (local.set $host (global.get $thing))
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught)
        (throw $error (i32.const 5) (local.get $p)))
      (unreachable))
    (local.set $e)
    (i32.add (struct.get $point $x (local.get $p)) (i32.const 1))))
`;

/** Stops in front of the addition. */
async function stopped(c: Conversation): Promise<number> {
  const program = c.file('refs.wat', PROGRAM);
  c.file('host.mjs', 'export const env = { thing: "a host\'s" };');
  const line = PROGRAM.split('\n').findIndex((text) => text.includes('(i32.add (struct.get')) + 1;
  await c.launch({ program, invoke: { function: 'main', args: [9] }, imports: './host.mjs' }, [
    { path: program, lines: [line] },
  ]);
  return (await c.stopped()).frames[0].id;
}

/** The variables of a scope. */
async function scope(c: Conversation, frameId: number, name: string): Promise<DebugProtocol.Variable[]> {
  const { scopes } = await c.request('scopes', { frameId });
  const { variablesReference } = scopes.find((one: DebugProtocol.Scope) => one.name === name);
  return (await c.request('variables', { variablesReference })).variables;
}

async function named(c: Conversation, frameId: number, name: string): Promise<DebugProtocol.Variable> {
  return (await scope(c, frameId, 'Locals')).find((variable) => variable.name === name)!;
}

/** What an expression gives, or how it is refused. */
async function show(c: Conversation, expression: string, frameId: number): Promise<string> {
  try {
    const { result, type } = await c.request('evaluate', { expression, frameId, context: 'watch' });
    return `${result} : ${type}`;
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

async function set(c: Conversation, expression: string, value: string, frameId: number): Promise<string> {
  try {
    return (await c.request('setExpression', { expression, value, frameId })).value;
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

test('references show what they point at', () =>
  converse(async (c) => {
    assert.deepEqual(await c.variables(await stopped(c)), {
      'Value stack': [],
      Locals: [
        '$n = 9 (0x9) : i32',
        '$p = $point @1 {x: 9, y: -2, b: -1, 3: 1.5} : (ref null $point)',
        '$node = $node @2 {value: $point @1, next: $node @2} : (ref null $node)',
        '$text = $bytes @3 (5) "hello" [104, 101, 108, 108, 111] : (ref null $bytes)',
        '$big = $big @4 (1000000) [7, 7, 7, 7, 7, 7, 7, 7, … 999992 more] : (ref null $big)',
        '$refs = $refs @5 (3) [$point @1, i31 -3, null] : (ref null $refs)',
        '$fixed = $fixed @6 (2) [1, -1] : (ref null $fixed)',
        '$any = $point @1 {x: 9, y: -2, b: -1, 3: 1.5} : anyref',
        '$small = i31 42 : i31ref',
        '$f = func[0] $sub [i32 i32] -> [i32] : funcref',
        '$g = func[0] $sub [i32 i32] -> [i32] : (ref null $binary)',
        '$e = exception @7 $error(5, $point @1) : exnref',
        '$nothing = null : (ref null $point)',
        '$host = "a host\'s" : externref',
      ],
      Labels: ['0: func = br 0 → returns with [i32]'],
      Globals: [
        '$thing = "a host\'s" : externref',
        '$shared = $node @2 {value: $point @1, next: $node @2} : (mut (ref null $node))',
      ],
      Memory: ['$a = 1 page, 65536 bytes : memory', '$b = 2 pages, 131072 bytes, at most 4 : memory i64'],
      Tables: [
        '$nodes = 3 elements : table of (ref null $node)',
        '$far = 1 element : table i64 of externref',
      ],
      Tags: ['$error = [i32 (ref null $point)] : tag', '$plain = [] : tag'],
      Segments: [
        '$text = passive, 5 bytes : data',
        '$subs = passive, 2 elements : elem of (ref null $binary)',
      ],
    });
  }));

test('fields, elements and arguments are listed, set, and can be cyclic', () =>
  converse(async (c) => {
    const frameId = await stopped(c);
    const p = await named(c, frameId, '$p');
    assert.equal(p.namedVariables, 4);
    assert.deepEqual(await c.children(p.variablesReference), [
      'x = 9 (0x9) : i32',
      'y = -2 (0xfffffffffffffffe, unsigned 18446744073709551614) : i64',
      'b = -1 (0xff, unsigned 255) : i8',
      '3 = 1.5 : f32',
    ]);
    const field = async (name: string, value: string): Promise<string> =>
      (await c.request('setVariable', { variablesReference: p.variablesReference, name, value })).value;
    assert.equal(await field('x', '0x10'), '16 (0x10)');
    assert.equal(await field('b', '200'), '-56 (0xc8, unsigned 200)');
    assert.equal(await field('3', '-0'), '-0');
    const refused = (name: string, value: string): Promise<string> =>
      c.refusal('setVariable', { variablesReference: p.variablesReference, name, value });
    assert.equal(await refused('y', '1'), 'field y of $point is immutable');
    assert.equal(
      await refused('b', '256'),
      '$p.b: expected i8 (a whole number from -128 to 255), found "256": constant out of range',
    );
    assert.match(await refused('z', '1'), /^there is no z here/);

    let cycle = await named(c, frameId, '$node');
    for (let turn = 0; turn < 3; turn++) {
      const { variables } = await c.request('variables', { variablesReference: cycle.variablesReference });
      cycle = variables.find(({ name }: DebugProtocol.Variable) => name === 'next');
    }
    assert.equal(cycle.evaluateName, '$node.next.next.next');
    assert.equal(await show(c, cycle.evaluateName!, frameId), `${cycle.value} : (ref null $node)`);

    const big = await named(c, frameId, '$big');
    assert.equal(big.indexedVariables, 1_000_000);
    assert.deepEqual(await c.children(big.variablesReference, { filter: 'named' }), []);
    const page = { filter: 'indexed', start: 999_998, count: 2 };
    assert.deepEqual(await c.children(big.variablesReference, page), [
      '[999998] = 7 (0x7) : i64',
      '[999999] = 7 (0x7) : i64',
    ]);
    const last = { variablesReference: big.variablesReference, name: '[999999]', value: '-1' };
    await c.request('setVariable', last);
    assert.deepEqual(await c.children(big.variablesReference, page), [
      '[999998] = 7 (0x7) : i64',
      '[999999] = -1 (0xffffffffffffffff, unsigned 18446744073709551615) : i64',
    ]);

    const e = await named(c, frameId, '$e');
    assert.deepEqual(await c.children(e.variablesReference), [
      '[0] = 5 (0x5) : i32',
      '[1] = $point @1 {x: 16, y: -2, b: -56, 3: -0} : (ref null $point)',
    ]);
  }));

const SUB = 'func[0] $sub [i32 i32] -> [i32]';

/** Expressions and what they give. */
const GIVES: [string, string][] = [
  ['$p.x', '9 (0x9) : i32'],
  ['$p.3', '1.5 : f32'],
  ['$p.x + 1', '10 (0xa) : i32'],
  ['$p.b', '-1 (0xff, unsigned 255) : i8'],
  ['$p.b == -1 && $p.y < 0', '1 (0x1) : i32'],
  ['$node.value.x * 2', '18 (0x12) : i32'],
  ['$node.next.next.value.x', '9 (0x9) : i32'],
  ['$node.next == $node', '1 (0x1) : i32'],
  ['$node.value != $p', '0 (0x0) : i32'],
  ['$any == $p', '1 (0x1) : i32'],
  ['$nothing != null && $nothing.x == 3', '0 (0x0) : i32'],
  ['$text[1]', '101 (0x65) : i8'],
  ['$text.length', '5 (0x5) : i32'],
  ['$big[$n * 2] + 1', '8 (0x8) : i64'],
  ['array.len($big) - 1', '999999 (0xf423f) : i32'],
  ['$fixed[1] + 0', '-1 (0xffffffff, unsigned 4294967295) : i32'],
  ['$refs[1]', 'i31 -3 : anyref'],
  ['i31.get_s(ref.cast(i31, $refs[1]))', '-3 (0xfffffffd, unsigned 4294967293) : i32'],
  ['i31.get_u($small)', '42 (0x2a) : i32'],
  ['$any.x', '9 (0x9) : i32'],
  ['ref.cast($point, $any).x + 1', '10 (0xa) : i32'],
  ['(ref.cast (ref null $point) (local.get $any)).x + 1', '10 (0xa) : i32'],
  ['ref.test($point, $refs[0]) + ref.test($bytes, $refs[0])', '1 (0x1) : i32'],
  ['ref.test($node, $any)', '0 (0x0) : i32'],
  ['ref.is_null($nothing)', '1 (0x1) : i32'],
  ['ref.eq($any, $p)', '1 (0x1) : i32'],
  ['$nodes[1].value.x', '9 (0x9) : i32'],
  ['$nodes[0] == null', '1 (0x1) : i32'],
  ['$nodes[1].value.x + 1', '10 (0xa) : i32'],
  ['$shared.value.x', '9 (0x9) : i32'],
  ['$f', `${SUB} : funcref`],
  ['$f == $g', '1 (0x1) : i32'],
  ['$e[0]', '5 (0x5) : i32'],
  ['$e[0] + 1', '6 (0x6) : i32'],
  ['$e[1].x', '9 (0x9) : i32'],
  ['$b[8].u8', '0 (0x0) : i32'],
  ['memory[1][131071].u8', '0 (0x0) : i32'],
  ['table[1][0]', 'null : externref'],
  ['$host == null', '0 (0x0) : i32'],
];

/** Expressions that mean nothing here, and how that is said. */
const REFUSED: [string, string][] = [
  ['$p.z', 'unknown field z: $point has x, y, b, 3'],
  ['$p.z + 1', 'unknown field z: (ref $point) has x, y, b, 3'],
  ['$nothing.x', 'null reference: $nothing is null'],
  ['$nothing.x + 1', 'null structure reference'],
  ['$big[1000000]', 'out of bounds array access: index 1000000, $big has 1000000 elements'],
  ['$big[-1] + 1', 'out of bounds array access: index 4294967295, array has 1000000 elements'],
  ['$any.x + 1', 'type mismatch: anyref has no fields: ref.cast($type, …) says which type it is'],
  ['$refs[0][1] + 1', 'type mismatch: anyref has no elements: ref.cast($type, …) says which type it is'],
  ['ref.cast($bytes, $any)', 'cast failure'],
  ['ref.cast($nope, $any)', 'unknown type $nope'],
  ['ref.cast($binary, $any)', 'type mismatch: anyref is never (ref $binary)'],
  ['$f == $p', 'type mismatch: funcref is never (ref null $point)'],
  ['$e[1] + 1', 'a reference in an exception can be looked at, but not computed with'],
  ['$e[2]', 'the exception has 2 arguments, found 2'],
  ['$p[0] + 1', 'type mismatch: (ref null $point) has no elements: ref.cast($type, …) says which type it is'],
  ['@99', 'there is no object @99 (any more)'],
  ['$p == 3', 'type mismatch: a reference expected, found a number'],
  ['$p + $p', 'type mismatch: references can be compared by == and != only, found +'],
];

test('expressions reach what is inside', () =>
  converse(async (c) => {
    const frameId = await stopped(c);
    const given: [string, string][] = [];
    for (const [text] of GIVES) given.push([text, await show(c, text, frameId)]);
    assert.deepEqual(given, GIVES);
    const refused: [string, string][] = [];
    for (const [text] of REFUSED) refused.push([text, await show(c, text, frameId)]);
    assert.deepEqual(
      refused,
      REFUSED.map(([text, message]) => [text, `refused: ${message}`]),
    );
    const { variablesReference } = await c.request('evaluate', { expression: '$node.value', frameId });
    assert.equal((await c.children(variablesReference))[0], 'x = 9 (0x9) : i32');
    const cast = await c.request('evaluate', { expression: 'ref.cast($point, $any)', frameId });
    assert.equal((await c.children(cast.variablesReference))[0], 'x = 9 (0x9) : i32');
    assert.match(await show(c, '@1', frameId), /^\$point @1 \{x: 9/);
    assert.equal(await show(c, '@1.x', frameId), '9 (0x9) : i32');
    assert.equal(await show(c, '$node.value == @1', frameId), '1 (0x1) : i32');
  }));

/** What is set, to what, and what it is then. */
const SETS: [string, string, string][] = [
  ['$p.x', '5', '5 (0x5)'],
  ['$any.x', '6', '6 (0x6)'],
  ['@1.x', '7', '7 (0x7)'],
  ['$p.y', '1', 'refused: field y of $point is immutable'],
  ['$big[3]', '-7', '-7 (0xfffffffffffffff9, unsigned 18446744073709551609)'],
  ['$big[$n]', '0x10', '16 (0x10)'],
  ['$text[0]', '0x48', '72 (0x48)'],
  ['$fixed[0]', '1', 'refused: an element of $fixed is immutable'],
  ['$node.next', 'null', 'null'],
  ['$node.next', '@2', '$node @2 {value: $point @1, next: $node @2}'],
  [
    '$node.next',
    '@1',
    'refused: $node.next: type mismatch: (ref null $node) expected, found $point {x: 7, y: -2, b: -1, 3: 1.5}',
  ],
  [
    '$node.next',
    '5',
    'refused: $node.next: expected (ref null $node) (null, @3 for the object of that number), found "5"',
  ],
  ['$refs[2]', 'i31 12', 'i31 12'],
  ['$refs[2]', '$point @1 {x: 7, y: -2, b: -1, 3: 1.5}', '$point @1 {x: 7, y: -2, b: -1, 3: 1.5}'],
  ['$small', '-0x4000_0000', 'i31 -1073741824'],
  [
    '$small',
    '2147483648',
    'refused: constant out of range: an i31 is a whole number from -1073741824 to 2147483647, found 2147483648',
  ],
  ['$small', 'x', 'refused: $small: expected i31ref (null, i31 5), found "x"'],
  ['$f', 'null', 'null'],
  ['$f', SUB, SUB],
  [
    '$g',
    '$main',
    'refused: $g: type mismatch: (ref null $binary) expected, found func[1] $main [i32] -> [i32]',
  ],
  ['$nodes[2]', '@2', '$node @2 {value: $point @1, next: $node @2}'],
  ['$nodes[2].value.x', '8', '8 (0x8)'],
  ['$shared', 'null', 'null'],
  ['$b[65536].i32', '1', '1 (0x1)'],
  ['$e[0]', '1', 'refused: the arguments of an exception cannot be set'],
  ['$e', 'null', 'null'],
  ['$nothing.x', '1', 'refused: null reference: $nothing is null'],
  ['$p.x + 1', '1', 'refused: this cannot be set: it is computed, no place that holds a value'],
];

test('fields and elements are set by expressions; what is shown can be typed', () =>
  converse(async (c) => {
    const frameId = await stopped(c);
    await c.variables(frameId);
    const done: [string, string, string][] = [];
    for (const [expression, value] of SETS) {
      done.push([expression, value, await set(c, expression, value, frameId)]);
    }
    assert.deepEqual(done, SETS);
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /main\(9\) = 9 : i32/);
  }));

test('a function reference leads to the function, a segment to its items', () =>
  converse(async (c) => {
    const frameId = await stopped(c);
    const f = await named(c, frameId, '$f');
    const place = await c.request('locations', { locationReference: f.valueLocationReference });
    assert.match(PROGRAM.split('\n')[place.line - 1], /func \$sub/);
    assert.equal(place.source.name, 'refs.wat');
    const [, subs] = await scope(c, frameId, 'Segments');
    const [item] = (await c.request('variables', { variablesReference: subs.variablesReference })).variables;
    assert.equal(item.value, SUB);
    assert.match(await c.refusal('locations', { locationReference: 999_999 }), /that value is gone/);
  }));

test('conditions look into objects, and log messages show them', () =>
  converse(async (c) => {
    const program = c.file(
      'list.wat',
      `(module
  (type $cell (struct (field $value i32) (field $next (ref null $cell))))
  (func (export "main") (result i32) (local $cell (ref null $cell)) (local $i i32)
    (loop $more
      (local.set $cell (struct.new $cell (local.get $i) (local.get $cell)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_s (local.get $i) (i32.const 1000))))
    (struct.get $cell $value (local.get $cell))))\n`,
    );
    await c.initialize();
    await c.request('launch', { program });
    await c.event('initialized');
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: [
        { line: 6, condition: '$cell.next != null && $cell.next.value == 700' },
        { line: 8, logMessage: '{$cell.value} {$cell.next}' },
        { line: 7, condition: '$cell.nope == 1' },
      ],
    });
    assert.equal(breakpoints[2].message, 'condition: unknown field nope: (ref $cell) has value, next');
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    assert.equal(await show(c, '$i', frames[0].id), '701 (0x2bd) : i32');
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /^999 \$cell @\d+ \{value: 998, next: \$cell @\d+\}$/m);
  }));

test('hexadecimal for clients that want it', () =>
  converse(async (c) => {
    const frameId = await stopped(c);
    const format = { hex: true };
    const hex = async (expression: string): Promise<string> =>
      (await c.request('evaluate', { expression, frameId, format })).result;
    assert.equal(await hex('$p.y'), '0xfffffffffffffffe (-2)');
    assert.equal(await hex('$p'), '$point @1 {x: 0x9, y: 0xfffffffffffffffe, b: 0xff, 3: 1.5}');
    const { variablesReference } = await c.request('evaluate', { expression: '$p', frameId });
    assert.equal((await c.children(variablesReference, { format }))[2], 'b = 0xff (-1) : i8');
    const set = { variablesReference, name: 'x', value: '0x0000000a (10)', format };
    assert.equal((await c.request('setVariable', set)).value, '0x0000000a (10)');
  }));
