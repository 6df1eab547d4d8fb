/**
 * The bytes of a large module (Z3 from npm, 35 MB) as a module editor asks about them: the fields of the first screen, of
 * any other, and the card of any byte. Then the same of the language server's process, with its memory.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createMessageConnection } from 'vscode-jsonrpc/node';
import { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { byteLeaves } from '../../language-server/requests/byte-info.ts';
import { randomFrom } from '../fuzz/random.ts';
import { installed } from '../packages.ts';
import { median, type Row, time } from './bench.ts';

/** Bytes of a screen: fifty rows of sixteen, and as many above and below. */
const SCREEN = 2400;
const SCREENS = 500;
const CARDS = 300;

export async function bench(): Promise<readonly Row[]> {
  const found = installed('z3-solver');
  if ('why' in found)
    return [{ what: 'bytes: a large module', unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const file = path.join(found.folder, 'build/z3-built.wasm');
  const bytes = new Uint8Array(readFileSync(file));
  const size = `${(bytes.length / 1e6).toFixed(0)} MB`;
  const random = randomFrom(1);
  const inspector = new ByteInspector(bytes);
  const screen = (start: number) => time(() => byteLeaves(inspector, { start, end: start + SCREEN }));
  const first = screen(0);
  const screens = Array.from({ length: SCREENS }, () => screen(random.below(bytes.length)));
  const firstCard = time(() => inspector.at(random.below(bytes.length), { wat: false }));
  const cards = Array.from({ length: CARDS }, () =>
    time(() => inspector.at(random.below(bytes.length), { wat: false })),
  );
  const firstLine = time(() => inspector.at(bytes.length >> 1));
  const lines = Array.from({ length: CARDS }, () => time(() => inspector.at(random.below(bytes.length))));
  return [
    { what: `bytes: fields of the first screen of ${size}`, unit: 'ms', value: first, target: 100 },
    { what: 'bytes: fields of any screen, median', unit: 'ms', value: median(screens), target: 4 },
    { what: 'bytes: fields of any screen, 99 %', unit: 'ms', value: percentile(screens, 99), target: 16 },
    { what: 'bytes: the first card: the module is decoded', unit: 'ms', value: firstCard, target: 200 },
    { what: 'bytes: a card, 99 %', unit: 'ms', value: percentile(cards, 99), target: 20 },
    { what: 'bytes: the first line of WAT: all names', unit: 'ms', value: firstLine },
    { what: 'bytes: a card with its line of WAT, 99 %', unit: 'ms', value: percentile(lines, 99) },
    ...(await serverRows(file, bytes.length)),
  ];
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}

/** Screens of the scroll through the whole file. */
const SCROLL = 1000;

async function serverRows(file: string, size: number): Promise<readonly Row[]> {
  const server = spawn(process.execPath, ['dist/wasmscope.mjs', 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const connection = createMessageConnection(server.stdout, server.stdin);
  connection.listen();
  const uri = `file://${path.resolve(file)}`;
  const ask = async (method: string, params: object = {}): Promise<number> => {
    const start = performance.now();
    await connection.sendRequest(`wasmscope/${method}`, { uri, ...params });
    return performance.now() - start;
  };
  try {
    await connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
    await connection.sendNotification('initialized', {});
    const idle = residentMemory(server.pid!);
    await connection.sendNotification('wasmscope/binary/didOpen', { uri, version: 1 });
    const first = await ask('byteLeaves', { start: 0, end: SCREEN });
    const firstCard = await ask('byteInfo', { offset: size >> 1 });
    const random = randomFrom(2);
    const cards: number[] = [];
    for (let i = 0; i < CARDS; i++) cards.push(await ask('byteInfo', { offset: random.below(size) }));
    const screens: number[] = [];
    for (let i = 0; i < SCROLL; i++) {
      const start = Math.floor((size / SCROLL) * i);
      screens.push(await ask('byteLeaves', { start, end: start + SCREEN }));
    }
    const grown = residentMemory(server.pid!) - idle;
    const search = await ask('byteFind', { instructions: 'i32.const 65536 … memory.grow' });
    const summary = await ask('binarySummary');
    return [
      { what: 'server: opened, fields of the first screen', unit: 'ms', value: first, target: 300 },
      { what: 'server: the first card', unit: 'ms', value: firstCard },
      { what: 'server: a card, 99 %', unit: 'ms', value: percentile(cards, 99), target: 20 },
      { what: 'server: fields of any screen, 99 %', unit: 'ms', value: percentile(screens, 99), target: 16 },
      {
        what: 'server: memory after a scroll through the file',
        unit: '× file',
        value: grown / size,
        target: 3,
      },
      { what: 'server: instructions searched in all code', unit: 'ms', value: search },
      { what: 'server: summary with validation', unit: 'ms', value: summary },
    ];
  } finally {
    connection.dispose();
    server.kill();
  }
}

/** Bytes; 0 where the system does not say. */
function residentMemory(pid: number): number {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
