/**
 * Steps as they are in a real VS Code, beside those over stdio (steps.bench.ts): through its extension host and its main
 * process, with what its own views ask for at the same time.
 */

import path from 'node:path';
import { whyNoBrowser } from '../e2e/harness/page.ts';
import { bundleSuite } from '../exthost/bundle.ts';
import { runInNodeHost } from '../exthost/host.ts';
import { importNothing, installed } from '../packages.ts';
import { median, type Row } from './bench.ts';

const FOLDER = '$' + '{workspaceFolder}';

export async function bench(): Promise<readonly Row[]> {
  const why = whyNoBrowser();
  if (why) return [{ what: 'VS Code: a step', unit: 'ms', note: `NOT MEASURED: ${why}` }];
  const launches: Record<string, object> = {
    'examples/fib.wasm': { program: './fib.wasm', invoke: { function: 'fib', args: [12] } },
  };
  const files: Record<string, string> = {};
  const found = installed('esbuild-wasm');
  if (!('why' in found)) {
    const program = path.join(found.folder, 'esbuild.wasm');
    files['nothing.mjs'] = importNothing(program);
    launches['esbuild.wasm (14 MB)'] = {
      program,
      imports: `${FOLDER}/nothing.mjs`,
      invoke: { function: 'run', args: [0, 0] },
    };
  }
  files['launches.json'] = JSON.stringify(launches);
  const tests = await bundleSuite('node', 'stepping-entry');
  const { log } = await runInNodeHost({
    extension: '.',
    tests,
    workspace: 'examples',
    files,
    timeoutMs: 300_000,
  });
  return Object.keys(launches).flatMap((name) => rowsOf(name, log));
}

function rowsOf(name: string, log: string): Row[] {
  const line = (what: string) =>
    log.split('\n').find((text) => text.startsWith(`figures ${name} ${what}: `)) ?? '';
  const figures = (what: string) => line(what).split(': ')[1]?.split(' ').map(Number) ?? [];
  const requests = figures('requests');
  const sorted = [...requests].sort((a, b) => a - b);
  return [
    {
      what: `VS Code: a step in ${name}, median`,
      value: median(requests),
      unit: 'ms',
      note: `${requests.length} steps by requests of an extension, each with stack, scopes and all variables`,
    },
    {
      what: `VS Code: a step in ${name}, 95 of 100`,
      value: sorted[Math.floor(sorted.length * 0.95)],
      unit: 'ms',
    },
    {
      what: `VS Code: F11 in ${name} until its call stack is there, median`,
      value: median(figures('stack')),
      unit: 'ms',
      note: 'by the command',
    },
    {
      what: `VS Code: F11 in ${name} until the Variables view has its values, median`,
      value: median(figures('variables')),
      unit: 'ms',
      note: 'of this VS Code itself waits 400 ms',
    },
  ];
}
