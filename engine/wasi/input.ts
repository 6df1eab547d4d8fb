/**
 * An input that is filled by whoever has the bytes: a file's content at once, or what somebody types bit by bit.
 */

import type { HostError, InputStream, Later, Waiting } from './host.ts';

export interface InputOptions {
  readonly isTerminal?: boolean;
  /** Somebody begins to wait for bytes. */
  readonly wanted?: () => void;
}

export class InputQueue implements InputStream {
  readonly isTerminal: boolean;
  readonly #pieces: Uint8Array[] = [];
  readonly #wakes = new Set<() => void>();
  readonly #wanted: (() => void) | undefined;
  #ended = false;
  #failure: HostError | undefined;

  constructor({ isTerminal = false, wanted }: InputOptions = {}) {
    this.isTerminal = isTerminal;
    this.#wanted = wanted;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#ended) return;
    this.#pieces.push(bytes);
    this.#wakeAll();
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#wakeAll();
  }

  /** Nothing more will come, because of this: who has read everything is told. */
  fail(error: HostError): void {
    if (this.#ended) return;
    this.#failure = error;
    this.end();
  }

  read(length: number): Later<Uint8Array> {
    const waiting = this.readable();
    if (waiting) return waiting.promise.then(() => this.read(length));
    const [piece] = this.#pieces;
    if (!piece && this.#failure) throw this.#failure;
    if (!piece) return new Uint8Array(0);
    if (piece.length <= length) this.#pieces.shift();
    else this.#pieces[0] = piece.subarray(length);
    return piece.subarray(0, length);
  }

  readable(): Waiting | undefined {
    if (this.#pieces.length > 0 || this.#ended) return undefined;
    let wake = () => {};
    const promise = new Promise<void>((done) => {
      wake = done;
      this.#wakes.add(done);
    });
    this.#wanted?.();
    return { promise, cancel: () => void this.#wakes.delete(wake) };
  }

  #wakeAll(): void {
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
  }
}

/** Bytes as the whole of an input. */
export function inputOf(bytes: Uint8Array): InputStream {
  const input = new InputQueue();
  input.push(bytes);
  input.end();
  return input;
}
