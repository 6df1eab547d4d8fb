/**
 * Reading and writing files through fd_read and fd_write, beside Node's own WASI on the same module: the cost of a call, and of
 * the interpreted loop around it.
 */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WASI } from 'node:wasi';
import { nodeTree } from '../../debug-adapter/hosts/node-tree.ts';
import { nodeClocks, nodeRandom } from '../../debug-adapter/hosts/node-wasi.ts';
import { decode } from '../../engine/binary/decode.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { inputOf } from '../../engine/wasi/input.ts';
import { preview1Imports } from '../../engine/wasi/preview1/preview1.ts';
import type { Row } from './bench.ts';

const MB = 1 << 20;
/** Bytes of a buffer, bytes in all: one byte a call would take minutes. */
const SIZES = [
  [65_536, 100 * MB],
  [4096, 100 * MB],
  [1, MB],
] as const;
/** What is wanted for the largest buffers. */
const TARGET = 3;
const ROUNDS = 3;

/** Opens `in`, reads it whole with buffers of `size` bytes and writes what it reads to `out`. */
const copier = (size: number) => `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 64) "inout")
  (func (export "_start") (local $in i32) (local $out i32)
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 2) (i32.const 0)
          (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)) (then unreachable))
    (local.set $in (i32.load (i32.const 16)))
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 66) (i32.const 3) (i32.const 9)
          (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)) (then unreachable))
    (local.set $out (i32.load (i32.const 16)))
    (i32.store (i32.const 0) (i32.const 65536))
    (loop $again
      (i32.store (i32.const 4) (i32.const ${size}))
      (if (call $read (local.get $in) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (if (i32.load (i32.const 8))
        (then
          (i32.store (i32.const 4) (i32.load (i32.const 8)))
          (if (call $write (local.get $out) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
          (br $again))))))`;

function ours(bytes: Uint8Array, folder: string): () => void {
  return () => {
    const store = new Store();
    const stream = {
      isTerminal: false,
      write: (piece: Uint8Array) => piece.length,
      writable: () => undefined,
    };
    const imports = preview1Imports(store, {
      preopens: [{ guest: '/', tree: nodeTree(folder) }],
      stdin: inputOf(new Uint8Array(0)),
      stdout: stream,
      stderr: stream,
      clocks: nodeClocks(),
      random: nodeRandom,
    });
    const inst = instantiate(store, decode(bytes), imports, SUPPORTED);
    const machine = new Machine(store);
    machine.begin(inst.exportedFunc('_start')!, []);
    const { kind } = machine.run();
    if (kind !== 'done') throw new Error(kind);
  };
}

function nodes(bytes: Uint8Array, folder: string): () => void {
  return () => {
    const wasi = new WASI({ version: 'preview1', preopens: { '/': folder } });
    const module = new WebAssembly.Module(Uint8Array.from(bytes));
    wasi.start(new WebAssembly.Instance(module, wasi.getImportObject() as WebAssembly.Imports));
  };
}

function best(run: () => void): number {
  const figures = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    run();
    return performance.now() - began;
  });
  return Math.min(...figures);
}

export async function bench(): Promise<readonly Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope bench '));
  try {
    return SIZES.flatMap(([size, total]): Row[] => {
      const file = openSync(path.join(folder, 'in'), 'w');
      writeFileSync(file, Buffer.alloc(total, 'wasmscope'));
      closeSync(file);
      const { bytes } = assemble(parseTree(copier(size)));
      const node = best(nodes(bytes, folder));
      const mine = best(ours(bytes, folder));
      const what = `copying ${total / MB} MB by ${size} byte${size === 1 ? '' : 's'}`;
      const target = size === 65_536 ? TARGET : undefined;
      return [
        { what, value: mine, unit: 'ms' },
        {
          what: `${what}, beside node:wasi`,
          value: mine / node,
          unit: '×',
          target,
          note: `node:wasi: ${node.toFixed(0)} ms`,
        },
      ];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
