/** WIT: texts are read, laid out and read again; faults have their place; a component's types are written as WIT. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadComponent } from '../../engine/component/load.ts';
import { witOf } from '../../engine/component/wit/from-component.ts';
import { parseWit } from '../../engine/component/wit/parse.ts';
import { printWit } from '../../engine/component/wit/print.ts';

/** As it is laid out. */
const EVERYTHING = `/// About the package.
package test:all@1.2.3-rc.1+b5;

use other:pkg/types@0.2.0 as other-types;
use local;

/// An interface.
@since(version = 1.0.0)
interface types {
  use other-types.{thing, other as renamed};
  use wasi:io/streams@0.2.12.{input-stream};

  type id = u32;

  /// A point
  ///
  /// in the plane.
  record point {
    /// Rightwards.
    x: s32,
    %type: f64,
  }

  enum color {
    red,
    dark-BLUE,
  }

  flags perms {
    read,
    write,
  }

  variant shape {
    circle(f32),
    rect(tuple<point, point>),
    nothing,
  }

  resource blob {
    constructor(init: list<u8>) -> result<blob, string>;
    @unstable(feature = merging)
    merge: static func(a: blob, b: borrow<blob>) -> own<blob>;
    read: async func() -> stream<u8>;
  }

  resource plain;

  @deprecated(version = 1.1.0)
  @external-id("host name")
  lots: func(a: list<u8, 4>, b: map<string, u64>, c: option<char>, d: result, e: result<_, string>) -> future;
}

world app {
  include base;
  include other with {
    a as b,
  }
  import types;
  import wasi:cli/environment@0.2.0;
  import log: func(message: string);
  import primary: wasi:keyvalue/store;
  import helper: interface {
    help: func();
  }

  export types;
  export run: async func() -> result;
}

package nested:one {
  interface empty {
  }
}
`;

test('everything that WIT has is read and laid out again', () => {
  const { document, faults } = parseWit(EVERYTHING);
  assert.deepEqual(faults, []);
  assert.equal(printWit(document), EVERYTHING);
});

/** A text with `«»` around the place of its first fault, and the message. */
const FAULTS: readonly [text: string, message: string][] = [
  ['package «;»', 'expected an identifier, found `;`'],
  ['package a:b; interface «record» { }', 'expected an identifier, found keyword `record`'],
  ['interface a { f: func(x «u8»); }', 'expected `:`, found `u8`'],
  ['interface a { f: func() -> «;» }', 'expected a type, found `;`'],
  ['interface a { record «Foo_» { } }', '`Foo_` is not in kebab case'],
  ['package a:b@«1.x»;', "`1.x` is no version: unexpected character 'x' while parsing minor version number"],
  ['interface a { «#» }', 'unexpected character "#"'],
  ['interface a { «/*» }', 'unterminated block comment'],
  ['interface a { type t = list<u8, «0»>; }', 'a length is at least 1 and less than 2^32'],
  ['interface a { @«magic»(x) f: func(); }', 'unknown attribute `magic`'],
  ['world w { import a: func()«»', 'expected `;`, found the end of the text'],
  ['«hello»', 'expected `world`, `interface`, `use` or `package`, found `hello`'],
];

for (const [marked, message] of FAULTS) {
  test(`a fault in ${marked}`, () => {
    const start = marked.indexOf('«');
    const end = marked.indexOf('»') - 1;
    const [fault] = parseWit(marked.replace(/[«»]/g, '')).faults;
    assert.deepEqual({ ...fault?.span, message: fault?.message }, { start, end, message });
  });
}

test('what follows a fault is read', () => {
  const { document, faults } = parseWit('interface a { bad: ; good: func(); } world w { export; import b; }');
  assert.equal(faults.length, 2);
  assert.match(printWit(document), /good: func\(\);[\s\S]*world w \{\n {2}import b;/);
});

test('deeply nested types are a fault and no crash', () => {
  const { faults } = parseWit(`interface a { type t = ${'list<'.repeat(5000)}u8${'>'.repeat(5000)}; }`);
  assert.match(faults[0].message, /nested too deep/);
});

/** A component, and its WIT. */
const COMPONENTS: readonly [name: string, text: string, wit: string][] = [
  [
    'types of one interface are used by another',
    `(component
      (import "a:b/types@0.1.0" (instance $types
        (export "r" (type $r (sub resource)))
        (type $rec (record (field "x" u8) (field "h" (own $r))))
        (export "rec" (type $rec' (eq $rec)))
        (export "[constructor]r" (func (param "n" u32) (result (own $r))))
        (export "[method]r.get" (func (param "self" (borrow $r)) (result $rec')))
        (export "[static]r.all" (func (result (list (own $r)))))))
      (alias export $types "rec" (type $rec))
      (alias export $types "r" (type $r))
      (import "rec" (type $named (eq $rec)))
      (import "f" (func $f (param "a" (option $named)) (result (result $named (error string)))))
      (import "a:b/more@0.1.0" (instance
        (alias outer 1 $r (type $r))
        (export "blob" (type $blob (eq $r)))
        (export "give" (func (result (own $blob))))))
      (import "inline" (instance (export "g" (func async))))
      (export "h" (func $f)))`,
    `package root:component;

world root {
  import a:b/types@0.1.0;
  import a:b/more@0.1.0;
  import inline: interface {
    g: async func();
  }
  use a:b/types@0.1.0.{rec};
  import f: func(a: option<rec>) -> result<rec, string>;

  export h: func(a: option<rec>) -> result<rec, string>;
}

package a:b@0.1.0 {
  interface types {
    resource r {
      constructor(n: u32);
      get: func() -> rec;
      all: static func() -> list<r>;
    }

    record rec {
      x: u8,
      h: r,
    }
  }

  interface more {
    use a:b/types@0.1.0.{r as blob};

    give: func() -> blob;
  }
}
`,
  ],
  [
    'what WIT cannot say is told',
    '(component (import "m" (core module)) (import "i" (implements "a:b/c") (instance)))',
    `package root:component;

/// Not shown: import m: core module
world root {
  import i: a:b/c;
}

package a:b {
  interface c {
  }
}
`,
  ],
  [
    'a package of WIT',
    `(component
      (type (component
        (type (instance (type u32) (export "id" (type (eq 0))) (export "r" (type (sub resource)))))
        (export "a:b/types@1.0.0" (instance (type 0)))))
      (export "types" (type 0))
      (type (component
        (import "a:b/types@1.0.0" (instance $i (export "r" (type (sub resource)))))
        (alias export $i "r" (type $r))
        (type $w (component
          (alias outer 1 $r (type $r))
          (import "a:b/types@1.0.0" (instance (type (instance (export "r" (type (eq $r)))))))
          (export "run" (func))))
        (export "a:b/w@1.0.0" (component (type $w)))))
      (export "w" (type 2)))`,
    `package a:b@1.0.0;

interface types {
  type id = u32;

  resource r;
}

world w {
  import types;

  export run: func();
}
`,
  ],
];

for (const [name, text, wit] of COMPONENTS) {
  test(`the WIT of a component: ${name}`, () => {
    const loaded = loadComponent({ text });
    assert.ok(!('faults' in loaded), JSON.stringify(loaded));
    assert.equal(printWit(witOf(loaded.valid)), wit);
    const again = parseWit(wit);
    assert.deepEqual(again.faults, []);
    assert.equal(printWit(again.document), wit);
  });
}
