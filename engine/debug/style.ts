/**
 * How names and values are written for people: what a caller of the debugger can choose, and the names of functions.
 */

import type { Module } from '../module/module.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { LaneShape } from './lanes.ts';
import type { ObjectIds } from './object-ids.ts';

/** How values are written. */
export interface Style {
  /** What a name of the module becomes. */
  readonly rename?: Rename;
  /** Objects have these numbers; without it they show none. */
  readonly ids?: ObjectIds;
  /** Integers in hexadecimal first. */
  readonly hex?: boolean;
  /** How vectors are cut. */
  readonly shape?: LaneShape;
}

/** What a name of the module becomes before people see it. */
export type Rename = (name: string) => string;

const asItIs: Rename = (name) => name;

/**
 * A function's name in frames and lists: `$fib` as it was given, `fib` by its export, else `func[3]`. A given name that
 * `rename` makes readable stands without the `$`: `core::fmt::write`.
 */
export function funcName(func: FuncInst, rename?: Rename): string {
  if (!func.inst) return func.host?.name ?? 'host function';
  return funcNameIn(func.inst.module, func.idx, rename);
}

/** The same for a function of a module that is not instantiated. */
export function funcNameIn({ names }: Module, idx: number, rename = asItIs): string {
  const given = names.given('func', idx);
  if (given === undefined) return names.of('func', idx) ?? `func[${idx}]`;
  const readable = rename(given);
  return readable === given ? `$${given}` : readable;
}

/** A name as it is shown and as expressions have it: `$x`, or the index where there is no name that can be written. */
export function named(given: string | undefined, index: string): { name: string; expression: string } {
  if (given === undefined) return { name: index, expression: index };
  const plain = /^[\w!#$%&'*+\-./:<=>?@\\^`|~]+$/.test(given);
  return { name: `$${given}`, expression: plain ? `$${given}` : index };
}
