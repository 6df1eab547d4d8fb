/**
 * One module of a text: assembled, decoded and validated, each in steps or on the first question, and then kept.
 *
 * Every fault comes out with a range of the text. Functions that the assembler could not finish are not validated,
 * and faults that only follow from others are left out (consequences.ts). What the standard allows and this engine
 * does not run yet is reported beside the faults, once a feature.
 */

import { type Fault, type Note, type Span, WasmError } from '../engine/base/errors.ts';
import { customFaults } from '../engine/binary/custom.ts';
import { decode } from '../engine/binary/decode.ts';
import { FEATURE_NAMES, SUPPORTED } from '../engine/isa/features.ts';
import type { Feature } from '../engine/isa/row.ts';
import type { FeatureSet, Module } from '../engine/module/module.ts';
import { type AssembleOptions, type Assembly, assembling } from '../engine/text/assemble.ts';
import { movedFault } from '../engine/text/change.ts';
import type { FieldMemory } from '../engine/text/emitted.ts';
import type { Tree } from '../engine/text/tree.ts';
import { validatingAll } from '../engine/valid/validate.ts';
import { withoutConsequences } from './consequences.ts';
import type { KnownFunctions } from './known.ts';
import { doneTask, Task } from './task.ts';

/** A fault with a place in the text. Notes have one where they are about a place. */
export interface PlacedFault extends Fault {
  readonly span: Span;
}

/** All features that the engine can type: editing knows more than running. */
export const EVERY_FEATURE: FeatureSet = new Set(Object.keys(FEATURE_NAMES) as Feature[]);

/** What an analysis keeps between the versions of a document, for all of its modules. */
export interface Kept {
  readonly fields: FieldMemory;
  readonly functions: KnownFunctions;
  /** What is allowed; undefined: all that can be run, and what cannot be run yet is told as such. */
  readonly features?: FeatureSet;
}

export class ModuleAnalysis {
  readonly tree: Tree;
  /** The module in the text. */
  readonly span: Span;
  readonly #assembly: Task<Assembly>;
  readonly #faults: Task<readonly PlacedFault[]>;
  readonly #isSame: boolean;
  #decoded: { readonly module?: Module; readonly fault?: Fault } | undefined;

  /**
   * `form`: the open parenthesis of the module; undefined: the text is one module. `same`: the module in an older text.
   * `inside`: of a component, where its fields begin.
   */
  constructor(
    tree: Tree,
    form: number | undefined,
    span: Span,
    kept?: Kept,
    same?: ModuleAnalysis,
    inside?: AssembleOptions['inside'],
  ) {
    this.tree = tree;
    this.span = span;
    this.#assembly = new Task(() => assembling(tree, form, { inside }, kept?.fields));
    this.#isSame = same !== undefined;
    if (same) {
      const by = span.start - same.span.start;
      this.#faults = doneTask(same.faults.map((fault) => movedFault(fault, by)));
      this.#decoded = same.#decoded;
    } else {
      this.#faults = new Task(() => this.#findFaults(kept));
    }
  }

  /** True if everything that is wrong has been found. */
  get isDone(): boolean {
    return this.#faults.isDone;
  }

  get assembly(): Assembly {
    return this.#assembly.value;
  }

  /** The module as far as the text makes sense; undefined if its bytes are none (`(module binary …)`). */
  get module(): Module | undefined {
    return this.#decode().module;
  }

  /** Everything that is wrong: malformed things first, then invalid ones by offset. */
  get faults(): readonly PlacedFault[] {
    return this.#faults.value;
  }

  /** Does a little of what is left up to its names, or to its faults; returns whether nothing is. */
  step(level: 'symbols' | 'faults'): boolean {
    // What is wrong is known: its names are found when somebody asks, which is quick.
    if (this.#isSame) return true;
    if (!this.#assembly.step()) return false;
    return level === 'symbols' || this.#faults.step();
  }

  /** The defined function whose instructions cover an offset; -1 if none does. */
  funcAt(offset: number): number {
    const funcs = this.module?.funcs ?? [];
    let low = 0;
    let high = funcs.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const range = funcs[middle].body?.range;
      if (!range || range.end <= offset) low = middle + 1;
      else if (range.start > offset) high = middle - 1;
      else return middle;
    }
    return -1;
  }

  #decode(): { readonly module?: Module; readonly fault?: Fault } {
    if (this.#decoded) return this.#decoded;
    try {
      this.#decoded = { module: decode(this.assembly.bytes) };
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      this.#decoded = { fault: error.fault };
    }
    return this.#decoded;
  }

  *#findFaults(kept: Kept | undefined): Generator<void, PlacedFault[]> {
    while (!this.#assembly.step()) yield;
    const { assembly } = this;
    const { module, fault } = this.#decode();
    yield;
    const found = [...assembly.faults];
    if (fault) found.push(fault);
    if (module) {
      const invalid = yield* validityFaults(module, assembly, kept);
      const placed = invalid.map((f) => this.#placed(f));
      placed.sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
      found.push(...(yield* withoutConsequences(this.tree, assembly, placed)));
      // Names are written by the assembler: only what annotations say can be wrong.
      if (found.length === 0 && this.tree.annotations.length > 0) found.push(...customFaults(module));
    }
    return found.map((f) => this.#placed(f));
  }

  #placed(fault: Fault): PlacedFault {
    const span = fault.span ?? this.#spanAt(fault.offset) ?? { start: this.span.start, end: this.span.start };
    const notes = fault.notes.map(
      (note): Note => ({ ...note, span: note.span ?? this.#spanAt(note.offset) }),
    );
    return { ...fault, span, notes };
  }

  #spanAt(offset: number | undefined): Span | undefined {
    return offset === undefined ? undefined : this.assembly.map.spanAt(offset);
  }
}

/** What validation says with everything switched on, and the first place of each feature that cannot run yet. */
function* validityFaults(
  module: Module,
  assembly: Assembly,
  { functions, features }: Partial<Kept> = {},
): Generator<void, Fault[]> {
  const { broken: skip } = assembly;
  const validating = (features: FeatureSet) =>
    validatingAll(module, features, { skip, known: functions?.of(module, assembly, features) });
  if (features) return yield* validating(features);
  const faults = yield* validating(SUPPORTED);
  const missing = new Map<string, Fault>();
  for (const fault of faults) {
    if (fault.phase === 'unsupported' && !missing.has(fault.message)) missing.set(fault.message, fault);
  }
  if (missing.size === 0) return faults;
  const real = (yield* validating(EVERY_FEATURE)).filter(({ message }) => !missing.has(message));
  return [...real, ...missing.values()];
}
