/**
 * Constant expressions (spec 3.4.14): initial values of globals and tables, offsets and items of segments.
 *
 * Their instructions are typed as anywhere else; on top of that each must be one that the table calls constant, and
 * `global.get` sees only immutable globals that have their value by then.
 */

import { invalid } from '../base/errors.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import type { ValType } from '../isa/types.ts';
import type { ByteRange } from '../module/module.ts';
import type { FuncValidator } from './func.ts';
import { need } from './gate.ts';
import { unknown } from './mismatch.ts';

/**
 * Checks that the expression is constant and leaves one value of `type`. It may read the first `globalCount` globals.
 * Throws a WasmError at the instruction: `invalid` or `unsupported`.
 */
export function validateConstExpr(
  v: FuncValidator,
  range: ByteRange,
  type: ValType,
  globalCount: number,
): void {
  v.beginExpr(range, type);
  while (v.instr.next()) {
    requireConstant(v, globalCount);
    v.check();
  }
}

function requireConstant(v: FuncValidator, globalCount: number): void {
  const { code, offset } = v.instr;
  const instr = instrByCode(code);
  if (!instr?.constant) {
    const name = instr?.name ?? 'this instruction';
    invalid(offset, `constant expression required: ${name} needs the program to run`);
  }
  if (instr.constant === 'extended') need(v.features, 'extended-const', offset);
  if (code === Op.global_get) requireConstantGlobal(v, globalCount);
}

function requireConstantGlobal(v: FuncValidator, globalCount: number): void {
  const { a: idx, offset } = v.instr;
  if (idx >= globalCount) unknown(v, 'global', idx, globalCount);
  const global = v.module.globals[idx];
  if (global.type.mutable) {
    invalid(offset, `constant expression required: global ${idx} is mutable`, [
      { message: 'it is declared here', offset: global.offset },
    ]);
  }
  if (!global.import) need(v.features, 'gc', offset);
}
