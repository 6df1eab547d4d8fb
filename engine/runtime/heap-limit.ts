/**
 * How much the garbage-collected objects of a store may take. A program that makes objects for ever ends with a fault of
 * ours; without a limit the host's own heap would run out, and the host ends the process.
 *
 * The host collects objects and tells nobody, so what lives is found by looking: when as much was made as lived the last
 * time, everything that can be reached from tables, globals, segments and operand stacks is visited once. That costs a
 * bounded share of the time, whatever the program does. Sizes are estimates, measured on Node 24: a struct of n slots took
 * 96 to 112 + 8 n bytes. What the host holds itself (strings, references that it keeps) is not in them.
 */

import { ExnInst } from './exn.ts';
import { ArrayInst, StructInst } from './heap.ts';
import type { Store } from './store.ts';
import type { Ref } from './values.ts';

/** Half of what the smallest default heap of a host has (2 GiB): its collector needs room. */
const MAX_BYTES = 2 ** 30;
/** Fewer bytes are not worth a look. */
const FIRST_LOOK = 2 ** 26;

/** An exception, and an argument of it. */
const EXN_BYTES = 100;
const ARGUMENT_BYTES = 100;

/** What an exception takes in the host, by estimate. */
export function exnBytes({ args }: ExnInst): number {
  return EXN_BYTES + ARGUMENT_BYTES * args.length;
}

export class HeapLimit {
  /** Bytes of live objects that are allowed. */
  readonly max: number;
  /** Bytes made since the last look; whoever makes an object adds to it and asks `look` above `next`. */
  made = 0;
  next: number;
  /** Bytes that lived at the last look. */
  live = 0;
  private epoch = 0;
  private stacks: WeakRef<readonly Ref[]>[] = [];
  /** With so many stacks, those that are gone are taken out. */
  private tidyAt = 16;
  private readonly store: Store;

  constructor(store: Store, max = MAX_BYTES) {
    this.store = store;
    this.max = max;
    this.next = Math.min(FIRST_LOOK, max);
  }

  /** Operand stacks hold objects as long as they are there themselves. */
  watch(stack: readonly Ref[]): void {
    if (this.stacks.length === this.tidyAt) {
      this.stacks = this.stacks.filter((known) => known.deref());
      this.tidyAt = 2 * this.stacks.length + 16;
    }
    this.stacks.push(new WeakRef(stack));
  }

  /** Is there room for `bytes` more? */
  reserve(bytes: number): boolean {
    this.made += bytes;
    return this.made <= this.next || this.look(bytes);
  }

  /** Visits what lives. Is there room for it and `bytes` more, which are counted as made already? */
  look(bytes: number): boolean {
    this.live = this.visit();
    this.made = bytes;
    this.next = Math.min(Math.max(FIRST_LOOK, this.live), Math.max(0, this.max - this.live));
    return this.live + bytes <= this.max;
  }

  /** Bytes of all objects that can be reached. */
  private visit(): number {
    const { tableElems, globalRefs, elems } = this.store;
    const epoch = ++this.epoch;
    const open: (StructInst | ArrayInst | ExnInst)[] = [];
    const take = (refs: readonly unknown[]) => {
      for (const ref of refs) {
        if (typeof ref !== 'object' || ref === null) continue;
        const isObject = ref instanceof StructInst || ref instanceof ArrayInst || ref instanceof ExnInst;
        if (!isObject || ref.seen === epoch) continue;
        ref.seen = epoch;
        open.push(ref);
      }
    };
    for (const refs of tableElems) take(refs);
    for (const refs of elems) take(refs);
    take(globalRefs);
    for (const stack of this.stacks) take(stack.deref() ?? []);
    let bytes = 0;
    for (let object = open.pop(); object; object = open.pop()) {
      if (object instanceof StructInst) {
        bytes += object.type.bytes;
        take(object.slots);
      } else if (object instanceof ArrayInst) {
        bytes += object.type.bytes + object.length * object.type.elementBytes;
        if (Array.isArray(object.elems)) take(object.elems);
      } else {
        bytes += exnBytes(object);
        take(object.args.map((arg) => ('ref' in arg ? arg.ref : null)));
      }
    }
    return bytes;
  }
}
