/**
 * Reading the files that a command names. What is wrong with a file is bad input: exit code 2.
 */

import { readFileSync } from 'node:fs';
import { tryDecodeUtf8 } from '../engine/base/utf8.ts';
import { EXIT, Failure } from './failure.ts';
import { printable } from './report.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'is a directory, not a file',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
};

/** What binaries begin with, modules and components. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const LOOKS_LIKE_TEXT = /^[\s\uFEFF]*[(;]/;

/** The bytes of a file. Throws a Failure. */
export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return badInput(path, REASONS[code ?? ''] ?? message);
  }
}

/** A file as strict UTF-8, without a byte order mark. Throws a Failure. */
export function readText(path: string): string {
  const bytes = readBytes(path);
  if (MAGIC.every((byte, i) => bytes[i] === byte)) badInput(path, 'this is a WebAssembly binary, not a text');
  return decodeText(path, bytes);
}

/** A file that is no text of a module. Throws a Failure. */
export function readBinary(path: string): Uint8Array {
  const bytes = readBytes(path);
  if (bytes.length === 0) badInput(path, 'the file is empty');
  const text = bytes[0] === 0 ? undefined : tryDecodeUtf8(bytes);
  if (text !== undefined && LOOKS_LIKE_TEXT.test(text))
    badInput(path, 'offset 0x0: magic header not detected: this is text, not a WebAssembly binary');
  return bytes;
}

/** A program: a binary begins with the magic's zero byte (or is named `.wasm`), everything else is a text. */
export function readProgram(path: string): { readonly text: string } | { readonly bytes: Uint8Array } {
  const bytes = readBytes(path);
  refuseWit(path);
  if (bytes.length === 0) badInput(path, 'the file is empty');
  if (bytes[0] === 0) return { bytes };
  if (!/\.wasm$/i.test(path)) return { text: decodeText(path, bytes) };
  const text = tryDecodeUtf8(bytes);
  if (text !== undefined && LOOKS_LIKE_TEXT.test(text)) {
    const hint = 'this is text, not a WebAssembly binary. Name it .wat to run it';
    badInput(path, `magic header not detected: ${hint}`);
  }
  return { bytes };
}

/** Throws a Failure for a WIT document, which is no program. */
export function refuseWit(path: string): void {
  if (isWitFile(path)) badInput(path, 'this is WIT, no module and no component: `wasmscope wit` reads it');
}

/** True for the name of a WIT document. */
export function isWitFile(path: string): boolean {
  return /\.wit$/i.test(path);
}

function decodeText(path: string, bytes: Uint8Array): string {
  const text = tryDecodeUtf8(bytes);
  if (text === undefined) return badInput(path, 'malformed UTF-8 encoding');
  return text.replace(/^\uFEFF/, '');
}

function badInput(path: string, why: string): never {
  throw new Failure(`${printable(path)}: ${why}\n`, EXIT.badInput);
}
