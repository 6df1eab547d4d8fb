/**
 * `textDocument/prepareRename` and `textDocument/rename`: names of all index spaces, labels, and names of modules and
 * threads in scripts. What cannot be renamed is refused with the reason.
 */

import {
  LSPErrorCodes,
  type PrepareRenameParams,
  type PrepareRenameResult,
  type RenameParams,
  ResponseError,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { tokenSpan } from '../../engine/text/lexer.ts';
import type { Analysis } from '../analysis.ts';
import { textEdits } from '../facts/edits.ts';
import { Refusal, renamingAt, typedName } from '../facts/renaming.ts';
import type { Feature } from '../feature.ts';
import { witPrepareRename, witRename } from '../wit/navigation.ts';

export const renameFeature: Feature = {
  capabilities: ({ capabilities }) => ({
    renameProvider: capabilities.textDocument?.rename?.prepareSupport ? { prepareProvider: true } : true,
  }),
  register({ connection, about, client }) {
    const versioned = client.capabilities.workspace?.workspaceEdit?.documentChanges === true;
    connection.onPrepareRename(
      about(
        'rename',
        'symbols',
        null,
        (analysis, { position }: PrepareRenameParams) =>
          refusing(() => prepareRename(analysis, analysis.document.offsetAt(position))),
        (view, { position }) => refusing(() => witPrepareRename(view, view.document.offsetAt(position))),
      ),
    );
    connection.onRenameRequest(
      about(
        'rename',
        'symbols',
        null,
        (analysis, { position, newName }: RenameParams) =>
          refusing(() => rename(analysis, analysis.document.offsetAt(position), newName, versioned)),
        (view, { position, newName }) =>
          refusing(() => witRename(view, view.document.offsetAt(position), newName)),
      ),
    );
  },
};

/** The range that is edited, and what stands in it. Throws a Refusal. */
export function prepareRename(analysis: Analysis, pos: number): PrepareRenameResult | null {
  const renaming = renamingAt(analysis, pos);
  if (!renaming) return null;
  const { document, tree } = analysis;
  const { start, end } = tokenSpan(tree.tokens, renaming.token);
  const range = { start: document.positionAt(start), end: document.positionAt(end) };
  return { range, placeholder: renaming.written || '$' };
}

/** Throws a Refusal. */
export function rename(
  analysis: Analysis,
  pos: number,
  newName: string,
  versioned = false,
): WorkspaceEdit | null {
  const renaming = renamingAt(analysis, pos);
  if (!renaming) return null;
  const { document } = analysis;
  const edits = textEdits(document, renaming.edits(typedName(newName)));
  if (!versioned) return { changes: { [document.uri]: edits } };
  return { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits }] };
}

function refusing<R>(answer: () => R): R {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new ResponseError<void>(LSPErrorCodes.RequestFailed, error.message);
  }
}
