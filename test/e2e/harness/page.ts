// The browser of the end-to-end tests: finds a Chromium, opens a window of VS Code in it.
//
// Owns where the browser comes from and that nothing reaches outside this machine: such requests are recorded
// and refused. Knows nothing of what VS Code shows (workbench.ts).
//
//   const why = whyNoBrowser(); if (why) { ...say it... }
//   const { workbench, outside, close } = await openWorkbench(vscode);
import fs from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { VsCode } from './serve.ts';
import { Workbench } from './workbench.ts';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser's executable, or undefined. `WASMSCOPE_CHROMIUM` comes first. */
export function chromiumPath(): string | undefined {
  const chosen = process.env.WASMSCOPE_CHROMIUM;
  return chosen ? (fs.existsSync(chosen) ? chosen : undefined) : PLACES.find((place) => fs.existsSync(place));
}

/** Why no end-to-end test can run here, in words for the person who started the tests; undefined when they can. */
export function whyNoBrowser(): string | undefined {
  if (process.platform === 'win32')
    return 'code-server, the VS Code of these tests, does not run on Windows.';
  if (chromiumPath()) return undefined;
  const chosen = process.env.WASMSCOPE_CHROMIUM;
  if (chosen) return `WASMSCOPE_CHROMIUM names ${chosen}, which does not exist.`;
  return 'no Chromium or Chrome was found. Install one (Debian, Ubuntu: apt install chromium) or set WASMSCOPE_CHROMIUM to its executable.';
}

/** Says on stderr, in a frame nobody overlooks, that tests did not run and why. */
export function announceNotRun(what: string, why: string): void {
  const bar = '!'.repeat(100);
  console.error(`\n${bar}\n!! NOT RUN: ${what}\n!! ${why}\n${bar}\n`);
}

/** Starts the browser, without a window unless `WASMSCOPE_HEADED` is set. */
export async function launchBrowser(): Promise<Browser> {
  const why = whyNoBrowser();
  if (why) throw new Error(why);
  return await chromium.launch({
    executablePath: chromiumPath(),
    headless: !process.env.WASMSCOPE_HEADED,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
      // What no route sees (workers, sockets) finds no host either.
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost , EXCLUDE *.localhost',
    ],
  });
}

export interface OpenPage {
  page: Page;
  /** The outside addresses that the page asked for, all refused. */
  outside: string[];
  /** The page's console, errors included. */
  console: string[];
  close(): Promise<void>;
}

export interface WindowSize {
  width: number;
  height: number;
  /** Pixels of the screen for one of the page; default 1. */
  scale?: number;
}

/** An empty page that reaches this machine only. */
export async function openPage(size: WindowSize = { width: 1500, height: 950 }): Promise<OpenPage> {
  const browser = await launchBrowser();
  const context = await browser.newContext({
    viewport: { width: size.width, height: size.height },
    deviceScaleFactor: size.scale ?? 1,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const outside: string[] = [];
  await context.route(isOutside, (route) => {
    outside.push(route.request().url());
    return route.abort();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('websocket', (socket) => {
    if (isOutside(new URL(socket.url()))) outside.push(socket.url());
  });
  const lines: string[] = [];
  page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => lines.push(`pageerror: ${error.stack ?? error.message}`));
  return { page, outside, console: lines, close: () => browser.close() };
}

/** A window of VS Code, shown and ready for keys. */
export async function openWorkbench(
  vscode: VsCode,
  options: { size?: WindowSize; parameters?: Record<string, string> } = {},
): Promise<OpenPage & { workbench: Workbench }> {
  const opened = await openPage(options.size);
  try {
    await opened.page.goto(vscode.url(options.parameters));
    const workbench = new Workbench(opened.page);
    await workbench.ready(vscode.workspace !== undefined);
    return { ...opened, workbench };
  } catch (error) {
    const tail = [...opened.console.slice(-10), ...vscode.log().split('\n').slice(-10)].join('\n');
    await opened.close();
    throw new Error(`VS Code did not open: ${(error as Error).message}\n${tail}`);
  }
}

function isOutside(url: URL): boolean {
  if (!/^(https?|wss?):$/.test(url.protocol)) return false;
  return !['127.0.0.1', 'localhost'].includes(url.hostname) && !url.hostname.endsWith('.localhost');
}
