/**
 * Component text: what abbreviations stand for, where things are in the text, what is said of wrong texts, and what is printed.
 * The component model's own tests hold the rest (test/spec/component-suite.test.ts).
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { encodeComponent } from '../../engine/component/binary/encode.ts';
import { loadComponent } from '../../engine/component/load.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { printComponent } from '../../engine/component/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';

function assembled(text: string) {
  const assembly = assembleComponent(parseTree(text));
  assert.deepEqual(
    assembly.faults.map(({ message }) => message),
    [],
  );
  return assembly;
}

/** An abbreviated text, and the same written in full, without names. */
const SHORT: readonly [what: string, text: string, full: string][] = [
  [
    'an inline function type',
    '(component (import "f" (func $f (param "x" (option (list u8))))) (export "g" (func $f)))',
    `(component
  (type (;0;) (list u8))
  (type (;1;) (option 0))
  (type (;2;) (func (param "x" 1)))
  (import "f" (func (;0;) (type 2)))
  (export (;1;) "g" (func 0)))
`,
  ],
  [
    'aliases that go through instances',
    `(component
      (import "i" (instance $i (export "j" (instance (export "f" (func))))))
      (export "f" (func $i "j" "f")))`,
    `(component
  (type (;0;)
    (instance
      (type (;0;)
        (instance
          (type (;0;) (func))
          (export "f" (func (;0;) (type 0)))))
      (export "j" (instance (;0;) (type 0)))))
  (import "i" (instance (;0;) (type 0)))
  (alias export 0 "j" (instance (;1;)))
  (alias export 1 "f" (func (;0;)))
  (export (;1;) "f" (func 0)))
`,
  ],
  [
    'names of outer components',
    '(component (type $t u8) (core type $c (func)) (component (type $l (list $t)) (type (option $t)) (core type (module (import "" "" (func (type $c)))))))',
    `(component
  (type (;0;) u8)
  (core type (;0;) (func))
  (component (;0;)
    (alias outer 1 0 (type (;0;)))
    (type (;1;) (list 0))
    (type (;2;) (option 0))
    (core type (;0;)
      (module
        (alias outer 2 0 (type (;0;)))
        (import "" "" (func (type 0)))))))
`,
  ],
  [
    'instances that are written as arguments',
    `(component
      (component $c (import "i" (instance)))
      (core module $m (import "a" "b" (func)))
      (import "x" (core module $x (export "f" (func))))
      (core instance $xi (instantiate $x))
      (core instance (instantiate $m (with "a" (instance (export "b" (func $xi "f"))))))
      (instance (instantiate $c (with "i" (instance)))))`,
    `(component
  (component (;0;)
    (type (;0;) (instance))
    (import "i" (instance (;0;) (type 0))))
  (core module (;0;)
    (type (;0;) (func))
    (import "a" "b" (func (;0;) (type 0))))
  (core type (;0;)
    (module
      (type (;0;) (func))
      (export "f" (func (type 0)))))
  (import "x" (core module (;1;) (type 0)))
  (core instance (;0;) (instantiate 1))
  (alias core export 0 "f" (core func (;0;)))
  (core instance (;1;) (export "b" (func 0)))
  (core instance (;2;) (instantiate 0 (with "a" (instance 1))))
  (instance (;0;))
  (instance (;1;) (instantiate 0 (with "i" (instance 0)))))
`,
  ],
  [
    'sorts in front',
    `(component
      (func $f (import "f") async (result u8))
      (instance (import "i") (export "x" (func)))
      (func (export "a") (export "b") (alias export 0 "x"))
      (instance $unused))`,
    `(component
  (type (;0;) (func async (result u8)))
  (import "f" (func (;0;) (type 0)))
  (type (;1;)
    (instance
      (type (;0;) (func))
      (export "x" (func (;0;) (type 0)))))
  (import "i" (instance (;0;) (type 1)))
  (alias export 0 "x" (func (;1;)))
  (instance (;1;))
  (export (;2;) "a" (func 1))
  (export (;3;) "b" (func 1)))
`,
  ],
  [
    'values and custom sections',
    `(component
      (type $rr (record (field "a" u16)))
      (import "r" (type $r (eq $rr)))
      (import "f" (func $f (param "v" $r) (result string)))
      (value $v (record (field "a" u16) (field "b" (list char))) (record 300 (list 'a' '\\u{2603}')))
      (@custom "notes" "a\\00b")
      (start $f (value $v) (result (value $w)))
      (export "w" (value $w)))`,
    `(component
  (type (;0;) (record (field "a" u16)))
  (import "r" (type (;1;) (eq 0)))
  (type (;2;) (func (param "v" 1) (result string)))
  (import "f" (func (;0;) (type 2)))
  (type (;3;) (list char))
  (type (;4;) (record (field "a" u16) (field "b" 3)))
  (value (;0;) 4 (binary "\\ac\\02\\02a\\e2\\98\\83"))
  (@custom "notes" "a\\00b")
  (start 0 (value 0) (result (value (;1;))))
  (export (;2;) "w" (value 1)))
`,
  ],
];

for (const [what, text, full] of SHORT) {
  test(`${what} are written in full`, () => {
    const { bytes } = assembleComponent(parseTree(text), undefined, { names: false });
    assembled(text);
    const component = decodeComponent(bytes);
    assert.equal(printComponent(component, { names: false }).text, full);
    assert.deepEqual(assembled(full).bytes, encodeComponent(component));
  });
}

test('names are kept, and printed where they are distinct', () => {
  const text = `(component $top
  (type $t (;0;) u8)
  (type (;1;) (func))
  (import "f" (func $f (;0;) (type 1)))
  (core module $m (;0;)
    (type (;0;) (func))
    (func $g (;0;) (type 0)))
  (core module $n (;1;) (@name "another"))
  (core module $o (;2;) (@unnamed)))
`;
  const component = decodeComponent(assembled(text).bytes);
  assert.equal(component.names.component, 'top');
  assert.equal(component.names.of('func', 0), 'f');
  assert.equal(printComponent(component).text, text);
});

/** A text with `«»` around the place of its first fault, and the message. */
const FAULTS: readonly [text: string, message: string][] = [
  ['(component (export "f" (func «$g»)))', 'unknown func: failed to find name `$g`'],
  ['(component (type $t u8) (type «$t» u8))', 'duplicate type identifier $t'],
  ['(component (func $f (import "f")) (component (export "f" (func «$f»))))', 'outer item `f` is not a module, type, or component'],
  ['(component (canon «magic» (core func)))', 'unexpected token magic'],
  ['(component (type (recor«d»))', 'unexpected token: unclosed ('],
  ['(component (alias outer «$x» 0 (type)))', 'outer component `$x` not found'],
  ['(component (type (func (param «x» u8))))', 'unexpected token x'],
  ['(component (core module (func «nop.nop»)))', 'unknown operator nop.nop'],
  ['(component) «(»component)', 'unexpected token ('],
  ['(component (value u8 «300»))', 'constant out of range'],
]; // biome-ignore format: a table

for (const [marked, message] of FAULTS) {
  test(`a fault in ${marked}`, () => {
    const text = marked.replace(/[«»]/g, '');
    const { faults } = assembleComponent(parseTree(text));
    assert.equal(faults[0]?.message, message);
    if (message.includes('unclosed')) return;
    const start = marked.indexOf('«');
    assert.deepEqual(faults[0].span, { start, end: marked.indexOf('»') - 1 });
  });
}

test('what follows a fault is read', () => {
  const { faults } = assembleComponent(
    parseTree('(component (oops) (type $t u8) (oops) (export "t" (type $t)))'),
  );
  assert.deepEqual(
    faults.map(({ message }) => message),
    ['unexpected token oops', 'unexpected token oops'],
  );
});

test('what is invalid has its place in the text', () => {
  const text = '(component\n  (component\n    (core module (func (result i32) nop))))';
  const loaded = loadComponent({ text });
  assert.ok('faults' in loaded);
  const [{ message, span }] = loaded.faults;
  assert.match(message, /type mismatch/);
  assert.equal(text.slice(span!.start, span!.end), ')');
});

test('instructions inside of modules lead to the text and back', () => {
  const text = '(component (component (core module $m (func (export "f") (drop (i32.const 7)) nop))))';
  const { bytes, map, modules } = assembled(text);
  const [nop] = map.instructionsIn({ start: text.indexOf('nop'), end: text.indexOf('nop') + 3 });
  assert.equal(bytes[nop.offset], 0x01);
  assert.deepEqual(map.spanAt(nop.offset), { start: text.indexOf('nop'), end: text.indexOf('nop') + 3 });
  const [{ offset, assembly }] = modules;
  assert.deepEqual(bytes.subarray(offset, offset + assembly.bytes.length), assembly.bytes);
  const printed = printComponent(decodeComponent(bytes));
  const at = printed.map.spanAt(nop.offset)!;
  assert.equal(printed.text.slice(at.start, at.end), 'nop');
});

test('deep nesting is a fault and no crash', () => {
  const deep = (n: number, open: string, close: string) => open.repeat(n) + close.repeat(n);
  assert.match(
    assembleComponent(parseTree(deep(2000, '(component ', ')'))).faults[0].message,
    /nesting too deep/,
  );
  const types = assembleComponent(
    parseTree(`(component (type ${deep(3000, '(list ', ')').replace(' )', ' u8)')}))`),
  );
  assert.match(types.faults[0]?.message ?? '', /nesting too deep/);
});
