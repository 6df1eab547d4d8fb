/**
 * `wasmscope print`: a module or a component, or one function of a module, as text. It must decode; it need not be valid.
 */

import { type Fault, WasmError } from '../engine/base/errors.ts';
import { decode } from '../engine/binary/decode.ts';
import { isComponentSource, readComponent } from '../engine/component/load.ts';
import { printComponent } from '../engine/component/text/print.ts';
import type { Module } from '../engine/module/module.ts';
import { assemble } from '../engine/text/assemble.ts';
import { withOffsets } from '../engine/text/margin.ts';
import { type Printed, type PrintOptions, printFunc, printModuleInPieces } from '../engine/text/print.ts';
import { parseTree } from '../engine/text/tree.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { writeText } from './output.ts';
import { planText } from './print-plan.ts';
import { readProgram } from './read.ts';
import { faultReport, type Source } from './report.ts';

export function print(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, {
    '-o': 'value',
    '--folded': 'flag',
    '--no-names': 'flag',
    '--no-customs': 'flag',
    '--offsets': 'flag',
    '--func': 'value',
    '--plan': 'flag',
  });
  if (operands.length !== 1)
    throw new UsageError(operands.length === 0 ? 'print what?' : 'print takes one file');
  const how: PrintOptions = {
    folded: options.has('--folded'),
    names: !options.has('--no-names'),
    customs: !options.has('--no-customs'),
  };
  const func = options.get('--func')?.[0];
  const program = readProgram(operands[0]);
  if (options.has('--plan')) {
    if (!isComponentSource(program)) throw new UsageError('--plan is for components: this is a module');
    const text = planText(operands[0], program);
    writeText(options.get('-o')?.[0], (write) => write(text));
    return EXIT.ok;
  }
  if (isComponentSource(program)) {
    if (func !== undefined) throw new UsageError('--func is for modules: this is a component');
    return printWhole(operands[0], program, how, options.get('-o')?.[0], options.has('--offsets'));
  }
  const module = readModule(operands[0], program);
  const idx = func === undefined ? undefined : funcIndex(module, func);
  const offsets = options.has('--offsets');
  writeText(options.get('-o')?.[0], (write) => {
    // A piece begins with its line break: that empty line has no margin.
    const margin = (printed: Printed) =>
      withOffsets(printed, module.bytes.length).text.replace(/^ +\n/, '\n');
    const piece = (printed: Printed) => write(offsets ? margin(printed) : printed.text);
    if (idx === undefined) printModuleInPieces(module, how, piece);
    else {
      piece(printFunc(module, idx, how));
      write('\n');
    }
  });
  return EXIT.ok;
}

/** Prints a component. */
function printWhole(
  path: string,
  program: Program,
  how: PrintOptions,
  out: string | undefined,
  offsets: boolean,
): number {
  const read = readComponent(program);
  const source: Source = { path, text: 'text' in program ? program.text : undefined };
  if ('faults' in read) throw refusal(source, read.faults);
  const printed = printComponent(read.component, how);
  writeText(out, (write) => {
    write(offsets ? withOffsets(printed, read.component.bytes.length).text : printed.text);
  });
  return EXIT.ok;
}

type Program = ReturnType<typeof readProgram>;

function readModule(path: string, program: Program): Module {
  const source: Source = { path, text: 'text' in program ? program.text : undefined };
  try {
    return decode('bytes' in program ? program.bytes : assembled(program.text, source));
  } catch (error) {
    if (error instanceof WasmError) throw refusal(source, [error.fault]);
    throw error;
  }
}

function assembled(text: string, source: Source): Uint8Array {
  const { bytes, faults } = assemble(parseTree(text), undefined, {});
  if (faults.length > 0) throw refusal(source, faults);
  return bytes;
}

function refusal(source: Source, faults: readonly Fault[]): Failure {
  return new Failure(faults.map((fault) => faultReport(source, fault)).join(''), EXIT.badInput);
}

/** A function by index or by name, with or without `$`. */
function funcIndex(module: Module, wanted: string): number {
  const idx = /^\d+$/.test(wanted) ? Number(wanted) : module.names.find('func', wanted.replace(/^\$/, ''))[0];
  if (idx !== undefined && idx < module.funcs.length) return idx;
  const count = module.funcs.length;
  throw new UsageError(`no function ${wanted}: the module has ${count} function${count === 1 ? '' : 's'}`);
}
