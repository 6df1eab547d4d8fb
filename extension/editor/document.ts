/**
 * A `.wasm` that is open in the module editor. It owns the bytes: in a piece table, so that editing can come. The
 * language server has one copy, which is told of every change; pages have no more than what they show.
 *
 * A file that changes on disk changes the document, by the range that differs. Knows no page.
 */

import * as vscode from 'vscode';
import { toBase64 } from '../files/base64.ts';
import type { BinaryChange } from '../language/byte-protocol.ts';
import type { ByteMethod, LanguageService } from '../language/service.ts';
import type { ByteRange } from './messages.ts';
import { changedRange, PieceTable } from './piece-table.ts';

/** Bytes of one message to the language server. */
const CHUNK = 1024 * 1024;
/** A larger change is sent as all bytes anew. */
const MOST_CHANGED = CHUNK;
/** A build writes a file in several steps: it is read when it has been quiet for so many milliseconds. */
const QUIET = 80;

export class ModuleDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly #language: LanguageService;
  readonly #changed = new vscode.EventEmitter<ByteRange>();
  readonly #subscriptions: vscode.Disposable[];
  #bytes = new PieceTable(new Uint8Array());
  #version = 1;
  #isTold = false;
  #told: Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  /** The range that has changed, by the offsets of the new bytes. */
  readonly onDidChange = this.#changed.event;
  /** Settles when the file has been read; until then there are no bytes. Rejects with VS Code's FileSystemError. */
  readonly whole: Promise<void>;

  /**
   * Begins to read the file, and does not wait for all of it: its page takes a while, too. Throws VS Code's FileSystemError for
   * one that is not there.
   */
  static async open(uri: vscode.Uri, language: LanguageService): Promise<ModuleDocument> {
    // The server starts, and reads what it can read by itself, meanwhile.
    language.start();
    const reading = Promise.resolve(vscode.workspace.fs.readFile(uri));
    reading.catch(() => undefined);
    await Promise.race([reading, vscode.workspace.fs.stat(uri)]);
    return new ModuleDocument(uri, language, reading);
  }

  private constructor(uri: vscode.Uri, language: LanguageService, reading: Promise<Uint8Array>) {
    this.uri = uri;
    this.#language = language;
    this.whole = reading.then((bytes) => {
      this.#bytes = new PieceTable(bytes);
    });
    this.whole.catch(() => undefined);
    this.#told = this.#open();
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), globFor(name)),
    );
    const changed = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#refresh(), QUIET);
    };
    this.#subscriptions = [
      watcher,
      watcher.onDidChange(changed),
      watcher.onDidCreate(changed),
      // A server that was started anew knows nothing. One that is started for the first time is told by what waits for it.
      language.onDidChangeState((state) => {
        if (state === 'running' && this.#isTold) this.#told = this.#open();
      }),
    ];
  }

  get length(): number {
    return this.#bytes.length;
  }

  get name(): string {
    return this.uri.path.slice(this.uri.path.lastIndexOf('/') + 1);
  }

  /** The bytes of `[start, end)`, fewer at the end of the file. */
  read(start: number, end: number): Uint8Array {
    return this.#bytes.read(start, end);
  }

  /** A request about these bytes. */
  async ask<R>(method: ByteMethod, params: object, token?: vscode.CancellationToken): Promise<R> {
    await this.#told;
    return this.#language.ask<R>(method, { ...params, uri: this.uri.toString() }, token);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#subscriptions).dispose();
    this.#changed.dispose();
    this.#language.tell('didClose', { uri: this.uri.toString() }).catch(() => undefined);
  }

  /** Puts `inserted` in place of `[start, end)`. The one way in which the bytes change. */
  #change({ start, end, inserted }: ByteRange & { readonly inserted: Uint8Array }): void {
    // A copy, because a part of what was read would keep all of that in memory.
    this.#bytes.replace(start, end, inserted.slice());
    this.#version++;
    const isLarge = inserted.length > MOST_CHANGED;
    this.#told = isLarge ? this.#open() : this.#tellChange({ start, end, data: inserted });
    this.#changed.fire({ start, end: start + inserted.length });
  }

  async #refresh(): Promise<void> {
    let fresh: Uint8Array;
    try {
      await this.whole.catch(() => undefined);
      fresh = await vscode.workspace.fs.readFile(this.uri);
    } catch {
      // It is gone, perhaps for a moment only: what was read stays in sight.
      return;
    }
    if (this.#disposed) return;
    const change = changedRange(this.#bytes.read(0, this.#bytes.length), fresh);
    if (change) this.#change(change);
  }

  /** Gives the server all bytes. What is a file it reads faster by itself. */
  async #open(): Promise<void> {
    const uri = this.uri.toString();
    const version = this.#version;
    try {
      if (this.uri.scheme === 'file') {
        await this.#language.tell('didOpen', { uri, version });
        this.#isTold = true;
        return;
      }
      await this.whole;
      const { length } = this.#bytes;
      await this.#language.tell('didOpen', { uri, version, length });
      for (let offset = 0; offset < length && version === this.#version && !this.#disposed; offset += CHUNK) {
        const data = toBase64(this.#bytes.read(offset, offset + CHUNK));
        await this.#language.tell('chunk', { uri, version, offset, data });
      }
      this.#isTold = true;
    } catch {
      // The service has said in the log why there is no server; every question will be refused.
    }
  }

  /** What the server reads by itself, it reads again: it may have read it before or after this change. */
  async #tellChange({ start, end, data }: ByteRange & { readonly data: Uint8Array }): Promise<void> {
    const changes: BinaryChange[] = [{ start, end, data: toBase64(data) }];
    const readsItself = this.uri.scheme === 'file';
    const params = {
      uri: this.uri.toString(),
      version: this.#version,
      ...(!readsItself && { changes }),
    };
    await this.#language.tell('didChange', params).catch(() => undefined);
  }
}

/** A name as a pattern that matches nothing else. */
function globFor(name: string): string {
  return name.replace(/[[\]{}*?]/g, (sign) => `[${sign}]`);
}
