/**
 * One version of a document: its text and where its lines begin. Never edited; a newer version is another one, which takes
 * over the lines outside of what differs.
 *
 * Lines end as LSP has it: `\n`, `\r\n` or `\r`. Positions are counted in UTF-16 code units.
 */

import type { Position, Range, TextDocument } from 'vscode-languageserver-textdocument';
import type { Change } from '../engine/text/change.ts';

const LF = 0x0a;
const CR = 0x0d;

/** How many characters are looked at between two points where the work can be interrupted. */
const CHUNK = 500_000;

export class Snapshot implements TextDocument {
  readonly uri: string;
  readonly languageId: string;
  readonly version: number;
  readonly #text: string;
  #lines: Int32Array | undefined;

  constructor(document: TextDocument) {
    this.uri = document.uri;
    this.languageId = document.languageId;
    this.version = document.version;
    this.#text = document.getText();
  }

  /**
   * Finds the lines, in steps. Of an older version whose lines are known, and what differs from it, only the lines there
   * are looked for.
   */
  *findLines(older?: Snapshot, change?: Change): Generator<void> {
    if (this.#lines) return;
    const lines = older && change ? older.#lines : undefined;
    this.#lines = lines ? editedLines(lines, this.#text, change!) : yield* allLines(this.#text);
  }

  getText(range?: Range): string {
    if (!range) return this.#text;
    return this.#text.slice(this.offsetAt(range.start), this.offsetAt(range.end));
  }

  positionAt(offset: number): Position {
    const lines = this.#starts();
    const at = Math.max(0, Math.min(offset, this.#text.length));
    const line = lastAtOrBefore(lines, at);
    return { line, character: this.#beforeEnd(at, lines[line]) - lines[line] };
  }

  offsetAt({ line, character }: Position): number {
    const lines = this.#starts();
    if (line >= lines.length) return this.#text.length;
    if (line < 0) return 0;
    const start = lines[line];
    if (character <= 0) return start;
    const next = line + 1 < lines.length ? lines[line + 1] : this.#text.length;
    return this.#beforeEnd(Math.min(start + character, next), start);
  }

  /** A line without its end. Behind the last line: what is left of that. */
  getLineRange(line: number): Range {
    const at = Math.max(0, Math.min(line, this.lineCount - 1));
    const { start, next } = this.#line(at);
    const end = line < 0 ? start : this.#beforeEnd(next, start);
    return { start: { line: at, character: 0 }, end: { line: at, character: end - start } };
  }

  getEOLCharacters(line: number): string {
    if (line < 0 || line >= this.lineCount) return '';
    const { start, next } = this.#line(line);
    return this.#text.slice(this.#beforeEnd(next, start), next);
  }

  get lineCount(): number {
    return this.#starts().length;
  }

  /** Where a line begins, and the one behind it. */
  #line(line: number): { start: number; next: number } {
    const lines = this.#starts();
    return { start: lines[line], next: line + 1 < lines.length ? lines[line + 1] : this.#text.length };
  }

  #starts(): Int32Array {
    if (!this.#lines) {
      const steps = this.findLines();
      while (!steps.next().done);
    }
    return this.#lines!;
  }

  /** A position never stands behind a line's end. */
  #beforeEnd(offset: number, start: number): number {
    while (offset > start && isEnd(this.#text.charCodeAt(offset - 1))) offset--;
    return offset;
  }
}

function isEnd(char: number): boolean {
  return char === LF || char === CR;
}

function lastAtOrBefore(lines: Int32Array, offset: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (lines[mid] <= offset) low = mid;
    else high = mid - 1;
  }
  return low;
}

function* allLines(text: string): Generator<void, Int32Array> {
  const lines = [0];
  for (let from = 0; from < text.length; from += CHUNK) {
    if (from > 0) yield;
    addLines(lines, text, from, Math.min(text.length, from + CHUNK));
  }
  return Int32Array.from(lines);
}

/** Adds where a line begins behind an end in `[from, end)`. Of `\r\n` only the second is an end. */
function addLines(lines: number[], text: string, from: number, end: number): void {
  for (let i = from; i < end; i++) {
    const char = text.charCodeAt(i);
    if (char === LF || (char === CR && text.charCodeAt(i + 1) !== LF)) lines.push(i + 1);
  }
}

function editedLines(old: Int32Array, text: string, { start, oldEnd, newEnd }: Change): Int32Array {
  // The end before the first line that is kept must not be half of a `\r\n` that is one no more, or is one now.
  const kept = start === 0 ? 1 : lastAtOrBefore(old, start - 1) + 1;
  let moved = kept;
  while (moved < old.length && old[moved] <= oldEnd) moved++;
  const between: number[] = [];
  addLines(between, text, old[kept - 1], newEnd);
  const lines = new Int32Array(kept + between.length + old.length - moved);
  lines.set(old.subarray(0, kept));
  lines.set(between, kept);
  lines.set(old.subarray(moved), kept + between.length);
  const by = newEnd - oldEnd;
  if (by !== 0) for (let i = kept + between.length; i < lines.length; i++) lines[i] += by;
  return lines;
}
