/**
 * The faults of a document that touch a selection, and the diagnostics by which the client knows faults and lints.
 */

import type { Diagnostic } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Lint } from '../lints/lint.ts';
import type { PlacedFault } from '../module-analysis.ts';
import type { Selection } from './action.ts';

export function faultsAt({ analysis, span }: Selection): PlacedFault[] {
  return analysis.faults.filter((fault) => fault.span.start <= span.end && fault.span.end >= span.start);
}

/** The client's diagnostics of a lint. */
export function diagnosticsOf(at: Selection, lint: Lint): Diagnostic[] {
  return diagnosticsFrom(at, lint.span).filter(({ code }) => code === lint.code);
}

/** The client's diagnostics that begin where something does. */
export function diagnosticsFrom({ analysis, diagnostics }: Selection, { start }: Span): Diagnostic[] {
  return diagnostics.filter(({ range }) => analysis.document.offsetAt(range.start) === start);
}
