/**
 * What may end a slice before its budget is used up: somebody waits for an answer, or the time is over. Looked at where that
 * costs nothing beside what is done there: between stretches of interpreted code, at host calls, large copies and breakpoints
 * that ask, between functions that are compiled. So a program that is slow for its instructions comes back as soon as others.
 *
 * Where it ends is then no matter of counts alone. What is executed is: threads change by counts whatever slices there are.
 */

export interface Interrupts {
  /** Somebody has asked for something. */
  readonly isAsked: () => boolean;
  /** Somebody has asked, or the time of the slice is over. */
  readonly isDue: () => boolean;
}

/** Budgets alone end slices. */
export const NONE: Interrupts = { isAsked: () => false, isDue: () => false };
