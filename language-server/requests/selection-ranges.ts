/**
 * `textDocument/selectionRange`: from a word to its instruction, the blocks and forms around, the field, the module.
 */

import type { Position, SelectionRange, SelectionRangeParams } from 'vscode-languageserver';
import { isTrivia, Tok } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { flatAround } from '../facts/flat.ts';
import { pointedToken } from '../facts/forms.ts';
import type { Feature } from '../feature.ts';

export const selectionRangeFeature: Feature = {
  capabilities: () => ({ selectionRangeProvider: true }),
  register({ connection, about }) {
    connection.onSelectionRanges(
      about('selection ranges', 'tree', null, (analysis, { positions }: SelectionRangeParams) =>
        positions.map((position) => selectionRange(analysis, position)),
      ),
    );
  },
};

export function selectionRange({ document, tree }: Analysis, position: Position): SelectionRange {
  const pos = document.offsetAt(position);
  const text = document.getText();
  let around: SelectionRange = {
    range: { start: document.positionAt(0), end: document.positionAt(text.length) },
  };
  let size = text.length;
  for (const { start, end } of spansAround(tree, pos).reverse()) {
    if (start > pos || end < pos || end - start >= size) continue;
    around = { range: { start: document.positionAt(start), end: document.positionAt(end) }, parent: around };
    size = end - start;
  }
  return around;
}

/** Selections inside of each other: a client reads them by recursion. */
const MOST = 500;

/** Innermost first. */
function spansAround(tree: Tree, pos: number): { readonly start: number; readonly end: number }[] {
  const { kinds, starts, count } = tree.tokens;
  const token = pointedToken(tree, pos);
  if (token < 0 || count === 0) return [];
  const spans: { start: number; end: number }[] = [];
  const add = (first: number, end: number) => spans.push({ start: starts[first], end: starts[end] });
  const kind = kinds[token];
  if (kind === Tok.String && starts[token + 1] - starts[token] > 2) {
    spans.push({ start: starts[token] + 1, end: starts[token + 1] - 1 });
  }
  if (!isTrivia(kind) || kind !== Tok.Space) add(token, token + 1);
  let inner = token;
  let open =
    kind === Tok.Open || kind === Tok.Annot
      ? token
      : kind === Tok.Close
        ? tree.match[token]
        : tree.parent[token];
  for (; open >= 0 && spans.length < MOST; inner = open, open = tree.parent[open]) {
    for (const { first, end } of flatAround(tree, open, inner).slice(0, MOST)) add(first, end);
    const end = formEnd(tree, open);
    const isClosed = tree.match[open] >= 0;
    if (isClosed && end - open > 3) add(open + 1, end - 1);
    add(open, end);
  }
  return spans;
}
