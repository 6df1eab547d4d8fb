/**
 * What pauses leave behind: a program that is stopped and goes on ten thousand times, in more loops than are kept compiled from
 * their headers on, with breakpoints that come and go, keeps a bounded number of the host's modules and a bounded heap.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { i32 } from '../../engine/runtime/values.ts';
import { load } from './exec-load.ts';

const PAUSES = 10_000;
/** Functions with a loop each: more than there are modules for loop headers (tier.ts). */
const FUNCS = 300;
const ROOM = 256;
/** The piece, ways in, globals, tables. */
const OTHERS = 20;

const MODULE = `(module
  (type $f (func (param i32) (result i32)))
  (memory 1)
  (table funcref (elem ${Array.from({ length: FUNCS }, (_, k) => `$f${k}`).join(' ')}))
  ${Array.from(
    { length: FUNCS },
    (_, k) => `(func $f${k} (type $f) (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get 0))))
      (i32.store (i32.const ${4 * k}) (i32.add (i32.load (i32.const ${4 * k})) (i32.const 1)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 500))))
    (i32.wrap_i64 (local.get $sum)))`,
  ).join('\n')}
  (func (export "run") (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum)
        (call_indirect (type $f) (local.get $n) (i32.rem_u (i32.mul (local.get $n) (i32.const 7919)) (i32.const ${FUNCS})))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`;

test('ten thousand pauses at different places', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const made: WeakRef<WebAssembly.Module>[] = [];
  const Module = WebAssembly.Module;
  WebAssembly.Module = new Proxy(Module, {
    construct(target, args: [BufferSource]) {
      const module = new target(...args);
      made.push(new WeakRef(module));
      return module;
    },
  });
  try {
    const { inst, machine } = load(MODULE, { engine: 'compiled' });
    let seed = 20_261_121;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
      return (seed >>> 8) % below;
    };
    machine.begin(inst.exportedFunc('run')!, [i32(1_000_000_000)]);
    const places = new Set<string>();
    const heaps: number[] = [];
    let pauses = 0;
    let broken: Parameters<typeof machine.setBreakpoint> | undefined;
    for (; pauses < PAUSES; pauses++) {
      const { kind } = machine.resume(500 + random(6000));
      assert.ok(kind === 'paused' || kind === 'breakpoint', kind);
      const [frame] = machine.frames(0, 1);
      assert.ok(frame.kind === 'wasm');
      places.add(`${frame.func.idx}:${frame.offset}`);
      if (pauses % 100 === 0) {
        if (broken) machine.clearBreakpoint(...broken);
        broken = pauses % 200 === 0 ? [frame.func, frame.offset] : undefined;
        if (broken) machine.setBreakpoint(...broken);
      }
      if (pauses % (PAUSES / 4) !== PAUSES / 4 - 1) continue;
      // What was made in this turn of the event loop is kept until its end.
      await nextTurn();
      collect();
      heaps.push(process.memoryUsage().heapUsed);
    }
    assert.ok(places.size > FUNCS, `only ${places.size} places`);
    assert.ok(made.length > ROOM + OTHERS, `${made.length} modules were made`);
    const alive = made.filter((ref) => ref.deref()).length;
    assert.ok(alive <= ROOM + OTHERS, `${alive} of ${made.length} modules are there`);
    // What is there after the first quarter is all that there will be, but for a bit.
    assert.ok(heaps[3] < heaps[0] * 1.1 + 2e6, `the heap has grown: ${heaps.join(', ')}`);
  } finally {
    WebAssembly.Module = Module;
  }
});
