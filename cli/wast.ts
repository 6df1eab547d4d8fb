/**
 * `wasmscope wast`: runs scripts of the test suite, a line a file, a line more for everything that did not hold.
 */

import { FEATURE_NAMES, SUPPORTED, VERSIONS } from '../engine/isa/features.ts';
import type { Feature } from '../engine/isa/row.ts';
import type { FeatureSet } from '../engine/module/module.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { readText } from './read.ts';
import { placeOf, printable } from './report.ts';
import { runScriptText, type Verdict } from './script-file.ts';

/** How many failures of one file are shown: one missing module makes hundreds. */
const SHOWN = 20;

export function wast(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, { '--verbose': 'flag', '--features': 'value' });
  if (operands.length === 0) throw new UsageError('wast needs files');
  const verbose = options.has('--verbose');
  const features = featuresOf(options.get('--features')?.[0]);
  const total = { passed: 0, failed: 0, unreadable: 0 };
  for (const path of operands) {
    const text = readOrReport(path);
    if (text === undefined) {
      total.unreadable++;
      continue;
    }
    const { passed, failed } = runFile(path, text, features, verbose);
    total.passed += passed;
    total.failed += failed;
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  if (total.unreadable > 0) return EXIT.badInput;
  return total.failed > 0 ? EXIT.failed : EXIT.ok;
}

/** What scripts are written for: all that there is, or `1.0,threads`. */
function featuresOf(list: string | undefined): FeatureSet {
  if (list === undefined) return SUPPORTED;
  const features = new Set<Feature>();
  for (const word of list.split(',')) {
    if (Object.hasOwn(VERSIONS, word)) {
      for (const feature of VERSIONS[word as keyof typeof VERSIONS]) features.add(feature);
    } else if (Object.hasOwn(FEATURE_NAMES, word)) features.add(word as Feature);
    else {
      const known = [...Object.keys(VERSIONS), ...Object.keys(FEATURE_NAMES)].join(', ');
      throw new UsageError(`unknown feature ${word}: there are ${known}`);
    }
  }
  return features;
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

function runFile(
  path: string,
  text: string,
  features: FeatureSet,
  verbose: boolean,
): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  const source = { path: printable(path), text };
  const lines: string[] = [];
  for (const verdict of runScriptText(text, features)) {
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
