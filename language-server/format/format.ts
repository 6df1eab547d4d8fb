/**
 * Formatting a text: the edits of white space that lay it out.
 *
 * The fields of modules and the commands of scripts are laid out one by one (measure.ts, layout.ts); here is what
 * stands between them. A field that is not well-formed stays as it is. In a text whose parentheses do not balance
 * fields keep their columns too, because from them the parser guesses where the unfinished ones end. An edit is made
 * only where white space differs, as small as it can be: so carets and breakpoints stay where they are.
 */

import type { Fault, Span } from '../../engine/base/errors.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { headWord } from '../facts/forms.ts';
import { layOut, type Page } from './layout.ts';
import { lineBreaks, measure } from './measure.ts';
import { type FormatOptions, Indents } from './options.ts';

/** White space to put in the place of other white space. */
export interface GapEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The edits of a whole text, or those inside of a range, by position. In steps of some thousand tokens, so that
 * whoever asks can give up or let others have their turn.
 */
export function* formatEdits(
  tree: Tree,
  options: FormatOptions,
  range?: Span,
): Generator<void, readonly GapEdit[]> {
  const { page, edits } = newPage(tree, options, range);
  const { count } = tree.tokens;
  yield* new Contents(page, range, 0, count, -1, 0).layOut();
  return edits;
}

/** The edits inside of one form, which begins where it begins. Undefined if it is not well-formed. */
export function* formEdits(
  tree: Tree,
  options: FormatOptions,
  open: number,
): Generator<void, readonly GapEdit[] | undefined> {
  const { page, edits } = newPage(tree, options);
  const pieces = yield* measure(tree, open);
  if (!pieces) return undefined;
  const { column, indent } = placeOf(tree, open, options.tabSize);
  const behind = closersBehind(tree, formEnd(tree, open));
  yield* layOut(page, pieces, { indent, column, behind });
  return edits;
}

function newPage(tree: Tree, options: FormatOptions, range?: Span): { page: Page; edits: GapEdit[] } {
  const { text } = tree.tokens;
  const edits: GapEdit[] = [];
  const gap = (start: number, end: number, wanted: string) => {
    if (end - start === wanted.length && text.startsWith(wanted, start)) return;
    const edit = smallest(text, start, end, wanted);
    if (!range || isInside(edit, range, text)) edits.push(edit);
  };
  return { page: { tree, options, indents: new Indents(options), eol: lineEnd(text), gap }, edits };
}

/** A range of whole lines ends where the next line begins: what is put there belongs to that. */
function isInside(edit: GapEdit, range: Span, text: string): boolean {
  if (edit.start < range.start || edit.end > range.end) return false;
  return edit.start < range.end || !/[\r\n]/.test(text.charAt(range.end - 1));
}

/** Without what is the same on both sides; `\r\n` stays in one piece. */
function smallest(text: string, start: number, end: number, wanted: string): GapEdit {
  let from = 0;
  const most = Math.min(end - start, wanted.length);
  while (from < most && text[start + from] === wanted[from]) from++;
  if (from > 0 && text[start + from - 1] === '\r') from--;
  let to = 0;
  while (to < most - from && text[end - 1 - to] === wanted[wanted.length - 1 - to]) to++;
  if (to > 0 && text[end - to] === '\n' && (text[end - to - 1] === '\r' || wanted.at(-to - 1) === '\r')) to--;
  return { start: start + from, end: end - to, text: wanted.slice(from, wanted.length - to) };
}

/** As most of its first lines end: one that ends in another way may have been joined with the next. */
function lineEnd(text: string): string {
  let balance = 0;
  const end = Math.min(text.length, LOOKED_AT);
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
    balance += text[at - 1] === '\r' ? 1 : -1;
  }
  return balance > 0 ? '\r\n' : '\n';
}

/** Characters that say how a text ends its lines. */
const LOOKED_AT = 50_000;

/** What was put last in front of a gap. */
const enum Last {
  Nothing = 0,
  /** The parenthesis or the head of a module. */
  Head = 1,
  LineComment = 2,
  /** A comment or annotation that what follows on its line belongs to. */
  Comment = 3,
  Field = 4,
  /** What stays as it is, with the space around it. */
  Foreign = 5,
}

/** The fields of a module that stands on several lines, or all that a text consists of. */
class Contents {
  private readonly page: Page;
  private readonly range: Span | undefined;
  private readonly from: number;
  private readonly to: number;
  /** The module's parenthesis; -1 for the whole text. */
  private readonly opener: number;
  private readonly indent: number;
  private readonly keepsColumns: boolean;
  private last: Last;
  /** Where what was put last ends. */
  private lastEnd: number;
  private newlines = 0;
  private column = 0;
  private lines = false;

  constructor(page: Page, range: Span | undefined, from: number, to: number, opener: number, indent: number) {
    const { tree } = page;
    this.page = page;
    this.range = range;
    this.from = from;
    this.to = to;
    this.opener = opener;
    this.indent = indent;
    this.keepsColumns = !isBalanced(tree);
    this.last = opener < 0 ? Last.Nothing : Last.Head;
    this.lastEnd = tree.tokens.starts[from];
  }

  *layOut(): Generator<void, void> {
    const { tree } = this.page;
    const { kinds, starts, text } = tree.tokens;
    for (let token = this.from; token < this.to; ) {
      const kind = kinds[token];
      if (kind === Tok.Space) {
        this.newlines = lineBreaks(text, starts[token], starts[token + 1]);
        token++;
        continue;
      }
      let end = token + 1;
      if (kind === Tok.Open || (kind === Tok.Annot && tree.match[token] < 0)) {
        end = formEnd(tree, token);
        yield* this.form(token, end);
        yield;
      } else if (kind === Tok.Annot || kind === Tok.BlockComment || kind === Tok.LineComment) {
        if (kind === Tok.Annot) end = formEnd(tree, token);
        this.comment(token, end, kind);
      } else if (kind === Tok.Close && tree.match[token] === this.opener && this.opener >= 0) {
        this.close(token);
      } else this.other(token, kind);
      this.newlines = 0;
      this.lastEnd = starts[end];
      token = end;
    }
    if (this.opener < 0) this.endOfText();
  }

  private comment(token: number, end: number, kind: number): void {
    const { tree } = this.page;
    const { starts, text } = tree.tokens;
    const isLine = kind === Tok.LineComment;
    if (this.last === Last.Nothing) this.put(token, '');
    else if (this.last === Last.Foreign) this.column = 0;
    else if (this.newlines > 0) this.newLine(token);
    else {
      const gap = text.slice(this.lastEnd, starts[token]);
      const stick = this.lastEnd > 0 && text[this.lastEnd - 1] === '(' ? '' : ' ';
      this.put(token, isLine ? gap || ' ' : stick);
    }
    this.column += starts[end] - starts[token];
    if (end === tree.tokens.count && !isLine && tree.faults.some(isUnclosedComment)) {
      this.last = Last.Foreign;
      return;
    }
    const isFollowed = !isLine && !this.breaksBehind(end);
    if (isLine) this.last = Last.LineComment;
    else if (isFollowed || this.last !== Last.Foreign) this.last = isFollowed ? Last.Comment : Last.Field;
  }

  private breaksBehind(token: number): boolean {
    const { kinds, starts, text } = this.page.tree.tokens;
    return kinds[token] === Tok.Space && lineBreaks(text, starts[token], starts[token + 1]) > 0;
  }

  private *form(open: number, end: number): Generator<void, void> {
    const { page } = this;
    const { tree, options } = page;
    const isModule = this.opener < 0 && headWord(tree, open) === 'module';
    const isOne = !isModule || !this.isLong(open, end);
    if (isOne && !this.isAsked(open, end)) {
      this.begin(open);
      this.last = Last.Field;
      return;
    }
    const pieces = isOne && tree.match[open] >= 0 ? yield* measure(tree, open) : undefined;
    if (isModule && !pieces) {
      const indent = this.begin(open)?.indent ?? placeOf(tree, open, options.tabSize).indent;
      const inside = new Contents(page, this.range, open + 1, end, open, indent + options.tabSize);
      yield* inside.layOut();
      this.last = tree.match[open] < 0 ? Last.Foreign : Last.Field;
      return;
    }
    const spot = pieces && this.begin(open);
    this.last = pieces ? Last.Field : Last.Foreign;
    if (pieces && spot) yield* layOut(page, pieces, { ...spot, behind: closersBehind(tree, end) });
  }

  /** Puts the form in its place; undefined if it keeps the place that it has, which is none. */
  private begin(open: number): { readonly indent: number; readonly column: number } | undefined {
    if (this.keepsColumns) {
      const place = placeOf(this.page.tree, open, this.page.options.tabSize);
      return place.column === place.indent ? place : undefined;
    }
    if (this.last === Last.Foreign) {
      if (this.newlines === 0) return undefined;
      this.newLine(open);
    } else if (this.last === Last.Nothing) this.put(open, '');
    else if (this.last === Last.Comment && this.newlines === 0) this.put(open, ' ');
    else this.newLine(open);
    return { indent: this.last === Last.Nothing ? 0 : this.indent, column: this.column };
  }

  /** True if a module cannot stand on one line, or is not finished. */
  private isLong(open: number, end: number): boolean {
    const { kinds, starts } = this.page.tree.tokens;
    if (this.page.tree.match[open] < 0) return true;
    let width = 0;
    for (let token = open; token < end; token++) {
      if (kinds[token] !== Tok.Space) width += starts[token + 1] - starts[token];
      if (width > this.page.options.width) return true;
    }
    return false;
  }

  private isAsked(open: number, end: number): boolean {
    const { starts } = this.page.tree.tokens;
    return !this.range || (starts[open] < this.range.end && starts[end] > this.range.start);
  }

  private close(token: number): void {
    const { options } = this.page;
    const own = this.indent - options.tabSize;
    if (this.last === Last.Foreign) return;
    const onLine = options.closing === 'line' || (options.closing === 'keep' && this.newlines > 0);
    if (this.last === Last.LineComment || (onLine && this.last !== Last.Head)) {
      this.put(token, this.page.eol + this.page.indents.at(own));
    } else this.put(token, '');
  }

  /** Words in the head of a module; and what no form is, which stays where it is. */
  private other(token: number, kind: number): void {
    const isHead = kind === Tok.Keyword || kind === Tok.Id;
    const inHead = this.last === Last.Head || this.last === Last.Comment || this.last === Last.LineComment;
    if (this.opener < 0 || !isHead || !inHead || this.keepsColumns) {
      this.last = Last.Foreign;
      return;
    }
    const behindOpen = this.lastEnd === this.page.tree.tokens.starts[this.opener + 1];
    if (this.last === Last.LineComment) this.newLine(token);
    else this.put(token, behindOpen ? '' : ' ');
    this.column += tokenText(this.page.tree.tokens, token).length;
    this.last = Last.Head;
  }

  private newLine(token: number): void {
    const { eol, indents } = this.page;
    const isApart = this.lines && this.newlines > 1;
    this.put(token, (isApart ? eol + eol : eol) + indents.at(this.indent));
    this.column = this.indent;
    this.lines = true;
  }

  private put(token: number, wanted: string): void {
    if (this.keepsColumns) return;
    const { starts } = this.page.tree.tokens;
    this.page.gap(this.lastEnd, starts[token], wanted);
    this.column += wanted.length;
    if (this.opener < 0) this.lines = true;
  }

  private endOfText(): void {
    const { tree, options, eol } = this.page;
    if (this.last === Last.Nothing || this.last === Last.Foreign || this.keepsColumns) return;
    if (options.finalNewline === false) return;
    this.page.gap(this.lastEnd, tree.tokens.text.length, eol);
  }
}

/** A comment that is not closed goes on to the end of the text: whatever is put there is in it. */
function isUnclosedComment({ message }: Fault): boolean {
  return message === 'unclosed comment';
}

function isBalanced({ unclosed, faults }: Tree): boolean {
  return unclosed.size === 0 && !faults.some(({ message }) => message === 'unexpected token )');
}

/** How many `)` stand at a token and behind it, as far as it matters. */
function closersBehind(tree: Tree, token: number): number {
  const { kinds } = tree.tokens;
  let count = 0;
  for (; count < 200; token++) {
    if (kinds[token] === Tok.Close) count++;
    else if (kinds[token] !== Tok.Space) break;
  }
  return count;
}

/** The columns of a token and of the line that it is on. */
export function placeOf(tree: Tree, token: number, tabSize: number): { indent: number; column: number } {
  const { text, starts } = tree.tokens;
  const start = starts[token];
  let line = start;
  while (line > 0 && text[line - 1] !== '\n' && text[line - 1] !== '\r') line--;
  let indent = 0;
  let pos = line;
  for (; pos < start && (text[pos] === ' ' || text[pos] === '\t'); pos++) {
    indent += text[pos] === '\t' ? tabSize - (indent % tabSize) : 1;
  }
  return { indent, column: indent + start - pos };
}
