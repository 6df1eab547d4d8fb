/**
 * What one field came to, kept so that a later assembly of nearly the same text can place it again.
 *
 * Everything is relative: ranges of a recording, and the token and position where the field began when it was read. A
 * field's text being the same is the keeper's business, what it resolved to is in the logs (dependencies.ts).
 */

import type { Fault } from '../base/errors.ts';
import type { Dependency } from './dependencies.ts';
import type { Unknown } from './names.ts';
import type { Recording, SectionItem } from './output.ts';
import type { SymbolRange } from './symbols.ts';

/** What reading a part of a field found. */
export interface Part extends SymbolRange {
  readonly faults: readonly Fault[];
  /** Of these faults those about names that nobody has. */
  readonly unknowns: readonly Unknown[];
  readonly log: readonly Dependency[];
}

/** Bytes of a recording's names; empty for none. */
export interface NameRange {
  readonly start: number;
  readonly end: number;
}

export interface Emitted {
  readonly recording: Recording;
  /** The open parenthesis, and its position. */
  readonly open: number;
  readonly start: number;
  /** In characters, from the open parenthesis to behind the closing one. */
  readonly length: number;
  readonly idx: number;
  /** The signature and the locals of a function. */
  readonly header?: Part;
  readonly content: Part;
  readonly items: readonly SectionItem[];
  /** Maps of names: locals, labels. */
  readonly locals: NameRange;
  readonly labels: NameRange;
  /** A function's code stands for something else because of a fault. */
  readonly broken: boolean;
  /** An instruction named a data segment. */
  readonly usesData: boolean;
  /** Some form of the text was not closed: then certain faults are told by the tree only. */
  readonly inUnclosed: boolean;
}

/** Fields of texts that were assembled before. */
export interface FieldMemory {
  /** True if nothing can be found. */
  readonly isEmpty: boolean;
  /** What the form at `[start, end)` of the present text came to where an older text had it too. */
  find(start: number, end: number): Emitted | undefined;
  /** Keeps what the form that begins at `start` came to. */
  keep(start: number, emitted: Emitted): void;
}
