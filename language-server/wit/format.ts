/**
 * The layout of WIT documents: white space only. Lines end where the author ends them; what stands in braces is indented,
 * signs have the spaces that are usual around them, and of blank lines one stays.
 */

import { TextEdit } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import { WitTok } from '../../engine/component/wit/lexer.ts';
import { type FormatOptions, Indents, MOST_INDENT } from '../format/options.ts';
import { type WitText, witRange } from './view.ts';

/** The edits that lay a text out, or a part of it; none where the text is not well-formed. */
export function witFormat(text: WitText, options: FormatOptions, part?: Span): TextEdit[] {
  if (text.parsed.faults.length > 0) return [];
  const { tokens } = text.parsed;
  return new Layout(text, options)
    .gaps()
    .filter(({ start, end, space }) => tokens.text.slice(start, end) !== space)
    .filter(({ start, end }) => !part || (start < part.end && end > part.start))
    .map(({ start, end, space }) => TextEdit.replace(witRange(text, { start, end }), space));
}

/** White space between two tokens, and what it should be. */
interface Gap extends Span {
  readonly space: string;
}

class Layout {
  private readonly text: string;
  private readonly kinds: Uint8Array;
  private readonly starts: Int32Array;
  private readonly options: FormatOptions;
  private readonly indents: Indents;
  /** Tokens that are no white space. */
  private readonly all: number[] = [];
  private readonly open: { readonly op: string; readonly isAttribute: boolean; readonly isUse: boolean }[] =
    [];
  /** The item has begun, and goes on: its further lines are indented. */
  private inItem = false;
  /** The first word of the item. */
  private head = '';
  private readonly newline: string;

  constructor({ parsed: { tokens } }: WitText, options: FormatOptions) {
    this.text = tokens.text;
    this.kinds = tokens.kinds;
    this.starts = tokens.starts;
    this.options = options;
    this.indents = new Indents(options);
    this.newline = tokens.text.includes('\r\n') ? '\r\n' : '\n';
    for (let token = 0; token < tokens.count; token++) {
      if (tokens.kinds[token] !== WitTok.Space) this.all.push(token);
    }
  }

  gaps(): Gap[] {
    const { all, starts, text } = this;
    if (all.length === 0) return [];
    const gaps: Gap[] = [];
    const bom = text.startsWith('\uFEFF') ? 1 : 0;
    gaps.push({ start: bom, end: starts[all[0]], space: '' });
    for (const [i, token] of all.entries()) {
      if (i > 0) {
        const [start, end] = [starts[all[i - 1] + 1], starts[token]];
        gaps.push({ start, end, space: this.between(i, text.slice(start, end)) });
      }
      this.step(i);
    }
    const last = starts[all[all.length - 1] + 1];
    const wanted = this.options.finalNewline === false ? text.slice(last) : this.newline;
    gaps.push({ start: last, end: text.length, space: wanted });
    return gaps;
  }

  private op(i: number): string {
    const token = this.all[i];
    if (token === undefined) return '';
    return this.kinds[token] === WitTok.Op ? this.text.slice(this.starts[token], this.starts[token + 1]) : '';
  }

  private kind(i: number): number {
    return this.kinds[this.all[i]];
  }

  private between(i: number, gap: string): string {
    const lines = gap.split('\n').length - 1;
    if (lines === 0) return this.inLine(i, gap);
    const isEdge = this.op(i - 1) === '{' || this.op(i) === '}';
    return this.newline.repeat(lines > 1 && !isEdge ? 2 : 1) + this.indent(i);
  }

  private indent(i: number): string {
    const op = this.op(i);
    const closes = op === '}' || op === ')' || op === '>';
    const depth = this.open.length - (closes ? 1 : 0);
    const more = this.inItem && !closes && op !== '{' && this.open.at(-1)?.op !== '(' ? 1 : 0;
    return this.indents.at(Math.min(MOST_INDENT, Math.max(0, depth + more) * this.options.tabSize));
  }

  /** Between two tokens of a line. */
  private inLine(i: number, gap: string): string {
    const [a, b] = [this.op(i - 1), this.op(i)];
    const [left, right] = [this.kind(i - 1), this.kind(i)];
    // Comments stand where the author wants them.
    if (right <= WitTok.DocComment || left <= WitTok.DocComment) return gap === '' ? ' ' : gap;
    const inUse = this.open.at(-1)?.isUse === true;
    if (a === '.' || b === '.' || a === '/' || b === '/' || a === '@') return '';
    if (b === '@') return this.head === 'package' || this.isPath(i) ? '' : ' ';
    if (a === '-' || a === '+' || b === '-' || b === '+') return gap;
    if (b === ',' || b === ';' || b === ')' || b === ':' || b === '>' || b === '<' || a === '<') return '';
    if (a === '(') return '';
    if (b === '(') return '';
    if (a === ':') return this.isPathColon(i - 1) ? '' : ' ';
    if (a === '{') return b === '}' || inUse ? '' : ' ';
    if (b === '}') return inUse ? '' : ' ';
    return ' ';
  }

  /** The colon in `a:b/c` and `package a:b`. */
  private isPathColon(i: number): boolean {
    return this.head === 'package' || this.op(i + 2) === '/';
  }

  /** True behind `a:b/c`, where a version follows. */
  private isPath(i: number): boolean {
    return this.op(i - 2) === '/';
  }

  /** Steps behind a token. */
  private step(i: number): void {
    const kind = this.kind(i);
    if (kind <= WitTok.DocComment) return;
    const op = this.op(i);
    if (op === '{' || op === '(' || op === '<') {
      const isAttribute = op === '(' && this.op(i - 2) === '@' && this.head === '@';
      this.open.push({ op, isAttribute, isUse: op === '{' && this.op(i - 1) === '.' });
      if (op === '{' && this.op(i - 1) !== '.') this.endItem();
      else if (op === '{') this.inItem = false;
    } else if (op === '}' || op === ')' || op === '>') {
      const closed = this.open.pop();
      if (op === '}' && !closed?.isUse) this.endItem();
      else if (closed?.isAttribute) this.endItem();
      else if (op === ')' || closed?.isUse) this.inItem = true;
    } else if (op === ';') this.endItem();
    else if (op === ',') this.inItem = false;
    else {
      if (this.head === '') {
        const token = this.all[i];
        this.head = this.text.slice(this.starts[token], this.starts[token + 1]);
      }
      this.inItem = true;
    }
  }

  private endItem(): void {
    this.head = '';
    this.inItem = false;
  }
}
