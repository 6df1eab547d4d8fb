/** In the place of node:test in a browser: what test files declare, run one after the other. */

export interface TestResult {
  readonly name: string;
  /** What was wrong, if anything was. */
  readonly failed: string | undefined;
}

interface Context {
  diagnostic(text: string): void;
}

type Run = (context: Context) => unknown;

const TESTS: { readonly name: string; readonly run: Run }[] = [];

export function test(name: string, run: Run): void {
  TESTS.push({ name, run });
}

/** Runs the tests whose names do not match. */
export async function runTests(without: RegExp): Promise<TestResult[]> {
  const results: TestResult[] = [];
  for (const { name, run } of TESTS) {
    if (without.test(name)) continue;
    let failed: string | undefined;
    try {
      await run({ diagnostic: () => undefined });
    } catch (error) {
      failed = error instanceof Error ? `${error.stack}` : String(error);
    }
    results.push({ name, failed });
  }
  return results;
}
