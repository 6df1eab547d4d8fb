/**
 * Stripping custom sections: what goes, what stays, and that all else is the same bytes; in components at every depth.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { strip } from '../../engine/binary/strip.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { assembled } from './valid-modules.ts';

const MODULE = assembled(
  '(module $m (@custom "a" (before first) "1") (func $f nop) (@custom "b" "2") (data "x") (@custom "a" "3"))',
);
const customsOf = (bytes: Uint8Array) => decode(bytes).customs.map(({ name }) => name);

const CASES: readonly (readonly [unwanted: RegExp, removed: readonly string[], left: readonly string[]])[] = [
  [/^/, ['a', 'name', 'b', 'a'], []],
  [/^a$/, ['a', 'a'], ['name', 'b']],
  [/^name$/, ['name'], ['a', 'b', 'a']],
  [/^nothing$/, [], ['a', 'name', 'b', 'a']],
];

for (const [unwanted, removed, left] of CASES) {
  test(`without ${unwanted}`, () => {
    const stripped = strip(MODULE, (name) => unwanted.test(name));
    assert.deepEqual(stripped.removed, removed);
    assert.deepEqual(customsOf(stripped.bytes), left);
    if (removed.length === 0) assert.deepEqual(stripped.bytes, MODULE);
    assert.deepEqual(strip(stripped.bytes, () => false).bytes, stripped.bytes);
  });
}

test('in components', () => {
  const { bytes, faults } = assembleComponent(
    parseTree(
      '(component $c (core module $m (func $f)) (component $d (core module $n (func $g))) (type u32))',
    ),
  );
  assert.equal(faults.length, 0);
  const stripped = strip(bytes, () => true);
  assert.deepEqual(stripped.removed.toSorted(), ['component-name', 'component-name', 'name', 'name']);
  const component = decodeComponent(stripped.bytes);
  assert.deepEqual(
    component.definitions.map(({ kind }) => kind),
    ['core module', 'component', 'type'],
  );
  assert.deepEqual(strip(bytes, () => false).bytes, bytes);
});

const BAD: readonly (readonly [what: string, bytes: Uint8Array, message: RegExp])[] = [
  ['nothing', new Uint8Array(), /unexpected end/],
  ['no binary', Uint8Array.from(Buffer.from('(module) ; text')), /magic header not detected/],
  ['another version', Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), /unknown binary version/],
  ['a section that is cut off', MODULE.subarray(0, MODULE.length - 1), /length out of bounds|unexpected end/],
];

for (const [what, bytes, message] of BAD) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => strip(bytes, () => true),
      (error) => error instanceof WasmError && message.test(error.message),
    );
  });
}
