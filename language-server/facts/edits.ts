/**
 * Edits of a text by offsets, and how to take something out of it so that no empty line and no double space stays.
 */

import type { TextEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Span } from '../../engine/base/errors.ts';

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export function replacing(span: Span, text: string): Edit {
  return { span, text };
}

export function inserting(pos: number, text: string): Edit {
  return { span: { start: pos, end: pos }, text };
}

/** Takes a range out: with its lines if nothing else stands on them, else with the space in front of it. */
export function removing(text: string, { start, end }: Span): Edit {
  let from = start;
  while (from > 0 && isBlank(text, from - 1)) from--;
  let to = end;
  while (to < text.length && isBlank(text, to)) to++;
  const startsLine = from === 0 || isBreak(text, from - 1);
  const endsLine = to === text.length || isBreak(text, to);
  if (startsLine && endsLine) {
    if (text.startsWith('\r\n', to)) to += 2;
    else if (to < text.length) to++;
    return { span: { start: from, end: to }, text: '' };
  }
  if (startsLine && text[to] === ')') {
    // A `)` that would stand alone goes up, if no comment ends the line there.
    const behind = text.slice(0, from).trimEnd().length;
    const line = text.slice(text.lastIndexOf('\n', behind - 1) + 1, behind);
    if (behind > 0 && !line.includes(';;')) return { span: { start: behind, end: to }, text: '' };
  }
  if (startsLine) return { span: { start, end: to }, text: '' };
  // What stood apart stays apart.
  const next = text[end];
  const before = text[from - 1];
  const needsSpace =
    from < start && !endsLine && next !== ')' && before !== '(' && to === end && next !== '(' && next !== ';';
  return { span: { start: from, end }, text: needsSpace ? ' ' : '' };
}

/** Takes several ranges out; what stands on one line with only space in between goes as one. */
export function removingAll(text: string, spans: readonly Span[]): Edit[] {
  const joined: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && /^[ \t]*$/.test(text.slice(last.end, Math.max(last.end, span.start)))) {
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    } else joined.push(span);
  }
  const edits: Edit[] = [];
  for (const edit of joined.map((span) => removing(text, span))) {
    const last = edits.at(-1);
    // Both may take the space between them.
    if (!last || edit.span.start >= last.span.end) edits.push(edit);
    else edits[edits.length - 1] = { span: { start: last.span.start, end: edit.span.end }, text: edit.text };
  }
  return edits;
}

function isBlank(text: string, pos: number): boolean {
  const char = text.charCodeAt(pos);
  return char === 0x20 || char === 0x09;
}

function isBreak(text: string, pos: number): boolean {
  const char = text.charCodeAt(pos);
  return char === 0x0a || char === 0x0d;
}

/** The text behind the edits, which must not overlap. */
export function applied(text: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const { span, text: inserted } of inOrder(edits)) {
    out += text.slice(at, span.start) + inserted;
    at = Math.max(at, span.end);
  }
  return out + text.slice(at);
}

export function inOrder(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

/** True if two of the edits touch the same text. */
export function overlap(edits: readonly Edit[]): boolean {
  const sorted = inOrder(edits);
  return sorted.some(({ span }, i) => i > 0 && span.start < sorted[i - 1].span.end);
}

export function textEdits(document: TextDocument, edits: readonly Edit[]): TextEdit[] {
  return inOrder(edits).map(({ span, text }) => ({
    range: { start: document.positionAt(span.start), end: document.positionAt(span.end) },
    newText: text,
  }));
}

/** Where a line can follow that of `pos`: behind the comment that ends it, if nothing else stands there. */
export function behindComment(text: string, pos: number): number {
  return pos + (/^[ \t]*;;[^\r\n]*/.exec(text.slice(pos, pos + 2000))?.[0].length ?? 0);
}

/** The white space in front of the line around a place. */
export function indentAt(text: string, pos: number): string {
  let start = pos;
  while (start > 0 && !isBreak(text, start - 1)) start--;
  let end = start;
  while (isBlank(text, end)) end++;
  return text.slice(start, end);
}

/** How the text ends its lines. */
export function lineBreakOf(text: string): string {
  const found = text.indexOf('\n');
  return found > 0 && text[found - 1] === '\r' ? '\r\n' : '\n';
}
