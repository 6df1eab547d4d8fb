/**
 * `wasi:sockets`: grants, TCP and UDP over Node's network on this machine, names; every state that a socket can be in.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeNetwork } from '../../debug-adapter/hosts/node-network.ts';
import type { CaseValue, ComponentValue } from '../../engine/component/values.ts';
import { canonicalHost, NetworkGrants } from '../../engine/wasi/grants.ts';
import { HostError } from '../../engine/wasi/host.ts';
import type { Network } from '../../engine/wasi/network.ts';
import { bytes, Guest2, NETWORK_ERRORS, none, some } from './wasi2-guest.ts';

const V4: CaseValue = { case: 0 };
const V6: CaseValue = { case: 1 };

function guestWith(grants: readonly string[], network: Network = nodeNetwork): Guest2 {
  return new Guest2({ network: { network, grants: new NetworkGrants(grants) } });
}

const at = (port: number, ...address: number[]): CaseValue => ({
  case: 0,
  payload: [port, address.length === 0 ? [127, 0, 0, 1] : address],
});
const at6 = (port: number, ...words: number[]): CaseValue => ({ case: 1, payload: [port, 0, words, 0] });
const LOOPBACK6 = [0, 0, 0, 0, 0, 0, 0, 1];

const network = (guest: Guest2) => guest.now('sockets/instance-network#instance-network');

const tcp = (guest: Guest2, name: string, ...args: readonly ComponentValue[]) =>
  guest.error(NETWORK_ERRORS, `sockets/tcp#[method]tcp-socket.${name}`, ...args);
const udp = (guest: Guest2, name: string, ...args: readonly ComponentValue[]) =>
  guest.error(NETWORK_ERRORS, `sockets/udp#[method]${name}`, ...args);

const tcpSocket = (guest: Guest2, family = V4) =>
  guest.ok('sockets/tcp-create-socket#create-tcp-socket', family);
const udpSocket = (guest: Guest2, family = V4) =>
  guest.ok('sockets/udp-create-socket#create-udp-socket', family);

/** Finishes what was begun, as a guest does: waits for the socket's pollable. */
async function finished(
  guest: Guest2,
  of: string,
  name: string,
  socket: ComponentValue,
): Promise<ComponentValue> {
  await guest.block(guest.now(`${of}.subscribe`, socket));
  return guest.ok(`${of}.${name}`, socket);
}
const TCP = 'sockets/tcp#[method]tcp-socket';
const UDP = 'sockets/udp#[method]udp-socket';

test('grants', () => {
  for (const [grant, host, port, wanted] of [
    ['127.0.0.1:80', '127.0.0.1', 80, true],
    ['127.0.0.1:80', '127.0.0.1', 81, false],
    ['127.0.0.1', '127.0.0.1', 81, true],
    ['127.0.0.1', '127.0.0.2', 81, false],
    ['*', '::1', 1, true],
    ['*:443', 'example.com', 443, true],
    ['*:443', 'example.com', 80, false],
    ['Example.com:443', 'example.COM.', 443, true],
    ['[::1]:80', '0:0:0:0:0:0:0:1', 80, true],
    ['::1', '0::0:1', 80, true],
    ['[::1]', '::2', 80, false],
    ['10.0.0.1:*', '10.0.0.1', 7, true],
  ] as const) {
    assert.equal(new NetworkGrants([grant]).allows(host, port), wanted, `${grant} ${host}:${port}`);
  }
  for (const text of [
    'a:b:c',
    '[:::]',
    '',
    ':80',
    'a b',
    'host:99999',
    'host:http',
    'http://host',
    '[::1',
    'a/b',
  ]) {
    assert.throws(() => new NetworkGrants([text]), /is no grant/, text);
  }
  assert.equal(canonicalHost('::ffff:1.2.3.4'), '0:0:0:0:0:ffff:102:304');
  const named = new NetworkGrants(['example.com:443']);
  assert.equal(named.allowsLookup('EXAMPLE.com'), true);
  assert.equal(named.allowsLookup('other.com'), false);
  named.learn('example.com', ['10.1.2.3']);
  assert.deepEqual([named.allows('10.1.2.3', 443), named.allows('10.1.2.3', 80)], [true, false]);
});

test('without grants nothing is reached', async () => {
  for (const guest of [new Guest2(), guestWith([]), guestWith(['10.0.0.1'])]) {
    const net = network(guest);
    const socket = await tcpSocket(guest);
    assert.equal(await tcp(guest, 'start-bind', socket, net, at(0)), 'access-denied');
    assert.equal(await tcp(guest, 'start-connect', socket, net, at(80)), 'access-denied');
    assert.equal(
      await udp(guest, 'udp-socket.start-bind', await udpSocket(guest), net, at(0)),
      'access-denied',
    );
    const lookup = guest.error(NETWORK_ERRORS, 'sockets/ip-name-lookup#resolve-addresses', net, 'localhost');
    assert.equal(await lookup, 'access-denied');
  }
});

for (const [name, family, local, grant] of [
  ['IPv4', V4, at(0), '127.0.0.1'],
  ['IPv6', V6, at6(0, ...LOOPBACK6), '::1'],
] as const) {
  test(`a server and a client, ${name}`, async () => {
    const guest = guestWith([grant]);
    const net = network(guest);
    const server = await tcpSocket(guest, family);
    assert.deepEqual(guest.now(`${TCP}.address-family`, server), family);
    assert.equal(await tcp(guest, 'start-bind', server, net, local), 'ok');
    assert.equal(await tcp(guest, 'finish-bind', server), 'would-block');
    assert.equal(await tcp(guest, 'start-bind', server, net, local), 'concurrency-conflict');
    await finished(guest, TCP, 'finish-bind', server);
    assert.equal(await tcp(guest, 'start-bind', server, net, local), 'invalid-state');
    const address = (await guest.ok(`${TCP}.local-address`, server)) as CaseValue;
    assert.notEqual((address.payload as unknown as number[])[0], 0);
    assert.equal(await tcp(guest, 'accept', server), 'invalid-state');
    assert.equal(await tcp(guest, 'set-listen-backlog-size', server, 5n), 'ok');
    assert.equal(await tcp(guest, 'start-listen', server), 'ok');
    await finished(guest, TCP, 'finish-listen', server);
    assert.equal(guest.now(`${TCP}.is-listening`, server), true);
    assert.equal(await tcp(guest, 'start-listen', server), 'invalid-state');
    assert.equal(await tcp(guest, 'set-listen-backlog-size', server, 5n), 'not-supported');
    assert.equal(await tcp(guest, 'accept', server), 'would-block');

    const client = await tcpSocket(guest, family);
    assert.equal(await tcp(guest, 'start-connect', client, net, address), 'ok');
    assert.equal(await tcp(guest, 'start-connect', client, net, address), 'concurrency-conflict');
    const [input, output] = (await finished(guest, TCP, 'finish-connect', client)) as ComponentValue[];
    assert.deepEqual(await guest.ok(`${TCP}.remote-address`, client), address);
    const [peer, peerIn, peerOut] = (await finished(guest, TCP, 'accept', server)) as ComponentValue[];
    assert.deepEqual(
      await guest.ok(`${TCP}.remote-address`, peer),
      await guest.ok(`${TCP}.local-address`, client),
    );
    assert.deepEqual(await guest.ok(`${TCP}.local-address`, peer), address);

    await guest.write(output, 'to the server');
    assert.equal(await tcp(guest, 'shutdown', client, { case: 1 }), 'ok');
    assert.equal(await tcp(guest, 'shutdown', client, { case: 1 }), 'ok');
    assert.equal(await guest.readAll(peerIn), 'to the server');
    await guest.write(peerOut, 'and back');
    await guest.drop(peerOut);
    await guest.drop(peerIn);
    await guest.drop(peer);
    assert.equal(await guest.readAll(input), 'and back');
    const closed = (await guest.call('io/streams#[method]output-stream.check-write', output)) as CaseValue;
    assert.deepEqual(closed, { case: 1, payload: { case: 1 } });
    for (const one of [input, output, client, server]) await guest.drop(one);
  });
}

test('a connection from an address that was bound, and one that is refused', async () => {
  const guest = guestWith(['127.0.0.1']);
  const net = network(guest);
  const holder = await tcpSocket(guest);
  await guest.ok(`${TCP}.start-bind`, holder, net, at(0));
  await finished(guest, TCP, 'finish-bind', holder);
  const address = await guest.ok(`${TCP}.local-address`, holder);
  const taken = await tcpSocket(guest);
  await guest.ok(`${TCP}.start-bind`, taken, net, address);
  await guest.block(guest.now(`${TCP}.subscribe`, taken));
  assert.equal(await tcp(guest, 'finish-bind', taken), 'address-in-use');
  // It may try again.
  assert.equal(await tcp(guest, 'start-bind', taken, net, at(0)), 'ok');
  await finished(guest, TCP, 'finish-bind', taken);
  await guest.drop(holder);
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(await tcp(guest, 'start-connect', taken, net, address), 'ok');
  await guest.block(guest.now(`${TCP}.subscribe`, taken));
  assert.equal(await tcp(guest, 'finish-connect', taken), 'connection-refused');
  for (const name of ['finish-connect', 'local-address', 'start-listen', 'hop-limit', 'keep-alive-enabled']) {
    assert.equal(await tcp(guest, name, taken), 'invalid-state', name);
  }
  await guest.drop(taken);
});

test('states and arguments that are wrong', async () => {
  const guest = guestWith(['*']);
  const net = network(guest);
  const socket = await tcpSocket(guest);
  const six = await tcpSocket(guest, V6);
  const mapped = at6(80, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1);
  for (const [self, name, args, wanted] of [
    [socket, 'finish-bind', [], 'not-in-progress'],
    [socket, 'finish-connect', [], 'not-in-progress'],
    [socket, 'finish-listen', [], 'not-in-progress'],
    [socket, 'start-listen', [], 'invalid-state'],
    [socket, 'accept', [], 'invalid-state'],
    [socket, 'local-address', [], 'invalid-state'],
    [socket, 'remote-address', [], 'invalid-state'],
    [socket, 'shutdown', [{ case: 2 }], 'invalid-state'],
    [socket, 'start-bind', [net, at6(0, ...LOOPBACK6)], 'invalid-argument'],
    [socket, 'start-bind', [net, at(0, 224, 0, 0, 1)], 'invalid-argument'],
    [six, 'start-bind', [net, mapped], 'invalid-argument'],
    [socket, 'start-connect', [net, at6(80, ...LOOPBACK6)], 'invalid-argument'],
    [socket, 'start-connect', [net, at(0)], 'invalid-argument'],
    [socket, 'start-connect', [net, at(80, 0, 0, 0, 0)], 'invalid-argument'],
    [socket, 'start-connect', [net, at(80, 239, 1, 1, 1)], 'invalid-argument'],
    [six, 'start-connect', [net, mapped], 'invalid-argument'],
    [six, 'start-connect', [net, at6(80, 0xff02, 0, 0, 0, 0, 0, 0, 1)], 'invalid-argument'],
    [socket, 'set-listen-backlog-size', [0n], 'invalid-argument'],
    [socket, 'set-listen-backlog-size', [1n << 40n], 'ok'],
    [socket, 'set-keep-alive-idle-time', [0n], 'invalid-argument'],
    [socket, 'set-keep-alive-interval', [0n], 'invalid-argument'],
    [socket, 'set-keep-alive-count', [0], 'invalid-argument'],
    [socket, 'set-hop-limit', [0], 'invalid-argument'],
    [socket, 'set-receive-buffer-size', [0n], 'invalid-argument'],
    [socket, 'set-send-buffer-size', [0n], 'invalid-argument'],
  ] as const) {
    assert.equal(await tcp(guest, name, self, ...args), wanted, `${name} ${JSON.stringify(wanted)}`);
  }
  for (const [name, before, value] of [
    ['keep-alive-enabled', false, true],
    ['keep-alive-idle-time', 7_200_000_000_000n, 5n],
    ['keep-alive-interval', 75_000_000_000n, 6n],
    ['keep-alive-count', 9, 7],
    ['hop-limit', 64, 8],
    ['receive-buffer-size', 131_072n, 4096n],
    ['send-buffer-size', 16_384n, 4096n],
  ] as const) {
    assert.equal(await guest.ok(`${TCP}.${name}`, socket), before, name);
    await guest.ok(`${TCP}.set-${name}`, socket, value);
    assert.equal(await guest.ok(`${TCP}.${name}`, socket), value, name);
  }
});

test('datagrams', async () => {
  const guest = guestWith(['127.0.0.1']);
  const net = network(guest);
  const bound = async () => {
    const socket = await udpSocket(guest);
    assert.equal(await udp(guest, 'udp-socket.finish-bind', socket), 'not-in-progress');
    assert.equal(await udp(guest, 'udp-socket.local-address', socket), 'invalid-state');
    assert.equal(await udp(guest, 'udp-socket.stream', socket, none), 'invalid-state');
    assert.equal(await udp(guest, 'udp-socket.start-bind', socket, net, at(0)), 'ok');
    assert.equal(await udp(guest, 'udp-socket.start-bind', socket, net, at(0)), 'concurrency-conflict');
    await finished(guest, UDP, 'finish-bind', socket);
    assert.equal(await udp(guest, 'udp-socket.start-bind', socket, net, at(0)), 'invalid-state');
    return { socket, address: (await guest.ok(`${UDP}.local-address`, socket)) as CaseValue };
  };
  const one = await bound();
  const two = await bound();
  assert.deepEqual(guest.now(`${UDP}.address-family`, one.socket), V4);
  assert.equal(await guest.ok(`${UDP}.unicast-hop-limit`, one.socket), 64);
  assert.equal(await udp(guest, 'udp-socket.set-unicast-hop-limit', one.socket, 0), 'invalid-argument');
  assert.equal(await udp(guest, 'udp-socket.set-unicast-hop-limit', one.socket, 5), 'ok');
  assert.equal(await udp(guest, 'udp-socket.remote-address', one.socket), 'invalid-state');

  const streams = async (socket: ComponentValue, remote: ComponentValue) =>
    (await guest.ok(`${UDP}.stream`, socket, remote)) as [ComponentValue, ComponentValue];
  const [oneIn, oneOut] = await streams(one.socket, none);
  const [twoIn, twoOut] = await streams(two.socket, some(one.address));
  assert.deepEqual(await guest.ok(`${UDP}.remote-address`, two.socket), one.address);
  const check = (stream: ComponentValue) =>
    guest.ok('sockets/udp#[method]outgoing-datagram-stream.check-send', stream);
  const send = (stream: ComponentValue, ...all: ComponentValue[]) =>
    udp(guest, 'outgoing-datagram-stream.send', stream, all);
  const receive = async (stream: ComponentValue) => {
    await guest.block(guest.now('sockets/udp#[method]incoming-datagram-stream.subscribe', stream));
    const got = await guest.ok('sockets/udp#[method]incoming-datagram-stream.receive', stream, 10n);
    return (got as unknown as [Uint8Array, CaseValue][]).map(([data, from]) => [
      Buffer.from(data).toString(),
      from,
    ]);
  };
  assert.deepEqual(await guest.ok('sockets/udp#[method]incoming-datagram-stream.receive', oneIn, 10n), []);
  await assert.rejects(async () => send(twoOut, [bytes('x'), none]), /check-send permitted/);
  assert.equal(await check(twoOut), 16n);
  assert.equal(await send(twoOut), 'ok');
  assert.equal(await send(twoOut, [bytes('hello'), none]), 'ok');
  assert.deepEqual(await receive(oneIn), [['hello', two.address]]);
  await check(oneOut);
  assert.equal(await send(oneOut, [bytes('back'), some(two.address)]), 'ok');
  assert.deepEqual(await receive(twoIn), [['back', one.address]]);
  for (const [stream, datagram, wanted] of [
    [oneOut, [bytes('x'), none], 'invalid-argument'],
    [oneOut, [bytes('x'), some(at(0))], 'invalid-argument'],
    [oneOut, [bytes('x'), some(at6(9, ...LOOPBACK6))], 'invalid-argument'],
    [oneOut, [bytes('x'), some(at(9, 10, 0, 0, 1))], 'access-denied'],
    [twoOut, [bytes('x'), some(two.address)], 'invalid-argument'],
    [oneOut, [new Uint8Array(70_000), some(two.address)], 'datagram-too-large'],
  ] as const) {
    await check(stream);
    assert.equal(await send(stream, datagram), wanted);
  }
  // A new pair of streams ends the old one.
  await streams(one.socket, none);
  assert.equal(await udp(guest, 'outgoing-datagram-stream.check-send', oneOut), 'invalid-state');
  for (const handle of [oneIn, oneOut, twoIn, twoOut, one.socket, two.socket]) await guest.drop(handle);
});

test('names', async () => {
  const answers: Record<string, readonly string[] | Error> = {
    'example.com': ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946', 'no address'],
    missing: new HostError('noent'),
    later: new HostError('again'),
    broken: new HostError('io'),
  };
  const guest = guestWith(['*'], {
    ...nodeNetwork,
    lookup: async (name) => {
      if (name === 'slow') await new Promise((done) => setTimeout(done, 60_000).unref());
      const answer = answers[name];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const NEXT = 'sockets/ip-name-lookup#[method]resolve-address-stream.resolve-next-address';
  const begin = (name: string) => guest.ok('sockets/ip-name-lookup#resolve-addresses', network(guest), name);
  const wait = (stream: ComponentValue) =>
    guest.block(guest.now('sockets/ip-name-lookup#[method]resolve-address-stream.subscribe', stream));
  const all = async (name: string) => {
    const stream = await begin(name);
    await wait(stream);
    const found: unknown[] = [];
    for (;;) {
      const next = (await guest.ok(NEXT, stream)) as CaseValue;
      if (next.case === 0) return found;
      found.push((next.payload as CaseValue).payload);
    }
  };
  assert.equal(await guest.error(NETWORK_ERRORS, NEXT, await begin('slow')), 'would-block');
  assert.deepEqual(await all('example.com'), [
    [93, 184, 216, 34],
    [0x2606, 0x2800, 0x220, 1, 0x248, 0x1893, 0x25c8, 0x1946],
  ]);
  assert.deepEqual(await all('127.0.0.1'), [[127, 0, 0, 1]]);
  assert.deepEqual(await all('::1'), [LOOPBACK6]);
  for (const [name, wanted] of [
    ['missing', 'name-unresolvable'],
    ['later', 'temporary-resolver-failure'],
    ['broken', 'permanent-resolver-failure'],
  ] as const) {
    const stream = await begin(name);
    await wait(stream);
    assert.equal(await guest.error(NETWORK_ERRORS, NEXT, stream), wanted);
  }
  for (const name of [
    '',
    'a b',
    'a..b',
    '-a',
    'a-',
    'x'.repeat(64),
    '1.2.3',
    '256.1.1.1',
    `${'a.'.repeat(130)}b`,
    'http://a',
  ]) {
    const error = guest.error(
      NETWORK_ERRORS,
      'sockets/ip-name-lookup#resolve-addresses',
      network(guest),
      name,
    );
    assert.equal(await error, 'invalid-argument', name);
  }
});
