/**
 * Demangled names in short, for narrow places such as call stacks. Works on text and not on trees, because linkers of
 * C++ write name sections that are demangled already, in LLVM's spelling (`'lambda'(int)`). Does not know where a name
 * comes from, so it leaves alone what does not look like C++ or Rust (`runtime.(*mcache).refill`).
 */

import { MAX_INPUT } from './limits.ts';

/**
 * The path of a function without result type, parameters, template arguments, qualifiers and clone suffixes:
 *
 *   void std::sort<int*>(int*, int*)                        std::sort
 *   f(int)::{lambda(char)#1}::operator()(char) const        f::{lambda#1}::operator()
 *   <alloc::vec::Vec<u8> as core::fmt::Debug>::fmt          <alloc::vec::Vec as core::fmt::Debug>::fmt
 *   vtable for std::vector<int>                             vtable for std::vector
 *
 * Names that are not of this form come back as they are. Never throws; takes linear time.
 */
export function shortName(demangled: string): string {
  if (demangled.length > MAX_INPUT) return demangled;
  const prefix = PREFIXES.find((text) => demangled.startsWith(text)) ?? '';
  const short = new Shortener(demangled.slice(prefix.length)).shorten();
  return short === '' ? demangled : prefix + short;
}

const PREFIXES = [
  'vtable for ',
  'VTT for ',
  'typeinfo for ',
  'typeinfo name for ',
  'guard variable for ',
  'TLS init function for ',
  'TLS wrapper function for ',
  'thread-local initialization routine for ',
  'thread-local wrapper routine for ',
  'non-virtual thunk to ',
  'virtual thunk to ',
  'covariant return thunk to ',
  'invocation function for block in ',
];

/** Longest first, as they are tried. */
const SYMBOLS =
  '<=> <<= >>= ->* () [] -> << >> <= >= == != && || ++ -- += -= *= /= %= ^= &= |= + - * / % ^ & ~ ! = < > ,'.split(
    ' ',
  );

/** What may stand between a parameter list and `::` or the end. */
const QUALIFIERS = [' const', ' volatile', ' &&', ' &', ' noexcept'];

class Shortener {
  private readonly text: string;
  private pos = 0;
  private out = '';
  /** Where in `out` the path starts if what precedes is a result type. */
  private pathStart = 0;
  private seenParams = false;

  constructor(text: string) {
    this.text = text;
  }

  shorten(): string {
    while (this.pos < this.text.length && this.step());
    return this.out.trim();
  }

  /** Handles what is at `pos`; whether the name goes on. */
  private step(): boolean {
    const c = this.text[this.pos]!;
    if (c === '<') this.angles();
    else if (c === '(') return this.parens();
    else if (c === '{') this.braces();
    else if (c === ')') return false;
    else if (c === ' ') return this.space();
    else if (c === 'o' && this.atOperator()) this.operator();
    else {
      this.out += c;
      this.pos++;
    }
    return true;
  }

  private space(): boolean {
    if (this.seenParams || this.text.startsWith(' [clone', this.pos)) return false;
    this.out += ' ';
    this.pos++;
    this.pathStart = this.out.length;
    return true;
  }

  /** Template arguments go; what an impl is for stays. */
  private angles(): void {
    const { text, pos } = this;
    const end = closingAngle(text, pos);
    const isImpl = this.out.length === this.pathStart || text.startsWith('<impl ', pos);
    if (isImpl) this.out += `<${withoutAngles(text.slice(pos + 1, end))}>`;
    else if (this.out.endsWith('::')) this.out = this.out.slice(0, -2);
    this.pos = end + 1;
  }

  private parens(): boolean {
    const { text, pos, out } = this;
    if (out.endsWith(' ') && (text[pos + 1] === '*' || text[pos + 1] === '&')) {
      this.declarator();
      return true;
    }
    const end = closingParen(text, pos);
    const isDecltype = out.endsWith('decltype') || out.endsWith('decltype ');
    const isName = text.startsWith('(anonymous namespace)', pos) || out === '' || out.endsWith('.');
    if (isName || isDecltype) {
      this.out += text.slice(pos, end + 1);
      this.pos = end + 1;
      return true;
    }
    if (!this.seenParams) this.out = out.slice(this.pathStart);
    this.seenParams = true;
    this.pos = end + 1;
    return this.pastQualifiers();
  }

  /** The function's name is inside: its result is a pointer to a function, `void (*f(int))(char)`. */
  private declarator(): void {
    this.pos++;
    while (this.text[this.pos] === '*' || this.text[this.pos] === '&') this.pos++;
    this.pathStart = this.out.length;
  }

  private pastQualifiers(): boolean {
    let { pos } = this;
    for (let again = true; again; ) {
      const qualifier = QUALIFIERS.find((word) => this.text.startsWith(word, pos));
      again = qualifier !== undefined;
      pos += qualifier?.length ?? 0;
    }
    if (!this.text.startsWith('::', pos)) return this.text[this.pos] === '[';
    this.pos = pos;
    return true;
  }

  /** `{lambda(int)#1}` keeps its number. */
  private braces(): void {
    const { text, pos } = this;
    let end = pos + 1;
    let depth = 1;
    for (; end < text.length && depth > 0; end++) {
      if (text[end] === '{') depth++;
      else if (text[end] === '}') depth--;
    }
    const inner = text.slice(pos, end);
    const open = inner.indexOf('(');
    const close = inner.lastIndexOf(')');
    this.out += open >= 0 && close > open ? inner.slice(0, open) + inner.slice(close + 1) : inner;
    this.pos = end;
  }

  private atOperator(): boolean {
    const { text, pos } = this;
    if (!text.startsWith('operator', pos) || isWord(text[pos - 1])) return false;
    return !isWord(text[pos + 8]);
  }

  /** The symbol is no bracket of a list; `operator new`, `operator bool` and `operator"" x` have words. */
  private operator(): void {
    this.out += 'operator';
    this.pos += 8;
    const { text } = this;
    const symbol = SYMBOLS.find((s) => text.startsWith(s, this.pos));
    if (symbol !== undefined) {
      this.out += symbol;
      this.pos += symbol.length;
      if (text.startsWith(' <', this.pos)) this.pos++;
      return;
    }
    while (this.pos < text.length && text[this.pos] !== '(') {
      if (text[this.pos] === '<') this.pos = closingAngle(text, this.pos) + 1;
      else this.out += text[this.pos++];
    }
  }
}

function isWord(c: string | undefined): boolean {
  return c !== undefined && /[\w$]/.test(c);
}

/** The index of the matching parenthesis, or of the last character. */
function closingParen(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i;
  }
  return text.length - 1;
}

/** As `closingParen`; parentheses inside are skipped whole, and the arrow of a function type is no bracket. */
function closingAngle(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const c = text[i];
    if (c === '(') i = closingParen(text, i);
    else if (c === '<') depth++;
    else if (c === '>' && text[i - 1] !== '-' && --depth === 0) return i;
  }
  return text.length - 1;
}

/** The type and the trait of an impl, without their arguments. */
function withoutAngles(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '<') out += text[i];
    else {
      if (out.endsWith('::')) out = out.slice(0, -2);
      i = closingAngle(text, i);
    }
  }
  return out;
}
