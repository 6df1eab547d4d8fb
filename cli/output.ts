/**
 * Where a command's product goes: a file named by `-o`, else standard output.
 */

import { writeFileSync } from 'node:fs';
import { EXIT, Failure, UsageError } from './failure.ts';
import { printable } from './report.ts';

/** Writes a product. Bytes do not go to a terminal. Throws a Failure when the file cannot be written. */
export function writeProduct(product: string | Uint8Array, file: string | undefined): void {
  if (file === undefined || file === '-') {
    if (typeof product !== 'string' && process.stdout.isTTY) {
      throw new UsageError('a terminal cannot show a binary: name a file with -o');
    }
    process.stdout.write(product);
    return;
  }
  try {
    writeFileSync(file, product);
  } catch (error) {
    throw new Failure(`${printable(file)}: ${printable((error as Error).message)}\n`, EXIT.badInput);
  }
}
