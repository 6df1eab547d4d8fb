/** Modules from npm under the debugger, without any source: they run to their ends and can be looked at on the way. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { importNothing, installed } from '../packages.ts';
import { type Conversation, converse } from './harness.ts';

/**
 * A module of imports for modules that import nothing: it writes the input before `format` is called, and tells where
 * the output is. JavaScript may call exports while the program is stopped.
 */
const driver = (source: string, before: string, output: string) => `
const SOURCE = ${JSON.stringify(source)};
export default ({ instance }) => {
  setTimeout(() => {
    const { exports } = instance;
    ${before}
    const bytes = new TextEncoder().encode(SOURCE);
    const at = exports.alloc(bytes.length);
    new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
    console.log('input at ' + at + ' of ' + bytes.length);
    setInterval(() => console.log('output ' + JSON.stringify(${output})), 20);
  }, 0);
  return {};
};
`;

async function printed(c: Conversation, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const { output } = await c.event<{ output: string }>('output');
    const match = pattern.exec(output);
    if (match) return match;
  }
}

const gofmt = installed('@wasm-fmt/gofmt');

test(
  'gofmt formats a file under the debugger',
  { timeout: 60_000, skip: 'why' in gofmt ? gofmt.why : false },
  () =>
    converse(async (c) => {
      if ('why' in gofmt) return;
      const source = 'package main\nfunc  main( ){\nprintln( "hi" )}\n';
      const before = 'exports._initialize();';
      const output = '[exports.output_ptr(), exports.output_len()]';
      const imports = c.file('driver.mjs', driver(source, before, output));
      await c.initialize({ supportsWasmscopeFiles: true });
      const program = path.join(gofmt.folder, 'gofmt.wasm');
      await c.request('launch', { program, imports, invoke: { function: 'format' }, stopOnEntry: true });
      await printed(c, /^input at \d+ of \d+/);
      await c.request('configurationDone');
      const { frames } = await c.stopped();
      assert.equal(frames[0].name, '$main.format#wasmexport');
      assert.match(frames[0].source!.path!, /gofmt\.wasm\/func-\d+-main\.format_wasmexport\.wat$/);
      // Where the function returns: what it gives is on the stack there.
      const { instructions } = await c.request('disassemble', {
        memoryReference: frames[0].instructionPointerReference,
        instructionCount: 5000,
      });
      type Row = DebugProtocol.DisassembledInstruction;
      const next = instructions.findIndex(({ symbol }: Row, i: number) => i > 0 && symbol !== undefined);
      const returns = instructions.slice(0, next).filter(({ instruction }: Row) => instruction === 'return');
      assert.ok(returns.length > 0);
      await c.request('setInstructionBreakpoints', {
        breakpoints: returns.map(({ address }: Row) => ({ instructionReference: address })),
      });
      const last = await c.step('continue');
      assert.equal(last.reason, 'instruction breakpoint');
      const { 'Value stack': stack } = await c.variables(last.frames[0].id);
      assert.match(stack.join(), /stack\[0\] = .*\b1 \(0x1\)/);
      const [, at, count] = await printed(c, /^output \[(\d+),([1-9]\d*)\]/);
      const { data } = await c.request('readMemory', {
        memoryReference: 'memory[0]',
        offset: Number(at),
        count: Number(count),
      });
      assert.equal(
        Buffer.from(data, 'base64').toString(),
        'package main\n\nfunc main() {\n\tprintln("hi")\n}\n',
      );
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 0);
    }),
);

const zigFmt = installed('@wasm-fmt/zig_fmt');

test(
  'zig fmt formats a file under the debugger as it does in Node',
  { timeout: 60_000, skip: 'why' in zigFmt ? zigFmt.why : false },
  () =>
    converse(async (c) => {
      if ('why' in zigFmt) return;
      const source = 'const std=@import("std");\npub fn main( ) void {var x:u32=1;  x+=1;_ = x;}\n';
      const program = path.join(zigFmt.folder, 'zig_fmt.wasm');
      const native = await formatInNode(program, source);
      assert.match(native.text, /^const std = @import\("std"\);\npub fn main/);
      const imports = c.file('driver.mjs', driver(source, '', '0'));
      await c.initialize({ supportsWasmscopeFiles: true });
      const invoke = { function: 'format', args: [native.at, native.length] };
      await c.request('launch', { program, imports, invoke, stopOnEntry: true });
      const [, at] = await printed(c, /^input at (\d+) of \d+/);
      assert.equal(Number(at), native.at, 'the same program asks for the same memory');
      await c.request('configurationDone');
      const { frames } = await c.stopped();
      const { instructions } = await c.request('disassemble', {
        memoryReference: frames[0].instructionPointerReference,
        instructionCount: 500,
      });
      type Row = DebugProtocol.DisassembledInstruction;
      const next = instructions.findIndex(({ symbol }: Row, i: number) => i > 0 && symbol !== undefined);
      const body: Row[] = instructions.slice(0, next < 0 ? undefined : next);
      const end = body.findLast(({ instruction }) => instruction.endsWith('end'))!;
      await c.request('setInstructionBreakpoints', { breakpoints: [{ instructionReference: end.address }] });
      const last = await c.step('continue');
      assert.equal(last.reason, 'instruction breakpoint');
      const { 'Value stack': stack } = await c.variables(last.frames[0].id);
      const [count, offset] = stack.map((value) => Number(/= (?:i32 )?(\d+)/.exec(value)?.[1]));
      const { data } = await c.request('readMemory', { memoryReference: 'memory[0]', offset, count });
      assert.equal(Buffer.from(data, 'base64').toString(), native.text);
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 0);
    }),
);

/** Where the input lies and how long it is, and what comes out. */
async function formatInNode(
  program: string,
  source: string,
): Promise<{ at: number; length: number; text: string }> {
  const { instance } = await WebAssembly.instantiate(readFileSync(program), {});
  const exports = instance.exports as {
    memory: WebAssembly.Memory;
    alloc(length: number): number;
    format(at: number, length: number): [number, number];
  };
  const bytes = new TextEncoder().encode(source);
  const at = exports.alloc(bytes.length);
  new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
  const [outAt, outLength] = exports.format(at, bytes.length);
  const text = Buffer.from(exports.memory.buffer, outAt, outLength).toString();
  return { at, length: bytes.length, text };
}

const esbuild = installed('esbuild-wasm');

test(
  'a module of 14 MB: its first stop, call stack, WAT and code',
  { skip: 'why' in esbuild ? esbuild.why : false },
  () =>
    converse(async (c) => {
      if ('why' in esbuild) return;
      const imports = c.file('imports.mjs', importNothing(path.join(esbuild.folder, 'esbuild.wasm')));
      await c.initialize({ supportsWasmscopeFiles: true });
      await c.request('launch', {
        program: path.join(esbuild.folder, 'esbuild.wasm'),
        imports,
        invoke: { function: 'run', args: [0, 0] },
        stopOnEntry: true,
      });
      await c.request('configurationDone');
      const { frames } = await c.stopped();
      assert.equal(frames[0].name, 'run');
      const { content } = await c.request('source', { source: frames[0].source, sourceReference: 0 });
      assert.match(content, /^\(func \$run/);
      const { instructions } = await c.request('disassemble', {
        memoryReference: frames[0].instructionPointerReference,
        instructionOffset: -200,
        instructionCount: 400,
      });
      assert.equal(instructions.length, 400);
      assert.equal(instructions[200].symbol, 'run');
      const step = await c.step('stepIn');
      assert.equal(step.frames[0].line, frames[0].line + 1);
    }),
);
