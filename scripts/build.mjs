/**
 * Builds everything that runs: `node scripts/build.mjs [--vsix] [--watch] [--no-minify]`.
 *
 *   dist/wasmscope.mjs            command line, debug adapter, language server and engine worker in one file
 *   dist/extension.js             the extension in Node's extension host
 *   dist/language-client.js       the package vscode-languageclient, loaded when a language server is started
 *   dist/web/extension.js         the extension in the browser's extension host
 *   dist/web/debug-adapter.js     classic worker: adapter or engine, by its first message
 *   dist/web/language-server.js   classic worker
 *   dist/webview/*.js, *.css      scripts and styles of our webviews
 *   dist/wasmscope.vsix           with --vsix
 *
 * package.json says nothing of `"type": "module"`, because VS Code would take `.js` bundles for ES modules then,
 * and the browser's extension host takes CommonJS in `.js` files only.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { continueInOwnNode, filesBelow, installDependencies, root } from './own-node.mjs';

process.chdir(root);
installDependencies();
continueInOwnNode();
const esbuild = await import('esbuild');

const { values: flags } = parseArgs({
  options: {
    vsix: { type: 'boolean' },
    watch: { type: 'boolean' },
    'no-minify': { type: 'boolean' },
  },
});
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** `require` for the CommonJS packages inside the one ES module. */
const NODE_BANNER = `#!/usr/bin/env node
import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/**
 * Packages written for Node name built-in modules that their browser parts never use. Packages get an empty
 * module for those; our own code gets an error.
 */
const noNodeInBrowser = {
  name: 'no-node-in-browser',
  setup(build) {
    const builtin =
      /^(node:)?(assert|child_process|crypto|fs|fs\/promises|net|os|path|stream|url|util|worker_threads)$/;
    build.onResolve({ filter: builtin }, ({ importer, path: name }) => {
      if (importer.includes('node_modules')) return { path: name, namespace: 'empty' };
      return { errors: [{ text: `${name} does not exist in a browser (${path.relative(root, importer)})` }] };
    });
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * vscode-languageclient is two thirds of the extension's code, and debugging does not need it. In Node it is a
 * file of its own, so that `await import('vscode-languageclient/node')` loads it when it is wanted.
 */
const languageClientApart = {
  name: 'language-client-apart',
  setup(build) {
    build.onResolve({ filter: /^vscode-languageclient(\/node)?$/ }, () => ({
      path: './language-client.js',
      external: true,
    }));
  },
};

const common = {
  bundle: true,
  minify: !flags['no-minify'],
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  define: { WASMSCOPE_VERSION: JSON.stringify(version) },
};
const browser = { ...common, platform: 'browser', target: 'es2022', plugins: [noNodeInBrowser] };
const node = { ...common, platform: 'node', target: 'node20' };

const outputs = [
  {
    ...node,
    entryPoints: ['cli/main.ts'],
    outfile: 'dist/wasmscope.mjs',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: NODE_BANNER },
  },
  {
    ...node,
    entryPoints: ['extension/main.node.ts'],
    outfile: 'dist/extension.js',
    format: 'cjs',
    external: ['vscode'],
    plugins: [languageClientApart],
  },
  {
    ...node,
    entryPoints: ['vscode-languageclient/node'],
    outfile: 'dist/language-client.js',
    format: 'cjs',
    external: ['vscode'],
  },
  {
    ...browser,
    entryPoints: ['extension/main.web.ts'],
    outfile: 'dist/web/extension.js',
    format: 'cjs',
    external: ['vscode'],
  },
  {
    ...browser,
    entryPoints: ['debug-adapter/hosts/web.ts'],
    outfile: 'dist/web/debug-adapter.js',
    format: 'iife',
  },
  {
    ...browser,
    entryPoints: ['language-server/hosts/web.ts'],
    outfile: 'dist/web/language-server.js',
    format: 'iife',
  },
  {
    ...browser,
    entryPoints: ['extension/editor/webview/module.ts', 'extension/memory/webview/memory.ts'],
    outdir: 'dist/webview',
    entryNames: '[name]',
    format: 'iife',
  },
];

try {
  if (flags.watch) await watch();
  else await buildAll();
} catch (error) {
  if (!error.errors) console.error(error.message); // esbuild has said its own errors
  process.exit(1);
}

async function buildAll() {
  const started = performance.now();
  const builds = outputs.map((options) => esbuild.build(options));
  const settled = await Promise.allSettled([...builds, checkSwitches()]);
  const written = new Map();
  for (const { value } of settled)
    for (const [file, { bytes }] of Object.entries(value?.metafile.outputs ?? {})) written.set(file, bytes);
  for (const [file, bytes] of written) console.log(`${file}  ${(bytes / 1024).toFixed(0)} KB`);
  const failure = settled.find(({ status }) => status === 'rejected');
  if (failure) throw failure.reason;
  for (const file of filesBelow('dist', /\.(js|mjs|css)$/)) if (!written.has(file)) rmSync(file);
  if (flags.vsix) packageVsix();
  console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/**
 * The interpreter is several times slower when a `case` is not a number in the emitted JavaScript, or when its
 * module is wrapped in a function (as esbuild does for modules reached through `import()`), which makes its
 * constants variables. Neither shows in any result, so it is checked on the text.
 */
async function checkSwitches() {
  const { outputFiles } = await esbuild.build({
    ...outputs[0],
    minify: false,
    write: false,
    metafile: false,
  });
  const text = outputFiles[0].text;
  const wrapped = /^ {2}"(engine\/[^"]+)"\(\) \{/m.exec(text);
  if (wrapped) throw new Error(`${wrapped[1]} is reached through import(): its constants became variables`);
  const modules = text.split(/^\/\/ (?=[\w@.-]+\/)/m).filter((part) => part.startsWith('engine/exec/'));
  let labels = 0;
  for (const module of modules) {
    labels += module.match(/^\s*case -?\d/gm)?.length ?? 0;
    const label = /^\s*case (?!-?\d|"|')(.+):/m.exec(module);
    if (label)
      throw new Error(`a label of a hot switch is no literal: ${module.split('\n')[0]}: case ${label[1]}`);
  }
  if (labels < 100)
    throw new Error(`${labels} numeric labels in engine/exec: the interpreter is not where it was`);
}

function packageVsix() {
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      vsce,
      'package',
      ...['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'],
      ...['--out', 'dist/wasmscope.vsix'],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`vsce package failed:\n${stdout}${stderr}`);
  const bytes = readFileSync('dist/wasmscope.vsix').length;
  console.log(`dist/wasmscope.vsix  ${(bytes / 1024).toFixed(0)} KB`);
}

async function watch() {
  for (const options of outputs) {
    const context = await esbuild.context({ ...options, logLevel: 'info' });
    await context.watch();
  }
}
