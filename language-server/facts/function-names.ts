/**
 * The names that functions are printed with, made in short turns: a large module has so many that one turn for all of them would
 * keep everything else waiting for a second.
 */

import { CancellationToken } from 'vscode-languageserver';
import type { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { inTurns, takeTurns } from './turns.ts';

const made = new WeakMap<ByteInspector, Promise<void>>();

/** Settles when those are made that the text of the function at a byte needs. One after the other, each once. */
export function functionNames(inspector: ByteInspector, offset: number): Promise<void> {
  const before = made.get(inspector) ?? Promise.resolve();
  const now = before.then(() => inTurns(inspector.makingNames(offset), takeTurns(CancellationToken.None)));
  made.set(inspector, now);
  return now;
}
