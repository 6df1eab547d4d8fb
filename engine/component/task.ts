/**
 * Tasks and the calls that make them (CanonicalABI.md, Tasks and Subtasks): one call of a component's function as the
 * caller and the callee see it.
 *
 * A task is an object, not a place on a stack: what it has lent and its context slots are in it. That is what async
 * tasks, which begin and end apart from the calls that made them, need as well.
 */

import type { HostRequest } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import { i32, type NumValue, type Value } from '../runtime/values.ts';
import type { CanonOptions } from './canon/context.ts';
import type { ComponentFunc, ComponentInst } from './instance.ts';
import type { StringEncoding } from './model.ts';
import type { ResourceHandle } from './resources.ts';
import type { ValType } from './types.ts';
import type { ComponentValue } from './values.ts';

/** How a task that is lifted as async returns. */
export interface Returning {
  readonly call: ComponentCall;
  readonly opts: CanonOptions;
  readonly result: ValType | undefined;
}

/** What goes on inside of an instance because somebody called it. */
export class Task {
  /** What `context.get` and `context.set` access: bits. */
  readonly storage: [bigint, bigint] = [0n, 0n];
  /** Handles that were lent to the instance for this task and are there still. */
  borrows = 0;
  /** Set for a task that is lifted as async, until it has returned: what `task.return` has to fit. */
  returning: Returning | undefined;
  /** What the instance was doing before. */
  readonly outer: Task | undefined;

  constructor(outer: Task | undefined) {
    this.outer = outer;
  }
}

/** Steps that call into core code and come to a value. */
export type Steps<T> = Generator<HostRequest, T, Value[]>;

/** How a caller gives arguments and takes the result. */
export interface Caller {
  /** The instance that calls; undefined for the host. */
  readonly instance: ComponentInst | undefined;
  /** How its strings are encoded; undefined for the host. */
  readonly encoding: StringEncoding | undefined;
  /** Its strings that were UTF-16 where they could have been Latin-1. */
  readonly wide: Set<string>;
  /** Lifts the arguments, when the callee is ready for them. */
  start(): readonly ComponentValue[];
  /** Lowers the result, before the callee cleans up. */
  resolve(result: ComponentValue | undefined): Steps<void>;
}

/** The calls that are going on in a store, by the numbers that stand for them in core code. */
interface CallTable {
  readonly calls: Map<number, ComponentCall>;
  next: number;
}

const tables = new WeakMap<Store, CallTable>();

/** Gives a call a number: the argument of a lifted function's entry. Numbers wrap round; nobody calls that deep. */
export function openCall(store: Store, call: ComponentCall): NumValue {
  let table = tables.get(store);
  if (!table) tables.set(store, (table = { calls: new Map(), next: 1 }));
  const number = table.next;
  table.next = (number + 1) >>> 0;
  table.calls.set(number, call);
  return i32(number);
}

/** The call with this number; undefined when it is over. */
export function callOf(store: Store, number: Value | undefined): ComponentCall | undefined {
  return number && tables.get(store)?.calls.get(Number((number as NumValue).bits));
}

export function closeCall(store: Store, number: Value): void {
  tables.get(store)?.calls.delete(Number((number as NumValue).bits));
}

/** A call of a component's function, as frames show it. */
export class ComponentCall {
  readonly func: ComponentFunc;
  readonly caller: Caller;
  /** Set when the callee has begun. */
  args: readonly ComponentValue[] | undefined;
  /** Set when the callee has returned, if it has a result. */
  result: ComponentValue | undefined;
  /** Own handles that the caller has lent for it. */
  readonly lenders: ResourceHandle[] = [];
  /** As `wide` of the caller, for the result. */
  readonly resultWide = new Set<string>();

  constructor(func: ComponentFunc, caller: Caller) {
    this.func = func;
    this.caller = caller;
  }

  start(): readonly ComponentValue[] {
    this.args = this.caller.start();
    return this.args;
  }

  *resolve(result: ComponentValue | undefined): Steps<void> {
    this.result = result;
    yield* this.caller.resolve(result);
  }

  /** The callee is done with what it was lent. */
  giveBack(): void {
    for (const handle of this.lenders) handle.lends--;
    this.lenders.length = 0;
  }
}
