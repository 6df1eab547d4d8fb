/**
 * The abstract machine of validation (spec appendix A.3): operand types, open labels, initialised locals.
 *
 * `Typing` is the state that one function body (or constant expression) is checked in, and the moves that rules make
 * on it: pop, push, open, close. It knows no instruction; rules*.ts and func.ts say which moves each one makes.
 * Nothing here allocates per instruction: operands live in two growing Int32Arrays, labels are reused objects.
 * Faults are built in mismatch.ts, off the hot path.
 */

import { unsupported } from '../base/errors.ts';
import type { InstrReader } from '../binary/instr.ts';
import { BOT, isDefaultable, isRef, NULL, type ValType } from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { BOT_REF } from './canon.ts';
import { isDeclared } from './declared.ts';
import { arityMismatch, leftovers, mismatch, uninitialized, unknownLabel } from './mismatch.ts';
import { type ModuleTypes, typesOf } from './subtype.ts';

export type ControlKind =
  | 'func'
  | 'expr'
  | 'block'
  | 'loop'
  | 'if'
  | 'else'
  | 'try_table'
  | 'try'
  | 'catch'
  | 'catch_all';

/** One open label. The objects are reused: read them at once, keep none. */
export interface Control {
  /** `expr` is the body of a constant expression; `try`, `catch` and `catch_all` are legacy exceptions. */
  readonly kind: ControlKind;
  /** Offset of the instruction that opened it (of the `else` or `catch` for those; of the body for the function). */
  readonly offset: number;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  /** Operand stack height (slots) below its parameters. */
  readonly height: number;
  /** The rest up to its `end` or `else` cannot be reached. */
  readonly unreachable: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A `Control`, as the machine sees it. */
export type Label = Mutable<Control> & {
  /** How many locals were initialised since the function began when it opened: `end` forgets the later ones. */
  inits: number;
};

/** A call can push a thousand operands with two bytes: without a bound, a small module takes all memory. */
const MAX_OPERANDS = 2 ** 22;

const NO_TYPES: readonly ValType[] = [];

export class Typing {
  readonly module: Module;
  readonly features: FeatureSet;
  readonly types: ModuleTypes;
  /** The instruction being checked, or checked last. */
  readonly instr: InstrReader;
  /** The function being checked; -1 for a constant expression. */
  funcIdx = -1;
  /** Operands and results of the block type read last (`readBlockType`). */
  blockParams: readonly ValType[] = NO_TYPES;
  blockResults: readonly ValType[] = NO_TYPES;

  /** Operand stack height in slots, now. */
  height = 0;
  /** Operand stack height before the instruction. */
  heightBefore = 0;
  /** Was the place before the instruction reachable? */
  wasReachable = true;
  /** Type of the value operand that `drop`, `select` or a `ref` instruction popped last; BOT if it came from nowhere. */
  poppedType: ValType = BOT;
  /** The label that an `end`, `else` or `catch` closed just now. */
  ended: Control | undefined;
  /** Height below which the innermost label may not pop. */
  protected floor = 0;

  protected stack = new Int32Array(256);
  protected origins = new Int32Array(256);
  private readonly labels: Label[] = [];
  private readonly pool: Label[] = [];
  private spare = newLabel();
  /** The innermost label. */
  top: Label = this.spare;

  localCount = 0;
  localTypes = new Int32Array(64);
  /** Locals without a default value that have no value yet are 1; empty while the function has none such. */
  private unset = new Uint8Array(0);
  private hasUnset = false;
  private readonly initialized: number[] = [];

  constructor(module: Module, features: FeatureSet, instr: InstrReader) {
    this.module = module;
    this.features = features;
    this.types = typesOf(module);
    this.instr = instr;
  }

  /** Open labels, outermost first: the function body is 0. */
  get controls(): readonly Control[] {
    return this.labels;
  }

  /** The type in a slot, counted from the bottom; BOT where unknown (behind `unreachable`). */
  typeAt(slot: number): ValType {
    return this.stack[slot];
  }

  /** Offset of the instruction that pushed a slot; for a block's parameters the block's. */
  pushedAt(slot: number): number {
    return this.origins[slot];
  }

  /** How many labels are open. */
  get depth(): number {
    return this.labels.length;
  }

  // --- operands ---

  push(type: ValType): void {
    const at = this.height++;
    if (at >= this.stack.length) this.growStack();
    this.stack[at] = type;
    this.origins[at] = this.instr.offset;
  }

  /** Pops an operand that must match `want`; gives its own type, BOT if it came from nowhere. */
  pop(want: ValType): ValType {
    if (this.height > this.floor) {
      const type = this.stack[this.height - 1];
      if (type !== want && !this.types.matches(type, want)) mismatch(this, want);
      this.height--;
      return type;
    }
    if (!this.top.unreachable) mismatch(this, want);
    return BOT;
  }

  /** Pops an operand of any type. */
  popAny(): ValType {
    if (this.height > this.floor) return this.stack[--this.height];
    if (!this.top.unreachable) mismatch(this, undefined);
    return BOT;
  }

  /** Pops a reference of any type; BOT_REF | NULL if it came from nowhere. */
  popRef(): ValType {
    if (this.height > this.floor) {
      const type = this.stack[this.height - 1];
      if (type !== BOT && !isRef(type)) mismatch(this, 'a reference');
      this.height--;
      if (type !== BOT) return type;
    } else if (!this.top.unreachable) mismatch(this, 'a reference');
    return BOT_REF | NULL;
  }

  pushAll(types: readonly ValType[]): void {
    for (let i = 0; i < types.length; i++) this.push(types[i]);
  }

  /** Pops operands that must match `types`, the last one on top. */
  popAll(types: readonly ValType[]): void {
    const start = this.height;
    for (let i = types.length - 1; i >= 0; i--) {
      if (this.height <= this.floor) {
        if (!this.top.unreachable) arityMismatch(this, types, start);
        return;
      }
      const type = this.stack[this.height - 1];
      if (type !== types[i] && !this.types.matches(type, types[i])) arityMismatch(this, types, start);
      this.height--;
    }
  }

  /** Checks the operands on top without popping them. */
  peekAll(types: readonly ValType[]): void {
    const height = this.height;
    this.popAll(types);
    this.height = height;
  }

  /** Pops and pushes: the operands stay what they are and come from where they came, but are typed `types` now. */
  retype(types: readonly ValType[]): void {
    const height = this.height;
    this.popAll(types);
    const base = this.height;
    const missing = types.length - (height - base);
    if (missing === 0) {
      this.height = height;
      for (let i = 0; i < types.length; i++) this.stack[base + i] = types[i];
    } else this.pushAll(types);
  }

  /** True if what is popped next comes from nowhere, and all that is popped after it. */
  get isBottomless(): boolean {
    return this.height <= this.floor && this.top.unreachable;
  }

  private growStack(): void {
    if (this.stack.length >= MAX_OPERANDS) unsupported(this.instr.offset, `${MAX_OPERANDS} operands at once`);
    this.stack = grown(this.stack);
    this.origins = grown(this.origins);
  }

  // --- labels ---

  /** Opens a label and gives it its parameters, which were popped before. */
  open(kind: ControlKind, params: readonly ValType[], results: readonly ValType[]): void {
    const depth = this.labels.length;
    const label = depth < this.pool.length ? this.pool[depth] : newLabel();
    this.pool[depth] = label;
    label.kind = kind;
    label.offset = this.instr.offset;
    label.params = params;
    label.results = results;
    label.height = this.height;
    label.unreachable = false;
    label.inits = this.initialized.length;
    this.labels.push(label);
    this.top = label;
    this.floor = this.height;
    this.pushAll(params);
  }

  /** Closes the innermost label: exactly its results must be left, and they are popped. */
  close(): Label {
    const label = this.top;
    const start = this.height;
    this.popAll(label.results);
    if (this.height !== label.height) leftovers(this, label, start);
    this.labels.pop();
    this.pool[this.labels.length] = this.spare;
    this.spare = label;
    this.forgetInits(label.inits);
    this.ended = label;
    const outer = this.labels.length;
    if (outer > 0) {
      this.top = this.labels[outer - 1];
      this.floor = this.top.height;
    }
    return label;
  }

  /** The label that a branch by `depth` names (0 is the innermost). */
  label(depth: number): Label {
    const at = this.labels.length - 1 - depth;
    if (at < 0) unknownLabel(this, depth);
    return this.labels[at];
  }

  /** The operands that a branch to the label takes along. */
  labelTypes(depth: number): readonly ValType[] {
    const label = this.label(depth);
    return label.kind === 'loop' ? label.params : label.results;
  }

  /** What follows up to the `end` is not reached: operands come from nowhere. */
  setUnreachable(): void {
    this.height = this.floor;
    this.top.unreachable = true;
  }

  // --- locals ---

  /** Throws unless the local is set on every way here (spec 3.4, local types). */
  requireSet(localIdx: number): void {
    if (this.hasUnset && this.unset[localIdx] === 1) uninitialized(this, localIdx);
  }

  /** Whether the local has no value yet here. */
  isUnset(localIdx: number): boolean {
    return this.hasUnset && this.unset[localIdx] === 1;
  }

  /** The local has a value from here to the end of the block. */
  markSet(localIdx: number): void {
    if (!this.hasUnset || this.unset[localIdx] !== 1) return;
    this.unset[localIdx] = 0;
    this.initialized.push(localIdx);
  }

  private forgetInits(count: number): void {
    while (this.initialized.length > count) this.unset[this.initialized.pop()!] = 1;
  }

  /** May `ref.func` name this function here? Anything may be named outside of the bodies. */
  isDeclared(funcIdx: number): boolean {
    return this.funcIdx < 0 || isDeclared(this.module, funcIdx);
  }

  // --- beginning ---

  /** Empties the machine and opens the outermost label. */
  protected reset(kind: 'func' | 'expr', offset: number, results: readonly ValType[]): void {
    this.height = 0;
    this.heightBefore = 0;
    this.wasReachable = true;
    this.poppedType = BOT;
    this.ended = undefined;
    this.labels.length = 0;
    this.initialized.length = 0;
    this.localCount = 0;
    this.hasUnset = false;
    this.open(kind, NO_TYPES, results);
    this.top.offset = offset;
  }

  /** Adds `count` locals of one type. `isParam`: they have values from the beginning. */
  protected addLocals(type: ValType, count: number, isParam: boolean): void {
    const start = this.localCount;
    const end = start + count;
    while (end > this.localTypes.length) this.localTypes = grown(this.localTypes);
    this.localTypes.fill(type, start, end);
    this.localCount = end;
    if (isParam || isDefaultable(type) || count === 0) return;
    if (!this.hasUnset) this.unset.fill(0);
    if (end > this.unset.length) {
      const unset = new Uint8Array(this.localTypes.length);
      unset.set(this.unset);
      this.unset = unset;
    }
    this.unset.fill(1, start, end);
    this.hasUnset = true;
  }
}

function newLabel(): Label {
  return {
    kind: 'block',
    offset: 0,
    params: [],
    results: [],
    height: 0,
    unreachable: false,
    inits: 0,
  };
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const next = new Int32Array(array.length * 2);
  next.set(array);
  return next;
}
