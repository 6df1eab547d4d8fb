/**
 * Places of definitions as LSP has them: the name, and the form around it.
 */

import type { Location, LocationLink, Range } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Def } from '../../engine/text/symbols.ts';
import type { Analysis } from '../analysis.ts';

export function rangeOf({ document }: Analysis, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

export function locationOfSpan(analysis: Analysis, span: Span): Location {
  return { uri: analysis.document.uri, range: rangeOf(analysis, span) };
}

/** The whole form, with the name selected. */
export function linkTo(analysis: Analysis, { field, span }: Pick<Def, 'field' | 'span'>): LocationLink {
  const around = { start: Math.min(field.start, span.start), end: Math.max(field.end, span.end) };
  return {
    targetUri: analysis.document.uri,
    targetRange: rangeOf(analysis, around),
    targetSelectionRange: rangeOf(analysis, span),
  };
}

/** Links for a client that takes them, else the names alone. */
export function asClientTakes(
  links: LocationLink[] | null,
  linked: boolean,
): LocationLink[] | Location[] | null {
  if (linked || !links) return links;
  return links.map(({ targetUri, targetSelectionRange }) => ({
    uri: targetUri,
    range: targetSelectionRange,
  }));
}
