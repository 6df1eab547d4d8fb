/** Where a caret stands in a WIT text: in which braces, in which item, behind what. From the tokens alone. */

import { WitTok } from '../../engine/component/wit/lexer.ts';
import type { WitText } from './view.ts';

/** Something that is open at a place: `{`, `(` or `<`. */
export interface Opened {
  readonly op: string;
  /** The word that the item began with: `interface`, `use`; of `(` and `<` the word in front. */
  readonly head: string;
  /** The words and signs of the item up to here. */
  readonly item: readonly string[];
}

export interface WitPlace {
  readonly inComment: boolean;
  /** From where to where a suggestion replaces: the word at the caret. */
  readonly start: number;
  readonly end: number;
  readonly prefix: string;
  readonly open: readonly Opened[];
  /** What stands in the item in front of the word; attributes are no part of it. */
  readonly item: readonly string[];
}

const CLOSES: Readonly<Record<string, string>> = { '}': '{', ')': '(', '>': '<' };

export function witPlaceAt({ parsed: { tokens } }: WitText, pos: number): WitPlace {
  const { text, kinds, starts, count } = tokens;
  const open: Opened[] = [];
  let item: string[] = [];
  let [start, end] = [pos, pos];
  let inComment = false;
  for (let token = 0; token < count && starts[token] < pos; token++) {
    const kind = kinds[token];
    const stop = starts[token + 1];
    if (kind === WitTok.Space) continue;
    if (kind <= WitTok.DocComment) {
      const isLine = text.startsWith('//', starts[token]);
      inComment = stop > pos || (isLine && stop === pos);
      continue;
    }
    if (kind === WitTok.String && stop > pos) inComment = true;
    if (kind === WitTok.Word && stop >= pos) {
      [start, end] = [starts[token], stop];
      break;
    }
    const word = text.slice(starts[token], stop);
    if (word in CLOSES && kind === WitTok.Op) item = closed(open, item, word);
    else if (word === ';') item = [];
    else {
      if (word === '{' || word === '(' || word === '<') {
        const head = word === '{' ? headOf(item) : (item.at(-1) ?? '');
        open.push({ op: word, head, item });
        if (word === '{') {
          item = [];
          continue;
        }
      }
      item = [...item, word];
    }
  }
  return { inComment, start, end, prefix: text.slice(start, pos), open, item };
}

/** The item behind a closing sign. */
function closed(open: Opened[], item: readonly string[], word: string): string[] {
  const last = open.findLastIndex(({ op }) => op === CLOSES[word]);
  if (last < 0) return [...item, word];
  const [of] = open.splice(last);
  // Behind braces a new item begins, but a `use` ends with a semicolon; attributes are no part of an item.
  if (word === '}') return of.head === 'use' ? [...of.item, word] : [];
  if (of.item[0] === '@' && of.item.length === 2) return [];
  return [...item, word];
}

function headOf(item: readonly string[]): string {
  const [first = ''] = item;
  if ((first === 'import' || first === 'export') && item.at(-1) === 'interface') return 'interface';
  return first;
}
