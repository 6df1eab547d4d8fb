/**
 * What is done by path from an open directory, for every version of WASI. Every path is walked first (path.ts), so the
 * host only sees plain names.
 *
 * Knows no rights and no descriptors: who calls has looked whether it is allowed. Everything throws a HostError.
 */
import { type FilePath, type FileStat, type FileTree, type OpenFile, type OpenHow } from './host.ts';
import { type Steps } from './steps.ts';
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
  | {
      readonly kind: 'directory';
      readonly tree: FileTree;
      readonly path: FilePath;
    }
  | {
      readonly kind: 'file';
      readonly file: OpenFile;
    };
/** `OpenDirectories.renamed` for a list of them. */
export declare function moveOpen(
  open: Iterable<OpenDirectory>,
  tree: FileTree,
  from: FilePath,
  to: FilePath,
): void;
/** `OpenDirectories.removed` for a list of them. */
export declare function removeOpen(open: Iterable<OpenDirectory>, tree: FileTree, path: FilePath): void;
/** Opens a file or a directory. `write` of a directory is `isdir`. */
export declare function openAt(from: OpenDirectory, path: string, wish: OpenWish): Steps<Opened>;
export declare function createDirectoryAt(from: OpenDirectory, at: string): Steps<void>;
export declare function symlinkAt(from: OpenDirectory, target: string, at: string): Steps<void>;
export declare function readlinkAt(from: OpenDirectory, at: string): Steps<string>;
export declare function removeDirectoryAt(
  open: OpenDirectories,
  from: OpenDirectory,
  at: string,
): Steps<void>;
export declare function unlinkFileAt(from: OpenDirectory, at: string): Steps<void>;
export declare function renameAt(
  open: OpenDirectories,
  source: OpenDirectory,
  fromAt: string,
  target: OpenDirectory,
  toAt: string,
): Steps<void>;
export declare function linkAt(
  source: OpenDirectory,
  follow: boolean,
  fromAt: string,
  target: OpenDirectory,
  toAt: string,
): Steps<void>;
/** Whether both are the same file or directory. */
export declare function isSame(one: FileStat, other: FileStat): boolean;
