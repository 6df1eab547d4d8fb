/**
 * The language server: what every feature shares. LSP and nothing else; knows no VS Code.
 *
 * Features stand in features.ts, one file a request in requests/. A request about a document that is not open is
 * answered with nothing, a cancelled one with LSP's error. What goes wrong inside of a question about a text is logged
 * in one sentence and answered with nothing; our own requests about files are refused with a message for people.
 */

import {
  type CancellationToken,
  type Connection,
  DidChangeConfigurationNotification,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  ResponseError,
  type ServerCapabilities,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { WasmError } from '../engine/base/errors.ts';
import { Analyses } from './analyses.ts';
import { inItsModule, unopenedPart } from './disassembly/analysis.ts';
import { Binaries } from './disassembly/binaries.ts';
import { Modules } from './disassembly/modules.ts';
import type { Client, Server } from './feature.ts';
import { FEATURES } from './features.ts';
import type { ServerHost } from './host.ts';
import { OpenBinaries } from './open-binaries.ts';
import { BinaryChunk, BinaryDidChange, BinaryDidClose, BinaryDidOpen } from './protocol.ts';
import { SettingsStore } from './settings.ts';
import { WitViews } from './wit/view.ts';

/** What a client may send with `initialize`; all of it optional. */
interface InitializationOptions {
  /** Commands of the client that lenses and actions may name. */
  readonly commands?: readonly string[];
  /** The settings below `wasmscope`, of a client that does not answer `workspace/configuration`. */
  readonly settings?: unknown;
}

/** Registers everything on a connection and listens. */
export function startServer(connection: Connection, host: ServerHost): void {
  const documents = new TextDocuments(TextDocument);
  const analyses = new Analyses(documents);

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    const client = clientOf(params);
    const options = optionsOf(params);
    const settings = new SettingsStore(connection, client.capabilities, options.settings);
    const server = serverOf(connection, documents, analyses, host, client, settings);
    const capabilities: ServerCapabilities = { textDocumentSync: TextDocumentSyncKind.Incremental };
    for (const feature of FEATURES) {
      merge(capabilities, feature.capabilities(client));
      feature.register(server);
    }
    connection.onDidChangeConfiguration(({ settings: sent }) => settings.changed(sent));
    connection.onInitialized(() => {
      if (client.capabilities.workspace?.didChangeConfiguration?.dynamicRegistration !== true) return;
      server.sent(
        'asking to be told of settings',
        connection.client.register(DidChangeConfigurationNotification.type, { section: 'wasmscope' }),
      );
    });
    documents.onDidClose(({ document }) => {
      analyses.forget(document.uri);
      settings.forget(document.uri);
    });
    return { capabilities, serverInfo: { name: 'wasmscope' } };
  });

  documents.listen(connection);
  connection.listen();
}

function serverOf(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  analyses: Analyses,
  outside: ServerHost,
  client: Client,
  settings: SettingsStore,
): Server {
  const report = (what: string, error: unknown) =>
    connection.console.error(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
  const open = new OpenBinaries(outside, (uri) => {
    modules.stale(uri);
    binaries.stale(uri);
  });
  const { host } = open;
  const modules = new Modules(host);
  const binaries = new Binaries(host);
  const wit = new WitViews(documents);
  documents.onDidClose(({ document }) => wit.forget(document.uri));
  listenToBinaries(connection, open, report);
  return {
    connection,
    documents,
    analyses,
    wit,
    host,
    modules,
    binaries,
    client,
    settings: (uri) => settings.of(uri),
    onSettings: (changed) => settings.onChange(changed),
    report,
    sent: (what, answer) => void answer.catch((error) => report(what, error)),
    about: (what, level, nothing, answer, answerWit) => async (params, token) => {
      try {
        const uri = params?.textDocument?.uri ?? '';
        const view = wit.get(uri);
        if (view) {
          const known = answerWit && (await settings.of(uri));
          if (token.isCancellationRequested) throw cancelled();
          return known ? await answerWit(view, params, { settings: known, token }) : nothing;
        }
        const text = await analyses.prepared(uri, level, token);
        if (token.isCancellationRequested) throw cancelled();
        const analysis = text ? await inItsModule(text, modules) : await unopenedPart(uri, modules);
        if (!analysis) return nothing;
        const known = await settings.of(text ? uri : '');
        if (token.isCancellationRequested) throw cancelled();
        return await answer(analysis, params, { settings: known, token });
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        report(what, error);
        return nothing;
      }
    },
    refusing: (answer) => async (params, token: CancellationToken) => {
      try {
        return await answer(params, token);
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        throw new ResponseError<void>(LSPErrorCodes.RequestFailed, forPeople(error));
      }
    },
  };
}

/** A message that makes no sense is logged; the questions behind it say what is missing. */
function listenToBinaries(
  connection: Connection,
  open: OpenBinaries,
  report: (what: string, error: unknown) => void,
): void {
  const heeding =
    <P>(what: string, heed: (params: P) => void) =>
    (params: P): void => {
      try {
        heed(params);
      } catch (error) {
        report(what, error);
      }
    };
  connection.onNotification(
    BinaryDidOpen,
    heeding('opening a binary', (params) => open.didOpen(params)),
  );
  connection.onNotification(
    BinaryChunk,
    heeding('taking a chunk of a binary', (params) => open.chunk(params)),
  );
  connection.onNotification(
    BinaryDidChange,
    heeding('changing a binary', (params) => open.didChange(params)),
  );
  connection.onNotification(
    BinaryDidClose,
    heeding('closing a binary', ({ uri }) => open.didClose(uri)),
  );
}

function cancelled(): ResponseError<void> {
  return new ResponseError<void>(LSPErrorCodes.RequestCancelled, 'the request was cancelled');
}

function clientOf(params: InitializeParams): Client {
  const capabilities = params.capabilities ?? {};
  const { textDocument } = capabilities;
  const { commands } = optionsOf(params);
  return {
    capabilities,
    commands: new Set(Array.isArray(commands) ? commands : []),
    pullsDiagnostics: textDocument?.diagnostic !== undefined,
    showsMarkdown: textDocument?.hover?.contentFormat?.includes('markdown') ?? true,
  };
}

function optionsOf({ initializationOptions }: InitializeParams): InitializationOptions {
  const given: unknown = initializationOptions;
  return typeof given === 'object' && given !== null ? given : {};
}

/** Adds a feature's capabilities; groups such as `workspace`, which several features add to, are joined. */
function merge(into: ServerCapabilities, added: ServerCapabilities): void {
  const target = into as Record<string, unknown>;
  for (const [name, value] of Object.entries(added)) {
    const known = target[name];
    target[name] = typeof known === 'object' && known !== null ? { ...known, ...value } : value;
  }
}

/** A fault of the input with its place; anything else as it says. */
function forPeople(error: unknown): string {
  if (!(error instanceof WasmError)) return error instanceof Error ? error.message : String(error);
  const { message, offset } = error;
  return offset === undefined ? message : `${message} (at 0x${offset.toString(16)})`;
}
