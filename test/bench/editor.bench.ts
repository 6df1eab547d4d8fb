/**
 * The module editor in a real VS Code with a large module (Z3 from npm, 35 MB): how long until the first screen, until the
 * card of a byte anywhere, and what a frame costs while it scrolls through the whole file.
 *
 * Times are taken inside of the browser: from the press of the mouse button until the frame is painted that shows what was
 * wanted.
 * A frame's cost is read off the browser's own trace: scripts, style and layout of the window's main thread, of which VS
 * Code has its part. A second pass looks at the rows of every frame for bytes that are missing.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { openWorkbench, whyNoBrowser } from '../e2e/harness/page.ts';
import { serve } from '../e2e/harness/serve.ts';
import { until } from '../e2e/harness/until.ts';
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
    // The names of its 40,000 functions are made when the first text of one is wanted.
    await view.locator('.grid').evaluate((grid) => {
      grid.scrollTop = grid.scrollHeight / 2;
    });
    await page.waitForTimeout(4000);
    const cards = await cardTimes(view, 300);
    const hasty = await cardTimes(view, 0);
    const frames = await frameCosts(view, page);
    const steady = await missingFrames(view, 'steady');
    const jumps = await missingFrames(view, 'jumps');
    const size = `${(bytes.length / MB).toFixed(0)} MB`;
    return [
      {
        what: `editor: first screen of ${size}, bytes and colours`,
        unit: 'ms',
        value: opened.colours,
        target: 500,
        note: `its bytes after ${opened.bytes.toFixed(0)} ms`,
      },
      {
        what: 'editor: first screen of 61 bytes',
        unit: 'ms',
        value: least.colours,
        note: 'what VS Code takes for any webview',
      },
      {
        what: 'editor: the card of a byte that is pressed, median',
        unit: 'ms',
        value: median(cards.pressed),
        target: 20,
      },
      {
        what: 'editor: the card of a byte that is pressed, 95 %',
        unit: 'ms',
        value: percentile(cards.pressed, 95),
      },
      {
        what: 'editor: the card under the pointer, median',
        unit: 'ms',
        value: median(cards.pointed),
        target: 20,
      },
      { what: 'editor: the card under the pointer, 95 %', unit: 'ms', value: percentile(cards.pointed, 95) },
      {
        what: 'editor: the card of a byte that has just come into sight, median',
        unit: 'ms',
        value: median(hasty.pressed),
        note: 'asked of the server',
      },
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

/** From the press of the mouse button to the frame with bytes, and to that with colours. */
async function open(
  workbench: Workbench,
  page: Page,
  file: string,
): Promise<{ bytes: number; colours: number }> {
  const row = await workbench.revealInExplorer(file);
  const pressed = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const now = () => resolve(performance.timeOrigin + performance.now());
        document.addEventListener('mousedown', now, { capture: true, once: true });
      }),
  );
  await row.dblclick();
  await workbench.waitForTab(file);
  const view = workbench.webview();
  await view.locator('h1', { hasText: file }).waitFor();
  // The page marks when a frame with them was painted.
  const timeOf = (what: string) =>
    until(
      what,
      () =>
        view.locator('body').evaluate((_, name) => {
          const [mark] = performance.getEntriesByName(name);
          return mark && performance.timeOrigin + mark.startTime;
        }, what),
      (time) => time !== undefined,
    );
  const bytes = await timeOf('wasmscope:bytes');
  const colours = await timeOf('wasmscope:colours');
  await page.waitForTimeout(500);
  return { bytes: bytes! - (await pressed), colours: colours! - (await pressed) };
}

interface CardTimes {
  readonly pressed: number[];
  readonly pointed: number[];
}

/**
 * From a press of the mouse on a byte, somewhere, until its card is painted beside the grid; and from there over the fields
 * around, from each move of the mouse until the card under it is painted. `rest`: milliseconds between a jump and the press.
 */
async function cardTimes(view: FrameLocator, rest: number): Promise<CardTimes> {
  return view.locator('.grid').evaluate(
    async (grid, { count, quiet }) => {
      const times: { pressed: number[]; pointed: number[] } = { pressed: [], pointed: [] };
      const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const painted = () =>
        new Promise<number>((resolve) => {
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.now());
            port2.postMessage(null);
          });
        });
      /** From `act` until another card stands in an element. */
      const timed = async (where: string, act: () => void): Promise<number | undefined> => {
        const place = document.querySelector(where)!;
        const cardOf = () => place.querySelector<HTMLElement>('.card')?.dataset.offset;
        const before = cardOf();
        const shown = new Promise<void>((resolve) => {
          const observer = new MutationObserver(() => {
            if (cardOf() === before) return;
            observer.disconnect();
            resolve();
          });
          observer.observe(place, { childList: true, subtree: true });
        });
        const started = performance.now();
        act();
        const inTime = await Promise.race([shown.then(() => true), pause(3000).then(() => false)]);
        return inTime ? (await painted()) - started : undefined;
      };
      const at = (cell: Element) => {
        const { left, top } = cell.getBoundingClientRect();
        return { clientX: left + 8, clientY: top + 8, bubbles: true, button: 0, pointerId: 1 };
      };
      // A pointer that was never there cannot be captured.
      HTMLElement.prototype.setPointerCapture = () => {};
      for (let i = 0; i < count; i++) {
        grid.scrollTop = (((i + 1) * 7919) % 1000) * (grid.scrollHeight / 1000);
        await pause(quiet);
        // The last row may be cut.
        const row = (i * 3) % (grid.querySelectorAll('[id^="byte-"][id$="-0"]').length - 1);
        const cell = grid.querySelector(`#byte-${row}-${i % 8}`)!;
        const pressed = await timed('aside', () => {
          cell.dispatchEvent(new PointerEvent('pointerdown', at(cell)));
          cell.dispatchEvent(new PointerEvent('pointerup', at(cell)));
        });
        if (pressed !== undefined) times.pressed.push(pressed);
        // The first card waits for the pointer to rest.
        cell.dispatchEvent(new PointerEvent('pointermove', at(cell)));
        await pause(400);
        for (const step of [5, 2, 7]) {
          const next = grid.querySelector(`#byte-${row}-${(i + step) % 8}`)!;
          const pointed = await timed('.hover', () => {
            next.dispatchEvent(new PointerEvent('pointermove', at(next)));
          });
          if (pointed !== undefined) times.pointed.push(pointed);
        }
        grid.querySelector('.rows')!.dispatchEvent(new PointerEvent('pointerleave'));
      }
      return times;
    },
    { count: CARDS, quiet: rest },
  );
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
