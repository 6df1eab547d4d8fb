/**
 * `wasmscope print`: a module, or one function of it, as text. The module must decode; it need not be valid.
 */

import { type Fault, WasmError } from '../engine/base/errors.ts';
import { decode } from '../engine/binary/decode.ts';
import type { Module } from '../engine/module/module.ts';
import { assemble } from '../engine/text/assemble.ts';
import { type Printed, type PrintOptions, printFunc, printModule } from '../engine/text/print.ts';
import { parseTree } from '../engine/text/tree.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { writeProduct } from './output.ts';
import { readProgram } from './read.ts';
import { faultReport, type Source } from './report.ts';

export function print(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, {
    '-o': 'value',
    '--folded': 'flag',
    '--no-names': 'flag',
    '--offsets': 'flag',
    '--func': 'value',
  });
  if (operands.length !== 1)
    throw new UsageError(operands.length === 0 ? 'print what?' : 'print takes one file');
  const module = readModule(operands[0]);
  const how: PrintOptions = { folded: options.has('--folded'), names: !options.has('--no-names') };
  const func = options.get('--func')?.[0];
  const printed =
    func === undefined ? printModule(module, how) : printFunc(module, funcIndex(module, func), how);
  const text = options.has('--offsets') ? withOffsets(printed) : printed.text;
  writeProduct(text.endsWith('\n') ? text : `${text}\n`, options.get('-o')?.[0]);
  return EXIT.ok;
}

function readModule(path: string): Module {
  const program = readProgram(path);
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

/** Puts the byte offset of the first instruction of each line in front of it, as a comment. */
function withOffsets({ text, map }: Printed): string {
  const firsts = [...map.instructions()].sort((a, b) => a.span.start - b.span.start);
  const WIDTH = 8;
  const blank = ' '.repeat(WIDTH + '(;0x;) '.length);
  const lines: string[] = [];
  let next = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const first = firsts[next];
    const here = first !== undefined && first.span.start < end;
    lines.push((here ? `(;0x${hex(first.offset, WIDTH)};) ` : blank) + text.slice(start, end));
    while (next < firsts.length && firsts[next].span.start < end) next++;
    start = end + 1;
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function hex(offset: number, width: number): string {
  return offset.toString(16).padStart(width, '0');
}
