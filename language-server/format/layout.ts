/**
 * The second pass of the layout, over one measured form: the white space in front of each of its pieces.
 *
 * What fits on the line stays on one line; what does not, or what its author broke where that is kept, is broken as
 * the pieces' joins say. Only white space is looked at and made: no other character is ever touched. Works without
 * recursion, in steps.
 */

import { Tok } from '../../engine/text/lexer.ts';
import type { Tree } from '../../engine/text/tree.ts';
import { Kind } from './kinds.ts';
import { Join, NEVER, type Pieces } from './measure.ts';
import { type FormatOptions, type Indents, MOST_INDENT } from './options.ts';

/** What is the same for a whole text. */
export interface Page {
  readonly tree: Tree;
  readonly options: FormatOptions;
  readonly indents: Indents;
  /** How the text ends its lines. */
  readonly eol: string;
  /** Takes what should stand in a gap of the text. */
  gap(start: number, end: number, wanted: string): void;
}

/** Where a form is put. */
export interface Spot {
  /** Where its line begins, and where it itself does. */
  readonly indent: number;
  readonly column: number;
  /** How many `)` follow on its last line. */
  readonly behind: number;
}

interface Frame {
  readonly kind: Kind;
  /** Columns of its own line, and of the lines inside. */
  readonly indent: number;
  readonly inside: number;
  /** Something of its inside was laid out. */
  started: boolean;
  /** A line inside of it was laid out: there may be an empty one in front of the next. */
  lines: boolean;
  rowBroken: boolean;
}

/** Pieces between two steps. */
const STEP = 1024;

export function* layOut(page: Page, pieces: Pieces, spot: Spot): Generator<void, void> {
  const layout = new Layout(page, pieces, spot);
  for (let piece = 0; piece < pieces.count; piece++) {
    layout.put(piece);
    if (piece % STEP === STEP - 1) yield;
  }
}

class Layout {
  private readonly page: Page;
  private readonly pieces: Pieces;
  private readonly behind: number;
  private readonly frames: Frame[] = [];
  private column: number;
  private lineIndent: number;
  /** True while all that stands on the line are comments in front of something. */
  private startsLine = true;
  /** The form that comes, behind the comments that lead to it, is hugged. */
  private hugs = false;
  /** The next piece may not stand on this line. */
  private mustBreak = false;
  /** The last piece of what stands on one line. */
  private flatUntil = -1;

  constructor(page: Page, pieces: Pieces, { indent, column, behind }: Spot) {
    this.page = page;
    this.pieces = pieces;
    this.column = column;
    this.lineIndent = indent;
    this.behind = behind;
  }

  put(piece: number): void {
    const { pieces } = this;
    const join = pieces.joins[piece] as Join;
    const isInside = piece > this.flatUntil;
    if (piece > 0) {
      if (isInside) this.broken(piece, join);
      else this.space(piece, this.opensBefore(piece) || join === Join.Close ? '' : ' ');
    }
    if (pieces.partners[piece] >= 0) this.open(piece, isInside);
    else this.advance(piece);
    if (isInside && (join === Join.Close || join === Join.End) && piece > 0) this.frames.pop();
    this.note(piece, join);
  }

  /** A form or a flat block: on one line if it fits. */
  private open(piece: number, isInside: boolean): void {
    const { pieces, page, frames } = this;
    const { tokens } = page.tree;
    const unit = page.options.tabSize;
    const last = pieces.partners[piece];
    const start = tokens.starts[pieces.tokens[piece]];
    const isFlat = pieces.kinds[piece] === Kind.Flat;
    if (isInside) {
      const behind = isFlat ? this.closersAt(last + 1) : this.closersAt(last) - 1;
      const fits = this.column + pieces.widths[piece] + behind <= page.options.width;
      if (pieces.widths[piece] < NEVER && fits) this.flatUntil = last;
      else {
        const own = this.startsLine || this.hugs ? this.lineIndent : bounded(this.lineIndent + unit);
        frames.push({
          kind: pieces.kinds[piece],
          indent: own,
          inside: bounded(own + unit),
          started: false,
          lines: false,
          rowBroken: false,
        });
      }
    }
    this.column += isFlat ? tokens.starts[pieces.ends[piece]] - start : 1;
  }

  private advance(piece: number): void {
    const { text, starts } = this.page.tree.tokens;
    const { tokens, ends } = this.pieces;
    const start = starts[tokens[piece]];
    const end = starts[ends[piece]];
    const isToken = ends[piece] === tokens[piece] + 1;
    if (isToken && this.kindOf(piece) !== Tok.BlockComment) {
      this.column += end - start;
      return;
    }
    let line = end;
    while (line > start && !isBreak(text.charCodeAt(line - 1))) line--;
    this.column = line > start ? end - line : this.column + end - start;
  }

  /** What the piece means for the next one. */
  private note(piece: number, join: Join): void {
    const kind = this.kindOf(piece);
    if (kind === Tok.LineComment) this.mustBreak = true;
    else if (kind === Tok.BlockComment || kind === Tok.Annot) {
      if (join !== Join.Stick) this.mustBreak = join === Join.Own;
    } else {
      this.mustBreak = false;
      this.startsLine = false;
    }
  }

  /** The white space in front of a piece of a form that is broken. */
  private broken(piece: number, join: Join): void {
    const { pieces, frames } = this;
    const frame = frames[frames.length - 1];
    if (join !== Join.Stick) this.hugs = join === Join.Hug;
    switch (join) {
      case Join.Head:
      case Join.Glue:
        this.onLine(piece, bounded((frame.started ? frame.inside : frame.indent) + 2 * this.unit));
        return;
      case Join.Fill:
        this.onLine(piece, frame.inside);
        return;
      case Join.ListItem: {
        const isFirst = !frame.started;
        frame.started = true;
        if (isFirst || this.breaksBefore(piece) > 0) this.line(piece, frame);
        else this.onLine(piece, frame.inside);
        return;
      }
      case Join.Soft:
        if (!this.mustBreak && this.fits(piece)) this.space(piece, ' ');
        else this.line(piece, frame);
        return;
      case Join.Hug:
        if (this.mustBreak) this.line(piece, frame);
        else this.space(piece, ' ');
        return;
      case Join.Item:
      case Join.Own:
        this.line(piece, frame);
        frame.started ||= join === Join.Item;
        return;
      case Join.Row: {
        this.line(piece, frame);
        frame.started = true;
        const end = pieces.rowEnds[piece];
        const width = pieces.rows[piece] + (end >= 0 ? this.closersAt(end) : 0);
        frame.rowBroken = frame.inside + width > this.page.options.width;
        return;
      }
      case Join.Next:
        if (frame.rowBroken || this.mustBreak) this.line(piece, frame);
        else this.space(piece, ' ');
        return;
      case Join.Middle:
        this.newLine(piece, frame.indent, false);
        frame.started = false;
        frame.lines = false;
        return;
      case Join.End:
        this.newLine(piece, frame.indent, false);
        return;
      case Join.Close: {
        const { closing } = this.page.options;
        const ownLine = closing === 'line' || (closing === 'keep' && this.breaksBefore(piece) > 0);
        if (ownLine || this.kindOf(piece - 1) === Tok.LineComment) this.newLine(piece, frame.indent, false);
        else this.space(piece, '');
        return;
      }
      case Join.Trail:
        this.space(piece, this.trailing(piece));
        return;
      default:
        this.space(piece, ' ');
    }
  }

  /** On the line if it fits there, or if a new one would not help. */
  private onLine(piece: number, column: number): void {
    const isFirst = this.opensBefore(piece);
    const helps = this.column > column && !isFirst;
    if (this.mustBreak || (helps && !this.fits(piece))) this.newLine(piece, column, false);
    else this.space(piece, isFirst ? '' : ' ');
  }

  /** Authors align comments: what is in front of one stays. */
  private trailing(piece: number): string {
    if (this.kindOf(piece) !== Tok.LineComment) return this.opensBefore(piece) ? '' : ' ';
    const { text, starts } = this.page.tree.tokens;
    const { tokens, ends } = this.pieces;
    return text.slice(starts[ends[piece - 1]], starts[tokens[piece]]) || ' ';
  }

  /** A line of the inside, behind an empty one if the author had one. */
  private line(piece: number, frame: Frame): void {
    this.newLine(piece, frame.inside, frame.lines && this.breaksBefore(piece) > 1);
    frame.lines = true;
  }

  private newLine(piece: number, column: number, isApart: boolean): void {
    const { eol, indents } = this.page;
    this.space(piece, (isApart ? eol + eol : eol) + indents.at(column));
    this.column = column;
    this.lineIndent = column;
    this.startsLine = true;
  }

  private space(piece: number, wanted: string): void {
    const { starts } = this.page.tree.tokens;
    const { tokens, ends } = this.pieces;
    this.page.gap(starts[ends[piece - 1]], starts[tokens[piece]], wanted);
    this.column += wanted.length;
  }

  /** True if the piece, with the comments that lead to it and the `)` behind it, fits on the line behind a space. */
  private fits(piece: number): boolean {
    const { pieces } = this;
    let width = pieces.widths[piece];
    let last = piece;
    while (pieces.joins[last + 1] === Join.Stick && isComment(this.kindOf(last))) {
      last++;
      width += 1 + pieces.widths[last];
    }
    if (width >= NEVER) return false;
    const behind = pieces.partners[last] >= 0 ? pieces.partners[last] + 1 : last + 1;
    return this.column + 1 + width + this.closersAt(behind) <= this.page.options.width;
  }

  /** How many `)` stand from a piece on, those behind the whole form too. */
  private closersAt(piece: number): number {
    const { closers, count } = this.pieces;
    if (piece >= count) return this.behind;
    return closers[piece] + (piece + closers[piece] === count ? this.behind : 0);
  }

  private get unit(): number {
    return this.page.options.tabSize;
  }

  private kindOf(piece: number): number {
    return this.page.tree.tokens.kinds[this.pieces.tokens[piece]];
  }

  private opensBefore(piece: number): boolean {
    return this.kindOf(piece - 1) === Tok.Open;
  }

  private breaksBefore(piece: number): number {
    return this.pieces.breaks[piece];
  }
}

function isComment(kind: number): boolean {
  return kind === Tok.BlockComment || kind === Tok.Annot;
}

function isBreak(char: number): boolean {
  return char === 0x0a || char === 0x0d;
}

function bounded(column: number): number {
  return Math.min(column, MOST_INDENT);
}
