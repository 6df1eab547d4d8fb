/**
 * What takes long: progress that the client can show, and requests that it can cancel.
 *
 * A request that is cancelled is answered at once; what it would have said is dropped. Work in the engine that can be
 * interrupted is told so; the rest is finished there and nobody hears of it.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Context } from './context.ts';

/** What a client reads as cancelled (DAP, `Response.message`). */
export const CANCELLED = 'cancelled';

/** Milliseconds before anything is shown: what is quicker needs no progress. */
const PATIENCE_MS = 500;

export class Progress {
  readonly #context: Context;
  /** What a client may cancel, by progress id. */
  readonly #open = new Map<string, () => void>();
  #nextId = 1;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Shows that something is going on while `work` is. `cancel` ends it. */
  async during<T>(title: string, work: Promise<T>, cancel: () => void): Promise<T> {
    if (!this.#context.client.progress) return work;
    const progressId = `wasmscope-${this.#nextId++}`;
    const timer = setTimeout(() => {
      this.#open.set(progressId, cancel);
      const body = { progressId, title, cancellable: true };
      this.#context.send<DebugProtocol.ProgressStartEvent>('progressStart', body);
    }, PATIENCE_MS);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      if (this.#open.delete(progressId)) {
        this.#context.send<DebugProtocol.ProgressEndEvent>('progressEnd', { progressId });
      }
    }
  }

  /** The client gives up. Unknown ids are over already. */
  cancel(progressId: string): void {
    this.#open.get(progressId)?.();
  }
}

/** Requests that may be cancelled: they look, or load, and change nothing. */
const CANCELLABLE: ReadonlySet<string> = new Set([
  'breakpointLocations',
  'completions',
  'dataBreakpointInfo',
  'disassemble',
  'evaluate',
  'exceptionInfo',
  'gotoTargets',
  'loadedSources',
  'locations',
  'modules',
  'readMemory',
  'scopes',
  'source',
  'stackTrace',
  'stepInTargets',
  'threads',
  'variables',
]);

/** The requests that are being answered, by their numbers. */
export class OpenRequests {
  readonly #cancel = new Map<number, () => void>();

  /** The answer of a request, or a rejection as soon as it is cancelled. */
  async answer({ command, seq }: DebugProtocol.Request, answer: Promise<unknown>): Promise<unknown> {
    if (!CANCELLABLE.has(command)) return answer;
    const cancelled = new Promise<never>((_, reject) => {
      this.#cancel.set(seq, () => reject(new CancelledError()));
    });
    try {
      return await Promise.race([answer, cancelled]);
    } finally {
      this.#cancel.delete(seq);
    }
  }

  /** True if that request was being answered. */
  cancel(seq: number): boolean {
    const cancel = this.#cancel.get(seq);
    cancel?.();
    return cancel !== undefined;
  }
}

export class CancelledError extends Error {
  constructor() {
    super(CANCELLED);
    this.name = 'CancelledError';
  }
}
