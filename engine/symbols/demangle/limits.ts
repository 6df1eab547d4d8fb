/**
 * What bounds demangling. Names come from modules and are hostile: a substitution can double what it stands for, so
 * that 100 characters could print as 2^40. Every demangler here counts depth, steps and output, and gives up by
 * throwing `MALFORMED`, one frozen value without a stack that only `demangle.ts` catches.
 */

/** Longer names are shown as they are. */
export const MAX_INPUT = 20_000;
/** Characters a demangled name may have. */
export const MAX_OUTPUT = 10_000;
/** How deep types, names and expressions may nest, while parsing and while printing. */
export const MAX_DEPTH = 300;
/** Nodes visited while printing or parsing one name. */
export const MAX_STEPS = 100_000;

/** Thrown on malformed names and on names beyond the limits. */
export const MALFORMED: unique symbol = Symbol('malformed name');

export function malformed(): never {
  throw MALFORMED;
}

/** Bounded output that knows its last character. */
export class BoundedText {
  text = '';
  last = '';

  add(piece: string): void {
    if (piece === '') return;
    this.text += piece;
    this.last = piece[piece.length - 1]!;
    if (this.text.length > MAX_OUTPUT) malformed();
  }

  /** Takes back what was added since `text` was `earlier`. */
  rewind(earlier: string, last: string): void {
    this.text = earlier;
    this.last = last;
  }
}
