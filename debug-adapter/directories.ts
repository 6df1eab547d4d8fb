/**
 * Directories that only the client can reach: the engine's questions as events `wasmscope/fileSystem`, and the client's answers
 * (docs/protocol.md).
 */

import type { Events } from '../engine/debug/wire.ts';
import type { ClientFileType } from '../engine/wasi/client-tree.ts';
import { type Context, RequestError } from './context.ts';
import { fromBase64, toBase64 } from './files.ts';

/** `wasmscope/fileSystemAnswer` as the client sends it. */
export interface FileSystemAnswer {
  readonly id: number;
  /** Of `stat`. */
  readonly type?: ClientFileType;
  readonly size?: number;
  readonly modified?: number;
  /** Of `readDirectory`. */
  readonly entries?: readonly (readonly [name: string, type: ClientFileType])[];
  /** Of `readFile`: base64. */
  readonly data?: string;
  /** POSIX's name of what went wrong, without its E and in small letters: `noent`. */
  readonly error?: string;
  readonly message?: string;
}

const TYPES: readonly unknown[] = ['file', 'directory', 'symlink', 'unknown'] satisfies ClientFileType[];

export function askClient({ send }: Context, { id, request }: Events['fileSystem']): void {
  const data = 'data' in request ? toBase64(request.data) : undefined;
  send('wasmscope/fileSystem', { id, ...request, ...(data !== undefined && { data }) });
}

/** Throws a RequestError for an answer that is none. */
export async function fileSystemAnswer({ engine }: Context, given: FileSystemAnswer): Promise<void> {
  const { id, type, size, modified, entries, data, error, message } = given;
  if (error !== undefined) {
    const failure = { code: String(error), message: String(message ?? error) };
    await engine?.request('fileSystemAnswer', { id, error: failure });
    return;
  }
  const areEntries = (list: typeof entries): boolean =>
    Array.isArray(list) && list.every(([name, kind]) => typeof name === 'string' && TYPES.includes(kind));
  const isRight =
    (type === undefined || TYPES.includes(type)) &&
    [size, modified].every((number) => number === undefined || (Number.isFinite(number) && number >= 0)) &&
    (entries === undefined || areEntries(entries)) &&
    (data === undefined || typeof data === 'string');
  if (!isRight) {
    const wrong = 'wasmscope/fileSystemAnswer: this answers no question';
    await engine?.request('fileSystemAnswer', { id, error: { code: 'io', message: wrong } });
    throw new RequestError(wrong);
  }
  const bytes = data === undefined ? undefined : fromBase64(data);
  const answer = { type, size: size && Math.trunc(size), modified, entries, data: bytes };
  await engine?.request('fileSystemAnswer', { id, answer });
}
