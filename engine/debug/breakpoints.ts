/**
 * Breakpoints: from a place in a text, or one that was written (places.ts), to instructions.
 *
 * A breakpoint goes to the nearest instruction, and says so; one on a pattern of names has many. Positions are spans of
 * a document and byte offsets; what they make the machine do is debuggee.ts's business, what happens when they are
 * reached that of rules.ts.
 */

import { type Span, WasmError } from '../base/errors.ts';
import { disassemblyDoc, parseDoc } from '../symbols/disassembly-doc.ts';
import type { Mapped, TextMap } from '../text/map.ts';
import { type Anchor, anchorOf, findAnchor } from './anchors.ts';
import type { LoadedProgram } from './load.ts';
import {
  isByOffset,
  offsetText,
  type PlaceProgram,
  parsePlace,
  type Resolved,
  resolvePlace,
} from './places.ts';
import { Rules } from './rules.ts';
import { Sites } from './sites.ts';
import type {
  BreakpointParams,
  BreakpointRules,
  BreakpointState,
  Doc,
  FunctionBreakpointParams,
  InstructionBreakpointParams,
  Place,
} from './wire.ts';

/** The lists that clients replace as a whole. */
type List = Doc | 'functions' | 'instructions';

/** A breakpoint at one of its places. */
export interface Breakpoint {
  readonly id: number;
  readonly kind: 'source' | 'function' | 'instruction';
  readonly funcIdx: number;
  readonly offset: number;
  readonly rules: Rules;
}

export class BreakpointTable {
  readonly #program: LoadedProgram;
  readonly #places: PlaceProgram;
  readonly #sites: Sites;
  readonly #lists = new Map<List, readonly Breakpoint[]>();
  /** Rules by what they are about, so that a breakpoint which is set anew goes on counting. */
  readonly #rules = new Map<List, ReadonlyMap<string, Rules>>();
  #byOffset: ReadonlyMap<number, readonly Breakpoint[]> = new Map();

  /** `file`: base name of the program's file. */
  constructor(program: LoadedProgram, file?: string) {
    const { module } = program;
    this.#program = program;
    this.#sites = new Sites(module);
    this.#places = { module, file, sites: this.#sites, funcAt: (offset) => program.funcAt(offset) };
  }

  /** Every offset that has a breakpoint, with the breakpoints there. */
  get byOffset(): ReadonlyMap<number, readonly Breakpoint[]> {
    return this.#byOffset;
  }

  /** Replaces the breakpoints of a document. Their spans are in `now`, what that document is in this build. */
  setIn(doc: Doc, wanted: readonly BreakpointParams[], now = doc): BreakpointState[] {
    return this.#set(
      'source',
      doc,
      wanted,
      ({ span, exact, anchor }) => {
        if (anchor && now !== 'program') return this.#atAnchor(anchor);
        const place = this.nearest(now, span, exact);
        return place ? { targets: [place] } : 'there is no instruction here';
      },
      now,
    );
  }

  /** Replaces the breakpoints on functions and other places that were written. */
  setOnFunctions(wanted: readonly FunctionBreakpointParams[]): BreakpointState[] {
    return this.#set('function', 'functions', wanted, ({ name, anchor }) => {
      const spec = parsePlace(name);
      if (anchor && isByOffset(spec)) return this.#atAnchor(anchor);
      return resolvePlace(spec, this.#places);
    });
  }

  /** Replaces the breakpoints on instructions. An offset inside an instruction means that one. */
  setOnInstructions(wanted: readonly InstructionBreakpointParams[]): BreakpointState[] {
    return this.#set('instruction', 'instructions', wanted, ({ offset }) =>
      resolvePlace(parsePlace(offsetText(offset)), this.#places),
    );
  }

  /** Replaces one list of breakpoints by what `resolve` finds for each of those that are wanted. */
  #set<P extends BreakpointRules & { readonly id: number }>(
    kind: Breakpoint['kind'],
    list: List,
    wanted: readonly P[],
    resolve: (params: P) => Resolved | string,
    shownIn?: Doc,
  ): BreakpointState[] {
    const set: Breakpoint[] = [];
    const before = this.#rules.get(list);
    const kept = new Map<string, Rules>();
    const states = wanted.map((params): BreakpointState => {
      const { id } = params;
      try {
        const resolved = resolve(params);
        if (typeof resolved === 'string') return { id, message: resolved };
        const key = rulesKey(params, resolved);
        const rules = kept.get(key) ?? before?.get(key) ?? new Rules(this.#program.module, params);
        const { targets, message } = fitting(rules, resolved);
        kept.set(key, rules);
        for (const { funcIdx, offset } of targets) set.push({ id, kind, funcIdx, offset, rules });
        const [{ funcIdx, offset }] = targets;
        // A breakpoint is answered in the document that it was set in.
        const place = this.#program.place(funcIdx, offset, shownIn && docLike(shownIn, funcIdx));
        if (!needsAnchor(list, params)) return { id, place, message };
        const anchor = anchorOf(this.#program.module, this.#sites, funcIdx, offset);
        return { id, place, message, anchor };
      } catch (error) {
        if (error instanceof WasmError && error.phase === 'usage') return { id, message: error.message };
        throw error;
      }
    });
    this.#lists.set(list, set);
    this.#rules.set(list, kept);
    this.#index();
    return states;
  }

  #atAnchor(anchor: Anchor): Resolved | string {
    const found = findAnchor(this.#program.module, this.#sites, anchor);
    if (typeof found === 'string') return found;
    const { message, ...target } = found;
    return { targets: [target], message };
  }

  #index(): void {
    const byOffset = new Map<number, Breakpoint[]>();
    for (const list of this.#lists.values()) {
      for (const breakpoint of list) {
        const there = byOffset.get(breakpoint.offset);
        if (there) there.push(breakpoint);
        else byOffset.set(breakpoint.offset, [breakpoint]);
      }
    }
    this.#byOffset = byOffset;
  }

  /** The instructions that begin in a range, in the order of the text. */
  locations(doc: Doc, span: Span): Place[] {
    return this.#program
      .mapOf(doc)
      .instructionsIn(span)
      .map((mapped) => this.#place(doc, mapped))
      .filter(
        ({ funcIdx, offset, span: { start } }) =>
          funcIdx >= 0 && start >= span.start && this.#isReachable(funcIdx, offset),
      )
      .sort((a, b) => a.span.start - b.span.start);
  }

  /** The instruction that a breakpoint set in a range of a document goes to. */
  nearest(doc: Doc, span: Span, exact: boolean): Place | undefined {
    const { text, map } = this.#program.shown(doc);
    const found =
      (exact ? undefined : this.#firstIn(map, span)) ?? this.#following(map, span.start) ?? this.#last(map);
    // Below a line without code, the line that has some counts as it would by itself.
    const isBelow = found && !exact && found.span.start > span.end;
    const first = isBelow ? (this.#firstIn(map, restOfLine(text, found.span.start)) ?? found) : found;
    return first && this.#reached(this.#place(doc, first));
  }

  /** The instruction at or behind a position; a function's entry when the position is before all of its code. */
  #following(map: TextMap, position: number): Mapped | undefined {
    const at = map.instructionAt(position);
    const next = at && this.#isCode(at) ? at : this.#firstBehind(map, position);
    if (!next || next.span.start <= position) return next;
    const range = this.#program.module.funcs[this.#program.funcAt(next.offset)]?.body?.range;
    if (!range) return next;
    const own = [...map.instructions()].filter(({ offset }) => offset >= range.start && offset < range.end);
    return own.some(({ span: { start } }) => start < position) ? next : own[0];
  }

  /** Constant expressions have instructions, too, but nothing stops there. */
  #isCode({ offset }: Mapped): boolean {
    return this.#program.funcAt(offset) >= 0;
  }

  /** The instruction that runs first of those that begin in a range. */
  #firstIn(map: TextMap, span: Span): Mapped | undefined {
    return map.instructionsIn(span).find((mapped) => mapped.span.start >= span.start && this.#isCode(mapped));
  }

  /** The instruction behind a position that is written first, whatever function it is in. */
  #firstBehind(map: TextMap, position: number): Mapped | undefined {
    let first: Mapped | undefined;
    for (const mapped of map.instructions()) {
      const { start } = mapped.span;
      const isFirst = start >= position && !(first && first.span.start <= start);
      if (isFirst && this.#isCode(mapped)) first = mapped;
    }
    return first;
  }

  #last(map: TextMap): Mapped | undefined {
    let found: Mapped | undefined;
    for (const mapped of map.instructions()) {
      const isLast = !found || mapped.span.start > found.span.start;
      if (isLast && this.#isCode(mapped)) found = mapped;
    }
    return found;
  }

  #place(doc: Doc, { offset, span }: Mapped): Place {
    return { funcIdx: this.#program.funcAt(offset), offset, doc, span };
  }

  /** Code that cannot be reached is not translated: the next instruction that is takes its place. */
  #reached(place: Place): Place | undefined {
    const { funcIdx } = place;
    if (this.#isReachable(funcIdx, place.offset)) return place;
    return this.#program.place(funcIdx, this.#sites.stopNear(funcIdx, place.offset));
  }

  #isReachable(funcIdx: number, offset: number): boolean {
    return this.#sites.of(funcIdx).reachable.has(offset);
  }
}

/** The document that shows a function as `doc` does: that one, unless it is another function's. */
function docLike(doc: Doc, funcIdx: number): Doc {
  if (doc === 'program') return doc;
  const { part, options } = parseDoc(doc);
  return part === 'module' || part === funcIdx ? doc : disassemblyDoc(funcIdx, options);
}

/** Lines of disassembled documents and offsets mean something else in another build. */
function needsAnchor(list: List, params: object): boolean {
  if (list === 'functions') return isByOffset(parsePlace((params as FunctionBreakpointParams).name));
  return list !== 'program' && list !== 'instructions';
}

/** What of a place the rules fit; throws when there is nothing. */
function fitting(rules: Rules, { targets, message }: Resolved): Resolved {
  let first: WasmError | undefined;
  const fit = targets.filter(({ funcIdx, offset }) => {
    try {
      rules.fit(funcIdx, offset);
      return true;
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      first ??= error;
      return false;
    }
  });
  if (!first) return { targets, message };
  if (fit.length === 0) throw first;
  const without = targets.length - fit.length;
  return { targets: fit, message: `${message}, but for ${without} of them: ${first.message}` };
}

/** What a breakpoint is: where and with which rules. Places that are many are told by the first and their number. */
function rulesKey(rules: BreakpointRules, { targets }: Resolved): string {
  const { condition, hitCondition, logMessage } = rules;
  return JSON.stringify([targets[0].offset, targets.length, condition, hitCondition, logMessage]);
}

/** From a position to the end of its line. */
function restOfLine(text: string, start: number): Span {
  const length = text.slice(start).search(/[\r\n]/);
  return { start, end: length < 0 ? text.length : start + length };
}
