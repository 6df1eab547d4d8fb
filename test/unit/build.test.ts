/**
 * What the build makes: sizes that users pay for, and that the bundles are what each host can load.
 * Reads dist/ as `npm test` has just built it.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';

const KB = 1024;
const BUDGETS: readonly (readonly [file: string, bytes: number])[] = [
  ['dist/extension.js', 250 * KB],
  ['dist/wasmscope.vsix', 5 * 1024 * KB],
];

for (const [file, budget] of BUDGETS) {
  test(`${file} stays under ${budget / KB} KB`, () => {
    const { size } = statSync(file);
    assert.ok(size < budget, `${file} has ${Math.ceil(size / KB)} KB`);
  });
}

test('the browser bundles ask for nothing but vscode', () => {
  for (const file of ['dist/web/extension.js', 'dist/web/debug-adapter.js', 'dist/web/language-server.js']) {
    const text = readFileSync(file, 'utf8');
    const asked = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1]);
    assert.deepEqual(
      [...new Set(asked)].filter((name) => name !== 'vscode'),
      [],
      file,
    );
    assert.doesNotMatch(text, /^(import|export)\s/m, `${file} is a classic script`);
  }
});

test('the command line is one file that runs alone, from anywhere', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-'));
  try {
    const alone = path.join(folder, 'wasmscope.mjs');
    copyFileSync('dist/wasmscope.mjs', alone);
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [alone, ...args], { cwd: folder, encoding: 'utf8' });
    assert.equal(run('--version'), `wasmscope ${version}\n`);
    assert.equal(run('run', path.resolve('examples/fib.wasm'), '--invoke', 'fib', '10'), '89\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the .vsix holds the files that package.json names, and no sources', () => {
  const entries = zipEntries(readFileSync('dist/wasmscope.vsix'));
  const names = [...entries.keys()];
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const grammars = manifest.contributes.grammars.map((grammar: { path: string }) => grammar.path);
  const languages = manifest.contributes.languages.map(
    (language: { configuration: string }) => language.configuration,
  );
  const needed = [
    manifest.main,
    manifest.browser,
    manifest.icon,
    ...grammars,
    ...languages,
    './dist/wasmscope.mjs',
  ];
  for (const file of needed) {
    if (file)
      assert.ok(names.includes(`extension/${file.replace('./', '')}`), `${file} is missing in ${names}`);
  }
  const others = names.filter((name) =>
    /\.(ts|map)$|node_modules|^extension\/(engine|test|scripts)\//.test(name),
  );
  assert.deepEqual(others, []);
  const packed = JSON.parse(entries.get('extension/package.json')!.toString('utf8'));
  assert.equal(packed.type, undefined, 'VS Code would take the bundles for ES modules');
});

/** Names and contents of a zip file, by its central directory. */
function zipEntries(zip: Buffer): Map<string, Buffer> {
  const entries = new Map<string, Buffer>();
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    entries.set(name, zip.readUInt16LE(at + 10) === 0 ? content : inflateRawSync(content));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}
