/**
 * `wasmscope validate`: says what is wrong with modules, one report a fault, and nothing about good ones.
 */

import { loadProgram, Refusal } from '../engine/debug/load.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { readProgram } from './read.ts';
import { faultReport } from './report.ts';

export function validate(args: readonly string[]): number {
  const { operands } = parseArguments(args, {});
  if (operands.length === 0) throw new UsageError('validate what?');
  const reports = operands.map(faultsOf);
  process.stderr.write(reports.join(''));
  return reports.every((report) => report === '') ? EXIT.ok : EXIT.badInput;
}

/** What is wrong with a file, as a report; empty if nothing is. */
function faultsOf(path: string): string {
  try {
    const program = readProgram(path);
    const text = 'text' in program ? program.text : undefined;
    try {
      loadProgram(program);
      return '';
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.faults.map((fault) => faultReport({ path, text }, fault)).join('');
    }
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
