// Runs a mocha bundle inside VS Code's real extension host: the Node one, or the Web worker one.
//
// Owns how VS Code is told of an extension under development and of its tests: the workbench's smoke-test
// driver hands console and exit code to the page. Knows nothing of what is tested; paths are parameters.
//
//   const { passed, failed, log } = await runInNodeHost({ extension: '.', tests: 'dist/exthost-node.js' });
//   const { passed, failed, log } = await runInWebHost({ extension: '.', tests: 'dist/exthost-web.js' });
//
// Both want a Chromium: see whyNoBrowser() in test/e2e/harness/page.ts. In the Node host the extension's `main`
// runs, in the Web host its `browser`; the same extension must not be installed besides.
// Works with code-server 4.139.1; 4.100.3 has no way to switch the driver on.
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../scripts/vscode-oss/install.mjs';
import { type OpenPage, openPage } from '../e2e/harness/page.ts';
import { type ServeOptions, serve, type VsCode } from '../e2e/harness/serve.ts';
import { RESULT_MARK, SUITE_MARK, type SuiteResult } from './result.ts';

export interface HostOptions extends ServeOptions {
  /** The folder of the extension under test, with its package.json. Relative to the project's root. */
  extension: string;
  /** The test bundle: a CommonJS file that exports run(). For the Web host it must lie below `extension`. */
  tests: string;
  timeoutMs?: number;
}

export interface HostResult extends SuiteResult {
  /** A line a test, failed ones with their stack. */
  log: string;
  /** All that the extension hosts wrote to their consoles, VS Code's own noise included. */
  console: string;
}

/** In the Node extension host. @throws {Error} with the log when the suite did not come to its end */
export async function runInNodeHost(options: HostOptions): Promise<HostResult> {
  return await runSuite(options, async ({ page }, vscode) => {
    const uri = (file: string) => `vscode-remote://127.0.0.1:${vscode.port}${encodeURI(absolute(file))}`;
    const payload = [
      ['extensionDevelopmentPath', uri(options.extension)],
      ['extensionTestsPath', uri(options.tests)],
    ];
    await page.goto(vscode.url({ payload: JSON.stringify(payload) }));
  });
}

/** In the Web worker extension host. @throws {Error} with the log when the suite did not come to its end */
export async function runInWebHost(options: HostOptions): Promise<HostResult> {
  const root = absolute(options.extension);
  const tests = path.relative(root, absolute(options.tests)).split(path.sep).join('/');
  if (tests.startsWith('../')) throw new Error(`${options.tests} does not lie below ${options.extension}`);
  return await runSuite(options, async ({ page }, vscode) => {
    const authority = `127.0.0.1:${vscode.port}`;
    const mount = '/_extension';
    await page.context().route(
      (url) => url.host === authority && url.pathname.startsWith(`${mount}/`),
      async (route) => {
        const name = decodeURIComponent(new URL(route.request().url()).pathname.slice(mount.length + 1));
        const file = path.join(root, name);
        const found =
          file.startsWith(root + path.sep) && fs.statSync(file, { throwIfNoEntry: false })?.isFile();
        if (found) await route.fulfill({ body: fs.readFileSync(file), contentType: contentType(file) });
        else await route.fulfill({ status: 404 });
      },
    );
    const uri = (file: string) => ({ scheme: 'http', authority, path: mount + file });
    // The worker host appends `.js` by itself.
    const development = { extensions: [uri('')], extensionTestsPath: uri(`/${tests.replace(/\.js$/, '')}`) };
    // The configuration is patched in the page, between parsing and the deferred script that reads it. Were the
    // document itself served by a route, Chromium would refuse its socket to this machine.
    await page.addInitScript((options) => {
      if (window !== window.top) return;
      document.addEventListener('readystatechange', () => {
        const meta = document.getElementById('vscode-workbench-web-configuration');
        if (!meta || document.readyState !== 'interactive') return;
        const settings = JSON.parse(meta.dataset.settings ?? '{}');
        settings.developmentOptions = { ...settings.developmentOptions, ...options };
        meta.dataset.settings = JSON.stringify(settings);
      });
    }, development);
    await page.goto(vscode.url());
  });
}

async function runSuite(
  options: HostOptions,
  open: (opened: OpenPage, vscode: VsCode) => Promise<void>,
): Promise<HostResult> {
  const vscode = await serve({
    ...options,
    args: ['--vscode-option', 'enable-smoke-test-driver', ...(options.args ?? [])],
  });
  let opened: OpenPage | undefined;
  try {
    opened = await openPage();
    const { page } = opened;
    const lines: string[] = [];
    let finish: (code: number | 'timeout') => void = () => {};
    const finished = new Promise<number | 'timeout'>((resolve) => {
      finish = resolve;
    });
    await page.exposeFunction('codeAutomationLog', (_kind: string, values: unknown[]) => {
      lines.push(
        values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' '),
      );
    });
    await page.exposeFunction('codeAutomationExit', (code: number) => finish(code));
    const timer = setTimeout(() => finish('timeout'), options.timeoutMs ?? 120_000);
    await open(opened, vscode);
    const code = await finished;
    clearTimeout(timer);
    // The result's line may come just after the exit code.
    for (let turn = 0; turn < 20 && code !== 'timeout' && !lines.some(hasResult); turn++)
      await page.waitForTimeout(50);

    const marked = lines.find(hasResult);
    const console = lines.filter((line) => !hasResult(line)).join('\n');
    if (marked) {
      const result = JSON.parse(
        marked.slice(marked.indexOf(RESULT_MARK) + RESULT_MARK.length),
      ) as SuiteResult;
      const suite = lines
        .filter((line) => line.includes(SUITE_MARK))
        .map((line) => line.replace(SUITE_MARK, ''));
      return { ...result, log: suite.join('\n'), console };
    }
    const tail = opened.console.slice(-30).join('\n');
    throw new Error(`the suite in the extension host did not end (${code}):\n${console}\n--- page:\n${tail}`);
  } finally {
    await opened?.close();
    await vscode.stop();
  }
}

function hasResult(line: string): boolean {
  return line.includes(RESULT_MARK);
}

function absolute(file: string): string {
  return path.resolve(projectRoot(), file);
}

function contentType(file: string): string {
  const types: Record<string, string> = {
    '.js': 'text/javascript',
    '.mjs': 'text/javascript',
    '.json': 'application/json',
    '.wasm': 'application/wasm',
    '.svg': 'image/svg+xml',
    '.css': 'text/css',
  };
  return types[path.extname(file)] ?? 'application/octet-stream';
}
