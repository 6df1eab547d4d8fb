/**
 * `wasi:io`, `wasi:cli`, `wasi:clocks`, `wasi:random`: streams with all their methods, waiting, and the surroundings.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { hostResource } from '../../engine/component/host.ts';
import type { ComponentInst } from '../../engine/component/instance.ts';
import { dropLeftovers } from '../../engine/component/leftover.ts';
import { HandleTable } from '../../engine/component/resources.ts';
import type { CaseValue, ComponentValue } from '../../engine/component/values.ts';
import { ProgramExit } from '../../engine/wasi/exit.ts';
import { HostError, type OutputStream } from '../../engine/wasi/host.ts';
import { inputOf } from '../../engine/wasi/input.ts';
import { fixedClocks } from '../../engine/wasi/repeatable.ts';
import { bytes, Guest2, none, some } from './wasi2-guest.ts';

const IN = 'io/streams#[method]input-stream';
const OUT = 'io/streams#[method]output-stream';

const stdin = (guest: Guest2) => guest.now('cli/stdin#get-stdin');
const stdout = (guest: Guest2) => guest.now('cli/stdout#get-stdout');

/** `closed`, `last-operation-failed`, or what is in `ok`: bytes as text. */
async function streamed(answer: unknown): Promise<unknown> {
  const { case: chosen, payload } = (await answer) as CaseValue;
  if (chosen === 1) return (payload as CaseValue).case === 1 ? 'closed' : 'last-operation-failed';
  return payload instanceof Uint8Array ? Buffer.from(payload).toString() : payload;
}

/** A sink that takes what it is told to take, and when. */
function slowSink(): OutputStream & { text: string; open(): void; fail(error: Error): void } {
  let wake: (() => void) | undefined;
  let breakIt: ((error: Error) => void) | undefined;
  return {
    isTerminal: false,
    text: '',
    write(piece) {
      return new Promise((done, failed) => {
        breakIt = failed;
        wake = () => {
          this.text += Buffer.from(piece).toString();
          done(piece.length);
        };
      });
    },
    writable: () => undefined,
    open: () => wake?.(),
    fail: (error) => breakIt?.(error),
  };
}

function isTrap(message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof WasmError && error.fault.phase === 'trap' && message.test(error.fault.message);
}

test('reading: what is there, waiting for more, skipping, the end', async () => {
  const guest = new Guest2();
  const stream = stdin(guest);
  const read = (name: string, most: bigint) => streamed(guest.call(`${IN}.${name}`, stream, most));
  assert.equal(await read('read', 10n), '');
  const later = read('blocking-read', 3n);
  guest.stdin.push('abcdefgh');
  assert.equal(await later, 'abc');
  assert.equal(await read('read', 0n), '');
  assert.equal(await read('blocking-read', 0n), '');
  assert.equal(await read('skip', 2n), 2n);
  assert.equal(await read('read', 1n << 60n), 'fgh');
  assert.equal(await read('skip', 2n), 0n);
  const skipped = read('blocking-skip', 2n);
  guest.stdin.push('x');
  assert.equal(await skipped, 1n);
  guest.stdin.end();
  assert.equal(await read('blocking-read', 1n), 'closed');
  for (const name of ['read', 'blocking-read', 'skip', 'blocking-skip'])
    assert.equal(await read(name, 1n), 'closed');
});

test('writing: as much as was permitted', async () => {
  const guest = new Guest2();
  guest.stdout.most = 4;
  const stream = stdout(guest);
  const call = (name: string, ...args: ComponentValue[]) =>
    streamed(guest.call(`${OUT}.${name}`, stream, ...args));
  assert.equal(await call('check-write'), 65_536n);
  assert.equal(await call('write', bytes('written in pieces')), undefined);
  await assert.rejects(async () => call('write', bytes('x')), isTrap(/more was written/));
  assert.equal(await call('check-write'), 65_536n);
  assert.equal(await call('write-zeroes', 3n), undefined);
  assert.equal(await call('flush'), undefined);
  assert.equal(await call('blocking-flush'), undefined);
  assert.equal(await call('blocking-write-zeroes-and-flush', 2n), undefined);
  assert.equal(await call('blocking-write-and-flush', bytes('!')), undefined);
  assert.equal(guest.stdout.text, 'written in pieces\0\0\0\0\0!');
  await call('check-write');
  for (const [name, args] of [
    ['write', [new Uint8Array(65_537)]],
    ['write-zeroes', [1n << 40n]],
    ['blocking-write-and-flush', [new Uint8Array(4097)]],
    ['blocking-write-zeroes-and-flush', [4097n]],
  ] as const) {
    await assert.rejects(async () => call(name, ...args), isTrap(/output-stream/), name);
  }
});

test('an output that is slow takes nothing meanwhile, and can be waited for', async () => {
  const sink = slowSink();
  const guest = new Guest2({ stdout: sink });
  const stream = stdout(guest);
  const call = (name: string, ...args: ComponentValue[]) =>
    streamed(guest.call(`${OUT}.${name}`, stream, ...args));
  const pollable = guest.now(`${OUT}.subscribe`, stream);
  const ready = () => guest.now('io/poll#[method]pollable.ready', pollable);
  assert.equal(ready(), true);
  await call('check-write');
  await call('write', bytes('one'));
  assert.equal(ready(), false);
  assert.equal(await call('check-write'), 0n);
  assert.equal(await call('flush'), undefined);
  await assert.rejects(async () => call('write', bytes('x')), isTrap(/more was written/));
  const waiting = guest.block(pollable);
  sink.open();
  await waiting;
  assert.deepEqual([ready(), await call('check-write'), sink.text], [true, 65_536n, 'one']);

  const flushed = call('blocking-write-and-flush', bytes('two'));
  await new Promise(setImmediate);
  sink.open();
  assert.equal(await flushed, undefined);

  await call('check-write');
  await call('write', bytes('lost'));
  sink.fail(new HostError('nospc', 'the disk is full'));
  await guest.block(pollable);
  const failed = (await guest.call(`${OUT}.check-write`, stream)) as CaseValue;
  const { case: chosen, payload } = failed.payload as CaseValue;
  assert.deepEqual([failed.case, chosen], [1, 0]);
  assert.equal(guest.now('io/error#[method]error.to-debug-string', payload!), 'the disk is full');
  assert.deepEqual(guest.now('filesystem/types#filesystem-error-code', payload!), none);
  for (const name of ['check-write', 'flush', 'blocking-flush']) assert.equal(await call(name), 'closed');
  assert.equal(await call('write', bytes('x')), 'closed');
  assert.equal(ready(), true);
});

test('what was taken is written before a stream is gone', async () => {
  const sink = slowSink();
  const guest = new Guest2({ stdout: sink });
  const stream = stdout(guest);
  await guest.call(`${OUT}.check-write`, stream);
  await guest.call(`${OUT}.write`, stream, bytes('last words'));
  const dropped = guest.drop(stream);
  sink.open();
  await dropped;
  assert.equal(sink.text, 'last words');
});

test('splicing', async () => {
  const guest = new Guest2();
  const [from, to] = [stdin(guest), stdout(guest)];
  const splice = (name: string, most: bigint) => streamed(guest.call(`${OUT}.${name}`, to, from, most));
  assert.equal(await splice('splice', 5n), 0n);
  const later = splice('blocking-splice', 5n);
  guest.stdin.push('spliced');
  assert.equal(await later, 5n);
  assert.equal(await splice('splice', 100n), 2n);
  guest.stdin.end();
  assert.equal(await splice('splice', 1n), 'closed');
  assert.equal(guest.stdout.text, 'spliced');
});

test('waiting for the first of several', async () => {
  const guest = new Guest2();
  const input = guest.now(`${IN}.subscribe`, stdin(guest));
  const soon = guest.now('clocks/monotonic-clock#subscribe-duration', 1000n);
  const never = guest.now('clocks/monotonic-clock#subscribe-instant', (1n << 64n) - 1n);
  const past = guest.now('clocks/monotonic-clock#subscribe-instant', 5n);
  const poll = (...all: ComponentValue[]) => guest.call('io/poll#poll', all);
  const ready = (one: ComponentValue) => guest.now('io/poll#[method]pollable.ready', one);
  assert.deepEqual([input, soon, never, past].map(ready), [false, false, false, true]);
  assert.deepEqual(await poll(input, past, never), [1]);
  assert.deepEqual(await poll(input, never, soon), [2]);
  assert.equal(guest.stdin.waiting, 0);
  // Only the first time was waited for.
  assert.deepEqual(guest.clocks.waits, [1_000_001_000n]);
  const first = poll(never, input, never);
  guest.stdin.push('x');
  assert.deepEqual(await first, [1]);
  assert.deepEqual(await poll(input, soon), [0, 1]);
  assert.throws(() => poll(), isTrap(/empty list/));
});

test('clocks that stand still repeat themselves', async () => {
  const once = async () => {
    const guest = new Guest2({ clocks: fixedClocks(5_000_000_000n) });
    const now = () => guest.now('clocks/monotonic-clock#now') as bigint;
    const begun = now();
    const hour = guest.now('clocks/monotonic-clock#subscribe-duration', 3_600_000_000_000n);
    const second = guest.now('clocks/monotonic-clock#subscribe-duration', 1_000_000_000n);
    assert.deepEqual(await guest.call('io/poll#poll', [hour, second]), [1]);
    return [begun, now(), guest.now('clocks/wall-clock#now')];
  };
  const [begun, later, wall] = (await once()) as [bigint, bigint, [bigint, number]];
  assert.ok(later - begun >= 1_000_000_000n && later - begun < 2_000_000_000n);
  assert.equal(wall[0], 6n);
  assert.deepEqual(await once(), [begun, later, wall]);
});

test('clocks and random numbers', () => {
  const guest = new Guest2();
  assert.deepEqual(guest.now('clocks/wall-clock#now'), [1_700_000_001n, 0]);
  assert.deepEqual(guest.now('clocks/wall-clock#resolution'), [0n, 1]);
  assert.equal(guest.now('clocks/monotonic-clock#now'), 1_000_000_000n);
  assert.equal(guest.now('clocks/monotonic-clock#resolution'), 1n);
  assert.deepEqual(guest.now('clocks/timezone#display', [0n, 0]), [0, 'UTC', false]);
  assert.equal(guest.now('clocks/timezone#utc-offset', [0n, 0]), 0);
  assert.deepEqual(guest.now('random/random#get-random-bytes', 3n), Uint8Array.of(0, 1, 2));
  assert.equal(guest.now('random/random#get-random-u64'), 0x0a09080706050403n);
  assert.deepEqual(guest.now('random/insecure#get-insecure-random-bytes', 2n), Uint8Array.of(11, 12));
  assert.equal(guest.now('random/insecure#get-insecure-random-u64'), 0x14131211100f0e0dn);
  assert.deepEqual(guest.now('random/insecure-seed#insecure-seed'), [
    0x1c1b1a1918171615n,
    0x24232221201f1e1dn,
  ]);
  assert.equal((guest.now('random/random#get-random-bytes', 100_000n) as Uint8Array).length, 100_000);
  assert.throws(() => guest.now('random/random#get-random-bytes', 1n << 40n), /too many random bytes/);
});

test('surroundings, and the end', () => {
  const guest = new Guest2({ args: ['program', 'Ada'], env: { NAME: 'value', OTHER: '' } });
  assert.deepEqual(guest.now('cli/environment#get-arguments'), ['program', 'Ada']);
  assert.deepEqual(guest.now('cli/environment#get-environment'), [
    ['NAME', 'value'],
    ['OTHER', ''],
  ]);
  assert.deepEqual(guest.now('cli/environment#initial-cwd'), none);
  for (const [name, arg, code] of [
    ['exit', { case: 0 }, 0],
    ['exit', { case: 1 }, 1],
    ['exit-with-code', 42, 42],
  ] as const) {
    assert.throws(
      () => guest.now(`cli/exit#${name}`, arg),
      (error) => error instanceof ProgramExit && error.code === code,
    );
  }
});

test('terminals', () => {
  // The outputs of tests are terminals, and their input is none.
  const guest = new Guest2();
  assert.deepEqual(guest.now('cli/terminal-stdin#get-terminal-stdin'), none);
  for (const name of ['stdout', 'stderr']) {
    const terminal = guest.now(`cli/terminal-${name}#get-terminal-${name}`) as CaseValue;
    assert.equal(terminal.case, 1, name);
  }
  const piped = new Guest2({ stdin: inputOf(bytes('')), stdout: slowSink() });
  assert.deepEqual(piped.now('cli/terminal-stdout#get-terminal-stdout'), none);
  assert.notDeepEqual(guest.now('cli/terminal-stderr#get-terminal-stderr'), some(0));
});

test('what instances leave behind is dropped, the youngest first, whatever fails', async () => {
  const dropped: string[] = [];
  const resource = hostResource<{ name: string }>('thing', ({ name }) => {
    dropped.push(name);
    if (name === 'b') throw new Error('b will not');
  });
  const handles = new HandleTable();
  const add = (name: string, own = true) =>
    handles.add({ kind: 'handle', resource, rep: { name }, own, scope: undefined, lends: 0 });
  add('a');
  add('b');
  const lent = add('lent', false);
  add('c');
  await dropLeftovers([{ handles } as ComponentInst]);
  assert.deepEqual(dropped, ['c', 'b', 'a']);
  assert.deepEqual(
    [...handles].map(([i]) => i),
    [lent],
  );
});
