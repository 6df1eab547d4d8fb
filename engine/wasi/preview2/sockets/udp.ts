/**
 * `wasi:sockets/udp` and `udp-create-socket`: datagrams. A socket that has a peer still hears everybody, and what is not of the
 * peer is thrown away.
 */

import { trap } from '../../../component/canon/traps.ts';
import {
  type HostFunction,
  type HostInstance,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
  repOf,
} from '../../../component/host.ts';
import type { ComponentValue } from '../../../component/values.ts';
import type { Waiting } from '../../host.ts';
import type { UdpSocket as HostSocket, IpFamily, SocketAddress } from '../../network.ts';
import type { Steps } from '../../steps.ts';
import { POLLABLE, pollable } from '../poll.ts';
import { type Answer, fallible, lengthOf, optional } from '../values.ts';
import {
  familyCase,
  familyOf,
  type GrantedNetwork,
  mustBeLocal,
  mustBeRemote,
  NETWORK,
  networkErrors,
  Operation,
  refuse,
  socketAddressOf,
  socketAddressValue,
} from './network.ts';

/** Datagrams that are sent or received at once. */
const MOST_AT_ONCE = 16;

class UdpSocket {
  readonly family: IpFamily;
  hopLimit = 64;
  receiveBufferSize = 212_992n;
  sendBufferSize = 212_992n;
  granted: GrantedNetwork | undefined;
  binding: Operation<HostSocket> | undefined;
  host: HostSocket | undefined;
  remote: SocketAddress | undefined;
  /** Streams that were given out before are over. */
  generation = 0;
  #users = 1;

  constructor(family: IpFamily) {
    this.family = family;
  }

  /** Throws `invalid-state` if it is not bound. */
  get bound(): HostSocket {
    return this.host ?? refuse('invalid-state');
  }

  use(): void {
    this.#users++;
  }

  release(): void {
    if (--this.#users > 0) return;
    if (this.host) this.host.close();
    else this.binding?.abandon((socket) => socket.close());
  }
}

/** One of the two streams of a socket. */
interface DatagramStream {
  readonly socket: UdpSocket;
  readonly host: HostSocket;
  readonly generation: number;
  readonly remote: SocketAddress | undefined;
  permitted: number;
}

const UDP_SOCKET = hostResource<UdpSocket>('udp-socket', (socket) => socket.release());
const INCOMING = hostResource<DatagramStream>('incoming-datagram-stream', ({ socket }) => socket.release());
const OUTGOING = hostResource<DatagramStream>('outgoing-datagram-stream', ({ socket }) => socket.release());

function method(run: (self: UdpSocket, args: readonly ComponentValue[]) => Answer): HostFunction {
  return fallible(networkErrors, ([self, ...args]) => run(repOf(UDP_SOCKET, self), args));
}

function property(
  name: string,
  key: 'hopLimit' | 'receiveBufferSize' | 'sendBufferSize',
): Record<string, HostFunction> {
  return {
    [`[method]udp-socket.${name}`]: method((self) => self[key]),
    [`[method]udp-socket.set-${name}`]: method((self, [value]) => {
      if (value === 0 || value === 0n) refuse('invalid-argument');
      self[key] = value as never;
      if (key === 'hopLimit') self.host?.setHopLimit(self.hopLimit);
      return undefined;
    }),
  };
}

export function udpInterface(): HostInstance {
  return hostInstance({
    pollable: POLLABLE,
    network: NETWORK,
    'udp-socket': UDP_SOCKET,
    'incoming-datagram-stream': INCOMING,
    'outgoing-datagram-stream': OUTGOING,
    '[method]udp-socket.start-bind': method((self, [network, address]) => {
      if (self.binding) refuse(self.host ? 'invalid-state' : 'concurrency-conflict');
      const granted = repOf(NETWORK, network);
      const local = socketAddressOf(address);
      mustBeLocal(granted, local, self.family);
      self.granted = granted;
      self.binding = new Operation(granted.network.bindUdp(local));
      return undefined;
    }),
    '[method]udp-socket.finish-bind': method((self) => {
      const { binding } = self;
      if (!binding || self.host) return refuse('not-in-progress');
      try {
        self.host = binding.finish();
      } catch (error) {
        if (!binding.waiting()) self.binding = undefined;
        throw error;
      }
      self.host.setHopLimit(self.hopLimit);
      return undefined;
    }),
    '[method]udp-socket.stream': method((self, [address]) => {
      const host = self.bound;
      const given = optional(address);
      const remote = given === undefined ? undefined : socketAddressOf(given);
      if (remote) mustBeRemote(self.granted!, remote, self.family);
      self.remote = remote;
      self.generation++;
      const stream = (): DatagramStream => {
        self.use();
        return { socket: self, host, generation: self.generation, remote, permitted: 0 };
      };
      return [handleOf(INCOMING, stream()), handleOf(OUTGOING, stream())];
    }),
    '[method]udp-socket.local-address': method((self) => socketAddressValue(self.bound.local)),
    '[method]udp-socket.remote-address': method((self) =>
      socketAddressValue(self.remote ?? refuse('invalid-state')),
    ),
    '[method]udp-socket.address-family': hostFunction(([self]) => familyCase(repOf(UDP_SOCKET, self).family)),
    ...property('unicast-hop-limit', 'hopLimit'),
    ...property('receive-buffer-size', 'receiveBufferSize'),
    ...property('send-buffer-size', 'sendBufferSize'),
    '[method]udp-socket.subscribe': hostFunction(([self]) => {
      const socket = repOf(UDP_SOCKET, self);
      return pollable(() => (socket.host ? undefined : socket.binding?.waiting()));
    }),
    '[method]incoming-datagram-stream.receive': fallible(networkErrors, ([self, most]) =>
      receive(repOf(INCOMING, self), lengthOf(most, MOST_AT_ONCE)),
    ),
    '[method]incoming-datagram-stream.subscribe': hostFunction(([self]) => {
      const stream = repOf(INCOMING, self);
      return pollable(() => receivable(stream));
    }),
    '[method]outgoing-datagram-stream.check-send': fallible(networkErrors, ([self]) => {
      const stream = repOf(OUTGOING, self);
      mustBeCurrent(stream);
      stream.permitted = MOST_AT_ONCE;
      return BigInt(MOST_AT_ONCE);
    }),
    '[method]outgoing-datagram-stream.send': fallible(networkErrors, ([self, datagrams]) =>
      send(repOf(OUTGOING, self), datagrams as readonly ComponentValue[]),
    ),
    // A datagram that cannot be sent is lost: there is nothing to wait for.
    '[method]outgoing-datagram-stream.subscribe': hostFunction(() => pollable(() => undefined)),
  });
}

export function udpCreateSocketInterface(): HostInstance {
  return hostInstance({
    network: NETWORK,
    'udp-socket': UDP_SOCKET,
    'create-udp-socket': fallible(networkErrors, ([family]) =>
      handleOf(UDP_SOCKET, new UdpSocket(familyOf(family))),
    ),
  });
}

function mustBeCurrent({ socket, generation }: DatagramStream): void {
  if (socket.generation !== generation) refuse('invalid-state');
}

function receive(stream: DatagramStream, most: number): ComponentValue {
  mustBeCurrent(stream);
  const all: ComponentValue[] = [];
  while (all.length < most) {
    const datagram = stream.host.receive();
    if (!datagram) break;
    const { data, remote } = datagram;
    if (!stream.remote || isSame(stream.remote, remote)) all.push([data, socketAddressValue(remote)]);
  }
  return all;
}

function receivable(stream: DatagramStream): Waiting | undefined {
  return stream.socket.generation === stream.generation ? stream.host.receivable() : undefined;
}

function* send(stream: DatagramStream, datagrams: readonly ComponentValue[]): Steps<bigint> {
  mustBeCurrent(stream);
  if (datagrams.length > stream.permitted) {
    trap(
      'more datagrams were sent than check-send permitted',
      `${datagrams.length}, ${stream.permitted} permitted`,
    );
  }
  stream.permitted -= datagrams.length;
  let sent = 0n;
  for (const datagram of datagrams) {
    const [data, address] = datagram as unknown as [Uint8Array, ComponentValue];
    try {
      yield stream.host.send(data, destination(stream, optional(address)));
    } catch (error) {
      // What went out before is what the guest is told of.
      if (sent > 0n && networkErrors(error) !== undefined) break;
      throw error;
    }
    sent++;
  }
  return sent;
}

/** Where a datagram goes. Throws what is wrong with it. */
function destination({ socket, remote }: DatagramStream, given: ComponentValue | undefined): SocketAddress {
  if (given === undefined) return remote ?? refuse('invalid-argument');
  const to = socketAddressOf(given);
  if (remote && !isSame(remote, to)) refuse('invalid-argument');
  mustBeRemote(socket.granted!, to, socket.family);
  return to;
}

function isSame(one: SocketAddress, other: SocketAddress): boolean {
  return one.host === other.host && one.port === other.port;
}
