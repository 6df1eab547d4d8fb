/**
 * What WASI needs from where it runs: files, streams, clocks, random numbers, sockets. Injected, so that the engine
 * knows no Node and no browser; a guest reaches what is given here and nothing else.
 *
 * Everything may answer at once or by a promise: the program is suspended until that settles. What fails throws a
 * `HostError`, whose code is POSIX's name of the error.
 */

import type { ErrorCode } from './errors.ts';

export type Later<T> = T | Promise<T>;

/** Nanoseconds. */
export type Time = bigint;

/** Something that happens later, and that nobody may want to wait for any more. The promise never rejects. */
export interface Waiting {
  readonly promise: Promise<void>;
  cancel(): void;
}

export interface Clocks {
  /** Since 1970-01-01T00:00:00Z. */
  realtime(): Time;
  /** Since some moment; never goes back. */
  monotonic(): Time;
  /** What the program has used of a processor. */
  processor(): Time;
  /** The smallest step of the real time and monotonic clocks. */
  readonly resolution: Time;
  /** Happens when the monotonic clock shows this time. */
  at(time: Time): Waiting;
}

export interface InputStream {
  readonly isTerminal: boolean;
  /** At most `length` bytes, as soon as there are some; none at the end of the stream. */
  read(length: number): Later<Uint8Array>;
  /** Happens when a read would not have to wait; undefined if it would not now. */
  readable(): Waiting | undefined;
}

export interface OutputStream {
  readonly isTerminal: boolean;
  /** How many bytes were taken: at least one. Waits while the other side cannot take more. */
  write(bytes: Uint8Array): Later<number>;
  /** Happens when a write would not have to wait; undefined if it would not now. */
  writable(): Waiting | undefined;
}

export type FileType = 'unknown' | 'block' | 'character' | 'directory' | 'file' | 'socket' | 'symlink';

export interface FileStat {
  readonly type: FileType;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly nlink: bigint;
  /** Bytes; of a symbolic link, of its target. */
  readonly size: bigint;
  readonly accessed: Time;
  readonly modified: Time;
  readonly changed: Time;
}

export interface DirEntry {
  readonly name: string;
  readonly type: FileType;
  readonly ino: bigint;
}

/** Times to set: what is undefined stays. */
export interface FileTimes {
  readonly accessed?: Time;
  readonly modified?: Time;
}

export interface OpenHow {
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  /** With `create`: it must not exist. */
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

/** An open regular file. Positions are bytes from its start. */
export interface OpenFile {
  stat(): Later<FileStat>;
  /** At most `length` bytes; none at the end. */
  read(length: number, position: bigint): Later<Uint8Array>;
  /** All bytes at a position, or behind the end; how many were written. Who writes later keeps a copy of them. */
  write(bytes: Uint8Array, position: bigint | 'end'): Later<number>;
  setSize(size: bigint): Later<void>;
  setTimes(times: FileTimes): Later<void>;
  /** To the disk; `data` alone without the times. */
  sync(data: boolean): Later<void>;
  close(): Later<void>;
}

/** Names from the granted directory down. None is empty, `.` or `..`, and none holds a slash. */
export type FilePath = readonly string[];

/**
 * A granted directory and what is below it. No function follows a symbolic link, neither at the end of a path nor on
 * the way: who calls has walked the path and says every name of it. An empty path is the directory itself.
 */
export interface FileTree {
  stat(path: FilePath): Later<FileStat>;
  /** A regular file, or another thing that can be read. Throws `isdir` for a directory, `loop` for a link. */
  open(path: FilePath, how: OpenHow): Later<OpenFile>;
  readlink(path: FilePath): Later<string>;
  /** Without `.` and `..`, in any order. */
  list(path: FilePath): Later<DirEntry[]>;
  mkdir(path: FilePath): Later<void>;
  rmdir(path: FilePath): Later<void>;
  unlink(path: FilePath): Later<void>;
  symlink(target: string, path: FilePath): Later<void>;
  setTimes(path: FilePath, times: FileTimes): Later<void>;
  /** Throws `xdev` if the trees cannot do it between each other. */
  rename(from: FilePath, to: FilePath, tree: FileTree): Later<void>;
  /** A second name of a file. */
  link(from: FilePath, to: FilePath, tree: FileTree): Later<void>;
}

/** A directory of the host that the guest sees under a name. */
export interface Preopen {
  /** What the guest calls it: `/`, `.`, `/data`. */
  readonly guest: string;
  readonly tree: FileTree;
  readonly readOnly?: boolean;
}

/** A connection. */
export interface Socket extends InputStream, OutputStream {
  /** As `read`, but the bytes stay. */
  peek(length: number): Later<Uint8Array>;
  shutdown(read: boolean, write: boolean): Later<void>;
  close(): void;
}

/** A listening socket that the user grants. */
export interface Listener {
  accept(): Later<Socket>;
  /** Happens when somebody wants to connect; undefined if somebody does now. */
  acceptable(): Waiting | undefined;
}

/** Fills bytes with random ones. */
export type RandomSource = (bytes: Uint8Array) => void;

/** A failure that the guest is told of, by the name that POSIX has for it. */
export class HostError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string = code) {
    super(message);
    this.name = 'HostError';
    this.code = code;
  }
}

/** Throws what the guest is told of. */
export function fail(code: ErrorCode, message?: string): never {
  throw new HostError(code, message);
}
