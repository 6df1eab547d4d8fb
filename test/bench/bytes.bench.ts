/**
 * The bytes of a large module (Z3 from npm, 35 MB) as a module editor asks about them: the fields of the first screen, of
 * any other, and the card of any byte.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { byteLeaves } from '../../language-server/requests/byte-info.ts';
import { randomFrom } from '../fuzz/random.ts';
import { installed } from '../packages.ts';
import { median, type Row, time } from './bench.ts';

/** Bytes of a screen: fifty rows of sixteen, and as many above and below. */
const SCREEN = 2400;
const SCREENS = 500;
const CARDS = 300;

export async function bench(): Promise<readonly Row[]> {
  const found = installed('z3-solver');
  if ('why' in found)
    return [{ what: 'bytes: a large module', unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const bytes = new Uint8Array(readFileSync(path.join(found.folder, 'build/z3-built.wasm')));
  const size = `${(bytes.length / 1e6).toFixed(0)} MB`;
  const random = randomFrom(1);
  const inspector = new ByteInspector(bytes);
  const screen = (start: number) => time(() => byteLeaves(inspector, { start, end: start + SCREEN }));
  const first = screen(0);
  const screens = Array.from({ length: SCREENS }, () => screen(random.below(bytes.length)));
  const firstCard = time(() => inspector.at(random.below(bytes.length), { wat: false }));
  const cards = Array.from({ length: CARDS }, () =>
    time(() => inspector.at(random.below(bytes.length), { wat: false })),
  );
  const firstLine = time(() => inspector.at(bytes.length >> 1));
  const lines = Array.from({ length: CARDS }, () => time(() => inspector.at(random.below(bytes.length))));
  return [
    { what: `bytes: fields of the first screen of ${size}`, unit: 'ms', value: first, target: 100 },
    { what: 'bytes: fields of any screen, median', unit: 'ms', value: median(screens), target: 4 },
    { what: 'bytes: fields of any screen, 99 %', unit: 'ms', value: percentile(screens, 99), target: 16 },
    { what: 'bytes: the first card: the module is decoded', unit: 'ms', value: firstCard, target: 200 },
    { what: 'bytes: a card, 99 %', unit: 'ms', value: percentile(cards, 99), target: 20 },
    { what: 'bytes: the first line of WAT: all names', unit: 'ms', value: firstLine },
    { what: 'bytes: a card with its line of WAT, 99 %', unit: 'ms', value: percentile(lines, 99) },
  ];
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}
