/** In the place of node:assert/strict in a browser: as much of it as the tests there use. */

class AssertionError extends Error {}

function fail(message: string | undefined, what: string): never {
  throw new AssertionError(message === undefined ? what : `${message}: ${what}`);
}

function assert(value: unknown, message?: string): asserts value {
  if (!value) fail(message, 'it is not so');
}

function equal(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) fail(message, `${text(actual)} is not ${text(expected)}`);
}

function notEqual(actual: unknown, expected: unknown, message?: string): void {
  if (Object.is(actual, expected)) fail(message, `it is ${text(expected)}`);
}

function deepEqual(actual: unknown, expected: unknown, message?: string): void {
  if (!same(actual, expected)) fail(message, `${text(actual)} is not ${text(expected)}`);
}

function notDeepEqual(actual: unknown, expected: unknown, message?: string): void {
  if (same(actual, expected)) fail(message, `it is ${text(expected)}`);
}

function match(actual: string, expected: RegExp, message?: string): void {
  if (!expected.test(actual)) fail(message, `${text(actual)} does not match ${expected}`);
}

function throws(run: () => unknown, expected?: RegExp | ((error: unknown) => boolean) | object): void {
  try {
    run();
  } catch (error) {
    if (expected instanceof RegExp) match(String(error), expected);
    else if (isClass(expected)) assert(error instanceof expected, `${error}`);
    else if (typeof expected === 'function') assert(expected(error), `${error}`);
    else if (expected)
      for (const [key, value] of Object.entries(expected)) deepEqual(Reflect.get(Object(error), key), value);
    return;
  }
  fail(undefined, 'nothing was thrown');
}

function isClass(value: unknown): value is abstract new () => object {
  return typeof value === 'function' && value.prototype instanceof Error;
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(Reflect.get(a, key), Reflect.get(b, key)));
}

function text(value: unknown): string {
  const known = new Set<unknown>();
  const plain = (_: string, part: unknown): unknown => {
    if (typeof part === 'bigint') return `${part}n`;
    if (typeof part !== 'object' || part === null) return part;
    if (known.has(part)) return '…';
    known.add(part);
    return part;
  };
  return JSON.stringify(value, plain, 1) ?? String(value);
}

// biome-ignore lint/style/noDefaultExport: stands in for a module that has one
export default Object.assign(assert, { ok: assert, equal, notEqual, deepEqual, notDeepEqual, match, throws });
