/**
 * WASI 0.2: all its interfaces for one program, as what a host gives a component (component/host.ts).
 *
 * They are of the newest version of 0.2, which has everything that older ones have; who instantiates matches versions. What
 * the program was not granted is there as well: it has no directories, and its network refuses.
 */

import type { HostImports, HostInstance } from '../../component/host.ts';
import { NetworkGrants } from '../grants.ts';
import {
  type Clocks,
  fail,
  type InputStream,
  type OutputStream,
  type Preopen,
  type RandomSource,
} from '../host.ts';
import type { HttpClient } from '../http.ts';
import {
  environmentInterface,
  exitInterface,
  outputInterface,
  stdinInterface,
  terminalInterfaces,
} from './cli.ts';
import { monotonicClockInterface, timezoneInterface, wallClockInterface } from './clocks.ts';
import { filesystemInterfaces } from './filesystem.ts';
import { outgoingHandlerInterface } from './http/outgoing.ts';
import { httpTypesInterface } from './http/types.ts';
import { pollInterface } from './poll.ts';
import { insecureInterface, insecureSeedInterface, randomInterface } from './random.ts';
import { ipNameLookupInterface } from './sockets/ip-name-lookup.ts';
import { type GrantedNetwork, instanceNetworkInterface, networkInterface } from './sockets/network.ts';
import { tcpCreateSocketInterface, tcpInterface } from './sockets/tcp.ts';
import { udpCreateSocketInterface, udpInterface } from './sockets/udp.ts';
import { errorInterface, streamsInterface } from './streams.ts';

/** The version that the interfaces have. */
export const VERSION = '0.2.12';

export interface Preview2Options {
  /** The first one is the program's name. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly preopens?: readonly Preopen[];
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly clocks: Clocks;
  readonly random: RandomSource;
  /** Requests that the program sends; undefined: it may send none. */
  readonly http?: HttpClient;
  /** Undefined: there is no network. */
  readonly network?: GrantedNetwork;
}

/** A network of which nothing is granted is asked for nothing. */
const NOWHERE: GrantedNetwork = {
  grants: new NetworkGrants([]),
  network: {
    bindTcp: () => fail('acces'),
    connectTcp: () => fail('acces'),
    bindUdp: () => fail('acces'),
    lookup: () => fail('acces'),
  },
};

/** The imports of one program. */
export function preview2Imports(options: Preview2Options): HostImports {
  const { args = [], env = {}, preopens = [], stdin, stdout, stderr, clocks, random } = options;
  const filesystem = filesystemInterfaces(preopens, clocks);
  return versioned({
    cli: {
      environment: environmentInterface({ args, env }),
      exit: exitInterface(),
      stdin: stdinInterface(stdin),
      stdout: outputInterface('stdout', stdout),
      stderr: outputInterface('stderr', stderr),
      ...terminalInterfaces({ stdin, stdout, stderr }),
    },
    io: { error: errorInterface(), poll: pollInterface(clocks), streams: streamsInterface() },
    clocks: {
      'wall-clock': wallClockInterface(clocks),
      'monotonic-clock': monotonicClockInterface(clocks),
      timezone: timezoneInterface(),
    },
    random: {
      random: randomInterface(random),
      insecure: insecureInterface(random),
      'insecure-seed': insecureSeedInterface(random),
    },
    filesystem: { types: filesystem.types, preopens: filesystem.preopens },
    sockets: {
      network: networkInterface(),
      'instance-network': instanceNetworkInterface(options.network ?? NOWHERE),
      'ip-name-lookup': ipNameLookupInterface(),
      tcp: tcpInterface(),
      'tcp-create-socket': tcpCreateSocketInterface(),
      udp: udpInterface(),
      'udp-create-socket': udpCreateSocketInterface(),
    },
    http: { types: httpTypesInterface(), 'outgoing-handler': outgoingHandlerInterface(options.http) },
  });
}

/** Interfaces by package and name, under the names that components import them by. */
function versioned(packages: Readonly<Record<string, Readonly<Record<string, HostInstance>>>>): HostImports {
  return new Map(
    Object.entries(packages).flatMap(([pkg, interfaces]) =>
      Object.entries(interfaces).map(([name, instance]) => [`wasi:${pkg}/${name}@${VERSION}`, instance]),
    ),
  );
}
