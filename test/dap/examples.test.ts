/**
 * The programs of examples/ under the debugger, from every compiler: a breakpoint in a function by its name, the whole call stack, a
 * step, and on to the end. Go's is built where there is a Go compiler (`GO` names it).
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { builtGo } from '../toolchains.ts';
import { converse } from './harness.ts';

interface Case {
  readonly launch?: object;
  readonly stop: string;
  /** Functions from the innermost frame on, as far as they are certain. */
  readonly stack: readonly RegExp[];
  /** The program's own entry, unless it is `$_start`. */
  readonly outermost?: RegExp;
  readonly stdout: string;
}

const PROGRAMS: Readonly<Record<string, Case>> = {
  'c-hello/hello.wasm': {
    launch: { args: ['Ada'] },
    stop: 'greet',
    stack: [/^\$greet\b/, /^\$main\b/],
    stdout: 'Hello, Ada!\n',
  },
  'c-hello/hello-O2.wasm': {
    launch: { args: ['Ada'] },
    stop: 'main',
    stack: [/^\$main\b/, /^\$__main_void\b/],
    stdout: 'Hello, Ada!\n',
  },
  'cpp-shapes/shapes.wasm': {
    launch: { args: ['3x4'] },
    stop: 'Rectangle::area() const',
    stack: [/^\$Rectangle::area\(\) const/, /^\$main\b/],
    stdout: 'rectangle: 12\ntotal: 12\n',
  },
  'rust-words/words.wasm': {
    launch: { stdin: { text: 'to be or not to be' } },
    stop: '/words::Counts::most/',
    stack: [/^words::Counts::most\b/, /^words::main\b/],
    stdout: '   2 be\n   2 to\n   1 not\n',
  },
  'as-primes/primes.wasm': {
    launch: { args: ['10'] },
    stop: 'primes/sieve',
    stack: [/^\$primes\/sieve/, /^\$start:primes/],
    outermost: /^\$~start/,
    stdout: '2 3 5 7\n4 primes\n',
  },
  'c-guess/guess.wasm': {
    launch: { args: ['3'], stdin: { text: '3\n' } },
    stop: 'fgets',
    stack: [/^\$fgets\b/, /^\$main\b/],
    stdout: 'Your guess, from 1 to 10? yes\n1 tries\n',
  },
  'c-poll/wait.wasm': {
    launch: { args: ['60000'], stdin: { text: 'abc' } },
    stop: 'poll',
    stack: [/^\$poll\b/, /^\$main\b/],
    stdout: '3 bytes\nend of input\n',
  },
};

const check = (program: string, { launch, stop, stack, outermost = /^\$_start\b/, stdout }: Case) =>
  converse(async (c) => {
    await c.initialize();
    await c.request('launch', { program, ...launch });
    await c.event('initialized');
    const { breakpoints } = await c.request('setFunctionBreakpoints', { breakpoints: [{ name: stop }] });
    assert.equal(breakpoints[0].verified, true, breakpoints[0].message);
    await c.request('configurationDone');
    const first = await c.stopped();
    assert.equal(first.reason, 'function breakpoint');
    for (const [i, name] of stack.entries()) assert.match(first.stack[i], name);
    assert.match(first.stack.at(-1) ?? '', outermost);
    const second = await c.step('next');
    assert.equal(second.reason, 'step');
    assert.equal(second.frames.length, first.frames.length);
    assert.notEqual(second.stack[0], first.stack[0]);
    await c.request('setFunctionBreakpoints', { breakpoints: [] });
    await c.request('continue', { threadId: c.thread });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), stdout);
  });

for (const [program, one] of Object.entries(PROGRAMS)) {
  test(program, () => check(path.resolve('examples', program), one));
}

const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope examples #'));
after(() => rmSync(folder, { recursive: true }));
const go = builtGo(folder);
test('go-greet/greet.go', { skip: 'why' in go ? go.why : false }, async () => {
  if ('why' in go) return;
  await check(go.file, {
    launch: { args: ['Ada'] },
    stop: 'main.greet',
    stack: [/^\$main\.greet\b/],
    outermost: /_rt0_wasm_wasip1/,
    stdout: 'Hello, Ada!\n',
  });
});
