/**
 * Bad components and bad guests: what is truncated, what is nested a thousand times, modules for components and components
 * for modules, guests that misuse handles or `realloc`, lists and strings of all lengths. Each is told in words, at its place.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { ByteWriter } from '../../engine/base/writer.ts';
import { decode } from '../../engine/binary/decode.ts';
import { type HostImports, hostFunction, hostInstance, hostResource } from '../../engine/component/host.ts';
import { loadComponent } from '../../engine/component/load.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { loadProgram, Refusal } from '../../engine/debug/load.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { faultText, running } from './component-load.ts';
import { Guest2 } from './wasi2-guest.ts';

const binary = (text: string) => assembleComponent(parseTree(text)).bytes;
const example = (name: string) => readFileSync(`examples/components/${name}.wat`, 'utf8');

/** What is said of bytes; undefined if they are a valid component. */
function refusalOf(bytes: Uint8Array): string | undefined {
  const loaded = loadComponent({ bytes });
  if (!('faults' in loaded)) return undefined;
  const [{ phase, message, offset }] = loaded.faults;
  assert.ok(offset !== undefined && offset <= bytes.length, `${message}: at ${offset}`);
  return `${phase}: ${message}`;
}

for (const name of ['start-order', 'two-components', 'resources']) {
  test(`every beginning of ${name} is refused with its place, or is a whole component`, () => {
    const bytes = binary(example(name));
    assert.equal(refusalOf(bytes), undefined);
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      const why = refusalOf(bytes.slice(0, length));
      if (why === undefined) continue;
      refused++;
      assert.match(why, /^(malformed|invalid): ./);
    }
    // What ends between two sections may be whole.
    assert.ok(refused > bytes.length * 0.9, `only ${refused} of ${bytes.length}`);
  });
}

const MODULE = assemble(parseTree('(module (func (export "f")))')).bytes;
const COMPONENT = binary('(component)');

test('a core module for a component, and the other way round', async () => {
  assert.equal(
    refusalOf(MODULE),
    'malformed: expected a version header for a component: this is a core module',
  );
  assert.throws(
    () => decode(COMPONENT),
    (error) =>
      faultText(error) === 'malformed: unknown binary version: this is a component, not a core module',
  );
  assert.throws(
    () => loadProgram({ bytes: COMPONENT }),
    (error) => error instanceof Refusal && /this is a component/.test(error.faults[0].message),
  );
  // Inside of a component as well.
  const inside = (id: number, bytes: Uint8Array) => Uint8Array.of(...COMPONENT, id, bytes.length, ...bytes);
  assert.equal(
    refusalOf(inside(4, MODULE)),
    'malformed: expected a version header for a component: this is a core module',
  );
  assert.equal(
    refusalOf(inside(1, COMPONENT)),
    'malformed: expected a version header for a module: this is a component',
  );
});

/** Sections of one kind inside of each other. */
function nested(depth: number, inner: Uint8Array, wrap: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  let bytes = inner;
  for (let i = 0; i < depth; i++) bytes = wrap(bytes);
  return bytes;
}

const written = (write: (w: ByteWriter) => void): Uint8Array => {
  const w = new ByteWriter();
  write(w);
  return w.toBytes();
};
const section = (id: number, content: Uint8Array) =>
  written((w) => {
    w.bytes(COMPONENT);
    w.u8(id);
    w.u32(content.length);
    w.bytes(content);
  });

for (const [what, bytes, wanted] of [
  [
    'a thousand components',
    nested(1000, COMPONENT, (inner) => section(4, inner)),
    /^unsupported: nesting too deep: more than 100 components or types$/,
  ],
  [
    'a hundred thousand component types',
    // A type section with a component type of one declarator, which is a component type …
    section(
      7,
      Uint8Array.from({ length: 300_001 }, (_, i) => (i % 3 === 1 ? 0x41 : 1)),
    ),
    /^unsupported: nesting too deep: more than 100 components or types$/,
  ],
] as const) {
  // biome-ignore format: a table
  test(`${what} in each other`, () => assert.match(refusalOf(bytes)!, wanted));
}

/** A module with memory and one function, lifted. `other`: what its component has beside that. */
function guest(core: string, type: string, options = '', other = '', given = ''): string {
  return `(component ${other}
    (core module $Libc (memory (export "mem") 1))
    (core instance $libc (instantiate $Libc))
    (core module $M (import "" "mem" (memory 1)) ${core})
    (core instance $m (instantiate $M (with "" (instance (export "mem" (memory $libc "mem")) ${given}))))
    (func (export "f") ${type} (canon lift (core func $m "f") (memory (core memory $libc "mem")) ${options})))`;
}

const REALLOC = '(realloc (core func $m "realloc"))';
const takes = (type: string, realloc: string) =>
  guest(
    `(func (export "realloc") (param i32 i32 i32 i32) (result i32) ${realloc}) (func (export "f") (param i32 i32))`,
    `(param "x" ${type})`,
    REALLOC,
  );
const RESIZED = 'trap: realloc return: beyond end of memory; what realloc returned at';

for (const [what, text, call, wanted] of [
  [
    'lies behind the memory',
    takes('string', '(i32.const 0x10000)'),
    'f("abc")',
    `${RESIZED} 0x10000+3 reaches past memory of 0x10000`,
  ],
  [
    'ends behind the memory',
    takes('string', '(i32.const 0xfffe)'),
    'f("abc")',
    `${RESIZED} 0xfffe+3 reaches past memory of 0x10000`,
  ],
  [
    'is the last address',
    takes('(list u8)', '(i32.const -1)'),
    'f([1, 2])',
    `${RESIZED} 0xffffffff+2 reaches past memory of 0x10000`,
  ],
  [
    'is not aligned',
    takes('(list u64)', '(i32.const 12)'),
    'f([1])',
    'trap: realloc return: result not aligned; realloc returned 12, which is no multiple of 8',
  ],
  ['is a trap', takes('(list u64)', '(unreachable)'), 'f([1])', 'trap: unreachable'],
] as const) {
  // biome-ignore format: a table
  test(`room that ${what}`, async () => {
    const component = await running({ text });
    assert.equal(await component.call(call), wanted);
  });
}

const gives = (at: number, length: number, type: string) =>
  guest(
    `(func (export "f") (result i32)
      (i32.store (i32.const 0) (i32.const ${at})) (i32.store (i32.const 4) (i32.const ${length})) (i32.const 0))`,
    `(result ${type})`,
  );

for (const length of [0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 0x1000_0000, 0x0fff_ffff, 0x10001]) {
  for (const type of ['string', '(list u8)', '(list u64)', '(list (list string))', '(list bool)']) {
    test(`${type} of length ${length} in 64 KB`, async () => {
      const component = await running({ text: gives(0, length, type) });
      assert.match(
        await component.call('f()'),
        /^trap: (string|list) (byte length exceeds maximum|pointer\/length out of bounds of memory); /,
      );
    });
  }
}

/** Imports a resource of the host; `f` does something with two handles, of which it has been given one. */
function withHandles(body: string): string {
  return guest(
    `(import "" "drop" (func $drop (param i32))) (import "" "look" (func $look (param i32)))
     (import "" "give" (func $give (param i32))) (import "" "open" (func $open (result i32)))
     (func (export "f") (local $h i32) (local.set $h (call $open)) ${body})`,
    '',
    '',
    `(import "t:t/things" (instance $things (export "thing" (type $thing (sub resource)))
       (export "open" (func (result (own $thing)))) (export "give" (func (param "x" (own $thing))))
       (export "look" (func (param "x" (borrow $thing))))))
     (alias export $things "thing" (type $thing))
     (core func $open (canon lower (func $things "open"))) (core func $give (canon lower (func $things "give")))
     (core func $look (canon lower (func $things "look"))) (core func $drop (canon resource.drop $thing))`,
    '(export "open" (func $open)) (export "give" (func $give)) (export "look" (func $look)) (export "drop" (func $drop))',
  );
}

for (const [what, body, wanted, dropped] of [
  [
    'drops a handle twice',
    '(call $drop (local.get $h)) (call $drop (local.get $h))',
    'trap: unknown handle index 1',
    1,
  ],
  [
    'uses what it has dropped',
    '(call $drop (local.get $h)) (call $look (local.get $h))',
    'trap: unknown handle index 1',
    1,
  ],
  [
    'gives a handle twice',
    '(call $give (local.get $h)) (call $give (local.get $h))',
    'trap: unknown handle index 1',
    0,
  ],
  ['uses a handle that never was', '(call $look (i32.const 77))', 'trap: unknown handle index 77', 0],
  ['uses a negative handle', '(call $drop (i32.const -1))', 'trap: unknown handle index 4294967295', 0],
  ['leaks a handle', '', '', 0],
] as const) {
  // biome-ignore format: a table
  test(`a guest that ${what}`, async () => {
    let drops = 0;
    const thing = hostResource<object>('thing', () => void drops++);
    const host: HostImports = new Map([
      [
        't:t/things',
        hostInstance({
          thing,
          open: hostFunction(() => ({ resource: thing, rep: {}, label: 'thing' })),
          give: hostFunction(() => undefined),
          look: hostFunction(() => undefined),
        }),
      ],
    ]);
    const component = await running({ text: withHandles(body) }, host);
    assert.equal(await component.call('f()'), wanted);
    assert.equal(drops, dropped);
  });
}

/** What WASI of another version is: asked for, and what is said. */
for (const [name, wanted] of [
  ['wasi:random/random@0.2.0', undefined],
  ['wasi:random/random@0.2.99', undefined],
  [
    'wasi:random/random@0.3.0',
    /^unlinkable: unknown import wasi:random\/random@0\.3\.0: get-random-u64: func\(\) -> u64 \(the host has wasi:random\/random@0\.2\.\d+\)/,
  ],
  [
    'wasi:random/random@1.0.0',
    /^unlinkable: unknown import wasi:random\/random@1\.0\.0: .* \(the host has wasi:random\/random@0\.2\.\d+\)/,
  ],
  ['wasi:random/random@0.2.0-rc.1', /^unlinkable: unknown import wasi:random\/random@0\.2\.0-rc\.1: /],
  [
    'wasi:random/rendom@0.2.0',
    /^unlinkable: unknown import wasi:random\/rendom@0\.2\.0: get-random-u64: func\(\) -> u64; /,
  ],
] as const) {
  // biome-ignore format: a table
  test(`a component that imports ${name}`, async () => {
    const text = `(component (import "${name}" (instance (export "get-random-u64" (func (result u64))))))`;
    const told = await running({ text }, new Guest2().imports).then(
      () => undefined,
      (error: unknown) => faultText(error),
    );
    if (wanted) assert.match(told ?? 'it was linked', wanted);
    else assert.equal(told, undefined);
  });
}

test('a fault is one', () => {
  assert.throws(() => decode(Uint8Array.of(0, 0x61, 0x73)), WasmError);
});
