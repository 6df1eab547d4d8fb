/**
 * What host functions did since the last snapshot: results, exceptions and the bytes that they wrote. A replay is given
 * the same again, and nothing happens outside a second time.
 *
 * A call is recorded when its answer is there, also one that came by a promise. Whoever writes into a memory for a host
 * function says so (`MemInst.recorded`); what a JavaScript import writes by itself nobody hears of, so a replay is
 * compared with what was there in the end. What cannot be repeated breaks the log until the next snapshot.
 */

import type { FuncInst } from '../../runtime/func.ts';
import type { MemInst } from '../../runtime/memory.ts';
import { isRefValue, type Value } from '../../runtime/values.ts';

/** How a host function ended. */
export type HostAnswer =
  | { readonly kind: 'results'; readonly results: readonly Value[] }
  | { readonly kind: 'thrown'; readonly error: unknown };

interface Write {
  readonly mem: MemInst;
  readonly at: number;
  readonly bytes: Uint8Array;
}

interface Call {
  readonly func: FuncInst;
  readonly args: readonly Value[];
  readonly answer: HostAnswer;
  readonly writes: readonly Write[];
}

/** Bytes of writes, and calls, that are kept: what is beyond makes a snapshot cheaper than the log. */
const MAX_BYTES = 1 << 25;
const MAX_CALLS = 1 << 18;
/** Calls, a power of two, behind which it had better begin anew: what is kept for long costs the collector of garbage time. */
const LONG = 1 << 13;

/** A replay came to another host call than the program did: it is not what the program did. */
export class Diverged extends Error {}

export class HostLog {
  #calls: Call[] = [];
  #writes: { mem: MemInst; at: number; length: number }[] = [];
  #bytes = 0;
  #broken: string | undefined = 'nothing was recorded yet';
  #next = 0;
  #diverged = false;

  /** Forgets everything: what comes is behind a new snapshot. */
  clear(): void {
    this.#calls = [];
    this.#writes = [];
    this.#bytes = 0;
    this.#broken = undefined;
  }

  /** Nothing before the next snapshot can be repeated; the first reason stays. */
  break(reason: string): void {
    this.#broken ??= reason;
    this.#calls = [];
    this.#writes = [];
  }

  /** Why what happened cannot be repeated. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** A host function has written these bytes of a memory. */
  wrote(mem: MemInst, at: number, length: number): void {
    if (this.#broken === undefined) this.#writes.push({ mem, at, length });
  }

  /** A host function has answered; the memories are as it left them. */
  record(func: FuncInst, args: readonly Value[], answer: HostAnswer): void {
    if (this.#broken !== undefined) return;
    const writes = this.#writes.map(({ mem, at, length }) => ({
      mem,
      at,
      bytes: mem.bytes.slice(at, at + length),
    }));
    this.#writes = [];
    for (const { bytes } of writes) this.#bytes += bytes.length;
    this.#calls.push({ func, args: args.slice(), answer, writes });
    if (this.#bytes > MAX_BYTES || this.#calls.length > MAX_CALLS)
      this.break('the host did too much since then');
  }

  /** From here on `repeat` answers, from the first call on. */
  rewind(): void {
    this.#next = 0;
    this.#diverged = false;
  }

  /** True if `repeat` was asked for another call than there was, whatever became of what it threw. */
  get diverged(): boolean {
    return this.#diverged;
  }

  /** It is long, and a new snapshot would do it good. */
  get isLong(): boolean {
    return this.#calls.length >= LONG;
  }

  /** True at one call in so many of a long log: a place to look for a new snapshot. */
  get isAtLength(): boolean {
    return this.isLong && (this.#calls.length & (LONG - 1)) === 0;
  }

  /** True when `repeat` has given all answers. */
  get isRepeated(): boolean {
    return this.#next >= this.#calls.length;
  }

  /** What the host did at this call: its writes are done again. Throws `Diverged` if another call was made here. */
  repeat(func: FuncInst, args: readonly Value[]): HostAnswer {
    const call = this.#calls[this.#next++];
    if (!call || call.func !== func || !call.args.every((arg, i) => sameValue(arg, args[i]))) {
      this.#diverged = true;
      throw new Diverged();
    }
    for (const { mem, at, bytes } of call.writes) mem.bytes.set(bytes, at);
    return call.answer;
  }
}

function sameValue(a: Value, b: Value): boolean {
  if (isRefValue(a)) return isRefValue(b) && a.ref === b.ref;
  return !isRefValue(b) && a.bits === b.bits;
}
