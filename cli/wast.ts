/**
 * `wasmscope wast`: runs scripts of the test suite, a line a file, a line more for everything that did not hold.
 */

import { SUPPORTED } from '../engine/isa/features.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { readText } from './read.ts';
import { placeOf, printable } from './report.ts';
import { runScriptText, type Verdict } from './script-file.ts';

/** How many failures of one file are shown: one missing module makes hundreds. */
const SHOWN = 20;

export function wast(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, { '--verbose': 'flag' });
  if (operands.length === 0) throw new UsageError('wast needs files');
  const verbose = options.has('--verbose');
  const total = { passed: 0, failed: 0, unreadable: 0 };
  for (const path of operands) {
    const text = readOrReport(path);
    if (text === undefined) {
      total.unreadable++;
      continue;
    }
    const { passed, failed } = runFile(path, text, verbose);
    total.passed += passed;
    total.failed += failed;
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  if (total.unreadable > 0) return EXIT.badInput;
  return total.failed > 0 ? EXIT.failed : EXIT.ok;
}

function readOrReport(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(error.message);
    return undefined;
  }
}

function runFile(path: string, text: string, verbose: boolean): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  const source = { path: printable(path), text };
  const lines: string[] = [];
  for (const verdict of runScriptText(text, SUPPORTED)) {
    if (verdict.passed) passed++;
    else failed++;
    if (verbose || (!verdict.passed && failed <= SHOWN)) {
      lines.push(line(placeOf(source, verdict.span, undefined), verdict));
    }
  }
  if (!verbose && failed > SHOWN) lines.push(`  … and ${failed - SHOWN} more (--verbose shows them)\n`);
  process.stdout.write(`${source.path}: ${passed} passed, ${failed} failed\n${lines.join('')}`);
  return { passed, failed };
}

function line(place: string, { command, passed, message }: Verdict): string {
  return `  ${place}: ${command?.kind ?? 'syntax'}: ${passed ? 'ok' : printable(message)}\n`;
}
