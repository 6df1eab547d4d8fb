// What a test bundle inside VS Code tells the process outside (mocha-run.ts writes it, host.ts reads it).

export interface SuiteResult {
  passed: number;
  failed: number;
}

/** Begins every line of the extension host's console that comes from the suite, not from VS Code. */
export const SUITE_MARK = '@suite ';

/** Begins the line with the JSON of a SuiteResult. */
export const RESULT_MARK = '@suite-result ';
