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
import { Tok } from '../../engine/text/lexer.ts';
import { wordText } from '../../engine/text/words.ts';
import { matches } from '../../engine/valid/subtype.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { fieldAt, previous } from './place.ts';
import type { Turns } from './turns.ts';

export interface DirectCall<Place> {
  readonly caller: number;
  readonly callee: number;
  readonly place: Place;
}

export interface IndirectCall<Place> {
  readonly caller: number;
  readonly typeIdx: number;
  readonly place: Place;
}

/** `Place`: a span of a text, or an offset in a binary. Of a direct call in a text, that of the callee's name or index. */
export interface Calls<Place> {
  readonly direct: readonly DirectCall<Place>[];
  readonly indirect: readonly IndirectCall<Place>[];
  /** The functions that indirect calls may reach. */
  readonly referenced: ReadonlySet<number>;
}

const KNOWN = new WeakMap<object, Calls<Span>>();
const CALLS = new Set(['call', 'return_call']);
const INDIRECT = new Set(['call_indirect', 'return_call_indirect', 'call_ref', 'return_call_ref']);
const STEP = 256;

export async function callsOf(module: ModuleAnalysis, turns: Turns): Promise<Calls<Span>> {
  const { symbols, map } = module.assembly;
  const known = KNOWN.get(symbols);
  if (known) return known;
  const { direct, referenced } = await writtenCalls(module, turns);
  const { indirect: made } = module.module ? await instructionCalls(module.module, turns) : { indirect: [] };
  const indirect = made.flatMap((call) => {
    const place = map.exactSpan(call.place);
    return place ? [{ ...call, place }] : [];
  });
  const calls = { direct, indirect, referenced };
  KNOWN.set(symbols, calls);
  return calls;
}

/** The direct calls of a text, and the functions that it keeps as references. */
export async function writtenCalls(
  { tree, assembly }: ModuleAnalysis,
  turns: Turns,
): Promise<Pick<Calls<Span>, 'direct' | 'referenced'>> {
  const { symbols } = assembly;
  const direct: DirectCall<Span>[] = [];
  const referenced = new Set<number>();
  for (let i = 0; i < symbols.useCount; i++) {
    if (i % STEP === 0) await turns.pause();
    const { space, idx, token, span } = symbols.useAt(i);
    if (space !== 'func' || idx < 0) continue;
    const field = fieldAt(tree, assembly.fields, span.start);
    const before = previous(tree, token);
    const word = tree.tokens.kinds[before] === Tok.Keyword ? wordText(tree.tokens.words[before]) : '';
    if (CALLS.has(word)) {
      if (field?.kind === 'func') direct.push({ caller: field.idx, callee: idx, place: span });
    } else if (word === 'ref.func' || (field && /^(elem|table|global)$/.test(field.kind)))
      referenced.add(idx);
  }
  return { direct, referenced };
}

/** True if an indirect call with that type may reach the function. */
export function mayReach(module: Module, typeIdx: number, funcIdx: number): boolean {
  const func = module.funcs[funcIdx];
  if (!func) return false;
  return matches(module, refType(false, concreteHeap(func.typeIdx)), refType(false, concreteHeap(typeIdx)));
}

/** The calls that the instructions of a module make, by offsets. */
export async function instructionCalls(module: Module, turns: Turns): Promise<Calls<number>> {
  const direct: DirectCall<number>[] = [];
  const indirect: IndirectCall<number>[] = [];
  const referenced = new Set<number>();
  const reader = instrReader(module);
  for (const [caller, { body }] of module.funcs.entries()) {
    await turns.pause();
    if (!body) continue;
    try {
      reader.startBody(body.codeStart, body.range.end);
      while (reader.next()) {
        const { name } = instrByCode(reader.code)!;
        const { a, offset: place } = reader;
        if (CALLS.has(name)) direct.push({ caller, callee: a, place });
        else if (name === 'ref.func') referenced.add(a);
        else if (INDIRECT.has(name) && module.types[a]) indirect.push({ caller, typeIdx: a, place });
      }
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
    }
  }
  return { direct, indirect, referenced };
}
