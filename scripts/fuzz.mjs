/**
 * `npm run fuzz`: differential and mutation fuzzing for as long as one likes (test/fuzz/long.ts).
 *
 *   npm run fuzz -- --minutes 60                 from a random seed, which is printed
 *   npm run fuzz -- --seed 7 --modules 1         just the module of one seed: shrinks what a test has found
 *   npm run fuzz -- --wasm-opt path/to/wasm-opt  where binaryen's tool is; else the one on the PATH
 *
 * What fails is shrunk and written to test/fuzz/cases/, where `npm test` replays it.
 */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { continueInOwnNode, installDependencies, root } from './own-node.mjs';

process.chdir(root);
installDependencies();
continueInOwnNode();

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    modules: { type: 'string' },
    'wasm-opt': { type: 'string' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
const modules = values.modules === undefined ? undefined : Number(values.modules);
const wasmOpt = modules === undefined ? findWasmOpt(values['wasm-opt']) : undefined;
console.log(`seed ${seed}, ${modules === undefined ? `${values.minutes} minutes` : `${modules} modules`}`);
if (modules === undefined && !wasmOpt) console.log("NOT RUN: binaryen's generator: there is no wasm-opt");

const esbuild = await import('esbuild');
await esbuild.build({
  entryPoints: ['test/fuzz/long.ts'],
  outfile: 'out/fuzz/long.mjs',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  logLevel: 'warning',
});
const { fuzz } = await import(pathToFileURL(path.resolve('out/fuzz/long.mjs')).href);
const failures = fuzz({
  seed,
  minutes: Number(values.minutes),
  modules,
  wasmOpt,
  cases: 'test/fuzz/cases',
  print: (line) => console.log(line),
});
process.exit(failures > 0 ? 1 : 0);

/** The tool, or what npm's package has: a script for Node. */
function findWasmOpt(given) {
  for (const file of given ? [given] : ['wasm-opt']) {
    for (const command of [[file], [process.execPath, file]]) {
      if (spawnSync(command[0], [...command.slice(1), '--version']).status === 0) return command;
    }
  }
  return undefined;
}
