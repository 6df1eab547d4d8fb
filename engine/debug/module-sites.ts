/**
 * From a range of a text to the instructions of one module, and whether a breakpoint can be there.
 *
 * A breakpoint goes to the nearest instruction: the one that runs first in its line, else the next that is written. Code
 * that cannot be reached is not translated, so the next that can takes its place. Knows no breakpoints.
 */

import type { Span } from '../base/errors.ts';
import type { Mapped, TextMap } from '../text/map.ts';
import type { LoadedProgram } from './load.ts';
import type { PlaceProgram } from './places.ts';
import { Sites } from './sites.ts';
import type { Doc, Place } from './wire.ts';

/** One module, as places in it are looked up. */
export class ModuleSites {
  readonly loaded: LoadedProgram;
  readonly sites: Sites;
  /** For places that were written (places.ts). */
  readonly places: PlaceProgram;

  /** `file`: base name of the program's file; `start`: where the module begins in it. */
  constructor(loaded: LoadedProgram, file: string | undefined, start: number) {
    const { module } = loaded;
    this.loaded = loaded;
    this.sites = new Sites(module);
    this.places = { module, file, start, sites: this.sites, funcAt: (offset) => loaded.funcAt(offset) };
  }

  /** The first instruction that begins in a range of a text. */
  firstIn(doc: Doc, span: Span): Place | undefined {
    const found = this.#firstIn(this.loaded.mapOf(doc), span);
    return found && this.#reached(this.#place(doc, found));
  }

  /** The instructions that begin in a range, in the order of the text. */
  locations(doc: Doc, span: Span): Place[] {
    return this.loaded
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
    const { text, map } = this.loaded.shown(doc);
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
    const range = this.loaded.module.funcs[this.loaded.funcAt(next.offset)]?.body?.range;
    if (!range) return next;
    const own = [...map.instructions()].filter(({ offset }) => offset >= range.start && offset < range.end);
    return own.some(({ span: { start } }) => start < position) ? next : own[0];
  }

  /** Constant expressions have instructions, too, but nothing stops there. */
  #isCode({ offset }: Mapped): boolean {
    return this.loaded.funcAt(offset) >= 0;
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
    return { module: this.loaded.number ?? 0, funcIdx: this.loaded.funcAt(offset), offset, doc, span };
  }

  /** Code that cannot be reached is not translated: the next instruction that is takes its place. */
  #reached(place: Place): Place | undefined {
    const { funcIdx } = place;
    if (this.#isReachable(funcIdx, place.offset)) return place;
    return this.loaded.place(funcIdx, this.sites.stopNear(funcIdx, place.offset));
  }

  #isReachable(funcIdx: number, offset: number): boolean {
    return this.sites.of(funcIdx).reachable.has(offset);
  }
}

/** From a position to the end of its line. */
function restOfLine(text: string, start: number): Span {
  const length = text.slice(start).search(/[\r\n]/);
  return { start, end: length < 0 ? text.length : start + length };
}
