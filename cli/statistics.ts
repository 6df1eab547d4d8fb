/**
 * What `run --stats` says: the instructions that each function has executed, most first, and all together.
 */

import { funcName } from '../engine/debug/style.ts';
import type { Profile } from '../engine/exec/host/profile.ts';
import type { Store } from '../engine/runtime/store.ts';
import { printable } from './report.ts';

/** A line for each function that was executed, the sum in the last one. */
export function statistics(profile: Profile, { funcs }: Store): string {
  const rows = funcs
    .filter(({ inst }) => inst)
    .map((func) => ({ name: printable(funcName(func)), count: profile.of(func) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const sum = rows.reduce((total, { count }) => total + count, 0);
  const width = Math.max('instructions'.length, String(sum).length);
  const line = (count: number | string, text: string) => `${String(count).padStart(width)}  ${text}\n`;
  return [
    line('instructions', 'function'),
    ...rows.map(({ count, name }) => line(count, name)),
    line(sum, 'in all'),
  ].join('');
}
