/**
 * `wasi:cli`: arguments, environment, the end, standard streams and whether they are terminals.
 */

import {
  type HostInstance,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
} from '../../component/host.ts';
import type { CaseValue } from '../../component/values.ts';
import { ProgramExit } from '../exit.ts';
import type { InputStream, OutputStream } from '../host.ts';
import { INPUT_STREAM, inputStream, OUTPUT_STREAM, outputStream } from './streams.ts';
import { NONE, some } from './values.ts';

export interface Surroundings {
  /** The first one is the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function environmentInterface({ args, env }: Surroundings): HostInstance {
  return hostInstance({
    'get-environment': hostFunction(() => Object.entries(env)),
    'get-arguments': hostFunction(() => args),
    // Directories are granted under names; none of them is where the program is.
    'initial-cwd': hostFunction(() => NONE),
  });
}

export function exitInterface(): HostInstance {
  return hostInstance({
    exit: hostFunction(([status]) => {
      throw new ProgramExit((status as CaseValue).case);
    }),
    'exit-with-code': hostFunction(([code]) => {
      throw new ProgramExit(code as number);
    }),
  });
}

export function stdinInterface(stream: InputStream): HostInstance {
  return hostInstance({
    'input-stream': INPUT_STREAM,
    'get-stdin': hostFunction(() => inputStream('cli', stream)),
  });
}

/** `name`: `stdout` or `stderr`. */
export function outputInterface(name: string, stream: OutputStream): HostInstance {
  return hostInstance({
    'output-stream': OUTPUT_STREAM,
    [`get-${name}`]: hostFunction(() => outputStream('cli', stream)),
  });
}

const TERMINAL_INPUT = hostResource('terminal-input');
const TERMINAL_OUTPUT = hostResource('terminal-output');

/** The interfaces about terminals by their names. */
export function terminalInterfaces(streams: {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}): Record<string, HostInstance> {
  const get = (name: 'stdin' | 'stdout' | 'stderr') => {
    const resource = name === 'stdin' ? TERMINAL_INPUT : TERMINAL_OUTPUT;
    const { isTerminal } = streams[name];
    return hostInstance({
      [resource.name]: resource,
      [`get-terminal-${name}`]: hostFunction(() => (isTerminal ? some(handleOf(resource, {})) : NONE)),
    });
  };
  return {
    'terminal-input': hostInstance({ 'terminal-input': TERMINAL_INPUT }),
    'terminal-output': hostInstance({ 'terminal-output': TERMINAL_OUTPUT }),
    'terminal-stdin': get('stdin'),
    'terminal-stdout': get('stdout'),
    'terminal-stderr': get('stderr'),
  };
}
