/**
 * Evaluation of constant expressions (spec 3.4.4, 4.6.4): initial values and offsets.
 *
 * A small stack machine of exact values: these expressions run once, while a module is instantiated.
 */

import { InstrReader } from '../binary/instr.ts';
import { Op } from '../isa/op.gen.ts';
import { F32, F64, I64, refType, V128 } from '../isa/types.ts';
import type { ByteRange } from '../module/module.ts';
import { evalObject } from './constexpr-gc.ts';
import type { ModuleInst } from './module-inst.ts';
import { funcRef, i32, i64, type NumValue, type Value } from './values.ts';

/** The value of the constant expression at `range` of a valid module. */
export function evalConst(inst: ModuleInst, range: ByteRange): Value {
  const reader = new InstrReader(inst.module.bytes);
  const stack: Value[] = [];
  reader.startExpr(range.start, range.end);
  while (reader.next()) evalInstr(inst, reader, stack);
  const value = stack.pop();
  if (!value) throw new Error(`empty constant expression at offset ${range.start}`);
  return value;
}

function evalInstr(inst: ModuleInst, reader: InstrReader, stack: Value[]): void {
  switch (reader.code) {
    case Op.i32_const:
      stack.push(i32(reader.lo));
      return;
    case Op.i64_const:
      stack.push({ type: I64, bits: bits64(reader) });
      return;
    case Op.f32_const:
      stack.push({ type: F32, bits: BigInt(reader.lo >>> 0) });
      return;
    case Op.f64_const:
      stack.push({ type: F64, bits: bits64(reader) });
      return;
    case Op.v128_const:
      stack.push({
        type: V128,
        bits: reader.lanes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n),
      });
      return;
    case Op.global_get:
      stack.push(inst.globals[reader.a].value);
      return;
    case Op.ref_null:
      stack.push({ type: inst.store.canon.typeOf(inst.module, refType(true, reader.a)), ref: null });
      return;
    case Op.ref_func:
      stack.push(funcRef(inst.funcs[reader.a]));
      return;
    case Op.end:
      return;
    default:
      if (!evalObject(inst, reader, stack)) evalArithmetic(reader, stack);
  }
}

/** The operators of extended-const. */
function evalArithmetic(reader: InstrReader, stack: Value[]): void {
  const b = (stack.pop() as NumValue).bits;
  const a = (stack.pop() as NumValue).bits;
  switch (reader.code) {
    case Op.i32_add:
      stack.push(i32(Number(BigInt.asIntN(32, a + b))));
      return;
    case Op.i32_sub:
      stack.push(i32(Number(BigInt.asIntN(32, a - b))));
      return;
    case Op.i32_mul:
      stack.push(i32(Number(BigInt.asIntN(32, a * b))));
      return;
    case Op.i64_add:
      stack.push(i64(a + b));
      return;
    case Op.i64_sub:
      stack.push(i64(a - b));
      return;
    case Op.i64_mul:
      stack.push(i64(a * b));
      return;
    default:
      throw new Error(`constant expression with code 0x${reader.code.toString(16)}`);
  }
}

function bits64(reader: InstrReader): bigint {
  return (BigInt(reader.hi >>> 0) << 32n) | BigInt(reader.lo >>> 0);
}
