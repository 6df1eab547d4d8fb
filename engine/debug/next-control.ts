/**
 * Control in front of the next instruction: whether a branch is taken and where it goes, what is called with what, what is
 * returned and thrown.
 *
 * Looks only; knows the frame's values and the labels around it.
 */

import type { Fault } from '../base/errors.ts';
import { type InstrReader, instrReader } from '../binary/instr.ts';
import {
  NULL_EXCEPTION,
  NULL_FUNCTION,
  TYPE_MISMATCH,
  UNDEFINED_ELEMENT,
  UNINITIALIZED_ELEMENT,
} from '../exec/callee.ts';
import type { CodeSpace } from '../exec/code.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { UNREACHABLE } from '../exec/interp.ts';
import type { Signal } from '../exec/numerics.ts';
import { faultOf } from '../exec/trap.ts';
import { Op } from '../isa/op.gen.ts';
import type { ValType } from '../isa/types.ts';
import { funcTypeAt } from '../module/module.ts';
import { ExnInst } from '../runtime/exn.ts';
import { FuncInst } from '../runtime/func.ts';
import { refFits } from '../runtime/heap.ts';
import { formatValue, isRefValue, type Value } from '../runtime/values.ts';
import { type Block, openAt } from './blocks.ts';
import type { LoadedProgram } from './load.ts';
import { funcName } from './style.ts';
import { showRef } from './values.ts';

/** What comes of an instruction; its operands if they are not what it takes from the stack. */
export interface Outcome {
  readonly text?: string;
  readonly fault?: Fault;
  readonly operands?: readonly Value[];
  readonly goesTo?: number;
  readonly calls?: FuncInst;
}

export interface Asked {
  readonly loaded: LoadedProgram;
  readonly space: CodeSpace;
  readonly frame: WasmFrame;
  readonly instr: InstrReader;
  /** What it takes, bottom first, and the types of what it gives. */
  readonly operands: readonly Value[];
  readonly results: readonly ValType[];
}

/** What a control instruction will do. */
export function controlled(asked: Asked): Outcome {
  const { frame, instr, loaded } = asked;
  const { module } = loaded;
  switch (instr.code) {
    case Op.unreachable:
      return failing(asked, UNREACHABLE);
    case Op.if:
      return { operands: top(frame, 1), text: isZero(frame) ? ifNot(asked) : 'then' };
    case Op.br:
      return branch(asked, instr.a);
    case Op.br_if: {
      const operands = top(frame, 1);
      if (isZero(frame)) return { operands, text: 'not taken' };
      const { text, goesTo } = branch(asked, instr.a);
      return { operands, text: `taken, ${text}`, goesTo };
    }
    case Op.br_table: {
      const index = unsigned(top(frame, 1)[0]);
      const label = instr.list[Math.min(index, instr.list.length - 1)];
      const { text, goesTo } = branch(asked, label);
      return { operands: top(frame, 1), text: `${label}, ${text}`, goesTo };
    }
    case Op.br_on_null:
    case Op.br_on_non_null: {
      const isTaken = isNull(top(frame, 1)[0]) === (instr.code === Op.br_on_null);
      return branchIf(asked, isTaken, instr.a);
    }
    case Op.br_on_cast:
    case Op.br_on_cast_fail: {
      const [value] = top(frame, 1);
      const { canon } = frame.func.inst!.store;
      const fits = isRefValue(value) && refFits(canon, canon.typeOf(module, instr.c), value.ref);
      return branchIf(asked, fits === (instr.code === Op.br_on_cast), instr.a);
    }
    case Op.return:
    case Op.end:
      return returning(asked);
    case Op.call:
    case Op.return_call:
      return calling(asked, frame.func.inst!.funcs[instr.a], 0);
    case Op.call_indirect:
    case Op.return_call_indirect:
      return callingIndirectly(asked);
    case Op.call_ref:
    case Op.return_call_ref: {
      const [callee] = top(frame, 1);
      const func = isRefValue(callee) ? callee.ref : null;
      if (func instanceof FuncInst) return calling(asked, func, 1);
      return { ...failing(asked, NULL_FUNCTION), operands: [callee] };
    }
    case Op.throw: {
      const tag = frame.func.inst!.tags[instr.a];
      return { operands: top(frame, tag.type.params.length) };
    }
    case Op.throw_ref: {
      const [value] = top(frame, 1);
      const exn = isRefValue(value) ? value.ref : null;
      return exn instanceof ExnInst
        ? { operands: [value] }
        : { ...failing(asked, NULL_EXCEPTION), operands: [value] };
    }
    default:
      return { operands: [] };
  }
}

/** The unsigned number that an operand is. */
export function unsigned(value: Value | undefined): number {
  return value && !isRefValue(value) ? Number(value.bits) : 0;
}

function top(frame: WasmFrame, count: number): Value[] {
  const { operandCount } = frame;
  const from = Math.max(0, operandCount - count);
  return Array.from({ length: operandCount - from }, (_, i) => frame.operand(from + i));
}

function isZero(frame: WasmFrame): boolean {
  return unsigned(top(frame, 1)[0]) === 0;
}

function isNull(value: Value | undefined): boolean {
  return value !== undefined && isRefValue(value) && value.ref === null;
}

function failing({ frame }: Asked, signal: Signal): Outcome {
  return { fault: faultOf({ store: frame.func.inst!.store }, frame, signal), operands: [] };
}

function branchIf(asked: Asked, isTaken: boolean, label: number): Outcome {
  const operands = top(asked.frame, 1);
  if (!isTaken) return { operands, text: 'not taken' };
  const { text, goesTo } = branch(asked, label);
  return { operands, text: `taken, ${text}`, goesTo };
}

/** Where a branch goes. */
function branch(asked: Asked, label: number): { text: string; goesTo?: number; operands: Value[] } {
  const { loaded, frame } = asked;
  const open: readonly Block[] = openAt(loaded.blocksOf(frame.func.idx), frame.offset);
  const block = open[open.length - 1 - label];
  if (!block || block.keyword === 'func') {
    return { text: 'returns', operands: top(frame, frame.func.type.results.length) };
  }
  const name = block.name === undefined ? '' : ` $${block.name}`;
  if (block.keyword === 'loop')
    return { text: `to the start of loop${name}`, goesTo: block.start, operands: [] };
  return { text: `behind ${block.keyword}${name}`, goesTo: block.end, operands: [] };
}

/** An `if` whose condition does not hold. */
function ifNot({ loaded, frame }: Asked): string {
  const block = loaded.blocksOf(frame.func.idx).find(({ start }) => start === frame.offset);
  return block && hasElse(loaded, frame.func.idx, block) ? 'else' : 'skipped';
}

function hasElse(loaded: LoadedProgram, funcIdx: number, block: Block): boolean {
  const reader = instrReader(loaded.module);
  const { codeStart, range } = loaded.module.funcs[funcIdx].body!;
  reader.startBody(codeStart, range.end);
  let inside = 0;
  while (reader.next()) {
    if (reader.offset === block.start) inside = reader.depth;
    if (inside > 0 && reader.code === Op.else && reader.depth === inside) return true;
    if (reader.offset >= block.end) return false;
  }
  return false;
}

function returning({ frame }: Asked): Outcome {
  return { operands: top(frame, frame.func.type.results.length), text: 'returns' };
}

/** `above`: operands above the arguments. */
function calling({ loaded, frame }: Asked, func: FuncInst, above: number): Outcome {
  const all = top(frame, func.type.params.length + above);
  const operands = all.slice(0, all.length - above);
  return { operands, calls: func, text: above > 0 ? `calls ${funcName(func, loaded.rename)}` : undefined };
}

function callingIndirectly(asked: Asked): Outcome {
  const { frame, instr, loaded } = asked;
  const { inst } = frame.func;
  const table = inst!.tables[instr.b];
  const [index] = top(frame, 1);
  const at = unsigned(index);
  const found = table.elems[at];
  const fault = (signal: Signal): Outcome => ({ ...failing(asked, signal), operands: [index] });
  if (at >= table.elems.length) return fault(UNDEFINED_ELEMENT);
  if (!(found instanceof FuncInst)) return fault(UNINITIALIZED_ELEMENT);
  if (!inst!.store.canon.isSubId(found.typeId, inst!.typeIds[instr.a])) return fault(TYPE_MISMATCH);
  const { params } = funcTypeAt(loaded.module, instr.a)!;
  const args = top(frame, params.length + 1).slice(0, -1);
  const shown = args
    .map((arg) => (isRefValue(arg) ? showRef(arg.ref, arg.type) : formatValue(arg)))
    .join(', ');
  return { operands: [index], calls: found, text: `${funcName(found, loaded.rename)}(${shown})` };
}
