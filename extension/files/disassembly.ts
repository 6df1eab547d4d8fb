/**
 * The file system of disassembled WAT: `wasmscope:/…/module.wasm/func-12-name.wat`, one read-only document a
 * function, `fields.wat` for what else is in the module, and `module.wat` for the whole of a small one.
 *
 * The text comes from the language server, which prints it as the debugger does. While a module is debugged, it comes
 * from the debugger, because the file may be built anew; documents change when the session is over. Knows nothing of WAT.
 */

import * as vscode from 'vscode';
import type { LanguageService } from '../language/service.ts';
import { programUri } from './program-uri.ts';

export const SCHEME = 'wasmscope';

/** How disassembled documents are written, as the user set it. */
export interface DisassemblySettings {
  readonly form: 'flat' | 'folded';
  readonly offsets: boolean;
  readonly demangle: boolean;
}

export function disassemblySettings(module: vscode.Uri | undefined): DisassemblySettings {
  const settings = vscode.workspace.getConfiguration('wasmscope.disassembly', module);
  return {
    form: settings.get('form', 'flat'),
    offsets: settings.get('offsets', false),
    demangle: settings.get('demangle', true),
  };
}

/** How the documents of a module are written, in the words of their queries: `folded.offsets`. */
export function writtenAs(module: vscode.Uri): string {
  const { form, offsets, demangle } = disassemblySettings(module);
  const options = [form === 'folded' && 'folded', offsets && 'offsets', !demangle && 'mangled'];
  return options.filter(Boolean).join('.');
}

/**
 * The URI of a whole module's WAT. How it is written goes into the query where it is not as usual, and the module's own
 * scheme and authority when they are not those of a local file: `?folded.offsets`, `?mangled&uri=…`.
 */
export function moduleDocument(module: vscode.Uri): vscode.Uri {
  const isLocal = module.scheme === 'file' && module.authority === '';
  const query = [writtenAs(module), isLocal ? '' : `uri=${encodeURIComponent(module.toString())}`];
  return vscode.Uri.from({
    scheme: SCHEME,
    path: `${module.path}/module.wat`,
    query: query.filter(Boolean).join('&'),
  });
}

/** The module that a document of ours was made from; undefined for other documents. */
export function moduleOf(document: vscode.Uri): vscode.Uri | undefined {
  if (document.scheme !== SCHEME) return undefined;
  const given = /(?:^|&)uri=(.*)$/.exec(document.query)?.[1];
  if (given !== undefined) return vscode.Uri.parse(decodeURIComponent(given));
  return vscode.Uri.from({ scheme: 'file', path: document.path.replace(/\/[^/]*$/, '') });
}

export function registerDisassembly(language: LanguageService, debugType: string): vscode.Disposable[] {
  const files = new DisassemblyFiles(language);
  return [
    files,
    vscode.workspace.registerFileSystemProvider(SCHEME, files, { isReadonly: true, isCaseSensitive: true }),
    vscode.debug.onDidStartDebugSession((session) => {
      if (session.type === debugType) files.started(session);
    }),
    vscode.debug.onDidTerminateDebugSession((session) => files.ended(session)),
  ];
}

class DisassemblyFiles implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #language: LanguageService;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  /** When each module was last seen to change. */
  readonly #changes = new Map<string, number>();
  readonly #shown = new Set<vscode.Uri>();
  readonly #sessions = new Set<vscode.DebugSession>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(language: LanguageService) {
    this.#language = language;
  }

  started(session: vscode.DebugSession): void {
    this.#sessions.add(session);
  }

  /** What was built anew while it was debugged is shown now. */
  ended(session: vscode.DebugSession): void {
    if (this.#sessions.delete(session)) this.#refresh((module) => runs(session, module));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const mtime = this.#changes.get(String(moduleOf(uri))) ?? 0;
    if (!uri.path.endsWith('.wat')) return { type: vscode.FileType.Directory, ctime: 0, mtime, size: 0 };
    const { length } = await this.#text(uri);
    const permissions = vscode.FilePermission.Readonly;
    return { type: vscode.FileType.File, ctime: 0, mtime, size: length, permissions };
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#text(uri);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  /** A document that is open changes with its module. */
  watch(uri: vscode.Uri): vscode.Disposable {
    const module = uri.path.endsWith('.wat') ? moduleOf(uri) : undefined;
    if (!module) return new vscode.Disposable(() => undefined);
    this.#shown.add(uri);
    const name = module.path.slice(module.path.lastIndexOf('/') + 1);
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(module, '..'), name),
    );
    const changed = () => {
      this.#changes.set(module.toString(), Date.now());
      if (!this.#sessionOf(module)) this.#refresh((other) => other.toString() === module.toString());
    };
    return vscode.Disposable.from(
      watcher,
      watcher.onDidChange(changed),
      watcher.onDidCreate(changed),
      new vscode.Disposable(() => this.#shown.delete(uri)),
    );
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  /** Of the program that is being debugged, whatever its file is by now; else of the file. */
  async #text(uri: vscode.Uri): Promise<Uint8Array> {
    const module = moduleOf(uri);
    const session = module && this.#sessionOf(module);
    const text = (session && (await textOfRunning(session, uri))) ?? (await this.#textOfFile(uri));
    return new TextEncoder().encode(text);
  }

  async #textOfFile(uri: vscode.Uri): Promise<string> {
    return (await this.#language.print({ uri: uri.toString() })).text;
  }

  #sessionOf(module: vscode.Uri): vscode.DebugSession | undefined {
    return [...this.#sessions].find((session) => runs(session, module));
  }

  #refresh(isOf: (module: vscode.Uri) => boolean): void {
    const changed = [...this.#shown].filter((uri) => isOf(moduleOf(uri)!));
    this.#changed.fire(changed.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
  }
}

function runs({ configuration, workspaceFolder }: vscode.DebugSession, module: vscode.Uri): boolean {
  return programUri(configuration.program, workspaceFolder?.uri)?.toString() === module.toString();
}

async function textOfRunning(session: vscode.DebugSession, uri: vscode.Uri): Promise<string | undefined> {
  try {
    const source = { path: uri.toString() };
    const { content } = await session.customRequest('source', { source, sourceReference: 0 });
    return content;
  } catch {
    // It is not loaded yet, or over.
    return undefined;
  }
}
