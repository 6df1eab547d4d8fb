/**
 * `wasmscope run` of a component: WASI 0.2 is its host, `--invoke` takes a call in WAVE, and what comes back is printed in
 * WAVE. Modules and components are told apart by their bytes or their text, so the command is the same.
 */

import path from 'node:path';
import { type Fault, WasmError } from '../engine/base/errors.ts';
import { boundaryOf } from '../engine/component/canon/boundary.ts';
import { linkHost } from '../engine/component/host-imports.ts';
import { type ComponentSource, type LoadedComponent, loadComponent } from '../engine/component/load.ts';
import { moduleStarts } from '../engine/component/module-starts.ts';
import {
  componentProgram,
  exitCodeOfResult,
  type Invocation,
  prepareCall,
  resultText,
} from '../engine/component/program.ts';
import { coreModuleName } from '../engine/debug/coredump/format.ts';
import { funcName } from '../engine/debug/style.ts';
import type { Frame } from '../engine/exec/frame.ts';
import type { Machine } from '../engine/exec/machine.ts';
import { Threads } from '../engine/exec/threads.ts';
import { SUPPORTED } from '../engine/isa/features.ts';
import type { ModuleInst } from '../engine/runtime/module-inst.ts';
import { Store } from '../engine/runtime/store.ts';
import { ProgramExit } from '../engine/wasi/exit.ts';
import { preview2Imports } from '../engine/wasi/preview2/preview2.ts';
import { writtenTrap } from './core-dump.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { faultReport, placeOf, printable, type Source, spanOf } from './report.ts';
import type { RunArguments } from './run-arguments.ts';
import { cliFault, exitCode, exitCodeOf, refused } from './run-report.ts';
import { openWasi } from './run-wasi.ts';
import { statistics } from './statistics.ts';

/** Frames that a report of a trap shows at each end. */
const FRAMES_SHOWN = 10;

/** Runs a component; gives the exit code. Throws a Failure. */
export async function runComponent(args: RunArguments, program: ComponentSource): Promise<number> {
  const text = 'text' in program ? program.text : undefined;
  const loaded = loadComponent(program);
  if ('faults' in loaded) throw refused({ path: args.file, text }, loaded.faults);
  const source: Source = { path: args.file, text, map: loaded.assembly?.map };
  const wasi = await openWasi(args);
  try {
    const invocation = prepareCall(loaded.valid.type, callText(args));
    const imports = linkHost(loaded.valid, preview2Imports(wasi.options));
    return await drive(loaded, source, { args, invocation, imports });
  } catch (error) {
    if (error instanceof ProgramExit) return exitCode(error.code);
    if (!(error instanceof WasmError)) throw error;
    throw new Failure(faultReport(source, cliFault(error.fault)), exitCodeOf(error.fault));
  } finally {
    wasi.close();
  }
}

interface Run {
  readonly args: RunArguments;
  readonly invocation: Invocation;
  readonly imports: Parameters<typeof componentProgram>[0]['imports'];
}

async function drive(
  { valid }: LoadedComponent,
  source: Source,
  { args, invocation, imports }: Run,
): Promise<number> {
  const store = new Store({ maxHeapBytes: args.maxHeapBytes });
  const threads = new Threads(store, {
    engine: args.engine,
    profile: args.stats,
    maxDepth: args.maxCallDepth,
  });
  let code: number = EXIT.ok;
  let failure: Failure | undefined;
  let exited: number | undefined;
  const program = componentProgram({
    valid,
    imports,
    invocation,
    world: { store, features: SUPPORTED, instantiated: (inst) => void instances.push(inst) },
    returned: (result) => {
      const text = resultText(invocation, result);
      if (text !== undefined) process.stdout.write(`${printable(text)}\n`);
      code = exitCodeOfResult(invocation, result);
    },
    trapped: ({ fault, cause }) => {
      if (cause instanceof ProgramExit) exited = cause.code;
      else {
        const dumped = writtenTrap(
          args.coreDump,
          { name: args.file, modules, instances },
          threads,
          thread,
          fault,
        );
        failure = new Failure(trapReport(thread.machine, fault, source, starts) + dumped, exitCodeOf(fault));
      }
      return undefined;
    },
  });
  const starts = moduleStarts(valid.component);
  const file = path.resolve(args.file);
  const modules = [...starts.keys()].map((module, i) => ({ module, name: coreModuleName(file, i) }));
  const instances: ModuleInst[] = [];
  const thread = threads.start(program, 'main');
  for (;;) {
    const outcome = threads.run();
    switch (outcome.kind) {
      case 'ended':
        if (threads.space.profile) process.stderr.write(statistics(threads.space.profile, store));
        if (failure) throw failure;
        return exitCode(exited ?? code);
      case 'host':
        await outcome.promise;
        break;
      default:
        throw new Error(`a thread came back with ${outcome.kind}`);
    }
  }
}

/** The fault at its place, and the calls that led there. */
export function trapReport(
  machine: Machine,
  fault: Fault,
  source: Source,
  starts: ReturnType<typeof moduleStarts>,
): string {
  const frames = machine.frames();
  const between = frames.length - 2 * FRAMES_SHOWN;
  const shown = between > 0 ? [...frames.slice(0, FRAMES_SHOWN), ...frames.slice(-FRAMES_SHOWN)] : frames;
  const offsetOf = (frame: Frame): number | undefined => {
    if (frame.kind === 'host') return undefined;
    const start = starts.get(frame.func.inst!.module);
    return start === undefined ? undefined : start + frame.offset;
  };
  const lines = shown.map((frame) => {
    const boundary = boundaryOf(frame.func);
    const name = printable(`${boundary ? `${boundary.kind} ` : ''}${funcName(frame.func)}`);
    const offset = offsetOf(frame);
    if (offset === undefined) return `  in ${name}\n`;
    return `  in ${name} (${placeOf(source, spanOf(source, offset), offset)})\n`;
  });
  if (between > 0) lines.splice(FRAMES_SHOWN, 0, `  … ${between} more …\n`);
  const [top] = frames;
  const offset = fault.offset !== undefined && top ? offsetOf(top) : undefined;
  return faultReport(source, { ...cliFault(fault), offset }) + lines.join('');
}

/** What `--invoke` says, with the arguments behind the file if it has none itself. */
function callText({ invoke, given }: RunArguments): string | undefined {
  if (invoke === undefined || invoke.includes('(')) return invoke;
  return `${invoke}(${given.join(', ')})`;
}

/** Throws a UsageError if there are options that mean nothing for a component. */
export function refuseOptions({ imports, preloads, missingImports }: RunArguments): void {
  const refused = [
    ['--imports', imports !== undefined],
    ['--preload', preloads.length > 0],
    ['-W unknown-imports-trap', missingImports === 'trap'],
  ] as const;
  for (const [option, isGiven] of refused) {
    if (isGiven) throw new UsageError(`${option} is for core modules: this is a component`);
  }
}
