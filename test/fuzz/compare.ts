/**
 * What a module must withstand: the host and every way to drive our engine agree. Used by the tests and by long runs.
 */

import { decode } from '../../engine/binary/decode.ts';
import { InstrReader } from '../../engine/binary/instr.ts';
import { SECTION } from '../../engine/binary/sections.ts';
import type { Module } from '../../engine/module/module.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { printModule } from '../../engine/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { randomFrom } from './random.ts';
import { type Drive, difference, inSlices, inSteps, planFor, runEngine, runHost, straight } from './sides.ts';

/** What was executed, by wire code, and how much. */
export interface Tally {
  readonly codes: Set<number>;
  modules: number;
  instructions: number;
  traps: number;
  calls: number;
  /** Modules whose runs met a limit and were compared up to there. */
  cut: number;
}

export function newTally(): Tally {
  return { codes: new Set(), modules: 0, instructions: 0, traps: 0, calls: 0, cut: 0 };
}

/** Steps of one call; longer calls go on without stepping. */
const STEPS = 3000;

/** What is wrong with this module, undefined if nothing is. Throws what should not have been thrown. */
export function compare(
  bytes: Uint8Array<ArrayBuffer>,
  seed: number,
  tally = newTally(),
): string | undefined {
  const plan = planFor(bytes, seed);
  const ours = runEngine(plan, straight);
  if (ours.endless) {
    // Damaged or shrunk modules may have lost their bounds; the host would never come back.
    tally.cut++;
    return undefined;
  }
  const theirs = runHost(plan);
  const found = difference(ours, theirs);
  if (found) return `in the host: ${found}`;
  const visited = new Uint8Array(bytes.length);
  const drives: Record<string, Drive> = {
    'in slices': inSlices(randomFrom(seed)),
    'step by step': inSteps(STEPS, (offset) => {
      visited[offset] = 1;
    }),
  };
  for (const [how, drive] of Object.entries(drives)) {
    const again = runEngine(plan, drive);
    const changed = difference(again, ours);
    if (changed) return `${how}: ${changed}`;
    if (!ours.cut && again.instructions !== ours.instructions)
      return `${how}: ${again.instructions} instructions, not ${ours.instructions}`;
  }
  tally.modules++;
  tally.instructions += ours.instructions;
  tally.calls += plan.calls.length;
  tally.traps += ours.lines.filter((line) => /^\S.*\): /.test(line)).length;
  if (ours.cut || theirs.cut) tally.cut++;
  noteCodes(plan.module, visited, tally.codes);
  return undefined;
}

function noteCodes({ bytes }: Module, visited: Uint8Array, codes: Set<number>): void {
  const reader = new InstrReader(bytes, true);
  for (let at = 0; at < visited.length; at++) {
    if (!visited[at]) continue;
    reader.readAt(at, bytes.length);
    codes.add(reader.code);
  }
}

/** The module of a text. Throws if the text has a fault. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const { bytes, faults } = assemble(parseTree(text));
  if (faults.length > 0)
    throw new Error(`${faults[0].message}: ${JSON.stringify(around(text, faults[0].span?.start))}`);
  return bytes;
}

function around(text: string, at = 0): string {
  return text.slice(Math.max(0, at - 60), at + 60);
}

/**
 * What differs when a module is printed and parsed again. A text has no place for a data count that no instruction needs,
 * and custom sections are not looked at.
 */
export function printing(bytes: Uint8Array<ArrayBuffer>, folded: boolean): string | undefined {
  const again = bytesOfText(printModule(decode(bytes), { folded }).text);
  const [before, after] = [bytes, again].map((of) =>
    decode(of)
      .sections.filter(({ id }) => id !== SECTION.custom && id !== SECTION.dataCount)
      .map(({ id, range }) => `${id}: ${Buffer.from(of.subarray(range.start, range.end)).toString('hex')}`),
  );
  const k = before.findIndex((section, i) => section !== after[i]);
  return k < 0 ? undefined : `printed and parsed again, section ${before[k]}\n  but ${after[k]}`;
}
