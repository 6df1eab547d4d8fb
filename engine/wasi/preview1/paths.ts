/**
 * What is done by path (WASI 0.1: path_*). Every path is walked first (path.ts), so the host only sees plain names.
 */

import { type FileStat, type FileTimes, fail, type OpenHow } from '../host.ts';
import { type Steps, settled } from '../steps.ts';
import { FDFLAG, KNOWN, OFLAG, RIGHT, RIGHTS, SIZE, SYMLINK_FOLLOW, writeFilestat } from './abi.ts';
import { type Call, checkFlags, type WasiFunction } from './call.ts';
import { timesOf } from './files.ts';
import { utf8 } from './guest-memory.ts';
import { type Walked, walk, walkTo } from './path.ts';

export const PATHS: Readonly<Record<string, WasiFunction>> = {
  path_open: { params: 'iiiiiIIii', run: open },
  path_create_directory: {
    params: 'iii',
    *run({ wasi, memory }, fd: number, at: number, length: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathCreateDirectory);
      const { tree, path, stat } = yield* walk(from, memory.string(at, length), false);
      if (stat) fail('exist');
      yield* settled(tree.mkdir(path));
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
  path_rename: { params: 'iiiiii', run: rename },
  path_symlink: {
    params: 'iiiii',
    *run({ wasi, memory }, at: number, length: number, fd: number, toAt: number, toLength: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathSymlink);
      const target = memory.string(at, length);
      if (target === '') fail('noent');
      if (target.includes('\0')) fail('inval');
      // It could never be followed here, and would lead anywhere for others.
      if (target.startsWith('/')) fail('perm');
      const { tree, path, stat, wantsDirectory } = yield* walk(from, memory.string(toAt, toLength), false);
      if (stat) fail('exist');
      if (wantsDirectory) fail('noent');
      yield* settled(tree.symlink(target, path));
    },
  },
  path_readlink: {
    params: 'iiiiii',
    *run({ wasi, memory }, fd: number, at: number, length: number, to: number, room: number, used: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathReadlink);
      memory.need(to, room);
      memory.need(used, 4, 4);
      const { tree, path, stat } = yield* walkTo(from, memory.string(at, length), false);
      if (stat.type !== 'symlink') fail('inval');
      const target = yield* settled(tree.readlink(path));
      // It would tell where the directory lies in the host.
      if (target.startsWith('/')) fail('perm');
      const bytes = utf8(target).subarray(0, room);
      memory.set(to, bytes);
      memory.setU32(used, bytes.length);
    },
  },
  path_remove_directory: {
    params: 'iii',
    *run({ wasi, memory }, fd: number, at: number, length: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathRemoveDirectory);
      const { tree, path, stat } = yield* walkTo(from, memory.string(at, length), false);
      if (stat.type !== 'directory') fail('notdir');
      if (path.length === from.path.length) fail('inval');
      yield* settled(tree.rmdir(path));
      wasi.descriptors.removed(tree, path);
    },
  },
  path_unlink_file: {
    params: 'iii',
    *run({ wasi, memory }, fd: number, at: number, length: number) {
      const from = wasi.descriptors.directory(fd, RIGHT.pathUnlinkFile);
      const { tree, path, stat } = yield* walkTo(from, memory.string(at, length), false);
      if (stat.type === 'directory') fail('isdir');
      yield* settled(tree.unlink(path));
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
  const isCreating = (oflags & OFLAG.creat) !== 0;
  const wantsTruncation = (oflags & OFLAG.trunc) !== 0;
  const isExclusive = isCreating && (oflags & OFLAG.excl) !== 0;
  let needed: bigint = RIGHT.pathOpen;
  // Without the right to change anything the tree is read-only, and says so as a directory without permission does.
  const from = wasi.descriptors.directory(fd, needed);
  if (isCreating) needed |= RIGHT.pathCreateFile;
  if (wantsTruncation) needed |= RIGHT.pathFilestatSetSize;
  if ((needed & ~from.rights) !== 0n) fail('perm');
  if (wantedRights & RIGHT.fdWrite && !(from.inheriting & RIGHT.fdWrite)) fail('perm');
  if (isCreating && oflags & OFLAG.directory) fail('inval');
  if (flags & (FDFLAG.dsync | FDFLAG.rsync | FDFLAG.sync)) fail('notsup');

  const walked = yield* walk(from, memory.string(at, length), follows(lookup) && !isExclusive);
  if (isExclusive && walked.stat) fail('exist');
  if (walked.stat?.type === 'symlink') fail('loop');
  if (walked.stat?.type === 'directory') {
    if (isCreating || wantsTruncation || wantedRights & RIGHT.fdWrite) fail('isdir');
    const inheriting = from.inheriting & wantedInheriting & RIGHTS.inherited;
    const rights = from.inheriting & wantedRights & RIGHTS.directory;
    const { tree, path } = walked;
    memory.setU32(to, wasi.descriptors.add({ kind: 'directory', flags, rights, inheriting, tree, path }));
    return;
  }
  if (oflags & OFLAG.directory) fail(walked.stat ? 'notdir' : 'noent');
  if (walked.wantsDirectory) fail(walked.stat ? 'notdir' : isCreating ? 'isdir' : 'noent');
  if (!walked.stat && !isCreating) fail('noent');
  const how: OpenHow = {
    read: (wantedRights & RIGHT.fdRead) !== 0n || (wantedRights & RIGHT.fdWrite) === 0n,
    write: (wantedRights & RIGHT.fdWrite) !== 0n || wantsTruncation,
    create: isCreating,
    exclusive: isExclusive,
    truncate: wantsTruncation,
  };
  const file = yield* settled(walked.tree.open(walked.path, how));
  const rights = from.inheriting & wantedRights & RIGHTS.file;
  memory.setU32(
    to,
    wasi.descriptors.add({ kind: 'file', flags, rights, inheriting: 0n, file, position: 0n }),
  );
}

function* rename(
  { wasi, memory }: Call,
  fromFd: number,
  fromAt: number,
  fromLength: number,
  toFd: number,
  toAt: number,
  toLength: number,
): Steps<void> {
  const source = wasi.descriptors.directory(fromFd, RIGHT.pathRenameSource);
  const target = wasi.descriptors.directory(toFd, RIGHT.pathRenameTarget);
  const from = yield* walkTo(source, memory.string(fromAt, fromLength), false);
  const to = yield* walk(target, memory.string(toAt, toLength), false);
  if (from.path.length === source.path.length || to.path.length === target.path.length) fail('busy');
  const isDirectory = from.stat.type === 'directory';
  if (!isDirectory && (from.wantsDirectory || to.wantsDirectory)) fail('notdir');
  if (to.stat) {
    if (isDirectory && to.stat.type !== 'directory') fail('notdir');
    if (!isDirectory && to.stat.type === 'directory') fail('isdir');
  }
  if (isInside(from, to)) fail('inval');
  yield* settled(from.tree.rename(from.path, to.path, to.tree));
  if (!isDirectory || (to.stat && isSame(from.stat, to.stat))) return;
  // An empty directory may have been in the way. What another tree has taken is not in this one any more.
  if (to.stat) wasi.descriptors.removed(to.tree, to.path);
  if (from.tree === to.tree) wasi.descriptors.renamed(from.tree, from.path, to.path);
  else wasi.descriptors.removed(from.tree, from.path);
}

function isSame(one: FileStat, other: FileStat): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** A directory cannot become a part of itself. */
function isInside(from: Walked, to: Walked): boolean {
  return (
    from.tree === to.tree &&
    to.path.length > from.path.length &&
    from.path.every((name, i) => to.path[i] === name)
  );
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
  const from = yield* walkTo(source, memory.string(fromAt, fromLength), follows(lookup));
  const to = yield* walk(target, memory.string(toAt, toLength), false);
  if (from.stat.type === 'directory') fail('perm');
  if (to.stat) fail('exist');
  if (to.wantsDirectory) fail('noent');
  yield* settled(from.tree.link(from.path, to.path, to.tree));
}
