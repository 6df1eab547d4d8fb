/**
 * `wasmscope validate`: says what is wrong with modules, components and WIT, one report a fault, and nothing about good ones. What is wrong
 * with custom sections is a warning: the module is valid all the same (spec 2.5).
 */

import { customFaults } from '../engine/binary/custom.ts';
import { isComponentSource, loadComponent } from '../engine/component/load.ts';
import { loadProgram, Refusal } from '../engine/debug/load.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { readProgram } from './read.ts';
import { faultReport } from './report.ts';
import { isWit, readWit } from './wit-package.ts';

export function validate(args: readonly string[]): number {
  const { operands } = parseArguments(args, {});
  if (operands.length === 0) throw new UsageError('validate what?');
  const judged = operands.map(judge);
  process.stderr.write(judged.map(({ report }) => report).join(''));
  return judged.every(({ ok }) => ok) ? EXIT.ok : EXIT.badInput;
}

interface Judged {
  readonly ok: boolean;
  /** What there is to say; empty if nothing is. */
  readonly report: string;
}

function judge(path: string): Judged {
  try {
    if (isWit(path)) {
      readWit(path);
      return { ok: true, report: '' };
    }
    const program = readProgram(path);
    const text = 'text' in program ? program.text : undefined;
    if (isComponentSource(program)) {
      const loaded = loadComponent(program);
      if (!('faults' in loaded)) return { ok: true, report: '' };
      return { ok: false, report: loaded.faults.map((fault) => faultReport({ path, text }, fault)).join('') };
    }
    try {
      const loaded = loadProgram(program);
      const warnings = customFaults(loaded.module).map((fault) => loaded.wireFault(fault));
      const reports = warnings.map((fault) =>
        faultReport({ path, text }, { ...fault, message: `warning: ${fault.message}` }),
      );
      return { ok: true, report: reports.join('') };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const reports = error.faults.map((fault) => faultReport({ path, text }, fault));
      return { ok: false, report: reports.join('') };
    }
  } catch (error) {
    if (error instanceof Failure) return { ok: false, report: error.message };
    throw error;
  }
}
