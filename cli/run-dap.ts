/**
 * `wasmscope run --dap`: the program runs in an engine's thread, its streams are those of this process, and debuggers attach to
 * it over a socket of this machine, one at a time, whenever they want.
 *
 * Without one, exit code and standard output are what `run` without `--dap` gives.
 */

import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunningProgram } from '../debug-adapter/attach.ts';
import type { ProgramStreams } from '../debug-adapter/context.ts';
import { EngineClient, EngineFault } from '../debug-adapter/engine-client.ts';
import type { ProgramFile } from '../debug-adapter/files.ts';
import { listenDap, startEngine } from '../debug-adapter/hosts/node.ts';
import { processStreams, processTerminals } from '../debug-adapter/hosts/node-streams.ts';
import { baseName, pathToUri } from '../debug-adapter/paths.ts';
import { SharedEngine } from '../debug-adapter/shared-engine.ts';
import { isTextDoc, splitDoc } from '../engine/debug/docs.ts';
import type {
  CommandName,
  Ended,
  Events,
  Output,
  Params,
  Place,
  Spot,
  WasiParams,
} from '../engine/debug/wire.ts';
import { EXIT, Failure } from './failure.ts';
import { readProgram } from './read.ts';
import { placeOf, printable, type Source } from './report.ts';
import { type DapArguments, programArguments, type RunArguments } from './run-arguments.ts';
import { exitCode, exitCodeOf, refused } from './run-report.ts';

const PLATFORM = process.platform === 'win32' ? 'win32' : 'posix';

/** How long a debugger has for its good-bye when the program is over, in milliseconds. */
const GOODBYE_MS = 2000;

/** Runs a program that can be debugged; gives the exit code. Throws a Failure. */
export async function runWithDap(args: RunArguments, dap: DapArguments): Promise<number> {
  const engineUrl = new URL(import.meta.url);
  const main = readFile(args.file);
  const preloads = args.preloads.map(({ name, file }) => ({ name, file: readFile(file) }));
  const sources = [args, ...args.preloads].map(({ file }, i): Source => {
    const content = i === 0 ? main : preloads[i - 1].file;
    return { path: file, text: 'text' in content ? content.text : undefined };
  });

  let end: (outcome: Ended | 'ended' | Failure) => void = () => undefined;
  const over = new Promise<Ended | 'ended' | Failure>((resolve) => {
    end = resolve;
  });
  const shared = new SharedEngine(startEngine(engineUrl));
  const streams = processStreams();
  const tell = <K extends CommandName>(command: K, params: Params<K>): void =>
    void engine.request(command, params).catch(() => undefined);
  const listeners = {
    ...shown(sources, streams),
    programOutput: async ({ category, bytes }: Events['programOutput']) => {
      await streams.write(category, bytes);
      tell('outputTaken', { count: bytes.length });
    },
    coreDump: (dump: Events['coreDump']) => void streams.write('stderr', writtenDump(args.coreDump, dump)),
    inputWanted: () => streams.read((bytes) => tell('input', { bytes, end: bytes === undefined })),
    ended: (ended: Ended) => end(ended),
  };
  const failed = (reason: string): void => end(new Failure(`wasmscope: ${printable(reason)}\n`, EXIT.failed));
  const engine = new EngineClient(shared.owner(), listeners, failed, () => undefined);
  const sessions = new Sessions();
  try {
    try {
      await engine.request('load', {
        program: contentOf(main),
        file: baseName(main.uri),
        preloads: preloads.map(({ name, file }) => ({
          name,
          file: baseName(file.uri),
          source: contentOf(file),
        })),
      });
      const { imports, missingImports, maxHeapBytes, maxCallDepth, invoke, given, engine: tier } = args;
      const url = imports === undefined ? undefined : pathToFileURL(path.resolve(imports)).href;
      await engine.request('link', {
        imports: url ? { url } : undefined,
        missingImports,
        maxHeapBytes,
        maxCallDepth,
        engine: tier,
        wasi: wasi(args),
      });
      await engine.request('prepare', { function: invoke, args: invoke === undefined ? [] : given });
      await engine.request('detach', null);
    } catch (error) {
      throw error instanceof EngineFault ? refused(sources[0], error.faults) : error;
    }
    let waits = dap.wait;
    const begin: RunningProgram['begin'] = (stopOnEntry) => {
      if (!waits) return;
      waits = false;
      const files = [args, ...args.preloads].map(({ file }) => path.resolve(file));
      const coreDump = args.coreDump === undefined ? undefined : { name: args.file, modules: files };
      engine
        .request('start', { stopOnEntry, noDebug: false, coreDump })
        .catch((error: Error) => failed(error.message));
    };
    const running: RunningProgram = {
      files: [main, ...preloads.map(({ file }) => file)],
      join: () => shared.join(),
      get waits() {
        return waits;
      },
      begin,
      end: () => end('ended'),
      suspend: () => shared.suspend(),
    };
    await open(dap, engineUrl, running, sessions);
    if (!dap.wait) {
      waits = true;
      begin(false);
    }
    const outcome = await over;
    if (outcome instanceof Failure) throw outcome;
    if (outcome === 'ended') throw new Failure('wasmscope: ended by the debugger\n', EXIT.failed);
    return outcomeOf(outcome);
  } finally {
    await sessions.end();
    streams.close();
    await engine.terminate();
  }
}

/** Lets debuggers in. Throws a Failure. */
async function open(
  { port }: DapArguments,
  engineUrl: URL,
  running: RunningProgram,
  sessions: Sessions,
): Promise<void> {
  const hooks = {
    running,
    began: (socket: Socket) => sessions.add(socket),
    ended: (socket: Socket) => sessions.remove(socket),
  };
  try {
    const server = await listenDap(port, engineUrl, hooks);
    sessions.close = () => server.close();
    const address = server.address();
    const actual = typeof address === 'object' && address ? address.port : port;
    process.stderr.write(`wasmscope: DAP on 127.0.0.1:${actual}\n`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'the port is in use' : message;
    throw new Failure(`wasmscope: cannot listen on port ${port}: ${printable(why)}\n`, EXIT.badInput);
  }
}

/** The debuggers that are there. */
class Sessions {
  readonly #open = new Set<Socket>();
  #gone: (() => void) | undefined;
  /** Lets nobody in any more. */
  close = (): void => undefined;

  add(session: Socket): void {
    this.#open.add(session);
  }

  remove(session: Socket): void {
    this.#open.delete(session);
    if (this.#open.size === 0) this.#gone?.();
  }

  /** Resolves when all of them have said good-bye, or have had the time to. */
  async end(): Promise<void> {
    this.close();
    if (this.#open.size > 0) {
      await new Promise<void>((done) => {
        this.#gone = done;
        setTimeout(done, GOODBYE_MS).unref();
      });
    }
    for (const session of this.#open) session.destroySoon();
  }
}

function readFile(file: string): ProgramFile {
  return { uri: pathToUri(path.resolve(file), PLATFORM), ...readProgram(file) };
}

function contentOf(file: ProgramFile): { readonly text: string } | { readonly bytes: Uint8Array } {
  return 'text' in file ? { text: file.text } : { bytes: file.bytes };
}

function wasi(args: RunArguments): WasiParams {
  const { env, dirs, listen, network, clock, seed } = args;
  return {
    args: programArguments(args),
    env,
    dirs,
    listen,
    network,
    stdin: 'asked',
    terminals: processTerminals(),
    clock: clock === undefined ? undefined : Number(clock / 1_000_000n),
    random: seed?.toString(),
  };
}

/** What the engine says on the streams of this process; what only debuggers want is not shown. */
/** Writes the core dump that `-D` asks for; says where it is, or why there is none. */
function writtenDump(file: string | undefined, dump: Events['coreDump']): string {
  try {
    if ('error' in dump) throw new Error(dump.error);
    writeFileSync(file!, dump.bytes);
    return `core dump written to ${file}\n`;
  } catch (error) {
    return `no core dump: ${printable((error as Error).message)}\n`;
  }
}

function shown(sources: readonly Source[], streams: ProgramStreams) {
  const nothing = (): void => undefined;
  return {
    output: ({ category, text, place }: Output): void => {
      if (category === 'stdout') void streams.write(category, text);
      if (category !== 'stderr') return;
      const lines = text.split('\n').map((line) => line.split('\t').map(printable).join('\t'));
      const where = place ? ` (${whereIs(place, sources)})` : '';
      void streams.write(category, lines.join('\n').replace(/(?=\n$)/, where));
    },
    dataBreakpoint: nothing,
    fileSystem: nothing,
    verdict: nothing,
    threadStarted: nothing,
    threadEnded: nothing,
    made: nothing,
    stopped: nothing,
  };
}

/** `file:line:column`, or a file and an offset in it. */
function whereIs(place: Spot | Place, sources: readonly Source[]): string {
  const number = place.doc === 'program' ? 0 : (splitDoc(place.doc).module ?? 0);
  const span = isTextDoc(place.doc) ? place.span : undefined;
  // The core modules of a component are all in one file.
  return placeOf(sources[number] ?? sources[0], span, 'offset' in place ? place.offset : undefined);
}

/** Prints the results; gives the exit code. */
function outcomeOf({ code, results = [], fault }: Ended): number {
  for (const result of results) process.stdout.write(`${printable(result)}\n`);
  return fault ? exitCodeOf(fault) : exitCode(code);
}
