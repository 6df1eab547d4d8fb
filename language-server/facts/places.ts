/**
 * Places as LSP has them: ranges of spans, and definitions as the name and the form around it.
 */

import type { Location, LocationLink, Range } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Def } from '../../engine/text/symbols.ts';
import type { Analysis } from '../analysis.ts';

export function rangeOf({ document }: Pick<Analysis, 'document'>, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

/** The same, up to the end of its first line. */
export function firstLineOf({ document }: Pick<Analysis, 'document'>, { start, end }: Span): Range {
  const range = rangeOf({ document }, { start, end });
  if (range.start.line === range.end.line) return range;
  const next = document.offsetAt({ line: range.start.line + 1, character: 0 });
  const line = document.getText({ start: range.start, end: document.positionAt(next) });
  return { start: range.start, end: document.positionAt(start + line.trimEnd().length) };
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
