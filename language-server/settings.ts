/**
 * The settings that the server reads (`wasmscope.*`, scope `resource`), with their defaults.
 *
 * A client that answers `workspace/configuration` is asked, once a resource until it says that something changed; of
 * any other, the settings are what it sent with `initialize` or `workspace/didChangeConfiguration`. A value of a wrong
 * type counts as absent.
 */

import type { ClientCapabilities, Connection } from 'vscode-languageserver';

/** One group a feature. */
export interface Settings {
  /** The settings as the client has them below `wasmscope`: read them with `settingAt`. */
  readonly raw: unknown;
}

/** The value at a dotted path below `wasmscope`, if it has the type of the default; else the default. */
export function settingAt<T extends string | number | boolean | readonly unknown[] | object>(
  { raw }: Settings,
  path: string,
  fallback: T,
): T {
  let value: unknown = raw;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return fallback;
    value = (value as Record<string, unknown>)[step];
  }
  const sameType = typeof value === typeof fallback && Array.isArray(value) === Array.isArray(fallback);
  return sameType && value !== null ? (value as T) : fallback;
}

export class SettingsStore {
  readonly #connection: Connection;
  readonly #asks: boolean;
  readonly #known = new Map<string, Promise<Settings>>();
  readonly #listeners: (() => void)[] = [];
  #sent: unknown;

  /** `sent`: the settings that came with `initialize`, if any. */
  constructor(connection: Connection, capabilities: ClientCapabilities, sent: unknown) {
    this.#connection = connection;
    this.#asks = capabilities.workspace?.configuration === true;
    this.#sent = sent;
  }

  of(uri = ''): Promise<Settings> {
    const known = this.#known.get(uri);
    if (known) return known;
    const settings = this.#read(uri);
    this.#known.set(uri, settings);
    return settings;
  }

  onChange(changed: () => void): void {
    this.#listeners.push(changed);
  }

  /** The client says that settings changed, and perhaps to what. */
  changed(settings: unknown): void {
    const { wasmscope } = (settings ?? {}) as { wasmscope?: unknown };
    if (wasmscope !== undefined) this.#sent = wasmscope;
    this.#known.clear();
    for (const listener of this.#listeners) listener();
  }

  forget(uri: string): void {
    this.#known.delete(uri);
  }

  async #read(uri: string): Promise<Settings> {
    if (!this.#asks) return { raw: this.#sent };
    const scopeUri = uri === '' ? undefined : uri;
    try {
      const raw: unknown = await this.#connection.workspace.getConfiguration({
        scopeUri,
        section: 'wasmscope',
      });
      return { raw };
    } catch {
      // A client that cannot say has not said that it wants anything else.
      this.#known.delete(uri);
      return { raw: this.#sent };
    }
  }
}
