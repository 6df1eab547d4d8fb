/**
 * Where a command's product goes: a file named by `-o`, else standard output.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { EXIT, Failure, UsageError } from './failure.ts';
import { printable } from './report.ts';

/** Pieces of text are collected to this many characters before they are written. */
const PIECE = 1 << 20;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  ENOTDIR: 'no such directory',
  EISDIR: 'is a directory, not a file',
  EACCES: 'no permission to write it',
  EPERM: 'no permission to write it',
  EROFS: 'no permission to write it',
  ENOSPC: 'there is no space left',
};

/** Writes bytes, but not to a terminal. Throws a Failure when the file cannot be written. */
export function writeBytes(bytes: Uint8Array, file: string | undefined): void {
  if (isStandardOutput(file)) {
    if (process.stdout.isTTY) throw new UsageError('a terminal cannot show a binary: name a file with -o');
    process.stdout.write(bytes);
  } else withFile(file, (fd) => writeAll(fd, bytes));
}

/** Writes the text that `produce` gives in pieces. Throws a Failure when the file cannot be written. */
export function writeText(file: string | undefined, produce: (write: (piece: string) => void) => void): void {
  if (isStandardOutput(file)) collect(produce, (text) => void process.stdout.write(text));
  else withFile(file, (fd) => collect(produce, (text) => writeAll(fd, Buffer.from(text))));
}

function isStandardOutput(file: string | undefined): file is undefined | '-' {
  return file === undefined || file === '-';
}

function collect(produce: (write: (piece: string) => void) => void, write: (text: string) => void): void {
  let text = '';
  produce((piece) => {
    text += piece;
    if (text.length < PIECE) return;
    write(text);
    text = '';
  });
  if (text !== '') write(text);
}

function withFile(file: string, use: (fd: number) => void): void {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'w');
    use(fd);
  } catch (error) {
    const { syscall, code, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const why = REASONS[code ?? ''] ?? printable(message);
    throw new Failure(`${printable(file)}: cannot be written: ${why}\n`, EXIT.badInput);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
