/** A binary program: its frames are shown in disassembled documents, one a function, and breakpoints work in them. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToUri } from '../../debug-adapter/paths.ts';
import { disassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import { converse } from './harness.ts';
import { FIB_BYTES } from './programs.ts';

const PLATFORM = process.platform === 'win32' ? 'win32' : 'posix';

test('frames of a binary have a document of their own', () =>
  converse(async (c) => {
    const program = c.file('fib.wasm', FIB_BYTES);
    const document = disassemblyUri(pathToUri(program, PLATFORM), 0, 'fib');
    await c.initialize({ supportsWasmscopeFiles: true });
    await c.request('launch', { program, invoke: { function: 'fib', args: [3] } });
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: document },
      breakpoints: [{ line: 3 }],
    });
    assert.equal(breakpoints[0].verified, true);
    await c.request('configurationDone');
    const { stack, frames } = await c.stopped();
    assert.deepEqual(stack, ['fib 3:3']);
    assert.equal(frames[0].source?.path, document);
    assert.equal(frames[0].source?.sourceReference, undefined);
    const { content } = await c.request('source', { source: frames[0].source, sourceReference: 0 });
    assert.equal(content.split('\n')[2], '  i32.const 1');
    await c.variables(frames[0].id);
    const { breakpoints: inBinary } = await c.request('setBreakpoints', {
      source: { path: path.join(c.dir, 'other.wasm') },
      breakpoints: [{ line: 1 }],
    });
    assert.equal(inBinary[0].verified, false);
    c.golden('binary');
  }));

test('clients without our URIs get a source reference', () =>
  converse(async (c) => {
    const program = c.file('fib.wasm', FIB_BYTES);
    await c.launch({ program, invoke: { function: 'fib', args: [3] }, stopOnEntry: true });
    const { frames } = await c.stopped();
    const { sourceReference } = frames[0].source!;
    assert.equal(sourceReference, 1);
    const { content } = await c.request('source', { sourceReference });
    assert.match(content, /^\(func /);
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { sourceReference },
      breakpoints: [{ line: 3 }],
    });
    assert.equal(breakpoints[0].verified, true);
  }));

test('files come from the client where the adapter cannot read them', () =>
  converse(async (c) => {
    await c.initialize({ supportsWasmscopeFiles: true });
    const launched = c.request('launch', {
      program: 'memfs:/dir/fib.wasm',
      invoke: { function: 'fib', args: [3] },
      stopOnEntry: true,
    });
    const { id, uri } = await c.event('wasmscope/readFile');
    assert.equal(uri, 'memfs:/dir/fib.wasm');
    await c.request('wasmscope/fileContent', { id, data: Buffer.from(FIB_BYTES).toString('base64') });
    await launched;
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    assert.equal(frames[0].source?.path, disassemblyUri(uri, 0, 'fib'));
  }));

test('an untitled document is debugged in place', () =>
  converse(async (c) => {
    await c.initialize({ supportsWasmscopeFiles: true });
    const launched = c.request('launch', { program: 'untitled:Untitled-1' });
    const { id } = await c.event('wasmscope/readFile');
    await c.request('wasmscope/fileContent', { id, text: '(func (export "f") (result i32) i32.const 7)' });
    await launched;
    await c.request('setBreakpoints', {
      source: { path: 'untitled:Untitled-1' },
      breakpoints: [{ line: 1 }],
    });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    assert.equal(frames[0].source?.path, 'untitled:Untitled-1');
  }));

test('a file that the client cannot read', () =>
  converse(async (c) => {
    await c.initialize({ supportsWasmscopeFiles: true });
    const launched = c.refusal('launch', { program: 'memfs:/none.wat' });
    const { id } = await c.event('wasmscope/readFile');
    await c.request('wasmscope/fileContent', { id, error: 'no such file' });
    assert.equal(await launched, 'cannot read memfs:/none.wat: no such file');
  }));
