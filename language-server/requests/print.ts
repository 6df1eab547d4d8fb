/**
 * `wasmscope/print`: binary code as text. A `wasmscope:` URI of a part of a module, or a binary's own for all of it.
 * For clients of LSP 3.18 the same documents are the content of their URIs (`workspace/textDocumentContent`).
 */

import type { TextDocumentContentParams } from 'vscode-languageserver';
import { DISASSEMBLY_SCHEME, parseDisassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import type { Modules } from '../disassembly/modules.ts';
import { partIn, textFor } from '../disassembly/texts.ts';
import type { Feature } from '../feature.ts';
import { PrintRequest, type UriParams, uriOf } from '../protocol.ts';

export const printFeature: Feature = {
  capabilities: ({ capabilities }) =>
    capabilities.workspace?.textDocumentContent
      ? { workspace: { textDocumentContent: { schemes: [DISASSEMBLY_SCHEME] } } }
      : {},
  register({ connection, refusing, modules, client }) {
    connection.onRequest(
      PrintRequest,
      refusing((params: UriParams) => printDocument(uriOf(params), modules)),
    );
    if (!client.capabilities.workspace?.textDocumentContent) return;
    connection.workspace.textDocumentContent.on(
      refusing((params: TextDocumentContentParams) => printDocument(uriOf(params), modules)),
    );
  },
};

/** Throws an Error for people: the file cannot be read, is no module, has no such function, or is too large. */
export async function printDocument(uri: string, modules: Modules): Promise<{ text: string }> {
  const document = parseDisassemblyUri(uri);
  if (!document && uri.startsWith(`${DISASSEMBLY_SCHEME}:`)) throw new Error(`no such document: ${uri}`);
  if (!document) return { text: textFor(await modules.get(uri), { part: 'module', options: {} }) };
  const module = await modules.get(document.program);
  // A function that is gone is missed by its index.
  return { text: textFor(module, { ...document, part: partIn(module, document) ?? document.part }) };
}
