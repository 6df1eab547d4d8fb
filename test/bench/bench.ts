/**
 * What a benchmark is: a module `test/bench/<name>.bench.ts` that exports `bench`, which measures and answers with
 * rows. scripts/bench.mjs runs them one after the other, each in a process of its own, and writes RESULTS.md.
 *
 * Figures are shown beside their targets and never asserted: they depend on the machine and on what else it does.
 */

export interface Row {
  /** What was measured, for a table. */
  readonly what: string;
  /** The figure; undefined when it could not be measured, and `note` says why. */
  readonly value?: number;
  readonly unit: string;
  /** The figure should be at most this. */
  readonly target?: number;
  readonly note?: string;
}

export type Bench = () => Promise<readonly Row[]>;

/** The middle of several figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Milliseconds that a function takes. */
export function time(run: () => unknown): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}
