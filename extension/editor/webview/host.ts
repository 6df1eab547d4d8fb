/**
 * The way from the page to the extension: questions with answers, and what is only told.
 *
 * When the bytes change, what was asked before is dropped: its promises stay open for ever, as nobody wants them any more.
 */

import type { FromPage, Question, Questions, Told, ToPage } from '../messages.ts';

interface VsCodeApi {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** What was asked was refused, in words for people. */
export class Refused extends Error {}

export class Host {
  readonly #api = acquireVsCodeApi();
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  /** Calls with every message that is no answer. */
  listen(receive: (message: Told) => void): void {
    window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
      if (data.type === 'answer') this.#take(data.id)?.resolve(data.answer);
      else if (data.type === 'refused') this.#take(data.id)?.reject(new Refused(data.message));
      else receive(data);
    });
    this.tell({ type: 'ready' });
  }

  tell(message: FromPage): void {
    this.#api.postMessage(message);
  }

  /** Rejects with `Refused`. `signal` says that the answer is not wanted any more: then it never comes. */
  ask<Q extends Question>(
    question: Q,
    params: Questions[Q]['params'],
    signal?: AbortSignal,
  ): Promise<Questions[Q]['answer']> {
    const id = this.#next++;
    const answer = new Promise<Questions[Q]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (given) => resolve(given as Questions[Q]['answer']), reject });
    });
    signal?.addEventListener('abort', () => {
      if (this.#waiting.delete(id)) this.tell({ type: 'forget', id });
    });
    this.tell({ type: 'ask', id, question, params });
    return answer;
  }

  /** The bytes are others now. */
  dropAll(): void {
    this.#waiting.clear();
  }

  /** What the page wants to find when it is shown again. */
  get state(): unknown {
    return this.#api.getState();
  }

  set state(state: unknown) {
    this.#api.setState(state);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
