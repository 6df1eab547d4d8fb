/**
 * A binary and the first thing that is wrong with it. Validation goes in short turns: large modules take a second.
 *
 * Knows nothing of what could be read of a malformed one (engine/binary/partly.ts).
 */

import { type Fault, WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import type { Module } from '../../engine/module/module.ts';
import { validating } from '../../engine/valid/validate.ts';
import { inTurns, type Turns } from './turns.ts';

export interface JudgedBinary {
  /** Undefined if it is malformed. */
  readonly module?: Module;
  readonly fault?: Fault;
}

export async function judgeBinary(bytes: Uint8Array, turns: Turns): Promise<JudgedBinary> {
  let module: Module | undefined;
  try {
    module = decode(bytes);
    await inTurns(validating(module, SUPPORTED), turns);
    return { module };
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return { module, fault: error.fault };
  }
}
