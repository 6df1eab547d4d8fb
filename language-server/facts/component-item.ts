/**
 * Items of a component's index spaces in its text: which one stands at a place, where it is defined and used, and what is
 * said of it.
 */

import type { Span } from '../../engine/base/errors.ts';
import type { Sort } from '../../engine/component/model.ts';
import { parseExternName } from '../../engine/component/names.ts';
import type { ComponentSymbol } from '../../engine/component/text/reader.ts';
import { typeText } from '../../engine/component/types.ts';
import { Tok, tokenSpan, tokenText } from '../../engine/text/lexer.ts';
import type { Analysis } from '../analysis.ts';
import type { ComponentAnalysis } from '../component-analysis.ts';
import { pointedToken } from './forms.ts';
import { code, codeBlock } from './markdown.ts';

/** An item, and the symbol that leads to it. */
export interface ComponentItem {
  readonly component: ComponentAnalysis;
  readonly symbol: ComponentSymbol;
}

/** The item whose name or index stands at a place. */
export function componentItemAt(analysis: Analysis, pos: number): ComponentItem | undefined {
  const component = analysis.componentAt(pos);
  if (!component) return undefined;
  const token = pointedToken(analysis.tree, pos);
  const symbol = token < 0 ? undefined : component.byToken.get(token);
  return symbol && { component, symbol };
}

/** Its definition; undefined for an index that nothing defines. */
export function componentDefinition({ component, symbol }: ComponentItem): ComponentSymbol | undefined {
  if (symbol.role === 'def') return symbol;
  return component.assembly.symbols.find((one) => one.role === 'def' && isSame(one, symbol));
}

/** Where it is used, in the order of the text. */
export function componentUses({ component, symbol }: ComponentItem): readonly Span[] {
  const tokens = component.assembly.symbols
    .filter((one) => one.role === 'use' && isSame(one, symbol))
    .map(({ token }) => token);
  return [...new Set(tokens)].sort((a, b) => a - b).map((token) => spanOf(component, token));
}

/** Where a symbol's name or index stands. */
export function spanOf({ tree }: ComponentAnalysis, token: number): Span {
  return tokenSpan(tree.tokens, token);
}

function isSame(a: ComponentSymbol, b: ComponentSymbol): boolean {
  return a.sort === b.sort && a.scope === b.scope && a.idx === b.idx;
}

/** How many characters of a definition are shown. */
const SHOWN = 600;

/** What is said of an item: its definition, its sort and index, and how often it is used. */
export function componentItemText(item: ComponentItem): string {
  const { component, symbol } = item;
  const def = componentDefinition(item);
  const what = `${symbol.sort} ${symbol.idx}`;
  if (!def?.form) return code(what);
  const { text } = component.tree.tokens;
  const whole = text.slice(def.form.start, def.form.end);
  const shown = whole.length > SHOWN ? `${whole.slice(0, SHOWN)} …` : whole;
  const uses = componentUses(item).length;
  const type = symbol.sort === 'func' && component.valid ? funcText(component, symbol) : undefined;
  return [
    codeBlock(undented(shown, text, def.form.start)),
    ...(type === undefined ? [] : [code(type)]),
    `${code(what)}, used ${uses === 1 ? 'once' : `${uses} times`}`,
  ].join('\n\n');
}

/** A function's type in the words of WIT, for functions of the outermost component. */
function funcText({ valid }: ComponentAnalysis, { scope, idx }: ComponentSymbol): string | undefined {
  const type = scope === OUTERMOST ? valid?.spaces.func[idx] : undefined;
  if (!type) return undefined;
  const params = type.params.map(({ label, type: of }) => `${label}: ${typeText(of)}`).join(', ');
  const result = type.result ? ` -> ${typeText(type.result)}` : '';
  return `${type.async ? 'async ' : ''}func(${params})${result}`;
}

/** The number of the outermost component's scope (the reader begins with one of its own). */
const OUTERMOST = 1;

/** Lines behind the first move to the left as far as the first one stands in the text. */
function undented(shown: string, text: string, start: number): string {
  const indent = start - (text.lastIndexOf('\n', start - 1) + 1);
  return shown.replaceAll(new RegExp(`\\n {1,${Math.max(1, indent)}}`, 'g'), '\n');
}

/** What is said of the name of an import or export in quotes. */
export function externNameText(analysis: Analysis, pos: number): string | undefined {
  const { tree } = analysis;
  const token = pointedToken(tree, pos);
  if (token < 0 || tree.tokens.kinds[token] !== Tok.String || !analysis.componentAt(pos)) return undefined;
  const parsed = parseExternName(tokenText(tree.tokens, token).slice(1, -1));
  if (!parsed.ok) return undefined;
  const name = parsed.value;
  switch (name.kind) {
    case 'interface': {
      const version = name.version === undefined ? '' : `, version ${code(name.version)}`;
      return `Interface ${code(name.projection)} of the package ${code(`${name.namespace}:${name.package}`)}${version}`;
    }
    case 'constructor':
      return `The constructor of the resource ${code(name.resource)}`;
    case 'method':
      return `The method ${code(name.name)} of the resource ${code(name.resource)}`;
    case 'static':
      return `The static function ${code(name.name)} of the resource ${code(name.resource)}`;
    default:
      return undefined;
  }
}

/** What sorts are for semantic tokens and outlines. */
export const SORT_ROLES: Readonly<
  Record<Sort, 'function' | 'type' | 'variable' | 'table' | 'memory' | 'event' | 'property'>
> = {
  'core func': 'function',
  'core table': 'table',
  'core memory': 'memory',
  'core global': 'variable',
  'core tag': 'event',
  'core type': 'type',
  'core module': 'property',
  'core instance': 'variable',
  func: 'function',
  value: 'variable',
  type: 'type',
  component: 'property',
  instance: 'variable',
};
