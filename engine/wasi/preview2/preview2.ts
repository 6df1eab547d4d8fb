/**
 * WASI 0.2: all its interfaces for one program, as what a host gives a component (component/host.ts).
 *
 * They are of the newest version of 0.2, which has everything that older ones have; who instantiates matches versions. What
 * the program was not granted is there as well: it has no directories, and its network refuses.
 */

import type { HostImports, HostInstance } from '../../component/host.ts';
import type { Clocks, InputStream, OutputStream, Preopen, RandomSource } from '../host.ts';
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
}

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
