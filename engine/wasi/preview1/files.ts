/**
 * Open descriptors (WASI 0.1: fd_*): reading, writing, positions, attributes, directories' entries.
 */

import { type FileStat, type FileTimes, fail, type OutputStream } from '../host.ts';
import { type Steps, settled } from '../steps.ts';
import { FDFLAG, FILE_TYPE, FSTFLAG, KNOWN, RIGHT, SIZE, writeFilestat } from './abi.ts';
import { type Call, checkFlags, type WasiFunction } from './call.ts';
import type { Descriptor, DirectoryDescriptor, FileDescriptor } from './descriptors.ts';
import { type Buffer, total, utf8 } from './guest-memory.ts';

/** No descriptor reads or writes more at once: a guest may ask for its whole memory. */
const MOST_AT_ONCE = 16 * 1024 * 1024;
/** The largest position. */
const LAST = (1n << 63n) - 1n;

export const FILES: Readonly<Record<string, WasiFunction>> = {
  fd_read: { params: 'iiii', run: read },
  fd_write: { params: 'iiii', run: write },
  fd_pread: { params: 'iiiIi', run: pread },
  fd_pwrite: { params: 'iiiIi', run: pwrite },
  fd_seek: { params: 'iIii', run: seek },
  fd_tell: {
    params: 'ii',
    run: ({ wasi, memory }, fd, to) => memory.setU64(to, wasi.descriptors.file(fd, RIGHT.fdTell).position),
  },
  fd_close: {
    params: 'i',
    *run({ wasi }, fd: number) {
      yield* closeDescriptor(wasi.descriptors.remove(fd));
    },
  },
  fd_renumber: {
    params: 'ii',
    *run({ wasi }, from: number, to: number) {
      const old = wasi.descriptors.move(from, to);
      if (old) yield* closeDescriptor(old);
    },
  },
  fd_sync: {
    params: 'i',
    *run({ wasi }, fd: number) {
      const found = wasi.descriptors.get(fd, RIGHT.fdSync);
      if (found.kind === 'file') yield* settled(found.file.sync(false));
    },
  },
  fd_datasync: {
    params: 'i',
    *run({ wasi }, fd: number) {
      const { file } = wasi.descriptors.file(fd, RIGHT.fdDatasync);
      yield* settled(file.sync(true));
    },
  },
  fd_advise: {
    params: 'iIIi',
    run({ wasi }, fd: number, offset: bigint, length: bigint, advice: number) {
      wasi.descriptors.file(fd, RIGHT.fdAdvise);
      if (advice > 5 || offset > LAST || length > LAST) fail('inval');
    },
  },
  fd_allocate: {
    params: 'iII',
    *run({ wasi }, fd: number, offset: bigint, length: bigint) {
      const { file } = wasi.descriptors.file(fd, RIGHT.fdAllocate);
      if (length === 0n) fail('inval');
      if (offset + length > LAST) fail('fbig');
      const { size } = yield* settled(file.stat());
      if (offset + length > size) yield* settled(file.setSize(offset + length));
    },
  },
  fd_fdstat_get: {
    params: 'ii',
    *run({ wasi, memory }, fd: number, to: number) {
      const found = wasi.descriptors.get(fd);
      memory.need(to, SIZE.fdstat, 8);
      memory.fill(to, SIZE.fdstat);
      memory.setU8(to, FILE_TYPE[yield* typeOf(found)]);
      memory.setU16(to + 2, found.flags);
      memory.setU64(to + 8, found.rights);
      memory.setU64(to + 16, found.inheriting);
    },
  },
  fd_fdstat_set_flags: {
    params: 'ii',
    run({ wasi }, fd: number, flags: number) {
      checkFlags(flags, KNOWN.fdflags);
      const found = wasi.descriptors.get(fd, RIGHT.fdFdstatSetFlags);
      if (flags & (FDFLAG.dsync | FDFLAG.rsync | FDFLAG.sync)) fail('inval');
      found.flags = flags;
    },
  },
  fd_fdstat_set_rights: {
    params: 'iII',
    run({ wasi }, fd: number, rights: bigint, inheriting: bigint) {
      const found = wasi.descriptors.get(fd);
      if ((rights & ~found.rights) !== 0n || (inheriting & ~found.inheriting) !== 0n) fail('notcapable');
      found.rights = rights;
      found.inheriting = inheriting;
    },
  },
  fd_filestat_get: {
    params: 'ii',
    *run({ wasi, memory }, fd: number, to: number) {
      memory.need(to, SIZE.filestat, 8);
      writeFilestat(memory, to, yield* statOf(wasi.descriptors.get(fd, RIGHT.fdFilestatGet)));
    },
  },
  fd_filestat_set_size: {
    params: 'iI',
    *run({ wasi }, fd: number, size: bigint) {
      const { file } = wasi.descriptors.file(fd, RIGHT.fdFilestatSetSize);
      if (size > LAST) fail('inval');
      yield* settled(file.setSize(size));
    },
  },
  fd_filestat_set_times: {
    params: 'iIIi',
    *run(call, fd: number, accessed: bigint, modified: bigint, flags: number) {
      const found = call.wasi.descriptors.get(fd, RIGHT.fdFilestatSetTimes);
      const times = timesOf(call, accessed, modified, flags);
      if (found.kind === 'file') yield* settled(found.file.setTimes(times));
      else if (found.kind === 'directory') yield* settled(found.tree.setTimes(found.path, times));
      else fail('badf');
    },
  },
  fd_prestat_get: {
    params: 'ii',
    run({ wasi, memory }, fd: number, to: number) {
      const name = preopenOf(wasi.descriptors.get(fd));
      memory.need(to, SIZE.prestat, 4);
      memory.setU32(to, 0);
      memory.setU32(to + 4, name.length);
    },
  },
  fd_prestat_dir_name: {
    params: 'iii',
    run({ wasi, memory }, fd: number, to: number, length: number) {
      const name = preopenOf(wasi.descriptors.get(fd));
      if (name.length > length) fail('nametoolong');
      memory.set(to, name);
    },
  },
  fd_readdir: { params: 'iiiIi', run: readdir },
};

/** Closes what a descriptor stood for. The streams that the program was given stay open for their owner. */
export function* closeDescriptor(descriptor: Descriptor): Steps<void> {
  if (descriptor.kind === 'file') yield* settled(descriptor.file.close());
  if (descriptor.kind === 'socket') descriptor.socket.close();
}

/** The times that an `fstflags` asks for. Throws `inval` for a time that is given and now at once. */
export function timesOf({ wasi }: Call, accessed: bigint, modified: bigint, flags: number): FileTimes {
  checkFlags(flags, KNOWN.fstflags);
  const { atim, atimNow, mtim, mtimNow } = FSTFLAG;
  const time = (given: number, now: number, value: bigint) => {
    if (flags & given && flags & now) fail('inval');
    return flags & given ? value : flags & now ? wasi.clocks.realtime() : undefined;
  };
  return { accessed: time(atim, atimNow, accessed), modified: time(mtim, mtimNow, modified) };
}

function* read({ wasi, memory }: Call, fd: number, at: number, count: number, to: number): Steps<void> {
  const found = wasi.descriptors.get(fd, RIGHT.fdRead);
  const buffers = memory.buffers(at, count);
  memory.need(to, 4, 4);
  const length = Math.min(total(buffers), MOST_AT_ONCE);
  let bytes: Uint8Array;
  switch (found.kind) {
    case 'file':
      bytes = yield* settled(found.file.read(length, found.position));
      found.position += BigInt(bytes.length);
      break;
    case 'stream':
    case 'socket': {
      const input = found.kind === 'socket' ? found.socket : found.input;
      if (!input) return fail('badf');
      if (length > 0 && found.flags & FDFLAG.nonblock) refuseToWait(input.readable());
      bytes = length === 0 ? new Uint8Array(0) : yield* settled(input.read(length));
      break;
    }
    default:
      return fail(found.kind === 'directory' ? 'isdir' : 'badf');
  }
  memory.scatter(bytes, buffers);
  memory.setU32(to, bytes.length);
}

function* write({ wasi, memory }: Call, fd: number, at: number, count: number, to: number): Steps<void> {
  const found = wasi.descriptors.get(fd, RIGHT.fdWrite);
  const buffers = memory.buffers(at, count);
  memory.need(to, 4, 4);
  const pieces = limited(buffers);
  const bytes = found.kind === 'file' ? memory.borrow(pieces) : memory.gather(pieces);
  let written: number;
  switch (found.kind) {
    case 'file': {
      const isAppending = (found.flags & FDFLAG.append) !== 0;
      written = yield* settled(found.file.write(bytes, isAppending ? 'end' : found.position));
      found.position = isAppending
        ? (yield* settled(found.file.stat())).size
        : found.position + BigInt(written);
      break;
    }
    case 'stream':
    case 'socket': {
      const output = found.kind === 'socket' ? found.socket : found.output;
      if (!output) return fail('badf');
      if (found.flags & FDFLAG.nonblock) refuseToWait(output.writable());
      written = bytes.length === 0 ? 0 : yield* writeAll(output, bytes);
      break;
    }
    default:
      return fail(found.kind === 'directory' ? 'isdir' : 'badf');
  }
  memory.setU32(to, written);
}

/** Everything: C programs take a short write to a terminal for an error. */
function* writeAll(output: OutputStream, bytes: Uint8Array): Steps<number> {
  let done = 0;
  while (done < bytes.length) done += yield* settled(output.write(done === 0 ? bytes : bytes.subarray(done)));
  return done;
}

function refuseToWait(waiting: { cancel(): void } | undefined): void {
  if (!waiting) return;
  waiting.cancel();
  fail('again');
}

function* pread(
  { wasi, memory }: Call,
  fd: number,
  at: number,
  count: number,
  position: bigint,
  to: number,
): Steps<void> {
  const { file } = wasi.descriptors.file(fd, RIGHT.fdRead | RIGHT.fdSeek);
  const buffers = memory.buffers(at, count);
  memory.need(to, 4, 4);
  if (position > LAST) fail('inval');
  const bytes = yield* settled(file.read(Math.min(total(buffers), MOST_AT_ONCE), position));
  memory.scatter(bytes, buffers);
  memory.setU32(to, bytes.length);
}

function* pwrite(
  { wasi, memory }: Call,
  fd: number,
  at: number,
  count: number,
  position: bigint,
  to: number,
): Steps<void> {
  const { file } = wasi.descriptors.file(fd, RIGHT.fdWrite | RIGHT.fdSeek);
  const buffers = memory.buffers(at, count);
  memory.need(to, 4, 4);
  if (position > LAST) fail('inval');
  memory.setU32(to, yield* settled(file.write(memory.gather(limited(buffers)), position)));
}

/** The first pieces, up to what is written at once. */
function limited(buffers: readonly Buffer[]): Buffer[] {
  total(buffers);
  let left = MOST_AT_ONCE;
  return buffers.map(({ at, length }) => {
    const taken = Math.min(length, left);
    left -= taken;
    return { at, length: taken };
  });
}

function* seek({ wasi, memory }: Call, fd: number, delta: bigint, whence: number, to: number): Steps<void> {
  const isQuestion = delta === 0n && whence === 1;
  const found = wasi.descriptors.file(fd, isQuestion ? RIGHT.fdTell : RIGHT.fdSeek);
  memory.need(to, 8, 8);
  const position = BigInt.asIntN(64, delta) + (yield* seekBase(found, whence));
  if (position < 0n) fail('inval');
  if (position > LAST) fail('overflow');
  found.position = position;
  memory.setU64(to, position);
}

function* seekBase({ file, position }: FileDescriptor, whence: number): Steps<bigint> {
  if (whence === 0) return 0n;
  if (whence === 1) return position;
  return whence === 2 ? (yield* settled(file.stat())).size : fail('inval');
}

function* typeOf(descriptor: Descriptor): Steps<FileStat['type']> {
  switch (descriptor.kind) {
    case 'file':
      return (yield* settled(descriptor.file.stat())).type;
    case 'directory':
      return 'directory';
    case 'stream': {
      const stream = descriptor.input ?? descriptor.output;
      return stream?.isTerminal ? 'character' : 'unknown';
    }
    default:
      return 'socket';
  }
}

function* statOf(descriptor: Descriptor): Steps<FileStat> {
  if (descriptor.kind === 'file') return yield* settled(descriptor.file.stat());
  if (descriptor.kind === 'directory') return yield* settled(descriptor.tree.stat(descriptor.path));
  const nothing = { dev: 0n, ino: 0n, nlink: 0n, size: 0n, accessed: 0n, modified: 0n, changed: 0n };
  return { type: yield* typeOf(descriptor), ...nothing };
}

function preopenOf(descriptor: Descriptor): Uint8Array {
  if (descriptor.kind !== 'directory' || descriptor.preopen === undefined) return fail('badf');
  return utf8(descriptor.preopen);
}

/** Entries behind a cookie, as many as fit; the last one may be cut off, which says that there are more. */
function* readdir(
  { wasi, memory }: Call,
  fd: number,
  at: number,
  length: number,
  cookie: bigint,
  to: number,
): Steps<void> {
  const found = wasi.descriptors.directory(fd, RIGHT.fdReaddir);
  memory.need(at, length);
  memory.need(to, 4, 4);
  if (cookie === 0n || !found.listing) found.listing = yield* list(found);
  const entry = new Uint8Array(SIZE.dirent);
  const view = new DataView(entry.buffer);
  let used = 0;
  for (let i = Number(cookie); i < found.listing.length && used < length; i++) {
    const { name, type, ino } = found.listing[i];
    view.setBigUint64(0, BigInt(i + 1), true);
    view.setBigUint64(8, ino, true);
    view.setUint32(16, name.length, true);
    view.setUint8(20, type);
    for (const part of [entry, name]) {
      const taken = part.subarray(0, length - used);
      memory.set(at + used, taken);
      used += taken.length;
    }
  }
  memory.setU32(to, used);
}

/** `.`, `..` and what is there, sorted: the order is the same everywhere. */
function* list({ tree, path }: DirectoryDescriptor): Steps<DirectoryDescriptor['listing'] & object> {
  const { ino } = yield* settled(tree.stat(path));
  // Of the granted directory itself nobody says what is above it.
  const above = path.length === 0 ? ino : (yield* settled(tree.stat(path.slice(0, -1)))).ino;
  const entries = [...(yield* settled(tree.list(path)))];
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    { name: utf8('.'), type: FILE_TYPE.directory, ino },
    { name: utf8('..'), type: FILE_TYPE.directory, ino: above },
    ...entries.map((entry) => ({ name: utf8(entry.name), type: FILE_TYPE[entry.type], ino: entry.ino })),
  ];
}
