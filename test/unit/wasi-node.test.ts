/** Node's side of WASI: streams, clocks, sockets, as a guest sees them; and clocks and random numbers that repeat. */

import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { listenAt } from '../../debug-adapter/hosts/node-sockets.ts';
import { inputFrom, nodeClocks, outputTo } from '../../debug-adapter/hosts/node-wasi.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { inputOf } from '../../engine/wasi/input.ts';
import { fixedClocks, seededRandom } from '../../engine/wasi/repeatable.ts';
import { Guest, OUT } from './wasi-guest.ts';

const NONBLOCK = 4;

test('an input gives what has come, waits for more, and ends', async () => {
  const stream = new PassThrough();
  const g = new Guest({ stdin: inputFrom(stream) });
  const read = async (length: number) => {
    assert.equal(await g.call('fd_read', 0, g.iovec(1024, length), 1, OUT), 'success');
    return g.text(1024, g.u32(OUT));
  };
  const first = read(3);
  stream.write('abcdef');
  assert.equal(await first, 'abc');
  assert.equal(await read(10), 'def');
  const next = read(10);
  stream.end('x');
  assert.equal(await next, 'x');
  assert.equal(await read(10), '');
  assert.equal(await read(10), '');
});

test('an input is not read before somebody asks, and not beyond', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const input = inputFrom(stream);
  assert.equal(stream.write('abcdefgh'), false);
  assert.equal(stream.write('more'), false);
  assert.equal(Buffer.from(await input.read(100)).toString(), 'abcdefgh');
  assert.ok(stream.readableLength > 0);
});

test('bytes as an input', () => {
  const g = new Guest({ stdin: inputOf(encodeUtf8('hello')) });
  assert.equal(g.read(0, 2), 'he');
  assert.equal(g.read(0), 'llo');
  assert.equal(g.read(0), '');
});

test('an output that is full makes the program wait, and loses nothing', async () => {
  const taken: string[] = [];
  let release = () => {};
  const stream = new Writable({
    highWaterMark: 4,
    write(chunk, _encoding, done) {
      taken.push(String(chunk));
      release = done;
    },
  });
  const g = new Guest({ stdout: outputTo(stream) });
  const asked = g.write(1, 'more than four');
  assert.ok(asked instanceof Promise);
  g.ok('fd_fdstat_set_flags', 1, NONBLOCK);
  assert.equal(g.write(1, 'x'), 'again');
  release();
  assert.equal(await asked, 'success');
  assert.deepEqual(taken, ['more than four']);
  assert.equal(g.write(1, 'y'), 'success');
  // Only the one that remembers errors stays: waiting leaves nothing behind.
  assert.deepEqual(
    ['drain', 'error', 'close'].map((event) => stream.listenerCount(event)),
    [0, 1, 0],
  );
});

test('a closed pipe is an error of the guest’s', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('gone')) });
  const g = new Guest({ stdout: outputTo(stream) });
  g.write(1, 'x');
  await new Promise((done) => setImmediate(done));
  assert.equal(g.write(1, 'y'), 'pipe');
});

test('clocks go on, and sleep as long as they are asked', async () => {
  const clocks = nodeClocks();
  const [real, monotonic] = [clocks.realtime(), clocks.monotonic()];
  await clocks.at(monotonic + 3_000_000n).promise;
  assert.ok(clocks.monotonic() >= monotonic + 3_000_000n);
  assert.ok(clocks.realtime() >= real + 3_000_000n);
  assert.ok(clocks.realtime() > 1_700_000_000_000_000_000n);
  clocks.at(clocks.monotonic() + 10n ** 15n).cancel();
});

test('fixed clocks and seeded numbers repeat', async () => {
  const times = () => {
    const clocks = fixedClocks(5_000_000n);
    return [clocks.realtime(), clocks.monotonic(), clocks.processor()];
  };
  assert.deepEqual(times(), times());
  const clocks = fixedClocks(0n);
  await clocks.at(10n ** 12n).promise;
  assert.ok(clocks.monotonic() >= 10n ** 12n);
  const bytes = (seed: bigint, ...lengths: number[]) => {
    const random = seededRandom(seed);
    return lengths.flatMap((length) => {
      const some = new Uint8Array(length);
      random(some);
      return [...some];
    });
  };
  assert.deepEqual(bytes(1n, 20), bytes(1n, 3, 17));
  assert.notDeepEqual(bytes(1n, 20), bytes(2n, 20));
  assert.ok(new Set(bytes(0n, 1000)).size > 200);
});

test('sockets: accept, receive, peek, send, shut down', async (t) => {
  const open = await listenAt('127.0.0.1:0');
  t.after(() => open.close());
  const g = new Guest({ listeners: [open.listener] });
  g.ok('fd_fdstat_set_flags', 3, NONBLOCK);
  assert.equal(g.call('sock_accept', 3, 0, OUT), 'again');
  g.ok('fd_fdstat_set_flags', 3, 0);
  const accepted = g.call('sock_accept', 3, 0, OUT);
  assert.ok(accepted instanceof Promise);
  const [host, port] = open.address.split(':');
  const client = connect(Number(port), host);
  t.after(() => client.destroy());
  assert.equal(await accepted, 'success');
  const fd = g.u32(OUT);
  g.ok('fd_fdstat_get', fd, OUT);
  assert.equal(g.u8(OUT), 6);
  client.write('question');
  const receive = async (length: number, flags = 0) => {
    assert.equal(await g.call('sock_recv', fd, g.iovec(1024, length), 1, flags, OUT, OUT + 4), 'success');
    return g.text(1024, g.u32(OUT));
  };
  assert.equal(await receive(4, 1), 'ques');
  assert.equal(await receive(8, 2), 'question');
  const heard = new Promise<string>((done) => {
    let text = '';
    client.on('data', (piece) => {
      text += piece;
    });
    client.on('end', () => done(text));
  });
  const { at, length } = g.put('answer');
  assert.equal(await g.call('sock_send', fd, g.iovec(at, length), 1, 0, OUT), 'success');
  assert.equal(await g.call('sock_shutdown', fd, 2), 'success');
  assert.equal(await heard, 'answer');
  assert.equal(g.call('sock_shutdown', fd, 0), 'inval');
  assert.equal(g.call('sock_recv', 1, g.iovec(1024, 1), 1, 0, OUT, OUT + 4), 'notsock');
  assert.equal(g.call('sock_accept', 1, 0, OUT), 'notsock');
  assert.equal(g.call('sock_accept', fd, 0, OUT), 'notsock');
  g.ok('fd_close', fd);
});

test('addresses that cannot be listened at are refused', async (t) => {
  await assert.rejects(listenAt('nowhere'), /is no address: it needs host:port/);
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  t.after(() => taken.close());
  const at = taken.address();
  const port = typeof at === 'object' ? at?.port : 0;
  await assert.rejects(listenAt(`127.0.0.1:${port}`), /in use/);
});
