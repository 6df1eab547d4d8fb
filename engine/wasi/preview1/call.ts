/**
 * One call of a function of wasi_snapshot_preview1, as the functions see it, and how they are written.
 *
 * A function answers by writing into the guest's memory; that it comes to its end is `success`. What it throws as a
 * HostError is the error that it returns; anything else ends the program.
 */

import type { ModuleInst } from '../../runtime/module-inst.ts';
import { fail } from '../host.ts';
import type { Steps } from '../steps.ts';
import type { WasiContext } from './context.ts';
import { GuestMemory } from './guest-memory.ts';

export class Call {
  readonly wasi: WasiContext;
  readonly #caller: ModuleInst | undefined;
  #memory: GuestMemory | undefined;

  constructor(wasi: WasiContext, caller: ModuleInst | undefined) {
    this.wasi = wasi;
    this.#caller = caller;
  }

  /** Of the calling instance. Throws a trap if it has none; a function that needs none does not ask. */
  get memory(): GuestMemory {
    this.#memory ??= new GuestMemory(this.#caller);
    return this.#memory;
  }
}

/** The types of a function's parameters, one letter each: `i` is an i32 and comes unsigned, `I` an i64. */
export type Params = string;

/** Its parameters come as numbers and BigInts, in their order. */
export interface WasiFunction {
  readonly params: Params;
  // biome-ignore lint/suspicious/noExplicitAny: each function has parameters of its own; `params` says which.
  readonly run: (call: Call, ...args: any[]) => Steps<void> | void;
}

/** Throws `inval` if there are bits beside the known ones. */
export function checkFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) fail('inval');
}
