/**
 * Vector instructions (spec 4.4.2, 4.4.8), out of the interpreter's loop: sorts each to the file that knows its kind.
 *
 * lanes.ts moves lanes and bits, integer.ts, int64x2.ts and float.ts compute, widen.ts and convert.ts change widths and
 * types, compare.ts compares, memory.ts loads and stores, relaxed.ts has what relaxed SIMD adds. Vectors are beside the
 * slots (vectors.ts); the words of the two ops are in translate.ts. The kinds come from the instruction table: from an
 * instruction's immediates, its type and the words of its name.
 */

import { INSTRS, type Instr } from '../../isa/isa.ts';
import { Op } from '../../isa/op.gen.ts';
import { I32 } from '../../isa/types.ts';
import type { Core } from '../interp.ts';
import { compare } from './compare.ts';
import { convert } from './convert.ts';
import { floatBinary, floatUnary } from './float.ts';
import { int64Binary, int64Shift, int64Unary } from './int64x2.ts';
import { integerBinary, integerUnary, shift } from './integer.ts';
import { bitsBinary, bitselect, lanes, move, not, testLanes } from './lanes.ts';
import { memory } from './memory.ts';
import { relaxedDot, relaxedTernary } from './relaxed.ts';
import { widenBinary, widenUnary } from './widen.ts';

/** Executes the Simd or SimdLong op at `pc` and returns the new sp. Operands stay in place when it throws. */
export function simd(m: Core, code: Int32Array, pc: number, sp: number): number {
  const op = code[pc + 1];
  const { V } = m;
  /** The slot on top of the stack. */
  const top = (sp >> 1) - 1;
  if (op < SIMD) return move(m, op, code[pc + 2], sp);
  switch (KINDS[op - SIMD]) {
    case Kind.Lanes:
      return lanes(m, code, pc, sp);
    case Kind.Memory:
      return memory(m, code, pc, sp);
    case Kind.Test:
      m.I[sp - 2] = testLanes(V, op, top);
      return sp;
    case Kind.Not:
      not(V, top);
      return sp;
    case Kind.IntegerUnary:
      integerUnary(V, op, top);
      return sp;
    case Kind.Int64Unary:
      int64Unary(V, op, top);
      return sp;
    case Kind.FloatUnary:
      floatUnary(V, op, top);
      return sp;
    case Kind.WidenUnary:
      widenUnary(V, op, top);
      return sp;
    case Kind.Convert:
      convert(V, op, top);
      return sp;
    case Kind.Compare:
      compare(V, op, top - 1);
      return sp - 2;
    case Kind.BitsBinary:
      bitsBinary(V, op, top - 1);
      return sp - 2;
    case Kind.IntegerBinary:
      integerBinary(V, op, top - 1);
      return sp - 2;
    case Kind.Int64Binary:
      int64Binary(V, op, top - 1);
      return sp - 2;
    case Kind.FloatBinary:
      floatBinary(V, op, top - 1);
      return sp - 2;
    case Kind.WidenBinary:
      widenBinary(V, op, top - 1);
      return sp - 2;
    case Kind.RelaxedDot:
      relaxedDot(V, top - 1);
      return sp - 2;
    case Kind.Shift:
      shift(V, op, top - 1, m.I[sp - 2]);
      return sp - 2;
    case Kind.Int64Shift:
      int64Shift(V, op, top - 1, m.I[sp - 2]);
      return sp - 2;
    case Kind.Bitselect:
      bitselect(V, top - 2);
      return sp - 4;
    case Kind.RelaxedTernary:
      relaxedTernary(V, op, top - 2);
      return sp - 4;
    default:
      throw new Error(`no vector instruction 0x${op.toString(16)}`);
  }
}

/** The first wire code of the vector instructions. */
const SIMD = 0xfd000;

/** What an instruction takes and which file executes it. */
const enum Kind {
  None,
  Lanes,
  Memory,
  Test,
  Not,
  IntegerUnary,
  Int64Unary,
  FloatUnary,
  WidenUnary,
  Convert,
  Compare,
  BitsBinary,
  IntegerBinary,
  Int64Binary,
  FloatBinary,
  WidenBinary,
  RelaxedDot,
  Shift,
  Int64Shift,
  Bitselect,
  RelaxedTernary,
}

const KINDS = new Uint8Array(0x200);

for (const instr of INSTRS) if (instr.prefix === 0xfd) KINDS[instr.sub] = kindOf(instr);

function kindOf(instr: Instr): Kind {
  const { code, shape, params, results, name } = instr;
  if (shape === 'memarg' || shape === 'memargLane') return Kind.Memory;
  if (shape !== 'none' || name.endsWith('.splat')) return Kind.Lanes;
  if (results[0] === I32) return Kind.Test;
  if (params.length === 3) return code === Op.v128_bitselect ? Kind.Bitselect : Kind.RelaxedTernary;
  if (params[1] === I32) return name.startsWith('i64x2') ? Kind.Int64Shift : Kind.Shift;
  return params.length === 1 ? unaryKind(instr) : binaryKind(instr);
}

function unaryKind({ name }: Instr): Kind {
  if (name === 'v128.not') return Kind.Not;
  if (/trunc_|convert|mote/.test(name)) return Kind.Convert;
  if (/extend|extadd/.test(name)) return Kind.WidenUnary;
  if (name.startsWith('f')) return Kind.FloatUnary;
  return name.startsWith('i64x2') ? Kind.Int64Unary : Kind.IntegerUnary;
}

function binaryKind({ code, name }: Instr): Kind {
  if (code === Op.i16x8_relaxed_dot_i8x16_i7x16_s) return Kind.RelaxedDot;
  if (/^v128|swizzle/.test(name)) return Kind.BitsBinary;
  if (/\.(eq|ne|[lg][te])(_|$)/.test(name)) return Kind.Compare;
  if (/narrow|extmul|dot/.test(name)) return Kind.WidenBinary;
  if (name.startsWith('f')) return Kind.FloatBinary;
  return name.startsWith('i64x2') ? Kind.Int64Binary : Kind.IntegerBinary;
}
