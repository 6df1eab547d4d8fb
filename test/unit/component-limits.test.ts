/** Components that would cost more than anybody has are refused, quickly and with the limit (docs/limits.md). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadComponent } from '../../engine/component/load.ts';

const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

const resources = (count: number) => lines(count, (i) => `(type $r${i} (resource (rep i32)))`);

const CASES: readonly [what: string, text: string, message: RegExp][] = [
  [
    'an instance with two of the one before, forty times',
    `(component (instance $i0) ${lines(40, (i) => `(instance $i${i + 1} (export "a" (instance $i${i})) (export "b" (instance $i${i})))`)}
      (export "x" (instance $i40)))`,
    /^effective type size exceeds the limit of 1000000$/,
  ],
  [
    'a tuple with two of the one before, forty times',
    `(component (type $t0 u8) ${lines(40, (i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`)})`,
    /^effective type size exceeds the limit of 1000000$/,
  ],
  [
    'a type inside of the one before, six hundred times',
    `(component (type $t0 u8) ${lines(600, (i) => `(type $t${i + 1} (list $t${i}))`)})`,
    /^type nesting is too deep: more than 500$/,
  ],
  [
    'many imports of many resources',
    `(component (type $t (instance ${lines(2000, (i) => `(export "r${i}" (type (sub resource)))`)}))
      ${lines(2000, (i) => `(import "i${i}" (instance (type $t)))`)})`,
    /^the types of all definitions are too large: more than 5000000 in all$/,
  ],
  [
    'many instances of a component with many resources',
    `(component (component $c ${resources(2000)} ${lines(2000, (i) => `(export "r${i}" (type $r${i}))`)})
      ${lines(2000, () => '(instance (instantiate $c))')})`,
    /^the types of all definitions are too large: more than 5000000 in all$/,
  ],
  [
    'many instances of a core module with many imports',
    `(component (core module $m ${lines(2000, (i) => `(func (export "f${i}"))`)})
      (core module $n ${lines(2000, (i) => `(import "a" "f${i}" (func))`)})
      (core instance $i (instantiate $m)) ${lines(3000, () => '(core instance (instantiate $n (with "a" (instance $i))))')})`,
    /^the types of all definitions are too large: more than 5000000 in all$/,
  ],
  [
    'components in components',
    '(component '.repeat(200) + ')'.repeat(200),
    /^nesting too deep: more than 100 /,
  ],
];

for (const [what, text, message] of CASES) {
  test(what, () => {
    const loaded = loadComponent({ text });
    assert.ok('faults' in loaded, 'it is valid');
    assert.match(loaded.faults[0].message, message);
  });
}
