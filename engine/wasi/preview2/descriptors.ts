/**
 * What is behind `descriptor` of `wasi:filesystem`: open files and directories, and what may be done with them.
 *
 * A file stays open until its descriptor and all streams of it are dropped.
 */

import { handleOf, hostResource, type ResourceValue } from '../../component/host.ts';
import { moveOpen, type OpenDirectories, type OpenDirectory, removeOpen } from '../directories.ts';
import { type Clocks, type FilePath, type FileTree, fail, type Later, type OpenFile } from '../host.ts';

/** A file that several handles share: it is closed when the last of them is gone. */
export class SharedFile {
  readonly file: OpenFile;
  #users = 1;

  constructor(file: OpenFile) {
    this.file = file;
  }

  use(): void {
    this.#users++;
  }

  release(): Later<void> {
    return --this.#users === 0 ? this.file.close() : undefined;
  }
}

export interface DescriptorBase {
  readonly wasi: Filesystem;
  /** Whether it may change what it stands for, and what is in it. */
  readonly isMutable: boolean;
}

export interface FileDescriptor extends DescriptorBase {
  readonly kind: 'file';
  readonly shared: SharedFile;
  readonly reads: boolean;
  readonly writes: boolean;
}

export interface DirectoryDescriptor extends DescriptorBase, OpenDirectory {
  readonly kind: 'directory';
}

export type Descriptor = FileDescriptor | DirectoryDescriptor;

export const DESCRIPTOR = hostResource<Descriptor>('descriptor', (descriptor) => {
  if (descriptor.kind === 'file') return descriptor.shared.release();
  descriptor.wasi.forget(descriptor);
  return undefined;
});

/** What the descriptors of one program share. */
export class Filesystem implements OpenDirectories {
  readonly clocks: Clocks;
  readonly #directories = new Set<DirectoryDescriptor>();

  constructor(clocks: Clocks) {
    this.clocks = clocks;
  }

  directory(tree: FileTree, path: FilePath, isMutable: boolean): ResourceValue {
    const descriptor: DirectoryDescriptor = { kind: 'directory', wasi: this, tree, path, isMutable };
    this.#directories.add(descriptor);
    return handleOf(DESCRIPTOR, descriptor);
  }

  forget(directory: DirectoryDescriptor): void {
    this.#directories.delete(directory);
  }

  renamed(tree: FileTree, from: FilePath, to: FilePath): void {
    moveOpen(this.#directories, tree, from, to);
  }

  removed(tree: FileTree, path: FilePath): void {
    removeOpen(this.#directories, tree, path);
  }
}

export function fileOf(self: Descriptor): FileDescriptor {
  return self.kind === 'file' ? self : fail('isdir');
}

export function readable(self: Descriptor): FileDescriptor {
  const file = fileOf(self);
  return file.reads ? file : fail('badf');
}

export function writable(self: Descriptor): FileDescriptor {
  const file = fileOf(self);
  return file.writes ? file : fail('badf');
}

/** Throws `notdir`, and `noent` for a directory that was removed. */
export function directoryOf(self: Descriptor): DirectoryDescriptor {
  return self.kind === 'directory' ? present(self) : fail('notdir');
}

export function mutable(self: Descriptor): DirectoryDescriptor {
  const directory = directoryOf(self);
  mustBeMutable(directory);
  return directory;
}

export function present(directory: DirectoryDescriptor): DirectoryDescriptor {
  return directory.isRemoved ? fail('noent') : directory;
}

export function mustBeMutable({ isMutable }: Descriptor): void {
  if (!isMutable) fail('rofs');
}
