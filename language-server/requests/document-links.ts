/**
 * `textDocument/documentLink`: addresses in comments and annotations, and files that imports name by a relative path.
 */

import type { DocumentLink, DocumentLinkParams } from 'vscode-languageserver';
import { Tok } from '../../engine/text/lexer.ts';
import { stringName } from '../../engine/text/strings.ts';
import type { Analysis } from '../analysis.ts';
import { headWord, significant } from '../facts/forms.ts';
import { type Turns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';

export const documentLinkFeature: Feature = {
  capabilities: () => ({ documentLinkProvider: {} }),
  register({ connection, about }) {
    connection.onDocumentLinks(
      about('links', 'tree', [], (analysis, _: DocumentLinkParams, { token }) =>
        documentLinks(analysis, takeTurns(token)),
      ),
    );
  },
};

const STEP = 1024;
/** Characters of a comment that are looked at. */
const MOST = 20_000;

export async function documentLinks({ document, tree }: Analysis, turns: Turns): Promise<DocumentLink[]> {
  const { kinds, starts, text, count } = tree.tokens;
  const links: DocumentLink[] = [];
  const link = (start: number, end: number, target: string | undefined) => {
    if (target === undefined) return;
    const range = { start: document.positionAt(start), end: document.positionAt(end) };
    links.push({ range, target });
  };
  for (let token = 0; token < count; token++) {
    if (token % STEP === 0) await turns.pause();
    const kind = kinds[token];
    if (kind === Tok.LineComment || kind === Tok.BlockComment) {
      const comment = text.slice(starts[token], Math.min(starts[token + 1], starts[token] + MOST));
      for (const { index, 0: found } of comment.matchAll(/\bhttps?:\/\/[^\s<>"'`\\^{|}]+/g)) {
        const url = withoutEnd(found);
        link(starts[token] + index, starts[token] + index + url.length, asUrl(url));
      }
    } else if (kind === Tok.String) {
      const name = stringName(tree.tokens, token);
      if (name === undefined) continue;
      const isLink = isSourceMap(tree, token)
        ? name !== ''
        : /^\.\.?\//.test(name) && isImported(tree, token);
      if (isLink || isInAnnotation(tree, token, name)) {
        link(starts[token] + 1, starts[token + 1] - 1, asUrl(name, document.uri));
      }
    }
  }
  return links;
}

/** The module name of an import. */
function isImported(tree: Analysis['tree'], token: number): boolean {
  const open = tree.parent[token];
  if (open < 0 || headWord(tree, open) !== 'import') return false;
  return significant(tree, significant(tree, open + 1) + 1) === token;
}

/** The contents of `(@custom "sourceMappingURL" "…")`. */
function isSourceMap({ tokens, parent }: Analysis['tree'], token: number): boolean {
  const { text, starts, kinds } = tokens;
  const open = parent[token];
  if (open < 0 || kinds[open] !== Tok.Annot) return false;
  const before = text.slice(starts[open], starts[token]);
  return before.startsWith('(@custom') && before.includes('"sourceMappingURL"');
}

function isInAnnotation({ tokens, parent }: Analysis['tree'], token: number, name: string): boolean {
  const open = parent[token];
  return open >= 0 && tokens.kinds[open] === Tok.Annot && /^https?:\/\/\S+$/.test(name);
}

/** What ends the sentence around an address is no part of it; nor is a parenthesis that opened in front of it. */
function withoutEnd(found: string): string {
  let url = found.replace(/[.,;:!?]+$/, '');
  while (url.endsWith(')') && url.split('(').length < url.split(')').length) {
    url = url.slice(0, -1).replace(/[.,;:!?]+$/, '');
  }
  return url;
}

/**
 * An address of the Web, or a file beside the text. Nothing else: a client may take links of other schemes for commands
 * that it is to run.
 */
function asUrl(text: string, base?: string): string | undefined {
  try {
    const { href, protocol } = new URL(text, base);
    const isBeside = base !== undefined && protocol === new URL(base).protocol;
    return isBeside || /^https?:$/.test(protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}
