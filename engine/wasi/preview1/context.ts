/**
 * What the instances of one program share of WASI 0.1: arguments, environment, clocks, random numbers, descriptors.
 */

import type { Clocks, InputStream, Listener, OutputStream, Preopen, RandomSource } from '../host.ts';
import { CHANGING, RIGHT, RIGHTS } from './abi.ts';
import { Descriptors } from './descriptors.ts';
import { utf8 } from './guest-memory.ts';

export interface WasiOptions {
  /** The first one is the program's name. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly preopens?: readonly Preopen[];
  /** Sockets that listen already; their descriptors follow those of the directories. */
  readonly listeners?: readonly Listener[];
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly clocks: Clocks;
  readonly random: RandomSource;
}

export class WasiContext {
  /** With a NUL at the end of each. */
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  readonly clocks: Clocks;
  readonly random: RandomSource;
  readonly descriptors = new Descriptors();

  constructor(options: WasiOptions) {
    const { args = [], env = {}, preopens = [], listeners = [], stdin, stdout, stderr } = options;
    this.args = args.map((arg) => utf8(`${arg}\0`));
    this.env = Object.entries(env).map(([name, value]) => utf8(`${name}=${value}\0`));
    this.clocks = options.clocks;
    this.random = options.random;
    const { descriptors } = this;
    const stream = { kind: 'stream', flags: 0, inheriting: 0n } as const;
    descriptors.add({ ...stream, input: stdin, rights: RIGHTS.stream & ~RIGHT.fdWrite });
    descriptors.add({ ...stream, output: stdout, rights: RIGHTS.stream & ~RIGHT.fdRead });
    descriptors.add({ ...stream, output: stderr, rights: RIGHTS.stream & ~RIGHT.fdRead });
    for (const { guest, tree, readOnly } of preopens) {
      const kept = readOnly ? ~CHANGING : ~0n;
      descriptors.add({
        kind: 'directory',
        flags: 0,
        rights: RIGHTS.directory & kept,
        inheriting: RIGHTS.inherited & kept,
        tree,
        path: [],
        preopen: guest,
      });
    }
    for (const listener of listeners) {
      descriptors.add({
        kind: 'listener',
        flags: 0,
        rights: RIGHTS.listener,
        inheriting: RIGHTS.socket,
        listener,
      });
    }
  }
}
