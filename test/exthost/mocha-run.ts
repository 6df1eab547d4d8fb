// The part of an extension-host test bundle that runs mocha inside VS Code.
//
// Works in both extension hosts: it takes mocha's browser build, which needs neither files nor a process.
// Reports by console.log, which VS Code hands to the page and host.ts reads: a line a test, and one line with
// the figures behind the mark that RESULT_MARK names. A test bundle is an entry file such as
//
//   import { runMocha } from './mocha-run.ts';
//   export const run = () => runMocha(() => { describe('…', () => { it('…', async () => { … }); }); });
//
// bundled by esbuild with format cjs, external `vscode`; platform node for the Node host, browser for the Web
// worker. VS Code calls `run` and counts a rejected promise as failure.
import 'mocha/mocha.js';
import { RESULT_MARK, SUITE_MARK, type SuiteResult } from './result.ts';

/** @param define calls describe() and it(), or imports files that do, after mocha's globals are there */
export async function runMocha(define: () => unknown | Promise<unknown>): Promise<void> {
  mocha.setup({ ui: 'bdd', timeout: 20_000, reporter: silent as unknown as Mocha.ReporterConstructor });
  await define();
  const result: SuiteResult = { passed: 0, failed: 0 };
  await new Promise<void>((resolve) => {
    // Not mocha.run(): the browser build's own reads the page's address, and Node's host has none.
    const runner = Mocha.prototype.run.call(mocha, () => resolve());
    runner.on('pass', (test) => {
      result.passed++;
      console.log(`${SUITE_MARK}ok ${test.fullTitle()}`);
    });
    runner.on('fail', (test, error) => {
      result.failed++;
      console.log(`${SUITE_MARK}NOT OK ${test.fullTitle()}\n${error?.stack ?? error}`);
    });
  });
  console.log(RESULT_MARK + JSON.stringify(result));
  if (result.failed) throw new Error(`${result.failed} tests failed`);
  if (!result.passed) throw new Error('no test ran');
}

/** mocha's own reporters of the browser build want a document. */
function silent(): void {}
