/**
 * `npm run bench`: measures, prints, and writes test/bench/RESULTS.md with the machine and the versions.
 *
 *   npm run bench                 everything
 *   npm run bench -- tier0        the benchmarks whose name contains it; RESULTS.md stays as it is
 *
 * A benchmark is a module test/bench/<name>.bench.ts (see bench.ts there). Targets are shown, never asserted.
 */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { continueInOwnNode, filesBelow, installDependencies, root } from './own-node.mjs';

process.chdir(root);
installDependencies();
continueInOwnNode();

/** Rows of the table that must be there, also when nothing measures them yet. */
const PROMISED = [{ bench: 'activate', what: 'extension: activate()', unit: 'ms', target: 30 }];

if (process.argv[2] === '--run') await runOne(process.argv[3]);
else await main(process.argv[2]);

async function main(filter) {
  const built = spawnSync(process.execPath, ['scripts/build.mjs'], { encoding: 'utf8' });
  if (built.status !== 0) {
    console.error(built.stdout + built.stderr);
    process.exit(1);
  }
  const files = filesBelow('test/bench', /\.bench\.ts$/).filter((file) => !filter || file.includes(filter));
  const rows = [];
  for (const file of files) {
    const bundle = await bundleOf(file);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/bench.mjs', '--run', bundle], {
      encoding: 'utf8',
    });
    const name = path.basename(file, '.bench.ts');
    const measured =
      status === 0
        ? JSON.parse(stdout)
        : [{ what: name, unit: '', note: `NOT MEASURED: ${stderr.trim().split('\n').at(-1)}` }];
    rows.push(...measured);
    if (status !== 0) console.error(stderr);
    // All of them together take a while.
    if (files.length > 1) console.error(tableOf(measured));
  }
  if (!filter) {
    for (const { bench, ...row } of PROMISED)
      if (!files.some((file) => file.includes(`${bench}.bench`)))
        rows.push({ ...row, note: `NOT MEASURED: there is no test/bench/${bench}.bench.ts` });
  }
  const table = tableOf(rows);
  console.log(table);
  if (!filter) writeFileSync('test/bench/RESULTS.md', `${header()}\n${table}`);
}

async function bundleOf(file) {
  const esbuild = await import('esbuild');
  const outfile = path.join('out/bench', `${path.basename(file, '.ts')}.mjs`);
  await esbuild.build({
    entryPoints: [file],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  return outfile;
}

async function runOne(bundle) {
  const { bench } = await import(pathToFileURL(path.resolve(bundle)).href);
  process.stdout.write(JSON.stringify(await bench()));
}

function tableOf(rows) {
  const cells = rows.map(({ what, value, unit, target, note = '' }) => {
    const figure = value === undefined ? '' : `${digits(value)} ${unit}`;
    const wanted = target === undefined ? '' : `at most ${target} ${unit}`;
    const judged =
      value === undefined || target === undefined
        ? wanted
        : `${wanted}: ${value <= target ? 'met' : 'MISSED'}`;
    return [what, figure, judged, note];
  });
  const lines = [['what', 'figure', 'target', 'note'], ['---', '---', '---', '---'], ...cells];
  return `${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`;
}

function digits(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function header() {
  const [cpu] = os.cpus();
  return `# Measured

Written by \`npm run bench\`. Figures are of one machine at one time; targets are aims, and no test asserts them.

- ${cpu?.model.trim() ?? 'unknown processor'}, ${os.cpus().length} processors, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, ${os.type()} ${os.arch()}
- Node ${process.versions.node}, V8 ${process.versions.v8}
- ${new Date().toISOString().slice(0, 10)}
`;
}
