/**
 * One component of a text: assembled around the modules that are written in it, decoded and validated, on the first question.
 *
 * The modules have analyses of their own, which say what is wrong with them; here is what is wrong with the rest.
 */

import { type Fault, type Note, type Span, WasmError } from '../engine/base/errors.ts';
import { decodeComponent } from '../engine/component/binary/decode.ts';
import { assembleComponent, type ComponentAssembly } from '../engine/component/text/assemble.ts';
import type { ComponentSymbol } from '../engine/component/text/reader.ts';
import { type ValidComponent, validateComponent } from '../engine/component/valid/validate.ts';
import { SUPPORTED } from '../engine/isa/features.ts';
import type { Tree } from '../engine/text/tree.ts';
import type { ModuleAnalysis, PlacedFault } from './module-analysis.ts';

export class ComponentAnalysis {
  readonly tree: Tree;
  /** The component in the text. */
  readonly span: Span;
  /** The open parenthesis of its form; undefined: the text is its definitions. */
  readonly form: number | undefined;
  /** The modules in it by their open parentheses. */
  readonly modules: ReadonlyMap<number, ModuleAnalysis>;
  #assembly: ComponentAssembly | undefined;
  #judged: { readonly valid?: ValidComponent; readonly fault?: Fault } | undefined;
  #byToken: ReadonlyMap<number, ComponentSymbol> | undefined;

  constructor(
    tree: Tree,
    form: number | undefined,
    span: Span,
    modules: ReadonlyMap<number, ModuleAnalysis>,
  ) {
    this.tree = tree;
    this.form = form;
    this.span = span;
    this.modules = modules;
  }

  get assembly(): ComponentAssembly {
    this.#assembly ??= assembleComponent(this.tree, this.form, {
      moduleAt: (form) => this.modules.get(form)?.assembly,
    });
    return this.#assembly;
  }

  /** The types of everything in it; undefined where something is wrong. */
  get valid(): ValidComponent | undefined {
    return this.#judge().valid;
  }

  /** What is wrong with it, beside its modules. */
  get faults(): readonly PlacedFault[] {
    const { faults } = this.assembly;
    const { fault } = this.#judge();
    return [...faults, ...(fault ? [fault] : [])].map((one) => this.#placed(one));
  }

  /** Definitions and uses, by their tokens. */
  get byToken(): ReadonlyMap<number, ComponentSymbol> {
    if (!this.#byToken) {
      const found = new Map<number, ComponentSymbol>();
      for (const symbol of this.assembly.symbols)
        if (!found.has(symbol.token)) found.set(symbol.token, symbol);
      this.#byToken = found;
    }
    return this.#byToken;
  }

  #judge(): { readonly valid?: ValidComponent; readonly fault?: Fault } {
    this.#judged ??= this.#findFault();
    return this.#judged;
  }

  #findFault(): { readonly valid?: ValidComponent; readonly fault?: Fault } {
    const { bytes, faults } = this.assembly;
    if (faults.length > 0) return {};
    try {
      return { valid: validateComponent(decodeComponent(bytes), SUPPORTED, () => {}) };
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      const { fault } = error;
      // What is malformed inside of a module is told of that.
      const inside = this.assembly.modules.some(
        ({ offset, assembly }) =>
          fault.offset !== undefined &&
          fault.offset >= offset &&
          fault.offset < offset + assembly.bytes.length &&
          assembly.faults.length > 0,
      );
      return inside ? {} : { fault };
    }
  }

  #placed(fault: Fault): PlacedFault {
    const at = (offset: number | undefined) =>
      offset === undefined ? undefined : this.assembly.map.spanAt(offset);
    const span = fault.span ?? at(fault.offset) ?? { start: this.span.start, end: this.span.start };
    const notes = fault.notes.map((note): Note => ({ ...note, span: note.span ?? at(note.offset) }));
    return { ...fault, span, notes };
  }
}
