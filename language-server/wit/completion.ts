/** What may be written at a place of a WIT document: words that begin items, types, interfaces, names to use. */

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: places of snippets

import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  InsertTextFormat,
} from 'vscode-languageserver';
import type { PackageName } from '../../engine/component/wit/ast.ts';
import { nameText } from '../../engine/component/wit/print.ts';
import {
  interfaceKey,
  type ResolvedInterface,
  type WitSymbolKind,
} from '../../engine/component/wit/resolve.ts';
import { codeBlock, prose, withoutMarkup } from '../facts/markdown.ts';
import { definitionText } from './hover.ts';
import { type WitPlace, witPlaceAt } from './place.ts';
import { type WitView, witRange } from './view.ts';
import { WIT_TYPES, witWordDoc } from './words.ts';

interface Offer {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly insert?: string;
  /** In markdown; a keyword has that of its word. */
  readonly doc?: string;
}

const { Keyword, Snippet, Class, Module, Interface } = CompletionItemKind;

/** Words that begin items, with places to fill in. */
const ITEMS: Readonly<Record<string, string>> = {
  package: 'package ${1:namespace}:${2:name};',
  interface: 'interface ${1:name} {\n\t$0\n}',
  world: 'world ${1:name} {\n\t$0\n}',
  use: 'use ${1:path}.{$2};',
  type: 'type ${1:name} = ${2:u32};',
  record: 'record ${1:name} {\n\t${2:field}: ${3:u32},\n}',
  variant: 'variant ${1:name} {\n\t${2:case}(${3:u32}),\n}',
  enum: 'enum ${1:name} {\n\t${2:case},\n}',
  flags: 'flags ${1:name} {\n\t${2:flag},\n}',
  resource: 'resource ${1:name} {\n\t$0\n}',
  constructor: 'constructor($1);',
  func: '${1:name}: func($2);',
  import: 'import $1;',
  export: 'export $1;',
  include: 'include $1;',
};
const TYPE_ITEMS = ['use', 'type', 'record', 'variant', 'enum', 'flags', 'resource'];
const IN: Readonly<Record<string, readonly string[]>> = {
  '': ['package', 'interface', 'world', 'use'],
  package: ['interface', 'world', 'use'],
  interface: ['func', ...TYPE_ITEMS],
  world: ['import', 'export', 'include', ...TYPE_ITEMS],
  resource: ['func', 'constructor'],
};
const ATTRIBUTES: Readonly<Record<string, string>> = {
  since: 'since(version = ${1:0.1.0})',
  unstable: 'unstable(feature = ${1:name})',
  deprecated: 'deprecated(version = ${1:0.1.0})',
  'external-id': 'external-id("$1")',
};
/** Types with others in them. */
const GENERIC: ReadonlySet<string> = new Set([
  'list', 'map', 'tuple', 'option', 'result', 'own', 'borrow', 'stream', 'future',
]); // biome-ignore format: a list of words

export function witCompletion(
  view: WitView,
  pos: number,
  snippets: boolean,
  markdown = true,
): CompletionList | null {
  const place = witPlaceAt(view, pos);
  const offers = place.inComment ? [] : offersAt(view, place, pos);
  if (offers.length === 0) return null;
  const range = witRange(view, place);
  const items = offers.map(({ label, kind, insert, doc }, order): CompletionItem => {
    const text = doc ?? wordDoc(label);
    const isSnippet = snippets && insert?.includes('$');
    return {
      label,
      kind,
      sortText: String(order).padStart(4, '0'),
      textEdit: {
        range,
        newText: insert === undefined || (!snippets && insert.includes('$')) ? label : insert,
      },
      ...(isSnippet && { insertTextFormat: InsertTextFormat.Snippet }),
      ...(text && {
        documentation: markdown
          ? { kind: 'markdown' as const, value: text }
          : { kind: 'plaintext' as const, value: withoutMarkup(text) },
      }),
    };
  });
  return { isIncomplete: false, items };
}

function offersAt(view: WitView, place: WitPlace, pos: number): Offer[] {
  const { item } = place;
  const around = place.open.at(-1);
  const behind = item.at(-1);
  if (behind === '@' && item.length === 1) return words(Object.keys(ATTRIBUTES), ATTRIBUTES);
  if (item[0] === '@')
    return item.at(-1) === '(' ? words([item[1] === 'unstable' ? 'feature' : 'version']) : [];
  if (around?.op === '{' && around.head === 'use') return used(view, around.item, item);
  if (isTypePlace(place)) return types(view, place, pos);
  if (around && around.op !== '{') return [];
  if (item.length === 0) return words(IN[around?.head ?? ''] ?? [], ITEMS);
  return inItem(view, item, around?.head ?? '', pos);
}

/** Behind the first words of an item. */
function inItem(view: WitView, item: readonly string[], around: string, pos: number): Offer[] {
  const [first] = item;
  const behind = item.at(-1);
  if (item.length === 1 && (first === 'use' || first === 'import' || first === 'export'))
    return paths(view, 'interface', pos);
  if (item.length === 1 && first === 'include') return paths(view, 'world', pos);
  if (behind === 'async') return words(['func']);
  if (behind === ':' && item.length === 2)
    return words(around === 'resource' ? ['func', 'async', 'static'] : ['func', 'async']);
  if (behind === 'static') return words(['func', 'async']);
  if (behind === ':' && item.length === 3 && (first === 'import' || first === 'export')) {
    return [...words(['func', 'async', 'interface']), ...paths(view, 'interface', pos)];
  }
  return [];
}

function isTypePlace({ open, item }: WitPlace): boolean {
  const around = open.at(-1);
  const behind = item.at(-1);
  if (behind === '->') return true;
  if (around?.op === '<') return behind === '<' || behind === ',';
  const braces = open.findLast(({ op }) => op === '{');
  if (around?.op === '(') return braces?.head === 'variant' ? behind === '(' : behind === ':';
  if (behind === ':' && braces?.head === 'record') return true;
  return behind === '=' && item[0] === 'type';
}

function words(list: readonly string[], snippets: Readonly<Record<string, string>> = {}): Offer[] {
  return list.map((label) => ({
    label,
    kind: snippets[label] ? Snippet : Keyword,
    insert: snippets[label],
  }));
}

function wordDoc(label: string): string | undefined {
  const doc = witWordDoc(label);
  return doc && `${codeBlock(doc.form, 'wit')}\n\n${prose(doc.text)}`;
}

/** The types that are known here, and WIT's own. */
function types(view: WitView, { open }: WitPlace, pos: number): Offer[] {
  const around = open.at(-1);
  const onlyResources = around?.op === '<' && (around.head === 'own' || around.head === 'borrow');
  const scope = view.resolution.scopes.findLast(
    ({ document, span }) => document === 0 && span.start < pos && pos <= span.end,
  );
  const known = scope ? typesOf(view, scope.of, onlyResources) : written(view, onlyResources);
  if (onlyResources) return known;
  const own = Object.keys(WIT_TYPES).map(
    (label): Offer => ({ label, kind: Keyword, insert: GENERIC.has(label) ? `${label}<$1>` : undefined }),
  );
  return [...known, ...own];
}

function typesOf(view: WitView, of: ResolvedInterface, onlyResources = false): Offer[] {
  return [...of.types]
    .filter(([, { def }]) => !onlyResources || def.kind === 'resource')
    .map(([name, { def }]) => ({
      label: nameText(name),
      kind: def.kind === 'resource' ? Class : Interface,
      doc: definitionText(view, def),
    }));
}

/** In an item that could not be read: what is written as a type's name anywhere in the text. */
function written({ document }: WitView, onlyResources: boolean): Offer[] {
  const pattern = onlyResources
    ? /^\s*resource\s+(%?[\w-]+)/gm
    : /^\s*(?:type|record|variant|enum|flags|resource)\s+(%?[\w-]+)/gm;
  const names = new Set([...document.getText().matchAll(pattern)].map(([, name]) => name));
  return [...names].map((label) => ({ label, kind: Interface }));
}

/** Types of the interface that a `use` names, without those that are used already. */
function used(view: WitView, item: readonly string[], taken: readonly string[]): Offer[] {
  if (taken.at(-1) === 'as') return [];
  const path = item.slice(1, -1).join('');
  const own = view.documents[0].package;
  const key = path.includes('/') ? path : interfaceKey(own, path);
  const found = view.resolution.interfaces.get(key);
  return found ? typesOf(view, found).filter(({ label }) => !taken.includes(label)) : [];
}

/** Interfaces or worlds: those of this package by their names. None is of use inside of itself. */
function paths(view: WitView, wanted: WitSymbolKind, pos: number): Offer[] {
  const own = view.documents[0].package;
  const offers: Offer[] = [];
  for (const { def, role } of view.resolution.symbols) {
    if (role !== 'def' || def?.kind !== wanted) continue;
    if (def.document === 0 && def.item.start < pos && pos < def.item.end) continue;
    const of = view.documents[def.document].package;
    const label = isSame(own, of) ? nameText(def.name) : interfaceKey(of, def.name);
    if (!offers.some((offer) => offer.label === label))
      offers.push({ label, kind: Module, doc: definitionText(view, def) });
  }
  return offers;
}

function isSame(a: PackageName | undefined, b: PackageName | undefined): boolean {
  return a?.namespace === b?.namespace && a?.name === b?.name && a?.version === b?.version;
}
