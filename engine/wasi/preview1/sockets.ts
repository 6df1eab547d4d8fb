/**
 * Sockets (WASI 0.1: sock_*): connections to sockets that the user lets the guest listen at. A guest cannot open any.
 */

import { fail } from '../host.ts';
import { type Steps, settled } from '../steps.ts';
import { FDFLAG, KNOWN, RIFLAG, RIGHT, RIGHTS, SDFLAG } from './abi.ts';
import { type Call, checkFlags, type WasiFunction } from './call.ts';
import type { SocketDescriptor } from './descriptors.ts';
import { total } from './guest-memory.ts';

export const SOCKETS: Readonly<Record<string, WasiFunction>> = {
  sock_accept: {
    params: 'iii',
    *run({ wasi, memory }, fd: number, flags: number, to: number) {
      checkFlags(flags, FDFLAG.nonblock);
      const found = wasi.descriptors.get(fd);
      if (found.kind !== 'listener') return fail('notsock');
      wasi.descriptors.get(fd, RIGHT.sockAccept);
      memory.need(to, 4, 4);
      refuseToWait(found.flags, found.listener.acceptable());
      const socket = yield* settled(found.listener.accept());
      const rights = RIGHTS.socket & found.inheriting;
      memory.setU32(to, wasi.descriptors.add({ kind: 'socket', flags, rights, inheriting: 0n, socket }));
    },
  },
  sock_recv: { params: 'iiiiii', run: receive },
  sock_send: {
    params: 'iiiii',
    *run({ wasi, memory }, fd: number, at: number, count: number, flags: number, to: number) {
      const found = socketAt({ wasi, memory } as Call, fd, RIGHT.fdWrite);
      if (flags !== 0) fail('inval');
      const buffers = memory.buffers(at, count);
      memory.need(to, 4, 4);
      const bytes = memory.gather(buffers);
      refuseToWait(found.flags, found.socket.writable());
      memory.setU32(to, bytes.length === 0 ? 0 : yield* settled(found.socket.write(bytes)));
    },
  },
  sock_shutdown: {
    params: 'ii',
    *run(call, fd: number, how: number) {
      const { socket } = socketAt(call, fd, RIGHT.sockShutdown);
      checkFlags(how, KNOWN.sdflags);
      if (how === 0) fail('inval');
      yield* settled(socket.shutdown((how & SDFLAG.read) !== 0, (how & SDFLAG.write) !== 0));
    },
  },
};

function* receive(
  call: Call,
  fd: number,
  at: number,
  count: number,
  flags: number,
  to: number,
  flagsTo: number,
): Steps<void> {
  const found = socketAt(call, fd, RIGHT.fdRead);
  const { memory } = call;
  checkFlags(flags, KNOWN.riflags);
  const buffers = memory.buffers(at, count);
  memory.need(to, 4, 4);
  memory.need(flagsTo, 2, 2);
  const length = total(buffers);
  const { socket } = found;
  if (length > 0) refuseToWait(found.flags, socket.readable());
  let bytes: Uint8Array = new Uint8Array(0);
  if (flags & RIFLAG.peek) bytes = yield* settled(socket.peek(length));
  else if (length > 0) {
    bytes = yield* settled(socket.read(length));
    while (flags & RIFLAG.waitall && bytes.length < length) {
      const more = yield* settled(socket.read(length - bytes.length));
      if (more.length === 0) break;
      const both = new Uint8Array(bytes.length + more.length);
      both.set(bytes);
      both.set(more, bytes.length);
      bytes = both;
    }
  }
  memory.scatter(bytes, buffers);
  memory.setU32(to, bytes.length);
  memory.setU16(flagsTo, 0);
}

function socketAt({ wasi }: Call, fd: number, rights: bigint): SocketDescriptor {
  const found = wasi.descriptors.get(fd);
  if (found.kind !== 'socket') return fail('notsock');
  wasi.descriptors.get(fd, rights);
  return found;
}

function refuseToWait(flags: number, waiting: { cancel(): void } | undefined): void {
  waiting?.cancel();
  if (waiting && flags & FDFLAG.nonblock) fail('again');
}
