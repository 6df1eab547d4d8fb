/**
 * Programs that requests name by their URI: an open document as it stands in the editor, else a file. Texts are worked
 * out in short turns.
 */

import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Analyses } from './analyses.ts';
import { Analysis, type Level } from './analysis.ts';
import { takeTurns } from './facts/turns.ts';
import type { Server } from './feature.ts';

export type Program = { readonly text: Analysis } | { readonly bytes: Uint8Array };

/** Of a text, what `level` says is known. Throws an Error with a message for people if the file cannot be read. */
export async function readProgram(
  uri: string,
  level: Level,
  { analyses, host }: Pick<Server, 'analyses' | 'host'>,
  token: CancellationToken,
): Promise<Program> {
  const open = await newest(uri, level, analyses, token);
  if (open) return { text: open };
  const bytes = await host.readFile(uri);
  if (!isText(uri, bytes)) return { bytes };
  const text = new Analysis(TextDocument.create(uri, 'wat', 0, new TextDecoder().decode(bytes)));
  const turns = takeTurns(token);
  while (!text.advance(level, 0)) await turns.pause();
  return { text };
}

/** These questions are about a file, not about a version of it: an edit meanwhile does not end them. */
async function newest(
  uri: string,
  level: Level,
  analyses: Analyses,
  token: CancellationToken,
): Promise<Analysis | undefined> {
  for (;;) {
    try {
      return await analyses.prepared(uri, level, token);
    } catch (error) {
      if (!(error instanceof ResponseError) || error.code !== LSPErrorCodes.ContentModified) throw error;
    }
  }
}

/** By its name, unless the bytes say that they are a binary. */
function isText(uri: string, bytes: Uint8Array): boolean {
  return /\.wa(t|st)($|[?#])/i.test(uri) && bytes[0] !== 0;
}
