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

/** A browser whose pages share their cache, so that the second window need not compile VS Code again. */
export interface Pages {
  open(size?: WindowSize): Promise<OpenPage>;
  close(): Promise<void>;
}

/** That of a window for which nothing else is said. */
export const SIZE: WindowSize = { width: 1500, height: 950 };

/** Starts a browser for pages that reach this machine only. `scale` is that of all its pages. */
export async function openBrowser(scale = 1): Promise<Pages> {
  const browser = await launchBrowser();
  const context = await browser.newContext({
    deviceScaleFactor: scale,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await context.addInitScript(holdStill);
  // What is outside has no address (launchBrowser). A route that refused it would cost every request a detour, and the cache.
  const outside: string[] = [];
  context.on('request', (request) => {
    if (isOutside(new URL(request.url()))) outside.push(request.url());
  });
  const open = async ({ width, height }: WindowSize = SIZE): Promise<OpenPage> => {
    const page = await context.newPage();
    await page.setViewportSize({ width, height });
    page.setDefaultTimeout(20_000);
    page.setDefaultNavigationTimeout(120_000);
    page.on('websocket', (socket) => {
      if (isOutside(new URL(socket.url()))) outside.push(socket.url());
    });
    const lines: string[] = [];
    page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => lines.push(`pageerror: ${error.stack ?? error.message}`));
    return { page, outside, console: lines, close: () => page.close() };
  };
  return { open, close: () => browser.close() };
}

/** An empty page that reaches this machine only, in a browser of its own. */
export async function openPage(size: WindowSize = SIZE): Promise<OpenPage> {
  const browser = await openBrowser(size.scale);
  return { ...(await browser.open(size)), close: () => browser.close() };
}

/** A window of VS Code, shown and ready for keys; in a browser of its own, or in the one given. */
export async function openWorkbench(
  vscode: VsCode,
  options: { size?: WindowSize; parameters?: Record<string, string>; browser?: Pages } = {},
): Promise<OpenPage & { workbench: Workbench }> {
  const { size, parameters, browser } = options;
  const opened = await (browser ? browser.open(size) : openPage(size));
  try {
    // What the page waits for is seen by what it shows, and a busy machine takes its time.
    await opened.page.goto(vscode.url(parameters), { waitUntil: 'commit' });
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

// What follows runs in the page.

/** One turning icon makes a browser without a graphics card paint sixty times a second. */
function holdStill(): void {
  if (window !== window.top) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, *::before, *::after { animation: none !important; }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
