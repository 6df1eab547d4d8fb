/**
 * Items of a module as suggestions: `$names`, or indices where there are none, of one index space.
 */

import { CompletionItemKind } from 'vscode-languageserver';
import { type StructType, typeName, type ValType } from '../../engine/isa/types.ts';
import { type ExternKind, funcTypeAt, localTypes, type Module } from '../../engine/module/module.ts';
import type { Field } from '../../engine/text/fields.ts';
import { tokenText } from '../../engine/text/lexer.ts';
import { writtenId } from '../../engine/text/strings.ts';
import type { Def, Space } from '../../engine/text/symbols.ts';
import { wordText } from '../../engine/text/words.ts';
import type { FuncValidator } from '../../engine/valid/func.ts';
import { matches } from '../../engine/valid/subtype.ts';
import { Fit, takes } from '../facts/fit.ts';
import { externText, funcTypeText, valTypeText } from '../facts/signature.ts';
import { labelsBefore } from '../facts/typed.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Suggestions } from './suggestion.ts';

const KINDS: Readonly<Record<Space, CompletionItemKind>> = {
  func: CompletionItemKind.Function,
  type: CompletionItemKind.Struct,
  table: CompletionItemKind.Variable,
  memory: CompletionItemKind.Variable,
  global: CompletionItemKind.Variable,
  tag: CompletionItemKind.Event,
  elem: CompletionItemKind.Variable,
  data: CompletionItemKind.Variable,
  local: CompletionItemKind.Variable,
  label: CompletionItemKind.Reference,
  field: CompletionItemKind.Field,
};

/** Nobody branches out of more blocks by hand. */
const MOST_LABELS = 200;

/** How items are judged where they stand. */
export interface Use {
  readonly state?: FuncValidator;
  /** The value wanted of what is named. */
  readonly operand?: ValType;
  /** Puts what cannot be meant behind the rest: false for immutable globals behind `global.set`. */
  readonly accepts?: (module: Module, idx: number) => boolean;
  /** Leaves out what cannot be meant. */
  readonly only?: (module: Module, idx: number) => boolean;
  /** May be left out: other things can stand here too. */
  readonly optional?: boolean;
  /** It is read, written, called. */
  readonly how?: 'get' | 'set' | 'call';
}

/** The items of an index space that fields of a module define. */
export function addItems(to: Suggestions, analysis: ModuleAnalysis, space: Space, use: Use = {}): void {
  const { module } = analysis;
  for (const { idx, name } of definitionsOf(analysis, space)) {
    const label = name === undefined ? String(idx) : writtenId(name);
    if (!to.wants(label)) continue;
    if (module && use.only && !use.only(module, idx)) continue;
    const accepted = module === undefined || (use.accepts?.(module, idx) ?? true);
    to.add({
      label,
      kind: KINDS[space],
      rank: use.optional
        ? 9
        : 10 * (accepted ? fitOf(module, space, idx, use) : Fit.Not) + (name === undefined ? 5 : 0),
      // Of thousands only the best are shown.
      detail: module && (() => ` ${typeText(module, space, idx)}`),
      description: `${space} ${idx}`,
      subject: { kind: 'item', space, idx },
    });
  }
}

export function addLocals(to: Suggestions, analysis: ModuleAnalysis, field: Field, use: Use = {}): void {
  const { module, assembly } = analysis;
  if (!module?.funcs[field.idx] || !funcTypeAt(module, module.funcs[field.idx].typeIdx)) return;
  const params = funcTypeAt(module, module.funcs[field.idx].typeIdx)!.params.length;
  localTypes(module, field.idx).forEach((type, idx) => {
    const name = assembly.symbols.definition('local', idx, field.idx)?.name;
    to.add({
      label: name === undefined ? String(idx) : writtenId(name),
      kind: CompletionItemKind.Variable,
      rank: 10 * fitOfType(module, type, use) + (name === undefined ? 5 : 0),
      detail: ` ${valTypeText(module, type)}`,
      description: `${idx < params ? 'param' : 'local'} ${idx}`,
      subject: { kind: 'item', space: 'local', idx, scope: field.idx },
    });
  });
}

/** The labels that are open before a token, innermost first. */
export function addLabels(to: Suggestions, analysis: ModuleAnalysis, field: Field, at: number): void {
  const { tree } = analysis;
  const near = labelsBefore(tree, field, at).slice(0, MOST_LABELS);
  near.forEach(({ keyword, id }, depth) => {
    const what = keyword < 0 ? 'func' : wordText(tree.tokens.words[keyword]);
    if (id >= 0) {
      to.add({
        label: tokenText(tree.tokens, id),
        kind: KINDS.label,
        rank: depth,
        detail: ` ${what}`,
        description: `label ${depth}`,
      });
    }
    to.add({ label: String(depth), kind: KINDS.label, rank: 1000 + depth, detail: ` ${what}` });
  });
}

/** The fields of a structure type. */
export function addFields(
  to: Suggestions,
  analysis: ModuleAnalysis,
  typeIdx: number,
  written: boolean,
): void {
  const { module, assembly } = analysis;
  const composite = module?.types[typeIdx]?.composite;
  if (composite?.kind !== 'struct') return;
  (composite as StructType).fields.forEach(({ storage, mutable }, idx) => {
    const name =
      assembly.symbols.definition('field', idx, typeIdx)?.name ?? module!.names.field(typeIdx, idx);
    const type = typeName(storage);
    to.add({
      label: name === undefined ? String(idx) : writtenId(name),
      kind: KINDS.field,
      rank: written && !mutable ? Fit.Not * 10 : Fit.Best * 10,
      detail: ` ${mutable ? `(mut ${type})` : type}`,
      description: `field ${idx}`,
      subject: { kind: 'item', space: 'field', idx, scope: typeIdx },
    });
  });
}

const DEFINITIONS = new WeakMap<object, Map<Space, readonly Def[]>>();

/** Definitions of a module's index space, by index. Kept for as long as the module is not edited. */
export function definitionsOf({ assembly }: ModuleAnalysis, space: Space): readonly Def[] {
  let spaces = DEFINITIONS.get(assembly.symbols);
  if (!spaces) {
    spaces = new Map();
    for (const def of assembly.symbols.defs) {
      if (def.scope !== undefined) continue;
      const known = spaces.get(def.space) as Def[] | undefined;
      if (known) known.push(def);
      else spaces.set(def.space, [def]);
    }
    DEFINITIONS.set(assembly.symbols, spaces);
  }
  return spaces.get(space) ?? [];
}

function typeText(module: Module, space: Space, idx: number): string {
  if (space === 'func' || space === 'tag') {
    const type = externText(module, space, idx).replace(/^\w+ ?/, '');
    return type;
  }
  if (space === 'type') {
    const composite = module.types[idx]?.composite;
    return composite?.kind === 'func' ? `func ${funcTypeText(module, composite)}` : (composite?.kind ?? '');
  }
  if (space === 'elem' || space === 'data') return '';
  return externText(module, space as ExternKind, idx).replace(/^\w+ ?/, '');
}

function fitOf(module: Module | undefined, space: Space, idx: number, use: Use): Fit {
  if (!module) return Fit.Fair;
  if (space === 'global' && module.globals[idx]) return fitOfType(module, module.globals[idx].type.type, use);
  const type = space === 'func' ? funcTypeAt(module, module.funcs[idx]?.typeIdx) : undefined;
  if (!type) return Fit.Fair;
  if (use.operand !== undefined) {
    const gives = type.results.length === 1 && matches(module, type.results[0], use.operand);
    return gives ? Fit.Best : Fit.Not;
  }
  return use.how === 'call' && use.state ? takes(use.state, type.params) : Fit.Fair;
}

function fitOfType(module: Module, type: ValType, { state, operand, how }: Use): Fit {
  if (operand !== undefined) return matches(module, type, operand) ? Fit.Best : Fit.Not;
  if (how === 'set' && state) return takes(state, [type]);
  return Fit.Fair;
}
