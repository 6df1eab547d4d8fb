/**
 * A reporter of node:test for `scripts/test.mjs`: what the tests of a file do, a line of JSON each behind a mark that
 * nothing else on standard output begins with.
 */

/** The record separator of RFC 7464. */
export const MARK = '\u001e';

const WANTED = new Set(['test:dequeue', 'test:complete', 'test:pass', 'test:fail']);

// biome-ignore lint/style/noDefaultExport: the test runner takes a reporter by it
export default async function* events(source) {
  for await (const { type, data } of source) {
    if (!WANTED.has(type)) continue;
    const { name, nesting, file, skip, todo, details } = data;
    const error = details?.error;
    const isGroup = details?.type === 'suite' || error?.failureType === 'subtestsFailed';
    const text = type === 'test:fail' ? describe(error) : undefined;
    const milliseconds = details?.duration_ms;
    yield `${MARK}${JSON.stringify({ type, name, nesting, file, skip, todo, isGroup, text, milliseconds })}\n`;
  }
}

function describe(error) {
  const cause = error?.cause ?? error;
  const text = cause?.stack ?? cause?.message ?? String(cause);
  return text
    .split('\n')
    .filter((line) => !/^\s+at .*\(?node:/.test(line))
    .map((line) => `  ${line}`)
    .join('\n');
}
