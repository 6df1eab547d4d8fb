/**
 * `wasmscope run`: loads a program, links its imports, calls one exported function, prints its results.
 *
 * A trap is reported at its place with the calls that led there. Host functions may be async; nothing else runs
 * beside the program, so there is nothing to slice for.
 */

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Fault, WasmError } from '../engine/base/errors.ts';
import { type JsImports, readJsImports } from '../engine/debug/imports.ts';
import { prepareInvocation } from '../engine/debug/invocation.ts';
import { type LoadedProgram, loadProgram, Refusal } from '../engine/debug/load.ts';
import { funcName } from '../engine/debug/style.ts';
import { Machine, type Outcome } from '../engine/exec/machine.ts';
import { SUPPORTED } from '../engine/isa/features.ts';
import type { FuncInst } from '../engine/runtime/func.ts';
import { type Imports, instantiate } from '../engine/runtime/instantiate.ts';
import { builtinImports } from '../engine/runtime/js-string.ts';
import { Store } from '../engine/runtime/store.ts';
import { formatValue, type Value } from '../engine/runtime/values.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { readProgram } from './read.ts';
import { faultReport, placeOf, printable, type Source } from './report.ts';

/** Frames that a report of a trap shows at each end. */
const FRAMES_SHOWN = 10;

export async function run(args: readonly string[]): Promise<number> {
  const { operands, options } = parseArguments(args, { '--invoke': 'rest', '--imports': 'value' });
  if (operands.length !== 1) throw new UsageError(operands.length === 0 ? 'run what?' : 'run takes one file');
  const [file] = operands;
  const [name, ...given] = options.get('--invoke') ?? [];
  const program = readProgram(file);
  const text = 'text' in program ? program.text : undefined;
  const loaded = load({ path: file, text }, program);
  const source: Source = { path: file, text, map: text === undefined ? undefined : loaded.mapOf('program') };
  try {
    const { module } = loaded;
    const { funcIdx, args: values } = prepareInvocation(module, { function: name, args: given });
    const store = new Store();
    const machine = new Machine(store);
    const imports = await importsOf(store, machine, options.get('--imports')?.[0]);
    const builtins = builtinImports(store, { stringConstants: imports?.stringConstants });
    const lookup: Imports = (wanted) => imports?.lookup(wanted) ?? builtins(wanted);
    const inst = instantiate(store, module, lookup, SUPPORTED);
    imports?.attach(inst);
    if (inst.start) await call(source, loaded, machine, inst.start, []);
    for (const value of await call(source, loaded, machine, inst.funcs[funcIdx], values)) {
      process.stdout.write(`${printable(formatValue(value))}\n`);
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    throw new Failure(faultReport(source, cliFault(error.fault)), exitCodeOf(error.fault));
  }
}

function load(source: Source, program: Parameters<typeof loadProgram>[0]): LoadedProgram {
  try {
    return loadProgram(program);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Failure(error.faults.map((fault) => faultReport(source, fault)).join(''), EXIT.badInput);
  }
}

/** Reads the user's module of imports. What it throws itself is shown as Node would. */
async function importsOf(
  store: Store,
  machine: Machine,
  file: string | undefined,
): Promise<JsImports | undefined> {
  if (file === undefined) return undefined;
  try {
    const namespace: unknown = await import(pathToFileURL(path.resolve(file)).href);
    return await readJsImports(store, namespace, (func, args) => callAside(store, machine, func, args));
  } catch (error) {
    if (error instanceof WasmError) throw error;
    throw new Failure(`${file}: ${printable(String((error as Error)?.message ?? error))}\n`, EXIT.badInput);
  }
}

/** A call by JavaScript that runs outside of any host call, behind an `await`: on a machine of its own. */
function callAside(store: Store, { space }: Machine, func: FuncInst, args: readonly Value[]): Value[] {
  const aside = new Machine(store, { space, maxSlots: 1 << 16, maxDepth: 2000 });
  aside.begin(func, args);
  const outcome = aside.run();
  if (outcome.kind === 'done') return outcome.results;
  if (outcome.kind === 'trap') throw new WasmError(outcome.fault);
  throw new WasmError({ phase: 'usage', message: 'an async import cannot be waited for here', notes: [] });
}

async function call(
  source: Source,
  loaded: LoadedProgram,
  machine: Machine,
  func: FuncInst,
  args: readonly Value[],
): Promise<Value[]> {
  machine.begin(func, args);
  for (;;) {
    const outcome = machine.run();
    if (outcome.kind === 'done') return outcome.results;
    if (outcome.kind === 'host') await outcome.promise;
    if (outcome.kind === 'trap') {
      throw new Failure(trapReport(source, loaded, machine, outcome), exitCodeOf(outcome.fault));
    }
  }
}

function trapReport(
  source: Source,
  loaded: LoadedProgram,
  machine: Machine,
  { fault, cause }: Extract<Outcome, { kind: 'trap' }>,
): string {
  const { depth } = machine;
  const top = machine.frames(0, FRAMES_SHOWN);
  const bottom = machine.frames(Math.max(FRAMES_SHOWN, depth - FRAMES_SHOWN));
  const line = (frame: (typeof top)[number]): string => {
    if (frame.kind === 'host') return `  in ${printable(funcName(frame.func))} (host)\n`;
    const span = loaded.form === 'text' ? loaded.place(frame.func.idx, frame.offset).span : undefined;
    return `  in ${printable(funcName(frame.func))} (${placeOf(source, span, frame.offset)})\n`;
  };
  const between = depth - top.length - bottom.length;
  const stack =
    cause instanceof Error && !(cause instanceof WasmError) && cause.stack
      ? `${cause.stack.replace(/^/gm, '  ')}\n`
      : '';
  return [
    faultReport(source, fault),
    ...top.map(line),
    between > 0 ? `  … ${between} more …\n` : '',
    ...bottom.map(line),
    stack,
  ].join('');
}

/** The debugger's words for what to do are about launch configurations. */
function cliFault(fault: Fault): Fault {
  return { ...fault, message: fault.message.replace(/ \("invoke": .*?\)\./, ' with --invoke.') };
}

function exitCodeOf({ phase }: Fault): number {
  const ran = phase === 'trap' || phase === 'exhaustion' || phase === 'exception' || phase === 'crash';
  return ran ? EXIT.failed : EXIT.badInput;
}
