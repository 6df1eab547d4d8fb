/**
 * Programs that requests name by their URI: an open document as it stands in the editor, else a file.
 */

import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Analyses } from './analyses.ts';
import { Analysis } from './analysis.ts';
import type { ServerHost } from './host.ts';

export type Program = { readonly text: Analysis } | { readonly bytes: Uint8Array };

/** Throws an Error with a message for people if the file cannot be read. */
export async function readProgram(uri: string, analyses: Analyses, host: ServerHost): Promise<Program> {
  const open = analyses.get(uri);
  if (open) return { text: open };
  const bytes = await host.readFile(uri);
  if (!isText(uri, bytes)) return { bytes };
  const text = new TextDecoder().decode(bytes);
  return { text: new Analysis(TextDocument.create(uri, 'wat', 0, text)) };
}

/** By its name, unless the bytes say that they are a binary. */
function isText(uri: string, bytes: Uint8Array): boolean {
  return /\.wa(t|st)($|[?#])/i.test(uri) && bytes[0] !== 0;
}
