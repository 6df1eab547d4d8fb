/**
 * Translated code: one growing image for all functions of a store, and the maps between pc and byte offset.
 *
 *     0            0, SwitchBack, 0, Halt: where Pc.Mark and Pc.Halt point, each behind a count of 0
 *     stubs        Enter 0 0 0 Translate addr, for every function that was not called yet; Enter 0 0 0 Host addr
 *     functions    Enter words…, then one internal op a Wasm instruction; `entry[addr]` is the op behind Enter
 *
 * A breakpoint overwrites an op with Break and keeps the original aside, so code without breakpoints pays nothing
 * (measured: a check on every instruction costs 17 to 28 %). For single steps there is a second image, the shadow,
 * in which every stoppable op is a Break: putting one original back makes exactly one instruction run, whatever it
 * is. An op that may touch what is watched has a bit beside it, only while something is (watch.ts). Knows how
 * functions become code only by calling translate.ts.
 */

import type { ValType } from '../isa/types.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import type { Handler } from './handler.ts';
import type { Activations } from './host/activation.ts';
import type { Profile } from './host/profile.ts';
import { type Interrupts, NONE } from './interrupts.ts';
import { IOp } from './iop.ts';
import { translate } from './translate.ts';
import { WATCHED, type Watches } from './watch.ts';

/** A translated function. Sites are the places where it can stop: its reachable instructions and its last `end`. */
export interface FuncCode {
  readonly func: FuncInst;
  /** pc of the first op, the one behind Enter, and one past the last word. */
  readonly start: number;
  readonly end: number;
  /** pc of each site, ascending; the static count before a site is its index here. */
  readonly pcs: Int32Array;
  /** Byte offset of each site, ascending. */
  readonly offsets: Int32Array;
  /** Operand slots on the stack before each site. */
  readonly heights: Int32Array;
  readonly localTypes: readonly ValType[];
  /** Slots below the operands: the locals, and what legacy catches keep. */
  readonly slots: number;
  /** Innermost first. */
  readonly handlers: readonly Handler[];
  /** pcs of the first instructions of loops. */
  readonly headers: ReadonlySet<number>;
  /** Whether it touches references, or vectors: then the machine needs room for them. */
  readonly usesRefs: boolean;
  readonly usesVectors: boolean;
}

type Words = Int32Array<ArrayBuffer>;

/** Words of the Enter op before a function's first op. */
export const ENTER_WORDS = 4;

export class CodeSpace {
  readonly store: Store;
  code: Words = new Int32Array(1 << 12);
  /** pc of each function's first op by address. */
  entry: Words = new Int32Array(64);
  /** Whether any translated function touches references, or vectors: then every machine needs room for them. */
  usesRefs = false;
  usesVectors = false;
  private length = 0;
  private stubbed = 0;
  private shadowImage: Words | undefined;
  private readonly translated: FuncCode[] = [];
  private readonly byAddr = new Map<number, FuncCode>();
  /** Host function by the pc of its Host op. */
  private readonly hosts = new Map<number, FuncInst>();
  private readonly originals = new Map<number, number>();
  /** Entries of functions whose calls go to compiled code, by address. */
  private readonly native = new Map<number, number>();
  private readonly nativeStubs = new Map<number, number>();
  /** pc of the Translate or Host op of each function, by address. */
  private readonly stubs: number[] = [];
  /** Counts changes of what has breakpoints. */
  breakVersion = 0;
  /** Instructions that the interpreter has executed, about. */
  executed = 0;
  /** Counts the instructions of each function, if it is set before anything runs. */
  profile: Profile | undefined;
  /** Tier 1, where code runs in it. */
  tier: Activations | undefined;
  /** Hears of what the tiers do, a line at a time: for a log. */
  tiersLog: ((line: string) => void) | undefined;
  /** Who may want that what runs comes back soon. */
  interrupts: Interrupts = NONE;
  /** What is watched (`watch`): the ops that may touch it have the bit WATCHED. */
  watches: Watches | undefined;
  /** Breakpoints of functions that are not translated yet: byte offsets by address. */
  private readonly waiting = new Map<number, Set<number>>();

  constructor(store: Store) {
    this.store = store;
    this.append([0, IOp.SwitchBack, 0, IOp.Halt]);
  }

  /** Gives every function that the store got since the last call an entry. */
  sync(): void {
    const { funcs } = this.store;
    if (this.stubbed === funcs.length) return;
    if (funcs.length > this.entry.length) {
      const entry = new Int32Array(Math.max(funcs.length, 2 * this.entry.length));
      entry.set(this.entry);
      this.entry = entry;
    }
    const words: number[] = [];
    const base = this.length + ENTER_WORDS;
    for (; this.stubbed < funcs.length; this.stubbed++) {
      const func = funcs[this.stubbed];
      const pc = base + words.length;
      this.entry[func.addr] = pc;
      this.stubs[func.addr] = pc;
      if (func.host) this.hosts.set(pc, func);
      words.push(IOp.Enter, 0, 0, 0, func.host ? IOp.Host : IOp.Translate, func.addr);
    }
    this.append(words);
  }

  /** The code of a Wasm function, translated on first use. Throws what validation throws. */
  codeOf(func: FuncInst): FuncCode {
    let made = this.byAddr.get(func.addr);
    if (!made) {
      this.sync();
      const { words, ...sites } = translate(func, this.length + ENTER_WORDS);
      const start = this.length + ENTER_WORDS;
      made = { func, start, end: this.length + words.length, ...sites };
      this.append(words);
      this.translated.push(made);
      this.byAddr.set(func.addr, made);
      if (!this.native.has(func.addr)) this.entry[func.addr] = start;
      this.shadowSites(made);
      this.usesRefs ||= made.usesRefs;
      this.usesVectors ||= made.usesVectors;
      if (this.watches) this.markWatched(made);
      for (const offset of this.waiting.get(func.addr) ?? []) this.setBreak(pcAt(made, offset));
      this.waiting.delete(func.addr);
    }
    return made;
  }

  /** Sends calls of these functions to compiled code, those of all others to the interpreter. */
  enterNative(funcs: Iterable<FuncInst>): void {
    this.sync();
    const before = [...this.native.keys()];
    this.native.clear();
    const words: number[] = [];
    for (const { addr } of funcs) {
      let pc = this.nativeStubs.get(addr);
      if (pc === undefined) {
        pc = this.length + words.length + ENTER_WORDS;
        this.nativeStubs.set(addr, pc);
        words.push(IOp.Enter, 0, 0, 0, IOp.Native, addr);
      }
      this.native.set(addr, pc);
      this.entry[addr] = pc;
    }
    this.append(words);
    for (const addr of before) if (!this.native.has(addr)) this.entry[addr] = this.interpreted(addr);
  }

  /** Offsets of the instructions that have breakpoints, by the address of their function. */
  get broken(): Map<number, Set<number>> {
    const broken = new Map<number, Set<number>>();
    for (const [addr, offsets] of this.waiting) if (offsets.size > 0) broken.set(addr, new Set(offsets));
    for (const pc of this.originals.keys()) {
      const code = this.codeAt(pc);
      if (!code) continue;
      const { addr } = code.func;
      const offsets = broken.get(addr) ?? new Set();
      broken.set(addr, offsets.add(code.offsets[siteAt(code, pc)]));
    }
    return broken;
  }

  /**
   * Sets a breakpoint on the instruction at exactly `offset` of a function, which must be one of its sites. Costs
   * nothing for a function that was not called yet: it is set when that is translated.
   */
  breakAt(func: FuncInst, offset: number): void {
    const made = this.byAddr.get(func.addr);
    const offsets = this.waiting.get(func.addr);
    this.breakVersion++;
    if (made) this.setBreak(pcAt(made, offset));
    else if (offsets) offsets.add(offset);
    else this.waiting.set(func.addr, new Set([offset]));
  }

  /** Takes a breakpoint away that `breakAt` has set. */
  unbreakAt(func: FuncInst, offset: number): void {
    const made = this.byAddr.get(func.addr);
    this.breakVersion++;
    if (made) this.clearBreak(pcAt(made, offset));
    else this.waiting.get(func.addr)?.delete(offset);
  }

  /** Stops in front of every call of a host function, when its arguments are there (not in the shadow image). */
  breakCall(func: FuncInst): void {
    this.sync();
    this.setBreak(this.entry[func.addr]);
  }

  unbreakCall(func: FuncInst): void {
    this.clearBreak(this.entry[func.addr]);
  }

  /** Functions that were translated, in their order, but for the first `count`. */
  translatedFrom(count: number): readonly FuncCode[] {
    return this.translated.slice(count);
  }

  /** The translated function that holds `pc`; undefined for stubs. */
  codeAt(pc: number): FuncCode | undefined {
    const i = lastAtOrBelow(this.translated.length, pc, (k) => this.translated[k].start);
    const found = this.translated[i];
    return found && pc < found.end ? found : undefined;
  }

  /** Words of the frame that runs at `pc`, at most; of one that is only called, of its arguments and results. */
  frameWords(pc: number): number {
    for (const at of [pc, pc + ENTER_WORDS]) {
      const code = this.codeAt(at);
      if (code) return this.code[code.start - ENTER_WORDS + 1];
      const addr = this.code[at + 1];
      if (this.stubs[addr] !== at && this.nativeStubs.get(addr) !== at) continue;
      const { params, results } = this.store.funcs[addr].type;
      return 2 * Math.max(params.length, results.length);
    }
    return 0;
  }

  /** The host function whose stub is at `pc`. */
  hostAt(pc: number): FuncInst | undefined {
    return this.hosts.get(pc);
  }

  /** The function that a Translate or Host op at `pc` is about. */
  stubbedAt(pc: number): FuncInst {
    return this.store.funcs[this.code[pc + 1]];
  }

  /** The op at `pc`, also under a breakpoint, watched or not. */
  opAt(pc: number): number {
    return this.wordAt(pc) & ~WATCHED;
  }

  /** Whether the op at `pc` may touch what is watched. */
  isWatched(pc: number): boolean {
    return (this.wordAt(pc) & WATCHED) !== 0;
  }

  /** Watches what is given instead of what was watched; undefined: nothing. */
  watch(watches: Watches | undefined): void {
    this.watches?.release();
    this.watches = watches;
    for (const code of this.translated) this.markWatched(code);
  }

  hasBreak(pc: number): boolean {
    return this.originals.has(pc);
  }

  setBreak(pc: number): void {
    if (this.originals.has(pc)) return;
    this.breakVersion++;
    this.originals.set(pc, this.code[pc]);
    this.code[pc] = IOp.Break;
  }

  clearBreak(pc: number): void {
    const op = this.originals.get(pc);
    if (op === undefined) return;
    this.breakVersion++;
    this.code[pc] = op;
    this.originals.delete(pc);
  }

  /** The image in which every site is a Break. */
  get shadow(): Words {
    if (!this.shadowImage) {
      this.shadowImage = this.code.slice();
      // Stubs are no places to stop in it.
      for (const [pc, word] of this.originals) this.shadowImage[pc] = word & ~WATCHED;
      for (const code of this.translated) this.shadowSites(code);
    }
    return this.shadowImage;
  }

  private append(words: readonly number[]): void {
    const need = this.length + words.length;
    this.code = grown(this.code, need);
    this.code.set(words, this.length);
    if (this.shadowImage) {
      this.shadowImage = grown(this.shadowImage, need);
      this.shadowImage.set(words, this.length);
    }
    this.length = need;
  }

  private wordAt(pc: number): number {
    return this.originals.get(pc) ?? this.code[pc];
  }

  private markWatched({ func, pcs }: FuncCode): void {
    const { watches } = this;
    for (const pc of pcs) {
      const op = this.opAt(pc);
      const word = watches?.mayTouch(func, this.code, pc, op) ? op | WATCHED : op;
      if (this.originals.has(pc)) this.originals.set(pc, word);
      else this.code[pc] = word;
    }
  }

  /** Where the interpreter enters a function. */
  private interpreted(addr: number): number {
    const made = this.byAddr.get(addr);
    return made ? made.start : this.stubs[addr];
  }

  private shadowSites({ pcs }: FuncCode): void {
    if (!this.shadowImage) return;
    for (const pc of pcs) this.shadowImage[pc] = IOp.Break;
  }
}

/** Index of the last site at or before `pc`; -1 before the first. */
export function siteAt(code: FuncCode, pc: number): number {
  return lastAtOrBelow(code.pcs.length, pc, (k) => code.pcs[k]);
}

function pcAt(code: FuncCode, offset: number): number {
  const pc = code.pcs[siteFrom(code, offset)];
  if (pc === undefined) throw new RangeError(`no instruction at or behind ${offset}`);
  return pc;
}

/** Index of the first site at or behind byte `offset`; the number of sites if there is none. */
export function siteFrom(code: FuncCode, offset: number): number {
  return lastAtOrBelow(code.offsets.length, offset - 1, (k) => code.offsets[k]) + 1;
}

/** Binary search in an ascending sequence: the last index whose key is not above `wanted`, or -1. */
function lastAtOrBelow(length: number, wanted: number, keyAt: (k: number) => number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (keyAt(mid) <= wanted) low = mid + 1;
    else high = mid;
  }
  return low - 1;
}

function grown(words: Words, need: number): Words {
  if (need <= words.length) return words;
  const out = new Int32Array(Math.max(need, 2 * words.length));
  out.set(words);
  return out;
}
