/**
 * What the lints found, as LSP's diagnostics.
 */

import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Analyses } from '../analyses.ts';
import type { Analysis } from '../analysis.ts';
import { firstLineOf, rangeOf } from '../facts/places.ts';
import type { Turns } from '../facts/turns.ts';
import type { Settings } from '../settings.ts';
import { Levels } from './levels.ts';
import type { Lint, Severity } from './lint.ts';
import { LintRuns } from './run.ts';
import { lintOf } from './table.ts';

const SEVERITY: Readonly<Record<Exclude<Severity, 'off'>, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};
/** More help nobody. */
const MOST = 1000;

const RUNS = new WeakMap<Analyses, LintRuns>();

/** The lints of a server's documents. */
export function lintRunsOf(analyses: Analyses): LintRuns {
  let runs = RUNS.get(analyses);
  if (!runs) RUNS.set(analyses, (runs = new LintRuns((uri) => analyses.isOpen(uri))));
  return runs;
}

export async function lintDiagnostics(
  analysis: Analysis,
  runs: LintRuns,
  settings: Settings,
  turns: Turns,
): Promise<Diagnostic[]> {
  const levels = new Levels(settings);
  const found = await runs.of(analysis, levels, turns);
  return found.slice(0, MOST).map((lint) => diagnosticOf(analysis.document, lint, levels.of(lint.code)));
}

/** A lint as a diagnostic; one that is off as a hint. */
export function diagnosticOf(document: TextDocument, lint: Lint, level: Severity): Diagnostic {
  const { code, span, message, related } = lint;
  const tag = lintOf(code)?.tag;
  const severity = SEVERITY[level === 'off' ? 'hint' : level];
  // What is faded is faded to its end; a wavy line stays on one line.
  const isFaded = tag !== undefined && severity === DiagnosticSeverity.Hint;
  return {
    range: isFaded ? rangeOf({ document }, span) : firstLineOf({ document }, span),
    severity,
    code,
    source: 'wasmscope',
    message,
    ...(tag !== undefined && { tags: [tag] }),
    ...(related && {
      relatedInformation: related.map((note) => ({
        message: note.message,
        location: { uri: document.uri, range: rangeOf({ document }, note.span) },
      })),
    }),
  };
}
