/**
 * The features of WebAssembly that this version runs, and what they are called.
 *
 * The engine decodes, prints and documents every row of the table. What it cannot run yet it refuses at validation,
 * at the instruction's (or type's) offset. To switch a feature on, add it to SUPPORTED.
 */

import type { Feature } from './row.ts';

/** What validation lets through. */
export const SUPPORTED: ReadonlySet<Feature> = new Set<Feature>([
  'mvp',
  'mutable-globals',
  'sign-extension',
  'saturating-float-to-int',
  'multi-value',
  'bulk-memory',
  'reference-types',
  'simd',
  'relaxed-simd',
  'tail-call',
  'extended-const',
  'function-references',
  'gc',
  'exceptions',
  'legacy-exceptions',
  'multi-memory',
  'memory64',
  'threads',
  'wide-arithmetic',
  'custom-page-sizes',
]);

/** Display names: the names of the proposals as the feature tables write them. */
export const FEATURE_NAMES: Readonly<Record<Feature, string>> = {
  mvp: 'WebAssembly 1.0',
  'mutable-globals': 'import and export of mutable globals',
  'sign-extension': 'sign-extension operators',
  'saturating-float-to-int': 'non-trapping float-to-int conversions',
  'multi-value': 'multi-value',
  'bulk-memory': 'bulk memory operations',
  'reference-types': 'reference types',
  simd: 'fixed-width SIMD',
  'relaxed-simd': 'relaxed SIMD',
  'tail-call': 'tail calls',
  'extended-const': 'extended constant expressions',
  'function-references': 'typed function references',
  gc: 'garbage collection',
  exceptions: 'exception handling',
  'legacy-exceptions': 'legacy exception handling',
  'multi-memory': 'multiple memories',
  memory64: '64-bit addresses',
  threads: 'threads and atomics',
  'wide-arithmetic': 'wide arithmetic',
  'custom-page-sizes': 'custom page sizes',
};

const WASM_1: readonly Feature[] = ['mvp', 'mutable-globals'];

const WASM_2: readonly Feature[] = [
  ...WASM_1,
  'sign-extension',
  'saturating-float-to-int',
  'multi-value',
  'bulk-memory',
  'reference-types',
  'simd',
];

/** The features of each version of the standard, and of those before it. */
export const VERSIONS = {
  '1.0': WASM_1,
  '2.0': WASM_2,
  '3.0': [
    ...WASM_2,
    'relaxed-simd',
    'tail-call',
    'extended-const',
    'function-references',
    'gc',
    'exceptions',
    'multi-memory',
    'memory64',
  ],
} as const satisfies Readonly<Record<string, readonly Feature[]>>;
