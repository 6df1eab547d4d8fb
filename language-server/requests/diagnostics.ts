/**
 * Diagnostics, pulled or pushed: the faults of a document in LSP's words, and what the lints found.
 *
 * A fault's code is what its message begins with, in the suite's wording: `unknown local $x` has the code
 * `unknown-local`. Notes with a place are related information, the others stand below the message.
 */

import {
  CancellationToken,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  ResponseError,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Analysis } from '../analysis.ts';
import { firstLineOf } from '../facts/places.ts';
import { takeTurns } from '../facts/turns.ts';
import type { Feature, Server } from '../feature.ts';
import { lintDiagnostics, lintRunsOf } from '../lints/diagnostics.ts';
import { Levels } from '../lints/levels.ts';
import type { PlacedFault } from '../module-analysis.ts';
import type { WitView } from '../wit/view.ts';

const NO_DIAGNOSTICS: DocumentDiagnosticReport = { kind: 'full', items: [] };

/** Pulled if the client can, else pushed, never both. */
export const diagnosticsFeature: Feature = {
  capabilities: ({ pullsDiagnostics }) =>
    pullsDiagnostics
      ? {
          diagnosticProvider: {
            identifier: 'wasmscope',
            interFileDependencies: false,
            workspaceDiagnostics: false,
          },
        }
      : {},
  register(server) {
    if (server.client.pullsDiagnostics) pull(server);
    else push(server);
  },
};

function pull(server: Server): void {
  const { connection, about, analyses, documents, sent } = server;
  const runs = lintRunsOf(analyses);
  connection.languages.diagnostics.on(
    about<DocumentDiagnosticParams, DocumentDiagnosticReport>(
      'diagnostics',
      'faults',
      NO_DIAGNOSTICS,
      async (analysis, params, { settings, token }) => {
        const resultId = `${analysis.serial} ${new Levels(settings).key}`;
        if (params.previousResultId === resultId) return { kind: 'unchanged', resultId };
        const lints = await lintDiagnostics(analysis, runs, settings, takeTurns(token));
        return { kind: 'full', resultId, items: inOrder([...diagnosticsOf(analysis), ...lints]) };
      },
      (view) => ({ kind: 'full', items: witDiagnostics(view) }),
    ),
  );
  documents.onDidClose(({ document: { uri } }) => runs.forget(uri));
  server.onSettings(() => {
    if (server.client.capabilities.workspace?.diagnostics?.refreshSupport)
      sent('refreshing diagnostics', connection.languages.diagnostics.refresh());
  });
}

function push(server: Server): void {
  const { connection, documents, analyses, wit, report, sent } = server;
  const runs = lintRunsOf(analyses);
  const publish = async (analysis: Analysis) => {
    const { uri, version } = analysis.document;
    try {
      const settings = await server.settings(uri);
      const stale = () => documents.get(uri)?.version !== version;
      const token = {
        ...CancellationToken.None,
        get isCancellationRequested() {
          return stale();
        },
      };
      const lints = await lintDiagnostics(analysis, runs, settings, takeTurns(token));
      if (stale()) return;
      const diagnostics = inOrder([...diagnosticsOf(analysis), ...lints]);
      sent('diagnostics', connection.sendDiagnostics({ uri, version, diagnostics }));
    } catch (error) {
      // The document changed meanwhile: its next version is told instead.
      if (!(error instanceof ResponseError)) report('diagnostics', error);
    }
  };
  const publishWit = (view: WitView) => {
    const { uri, version } = view.document;
    sent('diagnostics', connection.sendDiagnostics({ uri, version, diagnostics: witDiagnostics(view) }));
  };
  const whenQuiet = (uri: string) => {
    const view = wit.get(uri);
    if (view) publishWit(view);
    else
      analyses.whenQuiet(
        uri,
        (analysis) => void publish(analysis),
        (error) => report('diagnostics', error),
      );
  };
  documents.onDidChangeContent(({ document: { uri } }) => {
    whenQuiet(uri);
  });
  documents.onDidClose(({ document: { uri } }) => {
    runs.forget(uri);
    sent('diagnostics', connection.sendDiagnostics({ uri, diagnostics: [] }));
  });
  server.onSettings(() => {
    for (const { uri } of documents.all()) whenQuiet(uri);
  });
}

function inOrder(diagnostics: Diagnostic[]): Diagnostic[] {
  return diagnostics.sort(
    ({ range: { start: a } }, { range: { start: b } }) => a.line - b.line || a.character - b.character,
  );
}

const SOURCE = 'wasmscope';
/** More help nobody: the rest is behind the first ones. */
const MOST = 1000;

export function diagnosticsOf(analysis: Analysis): Diagnostic[] {
  const { document, faults } = analysis;
  // The text of a function that was printed for reading refers to what is not in it.
  if (document.uri.startsWith('wasmscope:')) return [];
  return faults.slice(0, MOST).map((fault) => diagnostic(document, fault));
}

/** How a WIT document is written, and what its names mean. */
export function witDiagnostics(view: WitView): Diagnostic[] {
  const { document, parsed, resolution } = view;
  const names = resolution.faults.filter((found) => found.document === 0).map(({ fault }) => fault);
  return [...parsed.faults, ...names]
    .map((fault): PlacedFault => ({ ...fault, span: fault.span ?? { start: 0, end: 0 } }))
    .sort((a, b) => a.span.start - b.span.start)
    .slice(0, MOST)
    .map((fault) => diagnostic(document, fault));
}

/** The module runs: custom sections mean nothing to it, and what this version lacks is no mistake of the text. */
function isWarning({ phase, message }: PlacedFault): boolean {
  return phase === 'unsupported' || message.startsWith('@');
}

function diagnostic(document: TextDocument, fault: PlacedFault): Diagnostic {
  const placed = fault.notes.filter(({ span }) => span);
  const rest = fault.notes.filter(({ span }) => !span);
  return {
    // Whole forms would colour the screen.
    range: firstLineOf({ document }, fault.span),
    severity: isWarning(fault) ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error,
    code: faultCode(fault),
    source: SOURCE,
    message: [fault.message, ...rest.map(({ message }) => message)].join('\n'),
    // `get_local`: what it is called now is one of the notes.
    ...(rest.some(({ message }) => message.startsWith('the instruction is called')) && {
      tags: [DiagnosticTag.Deprecated],
    }),
    ...(placed.length > 0 && {
      relatedInformation: placed.map(({ message, span }) => ({
        message,
        location: { uri: document.uri, range: firstLineOf({ document }, span!) },
      })),
    }),
  };
}

/** Words that begin messages whose code has exactly that many words; other codes have at most two. */
const PHRASES = [
  'not supported yet',
  'duplicate export name',
  'import after',
  'constant expression required',
  'malformed UTF-8 encoding',
  'alignment must be a power of two',
  'alignment must not be larger than natural',
  'i32 constant out of range',
  'i64 constant out of range',
  'constant out of range',
  'size minimum must not be greater than maximum',
  'start function must take and return nothing',
  'inline function type',
  'wrong number of lane literals',
  'undeclared function reference',
  'invalid lane index',
  'memory size must be at most',
  'table size must be at most',
  'non-empty tag result type',
  'sub type does not match super type',
  'unknown data segment',
  'unknown elem segment',
  'duplicate data segment',
  'duplicate elem segment',
  'immutable global',
  'empty annotation id',
  'result before parameter',
  'global is immutable',
  'multiple start sections',
] as const;

/** A stable name for the kind of fault, in kebab case. */
export function faultCode({ message }: Pick<PlacedFault, 'message'>): string {
  const phrase =
    PHRASES.find((words) => message.startsWith(words)) ??
    /^[A-Za-z0-9.-]+(?: [a-z-]+)?/.exec(message)?.[0] ??
    'fault';
  return phrase
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
