/**
 * Completion in component text: definitions, types, options, and the names of items that a place can mean.
 */

import { CompletionItemKind } from 'vscode-languageserver';
import type { Sort } from '../../engine/component/model.ts';
import type { ComponentSymbol } from '../../engine/component/text/reader.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { writtenId } from '../../engine/text/strings.ts';
import type { Tree } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import type { ComponentAnalysis } from '../component-analysis.ts';
import {
  COMPONENT_FORMS,
  COMPONENT_TYPE_FORMS,
  COMPONENT_TYPES,
  componentWordDoc,
} from '../facts/component-words.ts';
import { headWord, significant } from '../facts/forms.ts';
import { type Place, placeAt } from '../facts/place.ts';
import type { Collected } from './collect.ts';
import { Suggestions } from './suggestion.ts';

/** Forms whose inside are types of values. */
const TYPE_PLACES: ReadonlySet<string> = new Set([
  'param', 'result', 'field', 'case', 'list', 'option', 'tuple', 'stream', 'future', 'error', 'map', 'type',
]); // biome-ignore format: a list of words

/** What may stand in a form, beside names: by the keyword of the form around. */
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  import: ['func', 'instance', 'component', 'core module', 'type', 'value', 'implements', 'external-id'],
  export: ['func', 'instance', 'component', 'core module', 'type', 'value'],
  func: ['param', 'result', 'canon', 'import', 'export', 'alias', 'type', 'async'],
  instance: ['instantiate', 'export', 'import', 'alias', 'type'],
  instantiate: ['with'],
  with: ['func', 'instance', 'component', 'core module', 'type', 'value'],
  canon: ['core func', 'func', 'memory', 'realloc', 'post-return', 'callback', 'async'],
  record: ['field'],
  variant: ['case'],
  result: ['error'],
  resource: ['rep', 'dtor'],
};

/** Sorts that a form's keyword says; `core` in front is told by the form. */
const SORTS: Readonly<Record<string, readonly Sort[]>> = {
  func: ['func', 'core func'],
  type: ['type', 'core type'],
  instance: ['instance', 'core instance'],
  component: ['component'],
  value: ['value'],
  instantiate: ['component', 'core module'],
  memory: ['core memory'],
  realloc: ['core func'],
  'post-return': ['core func'],
  callback: ['core func'],
  dtor: ['core func'],
  own: ['type'],
  borrow: ['type'],
  export: ['instance', 'core instance'],
  start: ['func'],
};

/** Everything that may be meant at an offset of a component's text. */
export function collectInComponent(
  analysis: Analysis,
  component: ComponentAnalysis,
  pos: number,
): Collected | undefined {
  const { tree } = analysis;
  const place = placeAt(tree, pos);
  if (place.inComment) return undefined;
  const suggestions = new Suggestions(place.prefix);
  const isHead = place.open >= 0 && headTokenIsHere(tree, place);
  const around = isHead ? tree.parent[place.open] : place.open;
  const head = around < 0 ? '' : headOfForm(tree, around);
  if (isHead || place.word < 0) addForms(suggestions, head, !isHead);
  if (!isHead) {
    if (TYPE_PLACES.has(head)) addTypes(suggestions);
    addNames(suggestions, tree, component, head, pos);
  }
  return { place, suggestions };
}

/** True if the word being written is the keyword of its form. */
function headTokenIsHere(tree: Tree, { open, word }: Place): boolean {
  const first = significant(tree, open + 1);
  return word < 0 ? tree.tokens.kinds[first] === Tok.Close || first >= tree.tokens.count : word === first;
}

/** The keyword of a form; of `(core x` the second one. */
function headOfForm(tree: Tree, open: number): string {
  const head = headWord(tree, open);
  const first = significant(tree, open + 1);
  if (tokenText(tree.tokens, first) !== 'core') return head || tokenText(tree.tokens, first);
  return tokenText(tree.tokens, significant(tree, first + 1));
}

/** Forms that can begin here; `whole`: with their parentheses. */
function addForms(suggestions: Suggestions, head: string, whole: boolean): void {
  const words =
    head === 'component' || head === ''
      ? Object.keys(COMPONENT_FORMS)
      : TYPE_PLACES.has(head)
        ? [...(INSIDE[head] ?? []), ...COMPONENT_TYPE_FORMS]
        : (INSIDE[head] ?? []);
  words.forEach((word, rank) => {
    suggestions.add({
      label: word,
      kind: CompletionItemKind.Keyword,
      rank,
      description: componentWordDoc(word)?.form,
      ...(whole && { insert: `(${word}` }),
    });
  });
}

function addTypes(suggestions: Suggestions): void {
  COMPONENT_TYPES.forEach((word, rank) => {
    suggestions.add({ label: word, kind: CompletionItemKind.TypeParameter, rank: 100 + rank });
  });
}

/** Names of items that are defined in front of the place, of the sorts that the form around it means. */
function addNames(
  suggestions: Suggestions,
  tree: Tree,
  component: ComponentAnalysis,
  head: string,
  pos: number,
): void {
  const sorts = SORTS[head] ?? (TYPE_PLACES.has(head) ? (['type'] as const) : undefined);
  for (const symbol of component.assembly.symbols) {
    if (symbol.role !== 'def' || symbol.name === undefined) continue;
    if (sorts && !sorts.includes(symbol.sort)) continue;
    if (tree.tokens.starts[symbol.token] >= pos || !isVisible(tree, symbol, pos)) continue;
    suggestions.add({
      label: writtenId(symbol.name),
      kind: symbol.sort.endsWith('type') ? CompletionItemKind.Interface : CompletionItemKind.Variable,
      rank: 10,
      description: symbol.sort,
    });
  }
}

/** True if the place is in the form that the definition stands in. */
function isVisible(tree: Tree, { token }: ComponentSymbol, pos: number): boolean {
  const { starts } = tree.tokens;
  let open = tree.parent[token];
  // Out of the definition's own form, to the component or type around it.
  while (open >= 0 && !isScope(tree, open)) open = tree.parent[open];
  if (open < 0) return true;
  const close = tree.match[open];
  return close < 0 || starts[close] >= pos;
}

function isScope(tree: Tree, open: number): boolean {
  const head = headWord(tree, open);
  return head === 'component' || head === 'instance';
}
