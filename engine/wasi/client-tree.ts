/**
 * Directories that only the debugger's client can reach (virtual file systems, the Web) as granted trees: everything is asked of
 * it, by URIs, in the few words that editors' file systems have.
 *
 * Such file systems read and write whole files, so a file that is open is kept here. It is written back when it is closed or synced,
 * when the program stops or ends, and now and then. Links are seen and never followed; there are no hard links and no times to set.
 */

import {
  type Clocks,
  type DirEntry,
  type FilePath,
  type FileStat,
  type FileTree,
  fail,
  HostError,
  type Later,
  type OpenFile,
  type OpenHow,
} from './host.ts';
import { isPromise, perform, type Steps, settled } from './steps.ts';

export type ClientFileType = 'file' | 'directory' | 'symlink' | 'unknown';

/** What is asked of the client. */
export type ClientFileRequest =
  | {
      readonly operation: 'stat' | 'readDirectory' | 'readFile' | 'createDirectory' | 'delete';
      readonly uri: string;
    }
  | { readonly operation: 'writeFile'; readonly uri: string; readonly data: Uint8Array }
  /** What is at `to` is replaced. */
  | { readonly operation: 'rename'; readonly uri: string; readonly to: string };

/** What it answers; each operation has fields of its own. */
export interface ClientFileAnswer {
  /** Of `stat`. */
  readonly type?: ClientFileType;
  readonly size?: number;
  /** Milliseconds since 1970. */
  readonly modified?: number;
  /** Of `readDirectory`. */
  readonly entries?: readonly (readonly [name: string, type: ClientFileType])[];
  /** Of `readFile`. */
  readonly data?: Uint8Array;
}

/** Asks the client. Throws, or rejects with, a HostError. */
export type AskClient = (request: ClientFileRequest) => Later<ClientFileAnswer>;

/** A file that is open, once however often it is open. */
interface OpenNode {
  uri: string;
  /** Longer than the file: it grows by doubling. */
  bytes: Uint8Array;
  size: number;
  /** How many have it open. */
  open: number;
  isDirty: boolean;
  /** Its name was removed: it is written back nowhere. */
  isGone: boolean;
  /** Its name is about to be another one, or none: it is not written back before that is done. */
  moving: Promise<void> | undefined;
  modified: bigint;
  /** It is being written back. */
  writing: Promise<unknown> | undefined;
}

const DEV = 1n;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** The largest file that is kept: it goes through messages as a whole. */
const LARGEST = 2 ** 28;
/** Nanoseconds between a write and when it is written back by itself; more where writing back takes long. */
const REST = 500_000_000n;
const REST_PER_WORK = 10n;

/** All directories of one client, which share the files that are open. */
export class ClientFiles {
  readonly ask: AskClient;
  readonly clocks: Clocks;
  readonly #open = new Map<string, OpenNode>();
  #isResting = false;
  #rest = REST;

  constructor(ask: AskClient, clocks: Clocks) {
    this.ask = ask;
    this.clocks = clocks;
  }

  /** The directory at a URI. Throws, or rejects with, an Error for people if there is none. */
  directory(uri: string): Later<FileTree> {
    return perform(this.#directory(uri));
  }

  /** Writes back all that is not written yet. Throws, or rejects with, the first failure. */
  flush(): Later<void> {
    return perform(this.#flush());
  }

  openAt(uri: string): OpenNode | undefined {
    return this.#open.get(uri);
  }

  *openFile(uri: string, how: OpenHow): Steps<OpenFile> {
    let node = this.#open.get(uri);
    if (node && how.create && how.exclusive) fail('exist');
    node ??= yield* this.#load(uri, how);
    if (how.truncate && node.size > 0) this.#resize(node, 0);
    node.open++;
    return this.#opened(node);
  }

  /** Does what takes names away from what is open at or below a URI: meanwhile nothing is written back there. */
  *moving(uri: string, work: Steps<void>): Steps<void> {
    const nodes = [...this.#open.values()].filter((node) => isAt(node, uri));
    let done = () => {};
    const moving = new Promise<void>((resolve) => {
      done = resolve;
    });
    for (const node of nodes) node.moving = moving;
    try {
      for (const node of nodes) if (node.writing) yield node.writing;
      yield* work;
    } finally {
      for (const node of nodes) node.moving = undefined;
      done();
    }
  }

  /** The name of a file is removed, or another one gets it. */
  forget(uri: string): void {
    const node = this.#open.get(uri);
    if (!node) return;
    node.isGone = true;
    this.#open.delete(uri);
  }

  /** What is open has another name now, and so has what is in it. */
  renamed(from: string, to: string): void {
    this.forget(to);
    for (const node of [...this.#open.values()]) {
      if (!isAt(node, from)) continue;
      this.#open.delete(node.uri);
      node.uri = to + node.uri.slice(from.length);
      this.#open.set(node.uri, node);
    }
  }

  *#directory(uri: string): Steps<FileTree> {
    try {
      const { type } = yield* settled(this.ask({ operation: 'stat', uri }));
      if (type === 'directory') return new ClientTree(this, uri);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.code !== 'noent') throw new Error(`${uri}: ${error.message}`);
      throw new Error(`there is no directory ${uri}`);
    }
    throw new Error(`${uri} is no directory`);
  }

  *#load(uri: string, how: OpenHow): Steps<OpenNode> {
    const found = yield* statAt(this.ask, uri);
    if (found && how.create && how.exclusive) fail('exist');
    if (found?.type === 'directory') fail('isdir');
    if (found?.type === 'symlink') fail('loop');
    if (!found && !how.create) fail('noent');
    if ((found?.size ?? 0) > LARGEST && !how.truncate) fail('fbig');
    let bytes: Uint8Array = new Uint8Array(0);
    if (!found) yield* settled(this.ask({ operation: 'writeFile', uri, data: bytes }));
    else if (!how.truncate) {
      // A copy: a client in the same thread may give its own.
      bytes = (yield* settled(this.ask({ operation: 'readFile', uri }))).data?.slice() ?? bytes;
    }
    // Another thread may have opened it meanwhile.
    const other = this.#open.get(uri);
    if (other) return other;
    const size = bytes.length;
    const isDirty = found !== undefined && how.truncate;
    const modified = found && !isDirty ? timeOf(found.modified) : this.clocks.realtime();
    const node: OpenNode = {
      uri,
      bytes,
      size,
      open: 0,
      isDirty,
      isGone: false,
      moving: undefined,
      modified,
      writing: undefined,
    };
    this.#open.set(uri, node);
    return node;
  }

  #opened(node: OpenNode): OpenFile {
    let isOpen = true;
    return {
      stat: () => openStat(node),
      read: (length, position) => {
        if (position >= BigInt(node.size)) return new Uint8Array(0);
        const at = Number(position);
        return node.bytes.slice(at, Math.min(at + length, node.size));
      },
      write: (bytes, position) => {
        const at = position === 'end' ? node.size : sizeOf(position);
        if (at + bytes.length > node.size) this.#resize(node, at + bytes.length);
        node.bytes.set(bytes, at);
        this.#touch(node);
        return bytes.length;
      },
      setSize: (size) => this.#resize(node, sizeOf(size)),
      setTimes: () => fail('notsup'),
      sync: () => perform(this.#writeBack(node)),
      close: () => {
        if (!isOpen) return undefined;
        isOpen = false;
        node.open--;
        return perform(this.#closed(node));
      },
    };
  }

  *#closed(node: OpenNode): Steps<void> {
    try {
      if (node.open === 0) yield* this.#writeBack(node);
    } finally {
      if (node.open === 0 && this.#open.get(node.uri) === node) this.#open.delete(node.uri);
    }
  }

  *#writeBack(node: OpenNode): Steps<void> {
    while (node.writing ?? node.moving) yield (node.writing ?? node.moving)!;
    if (!node.isDirty || node.isGone) return;
    node.isDirty = false;
    try {
      const data = node.bytes.slice(0, node.size);
      const written = this.ask({ operation: 'writeFile', uri: node.uri, data });
      if (!isPromise(written)) return;
      node.writing = written.then(
        () => undefined,
        () => undefined,
      );
      yield written;
    } catch (error) {
      node.isDirty = true;
      throw error;
    } finally {
      node.writing = undefined;
    }
  }

  *#flush(): Steps<void> {
    let failure: unknown;
    for (const node of [...this.#open.values()]) {
      try {
        yield* this.#writeBack(node);
      } catch (error) {
        failure ??= new HostError(
          error instanceof HostError ? error.code : 'io',
          `${node.uri} could not be written: ${(error as Error).message}`,
        );
      }
    }
    if (failure) throw failure;
  }

  #resize(node: OpenNode, size: number): void {
    if (size > LARGEST) fail('fbig');
    if (size > node.bytes.length) {
      const bigger = new Uint8Array(Math.min(LARGEST, Math.max(size, 2 * node.bytes.length)));
      bigger.set(node.bytes.subarray(0, node.size));
      node.bytes = bigger;
    } else if (size < node.size) node.bytes.fill(0, size, node.size);
    node.size = size;
    this.#touch(node);
  }

  #touch(node: OpenNode): void {
    node.modified = this.clocks.realtime();
    node.isDirty = true;
    if (this.#isResting) return;
    this.#isResting = true;
    void this.#writeBackLater();
  }

  /** A program that is killed says nothing more: what it wrote a while ago is there all the same. */
  async #writeBackLater(): Promise<void> {
    await this.clocks.at(this.clocks.monotonic() + this.#rest).promise;
    this.#isResting = false;
    const begun = this.clocks.monotonic();
    try {
      await this.flush();
    } catch {
      // The program is told when it syncs or closes the file, the user when the program ends.
    }
    const work = (this.clocks.monotonic() - begun) * REST_PER_WORK;
    this.#rest = work > REST ? work : REST;
  }
}

class ClientTree implements FileTree {
  readonly #files: ClientFiles;
  /** What is before the path in a URI, the path without a slash at its end, and what is behind. */
  readonly #parts: readonly [head: string, path: string, tail: string];

  constructor(files: ClientFiles, uri: string) {
    this.#files = files;
    const [, head = '', path = '', tail = ''] =
      /^([A-Za-z][A-Za-z0-9+.-]*:(?:\/\/[^/?#]*)?)([^?#]*)(.*)$/s.exec(uri) ?? [];
    this.#parts = [head, path.replace(/\/+$/, ''), tail];
  }

  stat(path: FilePath): Later<FileStat> {
    return perform(this.#stat(path));
  }

  open(path: FilePath, how: OpenHow): Later<OpenFile> {
    return perform(this.#files.openFile(this.uri(path), how));
  }

  /** Who walks a path goes no further: the client follows links where we cannot see it. */
  readlink(): never {
    return fail('notsup');
  }

  list(path: FilePath): Later<DirEntry[]> {
    return perform(this.#list(path));
  }

  mkdir(path: FilePath): Later<void> {
    return perform(this.#do({ operation: 'createDirectory', uri: this.uri(path) }));
  }

  rmdir(path: FilePath): Later<void> {
    return perform(this.#rmdir(path));
  }

  unlink(path: FilePath): Later<void> {
    return perform(this.#unlink(path));
  }

  symlink(): never {
    return fail('perm');
  }

  link(): never {
    return fail('perm');
  }

  setTimes(): never {
    return fail('notsup');
  }

  rename(from: FilePath, to: FilePath, tree: FileTree): Later<void> {
    if (!(tree instanceof ClientTree) || tree.#files !== this.#files) return fail('xdev');
    return perform(this.#rename(this.uri(from), tree, to));
  }

  /** A name goes into the URI as one part of its path, whatever it is. */
  uri(path: FilePath): string {
    const [head, base, tail] = this.#parts;
    if (path.some((name) => /[\\\0]/.test(name))) fail('inval');
    return `${head}${[base, ...path.map(encodeURIComponent)].join('/') || '/'}${tail}`;
  }

  *#stat(path: FilePath): Steps<FileStat> {
    const uri = this.uri(path);
    const node = this.#files.openAt(uri);
    if (node) return openStat(node);
    const {
      type = 'unknown',
      size = 0,
      modified,
    } = yield* settled(this.#files.ask({ operation: 'stat', uri }));
    const time = timeOf(modified);
    return { ...times(time), type, dev: DEV, ino: inodeOf(uri), nlink: 1n, size: BigInt(size) };
  }

  *#list(path: FilePath): Steps<DirEntry[]> {
    const { entries = [] } = yield* settled(
      this.#files.ask({ operation: 'readDirectory', uri: this.uri(path) }),
    );
    return entries
      .filter(([name]) => name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name))
      .map(([name, type]) => ({ name, type, ino: inodeOf(this.uri([...path, name])) }));
  }

  *#do(request: ClientFileRequest): Steps<void> {
    yield* settled(this.#files.ask(request));
  }

  *#rmdir(path: FilePath): Steps<void> {
    if ((yield* this.#list(path)).length > 0) fail('notempty');
    yield* this.#do({ operation: 'delete', uri: this.uri(path) });
  }

  *#unlink(path: FilePath): Steps<void> {
    const uri = this.uri(path);
    yield* this.#files.moving(uri, this.#delete(uri));
  }

  *#rename(uri: string, tree: ClientTree, path: FilePath): Steps<void> {
    const to = tree.uri(path);
    if (uri === to) return;
    const target = yield* statAt(this.#files.ask, to);
    if (target?.type === 'directory' && (yield* tree.#list(path)).length > 0) fail('notempty');
    yield* this.#files.moving(uri, this.#files.moving(to, this.#renameAt(uri, to)));
  }

  *#delete(uri: string): Steps<void> {
    yield* this.#do({ operation: 'delete', uri });
    this.#files.forget(uri);
  }

  *#renameAt(uri: string, to: string): Steps<void> {
    yield* this.#do({ operation: 'rename', uri, to });
    this.#files.renamed(uri, to);
  }
}

function isAt(node: OpenNode, uri: string): boolean {
  return node.uri === uri || node.uri.startsWith(`${uri}/`);
}

/** What is at a URI; undefined if nothing is. */
function* statAt(ask: AskClient, uri: string): Steps<ClientFileAnswer | undefined> {
  try {
    return yield* settled(ask({ operation: 'stat', uri }));
  } catch (error) {
    if (error instanceof HostError && error.code === 'noent') return undefined;
    throw error;
  }
}

function openStat({ uri, size, modified }: OpenNode): FileStat {
  return {
    ...times(modified),
    type: 'file',
    dev: DEV,
    ino: inodeOf(uri),
    nlink: 1n,
    size: BigInt(size),
  };
}

function times(time: bigint): Pick<FileStat, 'accessed' | 'modified' | 'changed'> {
  return { accessed: time, modified: time, changed: time };
}

function timeOf(milliseconds = 0): bigint {
  return BigInt(Math.trunc(milliseconds)) * NANOSECONDS_PER_MILLISECOND;
}

function sizeOf(size: bigint): number {
  return size > BigInt(LARGEST) ? fail('fbig') : Number(size);
}

/** Editors' file systems have no numbers for files: two hashes (FNV-1a) of the name, the same as long as it has that. */
function inodeOf(uri: string): bigint {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < uri.length; i++) {
    low = Math.imul(low ^ uri.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ uri.charCodeAt(i), 0x85ebca6b);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
