/**
 * WASI for `wasmscope run`: the process's streams, and what the command line grants.
 */

import { isatty } from 'node:tty';
import { nodeHttpClient } from '../debug-adapter/hosts/node-http.ts';
import { nodeNetwork } from '../debug-adapter/hosts/node-network.ts';
import { listenAt, type OpenListener } from '../debug-adapter/hosts/node-sockets.ts';
import { nodeTree } from '../debug-adapter/hosts/node-tree.ts';
import { inputFrom, nodeClocks, nodeRandom, outputOfProcess } from '../debug-adapter/hosts/node-wasi.ts';
import type { Imports } from '../engine/runtime/instantiate.ts';
import type { Store } from '../engine/runtime/store.ts';
import { NetworkGrants } from '../engine/wasi/grants.ts';
import type { InputStream } from '../engine/wasi/host.ts';
import type { WasiOptions } from '../engine/wasi/preview1/context.ts';
import { preview1Imports } from '../engine/wasi/preview1/preview1.ts';
import type { Preview2Options } from '../engine/wasi/preview2/preview2.ts';
import { fixedClocks, seededRandom } from '../engine/wasi/repeatable.ts';
import { EXIT, Failure } from './failure.ts';
import { printable } from './report.ts';
import { programArguments, type RunArguments } from './run-arguments.ts';

export interface OpenWasi {
  imports(store: Store): Imports;
  /** What WASI 0.2 is made of as well. */
  readonly options: WasiOptions & Preview2Options;
  /** Lets go of what would keep the process alive. */
  close(): void;
}

/** Opens what is granted. Throws a Failure for directories and addresses that cannot be had. */
export async function openWasi(args: RunArguments): Promise<OpenWasi> {
  const listeners: OpenListener[] = [];
  const close = (): void => {
    for (const listener of listeners) listener.close();
    stdin.close();
  };
  const stdin = lazyInput();
  try {
    const preopens = args.dirs.map(({ host, guest, readOnly }) => ({
      guest,
      readOnly,
      tree: nodeTree(host),
    }));
    for (const address of args.listen) {
      const listener = await listenAt(address);
      listeners.push(listener);
      // A port that was chosen is nowhere else to be seen.
      if (address !== listener.address) process.stderr.write(`listening on ${listener.address}\n`);
    }
    const grants = new NetworkGrants(args.network);
    const options: WasiOptions & Preview2Options = {
      args: programArguments(args),
      env: args.env,
      preopens,
      listeners: listeners.map(({ listener }) => listener),
      stdin: stdin.input,
      stdout: outputOfProcess(process.stdout),
      stderr: outputOfProcess(process.stderr),
      clocks: args.clock === undefined ? nodeClocks() : fixedClocks(args.clock),
      random: args.seed === undefined ? nodeRandom : seededRandom(args.seed),
      http: nodeHttpClient(grants),
      network: { network: nodeNetwork, grants },
    };
    return { imports: (store) => preview1Imports(store, options), options, close };
  } catch (error) {
    close();
    throw new Failure(`${printable((error as Error).message)}\n`, EXIT.badInput);
  }
}

/** The process's standard input, which is not touched before the program reads from it. */
function lazyInput(): { readonly input: InputStream; close(): void } {
  let opened: InputStream | undefined;
  const open = (): InputStream => {
    opened ??= inputFrom(process.stdin);
    return opened;
  };
  return {
    input: {
      isTerminal: isatty(0),
      read: (length) => open().read(length),
      readable: () => open().readable(),
    },
    close: () => {
      if (opened) process.stdin.destroy();
    },
  };
}
