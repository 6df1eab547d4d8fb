/**
 * A tree of files in memory: a granted directory for tests, for the Web, and for runs that must leave nothing behind.
 *
 * Behaves as a POSIX file system does: a file lives as long as a name or an open file has it. Times come from a clock
 * that is given, so a run can be repeated exactly.
 */

import {
  type DirEntry,
  type FilePath,
  type FileStat,
  type FileTimes,
  type FileTree,
  fail,
  type OpenFile,
  type OpenHow,
  type Time,
} from './host.ts';

/** The contents of a new tree: text or bytes are files, objects directories. */
export interface TreeContents {
  readonly [name: string]: string | Uint8Array | TreeContents;
}

interface NodeBase {
  readonly ino: bigint;
  nlink: bigint;
  accessed: Time;
  modified: Time;
  changed: Time;
}

interface FileNode extends NodeBase {
  readonly type: 'file';
  /** Longer than the file: it grows by doubling. */
  bytes: Uint8Array;
  size: number;
}

interface LinkNode extends NodeBase {
  readonly type: 'symlink';
  readonly target: string;
}

interface DirectoryNode extends NodeBase {
  readonly type: 'directory';
  readonly entries: Map<string, TreeNode>;
}

type TreeNode = FileNode | LinkNode | DirectoryNode;

export interface MemoryTreeOptions {
  readonly contents?: TreeContents;
  /** UTF-8 of the texts in `contents`. */
  readonly encode: (text: string) => Uint8Array;
  readonly now: () => Time;
  /** Bytes that all files together may have: more is `nospc`. */
  readonly capacity?: number;
}

const DEV = 1n;
const CAPACITY = 1 << 30;

export class MemoryTree implements FileTree {
  readonly #options: MemoryTreeOptions;
  readonly #root: DirectoryNode;
  #inodes = 0n;
  #used = 0;

  constructor(options: MemoryTreeOptions) {
    this.#options = options;
    this.#root = this.#directory();
    this.#fill(this.#root, options.contents ?? {});
  }

  stat(path: FilePath): FileStat {
    return statOf(this.#at(path));
  }

  open(path: FilePath, how: OpenHow): OpenFile {
    const { parent, name, node } = this.#entry(path);
    if (node && how.create && how.exclusive) fail('exist');
    if (!node && !how.create) fail('noent');
    const file = node ?? this.#add(parent, name, this.#file());
    if (file.type === 'directory') return fail('isdir');
    if (file.type === 'symlink') return fail('loop');
    if (how.truncate) this.#resize(file, 0);
    return this.#openFile(file);
  }

  readlink(path: FilePath): string {
    const node = this.#at(path);
    return node.type === 'symlink' ? node.target : fail('inval');
  }

  list(path: FilePath): DirEntry[] {
    const { entries } = this.#directoryAt(path);
    return [...entries].map(([name, { type, ino }]) => ({ name, type, ino }));
  }

  mkdir(path: FilePath): void {
    const { parent, name, node } = this.#entry(path);
    if (node) fail('exist');
    this.#add(parent, name, this.#directory());
  }

  rmdir(path: FilePath): void {
    const { parent, name, node } = this.#entry(path);
    if (!node) fail('noent');
    else if (node.type !== 'directory') fail('notdir');
    else if (node.entries.size > 0) fail('notempty');
    this.#remove(parent, name);
  }

  unlink(path: FilePath): void {
    const { parent, name, node } = this.#entry(path);
    if (!node) fail('noent');
    else if (node.type === 'directory') fail('isdir');
    this.#remove(parent, name);
  }

  symlink(target: string, path: FilePath): void {
    const { parent, name, node } = this.#entry(path);
    if (node) fail('exist');
    this.#add(parent, name, { ...this.#base(), type: 'symlink', target });
  }

  setTimes(path: FilePath, times: FileTimes): void {
    this.#setTimes(this.#at(path), times);
  }

  rename(from: FilePath, to: FilePath, tree: FileTree): void {
    if (tree !== this) fail('xdev');
    const source = this.#entry(from);
    const target = this.#entry(to);
    const { node } = source;
    if (!node) fail('noent');
    else if (target.node !== node) {
      if (target.node?.type === 'directory' && target.node.entries.size > 0) fail('notempty');
      if (target.node) this.#remove(target.parent, target.name);
      source.parent.entries.delete(source.name);
      this.#touch(source.parent);
      target.parent.entries.set(target.name, node);
      this.#touch(target.parent);
    }
  }

  link(from: FilePath, to: FilePath, tree: FileTree): void {
    if (tree !== this) fail('xdev');
    const node = this.#at(from);
    if (node.type === 'directory') fail('perm');
    const target = this.#entry(to);
    if (target.node) fail('exist');
    this.#add(target.parent, target.name, node);
  }

  #openFile(file: FileNode): OpenFile {
    return {
      stat: () => statOf(file),
      read: (length, position) => {
        file.accessed = this.#options.now();
        if (position >= BigInt(file.size)) return new Uint8Array(0);
        const at = Number(position);
        return file.bytes.slice(at, Math.min(at + length, file.size));
      },
      write: (bytes, position) => {
        const at = position === 'end' ? file.size : sizeOf(position);
        if (at + bytes.length > file.size) this.#resize(file, at + bytes.length);
        file.bytes.set(bytes, at);
        this.#touch(file);
        return bytes.length;
      },
      setSize: (size) => this.#resize(file, sizeOf(size)),
      setTimes: (times) => this.#setTimes(file, times),
      sync: () => {},
      close: () => {},
    };
  }

  #resize(file: FileNode, size: number): void {
    const capacity = this.#options.capacity ?? CAPACITY;
    if (this.#used - file.size + size > capacity) fail('nospc');
    if (size > file.bytes.length) {
      const bigger = new Uint8Array(Math.min(capacity, Math.max(size, 2 * file.bytes.length)));
      bigger.set(file.bytes.subarray(0, file.size));
      file.bytes = bigger;
    } else if (size < file.size) file.bytes.fill(0, size, file.size);
    this.#used += size - file.size;
    file.size = size;
    this.#touch(file);
  }

  #touch(node: NodeBase): void {
    node.modified = this.#options.now();
    node.changed = node.modified;
  }

  #setTimes(node: NodeBase, { accessed, modified }: FileTimes): void {
    if (accessed !== undefined) node.accessed = accessed;
    if (modified !== undefined) node.modified = modified;
    node.changed = this.#options.now();
  }

  #base(): NodeBase {
    const now = this.#options.now();
    return { ino: ++this.#inodes, nlink: 0n, accessed: now, modified: now, changed: now };
  }

  #file(): FileNode {
    return { ...this.#base(), type: 'file', bytes: new Uint8Array(0), size: 0 };
  }

  #directory(): DirectoryNode {
    return { ...this.#base(), nlink: 1n, type: 'directory', entries: new Map() };
  }

  #fill(directory: DirectoryNode, contents: TreeContents): void {
    for (const [name, content] of Object.entries(contents)) {
      if (typeof content === 'string' || content instanceof Uint8Array) {
        const bytes = typeof content === 'string' ? this.#options.encode(content) : content;
        const file = this.#file();
        this.#resize(file, bytes.length);
        file.bytes.set(bytes);
        this.#add(directory, name, file);
      } else this.#fill(this.#add(directory, name, this.#directory()) as DirectoryNode, content);
    }
  }

  #add(parent: DirectoryNode, name: string, node: TreeNode): TreeNode {
    parent.entries.set(name, node);
    node.nlink++;
    this.#touch(parent);
    return node;
  }

  #remove(parent: DirectoryNode, name: string): void {
    const node = parent.entries.get(name);
    parent.entries.delete(name);
    this.#touch(parent);
    if (!node) return;
    node.nlink--;
    if (node.type === 'file' && node.nlink === 0n) this.#used -= node.size;
  }

  /** The node of a path. Throws `noent`, `notdir`. */
  #at(path: FilePath): TreeNode {
    let node: TreeNode = this.#root;
    for (const name of path) {
      if (node.type !== 'directory') return fail('notdir');
      const next = node.entries.get(name);
      if (!next) return fail('noent');
      node = next;
    }
    return node;
  }

  #directoryAt(path: FilePath): DirectoryNode {
    const node = this.#at(path);
    return node.type === 'directory' ? node : fail('notdir');
  }

  /** Where a path's last name stands, whether it is there or not. Throws `busy` for the root. */
  #entry(path: FilePath): { parent: DirectoryNode; name: string; node: TreeNode | undefined } {
    const name = path.at(-1);
    if (name === undefined) return fail('busy');
    const parent = this.#directoryAt(path.slice(0, -1));
    return { parent, name, node: parent.entries.get(name) };
  }
}

function sizeOf(size: bigint): number {
  return size > BigInt(Number.MAX_SAFE_INTEGER) ? fail('fbig') : Number(size);
}

function statOf(node: TreeNode): FileStat {
  const { type, ino, nlink, accessed, modified, changed } = node;
  const size = node.type === 'file' ? node.size : node.type === 'symlink' ? node.target.length : 0;
  return { type, dev: DEV, ino, nlink, size: BigInt(size), accessed, modified, changed };
}
