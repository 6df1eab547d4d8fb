/**
 * How `wasmscope run` ends: what is printed of a fault before the program runs, and which exit code a fault has.
 */

import type { Fault } from '../engine/base/errors.ts';
import type { WireFault } from '../engine/debug/wire.ts';
import { EXIT, Failure } from './failure.ts';
import { faultReport, type Source } from './report.ts';

/** The program cannot be run: everything that is wrong with it. */
export function refused(source: Source, faults: readonly WireFault[]): Failure {
  const report = faults.map((fault) => faultReport(source, cliFault(fault))).join('');
  const isScript = /\.wast$/i.test(source.path);
  return new Failure(
    isScript ? `${report}  note: \`wasmscope wast\` runs the commands of scripts\n` : report,
    EXIT.badInput,
  );
}

/** The debugger's words for what to do are about launch configurations. */
export function cliFault(fault: Fault): Fault {
  return { ...fault, message: fault.message.replace(/ \("invoke": .*?\)\./, ' with --invoke.') };
}

export function exitCodeOf({ phase }: Pick<Fault, 'phase'>): number {
  const ran = phase === 'trap' || phase === 'exhaustion' || phase === 'exception' || phase === 'crash';
  return ran ? EXIT.failed : EXIT.badInput;
}

/** Systems keep eight bits of it: a failure must not become a success. */
export function exitCode(code: number): number {
  return code !== 0 && code % 256 === 0 ? EXIT.failed : code;
}
