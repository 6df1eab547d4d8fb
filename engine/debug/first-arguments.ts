/**
 * The arguments that a frame was called with, for beginning it again. Nothing is recorded while the program runs.
 *
 * A parameter that its function never writes still is the argument. One that was written is computed anew from the caller,
 * which still stands at its call: an argument made of constants, locals and arithmetic is what it was, as long as the caller
 * has not written those locals since. The outermost function's are kept by the machine. Everything else is not known.
 */

import { usage, WasmError } from '../base/errors.ts';
import { instrReader } from '../binary/instr.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import type { Module } from '../module/module.ts';
import type { Value } from '../runtime/values.ts';
import { FuncValidator } from '../valid/func.ts';

/** The frame that called, if it is known to have called this very function, and what computes an expression there. */
export interface Caller {
  readonly frame: WasmFrame;
  /** The instruction at an offset as the text format writes it, without operands. */
  textAt(offset: number): string | undefined;
  /** Throws a WasmError. */
  compute(expression: string): Value;
}

/** The arguments of a frame. Throws a usage fault that names what is not known. `begun`: those of the outermost function. */
export function firstArguments(
  frame: WasmFrame,
  from: { readonly caller?: Caller; readonly begun?: readonly Value[] },
  nameOf: (local: number) => string,
): Value[] {
  const { inst, idx, type } = frame.func;
  const written = writtenLocals(inst!.module, idx);
  const { caller, begun } = from;
  let expressions: (string | undefined)[] | undefined;
  return type.params.map((_, i) => {
    if (!written.has(i)) return frame.local(i);
    if (begun) return begun[i];
    expressions ??= caller && isCallOf(caller.frame, frame) ? argumentTexts(caller) : [];
    const text = expressions[i];
    const value = text === undefined ? undefined : computed(caller!, text);
    return value ?? usage(`parameter ${nameOf(i)} was overwritten, and what it was at first is not known`);
  });
}

function computed(caller: Caller, text: string): Value | undefined {
  try {
    return caller.compute(text);
  } catch (error) {
    if (error instanceof WasmError) return undefined;
    throw error;
  }
}

function writtenLocals(module: Module, funcIdx: number): Set<number> {
  const found = new Set<number>();
  const { codeStart, range } = module.funcs[funcIdx].body!;
  const reader = instrReader(module);
  reader.startBody(codeStart, range.end);
  while (reader.next()) {
    if (reader.code === Op.local_set || reader.code === Op.local_tee) found.add(reader.a);
  }
  return found;
}

/** Whether a caller's call led straight to the frame above it: a tail call would have put another function there. */
function isCallOf(caller: WasmFrame, frame: WasmFrame): boolean {
  const { inst } = caller.func;
  const reader = instrReader(inst!.module);
  reader.readAt(caller.offset, inst!.module.bytes.length);
  if (reader.code !== Op.call || inst!.funcs[reader.a] !== frame.func) return false;
  return !usesTailCalls(inst!.module) && !usesTailCalls(frame.func.inst!.module);
}

const TAIL_CALLS: ReadonlySet<number> = new Set([
  Op.return_call,
  Op.return_call_indirect,
  Op.return_call_ref,
]);
const tailCalls = new WeakMap<Module, boolean>();

function usesTailCalls(module: Module): boolean {
  let uses = tailCalls.get(module);
  if (uses === undefined) {
    const reader = instrReader(module);
    uses = module.funcs.some(({ body }) => {
      if (!body) return false;
      reader.startBody(body.codeStart, body.range.end);
      while (reader.next()) if (TAIL_CALLS.has(reader.code)) return true;
      return false;
    });
    tailCalls.set(module, uses);
  }
  return uses;
}

/** An operand as an expression, and the locals that it reads. */
interface Known {
  readonly text: string;
  readonly reads: readonly number[];
}

/** The expressions of the arguments of the call that a frame stands at; undefined for one that cannot be computed again. */
function argumentTexts({ frame, textAt }: Caller): (string | undefined)[] {
  const { inst, idx } = frame.func;
  const walk = new FuncValidator(inst!.module, inst!.features);
  const stack: (Known | undefined)[] = [];
  walk.begin(idx);
  while (walk.instr.pos < frame.offset && walk.next()) {
    const { code, offset, a } = walk.instr;
    if (code === Op.local_set || code === Op.local_tee) {
      for (const [slot, known] of stack.entries()) if (known?.reads.includes(a)) stack[slot] = undefined;
    }
    let own = walk.height;
    while (own > 0 && walk.pushedAt(own - 1) === offset) own--;
    const before = stack.length;
    const operands = stack.slice(own);
    stack.length = Math.min(own, before);
    const isOne = walk.height === own + 1 && walk.heightBefore === before && own <= before;
    if (isOne) stack.push(knownResult(code, a, operands, () => textAt(offset), inst!.module));
    while (stack.length < walk.height) stack.push(undefined);
  }
  const { params } = calledType(inst!.module, frame);
  return stack.slice(stack.length - params).map((known) => known?.text);
}

function calledType(module: Module, frame: WasmFrame): { params: number } {
  const reader = instrReader(module);
  reader.readAt(frame.offset, module.bytes.length);
  return { params: frame.func.inst!.funcs[reader.a].type.params.length };
}

function knownResult(
  code: number,
  a: number,
  operands: readonly (Known | undefined)[],
  text: () => string | undefined,
  { globals }: Module,
): Known | undefined {
  if (!isPure(code) && !(code === Op.global_get && !globals[a].type.mutable)) return undefined;
  const known = operands.filter((operand) => operand !== undefined);
  const head = known.length === operands.length ? text() : undefined;
  if (head === undefined) return undefined;
  const reads = code === Op.local_get ? [a] : known.flatMap((operand) => operand.reads);
  return { text: `(${[head, ...known.map((operand) => operand.text)].join(' ')})`, reads };
}

/** Gives the same for the same operands, and does nothing else. */
function isPure(code: number): boolean {
  if (code === Op.local_get || code === Op.ref_null || code === Op.ref_func) return true;
  const name = instrByCode(code)?.name ?? '';
  return /^[if](?:32|64)\.(?!load|store|atomic)/.test(name);
}
