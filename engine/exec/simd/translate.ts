/**
 * Translation of what works on vectors: the words of one internal op (iop.ts, Simd and SimdLong) for an instruction.
 *
 * | instructions | op | words behind the wire code |
 * |---|---|---|
 * | local.get, local.set, local.tee of a v128 | Simd | how many slots the local is below sp |
 * | global.get, global.set of a v128 | Simd | global address |
 * | select of v128s | Simd | 0 |
 * | extract_lane, replace_lane | Simd | lane |
 * | every other one without immediates | Simd | 0 |
 * | v128.const | SimdLong | its four words |
 * | i8x16.shuffle | SimdLong | its sixteen lanes |
 * | loads and stores | SimdLong | memory address, low and high word of the offset, lane |
 *
 * A relaxed instruction that the deterministic profile makes equal to another becomes that one here.
 */

import { instrByCode } from '../../isa/isa.ts';
import { Op } from '../../isa/op.gen.ts';
import { V128, type ValType } from '../../isa/types.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import type { FuncValidator } from '../../valid/func.ts';
import { IOp } from '../iop.ts';
import { DETERMINISTIC } from './relaxed.ts';

/** The words of the instruction that `walk` has just checked; undefined if no vector is in it. */
export function vectorWords(
  walk: FuncValidator,
  inst: ModuleInst,
  locals: readonly ValType[],
  slots: number,
): number[] | undefined {
  const { instr } = walk;
  const { code, a } = instr;
  if (code >> 12 === 0xfd) return simdWords(walk, inst);
  switch (code) {
    case Op.local_get:
    case Op.local_set:
    case Op.local_tee:
      return locals[a] === V128 ? [IOp.Simd, code, slots + walk.heightBefore - a] : undefined;
    case Op.global_get:
    case Op.global_set: {
      const { addr, type } = inst.globals[a];
      return type.type === V128 ? [IOp.Simd, code, addr] : undefined;
    }
    case Op.select:
      return walk.poppedType === V128 ? [IOp.Simd, Op.select, 0] : undefined;
    case Op.select_t:
      return instr.list[0] === V128 ? [IOp.Simd, Op.select, 0] : undefined;
    default:
      return undefined;
  }
}

function simdWords({ instr }: FuncValidator, inst: ModuleInst): number[] {
  const { code } = instr;
  switch (instrByCode(code)!.shape) {
    case 'v128':
    case 'lanes':
      return [IOp.SimdLong, code, ...instr.v];
    case 'memarg':
      return [IOp.SimdLong, code, inst.mems[instr.a].addr, instr.lo, instr.hi, 0];
    case 'memargLane':
      return [IOp.SimdLong, code, inst.mems[instr.a].addr, instr.lo, instr.hi, instr.c];
    case 'lane':
      return [IOp.Simd, code, instr.a];
    default:
      return [IOp.Simd, DETERMINISTIC.get(code) ?? code, 0];
  }
}
