/**
 * What a feature of the language server is, and what it is given.
 *
 * Each feature says what it adds to the answer to `initialize` and registers its own handlers. It sees documents as
 * analyses of one version, the settings of a resource, and files by the host. It knows no other feature.
 */

import type {
  CancellationToken,
  ClientCapabilities,
  Connection,
  ServerCapabilities,
  TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Analyses, Level } from './analyses.ts';
import type { Analysis } from './analysis.ts';
import type { Binaries } from './disassembly/binaries.ts';
import type { Modules } from './disassembly/modules.ts';
import type { ServerHost } from './host.ts';
import type { Settings } from './settings.ts';
import type { WitView, WitViews } from './wit/view.ts';

export interface Feature {
  /** What it adds to the answer to `initialize`: nothing if the client cannot use it. */
  capabilities(client: Client): ServerCapabilities;
  /** Registers its handlers. Called once, behind `initialize` and before any other request is answered. */
  register(server: Server): void;
}

/** What the client can take. */
export interface Client {
  readonly capabilities: ClientCapabilities;
  /** Commands that the client runs when a lens or an action names them (`initializationOptions.commands`). */
  readonly commands: ReadonlySet<string>;
  readonly pullsDiagnostics: boolean;
  readonly showsMarkdown: boolean;
}

/** What a handler is given beside its parameters. */
export interface Question {
  readonly settings: Settings;
  readonly token: CancellationToken;
}

export interface Server {
  readonly connection: Connection;
  /** The open documents, for their events; their contents are asked of `analyses`. */
  readonly documents: TextDocuments<TextDocument>;
  readonly analyses: Analyses;
  /** The open WIT documents, of which there are no analyses. */
  readonly wit: WitViews;
  readonly host: ServerHost;
  /** Binary modules by their URI. */
  readonly modules: Modules;
  /** Binaries by their URI, whatever is in them. */
  readonly binaries: Binaries;
  readonly client: Client;
  /** Of a resource; without one, of the workspace. */
  settings(uri?: string): Promise<Settings>;
  /** Calls back when settings have changed. */
  onSettings(changed: () => void): void;
  /**
   * A handler about an open document. It gets an analysis that was worked out up to `level` in short turns, so what
   * it asks of it costs nothing. Answers `nothing` if the document is not open, and a cancelled request at once.
   * What goes wrong inside is logged in one sentence and answered with `nothing`.
   * A WIT document is asked of with `answerWit`; without one, the answer is `nothing`.
   */
  about<P extends { readonly textDocument: { readonly uri: string } }, R>(
    what: string,
    level: Level,
    nothing: R,
    answer: (analysis: Analysis, params: P, question: Question) => R | Promise<R>,
    answerWit?: (view: WitView, params: P, question: Question) => R | Promise<R>,
  ): (params: P, token: CancellationToken) => Promise<R>;
  /** A handler about anything else, whose failure is told to the user: a file that cannot be read, say. */
  refusing<P, R>(
    answer: (params: P, token: CancellationToken) => R | Promise<R>,
  ): (params: P, token: CancellationToken) => Promise<R>;
  /** Logs what failed in one sentence. */
  report(what: string, error: unknown): void;
  /** Something sent to the client that nobody waits for: what it refuses is logged, and ends nothing. */
  sent(what: string, answer: Promise<unknown>): void;
}
