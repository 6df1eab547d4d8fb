/** What a program writes on its way to the console: order, pieces, and waiting when nobody takes it; and input that comes bit by bit. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { ProgramOutput } from '../../engine/debug/program-output.ts';
import { InputQueue } from '../../engine/wasi/input.ts';

function collected() {
  const sent: [category: string, text: string][] = [];
  const output = new ProgramOutput((category, bytes) => {
    sent.push([category, Buffer.from(bytes).toString()]);
  });
  return { sent, output, out: output.stream('stdout'), err: output.stream('stderr') };
}

test('writes are collected, and streams keep their order', () => {
  const { sent, output, out, err } = collected();
  const bytes = encodeUtf8('ab');
  assert.equal(out.write(bytes), 2);
  // The guest's memory goes on changing.
  bytes.fill(0x78);
  out.write(encodeUtf8('c'));
  assert.deepEqual(sent, []);
  err.write(encodeUtf8('e'));
  assert.deepEqual(sent, [['stdout', 'abc']]);
  output.flush();
  output.flush();
  assert.deepEqual(sent.slice(1), [['stderr', 'e']]);
});

test('a program that is far ahead waits until enough was taken', async () => {
  const { sent, output, out } = collected();
  const piece = new Uint8Array(1 << 18).fill(0x61);
  for (let i = 0; i < 4; i++) assert.equal(out.write(piece), piece.length);
  assert.equal(out.writable(), undefined);
  const waiting = out.write(piece);
  assert.ok(waiting instanceof Promise);
  let went = false;
  void waiting.then(() => {
    went = true;
  });
  assert.ok(out.writable());
  output.taken(1 << 18);
  await Promise.resolve();
  assert.equal(went, false);
  output.taken(1 << 19);
  assert.equal(await waiting, piece.length);
  assert.equal(out.writable(), undefined);
  assert.equal(sent.length, 5);
});

test('input that is pushed wakes who waits, in pieces as asked for, to the end', async () => {
  const input = new InputQueue({ isTerminal: true });
  const first = input.read(3);
  assert.ok(first instanceof Promise);
  const cancelled = input.readable();
  cancelled?.cancel();
  input.push(encodeUtf8('abcdef'));
  assert.equal(Buffer.from(await first).toString(), 'abc');
  assert.equal(input.readable(), undefined);
  assert.equal(Buffer.from(await input.read(9)).toString(), 'def');
  const last = input.read(1);
  input.end();
  input.push(encodeUtf8('too late'));
  assert.equal((await last).length, 0);
  assert.equal((await input.read(1)).length, 0);
});
