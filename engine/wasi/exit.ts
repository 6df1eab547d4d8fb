/**
 * The end of a program by its own wish, in every version of WASI.
 */

import { WasmError } from '../base/errors.ts';

/** No handler of the guest's catches it. */
export class ProgramExit extends WasmError {
  readonly code: number;

  constructor(code: number) {
    super({ phase: 'trap', message: `the program has exited with code ${code}`, notes: [] });
    this.name = 'ProgramExit';
    this.code = code;
  }
}
