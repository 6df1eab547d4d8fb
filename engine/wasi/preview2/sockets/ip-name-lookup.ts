/**
 * `wasi:sockets/ip-name-lookup`: the addresses of a name, one after the other. An address is its own name.
 */

import {
  type HostInstance,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
  repOf,
} from '../../../component/host.ts';
import { canonicalHost, parseIpv4, parseIpv6 } from '../../grants.ts';
import { HostError } from '../../host.ts';
import { POLLABLE, pollable } from '../poll.ts';
import { fallible, NONE, some } from '../values.ts';
import {
  addressValue,
  type GrantedNetwork,
  NETWORK,
  NetworkError,
  networkErrors,
  Operation,
  refuse,
} from './network.ts';

interface Lookup {
  readonly operation: Operation<readonly string[]>;
  next: number;
}

const RESOLVE_ADDRESS_STREAM = hostResource<Lookup>('resolve-address-stream');

/** A part of a host name: letters, digits and dashes, or anything beyond ASCII. */
const LABEL = /^[a-z0-9_\u0080-\uffff-]{1,63}$/i;

export function ipNameLookupInterface(): HostInstance {
  return hostInstance({
    pollable: POLLABLE,
    network: NETWORK,
    'resolve-address-stream': RESOLVE_ADDRESS_STREAM,
    'resolve-addresses': fallible(networkErrors, ([network, name]) => {
      const operation = new Operation(lookUp(repOf(NETWORK, network), name as string));
      return handleOf(RESOLVE_ADDRESS_STREAM, { operation, next: 0 });
    }),
    '[method]resolve-address-stream.resolve-next-address': fallible(networkErrors, ([self]) => {
      const lookup = repOf(RESOLVE_ADDRESS_STREAM, self);
      const addresses = lookup.operation.finish();
      if (lookup.next >= addresses.length) return NONE;
      return some(addressValue(addresses[lookup.next++])!);
    }),
    '[method]resolve-address-stream.subscribe': hostFunction(([self]) => {
      const { operation } = repOf(RESOLVE_ADDRESS_STREAM, self);
      return pollable(() => operation.waiting());
    }),
  });
}

/** Throws at once what is wrong with a name. */
function lookUp({ network, grants }: GrantedNetwork, name: string): Promise<readonly string[]> {
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  if (parseIpv4(bare) || parseIpv6(bare)) return Promise.resolve([canonicalHost(bare)]);
  if (!isName(name)) refuse('invalid-argument');
  if (!grants.allowsLookup(name)) refuse('access-denied');
  return network.lookup(name).then(
    (found) => {
      const addresses = found.filter((address) => addressValue(address));
      grants.learn(name, addresses);
      return addresses;
    },
    (error: unknown) => {
      if (!(error instanceof HostError)) throw error;
      if (error.code === 'noent') throw new NetworkError('name-unresolvable');
      throw new NetworkError(
        error.code === 'again' ? 'temporary-resolver-failure' : 'permanent-resolver-failure',
      );
    },
  );
}

/** Whether a text can be a host's name. What ends in a number would be an address, and is none. */
function isName(text: string): boolean {
  if (text.length > 254) return false;
  const labels = text.replace(/\.$/, '').split('.');
  const isLabel = (label: string) => LABEL.test(label) && !label.startsWith('-') && !label.endsWith('-');
  return labels.every(isLabel) && !/^\d+$/.test(labels.at(-1)!);
}
