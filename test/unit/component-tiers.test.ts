/**
 * Core code inside of components runs in the host tier, as that of modules does: it is compiled when that pays, in every core
 * instance, and what goes through the canonical ABI meanwhile is the same.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostFunction } from '../../engine/component/host.ts';
import { running } from './component-load.ts';

/** The outer module counts to `n`; every thousandth time it asks a component inside, whose loop is hot as well. */
const HOT = `(component
  (import "seen" (func $seen (param "text" string)))
  (component $Inner
    (core module $I (func $square (export "square") (param i32) (result i32) (local $i i32)
      (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $i) (i32.const 1000))))
      (i32.mul (local.get 0) (local.get 0))))
    (core instance $i (instantiate $I))
    (func (export "square") (param "x" u32) (result u32) (canon lift (core func $i "square"))))
  (instance $inner (instantiate $Inner))
  (core module $Libc (memory (export "mem") 1) (data (i32.const 0) "halfway"))
  (core instance $libc (instantiate $Libc))
  (core func $seen' (canon lower (func $seen) (memory (core memory $libc "mem"))))
  (core func $square' (canon lower (func $inner "square")))
  (core module $M
    (import "" "seen" (func $seen (param i32 i32)))
    (import "" "square" (func $square (param i32) (result i32)))
    (func $count (export "count") (param $n i32) (result i32) (local $i i32) (local $sum i32)
      (loop $l
        (if (i32.eq (local.get $i) (i32.shr_u (local.get $n) (i32.const 1)))
          (then (call $seen (i32.const 0) (i32.const 7))))
        (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 1000)))
          (then (local.set $sum (i32.add (local.get $sum) (call $square (local.get $i))))))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (local.get $sum)))
  (core instance $m (instantiate $M (with "" (instance
    (export "seen" (func $seen')) (export "square" (func $square'))))))
  (func (export "count") (param "n" u32) (result u32) (canon lift (core func $m "count"))))`;

/** What a run tells: its result, what the host saw, what was executed, and what the tiers log. */
async function told(engine: 'auto' | 'interpreter') {
  const seen: unknown[] = [];
  const host = hostFunction(([text]) => void seen.push(text));
  const { threads, call } = await running({ text: HOT }, new Map([['seen', host]]), {
    engine,
    profile: true,
  });
  const log: string[] = [];
  threads.space.tiersLog = (line) => log.push(line);
  const result = await call('count(300000)');
  const { profile } = threads.space;
  const counts = threads.store.funcs
    .filter(({ inst }) => inst)
    .map((func) => [func.inst!.module.names.of('func', func.idx), profile!.of(func)]);
  return { result, seen, counts, log };
}

test('core code of components is compiled, and counts as in the interpreter', async () => {
  const compiled = await told('auto');
  const interpreted = await told('interpreter');
  assert.deepEqual(interpreted.log, []);
  assert.match(compiled.log.join('\n'), /^tiers: functions compiled: [1-9]/);
  assert.match(compiled.log.at(-1) ?? '', /^tiers: functions compiled: 2; left to the interpreter: 0$/);
  assert.deepEqual(compiled.seen, ['halfway']);
  assert.deepEqual({ ...compiled, log: [] }, interpreted);
});
