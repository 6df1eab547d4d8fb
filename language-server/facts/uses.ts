/**
 * How often each item of a module is used, counted once in short turns and kept for as long as the module is not edited.
 */

import type { Space } from '../../engine/text/symbols.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Turns } from './turns.ts';

/** The number of uses of an item that the fields of a module define. */
export interface UseCounts {
  of(space: Space, idx: number): number;
}

const KNOWN = new WeakMap<object, UseCounts>();

export async function useCounts({ assembly }: ModuleAnalysis, turns: Turns): Promise<UseCounts> {
  const { symbols } = assembly;
  const known = KNOWN.get(symbols);
  if (known) return known;
  const spaces = new Map<Space, Map<number, number>>();
  for (let i = 0; i < symbols.useCount; i++) {
    if ((i & 0xff) === 0) await turns.pause();
    const { space, idx, scope } = symbols.useAt(i);
    if (scope !== undefined) continue;
    let counts = spaces.get(space);
    if (!counts) spaces.set(space, (counts = new Map()));
    counts.set(idx, (counts.get(idx) ?? 0) + 1);
  }
  const counts: UseCounts = { of: (space, idx) => spaces.get(space)?.get(idx) ?? 0 };
  KNOWN.set(symbols, counts);
  return counts;
}
