/**
 * The file system of disassembled WAT: `wasmscope:/…/module.wasm/func-12-name.wat`, one read-only document a
 * function, and `wasmscope:/…/module.wasm/module.wat` for the whole of a small module.
 *
 * The text comes from the language server, which prints it as the debugger does. Knows nothing of WAT.
 */

import * as vscode from 'vscode';
import type { LanguageService } from '../language/service.ts';

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

/**
 * The URI of a whole module's WAT. How it is written goes into the query where it is not as usual, and the module's own
 * scheme and authority when they are not those of a local file: `?folded.offsets`, `?mangled&uri=…`.
 */
export function moduleDocument(module: vscode.Uri): vscode.Uri {
  const { form, offsets, demangle } = disassemblySettings(module);
  const options = [form === 'folded' && 'folded', offsets && 'offsets', !demangle && 'mangled'];
  const isLocal = module.scheme === 'file' && module.authority === '';
  const query = [
    options.filter(Boolean).join('.'),
    isLocal ? '' : `uri=${encodeURIComponent(module.toString())}`,
  ];
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

export function registerDisassembly(language: LanguageService): vscode.Disposable[] {
  return [
    vscode.workspace.registerFileSystemProvider(SCHEME, new DisassemblyFiles(language), {
      isReadonly: true,
      isCaseSensitive: true,
    }),
  ];
}

class DisassemblyFiles implements vscode.FileSystemProvider {
  readonly #language: LanguageService;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(language: LanguageService) {
    this.#language = language;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    if (!uri.path.endsWith('.wat')) return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    const { length } = await this.#text(uri);
    const permissions = vscode.FilePermission.Readonly;
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: length, permissions };
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#text(uri);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
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

  async #text(uri: vscode.Uri): Promise<Uint8Array> {
    const { text } = await this.#language.print({ uri: uri.toString() });
    return new TextEncoder().encode(text);
  }
}
