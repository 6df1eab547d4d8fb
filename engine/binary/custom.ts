/**
 * Custom sections whose content the spec describes: is it what it should be (spec appendix A.5)?
 *
 * A fault in here does not make a module malformed or invalid, so `validate` does not ask; tools do, and scripts'
 * `assert_malformed_custom` and `assert_invalid_custom`. Knows branch hints; the name section is read as far as it goes.
 */

import { invalid } from '../base/errors.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import { BRANCH_HINT, type FuncHints, readBranchHints } from '../module/branch-hints.ts';
import type { Module } from '../module/module.ts';
import { instrReader } from './instr.ts';

/** Throws the first fault of the custom sections of a valid module: `malformed` or `invalid`. */
export function validateCustoms(module: Module): void {
  for (const [funcIdx, hints] of readBranchHints(module)) checkHints(module, funcIdx, hints);
}

/** Hints stand at `if` and `br_if`, and nowhere else. */
function checkHints(module: Module, funcIdx: number, hints: FuncHints): void {
  const { codeStart, range } = module.funcs[funcIdx].body!;
  const left = new Set(hints.keys());
  const reader = instrReader(module);
  reader.startBody(codeStart, range.end);
  while (left.size > 0 && reader.next()) {
    if (!left.delete(reader.offset) || reader.code === Op.if || reader.code === Op.br_if) continue;
    badTarget(reader.offset, `${instrByCode(reader.code)?.name} is neither if nor br_if`);
  }
  for (const offset of left) badTarget(offset, 'there is no instruction');
}

function badTarget(offset: number, why: string): never {
  invalid(offset, `@${BRANCH_HINT} annotation: invalid target`, [{ message: why, offset }]);
}
