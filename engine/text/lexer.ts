/**
 * Lexer of the text format: one pass, flat arrays, any input (spec 6.3).
 *
 * Lossless: the tokens cover the text without gaps, trivia included; token i is `text[starts[i], starts[i + 1])`.
 * Never throws: what is no token becomes one of kind `Bad` or keeps its kind (an unfinished string is a string),
 * and a fault says why. Knows keywords by number (words.ts) but no grammar: parentheses are matched in tree.ts.
 * Over 300 lines would be easier to read as a table of regular expressions, but 20 times slower.
 * An edited text is read again around the edit only (lex-edit.ts).
 */

import { type Fault, faultIn, type Span } from '../base/errors.ts';
import { findWord, hashStep } from './words.ts';

/** Kinds of tokens. The first three are trivia. */
export const enum Tok {
  Space = 0,
  LineComment = 1,
  BlockComment = 2,
  Open = 3,
  Close = 4,
  /** `(@id`: opens an annotation, closed by a `Close`. */
  Annot = 5,
  Keyword = 6,
  /** `$x` or `$"x"`. */
  Id = 7,
  Int = 8,
  Float = 9,
  String = 10,
  /** A run of characters that is no token: `0x`, `1_`, `a"b"`, `,`. Allowed in annotations only. */
  Reserved = 11,
  /** Characters that may stand nowhere outside strings and comments. */
  Bad = 12,
  /** Behind the last token. */
  End = 13,
}

/** A text as tokens. `kinds` and `starts` have one more entry, for the end. */
export interface Tokens {
  readonly text: string;
  readonly count: number;
  readonly kinds: Uint8Array;
  /** UTF-16 offsets; `starts[count]` is the text's length. */
  readonly starts: Int32Array;
  /** Keyword number (words.ts) of keyword tokens; 0 for others and for unknown keywords. */
  readonly words: Uint16Array;
  /** By position; the first ones if there are very many. */
  readonly faults: readonly Fault[];
  /** True if there are more faults than are told. */
  readonly hasMoreFaults: boolean;
}

/** How many faults are kept: a file of garbage has one a character. */
export const MOST_FAULTS = 1000;

export function isTrivia(kind: number): boolean {
  return kind <= Tok.BlockComment;
}

/** The text of a token. */
export function tokenText(tokens: Tokens, token: number): string {
  return tokens.text.slice(tokens.starts[token], tokens.starts[token + 1]);
}

export function tokenSpan(tokens: Tokens, token: number): Span {
  return { start: tokens.starts[token], end: tokens.starts[token + 1] ?? tokens.starts[token] };
}

/** The token that covers `pos`; the last one for positions at or behind the end; -1 for an empty text. */
export function tokenAt(tokens: Tokens, pos: number): number {
  let low = 0;
  let high = tokens.count - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (tokens.starts[mid] <= pos) low = mid;
    else high = mid - 1;
  }
  return high < 0 ? -1 : low;
}

const enum Char {
  Illegal = 0,
  Space = 1,
  Open = 2,
  Close = 3,
  Quote = 4,
  Semicolon = 5,
  /** `,` `[` `]` `{` `}`: only in reserved tokens. */
  Punct = 6,
  /** From here on: characters of identifiers and keywords. */
  Symbol = 7,
  Dollar = 8,
  Lower = 9,
  Digit = 10,
  Sign = 11,
}

const CLASSES = classes();

function classes(): Uint8Array {
  const out = new Uint8Array(128);
  const set = (chars: string, kind: Char) => {
    for (let i = 0; i < chars.length; i++) out[chars.charCodeAt(i)] = kind;
  };
  set(' \t\n\r', Char.Space);
  set('(', Char.Open);
  set(')', Char.Close);
  set('"', Char.Quote);
  set(';', Char.Semicolon);
  set(',[]{}', Char.Punct);
  set("!#%&'*./:<=>?@\\^_`|~ABCDEFGHIJKLMNOPQRSTUVWXYZ", Char.Symbol);
  set('$', Char.Dollar);
  set('abcdefghijklmnopqrstuvwxyz', Char.Lower);
  set('0123456789', Char.Digit);
  set('+-', Char.Sign);
  return out;
}

function classAt(text: string, pos: number): number {
  const char = text.charCodeAt(pos);
  return char < 128 ? CLASSES[char] : Char.Illegal;
}

/** How many tokens are read between two points where the work can be interrupted. */
export const CHUNK = 8192;

/** Splits any text into tokens, in one pass. */
export function lex(text: string): Tokens {
  const lexer = new Lexer(text, 0, (text.length >> 2) + 64);
  lexer.advance(Number.POSITIVE_INFINITY);
  return lexer.finish();
}

/** The same in steps. */
export function* lexing(text: string): Generator<void, Tokens> {
  const lexer = new Lexer(text, 0, (text.length >> 2) + 64);
  while (!lexer.advance(CHUNK)) yield;
  return lexer.finish();
}

/** Reads tokens, some at a time. */
export class Lexer {
  readonly text: string;
  /** Where the next token begins. */
  pos: number;
  /** How many tokens were read. */
  count = 0;
  private kinds: Uint8Array;
  private starts: Int32Array;
  private words: Uint16Array;
  private readonly faults: Fault[] = [];
  private hasMoreFaults = false;

  constructor(text: string, from: number, capacity: number) {
    this.text = text;
    this.pos = from;
    this.kinds = new Uint8Array(capacity);
    this.starts = new Int32Array(capacity);
    this.words = new Uint16Array(capacity);
  }

  finish(): Tokens {
    const { text, count, faults, hasMoreFaults } = this;
    this.kinds[count] = Tok.End;
    this.starts[count] = this.pos;
    return {
      text,
      count,
      kinds: this.kinds.slice(0, count + 1),
      starts: this.starts.slice(0, count + 1),
      words: this.words.slice(0, count + 1),
      faults,
      hasMoreFaults,
    };
  }

  /** Reads `more` tokens or up to the end of the text. Returns whether the end is reached. */
  advance(more: number): boolean {
    const { text, faults } = this;
    let { count, pos, kinds, starts, words } = this;
    const { length } = text;
    const stop = count + more;
    let capacity = kinds.length;
    while (pos < length && count < stop) {
      if (count + 2 > capacity) {
        capacity *= 2;
        kinds = grown(kinds, new Uint8Array(capacity));
        starts = grown(starts, new Int32Array(capacity));
        words = grown(words, new Uint16Array(capacity));
      }
      const start = pos;
      let kind: Tok;
      let wordNumber = 0;
      switch (classAt(text, pos)) {
        case Char.Space: {
          kind = Tok.Space;
          // Half of an indented text is spaces.
          let char: number;
          do char = text.charCodeAt(++pos);
          while (char === 0x20 || char === 0x0a || char === 0x09 || char === 0x0d);
          break;
        }
        case Char.Open: {
          const next = text.charCodeAt(pos + 1);
          if (next === 0x3b) {
            kind = Tok.BlockComment;
            pos = endOfBlockComment(text, pos, faults);
          } else if (next === 0x40) {
            kind = Tok.Annot;
            pos = endOfAnnotationId(text, pos, faults);
          } else {
            kind = Tok.Open;
            pos++;
          }
          break;
        }
        case Char.Close:
          kind = Tok.Close;
          pos++;
          break;
        case Char.Lower: {
          let hash = 0;
          let char = text.charCodeAt(pos);
          do {
            hash = hashStep(hash, char);
            char = text.charCodeAt(++pos);
          } while (char < 128 && CLASSES[char] >= Char.Symbol);
          if (!endsToken(text, pos)) {
            kind = Tok.Reserved;
            pos = endOfReserved(text, pos, faults);
            break;
          }
          kind = Tok.Keyword;
          wordNumber = findWord(text, start, pos, hash);
          if (wordNumber === 0 && isNanOrInf(text, start, pos)) kind = Tok.Float;
          else if (wordNumber === 0 && text.startsWith('nan:', start)) kind = Tok.Reserved;
          break;
        }
        case Char.Dollar:
          pos = endOfIdChars(text, pos);
          kind = Tok.Id;
          if (pos === start + 1 && text.charCodeAt(pos) === 0x22) {
            const end = endOfString(text, pos, undefined);
            if (end < 0 || end === pos + 2) {
              faults.push(faultIn('malformed', { start, end: start + 1 }, 'empty identifier'));
              pos = end < 0 ? endOfString(text, pos, faults, true) : end;
            } else {
              pos = endOfString(text, pos, faults);
            }
          } else if (pos === start + 1) {
            faults.push(faultIn('malformed', { start, end: pos }, 'empty identifier'));
          }
          if (!endsToken(text, pos)) {
            kind = Tok.Reserved;
            pos = endOfReserved(text, pos, faults);
          }
          break;
        case Char.Digit:
        case Char.Sign:
          pos = endOfIdChars(text, pos);
          if (endsToken(text, pos)) {
            kind = numberKind(text, start, pos);
          } else {
            kind = Tok.Reserved;
            pos = endOfReserved(text, pos, faults);
          }
          break;
        case Char.Quote:
          pos = finishString(text, pos, faults);
          kind = Tok.String;
          if (!endsToken(text, pos)) {
            kind = Tok.Reserved;
            pos = endOfReserved(text, pos, faults);
          }
          break;
        case Char.Semicolon:
          if (text.charCodeAt(pos + 1) === 0x3b) {
            kind = Tok.LineComment;
            pos = endOfLine(text, pos + 2);
          } else {
            kind = Tok.Reserved;
            pos = endOfReserved(text, pos, faults);
          }
          break;
        case Char.Symbol:
        case Char.Punct:
          kind = Tok.Reserved;
          pos = endOfReserved(text, pos, faults);
          break;
        default:
          kind = Tok.Bad;
          do pos++;
          while (pos < length && classAt(text, pos) === Char.Illegal);
          if (faults.length > MOST_FAULTS) break;
          faults.push(
            faultIn('malformed', { start, end: pos }, `illegal character ${charName(text, start)}`),
          );
      }
      kinds[count] = kind;
      starts[count] = start;
      words[count] = wordNumber;
      count++;
    }
    if (faults.length > MOST_FAULTS) {
      faults.length = MOST_FAULTS;
      this.hasMoreFaults = true;
    }
    this.count = count;
    this.pos = pos;
    this.kinds = kinds;
    this.starts = starts;
    this.words = words;
    return pos >= length;
  }
}

function grown<T extends Uint8Array | Int32Array | Uint16Array>(old: T, bigger: T): T {
  bigger.set(old);
  return bigger;
}

/** True if the character at `pos` cannot go on a token that ends there: space, parenthesis, comment, end. */
function endsToken(text: string, pos: number): boolean {
  const kind = classAt(text, pos);
  if (kind <= Char.Close) return true;
  return kind === Char.Semicolon && text.charCodeAt(pos + 1) === 0x3b;
}

function endOfIdChars(text: string, pos: number): number {
  do pos++;
  while (classAt(text, pos) >= Char.Symbol);
  return pos;
}

function endOfReserved(text: string, pos: number, faults: Fault[]): number {
  while (!endsToken(text, pos)) {
    pos = classAt(text, pos) === Char.Quote ? finishString(text, pos, faults) : pos + 1;
  }
  return pos;
}

function endOfLine(text: string, pos: number): number {
  for (; pos < text.length; pos++) {
    const char = text.charCodeAt(pos);
    if (char === 0x0a || char === 0x0d) break;
  }
  return pos;
}

/** Comments nest: `(; (; ;) ;)`. Looks from semicolon to semicolon, because one that is not closed is as long as the text. */
function endOfBlockComment(text: string, start: number, faults: Fault[]): number {
  let depth = 1;
  let pos = start + 2;
  for (let at = text.indexOf(';', pos); at >= 0; at = text.indexOf(';', pos)) {
    if (at > pos && text.charCodeAt(at - 1) === 0x28) {
      depth++;
      pos = at + 1;
    } else if (text.charCodeAt(at + 1) === 0x29) {
      pos = at + 2;
      if (--depth === 0) return pos;
    } else {
      pos = at + 1;
    }
  }
  faults.push(faultIn('malformed', { start, end: start + 2 }, 'unclosed comment'));
  return text.length;
}

/** `(@id` or `(@"any id"`. One without an id is a token too: inside of annotations it is allowed (tree.ts). */
function endOfAnnotationId(text: string, start: number, faults: Fault[]): number {
  let pos = start + 2;
  if (text.charCodeAt(pos) === 0x22) {
    const end = endOfString(text, pos, undefined);
    return end < 0 ? pos : endOfString(text, pos, faults);
  }
  while (classAt(text, pos) >= Char.Symbol) pos++;
  return pos;
}

/** Behind the string that starts at `pos`, closed or not. */
function finishString(text: string, pos: number, faults: Fault[]): number {
  const end = endOfString(text, pos, faults);
  return end < 0 ? endOfString(text, pos, faults, true) : end;
}

/**
 * Behind the closing quote of the string that opens at `start`; reports bad escapes. -1 if it is not closed on
 * its line, or with `unclosed` where it then ends.
 */
function endOfString(text: string, start: number, faults: Fault[] | undefined, unclosed = false): number {
  let pos = start + 1;
  for (; pos < text.length; pos++) {
    const char = text.charCodeAt(pos);
    if (char === 0x22) return pos + 1;
    if (char === 0x5c) {
      const length = escapeLength(text, pos);
      if (length > 0) pos += length - 1;
      else {
        const span = { start: pos, end: Math.min(pos + 2, text.length) };
        if (!unclosed) faults?.push(faultIn('malformed', span, 'illegal escape', [ESCAPES]));
        const next = text.charCodeAt(pos + 1);
        if (next !== 0x0a && next !== 0x0d) pos++;
      }
    } else if (char < 0x20 || char === 0x7f) {
      if (char === 0x0a || char === 0x0d) break;
      if (!faults) return -1;
      const span = { start: pos, end: pos + 1 };
      if (!unclosed)
        faults.push(faultIn('malformed', span, `illegal control character ${charName(text, pos)}`));
    }
  }
  pos = Math.min(pos, text.length);
  if (!unclosed) {
    faults?.push(faultIn('malformed', { start, end: pos }, 'unclosed string'));
    return -1;
  }
  return pos;
}

const ESCAPES = {
  message: 'escapes are \\t \\n \\r \\" \\\' \\\\, two hexadecimal digits (\\2a) and \\u{…}',
};

/** Length of the escape at `pos` (a backslash); 0 if it is none. */
function escapeLength(text: string, pos: number): number {
  const char = text.charCodeAt(pos + 1);
  switch (char) {
    case 0x74: // t
    case 0x6e: // n
    case 0x72: // r
    case 0x22:
    case 0x27:
    case 0x5c:
      return 2;
    case 0x75: {
      if (text.charCodeAt(pos + 2) !== 0x7b) return 0;
      let end = pos + 3;
      let value = 0;
      while (hexDigit(text.charCodeAt(end)) >= 0 || (text.charCodeAt(end) === 0x5f && end > pos + 3)) {
        if (text.charCodeAt(end) === 0x5f) {
          if (hexDigit(text.charCodeAt(end + 1)) < 0) return 0;
        } else value = Math.min(value * 16 + hexDigit(text.charCodeAt(end)), 0x110000);
        end++;
      }
      if (end === pos + 3 || text.charCodeAt(end) !== 0x7d) return 0;
      if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return 0;
      return end + 1 - pos;
    }
    default:
      return hexDigit(char) >= 0 && hexDigit(text.charCodeAt(pos + 2)) >= 0 ? 3 : 0;
  }
}

/** The value of a hexadecimal digit; -1 if it is none. */
export function hexDigit(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const lower = char | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function isNanOrInf(text: string, start: number, end: number): boolean {
  if (end - start < 3) return false;
  if (text.startsWith('inf', start)) return end === start + 3;
  if (!text.startsWith('nan', start)) return false;
  if (end === start + 3) return true;
  return text.startsWith(':0x', start + 3) && digitsEnd(text, start + 6, end, true) === end;
}

/** Behind the digits at `pos`, single underscores between them; `pos` if there is none; -1 for a stray `_`. */
function digitsEnd(text: string, pos: number, end: number, hex: boolean): number {
  let afterDigit = false;
  for (; pos < end; pos++) {
    const char = text.charCodeAt(pos);
    if (char === 0x5f) {
      if (!afterDigit) return -1;
      afterDigit = false;
    } else if (hex ? hexDigit(char) >= 0 : char >= 0x30 && char <= 0x39) {
      afterDigit = true;
    } else break;
  }
  return text.charCodeAt(pos - 1) === 0x5f ? -1 : pos;
}

/** Int, Float or Reserved: checks the whole literal (spec 6.3.2, 6.3.3). */
function numberKind(text: string, start: number, end: number): Tok {
  let pos = start;
  if (classAt(text, pos) === Char.Sign) pos++;
  if (classAt(text, pos) !== Char.Digit) return isNanOrInf(text, pos, end) ? Tok.Float : Tok.Reserved;
  const hex = text.charCodeAt(pos) === 0x30 && text.charCodeAt(pos + 1) === 0x78;
  if (hex) pos += 2;
  const digits = digitsEnd(text, pos, end, hex);
  if (digits <= pos) return Tok.Reserved;
  pos = digits;
  if (pos === end) return Tok.Int;
  if (text.charCodeAt(pos) === 0x2e) {
    pos = digitsEnd(text, pos + 1, end, hex);
    if (pos < 0) return Tok.Reserved;
  }
  const exponent = text.charCodeAt(pos) | 0x20;
  if (pos < end && exponent === (hex ? 0x70 : 0x65)) {
    pos++;
    if (classAt(text, pos) === Char.Sign && pos < end) pos++;
    const after = digitsEnd(text, pos, end, false);
    if (after <= pos) return Tok.Reserved;
    pos = after;
  }
  return pos === end ? Tok.Float : Tok.Reserved;
}

function charName(text: string, pos: number): string {
  const code = text.codePointAt(pos)!;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code > 0x20 && code !== 0x7f && !(code >= 0xd800 && code < 0xe000) && !(code >= 0x80 && code < 0xa0)
    ? `'${String.fromCodePoint(code)}' (${hex})`
    : hex;
}
