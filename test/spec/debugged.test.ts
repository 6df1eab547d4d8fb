/**
 * The public test suite under the debugger: with every filter on but the one for all exceptions, no script stops, because
 * each trap and exception is one that its assertion expects, and all assertions hold.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createDebuggee } from '../../engine/debug/debuggee.ts';
import type { Command, CommandName, Params } from '../../engine/debug/wire.ts';
import { suiteFiles, suiteFolder } from './suite.ts';

/** One file in so many, unless all tests are wanted. */
const SAMPLE = process.env.WASMSCOPE_TEST_ALL ? 1 : 8;
const FOLDERS = new Set(['.', 'legacy', 'proposals/threads']);
/** They say that what came later is invalid, and the debugger runs all features. */
const OLDER = new Set(['proposals/threads/imports.wast', 'proposals/threads/memory.wast']);

const folder = suiteFolder();

if (!folder) {
  test('the public test suite under the debugger', {
    skip: 'there is no test suite: put WebAssembly/testsuite beside the project or name it in WASMSCOPE_SPEC_TESTSUITE',
  });
}

/** Runs a script to its end or its first stop; gives what there is to say of that. */
async function debugged(script: string): Promise<string> {
  let over = (_: string): void => undefined;
  const ended = new Promise<string>((resolve) => {
    over = resolve;
  });
  let printed = '';
  const debuggee = createDebuggee({
    send(message) {
      if (message.type === 'fault') over(`refused: ${message.faults[0].message}`);
      if (message.type !== 'event') return;
      if (message.event === 'output') printed = message.body.text;
      if (message.event === 'stopped') over(`stopped: ${message.body.reason}, ${printed}`);
      if (message.event === 'ended') over(`exit code ${message.body.code}`);
    },
    yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
    importModule: async () => ({}),
  });
  let id = 0;
  const request = <K extends CommandName>(command: K, params: Params<K>): void =>
    debuggee.receive({ id: ++id, command, params } as Command);
  const filters = (['traps', 'uncaught', 'assertions'] as const).map((filter) => ({ filter }));
  request('load', { program: { script } });
  request('link', {});
  request('prepare', {});
  request('setExceptionBreakpoints', { filters });
  request('start', { stopOnEntry: false, noDebug: false });
  return ended;
}

const files = folder
  ? suiteFiles(folder).filter((file) => FOLDERS.has(path.posix.dirname(file)) && !OLDER.has(file))
  : [];

for (const file of files.filter((_, i) => i % SAMPLE === 0)) {
  test(`under the debugger: ${file}`, async () => {
    const text = readFileSync(path.join(folder!, file), 'utf8').replace(/^\uFEFF/, '');
    assert.equal(await debugged(text), 'exit code 0');
  });
}
