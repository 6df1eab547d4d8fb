/**
 * Sites: the places where a compiled function can be left with its whole state, and what has to be known of them to make
 * it a frame of the machine again.
 *
 * A compiled function holds the number of its current site in a local. When it is left, it writes its locals and saved
 * operands into the exchange (exchange.ts) and names the site. Bodies are emitted without noting anything of their
 * sites but how many there are; a function that is left is emitted once more, to learn them (`SiteList`).
 */

import type { Raw } from './nan.ts';

export const enum SiteKind {
  /** In front of the function's first instruction. */
  Entry,
  /** In front of a loop's first instruction. */
  Header,
  /** At a call; the arguments are not among the operands. */
  Call,
  /** In front of an instruction, with all of its operands: the machine goes on with it. */
  Step,
}

/** An operand, counted from the bottom, in which a NaN may not be canonical. */
export interface RawOperand {
  readonly h: number;
  readonly kind: Raw;
}

export interface Site {
  readonly kind: SiteKind;
  /** Byte offset of the instruction. */
  readonly offset: number;
  /** What keeps each operand (FrameLayout.keepers), the bottom one first. */
  readonly operands: readonly number[];
  readonly raw: readonly RawOperand[];
}

/** The sites of one compiled body, in the order of their numbers. */
export type SiteList = Site[];
