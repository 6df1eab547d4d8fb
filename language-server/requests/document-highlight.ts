/**
 * `textDocument/documentHighlight`: the item at a place wherever it stands, with writes told from reads.
 *
 * At a keyword, what belongs together: a block with its `else`, `end` and branches, and a function with its returns.
 */

import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type DocumentHighlightParams,
} from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import { Tok, tokenSpan } from '../../engine/text/lexer.ts';
import { wordText } from '../../engine/text/words.ts';
import type { Analysis } from '../analysis.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { componentDefinition, componentItemAt, componentUses, spanOf } from '../facts/component-item.ts';
import { controlAt } from '../facts/control.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, itemAt } from '../facts/item.ts';
import { previous } from '../facts/place.ts';
import { rangeOf } from '../facts/places.ts';
import { scriptNameAt } from '../facts/script-names.ts';
import type { Feature } from '../feature.ts';
import { witHighlight } from '../wit/navigation.ts';

export const documentHighlightFeature: Feature = {
  capabilities: () => ({ documentHighlightProvider: true }),
  register({ connection, about }) {
    connection.onDocumentHighlight(
      about(
        'highlights',
        'symbols',
        [],
        (analysis, { position }: DocumentHighlightParams) =>
          documentHighlight(analysis, analysis.document.offsetAt(position)),
        (view, { position }) => witHighlight(view, view.document.offsetAt(position)),
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
  const { tree } = analysis;
  const inComponent = componentItemAt(analysis, pos);
  if (inComponent) {
    const def = componentDefinition(inComponent);
    const places = componentUses(inComponent);
    const all = def ? [spanOf(inComponent.component, def.token), ...places] : places;
    return all.map((span) => ({ range: rangeOf(analysis, span), kind: DocumentHighlightKind.Text }));
  }
  const module = moduleAround(analysis, pos);
  const token = pointedToken(tree, pos);
  const mark = (span: Span, kind: DocumentHighlightKind): DocumentHighlight => ({
    range: rangeOf(analysis, span),
    kind,
  });
  const item = module && itemAt(module, token);
  if (!item) {
    const spans =
      token < 0 ? [] : [...inScript(analysis, token), ...(module ? controlAt(module, token) : [])];
    return spans.map((span) => mark(span, DocumentHighlightKind.Text));
  }
  const def = definitionOf(module, item);
  const uses = module.assembly.symbols.usesOf(item.space, item.idx, item.scope);
  return [
    ...(def && isWord(analysis, def.token) ? [mark(def.span, DocumentHighlightKind.Text)] : []),
    ...uses.map(({ token, span }) => mark(span, kindOf(analysis, token, item.space))),
  ];
}

/** A module or thread of a script. */
function inScript({ script, tree }: Analysis, token: number): Span[] {
  const name = script && scriptNameAt(tree, token);
  if (!name) return [];
  const tokens = name.token < 0 ? name.uses : [name.token, ...name.uses];
  return tokens.map((at) => tokenSpan(tree.tokens, at));
}

/** A definition without a name has nothing to show. */
function isWord({ tree }: Analysis, token: number): boolean {
  return tree.tokens.kinds[token] === Tok.Id;
}

function kindOf({ tree }: Analysis, token: number, space: string): DocumentHighlightKind {
  if (space !== 'local' && space !== 'global') return DocumentHighlightKind.Text;
  const word = wordText(tree.tokens.words[previous(tree, token)] ?? 0);
  return WRITES.has(word) ? DocumentHighlightKind.Write : DocumentHighlightKind.Read;
}
