/**
 * Instructions as suggestions: those that fit first. Old names are not offered.
 */

import { CompletionItemKind } from 'vscode-languageserver';
import { groupOf, type InstrGroup } from '../../engine/isa/group.ts';
import { INSTRS, type Instr } from '../../engine/isa/isa.ts';
import { V128, type ValType } from '../../engine/isa/types.ts';
import type { Module } from '../../engine/module/module.ts';
import type { FuncValidator } from '../../engine/valid/func.ts';
import { Fit, fitAsOperand, fitOnStack } from '../facts/fit.ts';
import { instrType } from '../facts/instruction-types.ts';
import type { Suggestions } from './suggestion.ts';

/** Where an instruction is wanted. */
export interface Wanted {
  /** Behind `(`: its operands come inside of its own parentheses. */
  readonly folded: boolean;
  /** What is on the stack, if that is known. */
  readonly state?: FuncValidator;
  /** The value that a form around wants. */
  readonly operand?: { readonly module: Module; readonly type: ValType };
  /** Only those of constant expressions. */
  readonly constant: boolean;
}

const GROUPS: readonly InstrGroup[] = [
  'variable',
  'control',
  'numeric',
  'memory',
  'parametric',
  'reference',
  'aggregate',
  'table',
  'vector',
];

/** Keywords that only stand inside of something, and those of the old exception handling. */
const PARTS: ReadonlySet<string> = new Set(['else', 'end', 'catch', 'catch_all', 'delegate']);

/** What people write most, first; a name without its type stands for all of them. */
const COMMON = [
  'local.get', 'const', 'local.set', 'local.tee', 'call', 'add', 'sub', 'mul', 'load', 'store', 'if', 'br_if', 'br',
  'global.get', 'global.set', 'block', 'loop', 'drop', 'return', 'eqz', 'eq', 'ne', 'and', 'or', 'shl', 'shr_u',
  'lt_s', 'lt_u', 'gt_s', 'gt_u', 'div_s', 'div_u', 'div', 'end', 'else', 'struct.get', 'struct.new', 'array.get',
  'array.new', 'call_indirect', 'select', 'ref.null',
]; // biome-ignore format: a list of words

interface Row {
  readonly instr: Instr;
  /** Smaller is more common. */
  readonly common: number;
  readonly group: number;
  readonly type: string;
}

const ROWS: readonly Row[] = INSTRS.filter(
  (instr) => instr.variant === undefined || instr.variant.code > instr.code,
).map((instr) => ({
  instr,
  common: commonness(instr),
  group: GROUPS.indexOf(groupOf(instr)),
  type: instrType(instr),
}));

export function addInstructions(to: Suggestions, wanted: Wanted): void {
  const vectors = wanted.operand?.type === V128 || (wanted.state !== undefined && hasVector(wanted.state));
  for (const { instr, common, group, type } of ROWS) {
    const { name, feature } = instr;
    if (wanted.constant && (!instr.constant || name === 'end')) continue;
    if (wanted.folded && PARTS.has(name)) continue;
    if (!to.wants(name)) continue;
    const fit = fitOf(instr, wanted);
    if (fit === Fit.Not && (PARTS.has(name) || feature === 'legacy-exceptions')) continue;
    // Half a thousand instructions are no help before something is typed.
    const unlikely = fit === Fit.Not || (GROUPS[group] === 'vector' && !vectors);
    if (to.nothingTyped && (unlikely || feature === 'legacy-exceptions' || feature === 'threads')) {
      to.incomplete = true;
      continue;
    }
    to.add({
      label: name,
      kind: CompletionItemKind.Keyword,
      rank: fit * 10 + (common + group / 10) / 10,
      detail: ` ${type}`,
      subject: { kind: 'instruction', word: name },
    });
  }
}

function fitOf(instr: Instr, { folded, state, operand }: Wanted): Fit {
  if (operand) return fitAsOperand(operand.module, instr, operand.type);
  if (folded || !state) return PARTS.has(instr.name) && instr.feature !== 'mvp' ? Fit.Not : Fit.Fair;
  return fitOnStack(state, instr);
}

function hasVector(v: FuncValidator): boolean {
  for (let slot = v.top.height; slot < v.height; slot++) if (v.typeAt(slot) === V128) return true;
  return false;
}

/** Below 10 with the group's share: ranks of fits are 10 apart. */
function commonness({ name }: Instr): number {
  const isScalar = /^[if](32|64)\./.test(name);
  const place = COMMON.indexOf(isScalar ? name.slice(4) : name);
  return place < 0 ? COMMON.length : place;
}
