/**
 * One module of a text: assembled, decoded and validated, each on the first question and then kept.
 *
 * Every fault comes out with a range of the text. Functions that the assembler could not finish are not validated,
 * and faults that only follow from others are left out (consequences.ts). What the standard allows and this engine
 * does not run yet is reported beside the faults, once a feature.
 */

import { type Fault, type Note, type Span, WasmError } from '../engine/base/errors.ts';
import { decode } from '../engine/binary/decode.ts';
import { FEATURE_NAMES, SUPPORTED } from '../engine/isa/features.ts';
import type { Feature } from '../engine/isa/row.ts';
import type { FeatureSet, Module } from '../engine/module/module.ts';
import { type Assembly, assemble } from '../engine/text/assemble.ts';
import type { Tree } from '../engine/text/tree.ts';
import { validateAll } from '../engine/valid/validate.ts';
import { withoutConsequences } from './consequences.ts';

/** A fault with a place in the text. Notes have one where they are about a place. */
export interface PlacedFault extends Fault {
  readonly span: Span;
}

/** All features that the engine can type: editing knows more than running. */
export const EVERY_FEATURE: FeatureSet = new Set(Object.keys(FEATURE_NAMES) as Feature[]);

export class ModuleAnalysis {
  readonly tree: Tree;
  /** The module in the text. */
  readonly span: Span;
  readonly #form: number | undefined;
  #assembly: Assembly | undefined;
  #decoded: { readonly module?: Module; readonly fault?: Fault } | undefined;
  #faults: readonly PlacedFault[] | undefined;

  /** `form`: the open parenthesis of the module; undefined: the text is one module. */
  constructor(tree: Tree, form: number | undefined, span: Span) {
    this.tree = tree;
    this.#form = form;
    this.span = span;
  }

  get assembly(): Assembly {
    this.#assembly ??= assemble(this.tree, this.#form);
    return this.#assembly;
  }

  /** The module as far as the text makes sense; undefined if its bytes are none (`(module binary …)`). */
  get module(): Module | undefined {
    return this.#decode().module;
  }

  /** Everything that is wrong, in no particular order. */
  get faults(): readonly PlacedFault[] {
    this.#faults ??= this.#findFaults();
    return this.#faults;
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

  #findFaults(): PlacedFault[] {
    const { assembly } = this;
    const { module, fault } = this.#decode();
    const found = [...assembly.faults];
    if (fault) found.push(fault);
    if (module) {
      const invalid = validityFaults(module, assembly.broken).map((f) => this.#placed(f));
      found.push(...withoutConsequences(this.tree, assembly, invalid));
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
function validityFaults(module: Module, skip: ReadonlySet<number>): Fault[] {
  const faults = validateAll(module, SUPPORTED, { skip });
  const missing = new Map<string, Fault>();
  for (const fault of faults) {
    if (fault.phase === 'unsupported' && !missing.has(fault.message)) missing.set(fault.message, fault);
  }
  if (missing.size === 0) return faults;
  const real = validateAll(module, EVERY_FEATURE, { skip }).filter(({ message }) => !missing.has(message));
  return [...real, ...missing.values()];
}
