/**
 * Reading the files that a session needs, wherever they are.
 *
 * A host reads what it can reach itself (`file:` under Node). Everything else is asked of the client: event
 * `wasmscope/readFile` {id, uri}, answered by the request `wasmscope/fileContent` {id, data? (base64), text?, error?}.
 * What comes is told apart by its content: a binary begins with the magic, everything else must be a text.
 */

import { tryDecodeUtf8 } from '../engine/base/utf8.ts';
import { baseName, extension } from './paths.ts';

/** What the client sends for a file. One of `data`, `text` and `error` is set. */
export interface FileContent {
  readonly id: number;
  readonly data?: string;
  readonly text?: string;
  readonly error?: string;
}

/** Reads a URI that the host itself can reach. Gives undefined for one that it cannot; throws with a clear message. */
export type ReadLocal = (uri: string) => Promise<Uint8Array> | undefined;

export type ProgramFile =
  | { readonly uri: string; readonly text: string }
  | { readonly uri: string; readonly bytes: Uint8Array };

export interface Files {
  /** The bytes of a file, or the text of a document. Throws an Error whose message is for people. */
  read(uri: string): Promise<{ bytes: Uint8Array } | { text: string }>;
  /** The client's answer to an event `wasmscope/readFile`. */
  answer(content: FileContent): void;
}

/** `ask` sends the event; undefined when the client does not know it. */
export function openFiles(
  readLocal: ReadLocal,
  ask: () => ((request: { id: number; uri: string }) => void) | undefined,
): Files {
  const waiting = new Map<number, { resolve(content: FileContent): void }>();
  let nextId = 1;
  return {
    async read(uri) {
      const local = readLocal(uri);
      if (local) return { bytes: await local };
      const send = ask();
      if (!send) throw new Error(`cannot read ${uri}: only local files can be read here`);
      const id = nextId++;
      const content = await new Promise<FileContent>((resolve) => {
        waiting.set(id, { resolve });
        send({ id, uri });
      });
      if (content.text !== undefined) return { text: content.text };
      if (content.data !== undefined) return { bytes: fromBase64(content.data) };
      throw new Error(`cannot read ${uri}: ${content.error ?? 'the client sent nothing'}`);
    },
    answer(content) {
      waiting.get(content.id)?.resolve(content);
      waiting.delete(content.id);
    },
  };
}

/** Reads a program and tells text from binary. Throws an Error whose message names the file and what is wrong. */
export async function readProgram(files: Files, uri: string, shown: string): Promise<ProgramFile> {
  const content = await files.read(uri);
  if ('text' in content) return textProgram(uri, shown, content.text);
  const { bytes } = content;
  if (bytes.length === 0) throw new Error(`${shown} is empty: there is nothing to run`);
  if (bytes[0] === 0) return { uri, bytes };
  const text = tryDecodeUtf8(bytes);
  if (extension(uri) !== '.wasm') {
    if (text === undefined)
      throw new Error(`${shown}: malformed UTF-8 encoding: this is neither text nor a binary module`);
    return textProgram(uri, shown, text);
  }
  if (text !== undefined && /^[\s\uFEFF]*[(;]/.test(text)) {
    throw new Error(
      `${shown}: magic header not detected: this is text, not a WebAssembly binary. Rename it to ${baseName(uri).replace(/wasm$/i, 'wat')} to run it`,
    );
  }
  return { uri, bytes };
}

/** Base64 as bytes. Throws an Error when it is none. */
export function fromBase64(data: string): Uint8Array {
  return Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
}

/** Bytes as base64, in pieces, because `String.fromCharCode` takes only so many arguments. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

/** Editors hide a byte order mark, and their columns do not count it. */
function textProgram(uri: string, shown: string, text: string): ProgramFile {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') throw new Error(`${shown} is empty: there is nothing to run`);
  return { uri, text: plain };
}
