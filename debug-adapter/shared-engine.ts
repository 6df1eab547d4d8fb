/**
 * One engine for two: its owner, who loads and runs the program, and one client at a time that looks at it.
 *
 * Each has an EngineConnection of its own, with ids of its own; events go to both. What the program writes counts as taken when
 * both have taken it. A client that leaves lets the program run on. Knows no DAP and no sockets.
 */

import type { Command, Message } from '../engine/debug/wire.ts';
import type { EngineConnection } from './engine-client.ts';

/** One of the two. */
interface Party {
  readonly tell: ((message: Message) => void)[];
  /** Bytes of output that it has taken, since the program began. */
  taken: number;
}

/** The id of commands that nobody waits for. */
const UNASKED = 0;

export class SharedEngine {
  readonly #connection: EngineConnection;
  readonly #owner: Party = { tell: [], taken: 0 };
  #client: Party | undefined;
  readonly #asked = new Map<number, { readonly party: Party; readonly id: number }>();
  #nextId = 1;
  /** The client wants the program to stand still when it goes. */
  #suspends = false;
  /** Bytes of output: those that were sent to both, and those that the engine knows to be taken. */
  #sent = 0;
  #told = 0;

  constructor(connection: EngineConnection) {
    this.#connection = connection;
    connection.onMessage((message) => this.#receive(message));
  }

  /** The owner's end: terminating it ends the engine. */
  owner(): EngineConnection {
    return { ...this.#end(this.#owner), terminate: () => this.#connection.terminate() };
  }

  /** A client's end: terminating it lets the program run on. Undefined: there is a client already. */
  join(): EngineConnection | undefined {
    if (this.#client) return undefined;
    const client: Party = { tell: [], taken: this.#sent };
    this.#client = client;
    return {
      ...this.#end(client),
      terminate: () => {
        if (this.#client !== client) return;
        this.#client = undefined;
        this.#connection.post({ id: UNASKED, command: 'detach', params: { suspend: this.#suspends } });
        this.#suspends = false;
        this.#tellTaken();
      },
    };
  }

  /** When the client goes, the program stands still until the next one comes. */
  suspend(): void {
    this.#suspends = true;
  }

  #end(party: Party): Omit<EngineConnection, 'terminate'> {
    return {
      post: (command) => this.#post(party, command),
      onMessage: (listener) => void party.tell.push(listener),
      onFailure: (listener) => this.#connection.onFailure(listener),
    };
  }

  #post(party: Party, command: Command): void {
    if (party !== this.#owner && party !== this.#client) return;
    if (command.command === 'outputTaken') {
      party.taken += command.params.count;
      this.#tellTaken();
      tell(party, { type: 'result', id: command.id, result: null });
      return;
    }
    const id = this.#nextId++;
    this.#asked.set(id, { party, id: command.id });
    this.#connection.post({ ...command, id });
  }

  #receive(message: Message): void {
    if (message.type === 'event') {
      if (message.event === 'programOutput') this.#sent += message.body.bytes.length;
      tell(this.#owner, message);
      if (this.#client) tell(this.#client, message);
      return;
    }
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (asked) tell(asked.party, { ...message, id: asked.id });
  }

  #tellTaken(): void {
    const taken = Math.min(this.#owner.taken, this.#client?.taken ?? this.#owner.taken);
    if (taken <= this.#told) return;
    const count = taken - this.#told;
    this.#told = taken;
    this.#connection.post({ id: UNASKED, command: 'outputTaken', params: { count } });
  }
}

function tell({ tell: listeners }: Party, message: Message): void {
  for (const listener of listeners) listener(message);
}
