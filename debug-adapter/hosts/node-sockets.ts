/**
 * Listening sockets that the user grants (`listen`), by Node's net module, for WASI's sock_accept.
 */

import { createServer, type Socket as NodeSocket, type Server } from 'node:net';
import { errorOfSystem } from '../../engine/wasi/errors.ts';
import { HostError, type Later, type Listener, type Socket, type Waiting } from '../../engine/wasi/host.ts';
import { inputFrom, outputTo, type StreamFailure } from './node-wasi.ts';

export interface OpenListener {
  readonly listener: Listener;
  /** Where it listens, `127.0.0.1:8080`: the port that was chosen, if 0 was asked for. */
  readonly address: string;
  close(): void;
}

/** Listens at `host:port`. Throws an Error for people if the address is none, or is taken. */
export async function listenAt(address: string): Promise<OpenListener> {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  if (port === undefined) throw new Error(`listen: ${address} is no address: it needs host:port`);
  if (Number(port) > 65535) throw new Error(`listen: ${address}: ports end at 65535`);
  const pending: NodeSocket[] = [];
  const wakes = new Set<() => void>();
  const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    pending.push(socket);
    for (const wake of wakes) wake();
    wakes.clear();
  });
  await new Promise<void>((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      failed(
        new Error(
          `listen: ${address}: ${error.code === 'EADDRINUSE' ? 'the address is in use' : error.message}`,
        ),
      ),
    );
    server.listen({ host, port: Number(port) }, done);
  });
  const acceptable = (): Waiting | undefined => {
    if (pending.length > 0) return undefined;
    let wake = () => {};
    const promise = new Promise<void>((done) => {
      wake = done;
      wakes.add(done);
    });
    return { promise, cancel: () => wakes.delete(wake) };
  };
  const accept = (): Later<Socket> => {
    const waiting = acceptable();
    return waiting ? waiting.promise.then(accept) : socketOf(pending.shift()!);
  };
  const at = server.address();
  const bound = typeof at === 'object' && at ? `${at.address}:${at.port}` : address;
  return { listener: { accept, acceptable }, address: bound, close: () => server.close() };
}

/** A connection of Node's, of which nothing is read yet. `failure`: what the guest is told when it breaks. */
export function socketOf(socket: NodeSocket, failure?: StreamFailure): Socket {
  const input = inputFrom(socket, failure);
  const output = outputTo(socket);
  /** Bytes that were looked at and not taken. */
  let kept: Uint8Array = new Uint8Array(0);
  const read = (length: number): Later<Uint8Array> => {
    if (kept.length === 0) return input.read(length);
    const piece = kept.subarray(0, length);
    kept = kept.subarray(piece.length);
    return piece;
  };
  return {
    isTerminal: false,
    read,
    readable: () => (kept.length > 0 ? undefined : input.readable()),
    write: (bytes) => output.write(bytes),
    writable: () => output.writable(),
    async peek(length) {
      if (kept.length === 0) kept = await input.read(Math.max(length, 1));
      return kept.subarray(0, length);
    },
    shutdown(reading, writing) {
      if (socket.destroyed) throw new HostError(errorOfSystem('ENOTCONN'));
      if (reading) socket.pause();
      if (!writing) return undefined;
      return new Promise<void>((done) => socket.end(done));
    },
    close: () => socket.destroySoon(),
  };
}
