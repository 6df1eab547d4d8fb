/**
 * Breakpoints: from a place in a text or the name of a function to an instruction.
 *
 * A breakpoint goes to the nearest instruction, and says so. Positions are spans of a document and byte offsets; what
 * they make the machine do is debuggee.ts's business.
 */

import type { Span } from '../base/errors.ts';
import { SUPPORTED } from '../isa/features.ts';
import { Op } from '../isa/op.gen.ts';
import type { Mapped, TextMap } from '../text/map.ts';
import { FuncValidator } from '../valid/func.ts';
import type { LoadedProgram } from './load.ts';
import type {
  BreakpointParams,
  BreakpointState,
  Doc,
  FunctionBreakpointParams,
  InstructionBreakpointParams,
  Place,
} from './wire.ts';

/** A set breakpoint. */
export interface Breakpoint {
  readonly id: number;
  readonly kind: 'source' | 'function' | 'instruction';
  readonly funcIdx: number;
  readonly offset: number;
}

export class BreakpointTable {
  readonly #program: LoadedProgram;
  readonly #byDoc = new Map<Doc, readonly Breakpoint[]>();
  readonly #reachable = new Map<number, ReadonlySet<number>>();
  #functions: readonly Breakpoint[] = [];
  #instructions: readonly Breakpoint[] = [];

  constructor(program: LoadedProgram) {
    this.#program = program;
  }

  /** Every breakpoint that is set. */
  *all(): Generator<Breakpoint> {
    for (const list of this.#byDoc.values()) yield* list;
    yield* this.#functions;
    yield* this.#instructions;
  }

  /** The breakpoints at a byte offset. */
  at(offset: number): Breakpoint[] {
    return [...this.all()].filter((breakpoint) => breakpoint.offset === offset);
  }

  /** Replaces the breakpoints of a document. */
  setIn(doc: Doc, wanted: readonly BreakpointParams[]): BreakpointState[] {
    const set: Breakpoint[] = [];
    const states = wanted.map(({ id, span, exact }): BreakpointState => {
      const place = this.nearest(doc, span, exact);
      if (!place) return { id, message: 'there is no instruction here' };
      set.push({ id, kind: 'source', funcIdx: place.funcIdx, offset: place.offset });
      return { id, place };
    });
    this.#byDoc.set(doc, set);
    return states;
  }

  /** Replaces the breakpoints on functions. */
  setOnFunctions(wanted: readonly FunctionBreakpointParams[]): BreakpointState[] {
    const set: Breakpoint[] = [];
    const states = wanted.map(({ id, name }): BreakpointState => {
      const found = this.#funcsNamed(name);
      if (typeof found === 'string') return { id, message: found };
      const places = found.map((funcIdx) => this.#entry(funcIdx));
      set.push(...places.map(({ funcIdx, offset }) => ({ id, kind: 'function' as const, funcIdx, offset })));
      return { id, place: places[0] };
    });
    this.#functions = set;
    return states;
  }

  /** Replaces the breakpoints on instructions. An offset inside an instruction means that one. */
  setOnInstructions(wanted: readonly InstructionBreakpointParams[]): BreakpointState[] {
    const set: Breakpoint[] = [];
    const states = wanted.map(({ id, offset }): BreakpointState => {
      const place = this.#atOrBefore(offset);
      if (!place) return { id, message: `there is no instruction at 0x${offset.toString(16)}` };
      set.push({ id, kind: 'instruction', funcIdx: place.funcIdx, offset: place.offset });
      if (place.offset === offset) return { id, place };
      return { id, place, message: `moved from 0x${offset.toString(16)} to 0x${place.offset.toString(16)}` };
    });
    this.#instructions = set;
    return states;
  }

  /** The instructions that begin in a range, in the order of the text. */
  locations(doc: Doc, span: Span): Place[] {
    return this.#program
      .mapOf(doc)
      .instructionsIn(span)
      .map((mapped) => this.#place(doc, mapped))
      .filter(
        ({ funcIdx, offset, span: { start } }) => start >= span.start && this.#isReachable(funcIdx, offset),
      )
      .sort((a, b) => a.span.start - b.span.start);
  }

  /** The instruction that a breakpoint set in a range of a document goes to. */
  nearest(doc: Doc, span: Span, exact: boolean): Place | undefined {
    const map = this.#program.mapOf(doc);
    const candidates = exact
      ? []
      : map.instructionsIn(span).filter(({ span: { start } }) => start >= span.start);
    const found = candidates[0] ?? this.#following(map, span.start) ?? last(map);
    return found && this.#reached(this.#place(doc, found));
  }

  /** The instruction at or behind a position; a function's entry when the position is before all of its code. */
  #following(map: TextMap, position: number): Mapped | undefined {
    const next = map.instructionAt(position) ?? firstBehind(map, position);
    if (!next || next.span.start <= position) return next;
    const range = this.#program.module.funcs[this.#program.funcAt(next.offset)]?.body?.range;
    if (!range) return next;
    const own = [...map.instructions()].filter(({ offset }) => offset >= range.start && offset < range.end);
    return own.some(({ span: { start } }) => start < position) ? next : own[0];
  }

  #place(doc: Doc, { offset, span }: Mapped): Place {
    return { funcIdx: this.#program.funcAt(offset), offset, doc, span };
  }

  /** Code that cannot be reached is not translated: the next instruction that is takes its place. */
  #reached(place: Place): Place | undefined {
    const { funcIdx } = place;
    if (this.#isReachable(funcIdx, place.offset)) return place;
    const next = [...this.#reachableIn(funcIdx)].find((offset) => offset >= place.offset);
    return next === undefined ? undefined : this.#program.place(funcIdx, next);
  }

  #isReachable(funcIdx: number, offset: number): boolean {
    return this.#reachableIn(funcIdx).has(offset);
  }

  /**
   * The offsets of a function at which it can stop: the instructions that validation says can be reached, and its last
   * `end`. An `else` is where the other branch ends, which nobody means who sets a breakpoint there.
   */
  #reachableIn(funcIdx: number): ReadonlySet<number> {
    let reachable = this.#reachable.get(funcIdx);
    if (!reachable) {
      reachable = reachableOffsets(this.#program, funcIdx);
      this.#reachable.set(funcIdx, reachable);
    }
    return reachable;
  }

  /** The instruction that covers a byte, or the next one that can be reached. */
  #atOrBefore(offset: number): Place | undefined {
    const found = this.#program.code.instructionAt(offset);
    return found && this.#reached(this.#program.place(found.funcIdx, found.offset));
  }

  #entry(funcIdx: number): Place {
    return this.#program.place(funcIdx, this.#program.module.funcs[funcIdx].body!.codeStart);
  }

  /** The functions that a name means; or why there is none. */
  #funcsNamed(text: string): number[] | string {
    const { funcs, names } = this.#program.module;
    const name = text.trim();
    const index = /^func\[(\d+)\]$/.exec(name);
    const found = index
      ? [Number(index[1])].filter((idx) => idx < funcs.length)
      : name.startsWith('$')
        ? names.find('func', name.slice(1)).filter((idx) => names.given('func', idx) === name.slice(1))
        : [...names.find('func', name)];
    if (found.length === 0) return `unknown function ${name}`;
    const defined = found.filter((idx) => funcs[idx].body);
    return defined.length > 0 ? defined : `${name} is imported: it has no instructions to stop at`;
  }
}

/** The instruction behind a position that is written first, whatever function it is in. */
function firstBehind(map: TextMap, position: number): Mapped | undefined {
  let first: Mapped | undefined;
  for (const mapped of map.instructions()) {
    const { start } = mapped.span;
    if (start >= position && !(first && first.span.start <= start)) first = mapped;
  }
  return first;
}

function last(map: TextMap): Mapped | undefined {
  let found: Mapped | undefined;
  for (const mapped of map.instructions()) if (!found || mapped.span.start > found.span.start) found = mapped;
  return found;
}

function reachableOffsets({ module }: LoadedProgram, funcIdx: number): ReadonlySet<number> {
  const walk = new FuncValidator(module, SUPPORTED);
  const offsets = new Set<number>();
  walk.begin(funcIdx);
  let lastOffset = -1;
  while (walk.next()) {
    if (walk.wasReachable && walk.instr.code !== Op.else) offsets.add(walk.instr.offset);
    lastOffset = walk.instr.offset;
  }
  offsets.add(lastOffset);
  return offsets;
}
