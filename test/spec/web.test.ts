/**
 * The host tier in a real browser: its tests, and a part of the public test suite in compiled code, in a worker of a headless
 * Chromium. And where a page's policy forbids to compile, or there is no WebAssembly at all, the suite in the interpreter.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import esbuild from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { announceNotRun, launchBrowser, whyNoBrowser } from '../e2e/harness/page.ts';
import { complaintsAbout } from './judge.ts';
import { expectedFailures, featuresOf, suiteFiles, suiteFolder } from './suite.ts';
import type { Answer, Request, Script, ScriptResult } from './web/worker.ts';

/** Every such file of the suite, beginning with one that the seed chooses; all of them in a run of everything. */
const EVERY = process.env.WASMSCOPE_TEST_ALL ? 1 : 10;
const FIRST = Number(process.env.WASMSCOPE_SEED ?? 1) % EVERY;
const MINUTES = 3;
/** Tests that start threads of Node, and, but in a run of everything, those that take long and are of the engine alone. */
const NOT_HERE = process.env.WASMSCOPE_TEST_ALL ? 'on a stack of' : 'on a stack of|what is watched is told';

/** What a worker's own script is served with. */
const POLICIES: Readonly<Record<string, string>> = {
  free: '',
  forbidden: "script-src 'self'",
  without: '',
};

const SHIMS: Readonly<Record<string, string>> = {
  'node:test': 'node-test.ts',
  'node:assert/strict': 'assert.ts',
  'node:worker_threads': 'node-parts.ts',
  'node:url': 'node-parts.ts',
  'node:crypto': 'node-parts.ts',
};

const why = whyNoBrowser();
if (why) announceNotRun('the host tier in a browser', why);

let browser: Browser;
let server: Server;
const folder = suiteFolder();

before(async () => {
  if (why) return;
  const script = await bundled();
  server = createServer(({ url = '' }, response) => {
    const [, place, file] = url.split('/');
    const isScript = file === 'worker.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    if (POLICIES[place]) response.setHeader('content-security-policy', POLICIES[place]);
    const absent = place === 'without' ? 'delete globalThis.WebAssembly;\n' : '';
    response.end(isScript ? absent + script : '<!doctype html><title>host tier</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** The worker's script, with the tests in it. */
async function bundled(): Promise<string> {
  const here = path.resolve('test/spec/web');
  const env = { WASMSCOPE_SEED: process.env.WASMSCOPE_SEED ?? '1', WASMSCOPE_TEST_ALL: '' };
  const { outputFiles } = await esbuild.build({
    entryPoints: [path.join(here, 'worker.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2024',
    logLevel: 'error',
    banner: { js: `globalThis.process = ${JSON.stringify({ env })};` },
    plugins: [
      {
        name: 'shims',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^node:/ }, ({ path: wanted }) => ({ path: path.join(here, SHIMS[wanted]) }));
        },
      },
    ],
  });
  return outputFiles[0].text;
}

/** What a worker at this place answers. */
async function ask(place: string, request: Request): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const page: Page = await browser.newPage();
  try {
    await page.goto(`http://127.0.0.1:${port}/${place}/`);
    page.setDefaultTimeout(MINUTES * 60_000);
    const answer = await page.evaluate(
      (given) =>
        new Promise<Answer>((resolve, reject) => {
          const worker = new Worker('worker.js');
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message || 'the worker did not start'));
          worker.postMessage(given);
        }),
      request,
    );
    assert.equal(answer.error, undefined);
    return answer;
  } finally {
    await page.close();
  }
}

function scripts(every: number): Script[] {
  const files = suiteFiles(folder!).filter((_, i) => i % every === FIRST % every);
  return files.map((file) => {
    const text = readFileSync(path.join(folder!, file), 'utf8').replace(/^\uFEFF/, '');
    return { file, text, features: [...featuresOf(file)] };
  });
}

function complaints(results: readonly ScriptResult[]): string[] {
  const expected = expectedFailures();
  return results.flatMap(({ file, passed, failures }) => {
    const listed = expected.files.has(file) ? 'all' : (expected.lines.get(file) ?? new Set<number>());
    const outcome = { passed, heldUp: 0, failures: new Map(failures) };
    return complaintsAbout(outcome, listed).map((text) => `${file}: ${text}`);
  });
}

test('the tests of the host tier pass in a worker of a browser', { skip: why }, async (t) => {
  const { why: reason, tests } = await ask('free', { kind: 'tests', without: NOT_HERE });
  assert.equal(reason, undefined);
  const failed = tests.filter((result) => result.failed !== undefined);
  assert.deepEqual(
    failed.map((result) => `${result.name}: ${result.failed}`),
    [],
  );
  assert.ok(tests.length > 50, `${tests.length} tests`);
  t.diagnostic(`${tests.length} tests`);
});

const noSuite = folder ? undefined : 'there is no test suite (WASMSCOPE_SPEC_TESTSUITE)';

test('the public test suite passes in compiled code in a worker of a browser', {
  skip: why ?? noSuite,
}, async (t) => {
  const { scripts: results, compiled } = await ask('free', {
    kind: 'suite',
    scripts: scripts(EVERY),
    engine: 'compiled',
  });
  assert.deepEqual(complaints(results), []);
  assert.ok(compiled > 100, `${compiled} functions compiled`);
  t.diagnostic(`${results.length} files, ${compiled} functions compiled`);
});

for (const [place, reason] of [
  ['forbidden', /^the host does not compile: .*Content Security Policy/],
  ['without', /^the host has no WebAssembly$/],
] as const) {
  test(`where WebAssembly is ${place} the suite passes in the interpreter`, {
    skip: why ?? noSuite,
  }, async () => {
    const answer = await ask(place, { kind: 'suite', scripts: scripts(2 * EVERY), engine: 'compiled' });
    assert.match(String(answer.why), reason);
    assert.equal(answer.compiled, 0);
    assert.deepEqual(complaints(answer.scripts), []);
  });
}
