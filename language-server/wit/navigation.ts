/** Where names of WIT are defined and used, and what they may be called. */

import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type Location,
  type Range,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import { isKebab } from '../../engine/component/names.ts';
import { parseWit } from '../../engine/component/wit/parse.ts';
import { nameText } from '../../engine/component/wit/print.ts';
import { resolveWit, type WitDef, type WitSymbol } from '../../engine/component/wit/resolve.ts';
import { Refusal } from '../facts/renaming.ts';
import { type WitView, witLocation, witRange, witSymbolAt, witSymbolsOf } from './view.ts';

export function witDefinition(view: WitView, pos: number): Location | null {
  const def = witSymbolAt(view, pos)?.def;
  return def ? witLocation(view, def.document, def.span) : null;
}

export function witReferences(view: WitView, pos: number, withDefinition: boolean): Location[] {
  const def = witSymbolAt(view, pos)?.def;
  if (!def) return [];
  return witSymbolsOf(view, def)
    .filter(({ role }) => withDefinition || role === 'use')
    .map(({ document, span }) => witLocation(view, document, span));
}

export function witHighlight(view: WitView, pos: number): DocumentHighlight[] {
  const def = witSymbolAt(view, pos)?.def;
  if (!def) return [];
  return witSymbolsOf(view, def)
    .filter(({ document }) => document === 0)
    .map(({ span }) => ({ range: witRange(view, span), kind: DocumentHighlightKind.Text }));
}

/** The name that is replaced. Throws a Refusal. */
export function witPrepareRename(view: WitView, pos: number): { range: Range; placeholder: string } | null {
  const found = renamed(view, pos);
  return found ? { range: witRange(view, found.span), placeholder: found.def.name } : null;
}

/** In all open documents. Throws a Refusal. */
export function witRename(view: WitView, pos: number, newName: string): WorkspaceEdit | null {
  const found = renamed(view, pos);
  if (!found) return null;
  const name = newName.trim().replace(/^%/, '');
  if (!isKebab(name)) throw new Refusal(`${JSON.stringify(newName)} is no name in kebab case`);
  const newText = nameText(name);
  const symbols = witSymbolsOf(view, found.def);
  refuseTaken(view, symbols, name, newText);
  const changes: Record<string, { range: Range; newText: string }[]> = {};
  for (const { document, span } of symbols) {
    const { uri, range } = witLocation(view, document, span);
    changes[uri] ??= [];
    changes[uri].push({ range, newText });
  }
  return { changes };
}

function renamed(view: WitView, pos: number): { readonly span: Span; readonly def: WitDef } | undefined {
  const symbol = witSymbolAt(view, pos);
  if (!symbol) return undefined;
  const { span, def } = symbol;
  if (!def) throw new Refusal('what this name means is in a document that is not open');
  const text = view.document.getText().slice(span.start, span.end);
  if (text === 'constructor') throw new Refusal('a constructor has no other name');
  if (symbol.role === 'def' && def.item.start < span.start && isUsed(view, def)) {
    throw new Refusal('this name is that of a document that is not open');
  }
  return { span, def };
}

/** True for a type of elsewhere whose name stands in a `use`. */
function isUsed({ texts }: WitView, { document, item, span }: WitDef): boolean {
  const before = texts[document].document.getText().slice(item.start, span.start);
  return /^use\b/.test(before) && !/\bas\s+$/.test(before);
}

/** What the texts mean under the new name says whether it is free. */
function refuseTaken(view: WitView, symbols: readonly WitSymbol[], name: string, newText: string): void {
  const changed = view.texts.map(({ document }, i) => {
    let text = document.getText();
    const spans = symbols.filter((symbol) => symbol.document === i).map(({ span }) => span);
    for (const { start, end } of spans.sort((a, b) => b.start - a.start)) {
      text = text.slice(0, start) + newText + text.slice(end);
    }
    return { ...parseWit(text).document, package: view.documents[i].package };
  });
  if (resolveWit(changed).faults.length > view.resolution.faults.length) {
    throw new Refusal(`there is a ${JSON.stringify(name)} already where this name is known`);
  }
}
