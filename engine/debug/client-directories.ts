/**
 * Directories that the client gives a program of WASI: each question to it is an event, its answer a command. Woven into those
 * that the host opens, in the order of the launch configuration, because that is the order of their descriptors.
 */

import { type AskClient, type ClientFileAnswer, ClientFiles } from '../wasi/client-tree.ts';
import { ERROR_CODES, type ErrorCode } from '../wasi/errors.ts';
import { HostError } from '../wasi/host.ts';
import type { WasiHost } from './program-wasi.ts';
import type { Events, Params, WasiParams } from './wire.ts';

export class ClientDirectories {
  readonly #send: (question: Events['fileSystem']) => void;
  readonly #waiting = new Map<
    number,
    { resolve(answer: ClientFileAnswer): void; reject(error: HostError): void }
  >();
  #files: ClientFiles | undefined;
  #nextId = 1;

  constructor(send: (question: Events['fileSystem']) => void) {
    this.#send = send;
  }

  /** The client's answer. */
  answered({ id, answer, error }: Params<'fileSystemAnswer'>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new HostError(codeOf(error.code), error.message));
    else waiting?.resolve(answer ?? {});
  }

  /** Opens what is granted: `open` the host's, this the client's. Throws an Error for people. */
  async open(granted: WasiParams, open: (params: WasiParams) => Promise<WasiHost>): Promise<WasiHost> {
    const host = await open({ ...granted, dirs: granted.dirs.filter((dir) => !dir.client) });
    if (!granted.dirs.some((dir) => dir.client)) return host;
    const files = new ClientFiles(this.#ask, host.clocks);
    this.#files = files;
    const own = [...(host.preopens ?? [])];
    const preopens = [];
    for (const { guest, host: uri, readOnly, client } of granted.dirs) {
      preopens.push(client ? { guest, readOnly, tree: await files.directory(uri) } : own.shift()!);
    }
    return { ...host, preopens };
  }

  /** Writes back what the program has written. Gives what failed, for people. */
  async flush(): Promise<string | undefined> {
    try {
      await this.#files?.flush();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Whether `flush` could have something to do. */
  get areOpen(): boolean {
    return this.#files !== undefined;
  }

  readonly #ask: AskClient = (request) => {
    const id = this.#nextId++;
    return new Promise<ClientFileAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, request });
    });
  };
}

function codeOf(code: string): ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code) ? (code as ErrorCode) : 'io';
}
