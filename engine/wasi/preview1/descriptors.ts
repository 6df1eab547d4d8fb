/**
 * The table of descriptors: what a guest's small numbers stand for.
 *
 * Rights are kept as the guest sees them and only shrink. Reading and writing without the right is `badf`, as POSIX
 * has it and hosts do; everything else `notcapable`.
 */

import { moveOpen, type OpenDirectories, type OpenDirectory, removeOpen } from '../directories.ts';
import {
  type FilePath,
  type FileTree,
  fail,
  type InputStream,
  type Listener,
  type OpenFile,
  type OutputStream,
  type Socket,
} from '../host.ts';
import { RIGHT } from './abi.ts';

interface Base {
  /** `fdflags`. */
  flags: number;
  rights: bigint;
  /** What descriptors opened through this one may have. */
  inheriting: bigint;
}

export interface FileDescriptor extends Base {
  readonly kind: 'file';
  readonly file: OpenFile;
  /** Where the next read or write is. */
  position: bigint;
}

export interface DirectoryDescriptor extends Base, OpenDirectory {
  readonly kind: 'directory';
  /** The name under which the guest was given it before it started. */
  readonly preopen?: string;
  /** What `fd_readdir` goes through: taken at its beginning. */
  listing?: readonly { readonly name: Uint8Array; readonly type: number; readonly ino: bigint }[];
}

export interface StreamDescriptor extends Base {
  readonly kind: 'stream';
  readonly input?: InputStream;
  readonly output?: OutputStream;
}

export interface SocketDescriptor extends Base {
  readonly kind: 'socket';
  readonly socket: Socket;
}

export interface ListenerDescriptor extends Base {
  readonly kind: 'listener';
  readonly listener: Listener;
}

export type Descriptor =
  | FileDescriptor
  | DirectoryDescriptor
  | StreamDescriptor
  | SocketDescriptor
  | ListenerDescriptor;

/** As many as a guest may have open: more is `nfile`. The host's own limit, if it is lower, is `mfile`. */
const MOST = 65_536;

export class Descriptors implements OpenDirectories {
  readonly #open = new Map<number, Descriptor>();
  /** No lower number is free. */
  #free = 0;

  /** Takes the lowest free number. */
  add(descriptor: Descriptor): number {
    if (this.#open.size >= MOST) fail('nfile');
    let fd = this.#free;
    while (this.#open.has(fd)) fd++;
    this.#free = fd + 1;
    this.#open.set(fd, descriptor);
    return fd;
  }

  /** Throws `badf` if the number stands for nothing, `notcapable` if it has not the rights, `noent` if it was removed. */
  get(fd: number, rights = 0n): Descriptor {
    const descriptor = this.#at(fd);
    if (descriptor.kind === 'directory' && descriptor.isRemoved) fail('noent');
    const missing = rights & ~descriptor.rights;
    if (missing !== 0n) fail(missing & (RIGHT.fdRead | RIGHT.fdWrite) ? 'badf' : 'notcapable');
    return descriptor;
  }

  file(fd: number, rights = 0n): FileDescriptor {
    const found = this.get(fd);
    if (found.kind === 'directory') return fail(rights & (RIGHT.fdRead | RIGHT.fdWrite) ? 'isdir' : 'badf');
    if (found.kind !== 'file') return fail('spipe');
    this.get(fd, rights);
    return found;
  }

  directory(fd: number, rights = 0n): DirectoryDescriptor {
    const found = this.get(fd);
    if (found.kind !== 'directory') return fail('notdir');
    this.get(fd, rights);
    return found;
  }

  /** Takes a descriptor out of the table; closing what it stands for is the caller's. */
  remove(fd: number): Descriptor {
    const found = this.#at(fd);
    this.#open.delete(fd);
    this.#free = Math.min(this.#free, fd);
    return found;
  }

  /** Gives `to` to what was `from`; returns what was `to`. Both are open: there are no numbers to choose. */
  move(from: number, to: number): Descriptor | undefined {
    const moved = this.#at(from);
    const old = this.#at(to);
    if (from === to) return undefined;
    this.remove(from);
    this.#open.set(to, moved);
    return old;
  }

  renamed(tree: FileTree, from: FilePath, to: FilePath): void {
    moveOpen(this.#directories(), tree, from, to);
  }

  removed(tree: FileTree, path: FilePath): void {
    removeOpen(this.#directories(), tree, path);
  }

  *#directories(): Iterable<DirectoryDescriptor> {
    for (const found of this.#open.values()) if (found.kind === 'directory') yield found;
  }

  #at(fd: number): Descriptor {
    return this.#open.get(fd) ?? fail('badf');
  }
}
