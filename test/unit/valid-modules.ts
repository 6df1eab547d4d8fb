/**
 * What the tests of engine/valid share: valid functions and modules, texts become modules, faults become one line.
 */

import assert from 'node:assert/strict';
import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { FEATURE_NAMES } from '../../engine/isa/features.ts';
import type { Feature } from '../../engine/isa/row.ts';
import type { FeatureSet, Module } from '../../engine/module/module.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validate } from '../../engine/valid/validate.ts';

export const ALL: FeatureSet = new Set(Object.keys(FEATURE_NAMES) as Feature[]);
export const MVP: FeatureSet = new Set<Feature>(['mvp', 'mutable-globals']);

/** All features but these. */
export function without(...features: Feature[]): FeatureSet {
  return new Set([...ALL].filter((feature) => !features.includes(feature)));
}

export function assembled(text: string): Uint8Array<ArrayBuffer> {
  const { bytes, faults } = assemble(parseTree(text));
  assert.deepEqual(
    faults.map(({ message }) => message),
    [],
    text,
  );
  return bytes;
}

export function moduleOf(text: string): Module {
  return decode(assembled(text));
}

/** `valid`, or phase and message of what validation throws. */
export function verdict(module: Module, features: FeatureSet = ALL): string {
  try {
    validate(module, features);
    return 'valid';
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return `${error.phase}: ${error.message}`;
  }
}

/** What the functions below may use. */
export const AROUND = `
  (type $none (func)) (type $unary (func (param i32) (result i32))) (type $two (func (result i32 i64)))
  (type $s (sub (struct (field $a i32) (field $b (mut i8)) (field (mut (ref null $none))))))
  (type $s2 (sub $s (struct (field i32) (field (mut i8)) (field (mut (ref null $none))) (field f64))))
  (type $bytes (array (mut i8))) (type $ints (array i32)) (type $refs (array (mut funcref)))
  (import "m" "f" (func $import (param i32) (result i32)))
  (memory $m 1) (memory $m64 i64 1)
  (table $t 3 funcref) (table $x 3 externref) (table $t64 i64 3 funcref)
  (global $g (mut i32) (i32.const 0)) (global $const i32 (i32.const 0))
  (tag $e (param i32)) (tag $e0)
  (elem $el declare func $declared) (data $d "abc") (elem $ex externref)
  (func $declared) (func $undeclared) (func $pair (result i32 i64) (i32.const 1) (i64.const 2))`;

/** Valid functions beside AROUND. */
export const VALID_FUNCS: readonly string[] = [
  '(func (result i32) i32.const 1 i32.const 2 i32.add)',
  // control
  '(func (result i32) (block (result i32) (br 0 (i32.const 1))))',
  '(func (result i32) (loop (result i32) (br 0)))',
  '(func (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))',
  '(func (param i32) (result i32) i32.const 7 local.get 0 (if (param i32) (result i32) (then)))',
  '(func (result i32 i64) (block (type $two) (call $pair)))',
  '(func (param i32) (result i32) (block (result i32) (br_table 0 1 0 (i32.const 5) (local.get 0))))',
  '(func (result i32) unreachable i32.add)',
  '(func (result i32) unreachable i64.const 1 i32.wrap_i64)',
  '(func (result i32) (return (i32.const 1)) drop f32.add i64.trunc_f32_s i32.wrap_i64)',
  '(func (result i32) (block (result f32) (unreachable) (br_table 0 1 0)) (unreachable))',
  '(func (block (unreachable) (select) (drop)))',
  '(func (param i64) (result i64) (select (local.get 0) (i64.const 1) (i32.const 0)))',
  '(func (param funcref) (result funcref) (select (result funcref) (local.get 0) (local.get 0) (i32.const 0)))',
  // calls
  '(func (result i32) (call_indirect $t (param i32) (result i32) (i32.const 1) (i32.const 0)))',
  '(func (result i32) (call_indirect $t64 (param i32) (result i32) (i32.const 1) (i64.const 0)))',
  '(func (result i32) (return_call $import (i32.const 1)))',
  '(func (param (ref null $unary)) (result i32) (call_ref $unary (i32.const 1) (local.get 0)))',
  '(func (param (ref $unary)) (result i32) (return_call_ref $unary (i32.const 1) (local.get 0)))',
  // locals
  '(func (local (ref $none)) (local.set 0 (ref.func $declared)) (call_ref $none (local.get 0)))',
  '(func (local (ref $none)) (local.set 0 (ref.func $declared)) (block (drop (local.get 0))))',
  // references
  '(func (param (ref null $none)) (result (ref $none)) (ref.as_non_null (local.get 0)))',
  '(func (param (ref null $none)) (block $l (call_ref $none (br_on_null $l (local.get 0)))))',
  '(func (param (ref null $none)) (result (ref func)) (br_on_non_null 0 (local.get 0)) (unreachable))',
  '(func (unreachable) (ref.as_non_null) (br_on_null 0) (drop))',
  '(func (param anyref) (result (ref $s)) (block $l (result anyref) (br_on_cast_fail $l anyref (ref $s) (local.get 0)) (return)) (unreachable))',
  '(func (param anyref) (result (ref null $s)) (br_on_cast 0 anyref (ref $s2) (local.get 0)) (drop) (ref.null $s2))',
  '(func (param eqref) (result i32) (ref.test (ref i31) (local.get 0)))',
  '(func (param funcref) (result (ref $none)) (ref.cast (ref $none) (local.get 0)))',
  '(func (param externref) (result anyref) (any.convert_extern (local.get 0)))',
  // aggregates
  '(func (result (ref $s)) (struct.new $s (i32.const 1) (i32.const 2) (ref.null nofunc)))',
  '(func (result (ref $s)) (struct.new_default $s2))',
  '(func (param (ref $s2)) (result i32) (struct.get_u $s $b (local.get 0)))',
  '(func (param (ref null $s)) (struct.set $s $b (local.get 0) (i32.const 1)))',
  '(func (result (ref $ints)) (array.new_fixed $ints 2 (i32.const 1) (i32.const 2)))',
  '(func (result (ref $bytes)) (array.new_data $bytes $d (i32.const 0) (i32.const 1)))',
  '(func (param (ref $refs)) (array.init_elem $refs $el (local.get 0) (i32.const 0) (i32.const 0) (i32.const 0)))',
  '(func (param (ref $bytes)) (array.copy $bytes $bytes (local.get 0) (i32.const 0) (local.get 0) (i32.const 0) (i32.const 1)))',
  '(func (result i32) (array.len (array.new_default $ints (i32.const 3))))',
  // exceptions
  '(func (result i32) (try_table (result i32) (catch $e 0) (i32.const 1)))',
  '(func (result (ref exn)) (try_table (catch_all_ref 0)) (unreachable))',
  '(func (result i32 exnref) (try_table (result i32) (catch_ref $e 0) (i32.const 1)) (ref.null exn))',
  '(func (param exnref) (throw_ref (local.get 0)))',
  '(func (result i32) (try (result i32) (do (i32.const 1)) (catch $e) (catch_all (rethrow 0))))',
  '(func (try (do) (delegate 0)))',
  // memory and tables
  '(func (memory.copy $m $m64 (i32.const 0) (i64.const 0) (i32.const 1)))',
  '(func (memory.fill $m64 (i64.const 0) (i32.const 0) (i64.const 1)))',
  '(func (memory.init $m64 $d (i64.const 0) (i32.const 0) (i32.const 1)) (data.drop $d))',
  '(func (result i64) (i64.load $m64 offset=0x1_0000_0000 align=8 (i64.const 0)))',
  '(func (table.copy $t $t64 (i32.const 0) (i64.const 0) (i32.const 1)))',
  '(func (result i64) (table.grow $t64 (ref.null func) (i64.const 1)))',
  '(func (table.init $t $el (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $el))',
  '(func (result v128) (v128.load64_lane 1 (i32.const 0) (v128.const i64x2 0 0)))',
  '(func (result i32) (i32.atomic.rmw.add align=4 (i32.const 0) (i32.const 1)))',
];

export const VALID_MODULES: readonly string[] = [
  '',
  '(type (sub (func))) (type (sub 0 (func)))',
  '(rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $a)))))',
  '(type $a (sub (struct (field (ref any))))) (type (sub $a (struct (field (ref i31)) (field i8))))',
  '(type $a (sub (func (param (ref i31)) (result anyref)))) (type (sub $a (func (param anyref) (result i31ref))))',
  '(memory 65536 65536) (memory i64 0x1_0000_0000_0000)',
  '(memory 1 2 shared)',
  '(memory 0 (pagesize 1))',
  '(table 0 0xffff_ffff funcref) (table i64 0 0xffff_ffff_ffff_ffff funcref)',
  '(table 1 (ref func) (ref.func $f)) (func $f)',
  '(global $a i32 (i32.const 1)) (global i32 (i32.add (global.get $a) (i32.const 2)))',
  '(type $s (struct (field i32))) (global (ref $s) (struct.new $s (i32.const 1)))',
  '(global (ref i31) (ref.i31 (i32.const 1)))',
  '(func $f) (global funcref (ref.func $f)) (func (drop (ref.func $f)))',
  '(func $f (export "a") (export "b")) (start $f)',
  '(table 1 funcref) (func $f) (elem (i32.const 0) $f) (elem func $f) (elem declare func $f)',
  '(memory i64 1) (data (i64.const 0) "x") (data "passive")',
  '(tag (param i32 i64))',
];
