/**
 * Faults as text for a terminal: `file:line:column: message` with the source line and a caret for a text,
 * `file: offset 0x1f: message` for bytes, notes indented below.
 *
 * What comes from the input is made printable, so that a hostile name cannot drive the terminal.
 */

import { type LineTable, lineTable } from '../debug-adapter/lines.ts';
import type { Fault, Span } from '../engine/base/errors.ts';
import type { TextMap } from '../engine/text/map.ts';

/** A file as messages name it. */
export interface Source {
  readonly path: string;
  /** Its text; undefined for a binary. */
  readonly text?: string;
  /** From offsets to the text. */
  readonly map?: TextMap;
}

/** The lines of the text that was asked for last: reports come many to a file. */
let lastLines: { readonly text: string; readonly lines: LineTable } | undefined;

/** The longest piece of a source line that is shown. */
const WIDTH = 100;

/** All lines of one fault. */
export function faultReport(source: Source, fault: Fault): string {
  // Imports that are missing are notes, each with its place; the message is about the first.
  const about = fault.phase === 'unlinkable' && fault.notes.length > 0 ? fault.notes[0] : fault;
  const span = about.span ?? spanOf(source, about.offset);
  const head = `${placeOf(source, span, about.offset)}: ${printable(fault.message)}\n`;
  const rest = about === fault ? fault.notes : fault.notes.slice(1);
  const notes = rest.map((note) => {
    const at = note.span ?? spanOf(source, note.offset);
    const place = at || note.offset !== undefined ? ` (${placeOf(source, at, note.offset)})` : '';
    return `  note: ${printable(note.message)}${place}\n`;
  });
  const excerpt = span && source.text !== undefined ? caret(source.text, span) : '';
  return head + excerpt + notes.join('');
}

/** `file:line:column`, `file: offset 0x1f`, or the file alone. Lines and columns count from 1. */
export function placeOf({ path, text }: Source, span: Span | undefined, offset: number | undefined): string {
  if (span && text !== undefined) {
    const { line, column } = linesOf(text).at(span.start);
    return `${path}:${line + 1}:${column + 1}`;
  }
  return offset === undefined ? path : `${path}: offset 0x${offset.toString(16)}`;
}

/** The span of the instruction or item at an offset. */
export function spanOf({ map }: Source, offset: number | undefined): Span | undefined {
  return offset === undefined ? undefined : map?.spanAt(offset);
}

/** Text without control characters, direction marks and lone surrogates: each is shown as its escape. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

function linesOf(text: string): LineTable {
  if (lastLines?.text !== text) lastLines = { text, lines: lineTable(text) };
  return lastLines.lines;
}

/** The source line of a span and a line that marks it, both indented by four. */
function caret(text: string, span: Span): string {
  const lines = linesOf(text);
  const { line, column } = lines.at(span.start);
  const { start, end } = lines.line(line);
  const first = column > WIDTH / 2 && end - start > WIDTH ? column - WIDTH / 2 : 0;
  const shown = text.slice(start + first, Math.min(end, start + first + WIDTH));
  const before = shown.slice(0, column - first).replace(/[^\t]/g, ' ');
  const room = Math.max(1, shown.length - (column - first));
  const length = Math.min(Math.max(1, span.end - span.start), room);
  const visible = shown.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (char) => (char === '\t' ? char : '?'));
  return `    ${visible}\n    ${before}^${'~'.repeat(length - 1)}\n`;
}
