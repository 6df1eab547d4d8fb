/** What names of WIT documents mean: definitions and uses, faults, types of functions, gates. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeText } from '../../engine/component/types.ts';
import { parseWit } from '../../engine/component/wit/parse.ts';
import { type Resolution, resolveWit } from '../../engine/component/wit/resolve.ts';
import { WitTypes } from '../../engine/component/wit/types.ts';

function resolve(...texts: string[]): Resolution {
  return resolveWit(
    texts.map((text) => {
      const { document, faults } = parseWit(text);
      assert.deepEqual(faults, []);
      return document;
    }),
  );
}

function messagesOf(...texts: string[]): string[] {
  return resolve(...texts).faults.map(({ fault }) => fault.message);
}

test('faults of names', () => {
  const of = (members: string) => messagesOf(`package a:b; interface i { ${members} }`);
  assert.deepEqual(of('f: func(x: t);'), ['type `t` does not exist in this interface']);
  assert.deepEqual(of('type t = u8; type t = u16;'), ['name `t` is defined more than once']);
  assert.deepEqual(of('type t = u8; t: func();'), ['name `t` is defined more than once']);
  assert.deepEqual(of('record r { a: u8, a: u8 }'), ['field `a` is defined more than once']);
  assert.deepEqual(of('enum e { a, A }'), ['case `A` is defined more than once']);
  assert.deepEqual(of('f: func(a: u8, a: u8);'), ['param `a` is defined more than once']);
  assert.deepEqual(of('resource r { m: func(); m: func(); }'), ['method `m` is defined more than once']);
  assert.deepEqual(of('record r { next: option<r> }'), ['type `r` depends on itself']);
  assert.deepEqual(of('type a = list<b>; type b = a;'), [
    'type `a` depends on itself',
    'type `b` depends on itself',
  ]);
  assert.deepEqual(of('type t = u8; f: func(x: borrow<t>);'), [
    'type `t` is used in a handle, but is no resource',
  ]);
  assert.deepEqual(of('resource t; type u = t; f: func(x: borrow<u>, y: t);'), []);
});

test('faults between interfaces', () => {
  assert.deepEqual(messagesOf('package a:b; interface i {} interface i {}'), [
    'interface `i` is defined more than once',
  ]);
  assert.deepEqual(
    messagesOf('package a:b; interface i { use j.{x}; } interface j { use i.{y}; type x = u8; }'),
    ['interface `i` depends on itself'],
  );
  assert.deepEqual(messagesOf('package a:b; world w {} interface i { use w.{x}; }'), [
    'types are used from interfaces, not from worlds',
  ]);
  const { faults } = resolve('package a:b; interface i { use j.{x}; } interface j { type y = u8; }');
  assert.equal(faults[0].fault.message, 'type `x` not defined in interface `j`');
  assert.equal(faults[0].fault.notes?.[0].message, 'it has y');
  // Names of another interface are not those here.
  assert.deepEqual(
    messagesOf(
      'package a:b; interface i { use j.{x}; record y { f: x } } interface j { type y = u8; record x { f: y } }',
    ),
    [],
  );
});

const BASE = `package a:b;
interface iface {}
world base { import cache: func(); import log: interface {} export run: func(); import iface; type id = u32; }
`;
/** What `include` brings, and how it is renamed (WIT.md, Union of Worlds with `include`). */
for (const [members, wanted] of [
  ['include base;', []],
  ['include base; import cache2: func();', []],
  ['import cache: func(); include base with { cache as base-cache };', []],
  ['include base; include other with { cache as c2, id as id2 };', []],
  ['include x:y/elsewhere with { a as b };', []],
  ['import cache: func(); include base;', ['import `cache` is there already']],
  ['export cache: func(); include base;', []],
  ['export run: func(); include base;', ['export `run` is there already']],
  ['include base; include other;', ['import `cache` is there already', 'import `id` is there already']],
  ['include base with { cache as log };', ['import `log` is there already']],
  ['include base with { nope as x };', ['world `base` has no import or export called `nope`']],
  ['include base with { iface as x };', ['world `base` has no import or export called `iface`']],
  ['include iface;', ['`iface` is an interface: only worlds are included']],
  ['include w;', ['world `w` includes itself']],
  ['import a: func(); import a: func();', ['import `a` is defined more than once']],
] as const) {
  // biome-ignore format: a table
  test(`world w { ${members} }`, () => {
    const text = `${BASE} world other { import cache: func(); type id = u8; } world w { ${members} }`;
    assert.deepEqual(messagesOf(text), wanted);
  });
}

test('names that are included through others, and a ring of worlds', () => {
  const ring = 'world x { include y; } world y { include x; }';
  assert.deepEqual(messagesOf(`package a:b; ${ring}`), ['world `x` includes itself']);
  const through =
    'world mid { include base with { cache as kept }; } world w { include mid with { kept as mine, cache as x }; }';
  assert.deepEqual(messagesOf(`${BASE} ${through}`), ['world `mid` has no import or export called `cache`']);
  const chain = Array.from({ length: 20_000 }, (_, i) => `world w${i} { include w${i + 1}; }`).join(' ');
  assert.deepEqual(messagesOf(`package a:b; ${chain}`).slice(0, 1), [
    'too many worlds that include each other',
  ]);
});

test('a name that is renamed is the name of what is included', () => {
  const text = `${BASE} world w { include base with { cache as mine }; }`;
  const { symbols } = resolve(text);
  const at = text.indexOf('cache as mine');
  const used = symbols.find(({ span }) => span.start === at);
  assert.equal(used?.role, 'use');
  assert.equal(used.def?.span.start, text.indexOf('cache: func'));
});

test('chains of interfaces are bounded', () => {
  const chain = Array.from({ length: 20_000 }, (_, i) => `interface i${i} { use i${i + 1}.{x}; }`).join('\n');
  const messages = new Set(messagesOf(`package a:b; ${chain}`));
  assert.deepEqual([...messages].slice(0, 1), ['too many interfaces that use each other']);
});

test('definitions and uses, in two documents', () => {
  const first = 'package a:b;\n\ninterface i {\n  /// A number.\n  type id = u32;\n}\n';
  const second =
    'package a:b;\n\nworld w {\n  use i.{id as mine};\n  import f: func(x: mine);\n  import o:p/q;\n}\n';
  const { faults, symbols } = resolve(first, second);
  assert.deepEqual(faults, []);
  const texts = [first, second];
  const told = symbols.map(({ document, span, def, role }) => {
    const text = texts[document].slice(span.start, span.end);
    return `${document} ${role} ${text}: ${def ? `${def.kind} ${def.name} of ${def.document}` : 'elsewhere'}`;
  });
  assert.deepEqual(
    told.toSorted(),
    [
      '0 def i: interface i of 0',
      '0 def id: type id of 0',
      '1 def f: import f of 1',
      '1 def mine: type mine of 1',
      '1 def w: world w of 1',
      '1 def x: param x of 1',
      '1 use i: interface i of 0',
      '1 use id: type id of 0',
      '1 use mine: type mine of 1',
      '1 use q: interface q of elsewhere',
    ].map((line) => line.replace('interface q of elsewhere', 'elsewhere')),
  );
  assert.equal(symbols.find(({ def }) => def?.name === 'id')?.def?.docs, 'A number.');
});

test('types of functions', () => {
  const { interfaces } = resolve(
    `package a:b@1.0.0;
interface types { record point { x: s32, y: s32 } resource file; type points = list<point>; }
interface i {
  use types.{points as many, file};
  use x:y/z.{far};
  variant v { a(many), b }
  f: async func(x: many, h: borrow<file>, g: file) -> result<tuple<u8, string>, v>;
  g: func(x: far);
  @unstable(feature = new)
  h: func();
}`,
  );
  const i = interfaces.get('a:b/i@1.0.0');
  assert.ok(i);
  const types = new WitTypes({ features: new Set() });
  const told = (name: string, of = types): string | undefined => {
    const func = i.funcs.get(name);
    const type = func && of.funcType(i, func);
    if (!type) return undefined;
    const params = type.params.map((param) => `${param.label}: ${typeText(param.type)}`);
    return `${type.async ? 'async ' : ''}(${params.join(', ')})${type.result ? ` -> ${typeText(type.result)}` : ''}`;
  };
  assert.equal(
    told('f'),
    'async (x: list<record { x: s32, y: s32 }>, h: borrow<resource 0>, g: own<resource 0>) -> result<tuple<u8, string>, variant { a(list<record { x: s32, y: s32 }>), b }>',
  );
  assert.equal(told('g'), undefined, 'a type that is elsewhere');
  assert.equal(told('h'), undefined, 'gated');
  assert.equal(told('h', new WitTypes()), '()');
});
