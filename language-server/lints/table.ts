/**
 * The lints of the language server, by what they look at. Each is documented in docs/lints.md under its code, and has
 * a setting `wasmscope.lint.<code>`.
 */

import { branchToNext } from './branch-to-next.ts';
import { constantCondition } from './constant-condition.ts';
import { deadStore } from './dead-store.ts';
import { divisionByZero } from './division-by-zero.ts';
import { emptyBlock } from './empty-block.ts';
import { implicitModule } from './implicit-module.ts';
import type { FunctionLint, ModuleLint, TextLint } from './lint.ts';
import { lowAlignment } from './low-alignment.ts';
import { needlessMut } from './needless-mut.ts';
import { neverReadGlobal } from './never-read-global.ts';
import { neverReadLocal } from './never-read-local.ts';
import { omittedIndex } from './omitted-index.ts';
import { selfAssignment } from './self-assignment.ts';
import { shadowedLabel } from './shadowed-label.ts';
import { shiftOutOfRange } from './shift-out-of-range.ts';
import { unreachableCode } from './unreachable-code.ts';
import {
  unusedData,
  unusedElem,
  unusedFunction,
  unusedGlobal,
  unusedImport,
  unusedMemory,
  unusedTable,
  unusedTag,
  unusedType,
} from './unused-item.ts';
import { unusedLabel } from './unused-label.ts';
import { unusedLocal } from './unused-local.ts';
import { unusedParameter } from './unused-parameter.ts';
import { useEqz } from './use-eqz.ts';
import { useSet } from './use-set.ts';
import { useTee } from './use-tee.ts';
import { uselessComparison } from './useless-comparison.ts';
import { uselessDrop } from './useless-drop.ts';

export const FUNCTION_LINTS: readonly FunctionLint[] = [
  branchToNext,
  constantCondition,
  deadStore,
  divisionByZero,
  emptyBlock,
  lowAlignment,
  neverReadLocal,
  omittedIndex,
  selfAssignment,
  shadowedLabel,
  shiftOutOfRange,
  unreachableCode,
  unusedLabel,
  unusedLocal,
  unusedParameter,
  useEqz,
  uselessComparison,
  uselessDrop,
  useSet,
  useTee,
];

export const MODULE_LINTS: readonly ModuleLint[] = [
  implicitModule,
  needlessMut,
  neverReadGlobal,
  unusedData,
  unusedElem,
  unusedFunction,
  unusedGlobal,
  unusedImport,
  unusedMemory,
  unusedTable,
  unusedTag,
  unusedType,
];

/** A comment that silences a lint which does not exist. */
export const unknownSuppression: TextLint = { code: 'unknown-suppression', severity: 'warning', text: true };

export const LINTS: readonly (FunctionLint | ModuleLint | TextLint)[] = [
  ...FUNCTION_LINTS,
  ...MODULE_LINTS,
  unknownSuppression,
].sort((a, b) => (a.code < b.code ? -1 : 1));

const BY_CODE = new Map(LINTS.map((lint) => [lint.code, lint]));

export function lintOf(code: string): FunctionLint | ModuleLint | TextLint | undefined {
  return BY_CODE.get(code);
}
