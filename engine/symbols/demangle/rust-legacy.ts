/**
 * Rust's older mangling: an Itanium nested name of plain identifiers, `_ZN4core3fmt5Write9write_str17h…E`, whose last
 * one is a hash, and whose characters beyond C's are escaped (`$LT$`, `$u7b$`, `..`). Told from C++ by that hash.
 */

import { Cursor, isDigit } from './cursor.ts';
import { BoundedText, malformed } from './limits.ts';

const HASH_LENGTH = 17;

/** Whether a name has the hash that only Rust's have: `17h` and 16 hexadecimal digits, then the end `E`. */
export function isRustLegacy(name: string): boolean {
  for (let end = name.indexOf('E'); end >= 0; end = name.indexOf('E', end + 1)) {
    const ends = end + 1 === name.length || name[end + 1] === '.';
    if (
      ends &&
      name.startsWith('17h', end - HASH_LENGTH - 2) &&
      isHex(name.slice(end - HASH_LENGTH + 1, end))
    ) {
      return true;
    }
  }
  return false;
}

/** @throws MALFORMED */
export function demangleRustLegacy(name: string, keepHash: boolean): string {
  const c = new Cursor(name);
  if (!c.eat('_ZN')) c.expect('__ZN');
  const parts: string[] = [];
  while (!c.eat('E')) parts.push(c.take(c.decimal()));
  if (!c.atEnd && c.peek() !== '.') malformed();
  const hash = parts.pop();
  if (hash?.length !== HASH_LENGTH || parts.length === 0) malformed();
  const out = new BoundedText();
  for (const [i, part] of parts.entries()) {
    if (i > 0) out.add('::');
    printUnescaped(part, out);
  }
  if (keepHash) out.add(`::${hash}`);
  out.add(rustSuffix(name.slice(c.pos)));
  return out.text;
}

/**
 * What follows a Rust name: LLVM's own hash says nothing to a reader; anything else is kept.
 *
 * @throws MALFORMED if it is not printable ASCII.
 */
export function rustSuffix(suffix: string): string {
  if (!/^[!-~]*$/.test(suffix)) malformed();
  const llvm = suffix.indexOf('.llvm.');
  return llvm < 0 ? suffix : suffix.slice(0, llvm);
}

const ESCAPES: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

function printUnescaped(part: string, out: BoundedText): void {
  let i = part.startsWith('_$') ? 1 : 0;
  while (i < part.length) {
    const c = part[i]!;
    if (c === '.') {
      const twice = part[i + 1] === '.';
      out.add(twice ? '::' : '.');
      i += twice ? 2 : 1;
    } else if (c === '$') {
      const end = part.indexOf('$', i + 1);
      const escaped = end < 0 ? undefined : characterOf(part.slice(i + 1, end));
      if (escaped === undefined) {
        out.add(part.slice(i));
        return;
      }
      out.add(escaped);
      i = end + 1;
    } else {
      out.add(c);
      i++;
    }
  }
}

function characterOf(code: string): string | undefined {
  if (Object.hasOwn(ESCAPES, code)) return ESCAPES[code];
  if (code[0] !== 'u' || code.length < 2 || code.length > 7 || !isHex(code.slice(1))) return undefined;
  return printable(Number.parseInt(code.slice(1), 16));
}

/** A character that may be shown; control characters and halves of pairs may not. */
export function printable(code: number): string | undefined {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return undefined;
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return String.fromCodePoint(code);
}

function isHex(text: string): boolean {
  for (const c of text) if (!isDigit(c) && !(c >= 'a' && c <= 'f')) return false;
  return true;
}
