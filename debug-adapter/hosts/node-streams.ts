/**
 * The standard streams of this process as those of the program that an engine's thread runs: standard input is read only when
 * the program asks for some, and what it writes counts as taken when the system has it.
 */

import { isatty } from 'node:tty';
import type { WasiParams } from '../../engine/debug/wire.ts';
import type { ProgramStreams } from '../context.ts';

/** What a program is told of them: which are terminals. */
export function processTerminals(): NonNullable<WasiParams['terminals']> {
  return { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) };
}

/** `exitCode` is that of the program, once it is over. */
export function processStreams(): ProgramStreams & { readonly exitCode: number | undefined; close(): void } {
  const input = standardInput();
  let exitCode: number | undefined;
  return {
    get exitCode() {
      return exitCode;
    },
    exited(code) {
      exitCode = code;
    },
    terminals: processTerminals(),
    write(category, content) {
      const stream = process[category];
      if (stream.write(content)) return undefined;
      return new Promise((resolve) => stream.once('drain', () => resolve()));
    },
    read: input.read,
    close: input.close,
  };
}

/** `read` gives the next piece to somebody who waits for one; undefined at the end. */
function standardInput(): { read(take: (bytes: Uint8Array | undefined) => void): void; close(): void } {
  let take: ((bytes: Uint8Array | undefined) => void) | undefined;
  let begun = false;
  let ended = false;
  const give = (bytes: Uint8Array | undefined): void => {
    take?.(bytes);
    take = undefined;
  };
  const begin = (): void => {
    begun = true;
    process.stdin.on('data', (piece: Buffer) => {
      // What nobody asked for stays with the sender.
      process.stdin.pause();
      give(piece);
    });
    for (const event of ['end', 'close', 'error']) {
      process.stdin.on(event, () => {
        ended = true;
        give(undefined);
      });
    }
  };
  return {
    read(next) {
      take = next;
      if (!begun) begin();
      if (ended) give(undefined);
      else process.stdin.resume();
    },
    close() {
      if (begun) process.stdin.destroy();
    },
  };
}
