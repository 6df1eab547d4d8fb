/**
 * C++ names: the Itanium C++ ABI's mangling as clang and GCC emit it, spelled as binutils' `c++filt` prints it.
 * Adds to the grammar what surrounds a mangled name: its prefix, and the suffixes that compilers give to clones.
 */

import { encodeUtf8, tryDecodeUtf8 } from '../../base/utf8.ts';
import { isDigit, isLower } from './cursor.ts';
import { parseEncoding } from './itanium-names.ts';
import { printItanium } from './itanium-print.ts';
import { ItaniumState } from './itanium-state.ts';
import { malformed } from './limits.ts';

/**
 * The C++ name for a mangled one. Lengths of identifiers count bytes, so names with other characters than ASCII's are
 * read as their UTF-8, one character a byte.
 *
 * @throws MALFORMED
 */
export function demangleItanium(name: string): string {
  if (isAscii(name)) return demangleBytes(name);
  const bytes = encodeUtf8(name);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  const result = demangleBytes(text);
  return tryDecodeUtf8(Uint8Array.from(result, (c) => c.charCodeAt(0))) ?? malformed();
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/**
 * `_Z…`, on Apple's targets `__Z…`; one more underscore and `_block_invoke` behind it is the body of a block.
 */
function demangleBytes(name: string): string {
  const s = new ItaniumState(name);
  s.pos = name.indexOf('Z') - 1;
  const isBlock = s.pos >= 2;
  s.expect('_Z');
  const node = parseEncoding(s, false);
  if (isBlock) {
    s.expect('_block_invoke');
    s.eat('_');
    s.digits();
  }
  const clones = suffixes(s);
  return (isBlock ? 'invocation function for block in ' : '') + printItanium(node) + clones;
}

/** `.isra.0`, `.cold`, `.llvm.123`: each as ` [clone .isra.0]`. */
function suffixes(s: ItaniumState): string {
  let text = '';
  while (!s.atEnd) {
    const start = s.pos;
    s.expect('.');
    if (isLower(s.peek()) || s.peek() === '_') {
      while (isLower(s.peek()) || s.peek() === '_') s.pos++;
    } else if (!isDigit(s.peek())) malformed();
    else s.digits();
    while (s.peek() === '.' && isDigit(s.peek(1))) {
      s.pos++;
      s.digits();
    }
    text += ` [clone ${s.text.slice(start, s.pos)}]`;
  }
  return text;
}
