/**
 * The adapter's end of the wire: commands as promises, events to listeners.
 *
 * Knows the wire and nothing of DAP; how messages travel (worker, message port) is the connection's business.
 */

import type {
  Command,
  CommandName,
  EventName,
  Events,
  Message,
  Params,
  Result,
  WireFault,
} from '../engine/debug/wire.ts';

/** A running engine thread, seen as a pipe of messages. */
export interface EngineConnection {
  post(command: Command): void;
  onMessage(listener: (message: Message) => void): void;
  /** The thread ended by itself; `reason` is for people. */
  onFailure(listener: (reason: string) => void): void;
  terminate(): Promise<void> | void;
}

/** A command was refused: with everything that is wrong, the first fault first. */
export class EngineFault extends Error {
  readonly faults: readonly WireFault[];

  constructor(faults: readonly WireFault[]) {
    super(faults[0]?.message ?? 'the engine gave no reason');
    this.name = 'EngineFault';
    this.faults = faults;
  }
}

type Listeners = { [K in EventName]: (body: Events[K]) => void };

export class EngineClient {
  readonly #connection: EngineConnection;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  readonly #log: (line: string) => void;
  #nextId = 1;
  #ended: string | undefined;

  /** `failed` is called when the thread ends without being asked to. */
  constructor(
    connection: EngineConnection,
    listeners: Listeners,
    failed: (reason: string) => void,
    log: (line: string) => void,
  ) {
    this.#connection = connection;
    this.#log = log;
    connection.onMessage((message) => {
      if (this.#ended !== undefined) return;
      this.#log(`engine -> ${brief(message)}`);
      if (message.type === 'event') (listeners[message.event] as (body: unknown) => void)(message.body);
      else this.#settle(message);
    });
    connection.onFailure((reason) => {
      if (this.#ended !== undefined) return;
      this.#end(reason);
      failed(reason);
    });
  }

  /** Sends a command. Rejects with an EngineFault if it is refused, or when the thread ends before it answers. */
  request<K extends CommandName>(command: K, params: Params<K>): Promise<Result<K>> {
    if (this.#ended !== undefined) return Promise.reject(new Error(this.#ended));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#log(`engine <- ${brief({ id, command, params })}`);
      this.#connection.post({ id, command, params } as Command);
    });
  }

  async terminate(): Promise<void> {
    this.#end('the debug session has ended');
    await this.#connection.terminate();
  }

  #settle(message: Extract<Message, { type: 'result' | 'fault' }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'result') waiting?.resolve(message.result);
    else waiting?.reject(new EngineFault(message.faults));
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(new Error(this.#ended));
    this.#waiting.clear();
  }
}

/** A message for the log: file contents are left out, long ones are cut. */
function brief(message: unknown): string {
  const text = JSON.stringify(message, (key, value) => {
    if (value instanceof Uint8Array) return `${value.length} bytes`;
    return key === 'text' && typeof value === 'string' && value.length > 200
      ? `${value.length} characters`
      : value;
  });
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
