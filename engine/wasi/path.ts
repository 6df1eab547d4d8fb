/**
 * Paths inside of a granted directory: walked name by name, so that nothing outside of it can be reached.
 *
 * Every name on the way is looked at before the next one; a symbolic link is replaced by its target, here and never by
 * the host. `..` cannot leave the directory that the path is relative to, and absolute paths and targets are refused
 * with `perm`. What a walk ends with has no link, no `.` and no `..` in it.
 */

import type { OpenDirectory } from './directories.ts';
import { type FilePath, type FileStat, type FileTree, fail, HostError } from './host.ts';
import { type Steps, settled } from './steps.ts';

/** How many links one path may go through, as Linux has it. */
const MOST_LINKS = 40;
const LONGEST_PATH = 4096;
const LONGEST_NAME = 255;

export interface Walked {
  readonly tree: FileTree;
  readonly path: FilePath;
  /** What is there now; undefined if nothing is. It is a link only where links at the end were not to be followed. */
  readonly stat: FileStat | undefined;
  /** The path says that it is a directory, by a slash or a dot at its end. */
  readonly wantsDirectory: boolean;
}

/**
 * Walks a path from a directory. Throws `noent` for an empty path or a missing name on the way, `notdir`, `loop`,
 * `perm` for what leads outside, `nametoolong`, `inval` for a NUL in it.
 */
export function* walk(from: OpenDirectory, path: string, followLast: boolean): Steps<Walked> {
  const { tree, path: base } = from;
  const names: string[] = [...base];
  const rest = split(path).reverse();
  let wantsDirectory = endsAsDirectory(path);
  let links = 0;
  while (rest.length > 0) {
    const name = rest.pop()!;
    if (name === '..') {
      if (names.length === base.length) fail('perm');
      names.pop();
      continue;
    }
    names.push(name);
    const isLast = rest.length === 0;
    const stat = yield* lookAt(tree, names);
    if (!stat) {
      if (!isLast) fail('noent');
      return { tree, path: names, stat, wantsDirectory };
    }
    if (stat.type === 'symlink' && (!isLast || followLast || wantsDirectory)) {
      if (++links > MOST_LINKS) fail('loop');
      const target = yield* settled(tree.readlink(names));
      if (isLast) wantsDirectory ||= endsAsDirectory(target);
      names.pop();
      rest.push(...split(target).reverse());
      continue;
    }
    if (isLast) {
      if (wantsDirectory && stat.type !== 'directory') fail('notdir');
      return { tree, path: names, stat, wantsDirectory };
    }
    if (stat.type !== 'directory') fail('notdir');
  }
  const stat = yield* settled(tree.stat(names));
  return { tree, path: names, stat, wantsDirectory: true };
}

/** A walk to something that is there. Throws `noent` if nothing is. */
export function* walkTo(
  from: OpenDirectory,
  path: string,
  followLast: boolean,
): Steps<Walked & { readonly stat: FileStat }> {
  const walked = yield* walk(from, path, followLast);
  const { stat } = walked;
  return stat ? { ...walked, stat } : fail('noent');
}

/** What is at a path, undefined if nothing is. */
function* lookAt(tree: FileTree, path: FilePath): Steps<FileStat | undefined> {
  try {
    return yield* settled(tree.stat(path));
  } catch (error) {
    if (error instanceof HostError && error.code === 'noent') return undefined;
    throw error;
  }
}

/** The names of a path without the empty ones and `.`. */
function split(path: string): string[] {
  if (path === '') fail('noent');
  if (path.includes('\0')) fail('inval');
  if (path.startsWith('/')) fail('perm');
  if (path.length > LONGEST_PATH) fail('nametoolong');
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.some((name) => name.length > LONGEST_NAME)) fail('nametoolong');
  return names;
}

function endsAsDirectory(path: string): boolean {
  return /(^|\/)\.{0,2}$/.test(path);
}
