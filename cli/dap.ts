/**
 * `wasmscope dap`: the debug adapter over stdin and stdout, or on a port of this machine; or in a terminal that a client has
 * opened for a program, whose streams this process's are then.
 */

import { once } from 'node:events';
import { connect } from 'node:net';
import { listenDap, runDap } from '../debug-adapter/hosts/node.ts';
import { processStreams } from '../debug-adapter/hosts/node-streams.ts';
import { parseArguments, portNumber } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';

/** Resolves when the session has ended; with `--port`, never. */
export async function dap(args: readonly string[]): Promise<number> {
  const { operands, options } = parseArguments(args, { '--port': 'value', '--terminal': 'value' });
  if (operands.length > 0) throw new UsageError(`dap takes no operand '${operands[0]}'`);
  const engineUrl = new URL(import.meta.url);
  const terminal = options.get('--terminal')?.[0];
  if (terminal !== undefined) return inTerminal(portNumber('--terminal', terminal), engineUrl);
  const port = options.get('--port')?.[0];
  if (port === undefined) {
    await runDap({ input: process.stdin, output: process.stdout, engineUrl });
    process.stdin.destroy();
    return EXIT.ok;
  }
  const wanted = portNumber('--port', port);
  try {
    const server = await listenDap(wanted, engineUrl);
    const address = server.address();
    const actual = typeof address === 'object' && address ? address.port : port;
    process.stdout.write(`listening on 127.0.0.1:${actual}\n`);
  } catch (error) {
    throw new Failure(
      `wasmscope: cannot listen on port ${port}: ${(error as Error).message}\n`,
      EXIT.badInput,
    );
  }
  return EXIT.ok;
}

/** Connects to the adapter that had this run, and does for its client what that asks for. Gives the program's exit code. */
async function inTerminal(port: number, engineUrl: URL): Promise<number> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const { message } = error as Error;
    throw new Failure(`wasmscope: cannot connect to port ${port}: ${message}\n`, EXIT.badInput);
  }
  const streams = processStreams();
  await runDap({ input: socket, output: socket, engineUrl, streams });
  socket.end();
  streams.close();
  return streams.exitCode ?? EXIT.failed;
}
