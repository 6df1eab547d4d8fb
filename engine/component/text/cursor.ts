/**
 * Walking component text: the cursor of the core text format, with keywords as texts.
 *
 * The grammar of components has its own keywords, which the lexer does not know by number; component text is small, so
 * they are compared as strings. A form `(core func …)` has the keyword `core func`.
 */

import { Cursor, RECOVER } from '../../text/cursor.ts';
import { Tok } from '../../text/lexer.ts';
import { formEnd } from '../../text/tree.ts';

export class ComponentCursor extends Cursor {
  /** The keyword that stands here; empty if none does. */
  keyword(): string {
    return this.kind === Tok.Keyword ? this.text(this.at) : '';
  }

  /** Consumes the keyword if it stands here. */
  tryKeyword(keyword: string): boolean {
    if (this.keyword() !== keyword) return false;
    this.take();
    return true;
  }

  /** The keyword of the form that opens here, with the one behind `core`; empty if none opens. */
  form(): string {
    if (this.kind !== Tok.Open) return '';
    const first = this.significant(this.at + 1);
    if (this.kinds[first] !== Tok.Keyword) return '';
    const keyword = this.text(first);
    if (keyword !== 'core') return keyword;
    const second = this.significant(first + 1);
    return this.kinds[second] === Tok.Keyword ? `core ${this.text(second)}` : keyword;
  }

  isFormOf(keyword: string): boolean {
    return this.form() === keyword;
  }

  /** Enters the form that opens here, behind its keyword or keywords. Returns its open token. */
  openForm(): number {
    const open = this.take();
    if (this.take() >= 0 && this.text(this.last) === 'core' && this.kind === Tok.Keyword) this.take();
    return open;
  }

  /** The first token behind the keywords of the form that opens here. */
  inside(): number {
    const first = this.significant(this.at + 1);
    const second = this.significant(first + 1);
    return this.text(first) === 'core' ? this.significant(second + 1) : second;
  }

  /** The kinds of the tokens behind the keywords of the form that opens here, as many as are asked for. */
  insideKinds(count: number): number[] {
    const out: number[] = [];
    let token = this.inside();
    for (let i = 0; i < count; i++) {
      out.push(this.kinds[token] ?? Tok.End);
      if (token < this.tokens.count) token = this.significant(token + 1);
    }
    return out;
  }

  /** The kind of the token behind this one. */
  kindBehind(token: number): number {
    return this.kinds[this.significant(token + 1)];
  }

  /** Steps over the form that opens here. */
  skipForm(): void {
    this.seek(formEnd(this.tree, this.at));
  }

  override unexpectedAt(token: number, expected?: string): never {
    // An unclosed form and a bad character are faults of the tree already.
    if (token >= this.limit && this.tree.unclosed.size > 0) throw RECOVER;
    if (token < this.limit && this.kinds[token] === Tok.Bad) throw RECOVER;
    const notes = expected ? [{ message: `expected ${expected}` }] : [];
    if (token >= this.limit) this.fail('unexpected token: end of text', this.limit, notes);
    const text = this.text(token);
    this.fail(`unexpected token ${text.length > 60 ? `${text.slice(0, 59)}…` : text}`, token, notes);
  }
}
