// The few assertions of the suite, for the Web worker host, which has none of Node's modules.

class AssertionError extends Error {}

function fail(message: string | undefined, actual: unknown, expected: unknown): never {
  throw new AssertionError(
    `${message ?? 'not as expected'}\n  actual   ${show(actual)}\n  expected ${show(expected)}`,
  );
}

function show(value: unknown): string {
  return value instanceof RegExp ? String(value) : (JSON.stringify(value, undefined, 1) ?? String(value));
}

const assert = {
  ok(actual: unknown, message?: string): asserts actual {
    if (!actual) fail(message, actual, true);
  },
  equal(actual: unknown, expected: unknown, message?: string): void {
    if (!Object.is(actual, expected)) fail(message, actual, expected);
  },
  deepEqual(actual: unknown, expected: unknown, message?: string): void {
    if (show(actual) !== show(expected)) fail(message, actual, expected);
  },
  match(actual: string, expected: RegExp, message?: string): void {
    if (!expected.test(actual)) fail(message, actual, expected);
  },
};

// The suite imports Node's module by its default export.
// biome-ignore lint/style/noDefaultExport: stands in for a module that has one
export default assert;
