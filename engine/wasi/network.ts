/**
 * What WASI 0.2 needs of a network from where it runs: connections, datagrams, names. Injected as everything in host.ts
 * is. What a guest may reach is not asked here (grants.ts).
 */

import type { Later, Socket, Time, Waiting } from './host.ts';

export type IpFamily = 'ipv4' | 'ipv6';

/** An address and a port. */
export interface SocketAddress {
  readonly family: IpFamily;
  /** `127.0.0.1`, `::1`; in lower case, without a zone. */
  readonly host: string;
  readonly port: number;
  /** Of IPv6. */
  readonly flowInfo?: number;
  readonly scopeId?: number;
}

export interface KeepAlive {
  readonly enabled: boolean;
  /** How long nothing happens before the first question. */
  readonly idle: Time;
}

export interface TcpConnection extends Socket {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  setKeepAlive(how: KeepAlive): void;
}

/** An address of this machine that nobody else can have. */
export interface TcpBinding {
  readonly local: SocketAddress;
  /** Connects from it; it is used up. */
  connect(remote: SocketAddress): Promise<TcpConnection>;
  listen(backlog: number): Later<void>;
  /** The next one who connected, if there is one. */
  accept(): TcpConnection | undefined;
  /** Happens when somebody connects; undefined if somebody has. */
  acceptable(): Waiting | undefined;
  close(): void;
}

export interface Datagram {
  readonly data: Uint8Array;
  readonly remote: SocketAddress;
}

export interface UdpSocket {
  readonly local: SocketAddress;
  /** The next one that came, if there is one. */
  receive(): Datagram | undefined;
  /** Happens when one comes; undefined if there is one. */
  receivable(): Waiting | undefined;
  send(data: Uint8Array, to: SocketAddress): Promise<void>;
  setHopLimit(limit: number): void;
  close(): void;
}

/** All of them throw and reject with `HostError`s. */
export interface Network {
  bindTcp(local: SocketAddress): Promise<TcpBinding>;
  connectTcp(remote: SocketAddress): Promise<TcpConnection>;
  bindUdp(local: SocketAddress): Promise<UdpSocket>;
  /** The addresses of a name, the best first: `noent` if there is none, `again` if one should ask later. */
  lookup(name: string): Promise<readonly string[]>;
}
