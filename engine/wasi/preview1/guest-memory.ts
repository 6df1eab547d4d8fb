/**
 * The memory of the instance that called, as WASI's functions read and write it.
 *
 * A pointer that is out of bounds or not aligned traps, as the interface's document on pointers says ("Pointers",
 * witx-docs). The bytes are looked up at every access: a guest's memory may grow while a function waits.
 */

import { WasmError } from '../../base/errors.ts';
import { encodeUtf8, tryDecodeUtf8 } from '../../base/utf8.ts';
import { MemInst } from '../../runtime/memory.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import { fail } from '../host.ts';

/** A piece of memory that the guest names for reading into or writing from. */
export interface Buffer {
  readonly at: number;
  readonly length: number;
}

export class GuestMemory {
  readonly #memory: MemInst;

  /** Of the instance that calls. Throws a trap when it exports no memory. */
  constructor(caller: ModuleInst | undefined) {
    const memory = caller?.exports.get('memory');
    if (!(memory instanceof MemInst)) {
      trap(
        'missing required memory export',
        'WASI reads and writes the exported memory "memory" of its caller',
      );
    }
    this.#memory = memory;
  }

  /** Throws a trap unless `[at, at + length)` is in the memory and `at` is aligned. */
  need(at: number, length: number, align = 1): void {
    if (at + length > this.#memory.bytes.length) {
      trap('out of bounds memory access', `${length} bytes at ${at} in ${this.#memory.bytes.length}`);
    }
    if (at % align !== 0) trap('unaligned pointer', `${at} is no multiple of ${align}`);
  }

  /** The bytes of a range, to read, valid until the guest runs. */
  bytes(at: number, length: number): Uint8Array {
    this.#reads(at, length);
    return this.#memory.bytes.subarray(at, at + length);
  }

  set(at: number, bytes: Uint8Array): void {
    this.#writes(at, bytes.length);
    this.#memory.bytes.set(bytes, at);
  }

  fill(at: number, length: number): void {
    this.#writes(at, length);
    this.#memory.bytes.fill(0, at, at + length);
  }

  /** A string of UTF-8. Throws `ilseq` if it is none. */
  string(at: number, length: number): string {
    return tryDecodeUtf8(this.bytes(at, length)) ?? fail('ilseq');
  }

  u8(at: number): number {
    this.#reads(at, 1);
    return this.#memory.view.getUint8(at);
  }

  u16(at: number): number {
    this.#reads(at, 2, 2);
    return this.#memory.view.getUint16(at, true);
  }

  u32(at: number): number {
    this.#reads(at, 4, 4);
    return this.#memory.view.getUint32(at, true);
  }

  u64(at: number): bigint {
    this.#reads(at, 8, 8);
    return this.#memory.view.getBigUint64(at, true);
  }

  setU8(at: number, value: number): void {
    this.#writes(at, 1);
    this.#memory.view.setUint8(at, value);
  }

  setU16(at: number, value: number): void {
    this.#writes(at, 2, 2);
    this.#memory.view.setUint16(at, value, true);
  }

  setU32(at: number, value: number): void {
    this.#writes(at, 4, 4);
    this.#memory.view.setUint32(at, value, true);
  }

  setU64(at: number, value: bigint): void {
    this.#writes(at, 8, 8);
    this.#memory.view.setBigUint64(at, value, true);
  }

  /** The buffers of an array of `iovec`; all of them are in the memory. */
  buffers(at: number, count: number): Buffer[] {
    this.need(at, 8 * count, 4);
    const found: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const buffer = { at: this.u32(at + 8 * i), length: this.u32(at + 8 * i + 4) };
      this.need(buffer.at, buffer.length);
      found.push(buffer);
    }
    return found;
  }

  /** Copies out what the guest wants to write: one array, whatever its pieces are. */
  gather(buffers: readonly Buffer[]): Uint8Array {
    if (buffers.length === 1) return this.bytes(buffers[0].at, buffers[0].length).slice();
    const all = new Uint8Array(total(buffers));
    let at = 0;
    for (const buffer of buffers) {
      all.set(this.bytes(buffer.at, buffer.length), at);
      at += buffer.length;
    }
    return all;
  }

  /** What the guest wants to write, valid until the guest runs: its memory itself, where that is one piece. */
  borrow(buffers: readonly Buffer[]): Uint8Array {
    const [only] = buffers;
    if (buffers.length !== 1 || this.#memory.typeNow.shared) return this.gather(buffers);
    return this.bytes(only.at, only.length);
  }

  /** Copies what was read into the guest's pieces, in their order. */
  scatter(bytes: Uint8Array, buffers: readonly Buffer[]): void {
    let from = 0;
    for (const { at, length } of buffers) {
      if (from >= bytes.length) return;
      this.set(at, bytes.subarray(from, from + length));
      from += length;
    }
  }

  #reads(at: number, length: number, align?: number): void {
    this.need(at, length, align);
    this.#memory.tell(at, length, false);
  }

  #writes(at: number, length: number, align?: number): void {
    this.need(at, length, align);
    this.#memory.tell(at, length, true);
  }
}

/** How many bytes the pieces hold together. Throws `inval` above what a result can say. */
export function total(buffers: readonly Buffer[]): number {
  const sum = buffers.reduce((bytes, { length }) => bytes + length, 0);
  if (sum > 0xffff_ffff) fail('inval');
  return sum;
}

export function utf8(text: string): Uint8Array {
  return encodeUtf8(text);
}

function trap(message: string, note: string): never {
  throw new WasmError({ phase: 'trap', message, notes: [{ message: note }] });
}
