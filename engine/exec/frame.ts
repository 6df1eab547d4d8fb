/**
 * Frames of a stopped machine, for people and tools: where each stands, and its values, readable and writable.
 *
 * A frame is a view: the machine's slots are the state. Operand types come from the validator, on first need.
 */

import { usage } from '../base/errors.ts';
import { isRef, typeName, type ValType } from '../isa/types.ts';
import type { ExnInst } from '../runtime/exn.ts';
import type { FuncInst } from '../runtime/func.ts';
import { refFits } from '../runtime/heap.ts';
import { formatValue, isRefValue, type Value } from '../runtime/values.ts';
import { type StackState, stackAt } from '../valid/stack-at.ts';
import type { FuncCode } from './code.ts';
import { hostArgs } from './host-call.ts';
import { readSlot, type Slots, writeSlot } from './slot.ts';

export type Frame = WasmFrame | HostFrame;

/** A frame that is put on a machine without a call: what a core dump has of it. Values that it has not are undefined. */
export interface RestoredFrame {
  readonly func: FuncInst;
  readonly offset: number;
  local(idx: number, type: ValType): Value | undefined;
  /** From the bottom. */
  operand(idx: number, type: ValType): Value | undefined;
  /** How many operands stay below a call that it stands at. */
  readonly operands: number;
}

/** Which values of a frame nobody knows. */
export interface MissingValues {
  readonly locals: { has(idx: number): boolean };
  readonly operands: { has(idx: number): boolean };
  readonly why: string;
}

export class WasmFrame {
  readonly kind = 'wasm';
  readonly func: FuncInst;
  /** Byte offset of the instruction that comes next; of the call, for a caller. */
  readonly offset: number;
  /** The same place in translated code. */
  readonly pc: number;
  /** Types of the locals, parameters first. */
  readonly localTypes: readonly ValType[];
  /** How many operands are on its stack (a caller's arguments are gone: they are the callee's locals). */
  readonly operandCount: number;
  /** Set for frames that were restored, and where compiled code has trapped without a way back. */
  missing: MissingValues | undefined;
  private readonly slots: Slots;
  private readonly fp: number;
  private readonly belowOperands: number;
  private state: StackState | undefined;

  constructor(slots: Slots, code: FuncCode, site: number, fp: number, operandCount: number) {
    this.slots = slots;
    this.func = code.func;
    this.offset = code.offsets[site];
    this.pc = code.pcs[site];
    this.localTypes = code.localTypes;
    this.operandCount = operandCount;
    this.fp = fp;
    this.belowOperands = code.slots;
  }

  local(idx: number): Value {
    const at = this.localWord(idx);
    if (this.missing?.locals.has(idx)) usage(`local[${idx}] is not known: ${this.missing.why}`);
    return readSlot(this.slots, this.localTypes[idx], at);
  }

  /** Throws a `usage` fault if the type does not fit. */
  setLocal(idx: number, value: Value): void {
    const at = this.localWord(idx);
    mustFit(this.func, this.localTypes[idx], value);
    writeSlot(this.slots, at, value);
  }

  /** Operand `idx` from the bottom. */
  operand(idx: number): Value {
    return this.operandAs(idx, this.operandType(idx));
  }

  /** As `operand`, for a caller that knows the type: the validator is not asked. */
  operandAs(idx: number, type: ValType): Value {
    if (this.missing?.operands.has(idx)) usage(`this operand is not known: ${this.missing.why}`);
    return readSlot(this.slots, type, this.operandWord(idx));
  }

  setOperand(idx: number, value: Value): void {
    const at = this.operandWord(idx);
    mustFit(this.func, this.operandType(idx), value);
    writeSlot(this.slots, at, value);
  }

  operandType(idx: number): ValType {
    const { inst, type } = this.func;
    // At the last `end`, which branches reach too, the stack is the results.
    if (this.offset === inst!.module.funcs[this.func.idx].body!.range.end - 1) return type.results[idx];
    return this.stack.operands[idx].type;
  }

  /**
   * The validator's view of this place: operand types, where each was pushed, open labels. For a caller it still has
   * the arguments on top.
   */
  get stack(): StackState {
    const { inst, idx } = this.func;
    this.state ??= stackAt(inst!.module, inst!.features, idx, this.offset);
    return this.state;
  }

  /** The exceptions that the legacy catches around this place have caught, outermost first. */
  get caught(): ExnInst[] {
    const catches = this.stack.controls.filter(({ kind }) => kind === 'catch' || kind === 'catch_all');
    const first = (this.fp >> 1) + this.localTypes.length;
    return catches.map((_, i) => this.slots.R[first + i] as ExnInst);
  }

  private localWord(idx: number): number {
    if (!(idx >= 0 && idx < this.localTypes.length)) usage(`unknown local ${idx}`);
    return this.fp + 2 * idx;
  }

  private operandWord(idx: number): number {
    if (!(idx >= 0 && idx < this.operandCount)) usage(`unknown operand ${idx}`);
    return this.fp + 2 * (this.belowOperands + idx);
  }
}

/** A host function that was called and has not returned. */
export class HostFrame {
  readonly kind = 'host';
  readonly func: FuncInst;
  private readonly slots: Slots;
  private readonly fp: number;

  constructor(slots: Slots, func: FuncInst, fp: number) {
    this.slots = slots;
    this.func = func;
    this.fp = fp;
  }

  /** Its arguments. */
  get args(): Value[] {
    return hostArgs(this.slots, this.func, this.fp);
  }
}

/** Writes the values of a restored frame by slot; gives those that nobody knows, which stay what they are by default. */
export function fill(
  frame: RestoredFrame,
  { localTypes, slots, func, offsets }: FuncCode,
  operands: number,
  write: (slot: number, value: Value) => void,
): MissingValues {
  const why = 'the core dump does not have it';
  const missing = { locals: new Set<number>(), operands: new Set<number>(), why };
  for (const [i, type] of localTypes.entries()) {
    const value = frame.local(i, type);
    if (value) write(i, value);
    else missing.locals.add(i);
  }
  const { inst, idx } = func;
  const at = offsets.findLast((offset) => offset <= frame.offset) ?? offsets[0];
  const types = operands > 0 ? stackAt(inst!.module, inst!.features, idx, at).operands : [];
  for (let i = 0; i < operands; i++) {
    const value = types[i] && frame.operand(i, types[i].type);
    if (value) write(slots + i, value);
    else missing.operands.add(i);
  }
  return missing;
}

function mustFit({ inst }: FuncInst, type: ValType, value: Value): void {
  if (isRef(type) && isRefValue(value)) {
    const { canon } = inst!.store;
    if (refFits(canon, canon.typeOf(inst!.module, type), value.ref)) return;
    usage(`type mismatch: ${typeName(type)} wanted, ${formatValue(value)} given`);
  }
  if (type !== value.type) usage(`type mismatch: ${typeName(type)} wanted, ${typeName(value.type)} given`);
}
