/**
 * Every row of the table that the other host tests leave (exec-numerics, exec-memories, exec-simd-host, exec-atomic-host),
 * in a small function against the host's own WebAssembly: results and traps for triples of edge values.
 *
 * The last test holds all of them to the table: no row without a judge, but for those on the list of rows that this host
 * cannot judge, which the public test suite covers.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INSTRS } from '../../engine/isa/isa.ts';
import { isNum } from '../../engine/isa/types.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { beginExport, bytesOf, type Loaded, load } from './exec-load.ts';

/** Rows that the host knows nothing of, or that need several threads; and what covers them. */
const UNJUDGEABLE: Readonly<Record<string, string>> = {
  i64_add128: 'proposals/wide-arithmetic',
  i64_sub128: 'proposals/wide-arithmetic',
  i64_mul_wide_s: 'proposals/wide-arithmetic',
  i64_mul_wide_u: 'proposals/wide-arithmetic',
  memory_atomic_notify: 'proposals/threads, exec-threads.test.ts',
  memory_atomic_wait32: 'proposals/threads, exec-threads.test.ts',
  memory_atomic_wait64: 'proposals/threads, exec-threads.test.ts',
};

const ENVIRONMENT = `
  (type $s (sub (struct (field $x (mut i32)) (field $p (mut i8)) (field $q (mut i16)))))
  (type $s2 (sub $s (struct (field (mut i32)) (field (mut i8)) (field (mut i16)) (field i64))))
  (type $a (array (mut i32))) (type $b (array (mut i8))) (type $fs (array (mut funcref)))
  (type $f (func (param i32) (result i32)))
  (memory $m 1 3) (data $d "\\01\\02\\ff\\04\\80\\06\\07\\08\\ff\\ff\\ff\\7f")
  (table $t 4 8 funcref) (elem $e func $inc $triple $inc) (elem (table $t) (i32.const 1) func $inc $triple)
  (tag $tag (param i32)) (tag $other)
  (global $g (mut i32) (i32.const 7))
  (func $inc (type $f) (i32.add (local.get 0) (i32.const 1)))
  (func $triple (type $f) (i32.mul (local.get 0) (i32.const 3)))
  (func $any (param i32) (result anyref)
    (if (i32.eqz (local.get 0)) (then (return (ref.null any))))
    (if (i32.eq (local.get 0) (i32.const 1)) (then (return (ref.i31 (i32.const -5)))))
    (if (i32.eq (local.get 0) (i32.const 2)) (then (return (struct.new $s (i32.const 9) (i32.const -1) (i32.const -2)))))
    (if (i32.eq (local.get 0) (i32.const 3)) (then (return (struct.new_default $s2))))
    (array.new_default $a (i32.const 3)))
  (func $throws (param i32)
    (if (i32.eqz (local.get 0)) (then (throw $other)))
    (if (i32.gt_s (local.get 0) (i32.const 0)) (then (throw $tag (local.get 0)))))`;

const A = '(local.get $a)';
const B = '(local.get $b)';
const C = '(local.get $c)';
/** An array of i32, of eight bits, of functions; a struct or null. */
const INTS = `(array.new_fixed $a 3 ${A} ${B} ${C})`;
const BYTES = `(array.new_fixed $b 3 ${A} ${B} ${C})`;
const FUNCS = '(array.new_fixed $fs 3 (ref.func $inc) (ref.null func) (ref.func $triple))';
const STRUCT = `(ref.cast (ref null $s) (call $any ${A}))`;

/** By row, a body that gives an i32. */
const BODIES: Readonly<Record<string, string>> = {
  unreachable: `(if (i32.eqz ${A}) (then (unreachable))) ${B}`,
  nop: `nop ${A} nop`,
  block: `(block (result i32) (br_if 0 ${A} ${B}) (drop) ${C})`,
  loop: `(local.set $c (i32.or (i32.and ${C} (i32.const 6)) (i32.const 1))) (loop (result i32)
    (local.set $a (i32.add ${A} ${B})) (br_if 0 (local.tee $c (i32.sub ${C} (i32.const 1)))) ${A})`,
  if: `(if (result i32) ${A} (then ${B}) (else ${C}))`,
  else: `(if ${A} (then) (else (local.set $b ${C}))) ${B}`,
  end: `(block (block)) ${A}`,
  try: `(try (result i32) (do (call $throws ${A}) ${B}) (catch $tag) (catch_all ${C}))`,
  catch: `(try (result i32) (do (call $throws ${A}) ${B}) (catch $other (i32.const 77)) (catch $tag (i32.add ${B})))`,
  catch_all: `(try (result i32) (do (call $throws ${A}) ${B}) (catch_all ${C}))`,
  rethrow: `(try (result i32) (do (try (do (call $throws ${A})) (catch_all (rethrow 0))) ${B}) (catch $tag) (catch_all ${C}))`,
  delegate: `(try (result i32) (do (try (do (call $throws ${A})) (delegate 0)) ${B}) (catch $tag) (catch_all ${C}))`,
  throw: `(if (i32.eqz ${A}) (then (throw $tag ${B}))) ${C}`,
  throw_ref: `(block $h (result exnref) (try_table (catch_all_ref $h) (call $throws ${A})) (return ${B})) (throw_ref)`,
  try_table: `(block $h (result i32) (try_table (catch $tag $h) (call $throws (i32.or ${A} (i32.const 1)))) ${B})`,
  br: `(block (result i32) (br 0 ${A}))`,
  br_if: `(block (result i32) (i32.add (br_if 0 ${A} ${B}) ${C}))`,
  br_table: `(block (block (block (br_table 0 1 2 ${A})) (return (i32.const 10))) (return (i32.const 11))) (i32.const 12)`,
  return: `(return ${A})`,
  call: `(call $triple ${A})`,
  call_indirect: `(call_indirect $t (type $f) ${B} ${A})`,
  return_call: `(return_call $inc ${A})`,
  return_call_indirect: `(return_call_indirect $t (type $f) ${B} ${A})`,
  call_ref: `(call_ref $f ${B} (ref.cast (ref null $f) (table.get $t ${A})))`,
  return_call_ref: `(return_call_ref $f ${B} (ref.cast (ref null $f) (table.get $t ${A})))`,
  drop: `${A} ${B} (drop)`,
  select: `(select ${A} ${B} ${C})`,
  select_t: `(ref.is_null (select (result anyref) (call $any ${A}) (call $any ${B}) ${C}))`,
  local_get: A,
  local_set: `(local.set $a ${B}) ${A}`,
  local_tee: `(i32.add (local.tee $a ${B}) ${A})`,
  global_get: '(global.get $g)',
  global_set: `(global.set $g ${A}) (global.get $g)`,
  table_get: `(ref.is_null (table.get $t ${A}))`,
  table_set: `(table.set $t ${A} (ref.func $inc)) (ref.is_null (table.get $t ${B}))`,
  table_size: '(table.size $t)',
  table_grow: `(table.grow $t (ref.func $triple) ${A})`,
  table_fill: `(table.fill $t ${A} (ref.func $triple) ${B}) (ref.is_null (table.get $t (i32.and ${C} (i32.const 3))))`,
  table_copy: `(table.copy $t $t ${A} ${B} ${C}) (ref.is_null (table.get $t (i32.const 3)))`,
  table_init: `(table.init $t $e ${A} ${B} ${C}) (ref.is_null (table.get $t (i32.const 0)))`,
  elem_drop: `(if (i32.eq ${A} (i32.const 7)) (then (elem.drop $e))) (table.init $t $e (i32.const 0) (i32.const 0) ${B}) (i32.const 1)`,
  memory_size: '(memory.size)',
  memory_grow: `(memory.grow ${A})`,
  memory_fill: `(memory.fill ${A} ${B} ${C}) (i32.load (i32.const 0))`,
  memory_copy: `(memory.copy ${A} ${B} ${C}) (i32.load (i32.const 4))`,
  memory_init: `(memory.init $d ${A} ${B} ${C}) (i32.load (i32.const 0))`,
  data_drop: `(if (i32.eq ${A} (i32.const 7)) (then (data.drop $d))) (memory.init $d (i32.const 0) (i32.const 0) ${B}) (i32.const 1)`,
  i32_const: '(i32.const -123456789)',
  i64_const: '(i32.wrap_i64 (i64.shr_u (i64.const -81985529216486896) (i64.const 20)))',
  f32_const: '(i32.reinterpret_f32 (f32.const -nan:0x212345))',
  f64_const: '(i32.wrap_i64 (i64.reinterpret_f64 (f64.const 0x1.23456789abcdep-100)))',
  ref_null: '(ref.is_null (ref.null $s))',
  ref_is_null: `(ref.is_null (call $any ${A}))`,
  ref_func: '(ref.is_null (ref.func $inc))',
  ref_eq: `(ref.eq (ref.cast (ref null eq) (call $any ${A})) (ref.cast (ref null eq) (call $any ${B})))`,
  ref_as_non_null: `(drop (ref.as_non_null (call $any ${A}))) ${B}`,
  br_on_null: `(block (drop (br_on_null 0 (call $any ${A}))) (return ${B})) ${C}`,
  br_on_non_null: `(block (result (ref any)) (br_on_non_null 0 (call $any ${A})) (return ${B})) (drop) ${C}`,
  struct_new: `(struct.get $s $x (struct.new $s ${A} ${B} ${C}))`,
  struct_new_default: '(struct.get $s $x (struct.new_default $s))',
  struct_get: `(struct.get $s $x ${STRUCT})`,
  struct_get_s: `(i32.add (struct.get_s $s $p (struct.new $s ${A} ${B} ${C})) (struct.get_s $s $q (struct.new $s ${A} ${B} ${C})))`,
  struct_get_u: `(i32.add (struct.get_u $s $p (struct.new $s ${A} ${B} ${C})) (struct.get_u $s $q (struct.new $s ${A} ${B} ${C})))`,
  struct_set: `(local $s (ref null $s)) (local.set $s ${STRUCT}) (struct.set $s $x (local.get $s) ${B}) (struct.get $s $x (local.get $s))`,
  array_new: `(array.get $a (array.new $a ${A} (i32.and ${B} (i32.const 0xffff))) ${C})`,
  array_new_default: `(array.len (array.new_default $a ${A}))`,
  array_new_fixed: `(array.get $a ${INTS} (i32.and ${A} (i32.const 3)))`,
  array_new_data: `(array.get_u $b (array.new_data $b $d ${A} ${B}) ${C})`,
  array_new_elem: `(ref.is_null (array.get $fs (array.new_elem $fs $e ${A} ${B}) ${C}))`,
  array_get: `(array.get $a ${INTS} ${A})`,
  array_get_s: `(array.get_s $b ${BYTES} ${A})`,
  array_get_u: `(array.get_u $b ${BYTES} ${A})`,
  array_set: `(local $v (ref $a)) (local.set $v ${INTS}) (array.set $a (local.get $v) ${A} ${B}) (array.get $a (local.get $v) (i32.const 1))`,
  array_len: `(array.len (ref.cast (ref null $a) (call $any ${A})))`,
  array_fill: `(local $v (ref $b)) (local.set $v ${BYTES}) (array.fill $b (local.get $v) ${A} ${C} ${B}) (array.get_s $b (local.get $v) (i32.const 2))`,
  array_copy: `(local $v (ref $a)) (local.set $v ${INTS}) (array.copy $a $a (local.get $v) ${A} (local.get $v) ${B} ${C}) (array.get $a (local.get $v) (i32.const 1))`,
  array_init_data: `(local $v (ref $a)) (local.set $v ${INTS}) (array.init_data $a $d (local.get $v) ${A} ${B} ${C}) (array.get $a (local.get $v) (i32.const 0))`,
  array_init_elem: `(local $v (ref $fs)) (local.set $v ${FUNCS}) (array.init_elem $fs $e (local.get $v) ${A} ${B} ${C}) (ref.is_null (array.get $fs (local.get $v) (i32.const 1)))`,
  ref_test: `(ref.test (ref $s) (call $any ${A}))`,
  ref_test_null: `(ref.test (ref null $s2) (call $any ${A}))`,
  ref_cast: `(drop (ref.cast (ref $s) (call $any ${A}))) ${B}`,
  ref_cast_null: `(drop (ref.cast (ref null struct) (call $any ${A}))) ${B}`,
  br_on_cast: `(block (result (ref $s)) (drop (br_on_cast 0 anyref (ref $s) (call $any ${A}))) (return ${B})) (struct.get $s $x)`,
  br_on_cast_fail: `(block (result anyref) (struct.get $s $x (br_on_cast_fail 0 anyref (ref $s) (call $any ${A}))) (return)) (ref.is_null)`,
  any_convert_extern: `(ref.test (ref i31) (any.convert_extern (extern.convert_any (call $any ${A}))))`,
  extern_convert_any: `(ref.is_null (extern.convert_any (call $any ${A})))`,
  ref_i31: `(i31.get_s (ref.i31 ${A}))`,
  i31_get_s: `(i31.get_s (ref.cast (ref null i31) (call $any ${A})))`,
  i31_get_u: `(i31.get_u (ref.i31 ${A}))`,
  atomic_fence: `(atomic.fence) ${A}`,
}; // biome-ignore format: a table reads best with one row a line

const EDGES = [0, 1, 2, 3, 4, 7, 8, -1, 255, 65535, 65536, 0x7fffffff, -0x80000000];
const LAST = [0, 1, 3, 65536, -1];

for (const [op, body] of Object.entries(BODIES)) {
  test(op, () => {
    const row = INSTRS.find((instr) => instr.op === op);
    assert.ok(row, 'no such row');
    const bytes = bytesOf(
      `(module ${ENVIRONMENT} (func (export "f") (param $a i32) (param $b i32) (param $c i32) (result i32) ${body}))`,
    );
    const host = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f as (
      ...args: number[]
    ) => number;
    const ours = load(bytes, { maxSlots: 1 << 10, maxDepth: 50 });
    for (const a of EDGES) {
      for (const b of EDGES) {
        for (const c of LAST) {
          assert.equal(outcome(ours, a, b, c), hostOutcome(host, a, b, c), `${op} of ${a} ${b} ${c}`);
        }
      }
    }
  });
}

function outcome(loaded: Loaded, ...args: number[]): string {
  beginExport(
    loaded,
    'f',
    args.map((n) => i32(n)),
  );
  const end = loaded.machine.run();
  if (end.kind !== 'done')
    return `${end.kind === 'trap' && end.fault.phase === 'exception' ? 'exception' : end.kind}`;
  const [result] = end.results;
  return 'bits' in result ? String(Number(BigInt.asIntN(32, result.bits))) : 'a reference';
}

function hostOutcome(host: (...args: number[]) => number, ...args: number[]): string {
  try {
    return String(host(...args));
  } catch (error) {
    return error instanceof WebAssembly.RuntimeError || error instanceof RangeError ? 'trap' : 'exception';
  }
}

test('every row of the table has a judge', () => {
  const judged = ({ op, name, code, shape, special, feature, params, results }: (typeof INSTRS)[number]) =>
    op in BODIES ||
    // exec-numerics.test.ts
    (shape === 'none' && !special && results.length === 1 && [...params, ...results].every(isNum)) ||
    // exec-memories.test.ts
    (code >= 0x28 && code <= 0x3e) ||
    // exec-simd-host.test.ts
    feature === 'simd' ||
    feature === 'relaxed-simd' ||
    // exec-atomic-host.test.ts
    (code >> 12 === 0xfe && shape === 'memarg' && !/wait|notify/.test(name));
  const without = INSTRS.filter((row) => !judged(row)).map(({ op }) => op);
  assert.deepEqual(without.sort(), Object.keys(UNJUDGEABLE).sort());
});
