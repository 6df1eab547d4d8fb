/**
 * `textDocument/prepareCallHierarchy`, `callHierarchy/incomingCalls` and `callHierarchy/outgoingCalls`: who calls a
 * function, and whom it calls. Where a call goes by a table or a reference, all functions that it may reach are shown,
 * and marked so.
 */

import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type CallHierarchyPrepareParams,
  SymbolKind,
} from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import { tokenSpan } from '../../engine/text/lexer.ts';
import { writtenId } from '../../engine/text/strings.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { type Calls, callsOf, mayReach } from '../facts/calls.ts';
import { pointedToken, significant } from '../facts/forms.ts';
import { definitionOf, exportNames, fieldOf, itemAt, signatureOf } from '../facts/item.ts';
import { fieldAt } from '../facts/place.ts';
import { rangeOf } from '../facts/places.ts';
import { type Turns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

export const callHierarchyFeature: Feature = {
  capabilities: () => ({ callHierarchyProvider: true }),
  register({ connection, about }) {
    const { callHierarchy } = connection.languages;
    callHierarchy.onPrepare(
      about('call hierarchy', 'symbols', null, (analysis, { position }: CallHierarchyPrepareParams) =>
        prepareCallHierarchy(analysis, analysis.document.offsetAt(position)),
      ),
    );
    const incoming = about('callers', 'symbols', null, (analysis, { item }: OfItem, { token }) =>
      incomingCalls(analysis, item, takeTurns(token)),
    );
    const outgoing = about('calls', 'symbols', null, (analysis, { item }: OfItem, { token }) =>
      outgoingCalls(analysis, item, takeTurns(token)),
    );
    callHierarchy.onIncomingCalls(({ item }, token) => incoming({ item, textDocument: item }, token));
    callHierarchy.onOutgoingCalls(({ item }, token) => outgoing({ item, textDocument: item }, token));
  },
};

interface OfItem {
  readonly item: CallHierarchyItem;
  readonly textDocument: { readonly uri: string };
}

/** What items carry: the module in its document, and the function in that. */
interface Data {
  readonly module: number;
  readonly func: number;
}

const INDIRECT = 'possible, indirect';
/** Functions that an indirect call may reach are often hundreds. */
const MOST = 500;

/** The function named at a place, else the one around it. */
export function prepareCallHierarchy(analysis: Analysis, pos: number): CallHierarchyItem[] | null {
  const { tree } = analysis;
  const module = analysis.moduleAt(pos);
  if (!module) return null;
  const token = pointedToken(tree, pos);
  const named = token < 0 ? undefined : itemAt(module, token);
  const around = fieldAt(tree, module.assembly.fields, pos);
  const func = named ? (named.space === 'func' ? named.idx : -1) : around?.kind === 'func' ? around.idx : -1;
  const item = itemOf(analysis, module, func);
  return item ? [item] : null;
}

export async function incomingCalls(
  analysis: Analysis,
  { data }: CallHierarchyItem,
  turns: Turns,
): Promise<CallHierarchyIncomingCall[] | null> {
  const { module, func } = locate(analysis, data);
  if (!module) return null;
  const calls = await callsOf(module, turns);
  const direct = grouped(
    calls.direct.filter(({ callee }) => callee === func),
    ({ caller }) => caller,
  );
  const isReferenced = module.module && calls.referenced.has(func);
  const possible = isReferenced
    ? calls.indirect.filter(({ typeIdx }) => mayReach(module.module!, typeIdx, func))
    : [];
  const made = (by: ReadonlyMap<number, readonly Span[]>, detail?: string) =>
    [...by].flatMap(([caller, spans]) => {
      const from = itemOf(analysis, module, caller, detail);
      return from ? [{ from, fromRanges: spans.map((span) => rangeOf(analysis, span)) }] : [];
    });
  return [
    ...made(direct),
    ...made(
      grouped(possible, ({ caller }) => caller),
      INDIRECT,
    ),
  ];
}

export async function outgoingCalls(
  analysis: Analysis,
  { data }: CallHierarchyItem,
  turns: Turns,
): Promise<CallHierarchyOutgoingCall[] | null> {
  const { module, func } = locate(analysis, data);
  if (!module) return null;
  const calls = await callsOf(module, turns);
  const direct = grouped(
    calls.direct.filter(({ caller }) => caller === func),
    ({ callee }) => callee,
  );
  const made = (by: ReadonlyMap<number, readonly Span[]>, detail?: string) =>
    [...by].flatMap(([callee, spans]) => {
      const to = itemOf(analysis, module, callee, detail);
      return to ? [{ to, fromRanges: spans.map((span) => rangeOf(analysis, span)) }] : [];
    });
  return [...made(direct), ...made(reachable(module, calls, func), INDIRECT)];
}

/** The functions that the indirect calls of one may reach, with those calls. */
function reachable({ module }: ModuleAnalysis, calls: Calls, caller: number): Map<number, Span[]> {
  const found = new Map<number, Span[]>();
  if (!module) return found;
  for (const call of calls.indirect) {
    if (call.caller !== caller) continue;
    for (const callee of calls.referenced) {
      if (!mayReach(module, call.typeIdx, callee)) continue;
      const spans = found.get(callee);
      if (spans) spans.push(call.span);
      else if (found.size < MOST) found.set(callee, [call.span]);
    }
  }
  return found;
}

function grouped<T extends { readonly span: Span }>(
  calls: readonly T[],
  by: (call: T) => number,
): Map<number, Span[]> {
  const groups = new Map<number, Span[]>();
  for (const call of calls) {
    const spans = groups.get(by(call));
    if (spans) spans.push(call.span);
    else groups.set(by(call), [call.span]);
  }
  return groups;
}

function locate(analysis: Analysis, data: Data | undefined): { module?: ModuleAnalysis; func: number } {
  return { module: analysis.modules[data?.module ?? -1], func: data?.func ?? -1 };
}

function itemOf(
  analysis: Analysis,
  module: ModuleAnalysis,
  idx: number,
  detail?: string,
): CallHierarchyItem | undefined {
  const item = { space: 'func', idx } as const;
  const def = idx < 0 ? undefined : definitionOf(module, item);
  const field = def && fieldOf(module.assembly.fields, item);
  if (!field) return undefined;
  const { tree } = module;
  const { starts } = tree.tokens;
  const [exported] = exportNames(module, item);
  const name = def.name === undefined ? (exported ?? `func ${idx}`) : writtenId(def.name);
  const selected =
    def.name === undefined ? tokenSpan(tree.tokens, significant(tree, field.open + 1)) : def.span;
  const imported =
    field.import && `import ${JSON.stringify(field.import.module)} ${JSON.stringify(field.import.name)}`;
  const data: Data = { module: analysis.modules.indexOf(module), func: idx };
  return {
    name,
    kind: SymbolKind.Function,
    detail: detail ?? imported ?? signatureOf(module, item) ?? '',
    uri: analysis.document.uri,
    range: rangeOf(analysis, { start: starts[field.open], end: starts[formEnd(tree, field.open)] }),
    selectionRange: rangeOf(analysis, selected),
    data,
  };
}
