/**
 * Which bytes a memory access touches, seen from its operand: by the width of the instruction, `offset=` and `align=`.
 */

import type { Instr } from '../../engine/isa/isa.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import type { Tree } from '../../engine/text/tree.ts';
import { instrOfWord } from '../../engine/text/words.ts';
import { significant } from './forms.ts';
import { previous } from './place.ts';

/** `bytes 4 to 11 behind the address`, and the alignment; undefined for instructions that access no memory. */
export function accessText(tree: Tree, keyword: number): string | undefined {
  const instr = instrOfWord(tree.tokens.words[keyword]);
  if (!instr || instr.width === 0) return undefined;
  const offset = memargValue(tree, keyword, 'offset=') ?? 0n;
  const align = memargValue(tree, keyword, 'align=') ?? BigInt(instr.width);
  const last = offset + BigInt(instr.width) - 1n;
  const bytes =
    instr.width === 1
      ? offset === 0n
        ? 'the byte at the address'
        : `byte ${offset} behind the address`
      : offset === 0n
        ? `bytes 0 to ${last} from the address on`
        : `bytes ${offset} to ${last} behind the address`;
  return `Accesses ${bytes}; ${alignmentText(instr, align)}`;
}

/** The instruction that `offset=` or `align=` at a token belongs to; -1 if there is none. */
export function accessOf(tree: Tree, token: number): number {
  for (let at = previous(tree, token); at >= 0; at = previous(tree, at)) {
    const kind = tree.tokens.kinds[at];
    if (kind === Tok.Keyword && tree.tokens.words[at] !== 0) return at;
    if (kind !== Tok.Keyword && kind !== Tok.Id && kind !== Tok.Int) return -1;
  }
  return -1;
}

function alignmentText({ width, exactAlign }: Instr, align: bigint): string {
  if (exactAlign) return `the address must be a multiple of ${width}`;
  if (align === BigInt(width)) return `aligned to ${align} as is natural`;
  return align < BigInt(width) ? `aligned to ${align}, natural are ${width}` : `aligned to ${align}`;
}

function memargValue(tree: Tree, keyword: number, prefix: string): bigint | undefined {
  const { kinds, words, count } = tree.tokens;
  for (let at = significant(tree, keyword + 1); at < count; at = significant(tree, at + 1)) {
    if (kinds[at] === Tok.Open || kinds[at] === Tok.Close || (kinds[at] === Tok.Keyword && words[at] !== 0))
      break;
    const text = tokenText(tree.tokens, at);
    if (!text.startsWith(prefix)) continue;
    const digits = text.slice(prefix.length).replaceAll('_', '');
    return /^(0x[\da-f]+|\d+)$/i.test(digits) ? BigInt(digits) : undefined;
  }
  return undefined;
}
