/**
 * What is done by path from an open directory, for every version of WASI. Every path is walked first (path.ts), so the
 * host only sees plain names.
 *
 * Knows no rights and no descriptors: who calls has looked whether it is allowed. Everything throws a HostError.
 */

import { type FilePath, type FileStat, type FileTree, fail, type OpenFile, type OpenHow } from './host.ts';
import { type Walked, walk, walkTo } from './path.ts';
import { type Steps, settled } from './steps.ts';

export interface OpenDirectory {
  readonly tree: FileTree;
  /** Where it is now: a directory that is renamed while it is open stays open. */
  path: FilePath;
  /** It was removed while it was open: nothing is in it any more, and a new one of its name is another one. */
  isRemoved?: boolean;
}

/** Whoever has directories open, and is told what becomes of them. */
export interface OpenDirectories {
  /** What is open below `from` is below `to` now. */
  renamed(tree: FileTree, from: FilePath, to: FilePath): void;
  /** A directory is gone. */
  removed(tree: FileTree, path: FilePath): void;
}

/** How to open; with `directory`, only a directory will do. */
export interface OpenWish extends OpenHow {
  readonly directory: boolean;
  /** Whether a link at the end of the path is followed. */
  readonly follow: boolean;
}

export type Opened =
  | { readonly kind: 'directory'; readonly tree: FileTree; readonly path: FilePath }
  | { readonly kind: 'file'; readonly file: OpenFile };

/** `OpenDirectories.renamed` for a list of them. */
export function moveOpen(open: Iterable<OpenDirectory>, tree: FileTree, from: FilePath, to: FilePath): void {
  for (const directory of below(open, tree, from)) {
    directory.path = [...to, ...directory.path.slice(from.length)];
  }
}

/** `OpenDirectories.removed` for a list of them. */
export function removeOpen(open: Iterable<OpenDirectory>, tree: FileTree, path: FilePath): void {
  for (const directory of below(open, tree, path)) directory.isRemoved = true;
}

function* below(open: Iterable<OpenDirectory>, tree: FileTree, path: FilePath): Iterable<OpenDirectory> {
  for (const found of open) {
    if (found.tree !== tree || found.isRemoved) continue;
    if (path.every((name, i) => found.path[i] === name)) yield found;
  }
}

/** Opens a file or a directory. `write` of a directory is `isdir`. */
export function* openAt(from: OpenDirectory, path: string, wish: OpenWish): Steps<Opened> {
  const { directory, create } = wish;
  const exclusive = create && wish.exclusive;
  const walked = yield* walk(from, path, wish.follow && !exclusive);
  if (exclusive && walked.stat) fail('exist');
  if (walked.stat?.type === 'symlink') fail('loop');
  if (walked.stat?.type === 'directory') {
    if (create || wish.write) fail('isdir');
    return { kind: 'directory', tree: walked.tree, path: walked.path };
  }
  if (directory) fail(walked.stat ? 'notdir' : 'noent');
  if (walked.wantsDirectory) fail(walked.stat ? 'notdir' : create ? 'isdir' : 'noent');
  if (!walked.stat && !create) fail('noent');
  const { read, write, truncate } = wish;
  const file = yield* settled(walked.tree.open(walked.path, { read, write, create, exclusive, truncate }));
  return { kind: 'file', file };
}

export function* createDirectoryAt(from: OpenDirectory, at: string): Steps<void> {
  const { tree, path, stat } = yield* walk(from, at, false);
  if (stat) fail('exist');
  yield* settled(tree.mkdir(path));
}

export function* symlinkAt(from: OpenDirectory, target: string, at: string): Steps<void> {
  if (target === '') fail('noent');
  if (target.includes('\0')) fail('inval');
  // It could never be followed here, and would lead anywhere for others.
  if (target.startsWith('/')) fail('perm');
  const { tree, path, stat, wantsDirectory } = yield* walk(from, at, false);
  if (stat) fail('exist');
  if (wantsDirectory) fail('noent');
  yield* settled(tree.symlink(target, path));
}

export function* readlinkAt(from: OpenDirectory, at: string): Steps<string> {
  const { tree, path, stat } = yield* walkTo(from, at, false);
  if (stat.type !== 'symlink') fail('inval');
  const target = yield* settled(tree.readlink(path));
  // It would tell where the directory lies in the host.
  if (target.startsWith('/')) fail('perm');
  return target;
}

export function* removeDirectoryAt(open: OpenDirectories, from: OpenDirectory, at: string): Steps<void> {
  const { tree, path, stat } = yield* walkTo(from, at, false);
  if (stat.type !== 'directory') fail('notdir');
  if (path.length === from.path.length) fail('inval');
  yield* settled(tree.rmdir(path));
  open.removed(tree, path);
}

export function* unlinkFileAt(from: OpenDirectory, at: string): Steps<void> {
  const { tree, path, stat } = yield* walkTo(from, at, false);
  if (stat.type === 'directory') fail('isdir');
  yield* settled(tree.unlink(path));
}

export function* renameAt(
  open: OpenDirectories,
  source: OpenDirectory,
  fromAt: string,
  target: OpenDirectory,
  toAt: string,
): Steps<void> {
  const from = yield* walkTo(source, fromAt, false);
  const to = yield* walk(target, toAt, false);
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
  if (to.stat) open.removed(to.tree, to.path);
  if (from.tree === to.tree) open.renamed(from.tree, from.path, to.path);
  else open.removed(from.tree, from.path);
}

export function* linkAt(
  source: OpenDirectory,
  follow: boolean,
  fromAt: string,
  target: OpenDirectory,
  toAt: string,
): Steps<void> {
  const from = yield* walkTo(source, fromAt, follow);
  const to = yield* walk(target, toAt, false);
  if (from.stat.type === 'directory') fail('perm');
  if (to.stat) fail('exist');
  if (to.wantsDirectory) fail('noent');
  yield* settled(from.tree.link(from.path, to.path, to.tree));
}

/** Whether both are the same file or directory. */
export function isSame(one: FileStat, other: FileStat): boolean {
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
