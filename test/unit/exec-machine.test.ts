/**
 * The machine's stops: steps, budgets, breakpoints, counts, frames, traps and exhaustion, in tier 0.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmFrame } from '../../engine/exec/frame.ts';
import type { Machine } from '../../engine/exec/machine.ts';
import { formatValue, i32, i64 } from '../../engine/runtime/values.ts';
import { beginExport, bytesOf, call, type Loaded, load, resultsOf, trapOf } from './exec-load.ts';

const FIB = `(module (func $fib (export "fib") (param i32) (result i32)
  (if (result i32) (i32.le_u (local.get 0) (i32.const 1))
    (then (i32.const 1))
    (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 2)))
                   (call $fib (i32.sub (local.get 0) (i32.const 1))))))))`;

/** Every kind of jump, with and without values, in blocks that shuffle the stack. */
const JUMPS = `(module (memory 1)
  (table funcref (elem $twice $three))
  (type $un (func (param i32) (result i32)))
  (func $twice (type $un) (i32.mul (local.get 0) (i32.const 2)))
  (func $three (type $un) (block (br 0)) (return (i32.mul (local.get 0) (i32.const 3))))
  (func $pick (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0)))
      (return (i32.const 10))) (return (i32.const 20))) (i32.const 30))
  (func $early (param i32) (result i32) (local i64)
    (i32.const 5) (drop (br_if 0 (i32.const 7) (local.get 0))) (drop)
    (if (i32.eqz (local.get 0)) (then (nop) (local.set 1 (i64.const -1))) (else (unreachable)))
    (i32.wrap_i64 (i64.shr_u (local.get 1) (i64.const 60))))
  (func (export "main") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $i))
      (local.set $sum (i32.add (local.get $sum)
        (call_indirect (type $un) (i32.load (i32.shl (local.get $i) (i32.const 2))) (i32.and (local.get $i) (i32.const 1)))))
      (local.set $sum (i32.add (local.get $sum) (call $pick (i32.rem_u (local.get $i) (i32.const 4)))))
      (local.set $sum (i32.add (local.get $sum) (call $early (i32.and (local.get $i) (i32.const 1)))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))`;

/** Steps to the end; checks that each step is one instruction. */
function stepToEnd(machine: Machine): unknown[] {
  for (;;) {
    const before = machine.instructions;
    const frame = machine.frames(0, 1)[0];
    const outcome = machine.step();
    if (outcome.kind !== 'stepped' && outcome.kind !== 'done') assert.fail(outcome.kind);
    // The last `end` of a function is a place to stop, but no instruction.
    assert.ok(frame instanceof WasmFrame);
    const { range } = frame.func.inst!.module.funcs[frame.func.idx].body!;
    assert.equal(machine.instructions - before, frame.offset === range.end - 1 ? 0 : 1, `at ${frame.offset}`);
    if (outcome.kind === 'done') return resultsOf(outcome);
  }
}

for (const [name, wat, fn, arg] of [
  ['fib', FIB, 'fib', 9],
  ['jumps', JUMPS, 'main', 9],
] as const) {
  test(`${name}: stepping, slices and running agree in result and count`, () => {
    const loaded = load(wat);
    const { machine } = loaded;
    const result = call(loaded, fn, i32(arg));
    const count = machine.instructions;
    const host = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(wat))).exports[fn] as (
      n: number,
    ) => unknown;
    assert.deepEqual(result, [host(arg)]);

    beginExport(loaded, fn, [i32(arg)]);
    assert.deepEqual(stepToEnd(machine), result);
    assert.equal(machine.instructions, 2 * count);

    beginExport(loaded, fn, [i32(arg)]);
    let slices = 0;
    let outcome = machine.run(1);
    for (; outcome.kind === 'paused'; slices++) outcome = machine.run(1);
    assert.deepEqual(resultsOf(outcome), result);
    assert.equal(machine.instructions, 3 * count);
    assert.ok(slices > 9);
  });
}

test('fib(10) is 89 in 1589 instructions', () => {
  const loaded = load(FIB);
  assert.deepEqual(call(loaded, 'fib', i32(10)), [89]);
  // 89 calls end at once (5 instructions), 88 call twice (13).
  assert.equal(loaded.machine.instructions, 89 * 5 + 88 * 13);
});

for (const [what, wat, steps, depth] of [
  ['a loop that is only a jump to itself', '(module (func (export "f") (loop (br 0))))', 50, 1],
  ['a call of itself as the first instruction', '(module (func $f (export "f") (call $f)))', 50, 51],
  ['a tail call of itself', '(module (func $f (export "f") (return_call $f)))', 50, 1],
] as const) {
  test(`step: ${what}`, () => {
    const loaded = load(wat);
    beginExport(loaded, 'f');
    for (let i = 0; i < steps; i++) {
      assert.equal(loaded.machine.step().kind, 'stepped');
      assert.equal(loaded.machine.instructions, i + 1);
    }
    assert.equal(loaded.machine.depth, depth);
  });
}

test('step: returns into callers that stand at the same end', () => {
  const loaded = load(`(module (func $f (export "f") (param i32)
    (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))`);
  beginExport(loaded, 'f', [i32(3)]);
  const depths: number[] = [];
  while (loaded.machine.step().kind === 'stepped') depths.push(loaded.machine.depth);
  assert.deepEqual(depths.slice(-4), [4, 3, 2, 1]);
  assert.equal(depths.length, 3 * 6 + 2 + 3);
});

test('a breakpoint stops before the instruction, each time, and resume passes it', () => {
  const loaded = load(FIB);
  const { machine, inst } = loaded;
  const fib = inst.exportedFunc('fib')!;
  const start = inst.module.funcs[0].body!.codeStart;
  beginExport(loaded, 'fib', [i32(5)]);
  assert.equal(machine.setBreakpoint(fib, start - 1), start);
  let stops = 0;
  let outcome = machine.run();
  while (outcome.kind === 'breakpoint') {
    stops++;
    assert.equal((machine.frames()[0] as WasmFrame).offset, start);
    outcome = machine.resume();
  }
  assert.deepEqual(resultsOf(outcome), [8]);
  assert.equal(stops, 15);
  machine.clearBreakpoint(fib, start);
  assert.deepEqual(call(loaded, 'fib', i32(5)), [8]);
  assert.equal(machine.setBreakpoint(fib, inst.module.bytes.length), undefined);
});

test('run stops again on a breakpoint where it stands; stepping passes breakpoints', () => {
  const loaded = load(FIB);
  const { machine, inst } = loaded;
  beginExport(loaded, 'fib', [i32(2)]);
  machine.setBreakpoint(inst.funcs[0], 0);
  assert.equal(machine.run().kind, 'breakpoint');
  assert.equal(machine.run().kind, 'breakpoint');
  assert.equal(machine.instructions, 0);
  assert.deepEqual(stepToEnd(machine), [2]);
});

test('frames show locals and operands, innermost first, and both can be written', () => {
  const loaded = load(`(module
    (func $inner (param i32 i64) (result i64) (local f32) (i64.extend_i32_u (local.get 0)) (local.get 1) (i64.add))
    (func (export "outer") (param i32) (result i64) (i64.const 100) (call $inner (local.get 0) (i64.const -2)) (i64.add)))`);
  const { machine } = loaded;
  beginExport(loaded, 'outer', [i32(-1)]);
  for (let i = 0; i < 7; i++) assert.equal(machine.step().kind, 'stepped');
  const frames = machine.frames() as WasmFrame[];
  assert.deepEqual(
    frames.map((f) => f.func.idx),
    [0, 1],
  );
  const [inner, outer] = frames;
  assert.deepEqual(
    [0, 1, 2].map((i) => formatValue(inner.local(i))),
    ['-1', '-2', '0'],
  );
  assert.deepEqual(
    [0, 1].map((i) => formatValue(inner.operand(i))),
    ['4294967295', '-2'],
  );
  assert.equal(inner.operandCount, 2);
  assert.equal(outer.operandCount, 1);
  assert.equal(formatValue(outer.operand(0)), '100');
  assert.equal(outer.func.inst!.module.bytes[outer.offset], 0x10);
  inner.setOperand(0, i64(5n));
  outer.setOperand(0, i64(1000n));
  assert.throws(() => inner.setOperand(0, i32(1)), /type mismatch/);
  assert.throws(() => inner.setLocal(3, i32(1)), /unknown local 3/);
  assert.deepEqual(resultsOf(machine.run()), [1003n]);
});

const TRAPS = `(module (memory 1 1) (table 2 funcref) (elem (i32.const 0) $v)
  (type $v (func)) (type $i (func (result i32))) (func $v)
  (func (export "unreachable") (unreachable))
  (func (export "load") (result i32) (i32.load offset=4464 (i32.const 65536)))
  (func (export "load64") (result i64) (i64.load (i32.const -1)))
  (func (export "store") (i32.store8 (i32.const 65536) (i32.const 1)))
  (func (export "store64") (f64.store (i32.const 65529) (f64.const 1)))
  (func (export "peek") (result i32) (i32.load (i32.const 65532)))
  (func (export "div") (result i32) (i32.div_s (i32.const 7) (i32.const 0)))
  (func (export "overflow") (result i64) (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))
  (func (export "trunc") (result i32) (i32.trunc_f64_u (f64.const 4294967296)))
  (func (export "nan") (result i64) (i64.trunc_f32_s (f32.const nan:0x200000)))
  (func (export "undefined") (call_indirect (type $v) (i32.const 7)))
  (func (export "null") (call_indirect (type $v) (i32.const 1)))
  (func (export "type") (drop (call_indirect (type $i) (i32.const 0)))))`;

for (const [name, ...expected] of [
  ['unreachable', 'unreachable'],
  [
    'load',
    'out of bounds memory access',
    'address 70000 (65536 + offset 4464) + 4 bytes, memory is 65536 bytes',
  ],
  ['load64', 'out of bounds memory access', 'address 4294967295 + 8 bytes, memory is 65536 bytes'],
  ['store', 'out of bounds memory access', 'address 65536 + 1 byte, memory is 65536 bytes'],
  ['store64', 'out of bounds memory access', 'address 65529 + 8 bytes, memory is 65536 bytes'],
  ['div', 'integer divide by zero', 'i32.div_s of 7 and 0'],
  ['overflow', 'integer overflow', 'i64.div_s of -9223372036854775808 and -1'],
  ['trunc', 'integer overflow', 'i32.trunc_f64_u of 4294967296'],
  ['nan', 'invalid conversion to integer', 'i64.trunc_f32_s of nan:0x200000'],
  ['undefined', 'undefined element', 'index 7, table has 2 elements'],
  ['null', 'uninitialized element 1', 'element 1 of the table is null'],
  ['type', 'indirect call type mismatch', 'element 0 has type [] -> [], [] -> [i32] is expected'],
] as const) {
  test(`trap: ${name}`, () => {
    const loaded = load(TRAPS);
    const { machine } = loaded;
    beginExport(loaded, name);
    const outcome = machine.run();
    assert.deepEqual(trapOf(outcome), expected);
    const [frame] = machine.frames();
    assert.ok(frame instanceof WasmFrame);
    assert.equal(outcome.kind === 'trap' && outcome.fault.offset, frame.offset);
    // The trapping instruction is not counted, and its operands are still there.
    assert.equal(machine.instructions, frame.operandCount);
    assert.equal(machine.run(), outcome);
    assert.deepEqual(call(loaded, 'peek'), [0]);

    beginExport(loaded, name);
    let stepped = machine.step();
    while (stepped.kind === 'stepped') stepped = machine.step();
    assert.deepEqual(trapOf(stepped), expected);
  });
}

for (const [what, wat] of [
  ['frames', '(module (func $f (export "f") (call $f)))'],
  [
    'frames of several functions',
    '(module (func $f (export "f") (i32.const 1) (call $g) (drop)) (func $g (call $f)))',
  ],
  ['slots', `(module (func $f (export "f") (local ${'i64 '.repeat(1000)}) (call $f)))`],
] as const) {
  test(`endless recursion ends as exhaustion of ${what}`, () => {
    const loaded = load(wat, { maxSlots: 50_000, maxDepth: 500 });
    const { machine } = loaded;
    const depth = what === 'slots' ? 50 : 500;
    beginExport(loaded, 'f');
    assert.deepEqual(trapOf(machine.run()), ['call stack exhausted', `${depth} frames`]);
    assert.equal(machine.depth, depth);
    const frames = machine.frames();
    assert.equal(frames.length, machine.depth);
    for (const frame of frames) assert.equal(bytesOf(wat)[(frame as WasmFrame).offset], 0x10);
    const count = machine.instructions;

    beginExport(loaded, 'f');
    let stepped = machine.step();
    while (stepped.kind === 'stepped') stepped = machine.step();
    assert.deepEqual(trapOf(stepped), ['call stack exhausted', `${depth} frames`]);
    assert.equal(machine.instructions, 2 * count);
  });
}

test('a function whose frame alone is too large', () => {
  const loaded: Loaded = load(`(module (func (export "f") (local ${'i64 '.repeat(1000)})))`, {
    maxSlots: 500,
  });
  beginExport(loaded, 'f');
  assert.deepEqual(trapOf(loaded.machine.run()), ['call stack exhausted', 'the first frame does not fit']);
});

test('wrong arguments are refused', () => {
  const loaded = load(FIB);
  assert.throws(() => beginExport(loaded, 'fib', []), /wrong number of arguments: 1 wanted, 0 given/);
  assert.throws(() => beginExport(loaded, 'fib', [i64(1n)]), /argument 0: i32 wanted, i64 given/);
  assert.throws(() => loaded.machine.run(), /nothing to run/);
});
