/**
 * The outline of component text: its definitions as they are written, with those of inner components and modules in them.
 *
 * From the tree alone, so an unfinished text has one too; modules have outlines of their own.
 */

import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { headWord, oneLine, significant } from './forms.ts';

const KINDS: Readonly<Record<string, SymbolKind>> = {
  component: SymbolKind.Package,
  module: SymbolKind.Module,
  instance: SymbolKind.Object,
  func: SymbolKind.Function,
  type: SymbolKind.Interface,
  rec: SymbolKind.Interface,
  import: SymbolKind.Object,
  export: SymbolKind.Key,
  alias: SymbolKind.Variable,
  canon: SymbolKind.Function,
  start: SymbolKind.Event,
  value: SymbolKind.Constant,
  table: SymbolKind.Array,
  memory: SymbolKind.Array,
  global: SymbolKind.Variable,
  tag: SymbolKind.Event,
};

/** Characters of a detail, definitions between two steps, and how deep components are followed. */
const DETAIL = 100;
const STEP = 64;
const MOST_DEPTH = 100;

/** The symbol of the component whose form opens at `form`. `moduleFields`: what a module that is written in it has in it. */
export function* componentOutline(
  analysis: Analysis,
  form: number,
  moduleFields: (form: number) => Generator<void, DocumentSymbol[]>,
  depth = 0,
): Generator<void, DocumentSymbol> {
  const { tree } = analysis;
  const { kinds } = tree.tokens;
  const end = formEnd(tree, form);
  const children: DocumentSymbol[] = [];
  for (let token = significant(tree, form + 1); token < end; token++) {
    if (kinds[token] !== Tok.Open) continue;
    const head = keywordsOf(tree, token);
    if (head.text === 'component' && depth < MOST_DEPTH) {
      children.push(yield* componentOutline(analysis, token, moduleFields, depth + 1));
    } else {
      const inside = head.text === 'core module' ? yield* moduleFields(token) : undefined;
      children.push(symbolOf(analysis, token, head, inside));
    }
    if (children.length % STEP === 0) yield;
    token = formEnd(tree, token) - 1;
  }
  return symbolOf(analysis, form, keywordsOf(tree, form), children);
}

interface Head {
  /** `core func`, `import`, … */
  readonly text: string;
  /** The last keyword. */
  readonly token: number;
}

function keywordsOf(tree: Tree, open: number): Head {
  const first = headWord(tree, open);
  const token = significant(tree, open + 1);
  if (first !== 'core') return { text: first || tokenText(tree.tokens, token), token };
  const second = significant(tree, token + 1);
  return { text: `core ${tokenText(tree.tokens, second)}`, token: second };
}

function symbolOf(
  { tree, document }: Analysis,
  open: number,
  head: Head,
  children: DocumentSymbol[] | undefined,
): DocumentSymbol {
  const { tokens } = tree;
  const end = formEnd(tree, open);
  const behind = significant(tree, head.token + 1);
  const isNamed = behind < end && (tokens.kinds[behind] === Tok.Id || tokens.kinds[behind] === Tok.String);
  const selection = isNamed ? behind : head.token;
  const inner = end - (tree.match[open] >= 0 ? 1 : 0);
  const name = isNamed ? tokenText(tokens, behind) : head.text;
  const detail = children ? '' : oneLine(tree, significant(tree, selection + 1), inner, DETAIL);
  const word = head.text.replace(/^core /, '');
  const kind = KINDS[word] ?? SymbolKind.Null;
  return {
    name: name || '?',
    detail: isNamed ? `${head.text} ${detail}`.trim() : detail,
    kind,
    range: {
      start: document.positionAt(tokens.starts[open]),
      end: document.positionAt(tokens.starts[end]),
    },
    selectionRange: {
      start: document.positionAt(tokens.starts[selection]),
      end: document.positionAt(tokens.starts[Math.min(selection + 1, end)]),
    },
    ...(children && { children }),
  };
}
