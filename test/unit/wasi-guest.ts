/**
 * A guest of WASI 0.1 without code: calls its functions by name, over a memory of its own. Strings and structures are
 * laid down and read back by what the functions take.
 */

import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import type { HostContext } from '../../engine/runtime/func.ts';
import { FuncInst } from '../../engine/runtime/func.ts';
import type { Imports } from '../../engine/runtime/instantiate.ts';
import type { MemInst } from '../../engine/runtime/memory.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32, i64, type NumValue, type Value } from '../../engine/runtime/values.ts';
import { ERROR_CODES } from '../../engine/wasi/errors.ts';
import type { Clocks, InputStream, Later, OutputStream, Waiting } from '../../engine/wasi/host.ts';
import type { WasiOptions } from '../../engine/wasi/preview1/context.ts';
import { PREVIEW1, preview1Imports } from '../../engine/wasi/preview1/preview1.ts';

/** Where arguments are put; results of fixed size go below. */
const HEAP = 4096;
/** Where functions write what they answer. */
export const OUT = 64;

/** A clock that moves when it is told to, and on when somebody waits. */
export class TestClocks implements Clocks {
  now = 1_000_000_000n;
  readonly resolution = 1n;
  /** What was waited for. */
  readonly waits: bigint[] = [];

  realtime(): bigint {
    return 1_700_000_000_000_000_000n + this.now;
  }

  monotonic(): bigint {
    return this.now;
  }

  processor(): bigint {
    return 5n;
  }

  at(time: bigint): Waiting {
    let cancelled = false;
    const promise = new Promise<void>((done) => {
      setImmediate(() => {
        if (cancelled) return;
        this.waits.push(time);
        if (time > this.now) this.now = time;
        done();
      });
    });
    return {
      promise,
      cancel: () => {
        cancelled = true;
      },
    };
  }
}

/** An input that has what is pushed into it; `end` ends it. */
export class TestInput implements InputStream {
  readonly isTerminal = false;
  #bytes: number[] = [];
  #ended = false;
  #wake: (() => void)[] = [];

  push(text: string): void {
    this.#bytes.push(...encodeUtf8(text));
    this.#signal();
  }

  end(): void {
    this.#ended = true;
    this.#signal();
  }

  read(length: number): Later<Uint8Array> {
    const waiting = this.readable();
    if (!waiting) return Uint8Array.from(this.#bytes.splice(0, length));
    return waiting.promise.then(() => this.read(length));
  }

  readable(): Waiting | undefined {
    if (this.#bytes.length > 0 || this.#ended) return undefined;
    let wake = () => {};
    const promise = new Promise<void>((done) => {
      wake = done;
      this.#wake.push(done);
    });
    return {
      promise,
      cancel: () => {
        this.#wake = this.#wake.filter((other) => other !== wake);
      },
    };
  }

  /** How many wait. */
  get waiting(): number {
    return this.#wake.length;
  }

  #signal(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** An output that takes at most `most` bytes at once. */
export class TestOutput implements OutputStream {
  readonly isTerminal = true;
  text = '';
  most = Number.POSITIVE_INFINITY;

  write(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.most);
    this.text += String.fromCharCode(...taken);
    return taken.length;
  }

  writable(): undefined {
    return undefined;
  }
}

export class Guest {
  readonly clocks = new TestClocks();
  readonly stdin = new TestInput();
  readonly stdout = new TestOutput();
  readonly stderr = new TestOutput();
  readonly memory: MemInst;
  readonly #store = new Store();
  readonly #imports: Imports;
  #heap = HEAP;

  constructor(options: Partial<WasiOptions> = {}) {
    const { clocks, stdin, stdout, stderr } = this;
    let seed = 0;
    const random = (bytes: Uint8Array) => {
      for (let i = 0; i < bytes.length; i++) bytes[i] = seed++;
    };
    this.#imports = preview1Imports(this.#store, { clocks, stdin, stdout, stderr, random, ...options });
    const limits = { min: 4, max: 4 };
    this.memory = this.#store.addMemory({ limits, is64: false, shared: false, pageSizeLog2: 16 });
  }

  /** Calls a function: strings become pointer and length, the rest goes as it is. Gives the name of the errno. */
  call(name: string, ...args: readonly (number | bigint | string)[]): Later<string> {
    this.#heap = HEAP;
    const values = args.flatMap((arg): Value[] => {
      if (typeof arg === 'bigint') return [i64(arg)];
      if (typeof arg === 'number') return [i32(arg)];
      const { at, length } = this.put(arg);
      return [i32(at), i32(length)];
    });
    const func = this.#imports({ module: PREVIEW1, name, kind: 'func' } as Parameters<
      (typeof this)['imports']
    >[0]);
    assert.ok(func instanceof FuncInst, name);
    assert.equal(values.length, func.type.params.length, `${name} takes ${func.type.params.length} values`);
    const caller = { exports: new Map([['memory', this.memory]]) } as unknown as HostContext['caller'];
    // Functions of WASI take no steps: they ask for no calls.
    const answer = func.host!.call(values, { caller } as HostContext) as Later<readonly Value[]>;
    const errno = (results: readonly Value[]) => ERROR_CODES[Number((results[0] as NumValue).bits)];
    return answer instanceof Promise ? answer.then(errno) : errno(answer);
  }

  /** As `call`, which must answer at once, with success. */
  ok(name: string, ...args: readonly (number | bigint | string)[]): void {
    assert.equal(this.call(name, ...args), 'success', `${name}(${args.join(', ')})`);
  }

  get imports() {
    return this.#imports;
  }

  /** Puts a string into memory. */
  put(text: string | Uint8Array): { at: number; length: number } {
    const bytes = typeof text === 'string' ? encodeUtf8(text) : text;
    const at = this.#heap;
    this.memory.bytes.set(bytes, at);
    this.#heap += (bytes.length + 15) & ~7;
    return { at, length: bytes.length };
  }

  u8 = (at: number) => this.memory.view.getUint8(at);
  u16 = (at: number) => this.memory.view.getUint16(at, true);
  u32 = (at: number) => this.memory.view.getUint32(at, true);
  u64 = (at: number) => this.memory.view.getBigUint64(at, true);
  text = (at: number, length: number) =>
    Buffer.from(this.memory.bytes.slice(at, at + length)).toString('utf8');

  /** Opens a path below descriptor `dir`, for everything unless it says otherwise. */
  open(path: string, { dir = 3, oflags = 0, rights = ~0n, flags = 0, lookup = 1 } = {}): string | number {
    const asked = BigInt.asUintN(64, rights);
    const errno = this.call('path_open', dir, lookup, path, oflags, asked, asked, flags, OUT);
    assert.equal(typeof errno, 'string');
    return errno === 'success' ? this.u32(OUT) : (errno as string);
  }

  /** The same, to succeed. */
  opened(path: string, how: Parameters<Guest['open']>[1] = {}): number {
    const fd = this.open(path, how);
    assert.equal(typeof fd, 'number', `opening ${path}: ${fd}`);
    return fd as number;
  }

  /** One iovec for a buffer; gives its place. */
  iovec(at: number, length: number): number {
    const place = 128;
    this.memory.view.setUint32(place, at, true);
    this.memory.view.setUint32(place + 4, length, true);
    return place;
  }

  write(fd: number, text: string): Later<string> {
    const { at, length } = this.put(text);
    return this.call('fd_write', fd, this.iovec(at, length), 1, OUT);
  }

  /** Reads at most `length` bytes: the text, or the errno. */
  read(fd: number, length = 1000): string {
    const errno = this.call('fd_read', fd, this.iovec(HEAP, length), 1, OUT);
    return errno === 'success' ? this.text(HEAP, this.u32(OUT)) : `errno ${errno}`;
  }
}
