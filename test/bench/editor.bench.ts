/**
 * The module editor in a real VS Code with a large module (Z3 from npm, 35 MB): how long until the first screen, until the
 * card of a byte anywhere, and what a frame costs while it scrolls through the whole file.
 *
 * A frame's cost is read off the browser's own trace: scripts, style and layout of the window's main thread, of which VS
 * Code has its part. A second pass looks at the rows of every frame for bytes that are missing.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { openWorkbench, whyNoBrowser } from '../e2e/harness/page.ts';
import { serve } from '../e2e/harness/serve.ts';
import type { Workbench } from '../e2e/harness/workbench.ts';
import { installed } from '../packages.ts';
import { median, type Row } from './bench.ts';

const FRAMES = 400;
const CARDS = 60;
const MB = 1e6;

export async function bench(): Promise<readonly Row[]> {
  const why = whyNoBrowser();
  const found = installed('z3-solver');
  if (why) return [{ what: 'module editor', unit: 'ms', note: `NOT MEASURED: ${why}` }];
  if ('why' in found) return [{ what: 'module editor', unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const bytes = readFileSync(path.join(found.folder, 'build/z3-built.wasm'));
  execFileSync(process.execPath, ['scripts/build.mjs', '--vsix'], { stdio: 'ignore' });
  const vscode = await serve({
    vsix: ['dist/wasmscope.vsix'],
    workspace: 'examples',
    files: { 'large.wasm': bytes, 'small.wasm': readFileSync('examples/fib.wasm') },
  });
  const { workbench, page, close } = await openWorkbench(vscode, { size: { width: 1500, height: 1000 } });
  try {
    // VS Code's first webview takes seconds, whatever is in it.
    await workbench.openFile('fib.wat');
    await workbench.waitForLanguage('WebAssembly');
    await workbench.openFile('fib.wasm');
    await workbench.webview().locator('.card').first().waitFor();
    const least = await open(workbench, page, 'small.wasm');
    const before = serverMemory(vscode.port);
    const opened = await open(workbench, page, 'large.wasm');
    const view = workbench.webview();
    await view.locator('.facts', { hasText: 'functions' }).first().waitFor({ timeout: 120_000 });
    const memory = (serverMemory(vscode.port) - before) / bytes.length;
    const cards = await cardTimes(view);
    const frames = await frameCosts(view, page);
    const steady = await missingFrames(view, 'steady');
    const jumps = await missingFrames(view, 'jumps');
    const size = `${(bytes.length / MB).toFixed(0)} MB`;
    return [
      { what: `editor: first screen of ${size}`, unit: 'ms', value: opened, target: 500 },
      {
        what: 'editor: first screen of 61 bytes',
        unit: 'ms',
        value: least,
        note: 'what VS Code takes for any webview',
      },
      { what: 'editor: the card of a byte anywhere, median', unit: 'ms', value: median(cards), target: 20 },
      { what: 'editor: the card of a byte anywhere, 95 %', unit: 'ms', value: percentile(cards, 95) },
      {
        what: 'editor: a frame of scrolling through all of it, median',
        unit: 'ms',
        value: median(frames),
        target: 8,
        note: `${frames.length} frames; scripts, style and layout`,
      },
      { what: 'editor: a frame of scrolling, 95 %', unit: 'ms', value: percentile(frames, 95), target: 16 },
      { what: 'editor: frames with missing bytes while scrolling', unit: '', value: steady, target: 0 },
      { what: 'editor: frames with missing bytes in jumps', unit: '', value: jumps, target: 0 },
      {
        what: 'editor: memory of the server processes, against the file',
        unit: '×',
        value: memory,
        target: 3,
        note: 'resident, of extension host and language server, with the summary shown',
      },
    ];
  } finally {
    await close();
    await vscode.stop();
  }
}

/** From the click to rows with bytes. */
async function open(workbench: Workbench, page: Page, file: string): Promise<number> {
  const row = await workbench.revealInExplorer(file);
  const started = performance.now();
  await row.dblclick();
  await workbench.waitForTab(file);
  const view = workbench.webview();
  await view.locator('h1', { hasText: file }).waitFor();
  await view.locator('.row .byte', { hasText: '00' }).first().waitFor();
  const taken = performance.now() - started;
  await page.waitForTimeout(500);
  return taken;
}

/** From a press of the mouse on a byte, somewhere, to its card. */
async function cardTimes(view: FrameLocator): Promise<number[]> {
  return view.locator('.grid').evaluate(async (grid, count) => {
    const times: number[] = [];
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const cardOf = () => document.querySelector<HTMLElement>('aside .card')?.dataset.offset;
    for (let i = 0; i < count; i++) {
      grid.scrollTop = ((i * 7919) % 1000) * (grid.scrollHeight / 1000);
      await pause(150);
      const cell = grid.querySelector(`#byte-${(i * 3) % 20}-${i % 8}`)!;
      const { left, top } = cell.getBoundingClientRect();
      const before = cardOf();
      const at = { clientX: left + 8, clientY: top + 8, bubbles: true, button: 0, pointerId: 1 };
      const seen = new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          if (cardOf() === before) return;
          observer.disconnect();
          resolve(performance.now());
        });
        observer.observe(document.querySelector('aside')!, { childList: true, subtree: true });
      });
      const started = performance.now();
      // A pointer that was never there cannot be captured.
      const { setPointerCapture } = HTMLElement.prototype;
      HTMLElement.prototype.setPointerCapture = () => {};
      cell.dispatchEvent(new PointerEvent('pointerdown', at));
      cell.dispatchEvent(new PointerEvent('pointerup', at));
      HTMLElement.prototype.setPointerCapture = setPointerCapture;
      times.push((await Promise.race([seen, pause(5000).then(() => Number.NaN)])) - started);
    }
    return times.filter((time) => !Number.isNaN(time));
  }, CARDS);
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
}

const COUNTED = [
  'FunctionCall',
  'EventDispatch',
  'FireAnimationFrame',
  'UpdateLayoutTree',
  'Layout',
  'TimerFire',
];

/** Milliseconds of scripts, style and layout in each frame of a scroll through the file. */
async function frameCosts(view: FrameLocator, page: Page): Promise<number[]> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, {
    categories: [
      'devtools.timeline',
      'disabled-by-default-devtools.timeline.frame',
      'devtools.timeline.frame',
    ],
  });
  await scroll(view, FRAMES);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  const begins = traceEvents.filter(({ name }) => name === 'BeginMainThreadFrame');
  const threads = new Map<string, TraceEvent[]>();
  for (const event of begins) {
    const name = `${event.pid}:${event.tid}`;
    threads.set(name, [...(threads.get(name) ?? []), event]);
  }
  const [thread, frames] = [...threads].sort((a, b) => b[1].length - a[1].length)[0];
  const work = traceEvents
    .filter(({ name, ph, pid, tid }) => ph === 'X' && COUNTED.includes(name) && `${pid}:${tid}` === thread)
    .sort((a, b) => a.ts - b.ts);
  const costs = frames.map(() => 0);
  const starts = frames.map(({ ts }) => ts).sort((a, b) => a - b);
  let counted = 0;
  for (const { ts, dur = 0 } of work) {
    // What is inside of something that was counted is counted.
    if (ts < counted) continue;
    counted = ts + dur;
    const frame = starts.findLastIndex((start) => start <= ts);
    if (frame >= 0) costs[frame] += dur / 1000;
  }
  return costs;
}

/** Moves the scroll bar a little in each frame, from the start of the file to its end. */
async function scroll(view: FrameLocator, frames: number): Promise<void> {
  await view.locator('.grid').evaluate(async (grid, count) => {
    for (let i = 0; i < count; i++) {
      grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * (i / (count - 1));
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, frames);
}

/** How many frames had a row in sight without its bytes. `steady` is a wheel that turns, `jumps` the bar that is thrown. */
async function missingFrames(view: FrameLocator, how: 'steady' | 'jumps'): Promise<number> {
  return view.locator('.grid').evaluate(
    async (grid, { count, steady }) => {
      let missing = 0;
      grid.scrollTop = grid.scrollHeight / 3;
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (let i = 0; i < count; i++) {
        if (steady) grid.dispatchEvent(new WheelEvent('wheel', { deltaY: 240, cancelable: true }));
        else grid.scrollTop = ((i * 7919) % 1000) * (grid.scrollHeight / 1000);
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const rows = [...grid.querySelectorAll<HTMLElement>('.row:not([hidden])')];
        const box = grid.querySelector('.rows')!.getBoundingClientRect();
        const tops = rows.map((row) => row.getBoundingClientRect());
        const covered = tops.filter(({ bottom, top }) => bottom > box.top && top < box.bottom).length;
        const isFull = covered >= Math.floor(box.height / tops[0].height);
        if (
          !isFull ||
          rows.some((row) => [...row.querySelectorAll('.byte')].some((byte) => byte.textContent === '··'))
        )
          missing++;
      }
      return missing;
    },
    { count: FRAMES / 2, steady: how === 'steady' },
  );
}

/** Resident bytes of code-server and all processes that it has started. */
function serverMemory(port: number): number {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' }).trim().split('\n');
  const all = lines.map((line) => {
    const [pid, ppid, rss, ...args] = line.trim().split(/\s+/);
    return { pid, ppid, rss: Number(rss) * 1024, args: args.join(' ') };
  });
  const ours = new Set(all.filter(({ args }) => args.includes(`:${port}`)).map(({ pid }) => pid));
  for (let grew = true; grew; ) {
    grew = false;
    for (const { pid, ppid } of all) {
      if (!ours.has(ppid) || ours.has(pid)) continue;
      ours.add(pid);
      grew = true;
    }
  }
  return all.reduce((sum, { pid, rss }) => sum + (ours.has(pid) ? rss : 0), 0);
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}
