/**
 * Memory instances (spec 4.2.8): bytes that grow by pages.
 *
 * The bytes are those of a `WebAssembly.Memory` where the host has one, so that compiled code and the interpreter
 * share them; else (other page sizes, a host without 64-bit addresses) an ArrayBuffer that growing copies. Never a resizable buffer: a DataView of one was measured 1.5
 * to 7 times slower. A shared memory is one of the host's too where the host has them; all its threads run in this engine, so
 * nothing depends on it. Growing detaches the views: read them from the instance again after any call out.
 */

import type { MemoryType } from '../isa/types.ts';
import { WaitQueue } from './wait.ts';

/** What the host calls a memory that we hold; imports may share one with it. */
export interface HostMemory {
  readonly buffer: ArrayBuffer;
  /** By a BigInt of pages where addresses are 64 bits wide. */
  grow(delta: number | bigint): number | bigint;
}

/** What 32-bit addresses reach. */
const MAX_BYTES = 2 ** 32;
/** What every engine of the Web allows behind 64-bit addresses (JS API, implementation limits). */
const MAX_BYTES_64 = 2 ** 34;
const PAGE_LOG2 = 16;

/** How many pages a memory of this type may have: as declared, and as the host can. */
export function maxPages({ limits, is64, pageSizeLog2 }: MemoryType): number {
  const most = is64
    ? MAX_BYTES_64 / 2 ** pageSizeLog2
    : Math.min(MAX_BYTES / 2 ** pageSizeLog2, MAX_BYTES - 1);
  return Math.min(limits.max ?? most, most);
}

export class MemInst {
  readonly addr: number;
  readonly type: MemoryType;
  /** Over the whole buffer; replaced when the memory grows. */
  view: DataView;
  bytes: Uint8Array;
  /**
   * Told what a host function of ours reads or writes, while somebody watches; whoever accesses bytes for the guest
   * (WASI, the canonical ABI) calls it by `tell`. Code of the guest does not.
   */
  observed: ((memory: MemInst, from: number, count: number, write: boolean) => void) | undefined;
  /** Told what a host function of ours writes, while that is recorded for replays. */
  recorded: ((memory: MemInst, from: number, count: number) => void) | undefined;
  /** Who waits at an address of it, where it is shared. */
  readonly waits = new WaitQueue();
  private readonly host: HostMemory | undefined;

  /** `host` is an existing memory to share; without it a new one of the minimum size is made. Throws RangeError. */
  constructor(addr: number, type: MemoryType, host?: HostMemory) {
    this.addr = addr;
    this.type = type;
    this.host = host ?? newHostMemory(type);
    if (type.limits.min > maxPages(type)) throw new RangeError(`a memory of ${type.limits.min} pages`);
    const buffer = this.host?.buffer ?? new ArrayBuffer(type.limits.min * this.pageSize);
    this.view = new DataView(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  get pageSize(): number {
    return 2 ** this.type.pageSizeLog2;
  }

  /** Current size in pages. */
  get pages(): number {
    return this.bytes.length / this.pageSize;
  }

  /** The type as it is now: the minimum is the current size (external typing, spec 4.5.1). */
  get typeNow(): MemoryType {
    return { ...this.type, limits: { ...this.type.limits, min: this.pages } };
  }

  /** The host's memory, if these bytes are one. */
  get hostMemory(): HostMemory | undefined {
    return this.host;
  }

  /** Grows by `delta` pages (spec 4.5.9). Returns the old size in pages, or -1 if that is not possible. */
  grow(delta: number): number {
    const old = this.pages;
    if (delta < 0 || old + delta > maxPages(this.type)) return -1;
    try {
      if (this.host) {
        this.host.grow(this.type.is64 ? BigInt(delta) : delta);
        this.refresh();
      } else {
        const bytes = new Uint8Array((old + delta) * this.pageSize);
        bytes.set(this.bytes);
        this.replace(bytes.buffer);
      }
    } catch (error) {
      if (error instanceof RangeError) return -1;
      throw error;
    }
    return old;
  }

  /** Looks at the host's buffer again: somebody else may have grown it. */
  refresh(): void {
    if (this.host && this.host.buffer !== this.view.buffer) this.replace(this.host.buffer);
  }

  /** A host function reads or writes bytes. */
  tell(from: number, count: number, write: boolean): void {
    this.observed?.(this, from, count, write);
    if (write) this.recorded?.(this, from, count);
  }

  private replace(buffer: ArrayBuffer): void {
    this.view = new DataView(buffer);
    this.bytes = new Uint8Array(buffer);
  }
}

function newHostMemory(type: MemoryType): HostMemory | undefined {
  if (typeof WebAssembly !== 'object' || type.pageSizeLog2 !== PAGE_LOG2) return undefined;
  const initial = type.limits.min;
  const maximum = type.limits.max === undefined ? undefined : maxPages(type);
  if (initial > maxPages(type)) return undefined;
  if (type.shared) return newSharedMemory(type.is64, initial, maximum!);
  if (!type.is64) return new WebAssembly.Memory({ initial, maximum });
  try {
    const max = maximum === undefined ? undefined : BigInt(maximum);
    return new WebAssembly.Memory({ address: 'i64', initial: BigInt(initial), maximum: max });
  } catch (error) {
    // A host that does not know `address` wants numbers.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** A host that shares nothing between its own threads may refuse. */
function newSharedMemory(is64: boolean, initial: number, maximum: number): HostMemory | undefined {
  try {
    if (!is64) return new WebAssembly.Memory({ initial, maximum, shared: true });
    const [min, max] = [BigInt(initial), BigInt(maximum)];
    return new WebAssembly.Memory({ address: 'i64', initial: min, maximum: max, shared: true });
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}
