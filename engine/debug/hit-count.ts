/**
 * Hit counts: at which of its hits a breakpoint stops. The forms that VS Code's users know.
 *
 *   '5' '=5' '==5'  the fifth hit;  '>5' '>=5' '<5' '<=5';  '%5' every fifth hit;  '!=5' all but the fifth
 */

import { usage } from '../base/errors.ts';

/** Whether to stop at a hit; the first one is 1. */
export type HitTest = (hits: number) => boolean;

/** Parses a hit count. Throws a usage fault that lists the forms. */
export function parseHitCount(text: string): HitTest {
  const [, sign, digits] = /^\s*(>=|<=|={0,3}|!=|>|<|%)\s*(\d{1,15})\s*$/.exec(text) ?? [];
  if (digits === undefined)
    return usage(`hit count: expected 5, >=5, <5 or %5, found ${JSON.stringify(text)}`);
  const count = Number(digits);
  switch (sign) {
    case '>':
      return (hits) => hits > count;
    case '>=':
      return (hits) => hits >= count;
    case '<':
      return (hits) => hits < count;
    case '<=':
      return (hits) => hits <= count;
    case '!=':
      return (hits) => hits !== count;
    case '%':
      if (count === 0) usage('hit count: %0 never comes');
      return (hits) => hits % count === 0;
    default:
      return (hits) => hits === count;
  }
}
