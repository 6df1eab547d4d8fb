/**
 * Notices that a file of the program was built anew while it is being debugged, and says so: once in the Debug Console,
 * and by the event `wasmscope/programChanged`, so that a client can offer to restart. What runs stays what was loaded.
 *
 * A host that reads files by itself watches them too; others the client is asked to watch (`wasmscope/watchFiles`), and says
 * `wasmscope/fileChanged`. Files are
 * compared by content: saving the same thing again is no news. A file that is not whole yet is not judged.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Context } from './context.ts';
import { type ProgramFile, readProgram } from './files.ts';
import { baseName } from './paths.ts';

/** One file of the program, watched. */
interface Watched {
  readonly uri: string;
  /** The content that runs, and the last one that the user was told of. */
  readonly loaded: string;
  told: string;
  readonly stop: (() => void) | undefined;
}

/** The files of the one program of a session, watched. */
export class ProgramWatch {
  readonly #context: Context;
  #files: Watched[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  /** From now on, these files are what runs. */
  begin(files: readonly ProgramFile[]): void {
    this.#files = files.map((file) => {
      const { uri } = file;
      const loaded = fingerprint(file);
      const stop = this.#context.host.watchLocal?.(uri, () => void this.#look(uri));
      return { uri, loaded, told: loaded, stop };
    });
    const uris = this.#files.filter(({ stop }) => !stop).map(({ uri }) => uri);
    if (uris.length === 0 || !this.#context.client.wasmscopeFiles) return;
    this.#context.send('wasmscope/watchFiles', { uris });
  }

  end(): void {
    for (const { stop } of this.#files) stop?.();
    this.#files = [];
  }

  /** The client says that a file has changed. */
  async changed({ uri }: { uri: string }): Promise<void> {
    if (this.#files.some((file) => file.uri === uri && !file.stop)) await this.#look(uri);
  }

  async #look(uri: string): Promise<void> {
    let content: ProgramFile;
    try {
      content = await readProgram(this.#context.files, uri, uri);
    } catch (error) {
      this.#context.log(`${uri} has changed and cannot be read: ${(error as Error).message}`);
      return;
    }
    const now = fingerprint(content);
    const file = this.#files.find((one) => one.uri === uri);
    if (!file || now === file.told) return;
    file.told = now;
    this.#edited(uri, now !== file.loaded && 'text' in content ? content.text : undefined);
    if (now === file.loaded) return;
    const output = `${baseName(uri)} has changed since it was loaded: restart to debug what it is now.\n`;
    // A client that offers to restart need not be shouted at, too.
    const category = this.#context.client.wasmscopeFiles ? 'console' : 'important';
    this.#context.send<DebugProtocol.OutputEvent>('output', { category, output });
    this.#context.send('wasmscope/programChanged', { uri });
  }

  /** Frames are shown in the text that runs, breakpoints in the file as it is now. */
  #edited(uri: string, text: string | undefined): void {
    const { program, client, send } = this.#context;
    if (!program) return;
    program.documents.setEdited(uri, text);
    if (client.invalidatedEvents) send<DebugProtocol.InvalidatedEvent>('invalidated', { areas: ['stacks'] });
  }
}

/** FNV-1a, 32 bits, and the length. */
function fingerprint(file: ProgramFile): string {
  let hash = 0x811c9dc5;
  if ('text' in file) {
    for (let i = 0; i < file.text.length; i++) hash = Math.imul(hash ^ file.text.charCodeAt(i), 0x01000193);
    return `${file.text.length} ${hash}`;
  }
  for (const byte of file.bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${file.bytes.length} ${hash}`;
}
