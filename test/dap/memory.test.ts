/** Reading and writing memory at its edges, and what is told to views of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Conversation, converse } from './harness.ts';

const PROGRAM = `(module
  (memory $m (export "m") 1 2)
  (data (i32.const 0) "\\01\\02\\03\\04")
  (func (export "f") (result i32)
    (drop (memory.grow (i32.const 1)))
    (i32.load (i32.const 0))))
`;

const PAGE = 65536;
const base64 = (...bytes: number[]): string => Buffer.from(bytes).toString('base64');

async function stopped(c: Conversation): Promise<string> {
  const program = c.file('memory.wat', PROGRAM);
  await c.initialize({ supportsMemoryEvent: true, supportsInvalidatedEvent: true });
  await c.request('launch', { program, stopOnEntry: true });
  await c.request('configurationDone');
  const { frames } = await c.stopped();
  const { scopes } = await c.request('scopes', { frameId: frames[0].id });
  const { variablesReference } = scopes.find(({ name }: { name: string }) => name === 'Memory');
  const { variables } = await c.request('variables', { variablesReference });
  return variables[0].memoryReference;
}

test('reads at the edges of a memory', () =>
  converse(async (c) => {
    const memoryReference = await stopped(c);
    const read = async (offset: number | undefined, count: number): Promise<[string, string, number]> => {
      const {
        address,
        data,
        unreadableBytes = 0,
      } = await c.request('readMemory', {
        memoryReference,
        offset,
        count,
      });
      const { length } = Buffer.from(data, 'base64');
      assert.ok(length + unreadableBytes === count || offset! < 0, 'every byte is accounted for');
      return [address, Buffer.from(data, 'base64').subarray(0, 8).toString('hex'), unreadableBytes];
    };
    assert.deepEqual(await read(undefined, 4), ['0x0', '01020304', 0]);
    assert.deepEqual(await read(2, 3), ['0x2', '030400', 0]);
    assert.deepEqual(await read(0, 0), ['0x0', '', 0]);
    assert.deepEqual(await read(PAGE - 2, 5), ['0xfffe', '0000', 3]);
    assert.deepEqual(await read(PAGE, 16), ['0x10000', '', 16]);
    assert.deepEqual(await read(2 ** 32 - 16, 64), ['0xfffffff0', '', 64]);
    assert.deepEqual(await read(-3, 10), ['0x0', '', 3]);
    assert.deepEqual(await read(-30, 10), ['0x0', '', 10]);
    const whole = await c.request('readMemory', { memoryReference, count: PAGE });
    assert.equal(Buffer.from(whole.data, 'base64').length, PAGE);
    assert.match(await c.refusal('readMemory', { memoryReference, count: -1 }), /count from 0 on/);
    assert.match(
      await c.refusal('readMemory', { memoryReference: 'memory[1]', count: 1 }),
      /unknown memory 1/,
    );
    assert.match(await c.refusal('readMemory', { memoryReference: 'm', count: 1 }), /unknown memory: m/);
  }));

test('writes at the edges of a memory, whole or in part', () =>
  converse(async (c) => {
    const memoryReference = await stopped(c);
    const write = (offset: number, allowPartial?: boolean) => ({
      memoryReference,
      offset,
      allowPartial,
      data: base64(0xa1, 0xa2, 0xa3, 0xa4),
    });
    const at = async (offset: number): Promise<string> => {
      const { data } = await c.request('readMemory', { memoryReference, offset, count: 4 });
      return Buffer.from(data, 'base64').toString('hex');
    };
    assert.deepEqual(await c.request('writeMemory', write(8)), { bytesWritten: 4 });
    assert.equal(await at(8), 'a1a2a3a4');
    for (const offset of [PAGE - 2, PAGE, -1, 2 ** 40]) {
      assert.match(await c.refusal('writeMemory', write(offset)), /^out of bounds memory access: address/);
    }
    assert.equal(await at(PAGE - 4), '00000000', 'a refused write changes nothing');
    assert.deepEqual(await c.request('writeMemory', write(PAGE - 2, true)), {
      bytesWritten: 2,
      offset: PAGE - 2,
    });
    assert.equal(await at(PAGE - 4), '0000a1a2');
    assert.deepEqual(await c.request('writeMemory', write(-1, true)), { bytesWritten: 3, offset: 0 });
    assert.equal(await at(0), 'a2a3a404');
    assert.match(await c.refusal('writeMemory', write(PAGE, true)), /out of bounds/);
    assert.deepEqual(await c.request('writeMemory', { memoryReference, offset: 0, data: '' }), {
      bytesWritten: 0,
    });
  }));

test('views of memory hear of writes and of stops', () =>
  converse(async (c) => {
    const memoryReference = await stopped(c);
    await c.request('readMemory', { memoryReference, count: 4 });
    await c.request('writeMemory', { memoryReference, data: base64(9) });
    const event = await c.event('memory');
    assert.equal(event.memoryReference, memoryReference);
    assert.equal(event.offset, 0, 'VS Code wants the whole memory named');
    assert.ok(event.count >= 2 ** 32);
    assert.deepEqual(await c.event('invalidated'), { areas: ['variables'] });
    await c.step('next');
    assert.equal((await c.event('memory')).memoryReference, memoryReference);
    const { result } = await c.request('evaluate', { expression: 'mem[0].i32' });
    assert.equal(result, '67305993 (0x4030209)');
  }));
