/**
 * Walks the significant tokens of a tree: skips trivia and annotations, expects things, says what is wrong.
 *
 * A fault is noted in a list and the walk is ended with RECOVER, which the one who can go on (at the next field,
 * the next instruction) catches. Knows the shape of s-expressions and no module. Every "unexpected token" and
 * "unknown operator" of the text format is built here.
 */

import { type Fault, faultIn, type Note, type Span } from '../base/errors.ts';
import { parseUint32, parseUint64 } from '../base/numbers.ts';
import { Tok, type Tokens, tokenSpan, tokenText } from './lexer.ts';
import { stringName } from './strings.ts';
import { formEnd, MAX_FAULTS, type Tree } from './tree.ts';
import { type Structural, word, wordText } from './words.ts';

/** Ends the walk after a fault was noted. One object: it carries nothing. */
export const RECOVER = new Error('a fault in the text');

export class Cursor {
  readonly tree: Tree;
  readonly tokens: Tokens;
  /** Where faults are noted. */
  faults: Fault[];
  /** The current significant token. */
  at = 0;
  /** The token that was consumed last. */
  last = 0;
  /** Behind the last token that belongs to the form being read. */
  limit: number;
  protected readonly kinds: Uint8Array;
  protected readonly words: Uint16Array;

  constructor(tree: Tree, faults: Fault[]) {
    this.tree = tree;
    this.tokens = tree.tokens;
    this.kinds = tree.tokens.kinds;
    this.words = tree.tokens.words;
    this.faults = faults;
    this.limit = tree.tokens.count;
  }

  /** Goes to the first significant token at or behind `token`. */
  seek(token: number): void {
    this.at = this.significant(token);
  }

  /** Goes to the inside of the form that opens at `open`, bounded by it. Returns the limit before. */
  enterForm(open: number): number {
    const before = this.limit;
    this.limit = formEnd(this.tree, open);
    this.at = this.significant(open + 1);
    return before;
  }

  /** Runs inside the form that opens at `open`; false if a fault ended it. */
  within(open: number, read: () => void): boolean {
    const before = this.enterForm(open);
    try {
      read();
      return true;
    } catch (error) {
      if (error !== RECOVER) throw error;
      return false;
    } finally {
      this.limit = before;
    }
  }

  /** The first significant token at or behind `token`. */
  significant(token: number): number {
    const { kinds } = this;
    for (;;) {
      const kind = kinds[token];
      if (kind === Tok.Annot) token = formEnd(this.tree, token);
      else if (kind <= Tok.BlockComment) token++;
      else return token;
    }
  }

  /** Consumes the current token and returns it. */
  take(): number {
    const token = this.at;
    this.last = token;
    this.at = this.significant(token + 1);
    return token;
  }

  get kind(): number {
    return this.at < this.limit ? this.kinds[this.at] : Tok.End;
  }

  isClose(): boolean {
    return this.kind === Tok.Close;
  }

  /** True if a form with this keyword opens here: `(param`. */
  isForm(wordNumber: number): boolean {
    if (this.kind !== Tok.Open) return false;
    return this.words[this.significant(this.at + 1)] === wordNumber;
  }

  /** The keyword number of the form that opens here; -1 if none opens, 0 if it has no known keyword. */
  formWord(): number {
    return this.kind === Tok.Open ? this.words[this.significant(this.at + 1)] : -1;
  }

  /** Enters the form that opens here, behind its keyword. Returns its open token. */
  open(): number {
    const open = this.take();
    this.take();
    return open;
  }

  /** Leaves the form: the current token must be its `)`. */
  close(): number {
    if (this.kind !== Tok.Close) this.unexpected(')');
    return this.take();
  }

  /** Consumes the keyword if it stands here. */
  tryWord(wordNumber: number): boolean {
    if (this.at >= this.limit || this.words[this.at] !== wordNumber) return false;
    this.take();
    return true;
  }

  expectWord(name: Structural): void {
    if (!this.tryWord(word(name))) this.unexpected(name);
  }

  /** An identifier if one stands here, else -1. */
  tryId(): number {
    return this.kind === Tok.Id ? this.take() : -1;
  }

  /** A string token. */
  string(expected = 'a string'): number {
    if (this.kind !== Tok.String) this.unexpected(expected);
    return this.take();
  }

  /** A string token as a name: must be UTF-8. */
  name(expected: string): string {
    const token = this.string(expected);
    const name = stringName(this.tokens, token);
    if (name === undefined) this.note('malformed UTF-8 encoding', token);
    return name ?? '';
  }

  /** An unsigned 32-bit number. */
  u32(expected = 'a number'): number {
    if (this.kind !== Tok.Int) this.unexpected(expected);
    const { text, starts } = this.tokens;
    const start = starts[this.at];
    const end = starts[this.at + 1];
    const first = text.charCodeAt(start) - 0x30;
    if (end - start === 1) {
      this.take();
      return first;
    }
    if (first < 0) this.unexpected(expected);
    const parsed = parseUint32(text.slice(start, end));
    if (!parsed.ok) this.fail('i32 constant out of range', this.at);
    this.take();
    return parsed.value;
  }

  /** An unsigned 64-bit number. */
  u64(expected = 'a number'): bigint {
    if (this.kind !== Tok.Int) this.unexpected(expected);
    const parsed = parseUint64(tokenText(this.tokens, this.at));
    if (!parsed.ok && parsed.error === 'unknown operator') this.unexpected(expected);
    if (!parsed.ok) this.fail('i64 constant out of range', this.at);
    this.take();
    return parsed.value;
  }

  text(token: number): string {
    return tokenText(this.tokens, token);
  }

  span(token: number): Span {
    return tokenSpan(this.tokens, token);
  }

  /** From the start of `first` to the end of `last`. */
  spanOf(first: number, last: number): Span {
    return { start: this.tokens.starts[first], end: this.tokens.starts[last + 1] };
  }

  /** The whole form that opens at `open`. */
  formSpan(open: number): Span {
    return this.spanOf(open, Math.max(open, formEnd(this.tree, open) - 1));
  }

  /** Notes a fault and goes on. */
  note(message: string, token: number, notes?: readonly Note[]): void {
    this.noteIn(message, this.span(token), notes);
  }

  noteIn(message: string, span: Span, notes?: readonly Note[]): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(faultIn('malformed', span, message, notes));
  }

  /** Notes a fault and gives the form up. */
  fail(message: string, token: number, notes?: readonly Note[]): never {
    this.note(message, token, notes);
    throw RECOVER;
  }

  /** The current token may not stand here. */
  unexpected(expected?: string): never {
    this.unexpectedAt(this.at, expected);
  }

  /** Notes that a token may not stand here, and goes on. */
  noteUnexpected(token: number, expected: string): void {
    try {
      this.unexpectedAt(token, expected);
    } catch (error) {
      if (error !== RECOVER) throw error;
    }
  }

  unexpectedAt(token: number, expected?: string): never {
    // An unclosed form and a bad character are faults of the tree already.
    if (token >= this.limit && this.tree.unclosed.size > 0) throw RECOVER;
    if (token < this.limit && this.kinds[token] === Tok.Bad) throw RECOVER;
    const notes = expected ? [{ message: `expected ${expected}` }] : [];
    if (token >= this.limit) this.fail('unexpected token: end of text', this.limit, notes);
    const text = shortened(this.text(token));
    this.fail(
      this.isKnown(token, text) ? `unexpected token ${text}` : `unknown operator ${text}`,
      token,
      notes,
    );
  }

  /** False for what the text format has no token for: unknown keywords and malformed literals. */
  private isKnown(token: number, text: string): boolean {
    const kind = this.kinds[token];
    if (kind === Tok.Reserved) return false;
    if (kind !== Tok.Keyword || wordText(this.words[token]) !== '') return true;
    return /^(offset|align)=(0x[0-9a-fA-F]+(_[0-9a-fA-F]+)*|[0-9]+(_[0-9]+)*)$/.test(text);
  }
}

/** Enough of a token to know it by. */
function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
