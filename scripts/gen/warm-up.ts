/**
 * Generates engine/exec/warm-up.gen.ts: a program that executes every plain instruction of the interpreter's loop, with values
 * that are small and such that are large (engine/exec/warm-up.ts says what for). It can trap nowhere.
 */

import { INSTRS, type Instr } from '../../engine/isa/isa.ts';
import { F32, F64, I32, I64, type ValType } from '../../engine/isa/types.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';

/** How often everything is executed, times three for numbers. */
const ROUNDS = 12;

/** The text of warm-up.gen.ts. */
export function warmUpFile(): string {
  const { bytes, faults } = assemble(parseTree(program()));
  if (faults.length > 0) throw new Error(`the program that warms up is wrong: ${faults[0].message}`);
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 24)
    rows.push(`  ${[...bytes.subarray(at, at + 24)].join(', ')},`);
  return `// Generated from scripts/gen/warm-up.ts by scripts/gen.mjs: do not edit.

/** A module, whose export main has neither parameters nor results. */
// biome-ignore format: bytes
export const WARM_UP: readonly number[] = [
${rows.join('\n')}
];
`;
}

/** The parameter of `$numbers` of each type. */
const PARAMETER = new Map<ValType, string>([
  [I32, '$i'],
  [I64, '$j'],
  [F32, '$x'],
  [F64, '$y'],
]);

const CONTROL = `
  (type $number (func (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) func $one32 $one64)
  (memory 1)
  (global $g (mut i32) (i32.const 1))
  (global $h (mut i64) (i64.const 1))
  (global $r (mut funcref) (ref.null func))
  (func $nothing)
  (func $one32 (result i32) (i32.const 1))
  (func $one64 (result i64) (i64.const 1))
  (func $pair (result i32 i32) (i32.const 1) (i32.const 2))
  (func $early (result i32) (if (i32.const 1) (then (return (i32.const 1)))) (i32.const 2))
  (func $tail (result i32) (return_call $one32))
  (func $tailIndirect (result i32) (return_call_indirect (type $number) (i32.const 0)))
  (func $calls
    (call $nothing)
    (drop (call $one32))
    (drop (call $one64))
    (call $pair) (drop) (drop)
    (drop (call $early))
    (drop (call $tail))
    (drop (call $tailIndirect))
    (drop (call_indirect (type $number) (i32.const 0))))
  (func $branches (local $k i32)
    nop
    (if (i32.const 0) (then nop) (else nop))
    (if (i32.const 1) (then nop) (else nop))
    (block (br 0))
    (block (br_if 0 (i32.const 0)))
    (block (br_if 0 (i32.const 1)))
    (block (br_table 0 0 (i32.const 0)))
    (block (br_table 0 0 (i32.const 2)))
    (drop (block (result i32) (i32.const 1) (i32.const 2) (br 0)))
    (drop (block (result i32) (i32.const 1) (br_if 0 (i32.const 2) (i32.const 0)) (drop)))
    (drop (block (result i32) (i32.const 1) (br_if 0 (i32.const 2) (i32.const 1)) (drop)))
    (block (result i32 i32) (i32.const 1) (i32.const 2) (i32.const 3) (br 0)) (drop) (drop)
    (local.set $k (i32.const 3))
    (block (loop
      (br_if 1 (i32.eqz (local.get $k)))
      (local.set $k (i32.sub (local.get $k) (i32.const 1)))
      (br 0)))
    (loop (br_if 0 (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 3))))
    (drop (loop (result i32) (i32.const 1) (br_if 0 (i32.const 0)))))
  (func $variables (local $i i32) (local $j i64) (local $f funcref) (local $v v128)
    (local.set $i (local.tee $i (local.get $i)))
    (local.set $j (local.tee $j (local.get $j)))
    (local.set $f (local.tee $f (local.get $f)))
    (local.set $v (local.tee $v (i32x4.add (local.get $v) (v128.const i32x4 1 2 3 4))))
    (global.set $g (global.get $g))
    (global.set $h (global.get $h))
    (global.set $r (global.get $r))
    (drop (select (local.get $i) (local.get $i) (i32.const 0)))
    (drop (select (local.get $i) (local.get $i) (i32.const 1)))
    (drop (select (local.get $j) (local.get $j) (i32.const 0)))
    (drop (select (local.get $j) (local.get $j) (i32.const 1)))
    (drop (select (result funcref) (local.get $f) (local.get $f) (i32.const 0)))
    (drop (ref.is_null (ref.func $one32)))
    (drop (ref.is_null (ref.null func)))
    (table.set (i32.const 1) (table.get (i32.const 0))))
  (func $sizes
    (drop (memory.size))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 8))
    (memory.copy (i32.const 8) (i32.const 0) (i32.const 8)))
  (func (export "main") (local $k i32)
    (loop
      (call $numbers (i32.const 1) (i64.const 1) (f32.const 1.5) (f64.const 1.5))
      (call $numbers (i32.const 0x7fffffff) (i64.const 0x7fffffff7fffffff) (f32.const 1e9) (f64.const 1e9))
      (call $numbers (i32.const 0x89abcdef) (i64.const 0x89abcdef89abcdef) (f32.const 1.5) (f64.const 1.5))
      (call $accesses (i32.const -1))
      (call $accesses (i32.const 1))
      (call $calls)
      (call $branches)
      (call $variables)
      (call $sizes)
      (br_if 0 (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const ${ROUNDS})))))`;

/** The text of the program: it can trap nowhere. */
function program(): string {
  const plain = INSTRS.filter(({ special, prefix }) => !special && (prefix === 0 || prefix === 0xfc));
  const numbers = plain.filter(
    ({ shape, params }) =>
      shape === 'none' && params.length > 0 && params.every((type) => PARAMETER.has(type)),
  );
  const accesses = plain.filter(({ shape }) => shape === 'memarg');
  return `(module ${CONTROL}
    (func $numbers (param $i i32) (param $j i64) (param $x f32) (param $y f64) ${numbers.map(number).join(' ')})
    (func $accesses (param $i i32) ${accesses.map(access).join(' ')}))`;
}

function number({ name, params, results }: Instr): string {
  const operands = params.map((type) => `(local.get ${PARAMETER.get(type)})`);
  return `${operands.join(' ')} ${name} ${results.map(() => 'drop').join(' ')}`;
}

function access({ name, results }: Instr): string {
  if (results.length > 0) return `(drop (${name} (i32.const 0)))`;
  const type = name.slice(0, 3);
  return `(${name} (i32.const 0) ${type === 'i32' ? '(local.get $i)' : `(${type}.const 1)`})`;
}
