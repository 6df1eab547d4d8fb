/**
 * A directory of the disk as a granted tree of WASI's (engine/wasi/host.ts), by Node's file system.
 *
 * Who calls has walked the path: no name in it is a link. Between that walk and the call here somebody else may put a
 * link there. The last name is never followed (O_NOFOLLOW, and functions that act on links themselves). On Linux an
 * opened file is looked at once more and refused if it is not where it should be; for other calls, and elsewhere, a
 * link that is swapped in for a directory on the way in just that moment would be followed. Node has no openat.
 */

import * as fs from 'node:fs';
import path from 'node:path';
import { errorOfSystem } from '../../engine/wasi/errors.ts';
import {
  type DirEntry,
  type FilePath,
  type FileStat,
  type FileTimes,
  type FileTree,
  type FileType,
  fail,
  HostError,
  type OpenFile,
  type OpenHow,
} from '../../engine/wasi/host.ts';

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC } = fs.constants;
/** Not there on Windows, where Node opens links' targets; its links need rights that few have. */
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;
const IS_WINDOWS = process.platform === 'win32';
const IS_LINUX = process.platform === 'linux';
/** Errors that Windows has other names for. */
const NANOSECONDS = 1_000_000_000n;

/** Throws an Error for people if `directory` is none, or cannot be read. */
export function nodeTree(directory: string): FileTree {
  let root: string;
  try {
    root = fs.realpathSync(directory);
    if (!fs.statSync(root).isDirectory()) throw new Error(`${directory} is no directory`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === 'ENOENT' ? `there is no directory ${directory}` : message);
  }
  return new NodeTree(root);
}

class NodeTree implements FileTree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  stat(at: FilePath): FileStat {
    return attempt(() => statOf(fs.lstatSync(this.#place(at), { bigint: true })));
  }

  open(at: FilePath, how: OpenHow): OpenFile {
    const place = this.#place(at);
    const access = how.write ? (how.read ? O_RDWR : O_WRONLY) : O_RDONLY;
    const flags =
      access |
      O_NOFOLLOW |
      // A pipe that nobody writes to would hold the whole engine.
      O_NONBLOCK |
      (how.create ? O_CREAT : 0) |
      (how.create && how.exclusive ? O_EXCL : 0) |
      // What is truncated must be what was asked for: after it was looked at.
      (how.truncate && !IS_LINUX ? O_TRUNC : 0);
    return attempt(() => {
      const fd = fs.openSync(place, flags, 0o666);
      try {
        if (IS_LINUX) this.#check(fd, place);
        const stat = fs.fstatSync(fd);
        if (stat.isDirectory()) fail('isdir');
        if (how.truncate && IS_LINUX && stat.isFile()) fs.ftruncateSync(fd, 0);
      } catch (error) {
        fs.closeSync(fd);
        throw error;
      }
      return new NodeFile(fd);
    });
  }

  readlink(at: FilePath): string {
    return attempt(() => {
      const target = fs.readlinkSync(this.#place(at));
      return IS_WINDOWS ? target.replaceAll('\\', '/') : target;
    });
  }

  list(at: FilePath): DirEntry[] {
    return attempt(() => {
      const place = this.#place(at);
      return fs.readdirSync(place, { withFileTypes: true }).map((entry) => {
        const stat = fs.lstatSync(path.join(place, entry.name), { bigint: true, throwIfNoEntry: false });
        return { name: entry.name, type: typeOf(entry), ino: stat?.ino ?? 0n };
      });
    });
  }

  mkdir(at: FilePath): void {
    attempt(() => fs.mkdirSync(this.#place(at)));
  }

  rmdir(at: FilePath): void {
    attempt(() => fs.rmdirSync(this.#place(at)));
  }

  unlink(at: FilePath): void {
    attempt(() => fs.unlinkSync(this.#place(at)));
  }

  symlink(target: string, at: FilePath): void {
    attempt(() => fs.symlinkSync(target, this.#place(at)));
  }

  setTimes(at: FilePath, times: FileTimes): void {
    attempt(() => {
      const place = this.#place(at);
      const { atime, mtime } = bothTimes(times, fs.lstatSync(place, { bigint: true }));
      fs.lutimesSync(place, atime, mtime);
    });
  }

  rename(from: FilePath, to: FilePath, tree: FileTree): void {
    attempt(() => fs.renameSync(this.#place(from), otherPlace(tree, to)));
  }

  link(from: FilePath, to: FilePath, tree: FileTree): void {
    attempt(() => fs.linkSync(this.#place(from), otherPlace(tree, to)));
  }

  place(at: FilePath): string {
    return this.#place(at);
  }

  #place(at: FilePath): string {
    if (IS_WINDOWS && at.some((name) => /[\\:]/.test(name))) fail('inval');
    return path.join(this.root, ...at);
  }

  /** Refuses a file that was reached through a link. */
  #check(fd: number, place: string): void {
    let real: string;
    try {
      real = fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // Without a proc file system there is nothing to look at.
      return;
    }
    if (real !== place && real !== `${place} (deleted)`) fail('loop');
  }
}

function otherPlace(tree: FileTree, at: FilePath): string {
  return tree instanceof NodeTree ? tree.place(at) : fail('xdev');
}

class NodeFile implements OpenFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  stat(): FileStat {
    return attempt(() => statOf(fs.fstatSync(this.#fd, { bigint: true })));
  }

  read(length: number, position: bigint): Uint8Array {
    // Filling 64 KiB with zeros took longer than reading them; what was not read is not given out.
    const bytes = Buffer.allocUnsafe(length);
    const count = attempt(() => fs.readSync(this.#fd, bytes, 0, length, position));
    return bytes.subarray(0, count);
  }

  write(bytes: Uint8Array, position: bigint | 'end'): number {
    let done = 0;
    try {
      const at = position === 'end' ? fs.fstatSync(this.#fd).size : Number(position);
      while (done < bytes.length) {
        done += fs.writeSync(this.#fd, bytes, done, bytes.length - done, at + done);
      }
    } catch (error) {
      // A full disk took a part: the guest is told of that, and of the error when it writes the rest.
      if (done === 0) throw asHostError(error);
    }
    return done;
  }

  setSize(size: bigint): void {
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) fail('fbig');
    attempt(() => fs.ftruncateSync(this.#fd, Number(size)));
  }

  setTimes(times: FileTimes): void {
    attempt(() => {
      const { atime, mtime } = bothTimes(times, fs.fstatSync(this.#fd, { bigint: true }));
      fs.futimesSync(this.#fd, atime, mtime);
    });
  }

  sync(data: boolean): void {
    attempt(() => (data ? fs.fdatasyncSync(this.#fd) : fs.fsyncSync(this.#fd)));
  }

  close(): void {
    attempt(() => fs.closeSync(this.#fd));
  }
}

/** Node takes times in seconds only both at once. */
function bothTimes({ accessed, modified }: FileTimes, now: fs.BigIntStats) {
  const seconds = (time: bigint) => Number(time / NANOSECONDS) + Number(time % NANOSECONDS) / 1e9;
  return { atime: seconds(accessed ?? now.atimeNs), mtime: seconds(modified ?? now.mtimeNs) };
}

/** Runs a call of Node's; its errors become those of WASI. */
function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asHostError(error);
  }
}

function asHostError(error: unknown): unknown {
  if (error instanceof HostError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new HostError(code === 'EMLINK' ? 'loop' : errorOfSystem(code), message);
}

function statOf(stat: fs.BigIntStats): FileStat {
  return {
    type: typeOf(stat),
    dev: stat.dev,
    ino: stat.ino,
    nlink: stat.nlink,
    size: stat.size,
    accessed: stat.atimeNs,
    modified: stat.mtimeNs,
    changed: stat.ctimeNs,
  };
}

function typeOf(
  entry: Pick<fs.Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isSocket'> &
    Pick<fs.Dirent, 'isBlockDevice' | 'isCharacterDevice'>,
): FileType {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isSocket()) return 'socket';
  if (entry.isBlockDevice()) return 'block';
  return entry.isCharacterDevice() ? 'character' : 'unknown';
}
