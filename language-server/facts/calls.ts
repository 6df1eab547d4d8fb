/**
 * Which functions of a module call which: direct calls from the text, indirect ones by their types.
 *
 * An indirect call may reach every function of a matching type that the module keeps as a reference: in an element
 * segment, or by `ref.func`. Found once a module in short turns, and kept for as long as the module is not edited.
 */

import type { Span } from '../../engine/base/errors.ts';
import { WasmError } from '../../engine/base/errors.ts';
import { instrReader } from '../../engine/binary/instr.ts';
import { instrByCode } from '../../engine/isa/isa.ts';
import { concreteHeap, refType } from '../../engine/isa/types.ts';
import type { Module } from '../../engine/module/module.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { Sp } from '../../engine/text/symbols.ts';
import { wordText } from '../../engine/text/words.ts';
import { matches } from '../../engine/valid/subtype.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { fieldAt, previous } from './place.ts';
import type { Turns } from './turns.ts';

export interface DirectCall {
  readonly caller: number;
  readonly callee: number;
  /** The callee's name or index. */
  readonly span: Span;
}

export interface IndirectCall {
  readonly caller: number;
  readonly typeIdx: number;
  /** The instruction. */
  readonly span: Span;
}

export interface Calls {
  readonly direct: readonly DirectCall[];
  readonly indirect: readonly IndirectCall[];
  /** The functions that indirect calls may reach. */
  readonly referenced: ReadonlySet<number>;
  /** The fields of functions, imported ones too, by index. */
  readonly fields: ReadonlyMap<number, Field>;
}

const KNOWN = new WeakMap<object, Calls>();
const CALLS = new Set(['call', 'return_call']);
const INDIRECT = new Set(['call_indirect', 'return_call_indirect', 'call_ref', 'return_call_ref']);
const STEP = 256;

export async function callsOf(module: ModuleAnalysis, turns: Turns): Promise<Calls> {
  const { tree, assembly } = module;
  const { symbols } = assembly;
  const known = KNOWN.get(symbols);
  if (known) return known;
  const fields = new Map<number, Field>();
  for (const field of assembly.fields) if (field.space === Sp.Func) fields.set(field.idx, field);
  const direct: DirectCall[] = [];
  const referenced = new Set<number>();
  for (let i = 0; i < symbols.useCount; i++) {
    if (i % STEP === 0) await turns.pause();
    const { space, idx, token, span } = symbols.useAt(i);
    if (space !== 'func' || idx < 0) continue;
    const field = fieldAt(tree, assembly.fields, span.start);
    const before = previous(tree, token);
    const word = tree.tokens.kinds[before] === Tok.Keyword ? wordText(tree.tokens.words[before]) : '';
    if (CALLS.has(word)) {
      if (field?.kind === 'func') direct.push({ caller: field.idx, callee: idx, span });
    } else if (word === 'ref.func' || (field && /^(elem|table|global)$/.test(field.kind)))
      referenced.add(idx);
  }
  const indirect = module.module ? await indirectCalls(module, module.module, turns) : [];
  const calls = { direct, indirect, referenced, fields };
  KNOWN.set(symbols, calls);
  return calls;
}

/** True if an indirect call with that type may reach the function. */
export function mayReach(module: Module, typeIdx: number, funcIdx: number): boolean {
  const func = module.funcs[funcIdx];
  if (!func) return false;
  return matches(module, refType(false, concreteHeap(func.typeIdx)), refType(false, concreteHeap(typeIdx)));
}

async function indirectCalls(
  { assembly }: ModuleAnalysis,
  module: Module,
  turns: Turns,
): Promise<IndirectCall[]> {
  const found: IndirectCall[] = [];
  const reader = instrReader(module);
  for (const [caller, { body }] of module.funcs.entries()) {
    await turns.pause();
    if (!body) continue;
    try {
      reader.startBody(body.codeStart, body.range.end);
      while (reader.next()) {
        if (!INDIRECT.has(instrByCode(reader.code)!.name)) continue;
        const span = assembly.map.exactSpan(reader.offset);
        if (span && module.types[reader.a]) found.push({ caller, typeIdx: reader.a, span });
      }
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
    }
  }
  return found;
}
