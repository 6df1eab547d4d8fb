/**
 * `wasmscope run`: loads a program and what is preloaded for it, links their imports, runs it, prints the main function's
 * results. A program of WASI gets arguments, files and streams as the command line grants them.
 *
 * A trap is reported at its place with the calls that led there. Host functions may be async, and threads take turns; nothing
 * else runs beside the program, so there is nothing to slice for.
 */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Fault, WasmError } from '../engine/base/errors.ts';
import { isComponentSource } from '../engine/component/load.ts';
import { type JsImports, readJsImports } from '../engine/debug/imports.ts';
import { mainOfImports, prepareInvocation } from '../engine/debug/invocation.ts';
import { Linkage, type Preload } from '../engine/debug/linkage.ts';
import { callBefore, hostImports } from '../engine/debug/linking.ts';
import { type LoadedProgram, loadProgram, Refusal } from '../engine/debug/load.ts';
import { ModuleRun, type ModuleRunOwner } from '../engine/debug/module-run.ts';
import { Program } from '../engine/debug/program.ts';
import { DEADLOCK } from '../engine/debug/reasons.ts';
import { funcName } from '../engine/debug/style.ts';
import type { Frame } from '../engine/exec/frame.ts';
import { type Thread, Threads } from '../engine/exec/threads.ts';
import type { FuncInst } from '../engine/runtime/func.ts';
import type { ModuleInst } from '../engine/runtime/module-inst.ts';
import { Store } from '../engine/runtime/store.ts';
import { formatValue } from '../engine/runtime/values.ts';
import { writtenTrap } from './core-dump.ts';
import { EXIT, Failure } from './failure.ts';
import { readProgram } from './read.ts';
import { faultReport, placeOf, printable, type Source } from './report.ts';
import { parseRunArguments, type RunArguments } from './run-arguments.ts';
import { refuseOptions, runComponent } from './run-component.ts';
import { runWithDap } from './run-dap.ts';
import { cliFault, exitCode, exitCodeOf, refused } from './run-report.ts';
import { openWasi } from './run-wasi.ts';
import { statistics } from './statistics.ts';

/** Frames that a report of a trap shows at each end. */
const FRAMES_SHOWN = 10;

/** A program and the files that its modules come from. */
interface Loaded {
  readonly program: Program;
  readonly sources: ReadonlyMap<LoadedProgram, Source>;
}

export async function run(given: readonly string[]): Promise<number> {
  const args = parseRunArguments(given, process.env);
  const program = readProgram(args.file);
  const isComponent = isComponentSource(program);
  if (isComponent) refuseOptions(args);
  if (args.dap) return runWithDap(args, args.dap);
  if (isComponent) return runComponent(args, program);
  const loaded = loadAll(args);
  const [main] = loaded.program.modules;
  const source = loaded.sources.get(main)!;
  const wasi = await openWasi(args);
  try {
    const { invoke, given: values } = args;
    const called = { function: invoke, args: invoke === undefined ? [] : values };
    const store = new Store({ maxHeapBytes: args.maxHeapBytes });
    const threads = new Threads(store, {
      engine: args.engine,
      profile: args.stats,
      maxDepth: args.maxCallDepth,
    });
    let linked: Linkage | undefined;
    const js = await importsOf(threads, args.imports, (func) => linked?.calls(func));
    // Set before anything can spawn: a thread is spawned by code that runs.
    let running: ModuleRun | undefined;
    const spawn = (arg: number): number => running!.spawn(linkage.again(), arg);
    const instances: ModuleInst[] = [];
    const linkage = new Linkage(store, main, loaded.program.preloads, {
      own: js?.lookup,
      host: hostImports(store, main, { js, wasi: wasi.imports(store), spawn }),
      missing: args.missingImports,
      instantiated: (inst) => {
        instances.push(inst);
        if (inst.module === main.module) js?.attach(inst);
      },
    });
    linked = linkage;
    const isTheirs = js?.main !== undefined && invoke === undefined;
    const invocation = isTheirs ? mainOfImports(js.main!, called) : prepareInvocation(main.module, called);
    linkage.check();
    const dump = (thread: Thread, fault: Fault): string =>
      dumpTrap(args, loaded, instances, threads, thread, fault);
    const owner = ownerOf(loaded, () => running, dump);
    running = new ModuleRun(threads, linkage, invocation, owner);
    try {
      return exitCode(await drive(threads, running));
    } finally {
      if (threads.space.profile) process.stderr.write(statistics(threads.space.profile, store));
    }
  } catch (error) {
    if (error instanceof Refusal) throw refused(source, error.faults);
    if (!(error instanceof WasmError)) throw error;
    throw new Failure(faultReport(source, cliFault(error.fault)), exitCodeOf(error.fault));
  } finally {
    wasi.close();
  }
}

/** Runs threads to the end of the program; gives the program's exit code. */
async function drive(threads: Threads, run: ModuleRun): Promise<number> {
  for (;;) {
    const outcome = threads.run();
    switch (outcome.kind) {
      case 'mark':
        run.marked(outcome.thread, outcome.mark);
        break;
      case 'ended':
        if (run.ended(outcome.thread)) return run.exitCode;
        threads.remove(outcome.thread);
        break;
      case 'host':
        await outcome.promise;
        break;
      case 'deadlock':
        throw new Failure(`${DEADLOCK.message}\n`, EXIT.failed);
      default:
        throw new Error(`a thread came back with ${outcome.kind}`);
    }
  }
}

/** `dump` gives what is to be said of a core dump. */
function ownerOf(
  loaded: Loaded,
  running: () => ModuleRun | undefined,
  dump: (thread: Thread, fault: Fault) => string,
): ModuleRunOwner {
  return {
    returned: (_label, results) => {
      for (const value of results) process.stdout.write(`${printable(formatValue(value))}\n`);
    },
    failed: (thread, _label, fault, cause) => {
      const report = trapReport(loaded, running(), thread, fault, cause);
      throw new Failure(report + dump(thread, fault), exitCodeOf(fault));
    },
    stopsAtFault: () => false,
    stopsAtExit: () => false,
    newInstances: () => [],
    stopsAtInstantiation: () => false,
  };
}

/** Writes the core dump that `-D` asks for; says where it is, or why there is none. */
function dumpTrap(
  { coreDump, file }: RunArguments,
  { program, sources }: Loaded,
  instances: readonly ModuleInst[],
  threads: Threads,
  thread: Thread,
  fault: Fault,
): string {
  const modules = program.modules.map((loaded) => ({
    module: loaded.module,
    name: path.resolve(sources.get(loaded)!.path),
  }));
  return writtenTrap(coreDump, { name: file, modules, instances }, threads, thread, fault);
}

function loadAll({ file, preloads }: RunArguments): Loaded {
  const sources = new Map<LoadedProgram, Source>();
  const read = (path: string, number?: number): LoadedProgram => {
    const program = readProgram(path);
    const text = 'text' in program ? program.text : undefined;
    try {
      const loaded = loadProgram(program, undefined, number);
      const map = loaded.form === 'text' ? loaded.mapOf(loaded.ownDoc) : undefined;
      sources.set(loaded, { path, text, map });
      return loaded;
    } catch (error) {
      if (error instanceof Refusal) throw refused({ path, text }, error.faults);
      throw error;
    }
  };
  const main = read(file);
  const before: Preload[] = preloads.map(({ name, file }, i) => ({ name, loaded: read(file, i + 1) }));
  return {
    program: new Program([main, ...before.map(({ loaded }) => loaded)], undefined, [], before),
    sources,
  };
}

/** Reads the user's module of imports. What it throws itself is shown as Node would. */
async function importsOf(
  threads: Threads,
  file: string | undefined,
  calls: (func: FuncInst) => void,
): Promise<JsImports | undefined> {
  if (file === undefined) return undefined;
  if (!existsSync(file)) throw new Failure(`${file}: no such file\n`, EXIT.badInput);
  try {
    const namespace: unknown = await import(pathToFileURL(path.resolve(file)).href);
    return await readJsImports(threads.store, namespace, (func, args) => {
      calls(func);
      return callBefore(threads, func, args);
    });
  } catch (error) {
    if (error instanceof WasmError) throw error;
    throw new Failure(`${file}: ${printable(String((error as Error)?.message ?? error))}\n`, EXIT.badInput);
  }
}

function trapReport(
  { program, sources }: Loaded,
  running: ModuleRun | undefined,
  thread: Thread,
  fault: Fault,
  cause: unknown,
): string {
  const { machine } = thread;
  const { depth } = machine;
  const loadedOf = ({ func }: Frame): LoadedProgram | undefined => func.inst && program.of(func.inst.module);
  const sourceOf = (frame: Frame | undefined): Source =>
    sources.get((frame && loadedOf(frame)) ?? program.modules[0])!;
  const top = machine.frames(0, FRAMES_SHOWN);
  const bottom = machine.frames(Math.max(FRAMES_SHOWN, depth - FRAMES_SHOWN));
  const line = (frame: Frame): string => {
    const name = printable(funcName(frame.func));
    const loaded = loadedOf(frame);
    if (frame.kind === 'host') return `  in ${name} (host)\n`;
    if (!loaded) return `  in ${name}\n`;
    const span = loaded.form === 'text' ? loaded.place(frame.func.idx, frame.offset).span : undefined;
    return `  in ${name} (${placeOf(sourceOf(frame), span, frame.offset)})\n`;
  };
  const between = depth - top.length - bottom.length;
  const [phase] = running?.callersOf(thread) ?? [];
  const stack =
    cause instanceof Error && !(cause instanceof WasmError) && !(cause instanceof Refusal) && cause.stack
      ? `${cause.stack.replace(/^/gm, '  ')}\n`
      : '';
  return [
    faultReport(sourceOf(top.find(({ kind }) => kind === 'wasm')), fault),
    ...top.map(line),
    between > 0 ? `  … ${between} more …\n` : '',
    ...bottom.map(line),
    phase ? `  in ${printable(phase.label)}\n` : '',
    stack,
  ].join('');
}
