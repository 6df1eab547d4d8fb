/**
 * `wasi:filesystem`: `types` and `preopens` over granted trees of files (host.ts). Paths are walked and opened as in WASI
 * 0.1 (directories.ts): the sandbox is the same.
 *
 * What is opened through a read-only directory is read-only; every change fails with `read-only`.
 */

import {
  type HostFunction,
  type HostInstance,
  type HostResult,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
  type ResourceValue,
  repOf,
} from '../../component/host.ts';
import type { ComponentValue } from '../../component/values.ts';
import {
  createDirectoryAt,
  isSame,
  linkAt,
  openAt,
  readlinkAt,
  removeDirectoryAt,
  renameAt,
  symlinkAt,
  unlinkFileAt,
} from '../directories.ts';
import {
  type Clocks,
  type DirEntry,
  type FileStat,
  fail,
  HostError,
  type InputStream,
  type OpenFile,
  type OutputStream,
  type Preopen,
} from '../host.ts';
import { walkTo } from '../path.ts';
import { perform, type Steps, settled } from '../steps.ts';
import {
  DESCRIPTOR,
  type Descriptor,
  directoryOf,
  Filesystem,
  fileOf,
  mustBeMutable,
  mutable,
  present,
  readable,
  SharedFile,
  writable,
} from './descriptors.ts';
import { errorCase, hashOf, newTimes, statRecord, TYPES, typeCase } from './filesystem-values.ts';
import { ERROR, INPUT_STREAM, inputStream, OUTPUT_STREAM, outputStream } from './streams.ts';
import {
  type Answer,
  caseNamed,
  fallible,
  hasFlag,
  hostErrors,
  lengthOf,
  NONE,
  some,
  steps,
} from './values.ts';

/** Bytes that are read at once: a guest may ask for any number. */
const MOST_READ = 1 << 20;
/** The largest position. */
const LAST = (1n << 63n) - 1n;

/** Bits of `descriptor-flags`, `path-flags`, `open-flags`. */
const FLAG = { read: 0, write: 1, mutateDirectory: 5 } as const;
const FOLLOW = 0;
const OPEN = { create: 0, directory: 1, exclusive: 2, truncate: 3 } as const;

interface EntryStream {
  readonly entries: readonly DirEntry[];
  next: number;
}

const ENTRY_STREAM = hostResource<EntryStream>('directory-entry-stream');

/** `wasi:filesystem/types` and `wasi:filesystem/preopens` of one program. */
export function filesystemInterfaces(
  preopens: readonly Preopen[],
  clocks: Clocks,
): { readonly types: HostInstance; readonly preopens: HostInstance } {
  const wasi = new Filesystem(clocks);
  return {
    types: typesInterface(),
    preopens: hostInstance({
      descriptor: DESCRIPTOR,
      'get-directories': hostFunction(() =>
        preopens.map(({ guest, tree, readOnly }) => [wasi.directory(tree, [], !readOnly), guest]),
      ),
    }),
  };
}

function typesInterface(): HostInstance {
  return hostInstance({
    'input-stream': INPUT_STREAM,
    'output-stream': OUTPUT_STREAM,
    error: ERROR,
    descriptor: DESCRIPTOR,
    'directory-entry-stream': ENTRY_STREAM,
    ...methods('descriptor', { ...OF_FILES, ...OF_ALL, ...OF_DIRECTORIES }),
    '[method]descriptor.is-same-object': steps(function* ([self, other]) {
      try {
        const one = yield* statOf(repOf(DESCRIPTOR, self));
        return isSame(one, yield* statOf(repOf(DESCRIPTOR, other)));
      } catch (error) {
        // What is no more is nothing's equal.
        if (error instanceof HostError) return false;
        throw error;
      }
    }),
    '[method]directory-entry-stream.read-directory-entry': hostFunction(([self]) => {
      const stream = repOf(ENTRY_STREAM, self);
      const entry = stream.entries[stream.next++];
      return { case: 0, payload: entry ? some([typeCase(entry.type), entry.name]) : NONE };
    }),
    'filesystem-error-code': hostFunction(([error]) => {
      const { cause, owner } = repOf(ERROR, error);
      return owner === 'filesystem' ? some(errorCase(cause)) : NONE;
    }),
  });
}

/** A method of descriptors: it gives what is in `ok`, or throws a HostError. */
type Method = (self: Descriptor, args: readonly ComponentValue[]) => Answer;

function methods(resource: string, all: Readonly<Record<string, Method>>): Record<string, HostFunction> {
  return Object.fromEntries(
    Object.entries(all).map(([name, run]) => [
      `[method]${resource}.${name}`,
      fallible(hostErrors(errorCase), ([self, ...args]) => run(repOf(DESCRIPTOR, self), args)),
    ]),
  );
}

const OF_FILES: Readonly<Record<string, Method>> = {
  'read-via-stream'(self, [offset]) {
    const { shared } = readable(self);
    shared.use();
    return inputStream('filesystem', readerOf(shared.file, position(offset)), () => shared.release());
  },
  'write-via-stream'(self, [offset]) {
    return writerOf(writable(self).shared, position(offset));
  },
  'append-via-stream'(self) {
    return writerOf(writable(self).shared, 'end');
  },
  advise(self, [offset, length]) {
    fileOf(self);
    if ((offset as bigint) > LAST || (length as bigint) > LAST) fail('inval');
    return undefined;
  },
  *'set-size'(self, [size]) {
    const { file } = writable(self).shared;
    return void (yield* settled(file.setSize(position(size))));
  },
  *read(self, [length, offset]) {
    const { file } = readable(self).shared;
    const most = lengthOf(length, MOST_READ);
    const bytes = yield* settled(file.read(most, position(offset)));
    return [bytes, most > 0 && bytes.length === 0];
  },
  *write(self, [bytes, offset]) {
    const { file } = writable(self).shared;
    return BigInt(yield* settled(file.write(bytes as Uint8Array, position(offset))));
  },
};

const OF_ALL: Readonly<Record<string, Method>> = {
  'sync-data': (self) => sync(self, true),
  sync: (self) => sync(self, false),
  'get-flags'(self) {
    if (self.kind === 'directory') return (1 << FLAG.read) | (Number(self.isMutable) << FLAG.mutateDirectory);
    return (Number(self.reads) << FLAG.read) | (Number(self.writes) << FLAG.write);
  },
  *'get-type'(self) {
    if (self.kind === 'directory') return caseNamed(TYPES, 'directory');
    return typeCase((yield* settled(self.shared.file.stat())).type);
  },
  *stat(self) {
    return statRecord(yield* statOf(self));
  },
  *'set-times'(self, [accessed, modified]) {
    mustBeMutable(self);
    const times = newTimes(self.wasi.clocks, accessed, modified);
    if (self.kind === 'file') yield* settled(self.shared.file.setTimes(times));
    else yield* settled(present(self).tree.setTimes(self.path, times));
    return undefined;
  },
  *'metadata-hash'(self) {
    return hashOf(yield* statOf(self));
  },
};

const OF_DIRECTORIES: Readonly<Record<string, Method>> = {
  *'read-directory'(self) {
    const { tree, path } = directoryOf(self);
    const entries = [...(yield* settled(tree.list(path)))];
    // The same order everywhere.
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    return handleOf(ENTRY_STREAM, { entries, next: 0 });
  },
  *'create-directory-at'(self, [path]) {
    return void (yield* createDirectoryAt(mutable(self), path as string));
  },
  *'stat-at'(self, [flags, path]) {
    const { stat } = yield* walkTo(directoryOf(self), path as string, hasFlag(flags, FOLLOW));
    return statRecord(stat);
  },
  *'set-times-at'(self, [flags, at, accessed, modified]) {
    const from = mutable(self);
    const times = newTimes(self.wasi.clocks, accessed, modified);
    const { tree, path } = yield* walkTo(from, at as string, hasFlag(flags, FOLLOW));
    return void (yield* settled(tree.setTimes(path, times)));
  },
  *'link-at'(self, [flags, path, to, toPath]) {
    const source = mutable(self);
    const target = mutable(repOf(DESCRIPTOR, to));
    return void (yield* linkAt(source, hasFlag(flags, FOLLOW), path as string, target, toPath as string));
  },
  'open-at': open,
  'readlink-at': (self, [path]) => readlinkAt(directoryOf(self), path as string),
  *'remove-directory-at'(self, [path]) {
    return void (yield* removeDirectoryAt(self.wasi, mutable(self), path as string));
  },
  *'rename-at'(self, [path, to, toPath]) {
    const source = mutable(self);
    const target = mutable(repOf(DESCRIPTOR, to));
    return void (yield* renameAt(self.wasi, source, path as string, target, toPath as string));
  },
  *'symlink-at'(self, [target, path]) {
    return void (yield* symlinkAt(mutable(self), target as string, path as string));
  },
  *'unlink-file-at'(self, [path]) {
    return void (yield* unlinkFileAt(mutable(self), path as string));
  },
  *'metadata-hash-at'(self, [flags, path]) {
    const { stat } = yield* walkTo(directoryOf(self), path as string, hasFlag(flags, FOLLOW));
    return hashOf(stat);
  },
};

function* open(self: Descriptor, args: readonly ComponentValue[]): Steps<HostResult> {
  const [pathFlags, path, openFlags, flags] = args;
  const from = directoryOf(self);
  const create = hasFlag(openFlags, OPEN.create);
  const truncate = hasFlag(openFlags, OPEN.truncate);
  const directory = hasFlag(openFlags, OPEN.directory);
  const writes = hasFlag(flags, FLAG.write);
  if (create || truncate || writes || hasFlag(flags, FLAG.mutateDirectory)) mustBeMutable(self);
  if (create && directory) fail('inval');
  // One that asks for neither can at least be looked at.
  const reads = hasFlag(flags, FLAG.read) || !writes;
  const opened = yield* openAt(from, path as string, {
    read: reads,
    write: writes || truncate,
    create,
    exclusive: hasFlag(openFlags, OPEN.exclusive),
    truncate,
    directory,
    follow: hasFlag(pathFlags, FOLLOW),
  });
  const { wasi, isMutable } = self;
  if (opened.kind === 'directory') return wasi.directory(opened.tree, opened.path, isMutable);
  const shared = new SharedFile(opened.file);
  return handleOf<Descriptor>(DESCRIPTOR, { kind: 'file', wasi, isMutable, shared, reads, writes });
}

function* sync(self: Descriptor, data: boolean): Steps<undefined> {
  if (self.kind === 'file' && self.writes) yield* settled(self.shared.file.sync(data));
  return undefined;
}

function* statOf(self: Descriptor): Steps<FileStat> {
  if (self.kind === 'file') return yield* settled(self.shared.file.stat());
  return yield* settled(present(self).tree.stat(self.path));
}

/** Reads a file from a position on; there is nothing to wait for but the reading itself. */
function readerOf(file: OpenFile, from: bigint): InputStream {
  let at = from;
  function* read(length: number): Steps<Uint8Array> {
    const bytes = yield* settled(file.read(length, at));
    at += BigInt(bytes.length);
    return bytes;
  }
  return { isTerminal: false, read: (length) => perform(read(length)), readable: () => undefined };
}

function writerOf(shared: SharedFile, from: bigint | 'end'): ResourceValue {
  let at = from;
  function* write(bytes: Uint8Array): Steps<number> {
    const count = yield* settled(shared.file.write(bytes, at));
    if (at !== 'end') at += BigInt(count);
    return count;
  }
  const sink: OutputStream = {
    isTerminal: false,
    write: (bytes) => perform(write(bytes)),
    writable: () => undefined,
  };
  shared.use();
  return outputStream('filesystem', sink, () => shared.release());
}

function position(offset: ComponentValue): bigint {
  return (offset as bigint) > LAST ? fail('inval') : (offset as bigint);
}
