/**
 * Where calls return to, in translated code and in the module's bytes.
 *
 * The instruction that is executed next behind a call need not be the next one in the bytes: where a call ends the branch of an
 * `if` or of a legacy `try`, a jump follows that is no site of its own.
 */

import { type CodeSpace, type FuncCode, siteAt, siteFrom } from './code.ts';
import { IOp } from './iop.ts';

/** The pc that the call at byte `offset` returns to. */
export function returnPc(space: CodeSpace, code: FuncCode, offset: number): number {
  const pc = code.pcs[siteFrom(code, offset)];
  const op = space.opAt(pc);
  return pc + (op === IOp.Call || op === IOp.CallCross ? 4 : 5);
}

/** The offset of the instruction that is executed next when the call at `offset` has returned. */
export function offsetBehindCall(space: CodeSpace, code: FuncCode, offset: number): number {
  let pc = returnPc(space, code, offset);
  // A site may be under a breakpoint, a jump between sites never is.
  while (code.pcs[siteAt(code, pc)] !== pc) pc = space.code[pc + 1];
  return code.offsets[siteAt(code, pc)];
}
