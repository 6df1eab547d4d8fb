/**
 * One instruction in a few words: its keyword and what its immediates name. Not the text format in full, which the
 * disassembly is: types of blocks, lists and long constants are left out.
 */

import type { InstrReader } from '../binary/instr.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import { F32, F64, I32, I64 } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { formatValue } from '../runtime/values.ts';
import { funcNameIn, named, type Rename } from './style.ts';

/** `call $f`, `i32.load offset=4`, `local.get $x`, `i32.const 5`. */
export function instrText(module: Module, funcIdx: number, instr: InstrReader, rename?: Rename): string {
  const row = instrByCode(instr.code);
  if (!row) return 'an instruction';
  const { names } = module;
  const { a, b } = instr;
  const nameOf = (
    space: 'global' | 'memory' | 'table' | 'tag' | 'type' | 'elem' | 'data',
    idx: number,
  ): string => named(names.given(space, idx), String(idx)).name;
  const immediate = (): string => {
    switch (row.shape) {
      case 'func':
        return funcNameIn(module, a, rename);
      case 'local':
        return named(names.local(funcIdx, a), String(a)).name;
      case 'global':
      case 'table':
      case 'tag':
      case 'elem':
      case 'data':
      case 'type':
        return nameOf(row.shape, a);
      case 'label':
      case 'lane':
        return String(a);
      case 'tableType':
        return nameOf('table', b);
      case 'memory':
        return a === 0 ? '' : nameOf('memory', a);
      case 'memarg':
      case 'memargLane': {
        const memory = a === 0 ? '' : `${nameOf('memory', a)} `;
        const lane = row.shape === 'memargLane' ? ` ${instr.c}` : '';
        return `${memory}${instr.memOffset > 0 ? `offset=${instr.memOffset}` : ''}${lane}`;
      }
      case 'typeField':
        return `${nameOf('type', a)} ${names.field(a, b) ?? b}`;
      default:
        return constant(instr);
    }
  };
  return `${row.name} ${immediate()}`.trim();
}

function constant({ code, lo, hi }: InstrReader): string {
  const low = BigInt(lo >>> 0);
  const bits = (BigInt(hi >>> 0) << 32n) | low;
  switch (code) {
    case Op.i32_const:
      return formatValue({ type: I32, bits: low });
    case Op.i64_const:
      return formatValue({ type: I64, bits });
    case Op.f32_const:
      return formatValue({ type: F32, bits: low });
    case Op.f64_const:
      return formatValue({ type: F64, bits });
    default:
      return '';
  }
}
