/**
 * `wasi:sockets/network` and `instance-network`: error codes, addresses as values, and whether a guest may use one.
 */

import {
  type HostInstance,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
  repOf,
} from '../../../component/host.ts';
import type { CaseValue, ComponentValue } from '../../../component/values.ts';
import type { ErrorCode } from '../../errors.ts';
import { canonicalHost, type NetworkGrants, parseIpv4, parseIpv6 } from '../../grants.ts';
import { HostError, type Waiting } from '../../host.ts';
import type { IpFamily, Network, SocketAddress } from '../../network.ts';
import { ERROR } from '../streams.ts';
import { caseNamed, NONE, some } from '../values.ts';

/** The network and what of it the guest may reach. */
export interface GrantedNetwork {
  readonly network: Network;
  readonly grants: NetworkGrants;
}

/** `error-code`, its cases in order. */
const ERRORS = [
  'unknown',
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
  'invalid-state',
  'new-socket-limit',
  'address-not-bindable',
  'address-in-use',
  'remote-unreachable',
  'connection-refused',
  'connection-reset',
  'connection-aborted',
  'datagram-too-large',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
] as const;

export type NetworkErrorCode = (typeof ERRORS)[number];

const OF_HOST: Partial<Record<ErrorCode, NetworkErrorCode>> = {
  acces: 'access-denied',
  perm: 'access-denied',
  notcapable: 'access-denied',
  notsup: 'not-supported',
  nosys: 'not-supported',
  afnosupport: 'not-supported',
  inval: 'invalid-argument',
  nomem: 'out-of-memory',
  nobufs: 'out-of-memory',
  timedout: 'timeout',
  already: 'concurrency-conflict',
  again: 'would-block',
  notconn: 'invalid-state',
  mfile: 'new-socket-limit',
  nfile: 'new-socket-limit',
  addrnotavail: 'address-not-bindable',
  addrinuse: 'address-in-use',
  hostunreach: 'remote-unreachable',
  netunreach: 'remote-unreachable',
  netdown: 'remote-unreachable',
  connrefused: 'connection-refused',
  connreset: 'connection-reset',
  pipe: 'connection-reset',
  connaborted: 'connection-aborted',
  msgsize: 'datagram-too-large',
};

/** What a guest did that it is told of. */
export class NetworkError extends Error {
  readonly code: NetworkErrorCode;

  constructor(code: NetworkErrorCode) {
    super(code);
    this.code = code;
  }
}

export function refuse(code: NetworkErrorCode): never {
  throw new NetworkError(code);
}

/** An error as the guest is told of it; undefined for one that ends the program. */
export function networkErrors(error: unknown): ComponentValue | undefined {
  if (error instanceof NetworkError) return caseNamed(ERRORS, error.code);
  return error instanceof HostError ? errorCase(error) : undefined;
}

function errorCase({ code }: HostError): CaseValue {
  return caseNamed(ERRORS, OF_HOST[code] ?? 'unknown');
}

export const NETWORK = hostResource<GrantedNetwork>('network');

export function networkInterface(): HostInstance {
  return hostInstance({
    network: NETWORK,
    error: ERROR,
    'network-error-code': hostFunction(([error]) => {
      const { cause, owner } = repOf(ERROR, error);
      return owner === 'network' ? some(errorCase(cause)) : NONE;
    }),
  });
}

export function instanceNetworkInterface(granted: GrantedNetwork): HostInstance {
  return hostInstance({
    network: NETWORK,
    'instance-network': hostFunction(() => handleOf(NETWORK, granted)),
  });
}

const FAMILIES = ['ipv4', 'ipv6'] as const;

export function familyOf(value: ComponentValue): IpFamily {
  return FAMILIES[(value as CaseValue).case];
}

export function familyCase(family: IpFamily): CaseValue {
  return caseNamed(FAMILIES, family);
}

/** `ip-address`; undefined for a text that is none. */
export function addressValue(host: string): CaseValue | undefined {
  const v4 = parseIpv4(host);
  if (v4) return { case: 0, payload: v4 };
  const v6 = parseIpv6(host);
  return v6 && { case: 1, payload: v6 };
}

/** `ip-socket-address`. */
export function socketAddressValue({
  family,
  host,
  port,
  flowInfo = 0,
  scopeId = 0,
}: SocketAddress): CaseValue {
  if (family === 'ipv4') return { case: 0, payload: [port, parseIpv4(host)!] };
  return { case: 1, payload: [port, flowInfo, parseIpv6(host)!, scopeId] };
}

export function socketAddressOf(value: ComponentValue): SocketAddress {
  const { case: chosen, payload } = value as CaseValue;
  if (chosen === 0) {
    const [port, parts] = payload as unknown as [number, number[]];
    return { family: 'ipv4', host: parts.join('.'), port };
  }
  const [port, flowInfo, words, scopeId] = payload as unknown as [number, number, number[], number];
  const host = canonicalHost(words.map((word) => word.toString(16)).join(':'));
  return { family: 'ipv6', host, port, flowInfo, scopeId };
}

/** Throws unless a socket of the family can be bound to it, and the guest may. */
export function mustBeLocal({ grants }: GrantedNetwork, address: SocketAddress, family: IpFamily): void {
  if (address.family !== family || isMapped(address) || isMulticast(address)) refuse('invalid-argument');
  if (!grants.allows(address.host, address.port)) refuse('access-denied');
}

/** Throws unless something can be sent there by a socket of the family, and the guest may. */
export function mustBeRemote({ grants }: GrantedNetwork, address: SocketAddress, family: IpFamily): void {
  if (address.family !== family || isMapped(address) || isUnspecified(address) || address.port === 0) {
    refuse('invalid-argument');
  }
  if (!grants.allows(address.host, address.port)) refuse('access-denied');
}

/** Not one machine's: no connection leads there. */
export function isMulticast({ family, host }: SocketAddress): boolean {
  if (family === 'ipv6') return parseIpv6(host)![0] >= 0xff00;
  return parseIpv4(host)![0] >= 224;
}

function isUnspecified({ family, host }: SocketAddress): boolean {
  return (family === 'ipv6' ? parseIpv6(host)! : parseIpv4(host)!).every((part) => part === 0);
}

/** An IPv4 address in IPv6's clothes, which IPv6 sockets here do not speak with. */
function isMapped({ family, host }: SocketAddress): boolean {
  if (family === 'ipv4') return false;
  const words = parseIpv6(host)!;
  return words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
}

/** Something that was begun and is finished later: by the guest, once. */
export class Operation<T> {
  readonly #promise: Promise<void>;
  #outcome: { readonly value: T } | { readonly error: unknown } | undefined;

  constructor(promise: Promise<T>) {
    this.#promise = promise.then(
      (value) => {
        this.#outcome = { value };
      },
      (error: unknown) => {
        this.#outcome = { error };
      },
    );
  }

  waiting(): Waiting | undefined {
    return this.#outcome ? undefined : { promise: this.#promise, cancel: () => {} };
  }

  /** What it came to. Throws `would-block` before that, and what it threw. */
  finish(): T {
    const outcome = this.#outcome ?? refuse('would-block');
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Whatever comes of it, nobody wants it any more. */
  abandon(close: (value: T) => void): void {
    void this.#promise.then(() => {
      if (this.#outcome && 'value' in this.#outcome) close(this.#outcome.value);
    });
  }
}
