/**
 * The command line, and the entry of every process and thread that is no VS Code: `wasmscope run | serve | wast |
 * validate | parse | print | objdump | strip | wit | format | dap | lsp`.
 *
 * Chooses the command and turns what it throws into messages and exit codes: 0, 1 when the program trapped or failed,
 * 2 for bad usage or bad input. One bundled file holds both servers, and the engine's thread runs the same file again.
 * Everything is imported statically: a bundler wraps what `import()` reaches into functions, and the interpreter is
 * several times slower then.
 */

import { tuneCompiler } from '../debug-adapter/hosts/compiler.ts';
import { isEngineThread, runEngineThread } from '../debug-adapter/hosts/node.ts';
import { dap } from './dap.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { format } from './format.ts';
import { HELP, helpFor, usageOf } from './help.ts';
import { lsp } from './lsp.ts';
import { objdump } from './objdump.ts';
import { parse } from './parse.ts';
import { print } from './print.ts';
import { run } from './run.ts';
import { serve } from './serve.ts';
import { strip } from './strip.ts';
import { validate } from './validate.ts';
import { wast } from './wast.ts';
import { wit } from './wit.ts';

/** Put in by the build, from package.json. */
declare const WASMSCOPE_VERSION: string;

/** A command gets the arguments behind its name and answers with the exit code. Throws UsageError or Failure. */
type Command = (args: readonly string[]) => Promise<number> | number;

const COMMANDS: Readonly<Record<string, Command>> = {
  run,
  serve,
  wast,
  validate,
  parse,
  print,
  objdump,
  strip,
  wit,
  format,
  dap,
  lsp,
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-V') return say(`wasmscope ${WASMSCOPE_VERSION}\n`);
  if (name === '--help' || name === '-h' || name === 'help') {
    const about = rest[0];
    return say(about !== undefined && Object.hasOwn(COMMANDS, about) ? helpFor(about) : HELP);
  }
  try {
    if (name === undefined) throw new UsageError('no command');
    if (!Object.hasOwn(COMMANDS, name)) throw new UsageError(`unknown command '${name}'`);
    // Behind a program's name they are the program's own.
    const flags = name === 'run' || name === 'serve' ? rest.slice(0, 1) : rest;
    // As with others of its name, `objdump -h` is about headers.
    const asks = name === 'objdump' ? ['--help'] : ['--help', '-h'];
    if (asks.some((flag) => flags.includes(flag))) return say(helpFor(name));
    tuneCompiler();
    return await COMMANDS[name](rest);
  } catch (error) {
    if (error instanceof UsageError) {
      const known = name !== undefined && Object.hasOwn(COMMANDS, name);
      process.stderr.write(`wasmscope: ${error.message}\n\n${known ? usageOf(name) : HELP}`);
      return EXIT.badInput;
    }
    if (error instanceof Failure) {
      process.stderr.write(error.message);
      return error.exitCode;
    }
    throw error;
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

/** Whoever reads our output may stop reading (`| head`), and an editor may go: no reason to complain. A full disk is one. */
function outputFailed(command: string | undefined, error: NodeJS.ErrnoException): never {
  if (command === 'dap' || command === 'lsp') process.exit(EXIT.ok);
  if (error.code === 'EPIPE') process.exit(EXIT.brokenPipe);
  process.stderr.write(`wasmscope: standard output: ${error.message}\n`);
  process.exit(EXIT.failed);
}

if (isEngineThread()) {
  runEngineThread();
} else {
  const args = process.argv.slice(2);
  process.stdout.on('error', (error) => outputFailed(args[0], error));
  // Nothing else that is wrong with standard error can be said.
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') outputFailed(args[0], error);
  });
  process.exitCode = await main(args);
}
