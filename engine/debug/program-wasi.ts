/**
 * WASI for a program under the debugger: the host gives files, clocks, numbers and sockets; standard input is what was given
 * or what comes while it runs; standard output and error go where output goes.
 */

import type { Imports } from '../runtime/instantiate.ts';
import type { Store } from '../runtime/store.ts';
import type { HttpListener } from '../wasi/http.ts';
import { InputQueue } from '../wasi/input.ts';
import type { WasiOptions } from '../wasi/preview1/context.ts';
import { preview1Imports } from '../wasi/preview1/preview1.ts';
import type { Preview2Options } from '../wasi/preview2/preview2.ts';
import { fixedClocks, seededRandom } from '../wasi/repeatable.ts';
import type { ProgramOutput } from './program-output.ts';
import type { WasiParams } from './wire.ts';

/** What only the host can give. Directories and sockets are those that the parameters grant. */
export type WasiHost = Pick<WasiOptions, 'preopens' | 'listeners' | 'clocks' | 'random'> &
  Pick<Preview2Options, 'http' | 'network'> & {
    /** Where requests come from, if some are to be answered. */
    readonly requests?: HttpListener;
  };

export interface ProgramWasi {
  readonly imports: Imports;
  /** What it is made of, for WASI 0.2. */
  readonly options: WasiOptions & Preview2Options;
  readonly requests: HttpListener | undefined;
  readonly stdin: InputQueue;
}

/** `wanted`: the program waits for standard input that is asked for. */
export function programWasi(
  store: Store,
  { args, env, stdin: given, clock, random, terminals }: WasiParams,
  { requests, ...host }: WasiHost,
  output: ProgramOutput,
  wanted: () => void,
): ProgramWasi {
  const isTerminal = terminals?.stdin ?? given === 'typed';
  const stdin = new InputQueue({ isTerminal, wanted: given === 'asked' ? wanted : undefined });
  if (given !== 'typed' && given !== 'asked') {
    if (given) stdin.push(given);
    stdin.end();
  }
  const options: WasiOptions & Preview2Options = {
    ...host,
    args,
    env,
    stdin,
    stdout: output.stream('stdout', terminals?.stdout),
    stderr: output.stream('stderr', terminals?.stderr),
    clocks: clock === undefined ? host.clocks : fixedClocks(BigInt(clock) * 1_000_000n),
    random: random === undefined ? host.random : seededRandom(BigInt(random)),
  };
  return { imports: preview1Imports(store, options), options, requests, stdin };
}
