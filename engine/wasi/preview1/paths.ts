/**
 * What is done by path (WASI 0.1: path_*): rights and flags; the rest is directories.ts.
 */

import {
  createDirectoryAt,
  linkAt,
  openAt,
  readlinkAt,
  removeDirectoryAt,
  renameAt,
  symlinkAt,
  unlinkFileAt,
} from '../directories.ts';
import { type FileTimes, fail } from '../host.ts';
import { walkTo } from '../path.ts';
import { type Steps, settled } from '../steps.ts';
import { FDFLAG, KNOWN, OFLAG, RIGHT, RIGHTS, SIZE, SYMLINK_FOLLOW, writeFilestat } from './abi.ts';
import { type Call, checkFlags, type WasiFunction } from './call.ts';
import { timesOf } from './files.ts';
import { utf8 } from './guest-memory.ts';

export const PATHS: Readonly<Record<string, WasiFunction>> = {
  path_open: { params: 'iiiiiIIii', run: open },
  path_create_directory: {
    params: 'iii',
    *run({ wasi, memory }, fd: number, at: number, length: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathCreateDirectory);
      yield* createDirectoryAt(from, memory.string(at, length));
    },
  },
  path_filestat_get: {
    params: 'iiiii',
    *run({ wasi, memory }, fd: number, lookup: number, at: number, length: number, to: number) {
      checkFlags(lookup, KNOWN.lookup);
      memory.need(to, SIZE.filestat, 8);
      const from = wasi.descriptors.directory(fd, RIGHT.pathFilestatGet);
      const { stat } = yield* walkTo(from, memory.string(at, length), follows(lookup));
      writeFilestat(memory, to, stat);
    },
  },
  path_filestat_set_times: {
    params: 'iiiiIIi',
    *run(
      call,
      fd: number,
      lookup: number,
      at: number,
      length: number,
      accessed: bigint,
      modified: bigint,
      flags: number,
    ) {
      checkFlags(lookup, KNOWN.lookup);
      const { wasi, memory } = call;
      const from = wasi.descriptors.directory(fd, RIGHT.pathFilestatSetTimes);
      const times: FileTimes = timesOf(call, accessed, modified, flags);
      const { tree, path } = yield* walkTo(from, memory.string(at, length), follows(lookup));
      yield* settled(tree.setTimes(path, times));
    },
  },
  path_link: { params: 'iiiiiii', run: link },
  path_rename: {
    params: 'iiiiii',
    *run(
      { wasi, memory },
      fd: number,
      at: number,
      length: number,
      toFd: number,
      to: number,
      toLength: number,
    ) {
      const source = wasi.descriptors.directory(fd, RIGHT.pathRenameSource);
      const target = wasi.descriptors.directory(toFd, RIGHT.pathRenameTarget);
      const path = memory.string(at, length);
      yield* renameAt(wasi.descriptors, source, path, target, memory.string(to, toLength));
    },
  },
  path_symlink: {
    params: 'iiiii',
    *run({ wasi, memory }, at: number, length: number, fd: number, toAt: number, toLength: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathSymlink);
      yield* symlinkAt(from, memory.string(at, length), memory.string(toAt, toLength));
    },
  },
  path_readlink: {
    params: 'iiiiii',
    *run({ wasi, memory }, fd: number, at: number, length: number, to: number, room: number, used: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathReadlink);
      memory.need(to, room);
      memory.need(used, 4, 4);
      const bytes = utf8(yield* readlinkAt(from, memory.string(at, length))).subarray(0, room);
      memory.set(to, bytes);
      memory.setU32(used, bytes.length);
    },
  },
  path_remove_directory: {
    params: 'iii',
    *run({ wasi, memory }, fd: number, at: number, length: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathRemoveDirectory);
      yield* removeDirectoryAt(wasi.descriptors, from, memory.string(at, length));
    },
  },
  path_unlink_file: {
    params: 'iii',
    *run({ wasi, memory }, fd: number, at: number, length: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathUnlinkFile);
      yield* unlinkFileAt(from, memory.string(at, length));
    },
  },
};

function follows(lookup: number): boolean {
  return (lookup & SYMLINK_FOLLOW) !== 0;
}

function* open(
  { wasi, memory }: Call,
  fd: number,
  lookup: number,
  at: number,
  length: number,
  oflags: number,
  wantedRights: bigint,
  wantedInheriting: bigint,
  flags: number,
  to: number,
): Steps<void> {
  checkFlags(lookup, KNOWN.lookup);
  checkFlags(oflags, KNOWN.oflags);
  checkFlags(flags, KNOWN.fdflags);
  memory.need(to, 4, 4);
  const create = (oflags & OFLAG.creat) !== 0;
  const truncate = (oflags & OFLAG.trunc) !== 0;
  const writes = (wantedRights & RIGHT.fdWrite) !== 0n;
  let needed: bigint = RIGHT.pathOpen;
  // Without the right to change anything the tree is read-only, and says so as a directory without permission does.
  const from = wasi.descriptors.directory(fd, needed);
  if (create) needed |= RIGHT.pathCreateFile;
  if (truncate) needed |= RIGHT.pathFilestatSetSize;
  if ((needed & ~from.rights) !== 0n) fail('perm');
  if (writes && !(from.inheriting & RIGHT.fdWrite)) fail('perm');
  if (create && oflags & OFLAG.directory) fail('inval');
  if (flags & (FDFLAG.dsync | FDFLAG.rsync | FDFLAG.sync)) fail('notsup');

  const opened = yield* openAt(from, memory.string(at, length), {
    read: (wantedRights & RIGHT.fdRead) !== 0n || !writes,
    write: writes || truncate,
    create,
    exclusive: (oflags & OFLAG.excl) !== 0,
    truncate,
    directory: (oflags & OFLAG.directory) !== 0,
    follow: follows(lookup),
  });
  const given = from.inheriting & wantedRights;
  if (opened.kind === 'file') {
    const { file } = opened;
    const rights = given & RIGHTS.file;
    const descriptor = { kind: 'file', flags, rights, inheriting: 0n, file, position: 0n } as const;
    memory.setU32(to, wasi.descriptors.add(descriptor));
    return;
  }
  const { tree, path } = opened;
  const inheriting = from.inheriting & wantedInheriting & RIGHTS.inherited;
  const rights = given & RIGHTS.directory;
  memory.setU32(to, wasi.descriptors.add({ kind: 'directory', flags, rights, inheriting, tree, path }));
}

function* link(
  { wasi, memory }: Call,
  fromFd: number,
  lookup: number,
  fromAt: number,
  fromLength: number,
  toFd: number,
  toAt: number,
  toLength: number,
): Steps<void> {
  checkFlags(lookup, KNOWN.lookup);
  const source = wasi.descriptors.directory(fromFd, RIGHT.pathLinkSource);
  const target = wasi.descriptors.directory(toFd, RIGHT.pathLinkTarget);
  const path = memory.string(fromAt, fromLength);
  yield* linkAt(source, follows(lookup), path, target, memory.string(toAt, toLength));
}
