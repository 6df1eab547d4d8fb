/**
 * Faults: what can be wrong with an input or a run, as plain data.
 *
 * Every phase of the one road (parse, decode, validate, instantiate, run) reports what is wrong as a `Fault`.
 * A fault has the spec's own message first, the place, and notes that help. Tolerant phases collect faults in
 * a list; strict doors throw a `WasmError` that carries one. This file knows no phase's rules and no editor.
 */

/**
 * Which phase refused: the spec's own words.
 * - `malformed`: no module at all (binary format, text format)
 * - `invalid`: decodes, but does not validate
 * - `unsupported`: the spec allows it, this version of the engine does not run it yet
 * - `unlinkable`: an import does not match
 * - `trap`, `exhaustion`, `exception`: execution ended early
 * - `usage`: the caller asked for something that does not exist (wrong export, wrong arguments)
 * - `crash`: our own bug
 */
export type Phase =
  | 'malformed'
  | 'invalid'
  | 'unsupported'
  | 'unlinkable'
  | 'trap'
  | 'exhaustion'
  | 'exception'
  | 'usage'
  | 'crash';

/** A range of a text in UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One more place or fact that helps to understand a fault. */
export interface Note {
  readonly message: string;
  /** Byte offset in the module, when the note is about bytes. */
  readonly offset?: number;
  /** Range in the text, when the note is about text. */
  readonly span?: Span;
}

/** What is wrong, where, and why. `message` starts with the spec's wording. */
export interface Fault {
  readonly phase: Phase;
  readonly message: string;
  /** Byte offset in the module: the one coordinate of everything after assembling. */
  readonly offset?: number;
  /** Range in the text; set by text phases, or looked up at the edge from `offset`. */
  readonly span?: Span;
  readonly notes: readonly Note[];
}

/** A fault that ends what was being done. The only error class that the engine throws on purpose. */
export class WasmError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.name = 'WasmError';
    this.fault = fault;
  }

  get phase(): Phase {
    return this.fault.phase;
  }

  get offset(): number | undefined {
    return this.fault.offset;
  }
}

/** A fault at a byte offset of the module. */
export function faultAt(phase: Phase, offset: number, message: string, notes: readonly Note[] = []): Fault {
  return { phase, message, offset, notes };
}

/** A fault at a range of a text. */
export function faultIn(phase: Phase, span: Span, message: string, notes: readonly Note[] = []): Fault {
  return { phase, message, span, notes };
}

/** Throws the module's bytes' fault: the binary format (spec 5) refuses them. */
export function malformed(offset: number, message: string, notes?: readonly Note[]): never {
  throw new WasmError(faultAt('malformed', offset, message, notes));
}

/** Throws: the module does not validate (spec 3). */
export function invalid(offset: number, message: string, notes?: readonly Note[]): never {
  throw new WasmError(faultAt('invalid', offset, message, notes));
}

/** Throws: the spec allows it, this engine does not run it yet. */
export function unsupported(offset: number, feature: string): never {
  throw new WasmError(faultAt('unsupported', offset, `not supported yet: ${feature}`));
}

/** Throws: an import does not match what is given for it (spec 4.7.1, external typing). */
export function unlinkable(message: string, notes: readonly Note[] = []): never {
  throw new WasmError({ phase: 'unlinkable', message, notes });
}

/** Throws: what was asked for does not exist or does not fit. */
export function usage(message: string, notes: readonly Note[] = []): never {
  throw new WasmError({ phase: 'usage', message, notes });
}
