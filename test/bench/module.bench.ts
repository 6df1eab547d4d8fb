/**
 * Decoding and validating esbuild.wasm (14 MB, Go), beside the host's own WebAssembly and wabt on the same bytes.
 *
 * The host compiles lazily: its figures are of validation and little else. Times are the best of several: what
 * disturbs only ever makes a run slower.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decode } from '../../engine/binary/decode.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { validate } from '../../engine/valid/validate.ts';
import { installed } from '../packages.ts';
import { type Row, time } from './bench.ts';
import { functionRow, programRow } from './peers.ts';

const ROUNDS = 9;
/** Bytes in a millisecond that there should be at the least. */
const WANTED = 25_000;

export async function bench(): Promise<readonly Row[]> {
  const what = 'esbuild.wasm (14 MB): decode and validate';
  const found = installed('esbuild-wasm');
  if ('why' in found) return [{ what, unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const file = path.join(found.folder, 'esbuild.wasm');
  const bytes = new Uint8Array(readFileSync(file));
  const rate = (ms: number) => `${(bytes.length / ms / 1000).toFixed(0)} MB/s`;
  const decoding: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const module = decode(bytes);
    decoding.push(performance.now() - started);
    validate(module, SUPPORTED);
    whole.push(performance.now() - started);
  }
  const ours = Math.min(...whole);
  return [
    {
      what,
      value: ours,
      unit: 'ms',
      target: Math.round(bytes.length / WANTED),
      note: `${rate(ours)}; the best of ${ROUNDS}`,
    },
    { what: `${what}, the first time`, value: whole[0], unit: 'ms', note: rate(whole[0]) },
    { what: 'of that, decode', value: Math.min(...decoding), unit: 'ms' },
    functionRow('WebAssembly.validate', ours, () => WebAssembly.validate(bytes), ROUNDS),
    functionRow('new WebAssembly.Module', ours, () => new WebAssembly.Module(bytes), ROUNDS),
    programRow("wabt's wasm-validate", ours, 'wasm-validate', ['--enable-all', file]),
    { what: 'read the file', value: time(() => readFileSync(file)), unit: 'ms' },
  ];
}
