/**
 * What somebody typed into the find field, as the language server wants it.
 *
 * The kind of search is chosen, or guessed: hexadecimal digits are bytes, words that look like instructions are
 * instructions, a text in quotes is a text, and all else is a name.
 */

import type { ByteQuery } from '../../language/byte-protocol.ts';

export const FIND_KINDS = ['any', 'bytes', 'text', 'instructions', 'names'] as const;
export type FindKind = (typeof FIND_KINDS)[number];

const BYTES = /^(?:0x)?(?:[\da-f]{2}|\?\?)(?:[\s,]*(?:0x)?(?:[\da-f]{2}|\?\?))*$/i;
/** Instructions with a dot in their name say by themselves that they are some. */
const INSTRUCTION =
  /(?:^|\s)(?:[if](?:32|64)|v128|[if](?:8x16|16x8|32x4|64x2)|local|global|memory|table|ref|call|br|struct|array|i31|elem|data)[._][a-z]/;

/** Undefined for nothing. */
export function queryOf(kind: FindKind, typed: string): ByteQuery | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  switch (kind) {
    case 'bytes':
      return { pattern: text.replace(/0x/gi, '').replaceAll(',', ' ') };
    case 'text':
      // Blanks at the ends may be meant.
      return { text: typed, anyCase: true };
    case 'instructions':
      return { instructions: text };
    case 'names':
      return { name: text };
    case 'any': {
      const quoted = /^"(.*)"?$/s.exec(text);
      if (quoted) return { text: quoted[1].replace(/"$/, ''), anyCase: true };
      return queryOf(guess(text), typed);
    }
  }
}

function guess(text: string): FindKind {
  if (BYTES.test(text)) return 'bytes';
  return text.includes('…') || text.includes('...') || INSTRUCTION.test(text) ? 'instructions' : 'names';
}
