/**
 * `workspace/symbol`: items with names in all open texts, modules of scripts among them, and the functions of binaries
 * that were looked at. Other files are not looked at: the server reads no folders.
 */

import {
  ResponseError,
  SymbolInformation,
  SymbolKind,
  type WorkspaceSymbolParams,
} from 'vscode-languageserver';
import { tokenSpan, tokenText } from '../../engine/text/lexer.ts';
import type { Analysis } from '../analysis.ts';
import { functionSymbols } from '../disassembly/functions.ts';
import { scriptNames } from '../facts/script-names.ts';
import { type Turns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { fieldSymbolKind } from './document-symbols.ts';

export const workspaceSymbolFeature: Feature = {
  capabilities: () => ({ workspaceSymbolProvider: true }),
  register({ connection, documents, analyses, modules, report }) {
    connection.onWorkspaceSymbol(async ({ query }: WorkspaceSymbolParams, token) => {
      const turns = takeTurns(token);
      const found: SymbolInformation[] = [];
      for (const { uri } of documents.all()) {
        try {
          const analysis = await analyses.prepared(uri, 'symbols', token);
          if (analysis) found.push(...(await symbolsOf(analysis, query, turns)));
        } catch (error) {
          // Cancelled, or a document was edited meanwhile: the client asks again.
          if (error instanceof ResponseError) throw error;
          report('workspace symbols', error);
        }
      }
      const matches = matcher(query);
      for (const [uri, module] of query === '' ? [] : modules.all()) {
        found.push(...functionSymbols(uri, module, matches, MOST));
      }
      return found.slice(0, MOST);
    });
  },
};

/** More are of no use to anybody: the client asks again with every character. */
const MOST = 1000;
const STEP = 256;

/** The items of a text whose names hold the letters of `query` in that order. */
export async function symbolsOf(
  analysis: Analysis,
  query: string,
  turns: Turns,
): Promise<SymbolInformation[]> {
  const { document, tree } = analysis;
  const { uri } = document;
  const matches = matcher(query);
  const found: SymbolInformation[] = [];
  const add = (name: string, kind: SymbolKind, token: number, container?: string) => {
    if (found.length >= MOST || !matches(name)) return;
    const { start, end } = tokenSpan(tree.tokens, token);
    const range = { start: document.positionAt(start), end: document.positionAt(end) };
    found.push(SymbolInformation.create(name, kind, range, uri, container));
  };
  if (analysis.script) {
    for (const { kind, token } of scriptNames(tree)) {
      if (kind === 'module' && token >= 0) add(tokenText(tree.tokens, token), SymbolKind.Module, token);
    }
  }
  for (const module of analysis.modules) await addFields(module, add, turns);
  return found;
}

async function addFields(
  module: ModuleAnalysis,
  add: (name: string, kind: SymbolKind, token: number, container?: string) => void,
  turns: Turns,
): Promise<void> {
  const { tree, assembly } = module;
  for (const [i, field] of assembly.fields.entries()) {
    if (i % STEP === 0) await turns.pause();
    const kind = fieldSymbolKind(tree, field);
    const name = field.id >= 0 ? tokenText(tree.tokens, field.id) : undefined;
    if (name !== undefined) add(name, kind, field.id);
    for (const { name: exported, open } of field.exports) add(exported, kind, open + 1, name);
  }
}

/** Upper and lower case are the same, and a `$` may be left out. */
function matcher(query: string): (name: string) => boolean {
  const wanted = query.toLowerCase();
  return (name) => {
    const text = name.toLowerCase();
    let at = 0;
    for (const char of wanted) {
      at = text.indexOf(char, at) + 1;
      if (at === 0) return false;
    }
    return true;
  };
}
