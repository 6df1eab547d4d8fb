/**
 * A directory of the disk as a granted tree of WASI's (engine/wasi/host.ts), by Node's file system.
 *
 * No link is followed here, neither the last name of a path nor one on the way: whoever calls has seen no link there, but the
 * guest (through another descriptor) or another process may have put one there since. Node has no openat, but Linux has names for
 * open descriptors: every directory on the way is opened without following links, and the next name is looked up in that. Elsewhere
 * the names on the way are looked at once more before each call, and a link that somebody else swaps in just then would be followed.
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
/** Linux: a descriptor that only names a directory. Node has no constant for it. */
const O_PATH = 0x20_0000;
const IS_WINDOWS = process.platform === 'win32';
const IS_LINUX = process.platform === 'linux';
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
  readonly #root: string;
  readonly #identity: string;
  /** Of the directory itself, open as long as this thread lives: a guest that may write above it could replace it. */
  readonly #fd: number | undefined;

  constructor(root: string) {
    this.#root = root;
    this.#identity = identityOf(fs.lstatSync(root, { bigint: true }));
    this.#fd = IS_LINUX ? openForNames(root) : undefined;
  }

  stat(at: FilePath): FileStat {
    return attempt(() => this.entry(at, (place) => statOf(fs.lstatSync(place, { bigint: true }))));
  }

  open(at: FilePath, how: OpenHow): OpenFile {
    const access = how.write ? (how.read ? O_RDWR : O_WRONLY) : O_RDONLY;
    const flags =
      access |
      O_NOFOLLOW |
      // A pipe that nobody writes to would hold the whole engine.
      O_NONBLOCK |
      (how.create ? O_CREAT : 0) |
      (how.create && how.exclusive ? O_EXCL : 0) |
      (how.truncate ? O_TRUNC : 0);
    return attempt(() =>
      this.entry(at, (place) => {
        const fd = openAt(place, flags);
        if (!fs.fstatSync(fd).isDirectory()) return new NodeFile(fd);
        fs.closeSync(fd);
        return fail('isdir');
      }),
    );
  }

  readlink(at: FilePath): string {
    return attempt(() => {
      const target = this.entry(at, (place) => fs.readlinkSync(place));
      return IS_WINDOWS ? target.replaceAll('\\', '/') : target;
    });
  }

  list(at: FilePath): DirEntry[] {
    return attempt(() =>
      this.#directory(at, (directory) =>
        fs.readdirSync(directory, { withFileTypes: true }).map((entry) => {
          const place = `${directory}/${entry.name}`;
          const stat = fs.lstatSync(place, { bigint: true, throwIfNoEntry: false });
          return { name: entry.name, type: typeOf(entry), ino: stat?.ino ?? 0n };
        }),
      ),
    );
  }

  mkdir(at: FilePath): void {
    attempt(() => this.entry(at, (place) => fs.mkdirSync(place)));
  }

  rmdir(at: FilePath): void {
    attempt(() => this.entry(at, (place) => fs.rmdirSync(place)));
  }

  unlink(at: FilePath): void {
    attempt(() => this.entry(at, (place) => fs.unlinkSync(place)));
  }

  symlink(target: string, at: FilePath): void {
    attempt(() => this.entry(at, (place) => fs.symlinkSync(target, place)));
  }

  setTimes(at: FilePath, times: FileTimes): void {
    attempt(() =>
      this.entry(at, (place) => {
        const { atime, mtime } = bothTimes(times, fs.lstatSync(place, { bigint: true }));
        fs.lutimesSync(place, atime, mtime);
      }),
    );
  }

  rename(from: FilePath, to: FilePath, tree: FileTree): void {
    this.#both(from, to, tree, fs.renameSync);
  }

  link(from: FilePath, to: FilePath, tree: FileTree): void {
    this.#both(from, to, tree, fs.linkSync);
  }

  /** Uses what Node may call the entry at a path, as long as its last name is not followed. */
  entry<T>(at: FilePath, use: (place: string) => T): T {
    const name = at.at(-1) ?? '.';
    if (IS_WINDOWS && at.some((part) => /[\\:]/.test(part))) fail('inval');
    return this.#directory(at.slice(0, -1), (directory) => use(`${directory}/${name}`));
  }

  #both(from: FilePath, to: FilePath, tree: FileTree, act: (from: string, to: string) => void): void {
    const other = tree instanceof NodeTree ? tree : fail('xdev');
    attempt(() => this.entry(from, (source) => other.entry(to, (target) => act(source, target))));
  }

  /** Uses what Node may call a directory. Throws `notdir` for a link on the way. */
  #directory<T>(at: FilePath, use: (directory: string) => T): T {
    return this.#fd === undefined ? use(this.#lookedAt(at)) : within(this.#fd, at, use);
  }

  #lookedAt(at: FilePath): string {
    let place = this.#root;
    if (identityOf(fs.lstatSync(place, { bigint: true })) !== this.#identity) fail('noent');
    for (const name of at) {
      place = path.join(place, name);
      if (!fs.lstatSync(place).isDirectory()) fail('notdir');
    }
    return place;
  }
}

/** Which directory it is, whatever its name. */
function identityOf({ dev, ino }: fs.BigIntStats): string {
  return `${dev} ${ino}`;
}

/** Opens a directory to look up names in; undefined where descriptors have no names. */
function openForNames(root: string): number | undefined {
  const fd = fs.openSync(root, O_PATH | fs.constants.O_DIRECTORY | O_NOFOLLOW);
  try {
    if (fs.statSync(`/proc/self/fd/${fd}/.`).isDirectory()) return fd;
  } catch {
    // There is no proc file system.
  }
  fs.closeSync(fd);
  return undefined;
}

/** Uses the name of a directory that is reached from an open one by names alone. */
function within<T>(root: number, names: readonly string[], use: (directory: string) => T): T {
  let fd = root;
  try {
    for (const name of names) {
      const next = fs.openSync(`/proc/self/fd/${fd}/${name}`, O_PATH | fs.constants.O_DIRECTORY | O_NOFOLLOW);
      if (fd !== root) fs.closeSync(fd);
      fd = next;
    }
    return use(`/proc/self/fd/${fd}`);
  } finally {
    if (fd !== root) fs.closeSync(fd);
  }
}

/** Opens a file, no link: BSD systems say EMLINK where others say ELOOP. */
function openAt(place: string, flags: number): number {
  try {
    return fs.openSync(place, flags, 0o666);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EMLINK') fail('loop');
    throw error;
  }
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
  return new HostError(errorOfSystem(code), message);
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
