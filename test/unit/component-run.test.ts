/**
 * Running components: values through the canonical ABI in all encodings, host functions, resources, faults in bad guests
 * and hosts, and stops in between.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { callFunc } from '../../engine/component/canon/lift.ts';
import {
  type HostImports,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
  repOf,
} from '../../engine/component/host.ts';
import { exportAt, programOf } from '../../engine/component/program.ts';
import { ComponentCall, callOf } from '../../engine/component/task.ts';
import type { CaseValue, ComponentValue } from '../../engine/component/values.ts';
import { faultText, running } from './component-load.ts';

/** A module that gives room and never takes it back. */
const LIBC = `(core module $Libc (memory (export "mem") 2)
  (global $next (mut i32) (i32.const 4096))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16)))))))
    (memory.copy (local.get $at) (local.get 0) (select (local.get 1) (local.get 3) (i32.lt_u (local.get 1) (local.get 3))))
    (local.get $at)))
  (core instance $libc (instantiate $Libc))`;

for (const [file, text, wanted] of [
  ['start-order', 'order()', '"AB"'],
  ['two-components', 'hello("wörld ☃")', '"HELLO, WöRLD ☃"'],
  ['resources', 'run()', '{balance: 123, open-before: 2, open-after: 0}'],
  ['resources', 'client#run()', '{balance: 123, open-before: 2, open-after: 0}'],
] as const) {
  test(`the example ${file} as its text says: ${text}`, async () => {
    const component = await running({ text: readFileSync(`examples/components/${file}.wat`, 'utf8') });
    assert.equal(await component.call(text), wanted);
  });
}

/** A component that gives to an imported function what it gets, and back what that answers. */
function throughHost(type: string, params: string, results: string, options = ''): string {
  const isFlat = results !== 'retptr';
  const args = params.split(' ').filter((t) => t !== '');
  const gets = args.map((_, i) => `(local.get ${i})`).join(' ');
  const lower = isFlat ? `(param ${params}) (result ${results})` : `(param ${params} i32)`;
  const body = isFlat ? `(call $f ${gets})` : `(call $f ${gets} (i32.const 16)) (i32.const 16)`;
  const opts = `(memory (core memory $libc "mem")) (realloc (core func $libc "realloc")) ${options}`;
  return `(component
    (import "f" (func $f (param "x" ${type}) (result ${type})))
    ${LIBC}
    (core func $f' (canon lower (func $f) ${opts}))
    (core module $M (import "" "f" (func $f ${lower}))
      (func (export "f") (param ${params}) (result ${isFlat ? results : 'i32'}) ${body}))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "f") (param "x" ${type}) (result ${type}) (canon lift (core func $m "f") ${opts})))`;
}

const echo = (seen: ComponentValue[] = []): HostImports =>
  new Map([
    [
      'f',
      hostFunction(([value]) => {
        seen.push(value);
        return value;
      }),
    ],
  ]);

for (const [type, params, results, values] of [
  ['bool', 'i32', 'i32', ['true', 'false']],
  ['s8', 'i32', 'i32', ['-128', '127', '-1']],
  ['u16', 'i32', 'i32', ['0', '65535']],
  ['s32', 'i32', 'i32', ['-2147483648', '2147483647']],
  ['u32', 'i32', 'i32', ['4294967295']],
  ['s64', 'i64', 'i64', ['-9223372036854775808', '9223372036854775807']],
  ['u64', 'i64', 'i64', ['18446744073709551615']],
  ['f32', 'f32', 'f32', ['1.5', '-inf', 'nan', '-0']],
  ['f64', 'f64', 'f64', ['0.1', 'inf', 'nan', '5e-324']],
  ['char', 'i32', 'i32', ["'x'", "'☃'", "'🦀'"]],
  ['string', 'i32 i32', 'retptr', ['""', '"abc"', '"wörld ☃ 🦀"']],
  ['(list u8)', 'i32 i32', 'retptr', ['[]', '[1, 2, 255]']],
  ['(list string)', 'i32 i32', 'retptr', ['["a", "", "ß"]']],
  ['(list (list s16))', 'i32 i32', 'retptr', ['[[1], [], [-2, 3]]']],
  ['(tuple u8 s64 char)', 'i32 i64 i32', 'retptr', ["(1, -2, 'c')"]],
  ['(option string)', 'i32 i32 i32', 'retptr', ['none', 'some("x")']],
  ['(result u64 (error f32))', 'i32 i64', 'retptr', ['ok(7)', 'err(1.5)']],
  ['(list (tuple string u8))', 'i32 i32', 'retptr', ['[("a", 1), ("b", 2)]']],
] as const) {
  test(`values of ${type} go to the host and back`, async () => {
    const component = await running({ text: throughHost(type, params, results) }, echo());
    for (const value of values) assert.equal(await component.call(`f(${value})`), value);
  });
}

for (const encoding of ['utf8', 'utf16', 'latin1+utf16']) {
  test(`strings in ${encoding} go to the host and back`, async () => {
    const text = throughHost('string', 'i32 i32', 'retptr', `string-encoding=${encoding}`);
    const component = await running({ text }, echo());
    for (const value of ['', 'abc', 'äöü', 'ÿ☃', '🦀🦀', 'x'.repeat(10_000)]) {
      assert.equal(await component.call(`f(${JSON.stringify(value)})`), JSON.stringify(value));
    }
    // What is half a character for the host is none for the guest.
    assert.equal(await component.invoke(['f'], ['a\ud800b']), 'a\ufffdb');
  });
}

test('a host function answers later, and the program waits', async () => {
  const host: HostImports = new Map([
    ['f', hostFunction(([value]) => Promise.resolve(`${value as string}!`))],
  ]);
  const component = await running({ text: throughHost('string', 'i32 i32', 'retptr') }, host);
  assert.equal(await component.call('f("later")'), '"later!"');
});

for (const [what, answer, wanted] of [
  [
    'throws',
    () => {
      throw new Error('no disk');
    },
    'crash: f: no disk; the host function failed',
  ],
  ['rejects', () => Promise.reject(new Error('no disk')), 'crash: f: no disk; the host function failed'],
  ['answers a wrong type', () => 7, 'crash: f: 7 is no value of type string; the host function failed'],
  [
    'answers nothing',
    () => undefined,
    'crash: f: undefined is no value of type string; the host function failed',
  ],
] as [string, () => never, string][]) {
  // biome-ignore format: a table
  test(`a host function that ${what} ends the program`, async () => {
    const host: HostImports = new Map([['f', hostFunction(answer)]]);
    const component = await running({ text: throughHost('string', 'i32 i32', 'retptr') }, host);
    assert.equal(await component.call('f("x")'), wanted);
    assert.match(await component.call('f("x")'), /^trap: cannot enter component instance/);
  });
}

/** Imports an interface with a resource of the host. */
const FILES = `(component
  (import "test:fs/files@0.2.1" (instance $files
    (export "file" (type $file (sub resource)))
    (export "open" (func (param "name" string) (result (own $file))))
    (export "[method]file.size" (func (param "self" (borrow $file)) (result u32)))
    (export "close-all" (func (param "all" (list (own $file)))))))
  ${LIBC}
  (alias export $files "file" (type $file))
  (core func $open (canon lower (func $files "open") (memory (core memory $libc "mem"))))
  (core func $size (canon lower (func $files "[method]file.size")))
  (core func $close-all (canon lower (func $files "close-all") (memory (core memory $libc "mem"))))
  (core func $drop (canon resource.drop $file))
  (core module $M
    (import "" "mem" (memory 2)) (import "" "open" (func $open (param i32 i32) (result i32)))
    (import "" "size" (func $size (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
    (import "" "close-all" (func $close-all (param i32 i32)))
    (data (i32.const 0) "abc")
    (func (export "run") (result i32) (local $h i32)
      (local.set $h (call $open (i32.const 0) (i32.const 3)))
      (call $size (local.get $h)) (call $drop (local.get $h)))
    (func (export "give")
      (i32.store (i32.const 64) (call $open (i32.const 0) (i32.const 1)))
      (i32.store (i32.const 68) (call $open (i32.const 0) (i32.const 2)))
      (call $close-all (i32.const 64) (i32.const 2)))
    (func (export "leak") (drop (call $open (i32.const 0) (i32.const 3))))
    (func (export "drop") (param i32) (call $drop (local.get 0)))
    (func (export "size") (param i32) (result i32) (call $size (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "mem" (memory $libc "mem")) (export "open" (func $open))
    (export "size" (func $size)) (export "drop" (func $drop)) (export "close-all" (func $close-all))))))
  (func (export "run") (result u32) (canon lift (core func $m "run")))
  (func (export "give") (canon lift (core func $m "give")))
  (func (export "leak") (canon lift (core func $m "leak")))
  (func (export "drop") (param "h" u32) (canon lift (core func $m "drop")))
  (func (export "size") (param "h" u32) (result u32) (canon lift (core func $m "size"))))`;

function filesOf(log: string[], version = '0.2.6'): HostImports {
  interface File {
    readonly name: string;
  }
  const file = hostResource<File>('file', async ({ name }) => {
    await Promise.resolve();
    log.push(`drop ${name}`);
  });
  const instance = hostInstance({
    file,
    open: hostFunction(([name]) => handleOf(file, { name: name as string })),
    '[method]file.size': hostFunction(([self]) => repOf(file, self).name.length),
    'close-all': hostFunction(([all]) => {
      log.push(`close ${(all as ComponentValue[]).map((one) => repOf(file, one).name).join(' ')}`);
      return undefined;
    }),
    'more-than-is-asked-for': hostFunction(() => 1),
  });
  return new Map([[`test:fs/files@${version}`, instance]]);
}

test('resources of the host: handles, methods, a destructor that takes its time, owners that change', async () => {
  const log: string[] = [];
  const component = await running({ text: FILES }, filesOf(log));
  assert.equal(await component.call('run()'), '3');
  assert.equal(await component.call('give()'), '');
  assert.deepEqual(log, ['drop abc', 'close a ab']);
  assert.deepEqual([...component.inst.handles], []);
  // What a guest leaks stays in its table, where everybody can see it.
  await component.call('leak()');
  assert.deepEqual(
    [...component.inst.handles].map(([i, entry]) => [i, entry.kind]),
    [[2, 'handle']],
  );
});

for (const [text, wanted] of [
  ['drop(1)', 'trap: unknown handle index 1'],
  ['drop(0)', 'trap: unknown handle index 0'],
  ['size(4294967295)', 'trap: unknown handle index 4294967295'],
] as const) {
  test(`a guest that uses a handle that it has not: ${text}`, async () => {
    const component = await running({ text: FILES }, filesOf([]));
    assert.equal(await component.call(text), wanted);
  });
}

for (const [version, wanted] of [
  ['0.2.0', undefined],
  [
    '0.3.0',
    'unlinkable: unknown import test:fs/files@0.2.1: resource file (the host has test:fs/files@0.3.0)',
  ],
  [
    '0.2.1-rc.1',
    'unlinkable: unknown import test:fs/files@0.2.1: resource file (the host has test:fs/files@0.2.1-rc.1)',
  ],
] as const) {
  test(`an interface of version ${version} for an import of 0.2.1`, async () => {
    const made = running({ text: FILES }, filesOf([], version));
    if (wanted === undefined) await made;
    else await assert.rejects(made, (error) => faultText(error).startsWith(wanted));
  });
}

test('imports that the host has not are all told, with their types', async () => {
  const text = `(component
    (import "a:b/c@1.2.3" (instance (export "f" (func (param "x" (list u8)) (result string)))
      (export "r" (type $r (sub resource))) (export "[method]r.m" (func (param "self" (borrow $r))))))
    (import "plain" (func (param "y" u8)))
    (import "only:types/here" (instance (export "t" (type (eq 0))))))`.replace(
    '(import "only',
    '(type u8) (import "only',
  );
  const error = await running({
    text: text.replace('(eq 0)', '(eq 1)').replace('(type u8)', '(type $u u8)').replace('(eq 1)', '(eq $u)'),
  }).then(
    () => assert.fail('it was linked'),
    (error: unknown) => faultText(error),
  );
  assert.deepEqual(error.split('; '), [
    'unlinkable: unknown import a:b/c@1.2.3: f: func(x: list<u8>) -> string',
    'a:b/c@1.2.3: f: func(x: list<u8>) -> string',
    'a:b/c@1.2.3: resource r',
    'a:b/c@1.2.3: [method]r.m: func()',
    'plain: func(y: u8)',
  ]);
});

/** A component with one function of core code, and a memory. */
function guest(core: string, type: string, options = ''): string {
  return `(component ${LIBC}
    (core module $M (import "" "mem" (memory 2))
      (func (export "bad") (param i32 i32 i32 i32) (result i32) (i32.const -8))
      ${core})
    (core instance $m (instantiate $M (with "" (instance (export "mem" (memory $libc "mem"))))))
    (func (export "f") ${type} (canon lift (core func $m "f") (memory (core memory $libc "mem")) ${options})))`;
}
const pair = (at: number, length: number) =>
  `(func (export "f") (result i32) (i32.store (i32.const 0) (i32.const ${at})) (i32.store (i32.const 4) (i32.const ${length})) (i32.const 0))`;

for (const [what, text, call, wanted] of [
  [
    'a string past memory',
    guest(pair(0x1_fff0, 40), '(result string)'),
    'f()',
    'trap: string pointer/length out of bounds of memory; string at 0x1fff0+40 reaches past memory of 0x20000',
  ],
  [
    'a list past memory',
    guest(pair(16, 0x7fff), '(result (list u64))'),
    'f()',
    'trap: list pointer/length out of bounds of memory; list at 0x10+262136 reaches past memory of 0x20000',
  ],
  [
    'a list that is no multiple',
    guest(pair(17, 1), '(result (list u64))'),
    'f()',
    'trap: unaligned pointer; list at 0x11, which is no multiple of 8',
  ],
  [
    'an enormous list',
    guest(pair(0, 0xffff_ffff), '(result (list u64))'),
    'f()',
    'trap: list byte length exceeds maximum; 4294967295 elements of 8 bytes',
  ],
  [
    'an enormous string',
    guest(pair(0, 0xffff_ffff), '(result string)'),
    'f()',
    'trap: string byte length exceeds maximum; 4294967295 bytes',
  ],
  [
    'a result past memory',
    guest('(func (export "f") (result i32) (i32.const 0x1fffc))', '(result string)'),
    'f()',
    'trap: pointer out of bounds of memory; values at 0x1fffc+8 reaches past memory of 0x20000',
  ],
  [
    'bytes that are no UTF-8',
    guest('(data (i32.const 64) "ab\\ffcd")' + pair(64, 5), '(result string)'),
    'f()',
    'trap: invalid utf-8; byte 0xff at 0x42, in the string at 0x40+5',
  ],
  [
    'a surrogate alone',
    guest(
      '(data (i32.const 64) "a\\00\\00\\d8b\\00")' + pair(64, 3),
      '(result string)',
      'string-encoding=utf16',
    ),
    'f()',
    'trap: unpaired surrogate found; at 0x42, in the string at 0x40+6',
  ],
  [
    'no such case',
    guest(
      '(func (export "f") (result i32) (i32.const 3))',
      '(result (enum "a" "b" "c"))'.replace('(result (enum', '(result $e').replace(' "a" "b" "c"))', ')'),
    ).replace(
      '(core module $M',
      '(type $e\' (enum "a" "b" "c")) (export $e "e" (type $e\')) (core module $M',
    ),
    'f()',
    'trap: invalid variant discriminant; case 3 of a type with 3 cases',
  ],
  [
    'no character',
    guest('(func (export "f") (result i32) (i32.const 0xd800))', '(result char)'),
    'f()',
    'trap: invalid `char` bit pattern; 0xd800 is no Unicode scalar value',
  ],
  [
    'room that is no room',
    guest('(func (export "f") (param i32 i32))', '(param "x" string)', '(realloc (core func $m "bad"))'),
    'f("abc")',
    'trap: realloc return: beyond end of memory; what realloc returned at 0xfffffff8+3 reaches past memory of 0x20000',
  ],
  [
    'an exception',
    guest('(tag $t) (func (export "f") (throw $t))', ''),
    'f()',
    'trap: exception leaves a component; unhandled exception: $t()',
  ],
] as const) {
  // biome-ignore format: a table
  test(`a guest that gives ${what}`, async () => {
    const component = await running({ text });
    assert.equal(await component.call(call), wanted);
    // Nobody comes in again after a trap.
    assert.match(await component.call(call), /^trap: cannot enter component instance/);
  });
}

test('lists that overlap many times over end the program before the host is full', async () => {
  // 4096 lists of the same 4096 lists of the same 8192 words.
  const text = guest(
    `(func (export "f") (result i32) (local $i i32)
      (loop $l
        (i32.store (i32.add (i32.const 1024) (i32.shl (local.get $i) (i32.const 3))) (i32.const 40000))
        (i32.store (i32.add (i32.const 1028) (i32.shl (local.get $i) (i32.const 3))) (i32.const 4096))
        (i32.store (i32.add (i32.const 40000) (i32.shl (local.get $i) (i32.const 3))) (i32.const 80000))
        (i32.store (i32.add (i32.const 40004) (i32.shl (local.get $i) (i32.const 3))) (i32.const 8192))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4096))))
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096)) (i32.const 0))`,
    '(result (list (list (list u32))))',
  );
  const component = await running({ text });
  assert.match(await component.call('f()'), /^exhaustion: the values of one call are too large/);
});

test('a program stops anywhere: in a start function, in realloc, in what another component does', async () => {
  const text = readFileSync('examples/components/two-components.wat', 'utf8');
  const component = await running({ text });
  const { threads, inst } = component;
  let result: ComponentValue | undefined;
  function* steps() {
    result = yield* callFunc(exportAt(inst, ['hello']), ['ab']);
  }
  const trapped = () => assert.fail('it trapped');
  const thread = threads.start(programOf(threads.store, steps(), { trapped }), 'main');
  const stacks = new Set<string>();
  for (let steps = 0; ; steps++) {
    const outcome = threads.step(thread);
    if (outcome.kind === 'ended') break;
    assert.equal(outcome.kind, 'stopped');
    const frames = thread.machine.frames();
    stacks.add(
      frames
        .map(({ func, kind }) =>
          kind === 'host'
            ? `<${func.host!.name}>`
            : (func.inst!.module.names.of('func', func.idx) ?? String(func.idx)),
        )
        .join(' '),
    );
    assert.ok(steps < 10_000, 'it comes to an end');
  }
  assert.equal(result, 'HELLO, AB');
  assert.deepEqual(
    [...stacks],
    [
      '<hello>',
      'realloc <hello>',
      'hello <hello>',
      'realloc <shout> <shout> hello <hello>',
      'shout <shout> <shout> hello <hello>',
    ],
  );
});

test('the frame of a lifted function has the call in it, with its arguments', async () => {
  const component = await running({ text: readFileSync('examples/components/two-components.wat', 'utf8') });
  const { threads, inst } = component;
  function* steps() {
    yield* callFunc(exportAt(inst, ['hello']), ['ab']);
  }
  const thread = threads.start(
    programOf(threads.store, steps(), { trapped: () => assert.fail('it trapped') }),
    'main',
  );
  while (thread.machine.depth < 2) threads.step(thread);
  const last = thread.machine.frames().at(-1)!;
  assert.equal(last.kind, 'host');
  const call = last.kind === 'host' ? callOf(threads.store, last.args[0]) : undefined;
  assert.ok(call instanceof ComponentCall);
  assert.equal(call.func.name, 'hello');
  assert.deepEqual(call.args, ['ab']);
});

test('compiled code calls through components as the interpreter does', async () => {
  const text = `(component
    (component $C
      (core module $M (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
      (core instance $m (instantiate $M))
      (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add"))))
    (component $D
      (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
      (core func $add' (canon lower (func $add)))
      (core module $M (import "" "add" (func $add (param i32 i32) (result i32)))
        (func (export "sum") (param $n i32) (result i32) (local $i i32) (local $sum i32)
          (loop $l
            (local.set $sum (call $add (local.get $sum) (local.get $i)))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
          (local.get $sum)))
      (core instance $m (instantiate $M (with "" (instance (export "add" (func $add'))))))
      (func (export "sum") (param "n" u32) (result u32) (canon lift (core func $m "sum"))))
    (instance $c (instantiate $C))
    (instance $d (instantiate $D (with "add" (func $c "add"))))
    (export "sum" (func $d "sum")))`;
  const counts: number[] = [];
  for (const engine of ['interpreter', 'compiled'] as const) {
    const component = await running({ text }, new Map(), { engine });
    assert.equal(await component.call('sum(1000)'), '499500');
    counts.push(component.inst.store.funcs.length);
  }
  assert.equal(counts[0], counts[1]);
});

test('a command answers with a result, which is its exit code', async () => {
  const text = `(component
    (core module $M (func (export "run") (result i32) (i32.const 1)))
    (core instance $m (instantiate $M))
    (func $run (result (result)) (canon lift (core func $m "run")))
    (instance $i (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $i)))`;
  const component = await running({ text });
  const result = await component.invoke(['wasi:cli/run@0.2.3', 'run'], []);
  assert.equal((result as CaseValue).case, 1);
  assert.equal(await component.call('wasi:cli/run#run()'), 'err');
  assert.equal(await component.call('run'), 'err');
});

for (const [call, wanted] of [
  ['nothing()', 'unknown function "nothing"; it exports hello(name: string) -> string'],
  ['', 'the call names no function; it exports hello(name: string) -> string'],
  ['("a")', 'the call names no function; it exports hello(name: string) -> string'],
  ['hello(1)', 'expected a string: "…", found `1`; at column 7 of the call: 1)'],
  ['hello("a", "b")', 'too many arguments: 1 argument expected; at column 12 of the call: "b")'],
  ['hello(', 'expected a string: "…", found the end; at the end of the call'],
  ['hello("a"', 'expected `)`, found the end; at the end of the call'],
  ['hello("a",', 'expected `)`, found the end; at the end of the call'],
  ['hello("a', 'this string does not end; at column 7 of the call: "a'],
  ['hello("a") b', 'expected the end, found `b`; at column 12 of the call: b'],
  ['hello)', 'unknown function "hello)"; it exports hello(name: string) -> string'],
  ['hello', 'missing argument `name`: string; at the end of the call'],
  ['hello()', 'missing argument `name`: string; at column 7 of the call: )'],
] as const) {
  test(`a call that is wrong: ${call}`, async () => {
    const component = await running({ text: readFileSync('examples/components/two-components.wat', 'utf8') });
    assert.equal(await component.call(call), `usage: ${wanted}`);
  });
}
