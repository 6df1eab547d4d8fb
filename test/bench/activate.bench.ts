/**
 * How long `activate()` takes in a real VS Code's Node extension host, and how long VS Code takes around it: finding
 * and loading the code, storage, its own bookkeeping. A new VS Code each time.
 */

import { whyNoBrowser } from '../e2e/harness/page.ts';
import { bundleSuite } from '../exthost/bundle.ts';
import { runInNodeHost } from '../exthost/host.ts';
import { median, type Row } from './bench.ts';

const ROUNDS = 3;
const TARGET = { what: 'extension: activate()', unit: 'ms', target: 30 };

export async function bench(): Promise<readonly Row[]> {
  const why = whyNoBrowser();
  if (why) return [{ ...TARGET, note: `NOT MEASURED: ${why}` }];
  const tests = await bundleSuite('node', 'activation-entry');
  const figures: { activate: number; load: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { log } = await runInNodeHost({ extension: '.', tests, workspace: 'examples' });
    const figure = (name: string) => Number(new RegExp(`figure ${name} ([\\d.]+)`).exec(log)?.[1]);
    figures.push({ activate: figure('activate'), load: figure('load') });
  }
  const note = `median of ${ROUNDS}`;
  return [
    { ...TARGET, value: median(figures.map(({ activate }) => activate)), note },
    {
      what: 'extension: from the wish to use it until it is active, seen by another extension',
      value: median(figures.map(({ load }) => load)),
      unit: 'ms',
      note,
    },
  ];
}
