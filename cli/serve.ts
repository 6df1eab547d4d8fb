/**
 * `wasmscope serve`: a component that answers HTTP requests (wasi:http/incoming-handler). Each request gets a fresh instance in
 * a store of its own, which is gone with it; several run at once, by turns.
 *
 * A request whose instance traps is answered with 500, and the trap is reported as `run` reports it; the server goes on.
 */

import { serveAt } from '../debug-adapter/hosts/node-http.ts';
import { WasmError } from '../engine/base/errors.ts';
import { linkHost } from '../engine/component/host-imports.ts';
import type { ComponentInst } from '../engine/component/instance.ts';
import { dropLeftovers } from '../engine/component/leftover.ts';
import { isComponentSource, type LoadedComponent, loadComponent } from '../engine/component/load.ts';
import { moduleStarts } from '../engine/component/module-starts.ts';
import { componentProgram } from '../engine/component/program.ts';
import { Threads } from '../engine/exec/threads.ts';
import { SUPPORTED } from '../engine/isa/features.ts';
import { Store } from '../engine/runtime/store.ts';
import { ProgramExit } from '../engine/wasi/exit.ts';
import type { Answered, HttpServed } from '../engine/wasi/http.ts';
import { checkHandler, prepareHandler } from '../engine/wasi/preview2/http/handler.ts';
import { preview2Imports } from '../engine/wasi/preview2/preview2.ts';
import { portNumber } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { readProgram } from './read.ts';
import { faultReport, printable, type Source } from './report.ts';
import { parseRunArguments, type RunArguments } from './run-arguments.ts';
import { refuseOptions, trapReport } from './run-component.ts';
import { cliFault, exitCodeOf, refused } from './run-report.ts';
import { openWasi } from './run-wasi.ts';

/** Where it listens unless it is told otherwise: for this machine alone. */
const HOST = '127.0.0.1';
const PORT = 8080;
/** Instructions of one request before others have their turn: some milliseconds. */
const SLICE = 2_000_000;

/** Serves until the process is ended. Throws a Failure or a UsageError before it begins. */
export async function serve(given: readonly string[]): Promise<number> {
  const { address, rest } = addressIn(given);
  const args = parseRunArguments(rest, process.env, 'serve');
  refuseOptions(args);
  if (args.invoke !== undefined) throw new UsageError('--invoke is for run');
  if (args.coreDump !== undefined) throw new UsageError('-D coredump is for run');
  if (args.dap) throw new UsageError('--dap is for run: F5 with "serve" debugs a server');
  const program = readProgram(args.file);
  if (!isComponentSource(program)) {
    const why = 'this is no component: only those answer requests';
    throw new Failure(`${printable(args.file)}: ${why}\n`, EXIT.badInput);
  }
  const text = 'text' in program ? program.text : undefined;
  const loaded = loadComponent(program);
  if ('faults' in loaded) throw refused({ path: args.file, text }, loaded.faults);
  const source: Source = { path: args.file, text, map: loaded.assembly?.map };
  const wasi = await openWasi(args);
  let imports: Server['imports'];
  try {
    checkHandler(loaded.valid.type);
    imports = linkHost(loaded.valid, preview2Imports(wasi.options));
  } catch (error) {
    wasi.close();
    if (!(error instanceof WasmError)) throw error;
    throw new Failure(faultReport(source, cliFault(error.fault)), exitCodeOf(error.fault));
  }
  try {
    const server = await serveAt(address, (served, gone) =>
      answer({ loaded, source, args, imports }, served, gone),
    );
    process.stderr.write(`serving on http://${server.address}/\n`);
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
    });
    server.close();
    // What guests still wait for, hours perhaps, is nobody's any more.
    process.exit(EXIT.ok);
  } catch (error) {
    throw new Failure(`${printable((error as Error).message)}\n`, EXIT.badInput);
  } finally {
    wasi.close();
  }
}

/** `--addr HOST:PORT` as wasmtime has it, or `--port PORT`, among the options; the rest is what `run` knows. */
function addressIn(given: readonly string[]): { address: string; rest: readonly string[] } {
  const rest: string[] = [];
  let address: string | undefined;
  for (let i = 0; i < given.length; i++) {
    if (given[i] === '--') {
      rest.push(...given.slice(i));
      break;
    }
    const [, option, attached] = /^(--addr|--port)(?:=(.*))?$/s.exec(given[i]) ?? [];
    if (option === undefined) {
      rest.push(given[i]);
      continue;
    }
    const value = attached ?? given[++i];
    if (value === undefined) throw new UsageError(`${option} needs a value`);
    if (address !== undefined) throw new UsageError('the address is given twice');
    address = option === '--port' ? `${HOST}:${portNumber(option, value)}` : value;
  }
  return { address: address ?? `${HOST}:${PORT}`, rest };
}

interface Server {
  readonly loaded: LoadedComponent;
  readonly source: Source;
  readonly args: RunArguments;
  /** Handles say what they stand for, so all instances can have the same. */
  readonly imports: ReturnType<typeof linkHost>;
}

/** One request in a fresh instance. Never throws. */
async function answer(server: Server, served: HttpServed, gone: AbortSignal): Promise<Answered> {
  const { valid } = server.loaded;
  try {
    const { invocation, outcome } = prepareHandler(valid.type, served);
    const instances = new Set<ComponentInst>();
    const failure = await runHandler(server, invocation, instances, gone);
    const { method, path = '' } = served.request;
    const end = failure === undefined ? await outcome() : undefined;
    await dropLeftovers(instances);
    if (failure) {
      process.stderr.write(`${printable(`${method} ${path}`)}: ${failure}`);
      return { status: 500, message: 'the handler has trapped' };
    }
    if (end === 'answered') return end;
    const told = end ? `the handler answers with ${end.message}` : 'the handler has given no answer';
    process.stderr.write(`${printable(`${method} ${path}: ${told}`)}\n`);
    return { status: 500, message: told };
  } catch (error) {
    const told =
      error instanceof WasmError ? faultReport(server.source, cliFault(error.fault)) : `${String(error)}\n`;
    process.stderr.write(told);
    return { status: 500, message: 'the handler could not be started' };
  }
}

/** Runs a handler to its end, or until nobody waits for it any more; gives a report if it failed. `instances` gets what it makes. */
async function runHandler(
  { loaded, source, args, imports }: Server,
  invocation: Parameters<typeof componentProgram>[0]['invocation'],
  instances: Set<ComponentInst>,
  gone: AbortSignal,
): Promise<string | undefined> {
  const { valid } = loaded;
  const store = new Store({ maxHeapBytes: args.maxHeapBytes });
  const threads = new Threads(store, { engine: args.engine, maxDepth: args.maxCallDepth });
  let failure: string | undefined;
  const program = componentProgram({
    valid,
    imports,
    invocation,
    world: { store, features: SUPPORTED, instantiated: (_, of) => void instances.add(of) },
    returned: () => {},
    trapped: ({ fault, cause }) => {
      if (!(cause instanceof ProgramExit)) {
        failure = trapReport(thread.machine, fault, source, moduleStarts(valid.component));
      }
      return undefined;
    },
  });
  const thread = threads.start(program, 'main');
  const left = new Promise<void>((done) => gone.addEventListener('abort', () => done()));
  while (!gone.aborted) {
    const outcome = threads.run(SLICE);
    switch (outcome.kind) {
      case 'ended':
        return failure;
      case 'host':
        await Promise.race([outcome.promise, left]);
        break;
      case 'paused':
        await new Promise<void>((done) => setImmediate(done));
        break;
      default:
        throw new Error(`a thread came back with ${outcome.kind}`);
    }
  }
  return undefined;
}
