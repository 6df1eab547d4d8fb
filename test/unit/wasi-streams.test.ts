/** WASI 0.1: streams, and waiting for them and for clocks. The program is suspended, the process never. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { MemoryTree } from '../../engine/wasi/memory-tree.ts';
import { Guest, OUT } from './wasi-guest.ts';

const CREAT = 1;
const NONBLOCK = 4;

const memoryTree = () => new MemoryTree({ encode: encodeUtf8, now: () => 0n });

test('stdout takes everything, also from a writer that takes little; stderr too', () => {
  const g = new Guest();
  g.stdout.most = 3;
  assert.equal(g.write(1, 'hello, world'), 'success');
  assert.equal(g.u32(OUT), 12);
  assert.equal(g.stdout.text, 'hello, world');
  assert.equal(g.write(2, 'oh'), 'success');
  assert.equal(g.stderr.text, 'oh');
});

test('stdin suspends the program until there is something', async () => {
  const g = new Guest();
  const asked = g.call('fd_read', 0, g.iovec(1024, 100), 1, OUT);
  assert.ok(asked instanceof Promise);
  g.stdin.push('line\n');
  assert.equal(await asked, 'success');
  assert.equal(g.text(1024, g.u32(OUT)), 'line\n');
  g.ok('fd_fdstat_set_flags', 0, NONBLOCK);
  assert.equal(g.call('fd_read', 0, g.iovec(1024, 100), 1, OUT), 'again');
  assert.equal(g.stdin.waiting, 0);
  g.stdin.end();
  assert.equal(g.read(0), '');
});

/** Lays down subscriptions from 512; gives the arguments of poll_oneoff. */
function subscriptions(
  g: Guest,
  ...all: ({ clock: number; timeout: bigint; absolute?: boolean } | { fd: number; write?: boolean })[]
) {
  all.forEach((one, i) => {
    const at = 512 + 48 * i;
    g.memory.bytes.fill(0, at, at + 48);
    g.memory.view.setBigUint64(at, BigInt(100 + i), true);
    if ('fd' in one) {
      g.memory.view.setUint8(at + 8, one.write ? 2 : 1);
      g.memory.view.setUint32(at + 16, one.fd, true);
    } else {
      g.memory.view.setUint32(at + 16, one.clock, true);
      g.memory.view.setBigUint64(at + 24, one.timeout, true);
      g.memory.view.setUint16(at + 40, one.absolute ? 1 : 0, true);
    }
  });
  return [512, 1024, all.length, OUT] as const;
}

/** The events that came: userdata, errno, type. */
const events = (g: Guest) =>
  Array.from({ length: g.u32(OUT) }, (_, i) => {
    const at = 1024 + 32 * i;
    return `${g.u64(at)} ${g.u16(at + 8)} ${g.u8(at + 10)}`;
  });

test('poll_oneoff: timeouts, relative and absolute, the first one wakes', async () => {
  const g = new Guest();
  const poll = (...all: Parameters<typeof subscriptions> extends [Guest, ...infer R] ? R : never) =>
    g.call('poll_oneoff', ...subscriptions(g, ...all));
  assert.equal(await poll({ clock: 1, timeout: 5000n }, { clock: 1, timeout: 100n }), 'success');
  assert.deepEqual(events(g), ['101 0 0']);
  assert.deepEqual(g.clocks.waits, [1_000_000_100n]);
  assert.equal(await poll({ clock: 0, timeout: g.clocks.realtime() + 50n, absolute: true }), 'success');
  assert.deepEqual(g.clocks.waits.at(-1), 1_000_000_150n);
  assert.equal(poll({ clock: 1, timeout: 0n }), 'success');
  assert.equal(poll({ clock: 1, timeout: 7n, absolute: true }), 'success');
  assert.equal(poll({ clock: 3, timeout: 0n }), 'success');
  assert.deepEqual(events(g), ['100 58 0']);
  assert.equal(poll(), 'inval');
});

test('poll_oneoff: streams beside a timeout, whichever comes first', async () => {
  const g = new Guest({ preopens: [{ guest: '/', tree: memoryTree() }] });
  const stdin = { fd: 0 };
  const soon = { clock: 1, timeout: 10n };
  assert.equal(await g.call('poll_oneoff', ...subscriptions(g, stdin, soon)), 'success');
  assert.deepEqual(events(g), ['101 0 0']);
  assert.equal(g.stdin.waiting, 0);
  const asked = g.call('poll_oneoff', ...subscriptions(g, stdin));
  assert.ok(asked instanceof Promise);
  g.stdin.push('x');
  assert.equal(await asked, 'success');
  assert.deepEqual(events(g), ['100 0 1']);
  assert.equal(
    g.call('poll_oneoff', ...subscriptions(g, soon, { fd: 1, write: true }, { fd: 99 })),
    'success',
  );
  assert.deepEqual(events(g), ['101 0 2', '102 8 1']);
  const fd = g.opened('f', { oflags: CREAT });
  assert.equal(g.write(fd, 'abc'), 'success');
  g.ok('fd_seek', fd, 1n, 0, OUT);
  g.ok('poll_oneoff', ...subscriptions(g, { fd }));
  assert.equal(g.u64(1024 + 16), 2n);
});
