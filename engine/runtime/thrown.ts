/**
 * An exception of Wasm on its way through the host: what a call throws when nothing in it caught one, and what a host
 * function throws to raise one in its caller.
 */

import { WasmError } from '../base/errors.ts';
import { type ExnInst, exceptionText } from './exn.ts';
import { formatValue } from './values.ts';

export class ThrownException extends WasmError {
  readonly exn: ExnInst;

  /** `offset`: where it was thrown, in the module whose code it was. */
  constructor(exn: ExnInst, offset?: number) {
    const message = `unhandled exception: ${exceptionText(exn, formatValue)}`;
    super({ phase: 'exception', message, offset, notes: [] });
    this.exn = exn;
  }
}
