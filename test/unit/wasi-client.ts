/**
 * A client's file system as an editor has it: files by URI, whole files only, no links. Answers at once, or by promises.
 */

import type { AskClient, ClientFileAnswer, ClientFileRequest } from '../../engine/wasi/client-tree.ts';
import { fail, type HostError, type Later } from '../../engine/wasi/host.ts';

export class ClientDisk {
  readonly files = new Map<string, Uint8Array>();
  readonly directories = new Set<string>();
  /** Symbolic links, by what they lead to. */
  readonly links = new Map<string, 'file' | 'directory'>();
  /** What was asked, `writeFile uri`. */
  readonly asked: string[] = [];
  /** Operations that fail, and how. */
  readonly failing = new Map<string, HostError>();

  constructor(root: string) {
    this.directories.add(root);
  }

  readonly ask: AskClient = (request) => this.#answer(request);

  /** The same, but later. */
  readonly askLater: AskClient = (request): Later<ClientFileAnswer> =>
    new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          resolve(this.#answer(request));
        } catch (error) {
          reject(error);
        }
      });
    });

  text(uri: string): string | undefined {
    const bytes = this.files.get(uri);
    return bytes && new TextDecoder().decode(bytes);
  }

  #answer(request: ClientFileRequest): ClientFileAnswer {
    const { operation, uri } = request;
    this.asked.push(`${operation} ${uri}`);
    const failure = this.failing.get(operation);
    if (failure) throw failure;
    const bytes = this.files.get(uri);
    switch (request.operation) {
      case 'stat':
        if (this.links.has(uri)) return { type: 'symlink', size: 0, modified: 5 };
        if (this.directories.has(uri)) return { type: 'directory', size: 0, modified: 5 };
        return bytes ? { type: 'file', size: bytes.length, modified: 7 } : fail('noent');
      case 'readDirectory':
        return { entries: this.#entries(uri) };
      case 'readFile':
        return bytes ? { data: bytes } : fail('noent');
      case 'writeFile':
        this.files.set(uri, request.data);
        return {};
      case 'createDirectory':
        this.directories.add(uri);
        return {};
      case 'delete':
        if (!this.files.delete(uri) && !this.directories.delete(uri) && !this.links.delete(uri))
          fail('noent');
        return {};
      case 'rename':
        this.#rename(uri, request.to);
        return {};
    }
  }

  #entries(uri: string): [string, 'file' | 'directory' | 'symlink'][] {
    const inside = (name: string) => name.startsWith(`${uri}/`) && !name.slice(uri.length + 1).includes('/');
    const named = (name: string) => decodeURIComponent(name.slice(uri.length + 1));
    return [
      ...[...this.files.keys()].filter(inside).map((name): [string, 'file'] => [named(name), 'file']),
      ...[...this.directories]
        .filter(inside)
        .map((name): [string, 'directory'] => [named(name), 'directory']),
      ...[...this.links.keys()].filter(inside).map((name): [string, 'symlink'] => [named(name), 'symlink']),
    ];
  }

  #rename(uri: string, to: string): void {
    const moved = (name: string) =>
      name === uri || name.startsWith(`${uri}/`) ? to + name.slice(uri.length) : name;
    this.directories.delete(to);
    for (const [name, bytes] of [...this.files]) {
      if (moved(name) === name) continue;
      this.files.delete(name);
      this.files.set(moved(name), bytes);
    }
    for (const name of [...this.directories]) {
      if (moved(name) === name) continue;
      this.directories.delete(name);
      this.directories.add(moved(name));
    }
  }
}
