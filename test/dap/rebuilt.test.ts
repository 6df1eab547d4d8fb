/** Breakpoints of one build of a module in another one: found again by their anchors, or by the document's name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { pathToUri } from '../../debug-adapter/paths.ts';
import { disassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { type Conversation, converse } from './harness.ts';

const PLATFORM = process.platform === 'win32' ? 'win32' : 'posix';

type Anchored = DebugProtocol.Breakpoint & { anchor?: object };

function build(wat: string): Uint8Array {
  return assemble(parseTree(wat)).bytes;
}

const MAIN = '(func $main (export "main") (result i32) i32.const 20 call $double)';
const DOUBLE = '(func $double (param $x i32) (result i32) local.get $x i32.const 2 i32.mul)';
const BEFORE = `(module ${MAIN} ${DOUBLE} (func $gone))`;

/** Runs until it is stopped on entry; gives where the line of `$double` and the offset of its `i32.mul` are set. */
async function launch(
  c: Conversation,
  wat: string,
  anchors: { line?: object; offset?: object } = {},
): Promise<{ line: Anchored; offset: Anchored; gone: Anchored }> {
  const program = c.file('m.wasm', build(wat));
  const uri = pathToUri(program, PLATFORM);
  await c.initialize({ supportsWasmscopeFiles: true });
  await c.request('launch', { program, invoke: { function: 'main' }, stopOnEntry: true });
  const inDouble = await c.request('setBreakpoints', {
    source: { path: disassemblyUri(uri, 1, 'double') },
    breakpoints: [{ line: 3, anchor: anchors.line }],
  });
  const inGone = await c.request('setBreakpoints', {
    source: { path: disassemblyUri(uri, 2, 'gone') },
    breakpoints: [{ line: 1 }],
  });
  const name = `0x${build(BEFORE).indexOf(0x6c).toString(16)}`;
  const functions = await c.request('setFunctionBreakpoints', {
    breakpoints: [{ name, anchor: anchors.offset }],
  });
  return { line: inDouble.breakpoints[0], offset: functions.breakpoints[0], gone: inGone.breakpoints[0] };
}

function shown({ verified, message, source, line, column }: DebugProtocol.Breakpoint): string {
  const at = verified ? `${source?.path?.split('/').at(-1)} ${line}:${column}` : 'not set';
  return message ? `${at}: ${message}` : at;
}

async function first(): Promise<{ line: Anchored; offset: Anchored; gone: Anchored }> {
  let set: { line: Anchored; offset: Anchored; gone: Anchored } | undefined;
  await converse(async (c) => {
    set = await launch(c, BEFORE);
    assert.equal(shown(set.line), 'func-1-double.wat 3:3');
    assert.equal(shown(set.offset), 'func-1-double.wat 4:3');
    assert.equal(shown(set.gone), 'func-2-gone.wat 1:27');
  });
  return set!;
}

/** A later build, and where the three breakpoints are in it, with their anchors. */
const BUILDS: [what: string, wat: string, line: string, offset: string, gone: string][] = [
  ['the same', BEFORE, 'func-1-double.wat 3:3', 'func-1-double.wat 4:3', 'func-2-gone.wat 1:27'],
  [
    'functions in front',
    `(module (func $new nop nop) (func $gone) ${MAIN} ${DOUBLE})`,
    'func-3-double.wat 3:3: the function is func[3] now',
    'func-3-double.wat 4:3: the function is func[3] now',
    'func-1-gone.wat 1:27: the function has another index now',
  ],
  [
    'other code',
    `(module ${MAIN} (func $double (param $x i32) (result i32) local.get $x i32.const 1 i32.shl) (func $gone))`,
    'func-1-double.wat 3:3: the code of the function has changed: this is the nearest instruction',
    'func-1-double.wat 4:3: the code of the function has changed: this is the nearest instruction',
    'func-2-gone.wat 1:27',
  ],
  [
    'another name',
    `(module ${DOUBLE.replace('$double', '$twice')} ${MAIN.replace('$double', '$twice')})`,
    'func-0-twice.wat 3:3: the function is func[0] now',
    'func-0-twice.wat 4:3: the function is func[0] now',
    'not set: the function of this document is no longer in the module',
  ],
  [
    'less functions',
    '(module (func $main (export "main") (result i32) i32.const 40))',
    'not set: the function double is no longer in the module',
    'not set: the function double is no longer in the module',
    'not set: the function of this document is no longer in the module',
  ],
];

for (const [what, wat, ...places] of BUILDS) {
  test(`breakpoints in a build with ${what}`, async () => {
    const { line, offset } = await first();
    await converse(async (c) => {
      const set = await launch(c, wat, { line: line.anchor, offset: offset.anchor });
      assert.deepEqual([set.line, set.offset, set.gone].map(shown), places);
    });
  });
}

test('a client that keeps no anchors finds functions by the names of documents', () =>
  converse(async (c) => {
    const { line } = await launch(c, BUILDS[1][1]);
    assert.equal(shown(line), 'func-3-double.wat 3:3: the function has another index now');
    await c.request('setFunctionBreakpoints', { breakpoints: [] });
    await c.request('configurationDone');
    await c.stopped();
    const { stack } = await c.step('continue');
    assert.deepEqual(stack, ['$double 3:3', '$main 3:3']);
  }));

test('a program that is built anew while it is debugged', () =>
  converse(async (c) => {
    await launch(c, BEFORE);
    await c.request('configurationDone');
    await c.stopped();
    c.file('m.wasm', build(BEFORE));
    c.file('other.wasm', build('(module)'));
    c.file('m.wasm', build(BUILDS[1][1]));
    const { uri } = await c.event('wasmscope/programChanged');
    assert.equal(uri.split('/').at(-1), 'm.wasm');
    const told = 'm.wasm has changed since it was loaded: restart to debug what it is now.\n';
    // A client that does not know that event is told more loudly.
    assert.deepEqual([c.printed('console'), c.printed('important')], [told, '']);
    const { stack } = await c.step('next');
    assert.deepEqual(stack, ['$main 3:3']);
  }));

/** A preloaded library, and where its `double` is called. */
const LIB = `(module ${DOUBLE.replace('func $double', 'func $double (export "double")')})`;
const NEW_LIB = LIB.replace('(module', '(module (func $new nop)');
const USER = `(module (import "lib" "double" (func $double (param i32) (result i32)))
  (func (export "main") (result i32) (call $double (i32.const 20))))`;

test('breakpoints in a preloaded module that is built anew', async () => {
  let kept: object | undefined;
  for (const [wat, found] of [
    [LIB, 'func-0-double.wat 3:3'],
    [NEW_LIB, 'func-1-double.wat 3:3: the function is func[1] now'],
  ]) {
    await converse(async (c) => {
      const lib = c.file('lib.wasm', build(wat));
      const program = c.file('user.wat', USER);
      await c.initialize({ supportsWasmscopeFiles: true });
      await c.request('launch', { program, preload: { lib }, invoke: { function: 'main' } });
      const { breakpoints } = await c.request('setBreakpoints', {
        source: { path: disassemblyUri(pathToUri(lib, PLATFORM), 0, 'double') },
        breakpoints: [{ line: 3, anchor: kept }],
      });
      kept = breakpoints[0].anchor;
      assert.equal(shown(breakpoints[0]), found);
      await c.request('configurationDone');
      assert.match((await c.stopped()).stack[0], /^\$double 3:3$/);
      if (wat !== LIB) return;
      c.file('lib.wasm', build(NEW_LIB));
      assert.match((await c.event('wasmscope/programChanged')).uri, /\/lib\.wasm$/);
    });
  }
});

test('a client is asked to watch what only it can read, also what is preloaded', () =>
  converse(async (c) => {
    await c.initialize({ supportsWasmscopeFiles: true });
    const answer = async (text: string): Promise<string> => {
      const { id, uri } = await c.event('wasmscope/readFile');
      await c.request('wasmscope/fileContent', { id, text });
      return uri;
    };
    const program = 'memfs:/w/user.wat';
    const launched = c.request('launch', { program, preload: { lib: 'lib.wat' }, stopOnEntry: true });
    assert.equal(await answer(USER), program);
    assert.equal(await answer(LIB), 'memfs:/w/lib.wat');
    await launched;
    const { uris } = await c.event('wasmscope/watchFiles');
    assert.deepEqual(uris, [program, 'memfs:/w/lib.wat']);
    const changed = c.request('wasmscope/fileChanged', { uri: uris[1] });
    await answer(NEW_LIB);
    await changed;
    assert.equal((await c.event('wasmscope/programChanged')).uri, uris[1]);
  }));

test('a client tells of changes of files that only it can read', () =>
  converse(async (c) => {
    await c.initialize({ supportsWasmscopeFiles: true });
    const answer = async (data: Uint8Array): Promise<void> => {
      const { id } = await c.event('wasmscope/readFile');
      await c.request('wasmscope/fileContent', { id, data: Buffer.from(data).toString('base64') });
    };
    const program = 'memfs:/m.wasm';
    const launched = c.request('launch', { program, invoke: { function: 'main' }, stopOnEntry: true });
    await answer(build(BEFORE));
    await launched;
    for (const wat of [BEFORE, BUILDS[1][1]]) {
      const changed = c.request('wasmscope/fileChanged', { uri: program });
      await answer(build(wat));
      await changed;
      assert.equal(c.printed('console') === '', wat === BEFORE);
    }
  }));
