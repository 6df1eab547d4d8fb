/**
 * Exception instances (spec 4.2.14): a tag with its arguments. References of type exn are these; they are equal by
 * identity, so catching one with its reference and throwing that again is the same exception.
 */

import type { TagInst } from './tag.ts';
import type { Value } from './values.ts';

export class ExnInst {
  readonly tag: TagInst;
  /** Of the tag's parameter types. */
  readonly args: readonly Value[];
  /** The look at what lives (heap-limit.ts) that has seen it last. */
  seen = 0;

  constructor(tag: TagInst, args: readonly Value[]) {
    this.tag = tag;
    this.args = args;
  }
}

/** The exception as people read it: `$error(5, 7)`, with `show` for the arguments. */
export function exceptionText({ tag, args }: ExnInst, show: (value: Value) => string): string {
  return `${tag.name}(${args.map(show).join(', ')})`;
}
