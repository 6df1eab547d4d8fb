/**
 * `textDocument/prepareCallHierarchy`, `callHierarchy/incomingCalls` and `callHierarchy/outgoingCalls`: who calls a
 * function, and whom it calls; of a part of a binary, in all of that. Where a call goes by a table or a reference, all
 * functions that it may reach are shown, and marked so.
 */

import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type CallHierarchyPrepareParams,
  type Range,
  SymbolKind,
} from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import { tokenSpan } from '../../engine/text/lexer.ts';
import { writtenId } from '../../engine/text/strings.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { DisassembledModule } from '../disassembly/analysis.ts';
import { callsInBinary, functionItem } from '../disassembly/calls.ts';
import { placesIn } from '../disassembly/uses.ts';
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
  const { calls, item, ranges } = await graphOf(analysis, module, turns);
  const direct = calls.direct.filter(({ callee }) => callee === func);
  const isReferenced = module.module && calls.referenced.has(func);
  const possible = isReferenced
    ? calls.indirect.filter(({ typeIdx }) => mayReach(module.module!, typeIdx, func))
    : [];
  const found: CallHierarchyIncomingCall[] = [];
  const add = async (by: Calls<unknown>['direct' | 'indirect'], detail?: string) => {
    for (const [caller, places] of grouped(by)) {
      await turns.pause();
      const from = found.length < MOST ? item(caller) : undefined;
      if (from) found.push({ from: detailed(from, detail), fromRanges: ranges(caller, places) });
    }
  };
  await add(direct);
  await add(possible, INDIRECT);
  return found;
}

export async function outgoingCalls(
  analysis: Analysis,
  { data }: CallHierarchyItem,
  turns: Turns,
): Promise<CallHierarchyOutgoingCall[] | null> {
  const { module, func } = locate(analysis, data);
  if (!module) return null;
  const { calls, item, ranges } = await graphOf(analysis, module, turns);
  const direct = new Map<number, unknown[]>();
  for (const { caller, callee, place } of calls.direct) if (caller === func) note(direct, callee, place);
  const possible = new Map<number, unknown[]>();
  for (const { caller, typeIdx, place } of calls.indirect) {
    if (caller !== func || !module.module) continue;
    for (const callee of calls.referenced) {
      const isShown = possible.has(callee) || possible.size < MOST;
      if (isShown && mayReach(module.module, typeIdx, callee)) note(possible, callee, place);
    }
  }
  const made = (by: ReadonlyMap<number, readonly unknown[]>, detail?: string) =>
    [...by].flatMap(([callee, places]) => {
      const to = item(callee);
      return to ? [{ to: detailed(to, detail), fromRanges: ranges(func, places) }] : [];
    });
  return [...made(direct), ...made(possible, INDIRECT)];
}

/** The calls of a module, and how they are shown. */
interface Graph<Place> {
  readonly calls: Calls<Place>;
  item(func: number): CallHierarchyItem | undefined;
  /** Places in the document of the function that calls. */
  ranges(caller: number, places: readonly Place[]): Range[];
}

async function graphOf(analysis: Analysis, module: ModuleAnalysis, turns: Turns): Promise<Graph<unknown>> {
  if (module instanceof DisassembledModule) {
    const graph: Graph<number> = {
      calls: await callsInBinary(module, turns),
      item: (func) => functionItem(module, func),
      ranges: (caller, offsets) => placesIn(module, caller, offsets).map(({ range }) => range),
    };
    return graph as Graph<unknown>;
  }
  const graph: Graph<Span> = {
    calls: await callsOf(module, turns),
    item: (func) => itemOf(analysis, module, func),
    ranges: (_, spans) => spans.map((span) => rangeOf(analysis, span)),
  };
  return graph as Graph<unknown>;
}

function grouped<Place>(
  calls: readonly { readonly caller: number; readonly place: Place }[],
): Map<number, Place[]> {
  const groups = new Map<number, Place[]>();
  for (const { caller, place } of calls) note(groups, caller, place);
  return groups;
}

function note<Place>(groups: Map<number, Place[]>, func: number, place: Place): void {
  const places = groups.get(func);
  if (places) places.push(place);
  else groups.set(func, [place]);
}

function detailed(item: CallHierarchyItem, detail: string | undefined): CallHierarchyItem {
  return detail === undefined ? item : { ...item, detail };
}

function locate(analysis: Analysis, data: Data | undefined): { module?: ModuleAnalysis; func: number } {
  return { module: analysis.modules[data?.module ?? -1], func: data?.func ?? -1 };
}

function itemOf(analysis: Analysis, module: ModuleAnalysis, idx: number): CallHierarchyItem | undefined {
  const item = { space: 'func', idx } as const;
  const def = idx < 0 ? undefined : definitionOf(module, item);
  const field = def && fieldOf(module.assembly.fields, item);
  if (!field) return module instanceof DisassembledModule ? functionItem(module, idx) : undefined;
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
    detail: imported ?? signatureOf(module, item) ?? '',
    uri: analysis.document.uri,
    range: rangeOf(analysis, { start: starts[field.open], end: starts[formEnd(tree, field.open)] }),
    selectionRange: rangeOf(analysis, selected),
    data,
  };
}
