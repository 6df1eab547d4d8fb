/**
 * The language server: which requests it answers, and with which part. LSP and nothing else; knows no VS Code.
 *
 * One file a request stands in requests/. Diagnostics are pulled when the client can, else pushed, never both. A
 * request about a document that is not open is answered with nothing. What goes wrong inside of a question about a
 * text is logged in one sentence and answered with nothing; our own requests about files are refused with a message
 * for people.
 */

import {
  type Connection,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  ResponseError,
  type TextDocumentPositionParams,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { WasmError } from '../engine/base/errors.ts';
import { Analyses } from './analyses.ts';
import type { Analysis } from './analysis.ts';
import type { ServerHost } from './host.ts';
import { ExportsRequest, PrintRequest, SummaryRequest, type UriParams } from './protocol.ts';
import { definition } from './requests/definition.ts';
import { diagnosticsOf } from './requests/diagnostics.ts';
import { documentHighlight } from './requests/document-highlight.ts';
import { documentSymbols } from './requests/document-symbols.ts';
import { exportsOf } from './requests/exports.ts';
import { hover } from './requests/hover.ts';
import { moduleSummary } from './requests/module-summary.ts';
import { printDocument } from './requests/print.ts';
import { references } from './requests/references.ts';

/** What the client can take. */
interface Client {
  pullsDiagnostics: boolean;
  showsMarkdown: boolean;
}

const NO_DIAGNOSTICS: DocumentDiagnosticReport = { kind: 'full', items: [] };

/** Registers everything on a connection and listens. */
export function startServer(connection: Connection, host: ServerHost): void {
  const documents = new TextDocuments(TextDocument);
  const analyses = new Analyses(documents);
  const client: Client = { pullsDiagnostics: false, showsMarkdown: true };

  connection.onInitialize(({ capabilities }: InitializeParams): InitializeResult => {
    client.pullsDiagnostics = capabilities?.textDocument?.diagnostic !== undefined;
    client.showsMarkdown = capabilities?.textDocument?.hover?.contentFormat?.includes('markdown') ?? true;
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        documentSymbolProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        ...(client.pullsDiagnostics && {
          diagnosticProvider: {
            identifier: 'wasmscope',
            interFileDependencies: false,
            workspaceDiagnostics: false,
          },
        }),
      },
      serverInfo: { name: 'wasmscope' },
    };
  });

  const report = (what: string, error: unknown) =>
    connection.console.error(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);

  /** Answers a question about an open document; `nothing` if it is not open or something is wrong with us. */
  const about =
    <P extends { textDocument: { uri: string } }, R>(
      what: string,
      nothing: R,
      answer: (analysis: Analysis, params: P) => R,
    ) =>
    (params: P): R => {
      try {
        const analysis = analyses.get(params?.textDocument?.uri);
        return analysis ? answer(analysis, params) : nothing;
      } catch (error) {
        report(what, error);
        return nothing;
      }
    };
  const offset = ({ document }: Analysis, { position }: TextDocumentPositionParams) =>
    document.offsetAt(position);

  /** Answers a question about a file, or refuses it with a message for people. */
  const onFile =
    <R>(answer: (uri: string) => Promise<R>) =>
    async (params: UriParams): Promise<R> => {
      try {
        if (typeof params?.uri !== 'string') throw new Error('the request names no file: it needs a uri');
        return await answer(params.uri);
      } catch (error) {
        throw new ResponseError<void>(LSPErrorCodes.RequestFailed, forPeople(error));
      }
    };

  const publish = ({ document }: Analysis, diagnostics: ReturnType<typeof diagnosticsOf>) =>
    void connection.sendDiagnostics({ uri: document.uri, version: document.version, diagnostics });
  documents.onDidChangeContent(({ document }) => {
    if (client.pullsDiagnostics) return;
    analyses.whenQuiet(document.uri, (analysis) => {
      try {
        publish(analysis, diagnosticsOf(analysis));
      } catch (error) {
        report('diagnostics', error);
      }
    });
  });
  documents.onDidClose(({ document }) => {
    analyses.forget(document.uri);
    if (!client.pullsDiagnostics) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });

  connection.languages.diagnostics.on(
    about<DocumentDiagnosticParams, DocumentDiagnosticReport>(
      'diagnostics',
      NO_DIAGNOSTICS,
      (analysis, params) => {
        const resultId = String(analysis.serial);
        if (params.previousResultId === resultId) return { kind: 'unchanged', resultId };
        return { kind: 'full', resultId, items: diagnosticsOf(analysis) };
      },
    ),
  );
  connection.onHover(
    about('hover', null, (analysis, params) =>
      hover(analysis, offset(analysis, params), client.showsMarkdown),
    ),
  );
  connection.onDocumentSymbol(about('outline', [], documentSymbols));
  connection.onDefinition(
    about('definition', null, (analysis, params) => definition(analysis, offset(analysis, params))),
  );
  connection.onReferences(
    about('references', [], (analysis, params) =>
      references(analysis, offset(analysis, params), params.context?.includeDeclaration ?? false),
    ),
  );
  connection.onDocumentHighlight(
    about('highlights', [], (analysis, params) => documentHighlight(analysis, offset(analysis, params))),
  );
  connection.onRequest(
    ExportsRequest,
    onFile((uri) => exportsOf(uri, analyses, host)),
  );
  connection.onRequest(
    SummaryRequest,
    onFile((uri) => moduleSummary(uri, host)),
  );
  connection.onRequest(
    PrintRequest,
    onFile((uri) => printDocument(uri, host)),
  );

  documents.listen(connection);
  connection.listen();
}

/** A fault of the input with its place; anything else as it says. */
function forPeople(error: unknown): string {
  if (!(error instanceof WasmError)) return error instanceof Error ? error.message : String(error);
  const { message, offset } = error;
  return offset === undefined ? message : `${message} (at 0x${offset.toString(16)})`;
}
