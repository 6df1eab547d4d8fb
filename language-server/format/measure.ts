/**
 * The first pass of the layout, over one form: which pieces it has, how each stands to the one before it, and how
 * wide everything is on one line.
 *
 * A piece is a token that shows, or an annotation as a whole. Works without recursion, in steps. Whatever the second
 * pass (layout.ts) decides follows from the pieces, from widths, and from the author's line breaks where they are
 * kept: so laying out twice changes nothing. A form that is not well-formed has no measure, and stays as it is.
 */

import { ROLES, Role } from '../../engine/text/blocks.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { word } from '../../engine/text/words.ts';
import { significant } from '../facts/forms.ts';
import { BYTES, CLAUSES, HEAD_FORMS, IMMEDIATE_FORMS, KINDS, Kind } from './kinds.ts';

/** How a piece stands to what is in front of it, when the form around is broken. */
export const enum Join {
  /** On the same line if it fits, else further in. Keyword, name, types. */
  Head = 0,
  /** On the same line if all of it fits there, else a line of the inside. */
  Soft = 1,
  /** A line of its own. */
  Item = 2,
  /** The first instruction of a row. */
  Row = 3,
  /** Another one in a row: the row stands on one line if it fits, else each has a line of its own. */
  Next = 4,
  /** An immediate of a flat instruction. */
  Glue = 5,
  Fill = 6,
  /** As `Fill`, but on a new line where the author had one. */
  ListItem = 7,
  /** `)` */
  Close = 8,
  /** Right behind a comment or annotation that belongs to it. */
  Stick = 9,
  /** A comment on the line of what it follows. */
  Trail = 10,
  /** A comment on its own line. */
  Own = 11,
  /** `else`, `catch`: on a line with the flat block's keyword. */
  Middle = 12,
  /** `end`, `delegate` */
  End = 13,
  /** On the same line, and what is inside of it no further in than if it were the form around. */
  Hug = 14,
}

/** What is never on one line. */
export const NEVER = 1 << 28;
const NO_KIND = 255;

/** One entry a piece in each array. */
export interface Pieces {
  readonly count: number;
  /** Its first token, and one past its last. */
  readonly tokens: Int32Array;
  readonly ends: Int32Array;
  readonly joins: Uint8Array;
  /** Line breaks in front of it in the text, at the most two. */
  readonly breaks: Uint8Array;
  /** The kind of the form or flat block that begins here. */
  readonly kinds: Uint8Array;
  /** Where it ends: the piece of its `)` or `end`; -1 for others. */
  readonly partners: Int32Array;
  /** How wide it is on one line, a form or flat block with all that is inside. */
  readonly widths: Int32Array;
  /** For the first of a row: how wide the row is, and the `)` behind it; -1 if something else is behind it. */
  readonly rows: Int32Array;
  readonly rowEnds: Int32Array;
  /** How many `)` stand here in a row. */
  readonly closers: Int32Array;
}

interface Frame {
  kind: Kind;
  readonly opener: number;
  /** The number of its keyword. */
  number: number;
  /** 0: in front of the keyword, 1: in the head, 2: in the inside. */
  stage: 0 | 1 | 2;
  width: number;
  never: boolean;
  row: number;
  rowWidth: number;
  rowNever: boolean;
  /** In a list: what follows are its items. Behind an `else` or `catch_all`: no other may follow. */
  seen: boolean;
}

const W = {
  elem: word('elem'),
  func: word('func'),
  global: word('global'),
  local: word('local'),
  module: word('module'),
  ref: word('ref'),
  shared: word('shared'),
  sub: word('sub'),
  type: word('type'),
};

/** Tokens between two steps. */
const STEP = 1024;

/** Undefined if the form at `open` is not well-formed as far as its layout goes. */
export function* measure(tree: Tree, open: number): Generator<void, Pieces | undefined> {
  const end = formEnd(tree, open);
  if (tree.match[open] < 0) return undefined;
  const measuring = new Measuring(tree, open, end);
  let next = open + STEP;
  for (let token = open; token < end; ) {
    token = measuring.take(token);
    if (token < 0) return undefined;
    if (token < next) continue;
    next = token + STEP;
    yield;
  }
  return measuring.finish();
}

class Measuring {
  private readonly tree: Tree;
  private readonly tokens: Int32Array;
  private readonly ends: Int32Array;
  private readonly joins: Uint8Array;
  private readonly breaks: Uint8Array;
  private readonly kinds: Uint8Array;
  private readonly partners: Int32Array;
  private readonly widths: Int32Array;
  private readonly rows: Int32Array;
  private readonly rowEnds: Int32Array;
  private readonly frames: Frame[] = [];
  private count = 0;
  /** Line breaks in the space just read. */
  private newlines = 0;
  /** The first of the comments and annotations that may belong to the next piece; -1 for none. */
  private pending = -1;
  private pendingWidth = 0;
  private pendingNever = false;

  constructor(tree: Tree, open: number, end: number) {
    const size = end - open;
    this.tree = tree;
    this.tokens = new Int32Array(size);
    this.ends = new Int32Array(size);
    this.joins = new Uint8Array(size);
    this.breaks = new Uint8Array(size);
    this.kinds = new Uint8Array(size).fill(NO_KIND);
    this.partners = new Int32Array(size).fill(-1);
    this.widths = new Int32Array(size);
    this.rows = new Int32Array(size);
    this.rowEnds = new Int32Array(size).fill(-1);
  }

  /** Reads the token; returns the next one, or -1 if this is no well-formed text. */
  take(token: number): number {
    const { kinds, starts, text } = this.tree.tokens;
    const kind = kinds[token];
    if (kind === Tok.Space) {
      this.newlines = lineBreaks(text, starts[token], starts[token + 1]);
      return token + 1;
    }
    if (kind === Tok.Bad || kind === Tok.Reserved) return -1;
    if ((kind === Tok.String || kind === Tok.Id) && !isClosed(text, starts[token], starts[token + 1]))
      return -1;
    const isAnnotation = kind === Tok.Annot;
    if ((isAnnotation || kind === Tok.Open) && this.tree.match[token] < 0) return -1;
    const end = isAnnotation ? formEnd(this.tree, token) : token + 1;
    const piece = this.count++;
    this.tokens[piece] = token;
    this.ends[piece] = end;
    this.breaks[piece] = this.newlines;
    this.newlines = 0;
    this.widths[piece] = starts[end] - starts[token];
    if (kind === Tok.LineComment) this.lineComment(piece);
    else if (isAnnotation || kind === Tok.BlockComment) this.comment(piece);
    else if (!this.real(piece, token, kind)) return -1;
    return end;
  }

  finish(): Pieces | undefined {
    const { count, tokens, ends, joins, breaks, kinds, partners, widths, rows, rowEnds } = this;
    if (this.frames.length > 0) return undefined;
    const closers = new Int32Array(count + 1);
    for (let i = count - 1; i >= 0; i--) {
      if (joins[i] === Join.Close) closers[i] = closers[i + 1] + 1;
    }
    return { count, tokens, ends, joins, breaks, kinds, partners, widths, rows, rowEnds, closers };
  }

  private lineComment(piece: number): void {
    this.settle();
    const frame = this.frames[this.frames.length - 1];
    this.joins[piece] = this.breaks[piece] > 0 ? Join.Own : Join.Trail;
    frame.never = true;
  }

  private comment(piece: number): void {
    const { text, starts } = this.tree.tokens;
    const start = starts[this.tokens[piece]];
    const isOneLine = lineBreaks(text, start, starts[this.ends[piece]]) === 0;
    if (this.pending >= 0 && this.breaks[piece] > 0) this.settle();
    if (this.pending < 0) {
      this.pending = piece;
      this.pendingWidth = this.widths[piece];
      this.pendingNever = !isOneLine;
      return;
    }
    this.joins[piece] = Join.Stick;
    this.pendingWidth += 1 + this.widths[piece];
    this.pendingNever ||= !isOneLine;
  }

  /** The comments read last belong to no piece behind them. */
  private settle(): void {
    const { pending } = this;
    if (pending < 0) return;
    this.pending = -1;
    const frame = this.frames[this.frames.length - 1];
    if (this.breaks[pending] > 0) {
      this.joins[pending] = Join.Own;
      frame.never = true;
      return;
    }
    this.joins[pending] = Join.Trail;
    add(frame, this.pendingWidth, this.pendingNever);
  }

  /** A word, a name, a value, a parenthesis. False if it may not stand there. */
  private real(piece: number, token: number, kind: number): boolean {
    if (kind === Tok.Close || this.breaks[piece] > 0) this.settle();
    const lead = this.pending >= 0 ? this.pending : piece;
    if (lead !== piece) this.joins[piece] = Join.Stick;
    const { frames } = this;
    const frame = frames[frames.length - 1];
    if (kind === Tok.Close) return this.close(frame, piece);
    if (kind === Tok.Open) {
      const keyword = significant(this.tree, token + 1);
      const number = this.tree.tokens.words[keyword];
      if (frame) this.joins[lead] = this.formJoin(frame, lead, number);
      this.flushPending(frame);
      this.kinds[piece] = KINDS[number];
      frames.push(newFrame(KINDS[number], piece, number, 0, 1));
      return true;
    }
    return this.atom(frame, piece, lead, token, kind);
  }

  private flushPending(frame: Frame | undefined): void {
    if (this.pending < 0) return;
    this.pending = -1;
    if (frame) add(frame, this.pendingWidth, this.pendingNever);
  }

  private close(frame: Frame, piece: number): boolean {
    if (frame.kind === Kind.Flat) return false;
    this.endRow(frame, piece);
    this.joins[piece] = Join.Close;
    this.pop(frame, piece, frame.width + 1);
    return true;
  }

  /** What is open ends with a piece. */
  private pop(frame: Frame, piece: number, width: number): void {
    const { frames } = this;
    this.partners[frame.opener] = piece;
    this.widths[frame.opener] = frame.never ? NEVER : Math.min(width, NEVER);
    frames.pop();
    if (frames.length > 0) add(frames[frames.length - 1], width, frame.never);
  }

  private endRow(frame: Frame, close: number): void {
    const { row } = frame;
    if (row < 0) return;
    this.rows[row] = frame.rowNever ? NEVER : frame.rowWidth;
    this.rowEnds[row] = close;
    frame.row = -1;
  }

  private atom(frame: Frame, piece: number, lead: number, token: number, kind: number): boolean {
    const { words } = this.tree.tokens;
    const number = kind === Tok.Keyword ? words[token] : 0;
    const width = this.widths[piece];
    if (frame.stage === 0) {
      frame.stage = 1;
      this.joins[lead] = Join.Head;
      this.flushPending(frame);
      add(frame, width, false);
      return true;
    }
    const isSequence = frame.kind === Kind.Rows || frame.kind === Kind.Flat;
    const role = isSequence && kind === Tok.Keyword ? ROLES[number] : Role.None;
    if (role === Role.Then || role === Role.Do) return false;
    if (role >= Role.Else && role <= Role.Delegate) return this.blockWord(frame, lead, role, width);
    if (role === Role.None) {
      this.joins[lead] = this.atomJoin(frame, lead, token, kind, number);
      this.flushPending(frame);
      add(frame, width, false);
      return true;
    }
    this.joins[lead] = this.itemJoin(frame, lead);
    this.flushPending(frame);
    if (role === Role.Plain) {
      add(frame, width, false);
      return true;
    }
    this.kinds[piece] = Kind.Flat;
    this.frames.push(newFrame(Kind.Flat, piece, number, 1, width));
    return true;
  }

  /** `else`, `catch`, `catch_all`, `end`, `delegate` */
  private blockWord(frame: Frame, lead: number, role: Role, width: number): boolean {
    if (frame.kind !== Kind.Flat) return false;
    const opened = ROLES[frame.number];
    const isEnd = role === Role.End || role === Role.Delegate;
    if (role === Role.Else && (opened !== Role.If || frame.seen)) return false;
    if ((role === Role.Catch || role === Role.CatchAll) && (opened !== Role.Try || frame.seen)) return false;
    if (role === Role.Delegate && opened !== Role.Try) return false;
    this.endRow(frame, -1);
    if (this.breaks[lead] > 0) frame.never = true;
    this.joins[lead] = isEnd ? Join.End : Join.Middle;
    this.flushPending(frame);
    if (isEnd) {
      // The layout ends the block at this join: a comment in front of `end` is the piece that has it.
      this.pop(frame, lead, frame.width + 1 + width);
      return true;
    }
    frame.stage = 1;
    frame.seen = role !== Role.Catch;
    add(frame, width, false);
    return true;
  }

  private atomJoin(frame: Frame, lead: number, token: number, kind: number, number: number): Join {
    switch (frame.kind) {
      case Kind.Fields:
        if (frame.stage === 2) return this.field(frame, lead);
        if (frame.number === W.module && BYTES.has(number)) {
          frame.kind = Kind.List;
          this.kinds[frame.opener] = Kind.List;
        }
        return Join.Head;
      case Kind.Fit:
        return frame.stage === 1 ? Join.Head : Join.Item;
      case Kind.Fill:
        return Join.Fill;
      case Kind.List:
        return this.listAtom(frame, lead, kind, number);
      case Kind.If:
        return Join.Head;
      default: {
        const isUnknown = kind === Tok.Keyword && number === 0 && !this.isMemarg(token);
        if (isUnknown) return this.itemJoin(frame, lead);
        return frame.stage === 1 ? Join.Head : Join.Glue;
      }
    }
  }

  /** `offset=…` and `align=…` are keywords of their own. */
  private isMemarg(token: number): boolean {
    const { text, starts } = this.tree.tokens;
    return text.startsWith('offset=', starts[token]) || text.startsWith('align=', starts[token]);
  }

  private formJoin(frame: Frame, lead: number, number: number): Join {
    if (frame.stage === 0) frame.stage = 1;
    const role = ROLES[number];
    const isInstr = role >= Role.Plain && role <= Role.Try;
    switch (frame.kind) {
      case Kind.Fields:
        // What a thread shares is said with its name.
        return frame.stage === 1 && number === W.shared ? Join.Head : this.field(frame, lead);
      case Kind.Fit:
        if (frame.stage === 1 && (HEAD_FORMS.has(number) || IMMEDIATE_FORMS.has(number))) return Join.Head;
        if (frame.number === W.global && isInstr) return Join.Soft;
        if (frame.number === W.type || frame.number === W.sub) return Join.Hug;
        frame.stage = 2;
        return Join.Item;
      case Kind.Fill:
        return Join.Fill;
      case Kind.List:
        if (number === W.ref && !frame.seen) {
          frame.seen = true;
          return Join.Head;
        }
        return frame.seen ? this.listItem(frame, lead) : Join.Head;
      case Kind.If:
        if (HEAD_FORMS.has(number)) return Join.Head;
        if (role !== Role.Then && role !== Role.Else) return Join.Soft;
        frame.stage = 2;
        if (this.breaks[lead] > 0) frame.never = true;
        return Join.Item;
      default: {
        const isImmediate = HEAD_FORMS.has(number) || IMMEDIATE_FORMS.has(number) || CLAUSES.has(number);
        if (!isImmediate) return this.itemJoin(frame, lead);
        return frame.stage === 1 ? Join.Head : Join.Glue;
      }
    }
  }

  private field(frame: Frame, lead: number): Join {
    frame.stage = 2;
    if (this.breaks[lead] > 0) frame.never = true;
    return Join.Item;
  }

  private listAtom(frame: Frame, lead: number, kind: number, number: number): Join {
    const isFirst = frame.stage === 1 && frame.width === this.widths[frame.opener + 1] + 1;
    if (frame.number !== W.elem) {
      return kind === Tok.String || frame.seen ? this.listItem(frame, lead) : Join.Head;
    }
    if (kind === Tok.Keyword) {
      if (number === W.func || /ref$/.test(this.text(lead))) frame.seen = true;
      return Join.Head;
    }
    return isFirst ? Join.Head : this.listItem(frame, lead);
  }

  private text(piece: number): string {
    const { text, starts } = this.tree.tokens;
    return text.slice(starts[this.tokens[piece]], starts[this.ends[piece]]);
  }

  private listItem(frame: Frame, lead: number): Join {
    frame.seen = true;
    frame.stage = 2;
    if (this.breaks[lead] > 0) frame.never = true;
    return Join.ListItem;
  }

  /** An instruction, flat or folded, or a `(local …)`. */
  private itemJoin(frame: Frame, lead: number): Join {
    const isBroken = this.breaks[lead] > 0;
    if (isBroken) frame.never = true;
    if (frame.stage === 2 && !isBroken && frame.row >= 0) return Join.Next;
    this.endRow(frame, -1);
    frame.stage = 2;
    frame.row = lead;
    frame.rowWidth = 0;
    frame.rowNever = false;
    return Join.Row;
  }
}

function newFrame(kind: Kind, opener: number, number: number, stage: 0 | 1, width: number): Frame {
  return {
    kind,
    opener,
    number,
    stage,
    width,
    never: false,
    row: -1,
    rowWidth: 0,
    rowNever: false,
    seen: false,
  };
}

/** Something of that width stands in the form, and in its row, behind a space unless it is the first. */
function add(frame: Frame, width: number, never: boolean): void {
  frame.never ||= never;
  frame.width = Math.min(frame.width + (frame.width > 1 || frame.kind === Kind.Flat ? 1 : 0) + width, NEVER);
  if (frame.row < 0) return;
  frame.rowNever ||= never;
  frame.rowWidth = Math.min(frame.rowWidth + (frame.rowWidth > 0 ? 1 : 0) + width, NEVER);
}

/** False for a string or a name in quotes that goes on to the end of its line. */
function isClosed(text: string, start: number, end: number): boolean {
  const quote = text[start] === '$' ? start + 1 : start;
  if (text[quote] !== '"') return true;
  if (end < quote + 2 || text[end - 1] !== '"') return false;
  let slashes = 0;
  while (text[end - 2 - slashes] === '\\') slashes++;
  return slashes % 2 === 0;
}

/** Line breaks in a range, at the most two. */
export function lineBreaks(text: string, start: number, end: number): number {
  let count = 0;
  for (let pos = start; pos < end && count < 2; pos++) {
    const char = text.charCodeAt(pos);
    if (char === 0x0a || (char === 0x0d && text.charCodeAt(pos + 1) !== 0x0a)) count++;
  }
  return count;
}
