/**
 * Text to binary and back: web-tree-sitter's module, 210 KB, whose text has 3 MB and 95,000 lines. Beside wasm-tools
 * (which is what jco's `parse` and `print` run) and wabt, as programs and as npm packages.
 *
 * Text is read through the tolerant tree that the language server uses, with its map and its index of names. All read the
 * same text, and all print the same bytes. Times are the best of several: what disturbs only ever makes a run slower.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode } from '../../engine/binary/decode.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { printModule } from '../../engine/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { installed } from '../packages.ts';
import { type Row, time } from './bench.ts';
import { functionRow, programRow, promiseRow } from './peers.ts';

const ROUNDS = 25;

export async function bench(): Promise<readonly Row[]> {
  const found = installed('web-tree-sitter');
  if ('why' in found)
    return [{ what: 'text of web-tree-sitter', unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const file = path.join(found.folder, 'web-tree-sitter.wasm');
  const bytes = new Uint8Array(readFileSync(file));
  // Annotations are left out: older tools refuse them.
  const print = () => printModule(decode(bytes), { customs: false }).text;
  let text = '';
  const coldPrint = time(() => {
    text = print();
  });
  const size = `${(text.length / 1e6).toFixed(1)} MB, ${text.split('\n').length - 1} lines`;
  const parse = () => {
    const { faults } = assemble(parseTree(text));
    if (faults.length > 0) throw new Error(faults[0].message);
  };
  const coldParse = time(parse);
  const parsing: number[] = [];
  const printing: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    parsing.push(time(parse));
    printing.push(time(print));
  }
  const toBinary = Math.min(...parsing);
  const toText = Math.min(...printing);
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-'));
  try {
    const wat = path.join(folder, 'm.wat');
    writeFileSync(wat, text);
    const tools = await packages();
    const out = path.join(folder, 'out');
    return [
      { what: 'text to binary, warm', value: toBinary, unit: 'ms', target: 100, note: size },
      { what: 'text to binary, the first time', value: coldParse, unit: 'ms' },
      await npmRow("jco's parse", toBinary, tools.jco, ({ parse }) => parse(text)),
      await npmRow("npm wabt's parseWat", toBinary, tools.wabt, async ({ parseWat }) => parseWat(text)),
      programRow("wabt's wat2wasm", toBinary, 'wat2wasm', ['--enable-all', wat, '-o', out]),
      { what: 'binary to text, warm', value: toText, unit: 'ms', target: 60, note: size },
      { what: 'binary to text, the first time', value: coldPrint, unit: 'ms' },
      await npmRow("jco's print", toText, tools.jco, ({ print }) => print(bytes)),
      await npmRow("npm wabt's toText", toText, tools.wabt, async ({ toText }) => toText(bytes)),
      programRow("wabt's wasm2wat", toText, 'wasm2wat', ['--enable-all', file, '-o', out]),
      functionRow('of ours, the tree alone', toBinary, () => parseTree(text), ROUNDS),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Jco {
  parse(text: string): Promise<Uint8Array>;
  print(bytes: Uint8Array): Promise<string>;
}

interface Wabt {
  parseWat(text: string): Uint8Array;
  toText(bytes: Uint8Array): string;
}

type Tool<T> = { readonly tool: T } | { readonly why: string };

async function npmRow<T>(
  what: string,
  ours: number,
  tool: Tool<T>,
  run: (tool: T) => Promise<unknown>,
): Promise<Row> {
  if ('why' in tool) return { what, unit: 'ms', note: `NOT MEASURED: ${tool.why}` };
  await run(tool.tool);
  return promiseRow(what, ours, () => run(tool.tool));
}

async function packages(): Promise<{ readonly jco: Tool<Jco>; readonly wabt: Tool<Wabt> }> {
  const jco = installed('@bytecodealliance/jco-transpile');
  const wabt = installed('wabt');
  return {
    jco:
      'why' in jco
        ? jco
        : { tool: await import(pathToFileURL(path.join(jco.folder, 'dist/wasm-tools.js')).href) },
    wabt: 'why' in wabt ? wabt : { tool: await wabtOf(wabt.folder) },
  };
}

/** What of the package's API is used here; its objects are freed, as its own examples do. */
interface WabtApi {
  parseWat(name: string, text: string, features: object): WabtModule;
  readWasm(bytes: Uint8Array, options: object): WabtModule;
}

interface WabtModule {
  toBinary(options: object): { readonly buffer: Uint8Array };
  toText(options: object): string;
  destroy(): void;
}

async function wabtOf(folder: string): Promise<Wabt> {
  const make = createRequire(import.meta.url)(folder) as () => Promise<WabtApi>;
  const api = await make();
  const using = <T>(module: WabtModule, take: (module: WabtModule) => T): T => {
    try {
      return take(module);
    } finally {
      module.destroy();
    }
  };
  return {
    parseWat: (text) => using(api.parseWat('m.wat', text, {}), (m) => m.toBinary({}).buffer),
    toText: (bytes) => using(api.readWasm(bytes, {}), (m) => m.toText({})),
  };
}
