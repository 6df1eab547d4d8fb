/** `wasmscope lsp`: the language server over stdin and stdout. */

import { serveStdio } from '../language-server/hosts/node.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, UsageError } from './failure.ts';

/** Starts the server; the process lives as long as its client. */
export function lsp(args: readonly string[]): number {
  const { operands } = parseArguments(args, { '--stdio': 'flag' });
  if (operands.length > 0) throw new UsageError(`lsp takes no operand '${operands[0]}'`);
  serveStdio();
  return EXIT.ok;
}
