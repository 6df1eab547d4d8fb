/**
 * What a program of WASI writes to its standard streams, on its way to whoever shows it: nothing is lost, and a program that
 * writes faster than that is shown has to wait.
 *
 * Bytes are collected and sent in pieces; who takes them says so (`taken`). Knows no console and no wire.
 */

import type { OutputStream, Waiting } from '../wasi/host.ts';

export type Category = 'stdout' | 'stderr';

/** Bytes that are sent at once. */
const PIECE = 1 << 16;

/** Bytes that may be on their way: beyond that the program waits. */
const MOST = 1 << 20;

export class ProgramOutput {
  readonly #send: (category: Category, bytes: Uint8Array) => void;
  #category: Category = 'stdout';
  #collected: Uint8Array[] = [];
  #length = 0;
  /** Sent and not taken yet. */
  #onTheWay = 0;
  #waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  /** What is sent must be taken one day. */
  constructor(send: (category: Category, bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Usually people read it while it comes: C libraries send each line then, and prompts before they read. */
  stream(category: Category, isTerminal = true): OutputStream {
    return {
      isTerminal,
      write: (bytes) => {
        this.#write(category, bytes);
        const waiting = this.#full();
        return waiting ? waiting.then(() => bytes.length) : bytes.length;
      },
      writable: (): Waiting | undefined => {
        const waiting = this.#full();
        return waiting && { promise: waiting, cancel: () => {} };
      },
    };
  }

  /** Sends what is collected: the program has stopped, or something else is to be shown behind it. */
  flush(): void {
    if (this.#length === 0) return;
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#collected) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#collected = [];
    this.#length = 0;
    this.#onTheWay += at;
    this.#send(this.#category, bytes);
  }

  /** So many bytes of those that were sent are shown. */
  taken(count: number): void {
    this.#onTheWay -= count;
    if (this.#onTheWay > MOST / 2) return;
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #write(category: Category, bytes: Uint8Array): void {
    if (category !== this.#category) this.flush();
    this.#category = category;
    // A copy: the bytes are the guest's memory.
    this.#collected.push(bytes.slice());
    this.#length += bytes.length;
    if (this.#length >= PIECE) this.flush();
  }

  #full(): Promise<void> | undefined {
    if (this.#onTheWay <= MOST) return undefined;
    if (!this.#waiting) {
      let resolve = () => {};
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#waiting = { promise, resolve };
    }
    return this.#waiting.promise;
  }
}
