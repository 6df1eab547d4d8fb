/**
 * Rust's v0 mangling (RFC 2603 and the rustc book's "v0 Symbol Format"): `_R…` names with paths, generic arguments and
 * back-references by position. Printed while read, in the short form without crate hashes and without types of
 * integers. A back-reference reads again from an earlier place, so steps and output are bounded, not only depth.
 */

import { Cursor, isDigit, isLower } from './cursor.ts';
import { BoundedText, malformed } from './limits.ts';
import { decodePunycode } from './punycode.ts';
import { printable, rustSuffix } from './rust-legacy.ts';

/** @throws MALFORMED */
export function demangleRustV0(name: string): string {
  const start = name.startsWith('__R') ? 3 : 2;
  const end = start + name.slice(start).search(/[^A-Za-z0-9_]|$/);
  const rest = name.slice(end);
  if (rest !== '' && rest[0] !== '.' && rest[0] !== '$') malformed();
  return new V0(name.slice(start, end)).symbol() + rustSuffix(rest);
}

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};

class V0 {
  private readonly c: Cursor;
  private readonly out = new BoundedText();
  /** While set, everything is read and nothing is printed. */
  private silent = 0;
  /** Lifetimes bound by the binders around. */
  private lifetimes = 0;

  constructor(text: string) {
    this.c = new Cursor(text);
  }

  symbol(): string {
    if (this.c.atDigit) malformed();
    this.path(true);
    if (!this.c.atEnd) {
      this.silent++;
      this.path(false);
      this.silent--;
    }
    if (!this.c.atEnd) malformed();
    return this.out.text;
  }

  private print(text: string): void {
    if (this.silent === 0) this.out.add(text);
  }

  /** `_` is 0, `<base 62 digits> _` the number plus one. Inexact above 2^53: only hashes, not shown, are so big. */
  private base62(): number {
    const { c } = this;
    if (c.eat('_')) return 0;
    let value = 0;
    while (!c.eat('_')) {
      value = value * 62 + base62Digit(c.next());
      if (value >= 2 ** 64) malformed();
    }
    return value + 1;
  }

  /** `[<tag> <base 62>]`: 0 if it is not there. */
  private optional62(tag: string): number {
    return this.c.eat(tag) ? this.base62() + 1 : 0;
  }

  private disambiguator(): number {
    return this.optional62('s');
  }

  /** `[u] <length> [_] <bytes>` */
  private identifier(): string {
    const { c } = this;
    const encoded = c.eat('u');
    const length = c.eat('0') ? 0 : c.decimal();
    c.eat('_');
    const text = c.take(length);
    return encoded && text !== '' ? decodePunycode(text) : text;
  }

  /** Runs at an earlier place; the tag B has been read. */
  private backReference(read: () => void): void {
    const { c } = this;
    const here = c.pos - 1;
    const target = this.base62();
    if (target >= here) malformed();
    if (this.silent > 0) return;
    const back = c.pos;
    c.pos = target;
    c.enter();
    read();
    c.leave();
    c.pos = back;
  }

  private path(inValue: boolean): void {
    this.c.enter();
    this.pathInside(inValue);
    this.c.leave();
  }

  private pathInside(inValue: boolean): void {
    const { c } = this;
    const tag = c.next();
    switch (tag) {
      case 'C':
        this.disambiguator();
        this.print(this.identifier());
        return;
      case 'N': {
        const namespace = c.next();
        this.path(inValue);
        const number = this.disambiguator();
        const name = this.identifier();
        if (isLower(namespace)) {
          this.print(name === '' ? '' : `::${name}`);
          return;
        }
        if (namespace < 'A' || namespace > 'Z') malformed();
        const kind = { C: 'closure', S: 'shim' }[namespace] ?? namespace;
        this.print(`::{${kind}${name === '' ? '' : `:${name}`}#${number}}`);
        return;
      }
      case 'M':
      case 'X':
        this.disambiguator();
        this.silent++;
        this.path(false);
        this.silent--;
        this.print('<');
        this.type();
        break;
      case 'Y':
        this.print('<');
        this.type();
        break;
      case 'I':
        this.path(inValue);
        this.print(inValue ? '::<' : '<');
        this.separated(', ', () => this.genericArg());
        this.print('>');
        return;
      case 'B':
        this.backReference(() => this.path(inValue));
        return;
      default:
        malformed();
    }
    if (tag !== 'M') {
      this.print(' as ');
      this.path(false);
    }
    this.print('>');
  }

  /** Until E; how many there were. */
  private separated(separator: string, read: () => void): number {
    let count = 0;
    while (!this.c.eat('E')) {
      if (count++ > 0) this.print(separator);
      read();
    }
    return count;
  }

  private genericArg(): void {
    if (this.c.eat('L')) this.lifetime(this.base62());
    else if (this.c.eat('K')) this.constant(false);
    else this.type();
  }

  private lifetime(index: number): void {
    if (index === 0) {
      this.print("'_");
      return;
    }
    const depth = this.lifetimes - index;
    if (depth < 0) malformed();
    this.print(depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`);
  }

  /** `[G <count>]` in front of what it binds. */
  private binder(read: () => void): void {
    const count = this.optional62('G');
    const outer = this.lifetimes;
    if (count > 0) {
      if (count > 64) malformed();
      this.print('for<');
      for (let i = 0; i < count; i++) {
        if (i > 0) this.print(', ');
        this.lifetimes++;
        this.lifetime(1);
      }
      this.print('> ');
    }
    read();
    this.lifetimes = outer;
  }

  private type(): void {
    this.c.enter();
    this.typeInside();
    this.c.leave();
  }

  private typeInside(): void {
    const { c } = this;
    const tag = c.next();
    const basic = BASIC_TYPES[tag];
    if (basic !== undefined) {
      this.print(basic);
      return;
    }
    switch (tag) {
      case 'R':
      case 'Q':
        this.print('&');
        if (c.eat('L')) {
          const index = this.base62();
          if (index > 0) {
            this.lifetime(index);
            this.print(' ');
          }
        }
        if (tag === 'Q') this.print('mut ');
        this.type();
        return;
      case 'P':
      case 'O':
        this.print(tag === 'P' ? '*const ' : '*mut ');
        this.type();
        return;
      case 'A':
      case 'S':
        this.print('[');
        this.type();
        if (tag === 'A') {
          this.print('; ');
          this.constant(true);
        }
        this.print(']');
        return;
      case 'T': {
        this.print('(');
        const count = this.separated(', ', () => this.type());
        this.print(count === 1 ? ',)' : ')');
        return;
      }
      case 'F':
        this.binder(() => this.functionType());
        return;
      case 'D':
        this.print('dyn ');
        this.binder(() => this.separated(' + ', () => this.dynTrait()));
        c.expect('L');
        this.dynLifetime(this.base62());
        return;
      case 'W':
        this.type();
        this.print(' is ');
        this.pattern();
        return;
      case 'B':
        this.backReference(() => this.type());
        return;
      default:
        c.pos--;
        this.path(false);
        return;
    }
  }

  private dynLifetime(index: number): void {
    if (index === 0) return;
    this.print(' + ');
    this.lifetime(index);
  }

  private pattern(): void {
    this.c.enter();
    const tag = this.c.next();
    if (tag === 'R') {
      this.constant(true);
      this.print('..=');
      this.constant(true);
    } else if (tag === 'O') this.separated(' | ', () => this.pattern());
    else if (tag === 'N') this.print('!null');
    else malformed();
    this.c.leave();
  }

  private functionType(): void {
    const { c } = this;
    if (c.eat('U')) this.print('unsafe ');
    if (c.eat('K')) {
      const abi = c.eat('C') ? 'C' : this.identifier().replaceAll('_', '-');
      if (abi === '') malformed();
      this.print(`extern "${abi}" `);
    }
    this.print('fn(');
    this.separated(', ', () => this.type());
    this.print(')');
    if (c.eat('u')) return;
    this.print(' -> ');
    this.type();
  }

  /** A trait with its associated types: `Iterator<Item = u8>`. */
  private dynTrait(): void {
    let open = this.traitPath();
    while (this.c.eat('p')) {
      this.print(open ? ', ' : '<');
      open = true;
      this.print(`${this.identifier()} = `);
      this.type();
    }
    if (open) this.print('>');
  }

  /** A path whose generic arguments stay open for more; whether they are. */
  private traitPath(): boolean {
    const { c } = this;
    if (c.eat('B')) {
      let open = false;
      this.backReference(() => {
        open = this.traitPath();
      });
      return open;
    }
    if (!c.eat('I')) {
      this.path(false);
      return false;
    }
    this.path(false);
    this.print('<');
    this.separated(', ', () => this.genericArg());
    return true;
  }

  /** `inside` another constant no braces are needed. */
  private constant(inside: boolean): void {
    this.c.enter();
    this.constantInside(inside);
    this.c.leave();
  }

  private constantInside(inside: boolean): void {
    const { c } = this;
    const tag = c.next();
    switch (tag) {
      case 'B':
        this.backReference(() => this.constant(inside));
        return;
      case 'p':
        this.print('_');
        return;
      case 'h':
      case 't':
      case 'm':
      case 'y':
      case 'o':
      case 'j':
        this.print(integer(this.hexDigits()));
        return;
      case 'a':
      case 's':
      case 'l':
      case 'x':
      case 'n':
      case 'i':
        this.print((c.eat('n') ? '-' : '') + integer(this.hexDigits()));
        return;
      case 'b': {
        const digits = this.hexDigits();
        if (digits !== '0' && digits !== '1') malformed();
        this.print(digits === '1' ? 'true' : 'false');
        return;
      }
      case 'c':
        this.print(quotedChar(Number.parseInt(this.hexDigits(), 16)));
        return;
      default:
        this.structure(tag, inside);
        return;
    }
  }

  /** Strings, references, arrays, tuples and variants: in braces where they are arguments. */
  private structure(tag: string, inside: boolean): void {
    const { c } = this;
    if (tag === 'R' && c.eat('e')) {
      this.print(quotedString(this.hexDigits()));
      return;
    }
    if (!inside) this.print('{');
    switch (tag) {
      case 'e':
        this.print(`*${quotedString(this.hexDigits())}`);
        break;
      case 'R':
      case 'Q':
        this.print(tag === 'R' ? '&' : '&mut ');
        this.constant(true);
        break;
      case 'A':
        this.print('[');
        this.separated(', ', () => this.constant(true));
        this.print(']');
        break;
      case 'T': {
        this.print('(');
        const count = this.separated(', ', () => this.constant(true));
        this.print(count === 1 ? ',)' : ')');
        break;
      }
      case 'V':
        this.variant();
        break;
      default:
        malformed();
    }
    if (!inside) this.print('}');
  }

  private variant(): void {
    this.path(true);
    switch (this.c.next()) {
      case 'U':
        return;
      case 'T':
        this.print('(');
        this.separated(', ', () => this.constant(true));
        this.print(')');
        return;
      case 'S':
        this.print(' { ');
        this.separated(', ', () => {
          this.disambiguator();
          this.print(`${this.identifier()}: `);
          this.constant(true);
        });
        this.print(' }');
        return;
      default:
        malformed();
    }
  }

  /** Until the underscore. */
  private hexDigits(): string {
    const { c } = this;
    const start = c.pos;
    while (isDigit(c.peek()) || (c.peek() >= 'a' && c.peek() <= 'f')) c.pos++;
    const digits = c.text.slice(start, c.pos);
    c.expect('_');
    return digits;
  }
}

function base62Digit(c: string): number {
  if (isDigit(c)) return c.charCodeAt(0) - 48;
  if (isLower(c)) return c.charCodeAt(0) - 97 + 10;
  if (c >= 'A' && c <= 'Z') return c.charCodeAt(0) - 65 + 36;
  return malformed();
}

/** In decimal up to 64 bits; wider ones stay hexadecimal. */
function integer(digits: string): string {
  if (digits === '') malformed();
  return digits.length > 16 ? `0x${digits}` : BigInt(`0x${digits}`).toString();
}

function quotedChar(code: number): string {
  return `'${escaped(code, "'")}'`;
}

function escaped(code: number, quote: string): string {
  const named = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' }[code];
  if (named !== undefined) return named;
  if (Number.isNaN(code) || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) malformed();
  const text = printable(code);
  if (text === undefined) return `\\u{${code.toString(16)}}`;
  return text === quote ? `\\${text}` : text;
}

/** Hexadecimal digits of UTF-8. */
function quotedString(digits: string): string {
  if (digits.length % 2 !== 0) malformed();
  let text = '';
  for (let i = 0; i < digits.length; ) {
    const byte = () => {
      const value = Number.parseInt(digits.slice(i, i + 2), 16);
      i += 2;
      return value;
    };
    const first = byte();
    const more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : malformed();
    let code = more === 0 ? first : first & (0x3f >> more);
    for (let k = 0; k < more; k++) {
      const next = byte();
      if (next >> 6 !== 2) malformed();
      code = (code << 6) | (next & 0x3f);
    }
    text += escaped(code, '"');
  }
  return `"${text}"`;
}
