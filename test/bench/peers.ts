/**
 * Other tools on the same input, for benchmarks: programs on the PATH and packages from npm. A tool that is not there
 * becomes a row that says so. Times are the best of several.
 */

import { spawnSync } from 'node:child_process';
import { type Row, time } from './bench.ts';

const ROUNDS = 5;

/** A program's time with starting it, beside `ours` in milliseconds. */
export function programRow(what: string, ours: number, program: string, args: readonly string[]): Row {
  const version = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (version.error)
    return { what, unit: 'ms', note: `NOT MEASURED: ${program} is not on the PATH (apt: wabt)` };
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    figures.push(performance.now() - started);
    if (status !== 0) return { what, unit: 'ms', note: `NOT MEASURED: ${stderr.split('\n')[0]}` };
  }
  const value = Math.min(...figures);
  return {
    what,
    value,
    unit: 'ms',
    note: `${besides(value, ours)}, with starting it, ${version.stdout.trim()}`,
  };
}

/** A function's time, warm, beside `ours`. */
export function functionRow(what: string, ours: number, run: () => unknown, rounds = ROUNDS): Row {
  const value = Math.min(...Array.from({ length: rounds }, () => time(run)));
  return { what, value, unit: 'ms', note: besides(value, ours) };
}

/** As `functionRow`, for what answers by promise. */
export async function promiseRow(what: string, ours: number, run: () => Promise<unknown>): Promise<Row> {
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await run();
    figures.push(performance.now() - started);
  }
  const value = Math.min(...figures);
  return { what, value, unit: 'ms', note: besides(value, ours) };
}

function besides(value: number, ours: number): string {
  return `${(value / ours).toFixed(2)} × ours`;
}
