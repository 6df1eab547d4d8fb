/**
 * Translation: the body of one Wasm function becomes internal ops (iop.ts), one for each reachable instruction.
 *
 * Walks the body with the validator, which says what is reachable, how high the operand stack is and what a label
 * takes; so translation has no typing rules of its own, and it can rely on a valid module. Indices become store
 * addresses here, so code needs no instance while it runs. Code that cannot be reached is left out.
 */

import { CATCH } from '../binary/instr.ts';
import { Op } from '../isa/op.gen.ts';
import { F32, I32, isRef, V128, type ValType } from '../isa/types.ts';
import { funcTypeAt, localTypes } from '../module/module.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import type { TagInst } from '../runtime/tag.ts';
import { type Control, FuncValidator } from '../valid/func.ts';
import type { Clause, Handler } from './handler.ts';
import { IOp } from './iop.ts';
import { vectorWords } from './simd/translate.ts';
import { isBeside } from './slot.ts';
import { castWords, gcWords } from './translate-gc.ts';
import { accessWords, atomicWords, bulkWords } from './translate-memory.ts';

/** A function's code, to be placed so that its first op is at the pc that `translate` was given. */
export interface Translation {
  readonly words: number[];
  readonly pcs: Int32Array;
  readonly offsets: Int32Array;
  readonly heights: Int32Array;
  readonly localTypes: readonly ValType[];
  /** Slots below the operands: the locals, and one for the exception of each legacy catch that is open at once. */
  readonly slots: number;
  readonly handlers: readonly Handler[];
  /** pcs of the first instructions of loops. */
  readonly headers: ReadonlySet<number>;
  /** Whether it touches references, or vectors: then the machine needs room for them. */
  readonly usesRefs: boolean;
  readonly usesVectors: boolean;
}

/** Translates a Wasm function of a valid module; `words` start with its Enter op, four words before `start`. */
export function translate(func: FuncInst, start: number): Translation {
  const first = new Translator(func, start, 0);
  const made = first.run();
  return first.kept === 0 ? made : new Translator(func, start, first.kept).run();
}

/** A jump never pauses unless it goes back: fuel never gets this low. */
const NO_LIMIT = -0x80000000;

const END = 0x0b;

type Draft<T> = { -readonly [K in keyof T]: T[K] };
type HandlerDraft = Draft<Handler> & { readonly clauses: Draft<Clause>[] };

/** Where jumps to an open label go: known for a loop, patched at the end of the others. */
interface Target {
  /** Set for loops. */
  readonly pc: number;
  readonly count: number;
  /** Positions in `words` of a target pc followed by a count difference, which holds the jump's count until then. */
  readonly jumps: number[];
  /** The same for the `if` that jumps to its `else`. */
  elseJump: number;
  /** Clauses that go on where the label ends. */
  readonly clauses: Draft<Clause>[];
  /** Of a try_table or a legacy try. */
  handler: HandlerDraft | undefined;
  /** In a legacy catch: which of the hidden slots keeps its exception; else -1. */
  catchSlot: number;
}

class Translator {
  private readonly func: FuncInst;
  private readonly inst: ModuleInst;
  private readonly walk: FuncValidator;
  private readonly start: number;
  private readonly locals: readonly ValType[];
  private readonly words: number[] = [IOp.Enter, 0, 0, 0];
  private readonly pcs: number[] = [];
  private readonly offsets: number[] = [];
  private readonly heights: number[] = [];
  private readonly targets: Target[] = [];
  private readonly handlers: Handler[] = [];
  private readonly headers = new Set<number>();
  /** Slots below the operands. */
  private readonly slots: number;
  /** Hidden slots that are needed behind the locals. */
  kept = 0;
  private count = 0;
  private maxHeight = 0;
  private usesRefs: boolean;
  private usesVectors: boolean;

  /** `kept`: how many hidden slots there are behind the locals; a first run without any finds out. */
  constructor(func: FuncInst, start: number, kept: number) {
    if (!func.inst) throw new TypeError('a host function has no code');
    this.func = func;
    this.inst = func.inst;
    this.start = start;
    this.walk = new FuncValidator(func.inst.module, func.inst.features);
    this.locals = localTypes(func.inst.module, func.idx);
    this.slots = this.locals.length + kept;
    this.usesRefs = kept > 0 || this.locals.some(isRef) || func.type.results.some(isRef);
    this.usesVectors = this.locals.includes(V128) || func.type.results.includes(V128);
  }

  run(): Translation {
    const { walk, words } = this;
    walk.begin(this.func.idx);
    this.openTarget(false);
    while (walk.next()) {
      this.maxHeight = Math.max(this.maxHeight, walk.heightBefore, walk.height);
      this.instruction();
      // Also those that come out of a call or a field.
      if (walk.height > 0 && walk.typeAt(walk.height - 1) === V128) this.usesVectors = true;
    }
    const params = this.func.type.params.length;
    words[1] = 2 * (this.slots + Math.max(this.maxHeight, this.func.type.results.length));
    words[2] = 2 * params;
    words[3] = 2 * this.slots;
    return {
      words,
      pcs: Int32Array.from(this.pcs),
      offsets: Int32Array.from(this.offsets),
      heights: Int32Array.from(this.heights),
      localTypes: this.locals,
      slots: this.slots,
      handlers: this.handlers,
      headers: this.headers,
      usesRefs: this.usesRefs,
      usesVectors: this.usesVectors,
    };
  }

  /** pc of the next word. */
  private get pc(): number {
    return this.start + this.words.length - 4;
  }

  private instruction(): void {
    const { code } = this.walk.instr;
    if (code === Op.end) this.end();
    else if (code === Op.else) this.else();
    else if (code === Op.catch || code === Op.catch_all) this.catch();
    else if (code === Op.delegate) this.delegate();
    else if (this.walk.wasReachable) {
      this.site();
      this.count++;
      this.reachable(code);
    } else if (code === Op.block || code === Op.loop || code === Op.if) this.openTarget(false);
    else if (code === Op.try || code === Op.try_table) this.protect([]);
  }

  private site(): void {
    this.pcs.push(this.pc);
    this.offsets.push(this.walk.instr.offset);
    this.heights.push(this.walk.heightBefore);
  }

  /** An op and its words. */
  private emit(op: IOp, ...words: number[]): void {
    if (op >= IOp.GlobalGetRef && op <= IOp.TableFill) this.usesRefs = true;
    this.words.push(op, ...words);
  }

  private openTarget(isLoop: boolean): void {
    this.targets.push({
      pc: isLoop ? this.pc : -1,
      count: this.count,
      jumps: [],
      elseJump: -1,
      clauses: [],
      handler: undefined,
      catchSlot: -1,
    });
  }

  private reachable(code: number): void {
    const { instr } = this.walk;
    if (this.vector()) return;
    switch (code) {
      case Op.unreachable:
        this.emit(IOp.Unreachable);
        return;
      case Op.nop:
        this.emit(IOp.Nop);
        return;
      case Op.block:
        this.emit(IOp.Nop);
        this.openTarget(false);
        return;
      case Op.loop:
        this.loop();
        return;
      case Op.try:
      case Op.try_table:
        this.emit(IOp.Nop);
        this.protect(code === Op.try ? [] : this.tableClauses(instr.list));
        return;
      case Op.throw:
        this.emit(IOp.Throw, this.inst.tags[instr.a].addr);
        return;
      case Op.throw_ref:
        this.emit(IOp.ThrowRef);
        return;
      case Op.rethrow: {
        const { catchSlot } = this.targets[this.targets.length - 1 - instr.a];
        this.emit(IOp.Rethrow, 2 * (this.locals.length + catchSlot));
        return;
      }
      case Op.if:
        this.emit(IOp.If, -1, this.count);
        this.openTarget(false);
        this.targets[this.targets.length - 1].elseJump = this.words.length - 2;
        return;
      case Op.br:
        this.branch(instr.a, IOp.Br, IOp.BrBack, IOp.BrMove, this.walk.heightBefore);
        return;
      case Op.br_if:
        this.branch(instr.a, IOp.BrIf, IOp.BrIfBack, IOp.BrIfMove, this.walk.heightBefore - 1);
        return;
      case Op.br_table:
        this.branchTable(instr.list);
        return;
      case Op.return:
        this.return();
        return;
      case Op.call:
        this.call(instr.a);
        return;
      case Op.call_indirect:
        this.callIndirect(IOp.CallIndirect, instr.a, instr.b);
        return;
      case Op.return_call: {
        const callee = this.inst.funcs[instr.a];
        this.emit(IOp.TailCall, callee.addr, 0, slotCount(callee.type.params), this.count);
        return;
      }
      case Op.return_call_indirect:
        this.callIndirect(IOp.TailCallIndirect, instr.a, instr.b);
        return;
      case Op.call_ref: {
        const { params } = funcTypeAt(this.inst.module, instr.a)!;
        this.emit(IOp.CallRef, -1, -1, 2 * params.length + 2, this.count);
        return;
      }
      case Op.return_call_ref: {
        const { params } = funcTypeAt(this.inst.module, instr.a)!;
        this.emit(IOp.TailCallRef, -1, -1, slotCount(params), this.count);
        return;
      }
      case Op.br_on_null:
        this.branchOnNull(IOp.BrOnNull, instr.a);
        return;
      case Op.br_on_non_null:
        this.branchOnNull(IOp.BrOnNonNull, instr.a);
        return;
      case Op.ref_as_non_null:
        this.emit(IOp.RefAsNonNull);
        return;
      case Op.br_on_cast:
      case Op.br_on_cast_fail:
        this.branchOnCast(instr.a);
        return;
      case Op.drop:
        this.emit(IOp.Drop);
        return;
      case Op.select:
        this.emit(byWidth(this.walk.poppedType, IOp.Select32, IOp.Select64, IOp.SelectRef));
        return;
      case Op.select_t:
        this.emit(byWidth(instr.list[0], IOp.Select32, IOp.Select64, IOp.SelectRef));
        return;
      case Op.local_get:
        this.local(IOp.LocalGet32, IOp.LocalGet64, IOp.LocalGetRef);
        return;
      case Op.local_set:
        this.local(IOp.LocalSet32, IOp.LocalSet64, IOp.LocalSetRef);
        return;
      case Op.local_tee:
        this.local(IOp.LocalTee32, IOp.LocalTee64, IOp.LocalTeeRef);
        return;
      case Op.global_get:
        this.global(IOp.GlobalGet32, IOp.GlobalGet64, IOp.GlobalGetRef);
        return;
      case Op.global_set:
        this.global(IOp.GlobalSet32, IOp.GlobalSet64, IOp.GlobalSetRef);
        return;
      case Op.i32_const:
      case Op.f32_const:
        this.emit(IOp.Const32, instr.lo);
        return;
      case Op.i64_const:
      case Op.f64_const:
        this.emit(IOp.Const64, instr.lo, instr.hi);
        return;
      case Op.memory_grow:
        this.emit(IOp.MemoryGrow, this.inst.mems[instr.a].addr);
        return;
      case Op.ref_null:
        this.emit(IOp.RefNull);
        return;
      case Op.ref_is_null:
        this.emit(IOp.RefIsNull);
        return;
      case Op.ref_func:
        this.emit(IOp.RefFunc, this.inst.funcs[instr.a].addr);
        return;
      default:
        this.plain(code);
        return;
    }
  }

  /** A loop is a place to pause at, also for who comes to it the first time: as compiled code has it (host/body.ts). */
  private loop(): void {
    // One without code is none: there may be no place to stop behind it.
    if (this.inst.module.bytes[this.walk.instr.pos] === END) this.emit(IOp.Nop);
    else {
      this.emit(IOp.Loop, this.count);
      this.headers.add(this.pc);
    }
    this.openTarget(true);
  }

  /** Emits an instruction on vectors; false for any other. */
  private vector(): boolean {
    const words = vectorWords(this.walk, this.inst, this.locals, this.slots);
    if (!words) return false;
    this.words.push(...words);
    this.usesVectors = true;
    return true;
  }

  private plain(code: number): void {
    if (code >= Op.i32_eqz && code <= Op.i64_extend32_s) {
      this.emit(code);
      return;
    }
    if (code >= Op.i32_load && code <= Op.memory_size) {
      this.emit(...accessWords(this.inst, this.walk.instr));
      return;
    }
    if (code >= Op.i32_trunc_sat_f32_s && code <= Op.i64_trunc_sat_f64_u) {
      this.emit(IOp.TruncSat + (code - Op.i32_trunc_sat_f32_s));
      return;
    }
    const gc = gcWords(this.inst, this.walk.instr);
    if (gc) {
      this.usesRefs = true;
      this.emit(IOp.Gc, ...gc);
      return;
    }
    if (code >= Op.i64_add128 && code <= Op.i64_mul_wide_u) {
      this.emit(IOp.Wide, code - Op.i64_add128);
      return;
    }
    if (code >> 12 === 0xfe) {
      this.emit(...atomicWords(this.inst, this.walk.instr));
      return;
    }
    this.emit(...bulkWords(this.inst, this.walk.instr));
  }

  private local(op32: IOp, op64: IOp, opRef: IOp): void {
    const { a } = this.walk.instr;
    this.emit(byWidth(this.locals[a], op32, op64, opRef), 2 * a);
  }

  private global(op32: IOp, op64: IOp, opRef: IOp): void {
    const { addr, type } = this.inst.globals[this.walk.instr.a];
    const op = byWidth(type.type, op32, op64, opRef);
    this.emit(op, op === opRef ? addr : 2 * addr);
  }

  private call(funcIdx: number): void {
    const callee = this.inst.funcs[funcIdx];
    const cross = callee.mem0 >= 0 && callee.mem0 !== this.func.mem0;
    this.emit(cross ? IOp.CallCross : IOp.Call, callee.addr, 2 * callee.type.params.length, this.count);
  }

  private callIndirect(op: IOp, typeIdx: number, tableIdx: number): void {
    const { params } = funcTypeAt(this.inst.module, typeIdx)!;
    const args = op === IOp.CallIndirect ? 2 * params.length : slotCount(params);
    const extra = op === IOp.CallIndirect ? 2 : 0;
    const { addr, type } = this.inst.tables[tableIdx];
    if (type.is64) op = op === IOp.CallIndirect ? IOp.CallRef : IOp.TailCallRef;
    this.emit(op, addr, this.inst.typeIds[typeIdx], args + extra, this.count);
  }

  private return(): void {
    const { results } = this.func.type;
    if (results.length === 0) this.emit(IOp.Return0, this.count);
    else if (results.length > 1 || isBeside(results[0]))
      this.emit(IOp.ReturnN, slotCount(results), this.count);
    else this.emit(byWidth(results[0], IOp.Return32, IOp.Return64, IOp.ReturnN), this.count);
  }

  private branch(label: number, forward: IOp, back: IOp, move: IOp, height: number): void {
    const control = this.controlAt(label);
    const isLoop = control.kind === 'loop';
    const types = isLoop ? control.params : control.results;
    if (height === control.height + types.length) {
      this.emit(isLoop ? back : forward);
      this.jumpWords(label);
    } else {
      this.emit(move);
      this.jumpWords(label);
      this.keepWords(control, types, isLoop);
    }
  }

  private branchOnNull(op: IOp, label: number): void {
    const control = this.controlAt(label);
    const isLoop = control.kind === 'loop';
    this.emit(op);
    this.jumpWords(label);
    this.keepWords(control, isLoop ? control.params : control.results, isLoop);
  }

  /** The reference stays: it is the last thing that the branch takes along. */
  private branchOnCast(label: number): void {
    const { code, c: target } = this.walk.instr;
    const control = this.controlAt(label);
    const isLoop = control.kind === 'loop';
    this.usesRefs = true;
    this.emit(IOp.BrOnCast);
    this.jumpWords(label);
    this.keepWords(control, isLoop ? control.params : control.results, isLoop);
    this.words.push(...castWords(this.inst, target), code === Op.br_on_cast_fail ? 1 : 0);
  }

  private branchTable(labels: readonly number[]): void {
    this.emit(IOp.BrTable, labels.length - 1);
    for (const label of labels) {
      const control = this.controlAt(label);
      const isLoop = control.kind === 'loop';
      this.jumpWords(label);
      this.keepWords(control, isLoop ? control.params : control.results, isLoop);
    }
  }

  private controlAt(label: number): Control {
    const { controls } = this.walk;
    return controls[controls.length - 1 - label];
  }

  /** Target pc and count difference of a jump to a label. */
  private jumpWords(label: number): void {
    const target = this.targets[this.targets.length - 1 - label];
    if (target.pc >= 0) {
      this.words.push(target.pc, this.count - target.count);
    } else {
      target.jumps.push(this.words.length);
      this.words.push(-1, this.count);
    }
  }

  private keepWords(control: Control, types: readonly ValType[], isLoop: boolean): void {
    this.words.push(2 * (this.slots + control.height), slotCount(types), isLoop ? 0 : NO_LIMIT);
  }

  /** Opens the label of a try_table or try, whose code the clauses protect (a try's come later). */
  private protect(clauses: Draft<Clause>[]): void {
    this.openTarget(false);
    const depth = this.targets.length - 1;
    this.targets[depth].handler = { start: this.pc, end: -1, depth, delegate: -1, clauses };
  }

  private endHandler(handler: HandlerDraft): void {
    handler.end = this.pc;
    this.handlers.push(handler);
  }

  /** The clauses of a try_table: they branch to labels that are open around it. */
  private tableClauses(list: readonly number[]): Draft<Clause>[] {
    const clauses: Draft<Clause>[] = [];
    for (let i = 0; i < list.length; i += 3) {
      const target = this.targets[this.targets.length - 1 - list[i + 2]];
      // The walk has opened the try_table's own label already.
      const control = this.controlAt(list[i + 2] + 1);
      const tag = list[i + 1] < 0 ? undefined : this.inst.tags[list[i + 1]];
      const withRef = list[i] === CATCH.catchRef || list[i] === CATCH.catchAllRef;
      const clause = this.clause(tag, withRef, -1, control);
      clause.pc = target.pc;
      clause.count = target.count;
      if (target.pc < 0) target.clauses.push(clause);
      clauses.push(clause);
    }
    return clauses;
  }

  private clause(
    tag: TagInst | undefined,
    withRef: boolean,
    kept: number,
    { height }: Control,
  ): Draft<Clause> {
    this.usesRefs ||= withRef || (tag?.type.params.some(isRef) ?? false);
    this.usesVectors ||= tag?.type.params.includes(V128) ?? false;
    return { tag, withRef, kept, base: 2 * (this.slots + height), pc: this.pc, count: this.count };
  }

  /** A legacy clause, the first or a later one: what is before it jumps to the end. */
  private catch(): void {
    const { instr, controls } = this.walk;
    const target = this.targets[this.targets.length - 1];
    const handler = target.handler!;
    this.jumpToEnd(target);
    if (handler.end < 0) this.endHandler(handler);
    if (target.catchSlot < 0)
      target.catchSlot = this.targets.filter(({ catchSlot }) => catchSlot >= 0).length;
    this.kept = Math.max(this.kept, target.catchSlot + 1);
    const tag = instr.code === Op.catch ? this.inst.tags[instr.a] : undefined;
    const kept = 2 * (this.locals.length + target.catchSlot);
    handler.clauses.push(this.clause(tag, false, kept, controls[controls.length - 1]));
  }

  /** Ends a legacy try; the label is one around it. */
  private delegate(): void {
    const { instr, controls } = this.walk;
    this.targets[this.targets.length - 1].handler!.delegate = controls.length - 1 - instr.a;
    this.end();
  }

  private jumpToEnd(target: Target): void {
    if (!this.walk.wasReachable) return;
    target.jumps.push(this.words.length + 1);
    this.emit(IOp.Jump, -1, this.count);
  }

  private else(): void {
    const target = this.targets[this.targets.length - 1];
    this.jumpToEnd(target);
    if (target.elseJump >= 0) this.land(target.elseJump);
    target.elseJump = -1;
  }

  private end(): void {
    const target = this.targets.pop()!;
    if (target.handler && target.handler.end < 0) this.endHandler(target.handler);
    if (target.elseJump >= 0) this.land(target.elseJump);
    for (const at of target.jumps) this.land(at);
    for (const clause of target.clauses) {
      clause.pc = this.pc;
      clause.count = this.count;
    }
    if (this.targets.length > 0) return;
    if (!this.walk.wasReachable && target.jumps.length + target.clauses.length === 0) return;
    // Behind a jump the static height is that of the results alone.
    this.pcs.push(this.pc);
    this.offsets.push(this.walk.instr.offset);
    this.heights.push(this.func.type.results.length);
    this.return();
  }

  /** Makes the jump whose words are at `at` land here. */
  private land(at: number): void {
    this.words[at] = this.pc;
    this.words[at + 1] -= this.count;
  }
}

/** How many slots to move; `~n` if some of them are references or vectors. */
function slotCount(types: readonly ValType[]): number {
  return types.some(isBeside) ? ~types.length : types.length;
}

function byWidth(type: ValType, op32: IOp, op64: IOp, opRef: IOp): IOp {
  if (isRef(type)) return opRef;
  return type === I32 || type === F32 ? op32 : op64;
}
