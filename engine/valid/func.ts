/**
 * THE typing engine: checks function bodies and constant expressions one instruction at a time (spec 3.4, A.3).
 *
 * Validation, translation, stack inspection and hovers all pull the same `FuncValidator`, so that there is one truth
 * about what is on the stack at an offset. Instructions whose row has a type are checked from arrays that are made
 * once from the table; the others have a rule (rules.ts). Decides nothing about what surrounds a body (module.ts).
 */

import { invalid, unsupported, usage } from '../base/errors.ts';
import { instrReader } from '../binary/instr.ts';
import { checkLimit } from '../binary/limits.ts';
import { FEATURE_NAMES } from '../isa/features.ts';
import { ADDR, INSTRS, type Instr, type SpecialName } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import type { InstrCode } from '../isa/row.ts';
import { I32, I64, type ValType } from '../isa/types.ts';
import { type ByteRange, type FeatureSet, funcTypeAt, type Module } from '../module/module.ts';
import { checkTypeIdx, checkValType } from './gate.ts';
import { IMMEDIATE_CHECKS, type ImmediateCheck } from './immediates.ts';
import { RULES, type Rule } from './rules.ts';
import { Typing } from './typing.ts';

export type { Control, ControlKind } from './typing.ts';

/**
 * Walks one function at a time: `begin(funcIdx)`, then `next()` until it is false. Between the calls all of `Typing`
 * says what the state is behind the instruction just checked; `heightBefore` and `wasReachable` what it was before.
 *
 * `begin` and `next` throw WasmErrors: `invalid`, `malformed` (the bytes are no instruction) or `unsupported`, at the
 * instruction's offset. After a throw the state is that before the fault, roughly: begin again.
 */
export class FuncValidator extends Typing {
  private readonly kinds: Uint8Array;

  constructor(module: Module, features: FeatureSet) {
    super(module, features, instrReader(module));
    this.kinds = kindsFor(features);
  }

  /** Sets out to check a function that has a body. */
  begin(funcIdx: number): void {
    const func = this.module.funcs[funcIdx];
    if (!func?.body) usage(`function ${funcIdx} has no body`);
    const { body, typeIdx, offset } = func;
    const type = funcTypeAt(this.module, typeIdx);
    if (!type) {
      checkTypeIdx(this.module, typeIdx, offset);
      invalid(offset, `unknown type ${typeIdx}: it is no function type`);
    }
    this.funcIdx = funcIdx;
    this.instr.startBody(body.codeStart, body.range.end);
    this.reset('func', body.codeStart, type.results);
    for (const param of type.params) this.addLocals(param, 1, true);
    const { locals } = body;
    for (let i = 0; i < locals.length; i += 2) {
      checkValType(this.module, this.features, locals[i + 1], body.range.start);
      checkLimit(body.range.start, 'locals', this.localCount + locals[i]);
      this.addLocals(locals[i + 1], locals[i], false);
    }
  }

  /** Sets out to check an expression that must leave one value; which instructions it may have is the caller's say. */
  beginExpr(range: ByteRange, type: ValType): void {
    this.funcIdx = -1;
    this.instr.startExpr(range.start, range.end);
    this.reset('expr', range.start, [type]);
  }

  /** Reads and checks one instruction. False when the last `end` was already behind. */
  next(): boolean {
    if (!this.instr.next()) return false;
    this.check();
    return true;
  }

  /** Checks the instruction that `instr` has read. */
  check(): void {
    const { code } = this.instr;
    this.heightBefore = this.height;
    this.wasReachable = !this.top.unreachable;
    this.ended = undefined;
    const slot = slotOf(code);
    switch (this.kinds[slot]) {
      case Kind.plain:
        this.apply(SIGNATURES_32, slot);
        break;
      case Kind.checked:
        this.apply(CHECKS[slot]!(this, ROWS[slot]!) ? SIGNATURES_64 : SIGNATURES_32, slot);
        break;
      case Kind.special:
        RULE_BY_SLOT[slot]!(this);
        break;
      default:
        unsupported(this.instr.offset, FEATURE_NAMES[ROWS[slot]!.feature]);
    }
  }

  /** Pops and pushes what a row says. */
  private apply(signatures: Int32Array, slot: number): void {
    const sig = slot * SIG_SIZE;
    const params = signatures[sig];
    const results = signatures[sig + 1];
    const at = this.height - params;
    if (at < this.floor) {
      this.applySlowly(signatures, slot);
      return;
    }
    const { stack } = this;
    for (let i = 0; i < params; i++) {
      if (stack[at + i] === signatures[sig + 2 + i]) continue;
      this.applySlowly(signatures, slot);
      return;
    }
    this.height = at;
    for (let i = 0; i < results; i++) this.push(signatures[sig + 2 + params + i]);
  }

  /** The same where operands are missing, come from nowhere, or are of a subtype. */
  private applySlowly(signatures: Int32Array, slot: number): void {
    const start = slot * SIG_SIZE;
    const split = start + 2 + signatures[start];
    this.popAll(Array.from(signatures.subarray(start + 2, split)));
    for (let i = 0; i < signatures[start + 1]; i++) this.push(signatures[split + i]);
  }
}

/** How an instruction is checked. */
const enum Kind {
  /** Not in the table, or its proposal is not among the features. */
  refused,
  /** By its row's type alone. */
  plain,
  /** By its row's type, after a look at its immediates. */
  checked,
  /** By its rule. */
  special,
}

/** One-byte codes, then 512 sub-opcodes for each prefix from 0xfb on. */
const SLOTS = 0x200 * 5;

function slotOf(code: InstrCode): number {
  return code < 0x100 ? code : (((code >> 12) - 0xfa) << 9) | (code & 0x1ff);
}

/** A signature: how many operands, how many results, then at most six types. */
const SIG_SIZE = 8;

const ROWS: (Instr | undefined)[] = new Array(SLOTS).fill(undefined);
const RULE_BY_SLOT: (Rule | undefined)[] = new Array(SLOTS).fill(undefined);
const CHECKS: (ImmediateCheck | undefined)[] = new Array(SLOTS).fill(undefined);
const SIGNATURES_32 = new Int32Array(SLOTS * SIG_SIZE);
const SIGNATURES_64 = new Int32Array(SLOTS * SIG_SIZE);

for (const instr of INSTRS) {
  const slot = slotOf(instr.code);
  ROWS[slot] = instr;
  if (instr.special) RULE_BY_SLOT[slot] = ruleOf(instr);
  else CHECKS[slot] = IMMEDIATE_CHECKS[instr.shape];
  writeSignature(SIGNATURES_32, slot, instr, I32);
  writeSignature(SIGNATURES_64, slot, instr, I64);
}

function ruleOf({ code, name }: Instr): Rule {
  return code === Op.select_t ? RULES.select_t : RULES[name as SpecialName];
}

function writeSignature(to: Int32Array, slot: number, { name, params, results }: Instr, addr: ValType): void {
  const types = [...params, ...results].map((type) => (type === ADDR ? addr : type));
  if (types.length > SIG_SIZE - 2) throw new Error(`instruction table: ${name} has too many operands`);
  to.set([params.length, results.length, ...types], slot * SIG_SIZE);
}

const KINDS = new WeakMap<FeatureSet, Uint8Array>();

/** How each instruction is checked under these features. A set must not change after its first use. */
function kindsFor(features: FeatureSet): Uint8Array {
  let kinds = KINDS.get(features);
  if (kinds) return kinds;
  kinds = new Uint8Array(SLOTS);
  for (const instr of INSTRS) {
    if (!allowed(features, instr)) continue;
    const slot = slotOf(instr.code);
    kinds[slot] = instr.special ? Kind.special : CHECKS[slot] ? Kind.checked : Kind.plain;
  }
  KINDS.set(features, kinds);
  return kinds;
}

/** Legacy exceptions share `throw` with the standard ones. */
function allowed(features: FeatureSet, { code, feature }: Instr): boolean {
  if (feature === 'mvp' || features.has(feature)) return true;
  return code === Op.throw && features.has('legacy-exceptions');
}
