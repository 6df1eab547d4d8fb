/**
 * Where a demangler is in a name: characters, numbers, identifiers, and how deep it is. Shared by the grammars of C++
 * and Rust; knows neither. Everything throws `MALFORMED`.
 */

import { MAX_DEPTH, MAX_STEPS, malformed } from './limits.ts';

export class Cursor {
  pos = 0;
  private depth = 0;
  private steps = 0;

  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.pos >= this.text.length;
  }

  /** The character `ahead`, or '' behind the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.pos + ahead);
  }

  next(): string {
    if (this.pos >= this.text.length) malformed();
    return this.text[this.pos++]!;
  }

  starts(what: string): boolean {
    return this.text.startsWith(what, this.pos);
  }

  eat(what: string): boolean {
    if (!this.text.startsWith(what, this.pos)) return false;
    this.pos += what.length;
    return true;
  }

  expect(what: string): void {
    if (!this.eat(what)) malformed();
  }

  get atDigit(): boolean {
    return isDigit(this.peek());
  }

  /** Digits as they are; '' if there are none. */
  digits(): string {
    const start = this.pos;
    while (this.atDigit) this.pos++;
    return this.text.slice(start, this.pos);
  }

  /** A decimal number that counts something in the name. */
  decimal(): number {
    const digits = this.digits();
    if (digits === '' || digits.length > 9) malformed();
    return Number(digits);
  }

  take(length: number): string {
    if (this.pos + length > this.text.length) malformed();
    const start = this.pos;
    this.pos += length;
    return this.text.slice(start, this.pos);
  }

  enter(): void {
    if (++this.depth > MAX_DEPTH || ++this.steps > MAX_STEPS) malformed();
  }

  leave(): void {
    this.depth--;
  }
}

export function isDigit(c: string): boolean {
  return c >= '0' && c <= '9' && c.length === 1;
}

export function isLower(c: string): boolean {
  return c >= 'a' && c <= 'z' && c.length === 1;
}
