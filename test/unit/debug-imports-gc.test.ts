/** Garbage-collected values through imports written in JavaScript: opaque objects, i31 numbers, typed functions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { type InvokeFromJs, readJsImports } from '../../engine/debug/imports.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { validate } from '../../engine/valid/validate.ts';
import { bytesOf, FEATURES } from './exec-load.ts';

const PROGRAM = `(module
  (rec (type $point (struct (field $x (mut i32)))) (type $step (func (param (ref $point)) (result (ref null $point)))))
  (type $other (struct (field f32)))
  (import "env" "step" (func $step (type $step)))
  (import "env" "any" (func $any (param anyref) (result anyref)))
  (import "env" "zero" (global $zero (ref i31)))
  (global $kept (mut (ref null $point)) (ref.null $point))
  (func (export "new") (param i32) (result (ref $point)) (struct.new $point (local.get 0)))
  (func (export "newOther") (result (ref $other)) (struct.new_default $other))
  (func (export "x") (param (ref $point)) (result i32) (struct.get $point $x (local.get 0)))
  (func (export "step") (param i32) (result i32)
    (struct.get $point $x (call $step (struct.new $point (local.get 0)))))
  (func (export "isI31") (param i32) (result i32)
    (ref.test (ref i31) (call $any (ref.i31 (local.get 0)))))
  (func (export "zero") (result i32) (i31.get_s (global.get $zero))))`;

type Exports = Record<string, (...args: unknown[]) => unknown>;

test('objects go to JavaScript and back', async () => {
  const store = new Store();
  const machine = new Machine(store);
  const invoke: InvokeFromJs = (func, args) => {
    machine.begin(func, args);
    const outcome = machine.run();
    if (outcome.kind === 'done') return outcome.results;
    throw new Error(outcome.kind === 'trap' ? outcome.fault.message : outcome.kind);
  };
  const seen: unknown[] = [];
  let exports: Exports = {};
  let answer: (point: unknown) => unknown = (point) => point;
  let tools: { instance: { exports: Exports } } | undefined;
  const imports = await readJsImports(
    store,
    (given: typeof tools) => {
      tools = given;
      const step = (point: unknown): unknown => {
        seen.push(point);
        return answer(point);
      };
      return { env: { step, any: (value: unknown) => seen.push(value) && value, zero: -9 } };
    },
    invoke,
  );
  const module = decode(bytesOf(PROGRAM));
  validate(module, FEATURES);
  imports.attach(instantiate(store, module, imports.lookup, FEATURES));
  exports = tools!.instance.exports;

  const point = exports.new(5);
  assert.deepEqual(Reflect.ownKeys(point as object), []);
  assert.equal(exports.x(point), 5);
  assert.throws(() => exports.x(exports.newOther()), TypeError);
  assert.throws(() => exports.x(null), TypeError);
  assert.throws(() => exports.x({}), TypeError);

  assert.equal(exports.step(6), 6);
  answer = () => exports.new(70);
  assert.equal(exports.step(6), 70);
  answer = () => exports.newOther();
  assert.throws(() => exports.step(6), /env\.step: this is no/);
  answer = () => null;
  assert.throws(() => exports.step(6), /null structure reference/);

  seen.length = 0;
  assert.equal(exports.isI31(-3), 1);
  assert.deepEqual(seen, [-3]);
  assert.equal(exports.zero(), -9);
});
