/** A program that floods its standard output, and how far it has come, for tests of who reads that slowly or not at all. */

import { statSync } from 'node:fs';

/** Bytes of a line. */
export const LINE = 1000;

/**
 * Writes lines of `LINE` bytes to standard output, and a byte to the file `written` of its first directory for each; then exits
 * with 5. An error of a stream is its exit code.
 */
export const flood = (lines: number) => `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "written")
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $exit (local.get $errno)))))
  (func (export "_start") (local $i i32) (local $log i32)
    (call $check (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 7) (i32.const 9)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)))
    (local.set $log (i32.load (i32.const 16)))
    (memory.fill (i32.const 1024) (i32.const 0x61) (i32.const ${LINE - 1}))
    (i32.store8 (i32.const ${1024 + LINE - 1}) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 1024))
    (loop $again
      (i32.store (i32.const 4) (i32.const ${LINE}))
      (call $check (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 4) (i32.const 1))
      (call $check (call $write (local.get $log) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${lines}))))
    (call $exit (i32.const 5))))`;

/** Waits until the program has begun and gets no further; gives how many lines it has written. */
export async function standstill(file: string): Promise<number> {
  for (let last = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size > 0 && size === last) return size;
    last = size;
  }
}
