/**
 * Where the public test suite is, which features each of its folders is run with, and what is known to fail.
 *
 * The suite is not part of the project: WASMSCOPE_SPEC_TESTSUITE names its folder, by default a sibling of the
 * project's. Tests of the spec read it through this and through nothing else.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { VERSIONS } from '../../engine/isa/features.ts';
import type { Feature } from '../../engine/isa/row.ts';
import type { FeatureSet } from '../../engine/module/module.ts';

/** The threads proposal is written on top of the first version, legacy exceptions on the second, all else on the third. */
const { '1.0': WASM_1, '2.0': WASM_2, '3.0': WASM_3 } = VERSIONS;

/** The suite's folders and what their files are written for. A folder that is not here has no features to run with. */
const FOLDERS: Readonly<Record<string, readonly Feature[]>> = {
  '.': WASM_3,
  custom: WASM_3,
  legacy: [...WASM_2, 'tail-call', 'legacy-exceptions'],
  'proposals/custom-page-sizes': [...WASM_3, 'custom-page-sizes'],
  // Several memories or tables are invalid there, and sizes above 32 bits malformed.
  'proposals/threads': [...WASM_1, 'threads'],
  'proposals/wide-arithmetic': [...WASM_3, 'wide-arithmetic'],
  'proposals/custom-descriptors': WASM_3,
};

/** The suite's folder; undefined where there is none. */
export function suiteFolder(): string | undefined {
  const folder = process.env.WASMSCOPE_SPEC_TESTSUITE ?? path.resolve('../shared/spec-testsuite');
  return existsSync(folder) ? folder : undefined;
}

/** The folder of the component model's tests; undefined where there is none. */
export function componentSuiteFolder(): string | undefined {
  const folder =
    process.env.WASMSCOPE_COMPONENT_TESTSUITE ?? path.resolve('../shared/component-testsuite/test');
  return existsSync(folder) ? folder : undefined;
}

/** The scripts of the suite by their paths in it, with `/`, sorted. */
export function suiteFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.wast'))
    .sort();
}

/** What a file is run with: exactly what it is written for. Throws for an unknown folder. */
export function featuresOf(file: string): FeatureSet {
  const folder = path.posix.dirname(file);
  const features = FOLDERS[folder];
  if (!features) throw new Error(`test/spec/suite.ts does not say which features ${folder} needs`);
  return new Set(features);
}

/** Expected failures: files that fail as a whole, and lines of files at which a command fails. */
export interface ExpectedFailures {
  readonly files: ReadonlySet<string>;
  readonly lines: ReadonlyMap<string, ReadonlySet<number>>;
}

/** Reads `file` and `file:line line …` rows; `#` begins a comment. */
export function readExpectedFailures(text: string): ExpectedFailures {
  const files = new Set<string>();
  const lines = new Map<string, ReadonlySet<number>>();
  for (const row of text.split('\n')) {
    const [file, numbers] = row.replace(/#.*/, '').trim().split(':');
    if (file === '') continue;
    if (numbers === undefined) files.add(file);
    else lines.set(file, new Set(numbers.trim().split(/\s+/).map(Number)));
  }
  return { files, lines };
}

export const EXPECTED_FAILURES = 'test/spec/expected-failures.txt';

export function expectedFailures(): ExpectedFailures {
  return readExpectedFailures(readFileSync(EXPECTED_FAILURES, 'utf8'));
}

/** A list of expected failures without what passes now; comments stay where they are. */
export function blessed(
  file: string,
  outcomes: ReadonlyMap<string, { readonly failures: ReadonlyMap<number, string> }>,
): string {
  const rows = readFileSync(file, 'utf8').split('\n');
  return rows
    .flatMap((row) => {
      const { files, lines } = readExpectedFailures(row);
      for (const name of files) if (outcomes.get(name)?.failures.size === 0) return [];
      for (const [name, numbers] of lines) {
        const failing = [...numbers].filter((line) => outcomes.get(name)?.failures.has(line) ?? true);
        return failing.length > 0 ? [`${name}: ${failing.join(' ')}`] : [];
      }
      return [row];
    })
    .join('\n');
}
