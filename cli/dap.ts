/** `wasmscope dap`: the debug adapter over stdin and stdout, or on a port of this machine. */

import { listenDap, runDap } from '../debug-adapter/hosts/node.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';

/** Resolves when the session has ended; with `--port`, never. */
export async function dap(args: readonly string[]): Promise<number> {
  const { operands, options } = parseArguments(args, { '--port': 'value' });
  if (operands.length > 0) throw new UsageError(`dap takes no operand '${operands[0]}'`);
  const engineUrl = new URL(import.meta.url);
  const port = options.get('--port')?.[0];
  if (port === undefined) {
    await runDap({ input: process.stdin, output: process.stdout, engineUrl });
    process.stdin.destroy();
    return EXIT.ok;
  }
  if (!/^\d+$/.test(port) || Number(port) > 65535) throw new UsageError(`--port: '${port}' is no port`);
  try {
    const server = await listenDap(Number(port), engineUrl);
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
