/** The view of machine code: rows by address, instruction breakpoints, stepping by instruction. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';
import { FIB, FIB_BYTES } from './programs.ts';

type Row = DebugProtocol.DisassembledInstruction;

const TWO = `(module
  (func $one (export "one") (param $x i32) (result i32)
    (call $two (i32.add (local.get $x) (i32.const 300))))
  (func $two (param $y i32) (result i32)
    (local $z i64)
    (i32.mul (local.get $y) (i32.const 2))))
`;

async function rows(c: Conversation, args: object): Promise<Row[]> {
  return (await c.request('disassemble', args)).instructions;
}

const brief = ({ address, instruction, instructionBytes, symbol, line }: Row) =>
  [address, instructionBytes, instruction, symbol && `<${symbol}>`, line && `:${line}`]
    .filter(Boolean)
    .join(' ');

async function launched(
  c: Conversation,
  name: string,
  content: string | Uint8Array,
  invoke: object,
  more = {},
) {
  const program = c.file(name, content);
  await c.initialize({ supportsWasmscopeFiles: true });
  await c.request('launch', { program, invoke, stopOnEntry: true, ...more });
  await c.request('configurationDone');
  return c.stopped();
}

test('the rows of a small program, with its own text beside them', () =>
  converse(async (c) => {
    const { frames } = await launched(c, 'two.wat', TWO, { function: 'one', args: [1] });
    const reference = frames[0].instructionPointerReference!;
    assert.match(reference, /^0x1000000[0-9a-f]{2}$/);
    const shown = await rows(c, { memoryReference: reference, instructionOffset: -2, instructionCount: 14 });
    assert.deepEqual(shown.map(brief).slice(2, 12), [
      `${reference} 20 00 local.get $x <$one> :3`,
      '0x100000025 41 ac 02 i32.const 300 :3',
      '0x100000028 6a i32.add :3',
      '0x100000029 10 01 call $two :3',
      '0x10000002b 0b end :3',
      '0x100000030 20 00 local.get $y <$two> :6',
      '0x100000032 41 02 i32.const 2 :6',
      '0x100000034 6c i32.mul :6',
      '0x100000035 0b end :6',
      shown.map(brief)[11],
    ]);
    assert.deepEqual(
      [shown[0], shown[1], ...shown.slice(11)].map(({ presentationHint }) => presentationHint),
      new Array(5).fill('invalid'),
    );
    assert.equal(shown[2].location?.path, c.file('two.wat', TWO));
    assert.equal(shown[3].location, undefined, 'the same source is said once');
  }));

test('every request is answered with as many rows as it wants, in ascending addresses', () =>
  converse(async (c) => {
    const { frames } = await launched(c, 'fib.wasm', FIB_BYTES, { function: 'fib', args: [3] });
    const memoryReference = frames[0].instructionPointerReference!;
    const all = await rows(c, { memoryReference, instructionOffset: -200, instructionCount: 400 });
    assert.equal(all.length, 400);
    const addresses = all.map(({ address }) => BigInt(address));
    for (let i = 1; i < all.length; i++) assert.ok(addresses[i - 1] < addresses[i], `row ${i}`);
    assert.ok(addresses[0] > 0n);
    for (const [instructionOffset, instructionCount] of [
      [-200, 400],
      [0, 0],
      [0, 1],
      [-5, 3],
      [5, 100],
      [5000, 50],
      [-5000, 50],
      [-210, 200],
    ]) {
      const some = await rows(c, { memoryReference, instructionOffset, instructionCount });
      assert.equal(some.length, instructionCount);
      const from = 200 + instructionOffset;
      if (from < 0 || from + instructionCount > 400) continue;
      assert.deepEqual(
        some.map(({ address }) => address),
        all.slice(from, from + instructionCount).map(({ address }) => address),
      );
    }
    // An offset in bytes moves the base; inside an instruction it is that instruction.
    const [second] = await rows(c, { memoryReference, offset: 2, instructionCount: 1 });
    const [inside] = await rows(c, { memoryReference, offset: 3, instructionCount: 1 });
    assert.equal(second.address, all[201].address);
    assert.equal(inside.address, all[201].address);
    // Rows that are no code have addresses too, and lead back.
    const [far] = await rows(c, {
      memoryReference: all[10].address,
      instructionOffset: 190,
      instructionCount: 1,
    });
    assert.equal(far.address, all[200].address);
    assert.match(
      await c.refusal('disassemble', { memoryReference: 'here', instructionCount: 1 }),
      /unknown address/,
    );
    assert.match(
      await c.refusal('disassemble', { memoryReference, instructionCount: 1e9 }),
      /from 0 to 100000 rows/,
    );
  }));

test('instruction breakpoints and steps by instruction', () =>
  converse(async (c) => {
    const { frames } = await launched(c, 'fib.wat', FIB, { function: 'fib', args: [3] }, { stepBy: 'line' });
    const instructionReference = frames[0].instructionPointerReference!;
    const all = await rows(c, { memoryReference: instructionReference, instructionCount: 8 });
    const { breakpoints } = await c.request('setInstructionBreakpoints', {
      breakpoints: [
        { instructionReference, offset: Number(BigInt(all[2].address) - BigInt(all[0].address)) },
        { instructionReference, offset: 3 },
        { instructionReference, offset: 100_000 },
        { instructionReference, offset: Number(BigInt(all[1].address) - BigInt(all[0].address)) },
      ],
    });
    assert.deepEqual(
      breakpoints.map(({ verified }: DebugProtocol.Breakpoint) => verified),
      [true, true, false, true],
    );
    assert.equal(breakpoints[0].instructionReference, all[2].address);
    assert.match(breakpoints[1].message, /0x/);
    assert.equal(breakpoints[1].instructionReference, all[1].address);
    assert.match(breakpoints[2].message, /is not in a function's code/);
    const hit = await c.step('continue');
    assert.equal(hit.reason, 'instruction breakpoint');
    assert.equal(hit.frames[0].instructionPointerReference, all[1].address);
    assert.equal((await c.step('continue')).frames[0].instructionPointerReference, all[2].address);
    await c.request('setInstructionBreakpoints', { breakpoints: [] });
    const step = await c.step('next', { granularity: 'instruction' });
    assert.equal(step.reason, 'step');
    assert.equal(step.frames[0].instructionPointerReference, all[3].address);
    c.golden('disassembly');
  }));

test('a document is written as its URI says, in any session', () =>
  converse(async (c) => {
    const program = c.file('fib.wasm', FIB_BYTES);
    await c.initialize({ supportsWasmscopeFiles: true });
    await c.request('launch', {
      program,
      invoke: { function: 'fib', args: [3] },
      stopOnEntry: true,
      disassembly: { form: 'folded', offsets: true },
    });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const { path, sourceReference } = frames[0].source!;
    assert.match(path!, /fib\.wasm\/func-0-fib\.wat\?folded\.offsets$/);
    assert.equal(sourceReference, undefined);
    const text = async (uri: string): Promise<string[]> =>
      (await c.request('source', { source: { path: uri }, sourceReference: 0 })).content.split('\n');
    const folded = await text(path!);
    assert.match(folded[1], /^\(;0x[0-9a-f]{4};\) {3}\(if \(result i32\)/);
    assert.match(folded[frames[0].line - 1], /local\.get 0/);
    const flat = path!.replace(/\?.*/, '');
    assert.equal((await text(flat))[1], '  local.get 0');
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: flat },
      breakpoints: [{ line: 4 }],
    });
    assert.equal(breakpoints[0].verified, true);
    assert.equal(breakpoints[0].line, 4, 'in the document that it was set in');
    assert.equal(breakpoints[0].source.path, flat);
    const stop = await c.step('continue');
    assert.equal(stop.reason, 'breakpoint');
    assert.equal(stop.frames[0].source?.path, path);
    assert.match(folded[stop.frames[0].line - 1], /i32\.le_u/);
    const [row] = await rows(c, {
      memoryReference: stop.frames[0].instructionPointerReference,
      instructionCount: 1,
    });
    assert.equal(row.instruction, 'i32.le_u');
  }));

test('breakpoints in the text of the whole module', () =>
  converse(async (c) => {
    const { frames } = await launched(c, 'fib.wasm', FIB_BYTES, { function: 'fib', args: [3] });
    const whole = frames[0].source!.path!.replace(/func-0-fib\.wat$/, 'module.wat');
    const { content } = await c.request('source', { source: { path: whole }, sourceReference: 0 });
    const line = content.split('\n').findIndex((text: string) => text.includes('i32.add')) + 1;
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: whole },
      breakpoints: [{ line }],
    });
    assert.deepEqual([breakpoints[0].verified, breakpoints[0].line], [true, line]);
    const stop = await c.step('continue');
    assert.equal(stop.reason, 'breakpoint');
    assert.equal(stop.frames[0].source?.path, frames[0].source!.path, 'frames have their function');
  }));

test('wrong disassembly options are refused by name', () =>
  converse(async (c) => {
    const program = c.file('fib.wasm', FIB_BYTES);
    await c.initialize();
    const wrong = (disassembly: unknown) => c.refusal('launch', { program, disassembly });
    assert.match(await wrong('folded'), /"disassembly" must be an object/);
    assert.match(await wrong({ form: 'nested' }), /"disassembly.form" must be "flat" or "folded"/);
    assert.match(await wrong({ offsets: 1 }), /"disassembly.offsets" must be true or false/);
  }));
