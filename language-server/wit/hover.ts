/** What a name of WIT is, as it is written and documented where it is defined; and what a keyword means. */

import type { Hover } from 'vscode-languageserver';
import { WitTok } from '../../engine/component/wit/lexer.ts';
import type { WitDef } from '../../engine/component/wit/resolve.ts';
import { code, codeBlock, prose, withoutMarkup } from '../facts/markdown.ts';
import { type WitText, type WitView, witRange, witSymbolAt } from './view.ts';
import { witWordDoc } from './words.ts';

export function witHover(view: WitView, pos: number, asMarkdown: boolean): Hover | null {
  const symbol = witSymbolAt(view, pos);
  const said = symbol ? symbol.def && definitionText(view, symbol.def) : wordText(view, pos);
  if (!said) return null;
  const span = symbol?.span ?? tokenAt(view, pos)!.span;
  const contents = asMarkdown
    ? { kind: 'markdown' as const, value: said }
    : { kind: 'plaintext' as const, value: withoutMarkup(said) };
  return { contents, range: witRange(view, span) };
}

/** The item as it is written, its documentation, and where it is from. */
export function definitionText(view: WitView, def: WitDef): string {
  const parts = [codeBlock(written(view.texts[def.document], def), 'wit')];
  if (def.docs) parts.push(prose(def.docs));
  const owner = ownerOf(view, def);
  if (owner) parts.push(`in ${code(owner)}`);
  return parts.join('\n\n');
}

/** Lines of an item that are shown. */
const LINES = 30;

/** Of interfaces and worlds the head, of other items all of it. */
function written({ document }: WitText, { kind, item, name }: WitDef): string {
  const text = document.getText().slice(item.start, item.end);
  if (kind === 'interface' || kind === 'world') {
    const brace = text.indexOf('{');
    return `${brace < 0 ? text : text.slice(0, brace).trimEnd()} { … }`;
  }
  if (kind === 'case' || kind === 'field' || kind === 'param') return text === '' ? name : text;
  const indent = document.positionAt(item.start).character;
  const lines = text
    .split(/\r?\n/)
    .map((line, i) => (i === 0 ? line : line.replace(new RegExp(`^[ \\t]{0,${indent}}`), '')));
  if (lines.length > LINES) lines.splice(LINES - 2, lines.length - LINES, '  …');
  return lines.join('\n');
}

/** The interface or world around an item, with its package. */
function ownerOf({ documents, resolution }: WitView, def: WitDef): string | undefined {
  const name = documents[def.document].package;
  const prefix = name ? `${name.namespace}:${name.name}` : undefined;
  const isAround = (of: WitDef) =>
    of.document === def.document && of.item.start < def.item.start && def.item.end <= of.item.end;
  const around = resolution.symbols.find(
    ({ role, def: of }) =>
      role === 'def' && of && (of.kind === 'interface' || of.kind === 'world') && isAround(of),
  )?.def;
  if (!around) return def.kind === 'interface' || def.kind === 'world' ? prefix : undefined;
  const version = name?.version === undefined ? '' : `@${name.version}`;
  return prefix ? `${prefix}/${around.name}${version}` : around.name;
}

function wordText(view: WitView, pos: number): string | undefined {
  const token = tokenAt(view, pos);
  const doc = token?.kind === WitTok.Word ? witWordDoc(token.text) : undefined;
  return doc && `${codeBlock(doc.form, 'wit')}\n\n${prose(doc.text)}`;
}

/** The token at a place; a word also right behind it. */
export function tokenAt({ parsed }: WitText, pos: number) {
  const { tokens } = parsed;
  let [low, high] = [0, tokens.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens.starts[middle + 1] <= pos) low = middle + 1;
    else high = middle;
  }
  if (tokens.starts[low] === pos && low > 0 && tokens.kinds[low] !== WitTok.Word) {
    if (tokens.kinds[low - 1] === WitTok.Word) low--;
  }
  if (low >= tokens.count) return undefined;
  const span = { start: tokens.starts[low], end: tokens.starts[low + 1] };
  return { token: low, kind: tokens.kinds[low], span, text: tokens.text.slice(span.start, span.end) };
}
