/**
 * The network for guests of WASI 0.2 (engine/wasi/network.ts), by Node's net, dgram and dns modules.
 *
 * Node binds no TCP socket without listening, so an address is held by a server from the beginning; a socket that connects from
 * it gives the server up first.
 */

import { createSocket, type RemoteInfo } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { type AddressInfo, connect, createServer, type Socket as NodeSocket } from 'node:net';
import { domainToASCII } from 'node:url';
import { errorOfSystem } from '../../engine/wasi/errors.ts';
import { canonicalHost } from '../../engine/wasi/grants.ts';
import { fail, HostError, type Waiting } from '../../engine/wasi/host.ts';
import type {
  Datagram,
  Network,
  SocketAddress,
  TcpBinding,
  TcpConnection,
  UdpSocket,
} from '../../engine/wasi/network.ts';
import { socketOf } from './node-sockets.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** Datagrams that wait for the guest: what comes behind them is lost, as on any network. */
const MOST_WAITING = 1024;

export const nodeNetwork: Network = {
  bindTcp,
  connectTcp: (remote) => connection({ host: hostText(remote), port: remote.port }, remote),
  bindUdp,
  async lookup(name) {
    const ascii = domainToASCII(name);
    if (ascii === '') fail('noent');
    try {
      return (await lookup(ascii, { all: true })).map(({ address }) => address);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOTFOUND' || code === 'ENODATA') throw new HostError('noent', message);
      throw new HostError(code === 'EAI_AGAIN' ? 'again' : 'io', message);
    }
  },
};

/** Those who wait for something to happen. */
class Waiters {
  readonly #wakes = new Set<() => void>();

  add(): Waiting {
    let wake = () => {};
    const promise = new Promise<void>((done) => {
      wake = done;
      this.#wakes.add(done);
    });
    return { promise, cancel: () => void this.#wakes.delete(wake) };
  }

  wake(): void {
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
  }
}

async function bindTcp(local: SocketAddress): Promise<TcpBinding> {
  const pending: NodeSocket[] = [];
  const waiters = new Waiters();
  let isListening = false;
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    // Nobody listens yet: as if nobody were there.
    if (!isListening) return void socket.resetAndDestroy();
    pending.push(socket);
    waiters.wake();
  });
  await new Promise<void>((done, failed) => {
    server.once('error', (error) => failed(hostError(error)));
    server.listen({ host: hostText(local), port: local.port, ipv6Only: local.family === 'ipv6' }, done);
  });
  const bound = addressOf(server.address() as AddressInfo);
  // A guest that ends without closing it must not keep this process.
  server.unref();
  const close = (): void => {
    server.close();
    for (const socket of pending.splice(0)) socket.destroy();
  };
  return {
    local: bound,
    async connect(remote) {
      await new Promise<void>((done) => server.close(() => done()));
      const from = { localAddress: hostText(bound), localPort: bound.port };
      return connection({ ...from, host: hostText(remote), port: remote.port }, remote);
    },
    listen() {
      isListening = true;
    },
    accept: () => {
      const socket = pending.shift();
      return socket && connectionOf(socket);
    },
    acceptable: () => {
      if (pending.length > 0) return undefined;
      const { promise, cancel } = waiters.add();
      server.ref();
      const over = (): void => void server.unref();
      void promise.then(over);
      return {
        promise,
        cancel: () => {
          cancel();
          over();
        },
      };
    },
    close,
  };
}

function connection(
  how: { host: string; port: number; localAddress?: string; localPort?: number },
  remote: SocketAddress,
): Promise<TcpConnection> {
  return new Promise((done, failed) => {
    const socket = connect({ ...how, allowHalfOpen: true });
    const refused = (error: Error): void => failed(hostError(error));
    socket.once('error', refused);
    socket.once('connect', () => {
      socket.off('error', refused);
      socket.pause();
      done(connectionOf(socket, remote));
    });
  });
}

function connectionOf(socket: NodeSocket, remote?: SocketAddress): TcpConnection {
  // Somebody has to hear of it, even if nobody reads.
  socket.on('error', () => {});
  const { address = '', port = 0, family } = socket.address() as Partial<AddressInfo>;
  const peer = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
  return {
    ...socketOf(socket, (error) => error && (hostError(error) as HostError)),
    local: addressOf({ address, port, family: family ?? 'IPv4' }),
    remote: remote ?? addressOf({ ...peer, family: socket.remoteFamily ?? 'IPv4' }),
    setKeepAlive({ enabled, idle }) {
      socket.setKeepAlive(enabled, Number(idle / NANOSECONDS_PER_MILLISECOND));
    },
  };
}

async function bindUdp(local: SocketAddress): Promise<UdpSocket> {
  const isIpv6 = local.family === 'ipv6';
  const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6 });
  const waiting: Datagram[] = [];
  const waiters = new Waiters();
  await new Promise<void>((done, failed) => {
    socket.once('error', (error) => failed(hostError(error)));
    socket.bind({ address: hostText(local), port: local.port }, done);
  });
  socket.unref();
  // Errors of what was sent are told where it was sent.
  socket.removeAllListeners('error').on('error', () => {});
  socket.on('message', (data: Buffer, from: RemoteInfo) => {
    if (waiting.length >= MOST_WAITING) return;
    waiting.push({ data: Uint8Array.from(data), remote: addressOf(from) });
    waiters.wake();
  });
  return {
    local: addressOf(socket.address()),
    receive: () => waiting.shift(),
    receivable: () => {
      if (waiting.length > 0) return undefined;
      socket.ref();
      const { promise, cancel } = waiters.add();
      const over = (): void => void socket.unref();
      void promise.then(over);
      return {
        promise,
        cancel: () => {
          cancel();
          over();
        },
      };
    },
    send: (data, to) =>
      new Promise((done, failed) => {
        socket.send(data, to.port, hostText(to), (error) => (error ? failed(hostError(error)) : done()));
      }),
    setHopLimit: (limit) => void socket.setTTL(limit),
    close: () => void socket.close(),
  };
}

function hostText({ host, scopeId }: SocketAddress): string {
  return scopeId ? `${host}%${scopeId}` : host;
}

function addressOf({
  address,
  port,
  family,
}: {
  address: string;
  port: number;
  family: string;
}): SocketAddress {
  if (family === 'IPv4') return { family: 'ipv4', host: address, port };
  return { family: 'ipv6', host: canonicalHost(address.replace(/%.*$/, '')), port };
}

function hostError(error: NodeJS.ErrnoException): HostError {
  return new HostError(errorOfSystem(error.code), error.message);
}
