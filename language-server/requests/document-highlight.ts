/**
 * `textDocument/documentHighlight`: the item at a place wherever it stands, with writes told from reads.
 */

import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type DocumentHighlightParams,
} from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { wordText } from '../../engine/text/words.ts';
import type { Analysis } from '../analysis.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, itemAt } from '../facts/item.ts';
import type { Feature } from '../feature.ts';

export const documentHighlightFeature: Feature = {
  capabilities: () => ({ documentHighlightProvider: true }),
  register({ connection, about }) {
    connection.onDocumentHighlight(
      about('highlights', 'symbols', [], (analysis, { position }: DocumentHighlightParams) =>
        documentHighlight(analysis, analysis.document.offsetAt(position)),
      ),
    );
  },
};

const WRITES: ReadonlySet<string> = new Set([
  'local.set',
  'local.tee',
  'global.set',
  'set_local',
  'tee_local',
]);

export function documentHighlight(analysis: Analysis, pos: number): DocumentHighlight[] {
  const { document, tree } = analysis;
  const module = analysis.moduleAt(pos);
  const item = module && itemAt(module, pointedToken(tree, pos));
  if (!item) return [];
  const mark = ({ start, end }: Span, kind: DocumentHighlightKind): DocumentHighlight => ({
    range: { start: document.positionAt(start), end: document.positionAt(end) },
    kind,
  });
  const def = definitionOf(module, item);
  const uses = module.assembly.symbols.usesOf(item.space, item.idx, item.scope);
  return [
    ...(def && isWord(analysis, def.token) ? [mark(def.span, DocumentHighlightKind.Text)] : []),
    ...uses.map(({ token, span }) => mark(span, kindOf(analysis, token, item.space))),
  ];
}

/** A definition without a name has nothing to show. */
function isWord({ tree }: Analysis, token: number): boolean {
  return tree.tokens.kinds[token] === Tok.Id;
}

function kindOf({ tree }: Analysis, token: number, space: string): DocumentHighlightKind {
  if (space !== 'local' && space !== 'global') return DocumentHighlightKind.Text;
  const { kinds, words } = tree.tokens;
  let before = token - 1;
  while (before > 0 && kinds[before] <= Tok.BlockComment) before--;
  return WRITES.has(wordText(words[before])) ? DocumentHighlightKind.Write : DocumentHighlightKind.Read;
}
