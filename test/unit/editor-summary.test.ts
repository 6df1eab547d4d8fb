/** Summaries of modules compared and written as Markdown. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grown } from '../../extension/editor/compare.ts';
import { summaryMarkdown } from '../../extension/editor/markdown.ts';
import { bytesText, signedBytes } from '../../extension/editor/sizes.ts';
import type { BinarySummary } from '../../extension/language/byte-protocol.ts';

const SIZES = { oneByte: '1 byte', manyBytes: '{0} bytes' };

function summary(
  sections: Readonly<Record<string, number>>,
  functions: Readonly<Record<string, number>>,
  defined = Object.keys(functions).length,
): BinarySummary {
  let at = 8;
  const made = Object.entries(sections).map(([name, size]) => {
    const start = at;
    at += size;
    return { name, start, end: at };
  });
  const largest = Object.entries(functions).map(([name, size], idx) => ({
    idx,
    name,
    size,
    detail: '() → ()',
    offset: 100 + idx,
  }));
  return {
    size: at,
    kind: 'module',
    what: 'a module',
    sections: made,
    imports: [],
    exports: [{ name: 'a|b', detail: 'func <i32>' }],
    memories: [{ name: 'memory 0', detail: '1 page' }],
    tables: [],
    counts: [],
    functions: { imported: 0, defined, size: 0, largest },
    features: [{ name: 'simd', offset: 0x1f3, needs: 'i32x4.add' }],
    producers: [{ field: 'language', values: [{ name: 'Rust', version: '1.80' }] }],
    targetFeatures: [],
    debugInfo: [],
    warnings: [],
  };
}

test('what grew, the most first; what has no name is not compared', () => {
  const before = summary({ type: 10, code: 100, data: 50 }, { add: 40, gone: 8, 'func 7': 5 });
  const after = summary({ type: 10, code: 160, 'custom "x"': 20 }, { add: 90, fresh: 9, 'func 7': 6 });
  const { sections, functions } = grown(before, after);
  assert.deepEqual(
    sections.map(({ name, before: was, after: is }) => [name, was, is]),
    [
      ['code', 100, 160],
      ['data', 50, undefined],
      ['custom "x"', undefined, 20],
    ],
  );
  assert.deepEqual(
    functions.map(({ name, before: was, after: is }) => [name, was, is]),
    [
      ['add', 40, 90],
      ['fresh', undefined, 9],
      ['gone', 8, undefined],
    ],
  );
  assert.deepEqual(functions[0].range, { start: 100, end: 190 });
  assert.deepEqual(grown(before, before), { sections: [], functions: [] });
});

test('a function that is not among the largest may be there all the same', () => {
  const before = summary({ code: 100 }, { add: 40, gone: 8 });
  const after = summary({ code: 100 }, { add: 90, fresh: 9 }, 5000);
  assert.deepEqual(
    grown(before, after).functions.map(({ name }) => name),
    ['add', 'fresh'],
  );
});

test('sizes for people', () => {
  assert.deepEqual(
    [0, 1, 2, 1023, 1024, 3_500_000].map((size) => bytesText(size, SIZES)),
    ['0 bytes', '1 byte', '2 bytes', '1023 bytes', '1.0 KiB', '3.3 MiB'],
  );
  assert.deepEqual(
    [5, -1, 0].map((size) => signedBytes(size, SIZES)),
    ['+5 bytes', '−1 byte', '±0 bytes'],
  );
});

test('Markdown: names from the file stay text', () => {
  const strings = new Proxy(SIZES as Record<string, string>, {
    get: (known, name: string) => known[name] ?? name,
  }) as unknown as Parameters<typeof summaryMarkdown>[2];
  const before = { name: 'old.wasm', summary: summary({ code: 90 }, { add: 40 }) };
  const text = summaryMarkdown(
    'm<img>.wasm',
    { summary: summary({ code: 100 }, { add: 50 }), before },
    strings,
  );
  assert.match(text, /^# m\\<img\\>\.wasm\n\na module, 108 bytes\n/);
  assert.match(text, /^\| a\\\|b \| func \\<i32\\> \|$/m);
  assert.match(text, /^\| code \| 0x8 \| 100 bytes \| 92\.6 % \|$/m);
  assert.match(text, /^\| add \| 40 bytes \| 50 bytes \| \+10 bytes \|$/m);
  assert.match(text, /^\| simd \| i32x4.add \| 0x1f3 \|$/m);
  assert.match(text, /^- language: Rust 1\.80$/m);
  assert.doesNotMatch(text, /\n\n\n/);
});
