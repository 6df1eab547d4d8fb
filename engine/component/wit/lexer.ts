/**
 * Lexer of WIT (WIT.md, Lexical structure): flat arrays, lossless, any input.
 *
 * Token i is `text[starts[i], starts[i + 1])`; trivia are tokens too. Never throws: what is no token becomes one of kind
 * `Bad`, with a fault. Knows no keywords: whether an identifier is one depends on where it stands.
 */

import { type Fault, faultIn, type Span } from '../../base/errors.ts';

/** Kinds of tokens; the first four are trivia. */
export const enum WitTok {
  Space = 0,
  LineComment = 1,
  BlockComment = 2,
  /** `///` or a block that begins with two stars: documentation of what follows. */
  DocComment = 3,
  /** A word, also with `%` in front. */
  Word = 4,
  Int = 5,
  String = 6,
  /** One of `= , : ; ( ) { } < > * / . @ _ -> + -`. */
  Op = 7,
  Bad = 8,
  End = 9,
}

export interface WitTokens {
  readonly text: string;
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly faults: readonly Fault[];
}

/** How many faults are told for one text. */
const MOST_FAULTS = 1000;

const WORD = /%?[A-Za-z_][0-9A-Za-z_-]*/y;
const INT = /[0-9][0-9A-Za-z_]*/y;
const SPACE = /[ \t\r\n]+/y;

/** Characters that the spec keeps out of WIT: they change how text reads. */
const FORBIDDEN = /[\u202a-\u202e\u2066-\u2069\u0149\u0673\u0f77\u0f79\u17a3\u17a4\u17b4\u17b5]/;

export function lexWit(text: string): WitTokens {
  const kinds: number[] = [];
  const starts: number[] = [];
  const faults: Fault[] = [];
  const note = (span: Span, message: string) => {
    if (faults.length < MOST_FAULTS) faults.push(faultIn('malformed', span, message));
  };
  let pos = text.startsWith('\uFEFF') ? 1 : 0;
  if (pos > 0) {
    kinds.push(WitTok.Space);
    starts.push(0);
  }
  while (pos < text.length) {
    const start = pos;
    let kind = WitTok.Bad;
    const char = text[pos];
    const match = (pattern: RegExp): boolean => {
      pattern.lastIndex = start;
      const found = pattern.exec(text);
      if (found) pos = start + found[0].length;
      return found !== null;
    };
    if (match(SPACE)) kind = WitTok.Space;
    else if (text.startsWith('//', start)) {
      const end = text.indexOf('\n', start);
      pos = end < 0 ? text.length : end;
      const isDoc = text.startsWith('///', start) && text[start + 3] !== '/';
      kind = isDoc ? WitTok.DocComment : WitTok.LineComment;
    } else if (text.startsWith('/*', start)) {
      pos = blockEnd(text, start);
      if (pos < 0) {
        pos = text.length;
        note({ start, end: start + 2 }, 'unterminated block comment');
      }
      const isDoc = text.startsWith('/**', start) && !text.startsWith('/**/', start);
      kind = isDoc ? WitTok.DocComment : WitTok.BlockComment;
    } else if (char === '_' && !/[0-9A-Za-z_-]/.test(text[start + 1] ?? '')) {
      pos = start + 1;
      kind = WitTok.Op;
    } else if (match(WORD)) kind = WitTok.Word;
    else if (match(INT)) kind = WitTok.Int;
    else if (char === '"') {
      pos = stringEnd(text, start);
      kind = WitTok.String;
      if (text[pos - 1] !== '"' || pos === start + 1) note({ start, end: pos }, 'unterminated string');
    } else if (text.startsWith('->', start)) {
      pos = start + 2;
      kind = WitTok.Op;
    } else if ('=,:;(){}<>*/.@+-'.includes(char)) {
      pos = start + 1;
      kind = WitTok.Op;
    } else {
      pos = start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
      note({ start, end: pos }, `unexpected character ${JSON.stringify(text.slice(start, pos))}`);
    }
    kinds.push(kind);
    starts.push(start);
    if (kind <= WitTok.DocComment && FORBIDDEN.test(text.slice(start, pos))) {
      note({ start, end: pos }, 'a character stands here that changes how the text reads');
    }
  }
  const count = kinds.length;
  kinds.push(WitTok.End);
  starts.push(text.length);
  return { text, count, kinds: Uint8Array.from(kinds), starts: Int32Array.from(starts), faults };
}

/** Behind a block comment, which may have others in it; -1 if it does not end. */
function blockEnd(text: string, start: number): number {
  let depth = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return found.index + 2;
  }
  return -1;
}

/** Behind a string; at the end of the line if it is not closed. */
function stringEnd(text: string, start: number): number {
  for (let pos = start + 1; pos < text.length; pos++) {
    const char = text[pos];
    if (char === '\\') pos++;
    else if (char === '"') return pos + 1;
    else if (char === '\n') return pos;
  }
  return text.length;
}
