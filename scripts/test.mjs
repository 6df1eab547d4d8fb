/**
 * `npm test`: everything that says whether the project is well, on a machine that has only Node and npm.
 *
 *   npm test                       all stages, bounded: under 15 minutes on two cores
 *   npm run test:all               without the bounds (--all)
 *   npm test -- lint unit          these stages only
 *   npm test -- base-bytes         the test files whose path contains it
 *   npm test -- exec --name nan    of those files the tests whose name matches the expression
 *
 * Stages: types, lint, generated, build, then the kinds of tests, each a folder of test/ whose `*.test.ts` are
 * bundled and run by node:test. A test that cannot run here (no browser, no test suite) is skipped by its file
 * with a reason; the summary says so loudly. Random tests draw from WASMSCOPE_SEED, which is printed.
 * The last line is `N passed, N failed`; a check of a stage counts as one test.
 */

import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { continueInOwnNode, filesBelow, installDependencies, root } from './own-node.mjs';
import { runTestFiles } from './test-files.mjs';

process.chdir(root);
installDependencies();
continueInOwnNode();

/**
 * The kinds of tests in the order of running; `dist` means that they run what the build made. A file takes at most so many
 * `minutes`, or `seconds`; all of them half as many minutes more.
 */
const KINDS = [
  { name: 'unit', dist: false, files: 2, minutes: 3 },
  { name: 'golden', dist: false, files: 2, minutes: 3 },
  { name: 'fuzz', dist: false, files: 2, minutes: 3 },
  { name: 'real', dist: false, files: 1, minutes: 5 },
  { name: 'spec', dist: false, files: 2, minutes: 3 },
  { name: 'dap', dist: true, files: 2, minutes: 3, seconds: 120 },
  { name: 'lsp', dist: true, files: 2, minutes: 3, seconds: 120 },
  { name: 'exthost', dist: true, files: 1, minutes: 5 },
  // One bundle, whose files share two windows.
  { name: 'e2e', dist: true, files: 1, minutes: 15, together: ['test/e2e/window.ts', 'runInWindows'] },
];
/** Unit tests of what the build made. */
const NEEDS_DIST = /^test\/unit\/(build|cli)/;
/** What runs in a VS Code in a browser. */
const NEEDS_VSCODE = /^test\/(exthost|e2e)/;
/** What wants the package too, which takes seconds to make. */
const NEEDS_VSIX = /^test\/(unit\/build|exthost|e2e)/;

const { filters, all, name } = parseCommandLine();
const seed = Number(process.env.WASMSCOPE_SEED ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
Object.assign(process.env, {
  WASMSCOPE_SEED: String(seed),
  WASMSCOPE_TEST_ALL: all ? '1' : '',
  // Hundreds of processes and threads load the same bundles.
  NODE_COMPILE_CACHE: path.join(root, 'out/compile-cache'),
});

let passed = 0;
let failed = 0;
const notRun = [];
const started = performance.now();

const BUNDLED = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  packages: 'external',
  logLevel: 'silent',
};

await main();

async function main() {
  const checks = [
    { name: 'types', run: () => command('tsc', ['-b', '--pretty', String(process.stdout.isTTY ?? false)]) },
    {
      name: 'lint',
      run: () => command('biome', ['check', '--error-on-warnings', '--max-diagnostics=30']),
    },
    { name: 'generated', run: () => script('scripts/gen.mjs', '--check') },
    { name: 'build', run: () => script('scripts/build.mjs', ...(needsVsix() ? ['--vsix'] : [])) },
  ];
  const everything = filters.length === 0;
  const kindNames = new Set(KINDS.map((kind) => kind.name));
  const files = filesBelow('test', /\.test\.ts$/).filter((file) => {
    const kind = file.split('/')[1];
    return everything || filters.some((f) => (kindNames.has(f) ? f === kind : file.includes(f)));
  });
  const needsDist = files.some((file) => NEEDS_DIST.test(file) || KINDS.some((k) => k.dist && isOf(k, file)));
  const needsVsix = () => files.some((file) => NEEDS_VSIX.test(file)) || filters.includes('build');
  const chosen = checks.filter(
    (check) => everything || filters.includes(check.name) || (check.name === 'build' && needsDist),
  );
  if (!files.length && !chosen.length) {
    console.error(`no stage and no test file matches ${filters.map((f) => `'${f}'`).join(', ')}`);
    process.exit(2);
  }
  if (files.some((file) => NEEDS_VSCODE.test(file))) prepareInBackground();
  if (files.length) console.log(`seed ${seed}${all ? ', everything' : ''}`);
  for (const check of chosen) await stage(check.name, check.run);
  const bundles = [];
  for (const together of new Set(files.map((file) => kindOf(file).together))) {
    const own = files.filter((file) => kindOf(file).together === together);
    bundles.push(...(together ? await bundleTogether(own, together) : await bundle(own)));
  }
  for (const kind of KINDS) {
    const own = bundles.filter(({ file }) => isOf(kind, file));
    if (own.length) await stage(kind.name, () => runFiles(kind, own));
  }
  for (const { what, reason } of notRun) console.log(`NOT RUN: ${what}: ${reason}`);
  if (failed && files.length) console.log(`to repeat: WASMSCOPE_SEED=${seed}`);
  console.log(`${seconds(started)} in all`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

function parseCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      options: { all: { type: 'boolean' }, name: { type: 'string' } },
      allowPositionals: true,
    });
    return { filters: positionals.map((f) => f.replaceAll('\\', '/')), ...values };
  } catch (error) {
    console.error(
      `${error.message}\nusage: npm test -- [--all] [--name expression] [stage or part of a path]…`,
    );
    process.exit(2);
  }
}

function isOf(kind, file) {
  return file.startsWith(`test/${kind.name}/`);
}

function kindOf(file) {
  return KINDS.find((kind) => isOf(kind, file)) ?? {};
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/** Runs one stage and prints its line. A stage answers with its counts and what there is to read about failures. */
async function stage(title, run) {
  const begin = performance.now();
  const result = await run();
  passed += result.passed;
  failed += result.failed;
  if (result.output) console.log(result.output.trimEnd());
  const counts = result.failed
    ? `${result.passed} passed, ${result.failed} FAILED`
    : `${result.passed} passed`;
  console.log(`${title.padEnd(10)} ${seconds(begin).padStart(8)}  ${counts}`);
}

function command(tool, args) {
  const bin = path.join(root, 'node_modules/.bin', process.platform === 'win32' ? `${tool}.cmd` : tool);
  return check(bin, args);
}

function script(file, ...args) {
  return check(process.execPath, [file, ...args]);
}

/** What fails here is tried, and told of, again by who needs it. */
function prepareInBackground() {
  const child = spawn(process.execPath, ['test/e2e/harness/prepare.ts'], { stdio: 'ignore' });
  process.once('exit', () => child.kill());
}

/** One process as one check: its output matters when it fails. */
function check(file, args) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (data) => {
      output += data;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ passed: 0, failed: 1, output: error.message }));
    child.once('close', (code) =>
      resolve(code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, output }),
    );
  });
}

/** Bundles test files: `const enum`s become numbers as in what ships. A file that does not bundle fails alone. */
async function bundle(files) {
  const esbuild = await import('esbuild');
  const options = { ...BUNDLED, outdir: 'out/test', outbase: 'test', outExtension: { '.js': '.mjs' } };
  const outputOf = (file) => path.join(root, 'out', file.replace(/\.ts$/, '.mjs'));
  try {
    await esbuild.build({ ...options, entryPoints: files });
    return files.map((file) => ({ file, bundle: outputOf(file) }));
  } catch {
    const one = async (file) => {
      try {
        await esbuild.build({ ...options, entryPoints: [file] });
        return { file, bundle: outputOf(file) };
      } catch (error) {
        return { file, error: error.message };
      }
    };
    return Promise.all(files.map(one));
  }
}

/** Bundles test files as one, which runs what they declare by a function that is called behind all of them. */
async function bundleTogether(files, [module, run]) {
  const esbuild = await import('esbuild');
  const kind = path.dirname(files[0]);
  const output = path.join(root, 'out', `${kind}.mjs`);
  const imports = files.map((file) => `import './${file}';`);
  const contents = [...imports, `import { ${run} } from './${module}';`, `${run}();`].join('\n');
  try {
    await esbuild.build({ ...BUNDLED, stdin: { contents, resolveDir: root }, outfile: output });
    return [{ file: files[0], bundle: output }];
  } catch (error) {
    return [{ file: kind, error: error.message }];
  }
}

/** Runs bundled test files with node:test and counts every test case. */
async function runFiles(kind, bundles) {
  const factor = all ? 10 : 1;
  const result = await runTestFiles(
    bundles.filter(({ error }) => !error),
    {
      atOnce: kind.files,
      fileSeconds: (kind.seconds ?? kind.minutes * 60) * factor,
      allSeconds: kind.minutes * 90 * factor,
      name,
    },
  );
  for (const { file, error } of bundles) {
    if (!error) continue;
    result.failed++;
    result.output += `\n${file} does not bundle\n${error}\n`;
  }
  if (!name) {
    notRun.push(
      ...result.skipped.map((test) => ({ what: `${kind.name}: ${test.name}`, reason: test.reason })),
    );
  }
  return result;
}
