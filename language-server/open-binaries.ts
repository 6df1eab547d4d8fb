/**
 * The binaries that the client has open and owns the bytes of (`wasmscope/binary/didOpen` and its like): one copy of each.
 *
 * Whoever reads a file through `host` gets these bytes where there are some. They are never written to: a change makes new
 * ones. What is sent in chunks is waited for.
 */

import { fromBase64 } from './facts/base64.ts';
import type { ServerHost } from './host.ts';
import type { BinaryChunkParams, BinaryDidChangeParams, BinaryDidOpenParams } from './protocol.ts';

interface Open {
  version: number;
  /** Refused with a message for people when there will be no bytes. */
  bytes: Promise<Uint8Array>;
  /** What comes in chunks, until it is whole. */
  coming?: Coming;
}

interface Coming {
  readonly bytes: Uint8Array;
  missing: number;
  readonly whole: (bytes: Uint8Array) => void;
  readonly failed: (error: Error) => void;
}

/** Longer files are no answer to anything: VS Code itself shows none that are. */
const MAX_LENGTH = 2 ** 31;

export class OpenBinaries {
  /** The files of the server: open binaries first, all others as they are outside. */
  readonly host: ServerHost;
  readonly #outside: ServerHost;
  readonly #changed: (uri: string) => void;
  readonly #open = new Map<string, Open>();

  /** `changed` is called with a URI whose bytes are not any more what they were. */
  constructor(outside: ServerHost, changed: (uri: string) => void) {
    this.#outside = outside;
    this.#changed = changed;
    this.host = {
      ...outside,
      readFile: (uri) => this.#open.get(uri)?.bytes ?? outside.readFile(uri),
    };
  }

  /** Throws an Error for people if the message makes no sense. */
  didOpen({ uri, version, data, length }: BinaryDidOpenParams): void {
    this.#end(uri, 'it was opened again');
    if (data !== undefined) this.#set(uri, { version, bytes: kept(async () => fromBase64(data)) });
    else if (length === undefined)
      this.#set(uri, { version, bytes: kept(() => this.#outside.readFile(uri)) });
    else this.#set(uri, awaited(version, length));
  }

  /** Throws an Error for people if nobody waits for these bytes. */
  chunk({ uri, version, offset, data }: BinaryChunkParams): void {
    const open = this.#open.get(uri);
    const coming = open?.version === version ? open.coming : undefined;
    if (!coming) throw new Error(`a chunk of ${uri}, version ${version}, that nobody waits for`);
    const bytes = fromBase64(data);
    if (!Number.isInteger(offset) || offset < 0 || offset + bytes.length > coming.bytes.length) {
      throw new Error(`a chunk of ${uri} that lies outside of it: ${bytes.length} bytes at ${offset}`);
    }
    coming.bytes.set(bytes, offset);
    coming.missing -= bytes.length;
    if (coming.missing > 0) return;
    open!.coming = undefined;
    coming.whole(coming.bytes);
  }

  /** Throws an Error for people if the binary is not open. */
  didChange({ uri, version, changes }: BinaryDidChangeParams): void {
    const open = this.#open.get(uri);
    if (!open) throw new Error(`a change of ${uri}, which is not open`);
    const { bytes } = open;
    const next = changes
      ? kept(async () => changes.reduce(changed, await bytes))
      : kept(() => this.#outside.readFile(uri));
    if (!changes) this.#end(uri, 'it was read anew');
    this.#set(uri, { version, bytes: next, ...(changes && { coming: open.coming }) });
  }

  didClose(uri: string): void {
    this.#end(uri, 'it was closed');
    if (this.#open.delete(uri)) this.#changed(uri);
  }

  #set(uri: string, open: Open): void {
    this.#open.set(uri, open);
    this.#changed(uri);
  }

  /** Refuses what waits for chunks. */
  #end(uri: string, why: string): void {
    this.#open.get(uri)?.coming?.failed(new Error(`${uri} did not come whole: ${why}`));
  }
}

/** Starts it at once; nobody may ever ask for it, so what it throws waits for whoever does. */
function kept<T>(start: () => Promise<T>): Promise<T> {
  const result = start();
  result.catch(() => undefined);
  return result;
}

function awaited(version: number, length: number): Open {
  if (!Number.isInteger(length) || length < 0 || length > MAX_LENGTH) {
    throw new Error(`no length of a binary: ${length}`);
  }
  const bytes = new Uint8Array(length);
  if (length === 0) return { version, bytes: Promise.resolve(bytes) };
  let coming: Coming | undefined;
  const whole = kept(
    () =>
      new Promise<Uint8Array>((resolve, reject) => {
        coming = { bytes, missing: length, whole: resolve, failed: reject };
      }),
  );
  return { version, bytes: whole, coming };
}

/** New bytes, with one range of the old ones replaced. */
function changed(
  bytes: Uint8Array,
  { start, end, data }: NonNullable<BinaryDidChangeParams['changes']>[number],
): Uint8Array {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > bytes.length) {
    throw new Error(`a change of bytes ${start} to ${end}, where there are ${bytes.length}`);
  }
  const put = fromBase64(data);
  const made = new Uint8Array(bytes.length - (end - start) + put.length);
  made.set(bytes.subarray(0, start));
  made.set(put, start);
  made.set(bytes.subarray(end), start + put.length);
  return made;
}
