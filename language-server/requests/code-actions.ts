/**
 * `textDocument/codeAction` and `codeAction/resolve`: what the actions (actions/) offer at a selection.
 *
 * Edits that are costly to work out are left to resolve, if the client can: the action is then asked again at the same
 * place of the same text. A text that has changed since gets no edit.
 */

import type { CodeAction, CodeActionParams, Diagnostic } from 'vscode-languageserver';
import { editsInTurns, editsOf, type Offer, Selection } from '../actions/action.ts';
import { ACTIONS } from '../actions/table.ts';
import type { Analysis } from '../analysis.ts';
import { textEdits } from '../facts/edits.ts';
import { type Turns, takeTurns } from '../facts/turns.ts';
import type { Client, Feature } from '../feature.ts';
import { lintRunsOf } from '../lints/diagnostics.ts';
import { Levels } from '../lints/levels.ts';
import type { Lint } from '../lints/lint.ts';

/** What an unresolved action carries: where it was offered. */
interface Unresolved {
  readonly uri: string;
  readonly version: number;
  readonly start: number;
  readonly end: number;
  /** The number of the action among all, and of the offer among its own. */
  readonly action: number;
  readonly title: string;
}

/** Characters of a text whose costly actions are not offered to clients that cannot resolve them. */
const LARGE = 200_000;

const KINDS = [...new Set(ACTIONS.flatMap(({ kinds }) => kinds))];

export const codeActionFeature: Feature = {
  capabilities: (client) => ({
    codeActionProvider: { codeActionKinds: KINDS, ...(resolves(client) && { resolveProvider: true }) },
  }),
  register({ connection, about, analyses, client }) {
    const runs = lintRunsOf(analyses);
    connection.onCodeAction(
      about('code actions', 'faults', [], async (analysis, params: CodeActionParams, { settings, token }) => {
        const lints = await runs.of(analysis, new Levels(settings), takeTurns(token));
        const { document } = analysis;
        const span = {
          start: document.offsetAt(params.range.start),
          end: document.offsetAt(params.range.end),
        };
        const { diagnostics, only } = params.context;
        return codeActions(analysis, span, lints, { diagnostics, only, resolves: resolves(client) });
      }),
    );
    if (!resolves(client)) return;
    const resolve = about(
      'a code action',
      'faults',
      undefined,
      async (
        analysis,
        { data }: { textDocument: { uri: string }; data: Unresolved },
        { settings, token },
      ) => {
        if (analysis.document.version !== data.version) return undefined;
        const lints = await runs.of(analysis, new Levels(settings), takeTurns(token));
        return resolved(analysis, data, lints, takeTurns(token));
      },
    );
    connection.onCodeActionResolve(async (action, token) => {
      const data = action.data as Unresolved | undefined;
      if (typeof data?.uri !== 'string') return action;
      const edit = await resolve({ textDocument: { uri: data.uri }, data }, token);
      return edit ? { ...action, edit } : action;
    });
  },
};

export interface Asked {
  readonly diagnostics?: readonly Diagnostic[];
  readonly only?: readonly string[];
  /** True if the client asks for edits later. */
  readonly resolves?: boolean;
}

/** What is offered at a range of offsets. `lints`: what the lints found in the document. */
export function codeActions(
  analysis: Analysis,
  span: { readonly start: number; readonly end: number },
  lints: readonly Lint[],
  { diagnostics = [], only, resolves = false }: Asked = {},
): CodeAction[] {
  const { document } = analysis;
  if (document.uri.startsWith('wasmscope:')) return [];
  const at = new Selection(analysis, span, diagnostics, lints);
  const found: CodeAction[] = [];
  ACTIONS.forEach(({ kinds, offers }, number) => {
    if (!kinds.some((kind) => isWanted(kind, only))) return;
    for (const offer of offers(at)) {
      if (!isWanted(offer.kind, only)) continue;
      const action = actionOf(offer);
      if (offer.costly && !resolves && only === undefined && document.getText().length > LARGE) continue;
      if (offer.costly && resolves) {
        const { uri, version } = document;
        const data: Unresolved = { uri, version, ...span, action: number, title: offer.title };
        found.push({ ...action, data });
        continue;
      }
      const edits = editsOf(offer);
      if (edits && edits.length > 0)
        found.push({ ...action, edit: { changes: { [document.uri]: textEdits(document, edits) } } });
    }
  });
  return found;
}

async function resolved(
  analysis: Analysis,
  { start, end, action, title }: Unresolved,
  lints: readonly Lint[],
  turns: Turns,
): Promise<CodeAction['edit']> {
  const at = new Selection(analysis, { start, end }, [], lints);
  for (const offer of ACTIONS[action]?.offers(at) ?? []) {
    if (offer.title !== title) continue;
    const edits = await editsInTurns(offer, turns);
    return edits && { changes: { [analysis.document.uri]: textEdits(analysis.document, edits) } };
  }
  return undefined;
}

function actionOf({ title, kind, diagnostics, isPreferred }: Offer): CodeAction {
  return {
    title,
    kind,
    ...(diagnostics && diagnostics.length > 0 && { diagnostics: [...diagnostics] }),
    ...(isPreferred && { isPreferred }),
  };
}

/** `refactor` asks for `refactor.rewrite` too; what changes the whole document only comes when it is asked for. */
function isWanted(kind: string, only: readonly string[] | undefined): boolean {
  if (!only) return !kind.startsWith('source.');
  return only.some((wanted) => wanted === '' || kind === wanted || kind.startsWith(`${wanted}.`));
}

function resolves({ capabilities }: Client): boolean {
  return capabilities.textDocument?.codeAction?.resolveSupport?.properties.includes('edit') ?? false;
}
