/**
 * `textDocument/documentSymbol`: the outline. A module with its fields; in a script the commands, and the modules
 * among them. Made from the tree and the first pass over the fields, so an unfinished text has one too.
 */

import { type DocumentSymbol, type DocumentSymbolParams, SymbolKind } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Field, FieldKind } from '../../engine/text/fields.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import type { Command } from '../../engine/text/script.ts';
import { SPACES, Sp } from '../../engine/text/symbols.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import type { ComponentAnalysis } from '../component-analysis.ts';
import { componentOutline } from '../facts/component-outline.ts';
import { headWord, oneLine, signatureEnd, significant } from '../facts/forms.ts';
import { atOnce, inTurns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { witOutline } from '../wit/outline.ts';

export const documentSymbolFeature: Feature = {
  capabilities: () => ({ documentSymbolProvider: true }),
  register({ connection, about }) {
    connection.onDocumentSymbol(
      about(
        'outline',
        'symbols',
        [],
        (analysis, _: DocumentSymbolParams, { token }) => inTurns(outlining(analysis), takeTurns(token)),
        (view) => witOutline(view),
      ),
    );
  },
};

/** Fields between two steps. */
const STEP = 64;
/** Characters of a detail. */
const DETAIL = 100;

const KINDS: Readonly<Record<FieldKind, SymbolKind>> = {
  type: SymbolKind.Interface,
  rec: SymbolKind.Namespace,
  import: SymbolKind.Object,
  func: SymbolKind.Function,
  table: SymbolKind.Array,
  memory: SymbolKind.Array,
  global: SymbolKind.Variable,
  tag: SymbolKind.Event,
  export: SymbolKind.Key,
  start: SymbolKind.Event,
  elem: SymbolKind.Array,
  data: SymbolKind.String,
};

const IMPORTED: Readonly<Partial<Record<Sp, SymbolKind>>> = {
  [Sp.Func]: SymbolKind.Function,
  [Sp.Table]: SymbolKind.Array,
  [Sp.Memory]: SymbolKind.Array,
  [Sp.Global]: SymbolKind.Variable,
  [Sp.Tag]: SymbolKind.Event,
};

/** The outline at once. */
export function documentSymbols(analysis: Analysis): DocumentSymbol[] {
  return atOnce(outlining(analysis));
}

/** The outline in steps: a text may have tens of thousands of fields. */
export function* outlining(analysis: Analysis): Generator<void, DocumentSymbol[]> {
  const { script, modules } = analysis;
  const found: DocumentSymbol[] = [];
  const byForm = new Map(analysis.components.map((component) => [component.span.start, component]));
  if (!script) {
    for (const component of analysis.components) {
      found.push(yield* componentSymbol(analysis, component));
    }
    for (const module of analysis.components.length > 0 ? [] : modules) {
      for (const symbol of yield* moduleSymbols(analysis, module)) found.push(symbol);
    }
    return found;
  }
  const byStart = new Map(modules.map((module) => [module.span.start, module]));
  for (const command of script.commands) {
    const component = byForm.get(command.span.start);
    if (component) {
      found.push(yield* componentSymbol(analysis, component));
      continue;
    }
    for (const symbol of yield* commandSymbols(analysis, command, byStart)) found.push(symbol);
    yield;
  }
  return found;
}

/** A component with its definitions. */
function componentSymbol(
  analysis: Analysis,
  { form, modules }: ComponentAnalysis,
): Generator<void, DocumentSymbol> {
  return componentOutline(analysis, form ?? 0, function* (open) {
    const module = modules.get(open);
    if (!module) return [];
    const symbols = yield* moduleSymbols(analysis, module);
    return symbols;
  });
}

/** One symbol with the fields in it; for a text of bare fields those alone. */
function* moduleSymbols(analysis: Analysis, module: ModuleAnalysis): Generator<void, DocumentSymbol[]> {
  const { tree } = analysis;
  const exported = exportedFuncs(module);
  const fields: DocumentSymbol[] = [];
  for (const field of module.assembly.fields) {
    fields.push(fieldSymbol(analysis, field, exported));
    if (fields.length % STEP === 0) yield;
  }
  const open = firstToken(analysis, module.span);
  if (tree.tokens.kinds[open] !== Tok.Open || headWord(tree, open) !== 'module') return fields;
  const keyword = significant(tree, open + 1);
  const id = significant(tree, keyword + 1);
  const isNamed = tree.tokens.kinds[id] === Tok.Id;
  const name = isNamed ? tokenText(tree.tokens, id) : 'module';
  const selection = isNamed ? id : keyword;
  return [symbol(analysis, SymbolKind.Module, name, '', module.span, selection, fields)];
}

/** The name that functions have as exports, the first one of each, as call stacks show it. */
function exportedFuncs({ tree, assembly: { fields, symbols } }: ModuleAnalysis): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const add = (idx: number, name: string) => names.has(idx) || names.set(idx, name);
  for (const { kind, open, idx, exports } of fields) {
    if (kind === 'func') for (const { name } of exports) add(idx, name);
    if (kind !== 'export') continue;
    const string = significant(tree, significant(tree, open + 1) + 1);
    for (let token = string; token < formEnd(tree, open); token++) {
      const use = symbols.useOf(token);
      if (use?.space === 'func') add(use.idx, tokenText(tree.tokens, string).slice(1, -1));
    }
  }
  return names;
}

function fieldSymbol(
  analysis: Analysis,
  field: Field,
  exported: ReadonlyMap<number, string>,
): DocumentSymbol {
  const { tree } = analysis;
  const { tokens } = tree;
  const { open, kind, space, idx, id } = field;
  const end = formEnd(tree, open);
  const span = { start: tokens.starts[open], end: tokens.starts[end] };
  const keyword = significant(tree, open + 1);
  const symbolKind = fieldSymbolKind(tree, field);
  let name: string;
  if (id >= 0) name = tokenText(tokens, id);
  else if (kind === 'import' || kind === 'export')
    name = oneLine(tree, significant(tree, keyword + 1), end - 1, DETAIL);
  else if (space >= 0 && idx >= 0)
    name = (space === Sp.Func && exported.get(idx)) || `${SPACES[space as Sp]} ${idx}`;
  else name = kind;
  return symbol(analysis, symbolKind, name, detailOf(analysis, field), span, id >= 0 ? id : keyword);
}

/** What a field is for outlines and lists: a global that never changes is a constant. */
export function fieldSymbolKind(tree: Tree, { kind, space, at, import: imported }: Field): SymbolKind {
  const isConstant = kind === 'global' && headWord(tree, significant(tree, at)) !== 'mut';
  if (isConstant) return SymbolKind.Constant;
  return (imported && IMPORTED[space as Sp]) ?? KINDS[kind];
}

/** Types, and what it is imported from and exported as. */
function detailOf({ tree }: Analysis, field: Field): string {
  const { kind, at, open } = field;
  const inner = formEnd(tree, open) - (tree.match[open] >= 0 ? 1 : 0);
  const from = field.import
    ? `import ${JSON.stringify(field.import.module)} ${JSON.stringify(field.import.name)}`
    : '';
  const as = field.exports.map(({ name }) => `export ${JSON.stringify(name)}`).join(' ');
  let type = '';
  if (kind === 'import') return field.id >= 0 ? from : '';
  if (kind === 'func') type = oneLine(tree, at, signatureEnd(tree, field), DETAIL);
  else if (kind === 'global') type = oneLine(tree, at, firstTypeEnd(tree, at), DETAIL);
  else if (kind !== 'export' && kind !== 'rec') type = oneLine(tree, at, inner, DETAIL);
  return [from, as, type.trim()].filter((part) => part !== '').join(' ');
}

/** Behind the type of a global: a form or a word. */
function firstTypeEnd(tree: Analysis['tree'], at: number): number {
  const token = significant(tree, at);
  return tree.tokens.kinds[token] === Tok.Open ? formEnd(tree, token) : token + 1;
}

function* commandSymbols(
  analysis: Analysis,
  command: Command,
  modules: ReadonlyMap<number, ModuleAnalysis>,
): Generator<void, DocumentSymbol[]> {
  const { tree } = analysis;
  const { span } = command;
  const module = command.kind === 'module' ? modules.get(command.module.span.start) : undefined;
  if (module) return yield* moduleSymbols(analysis, module);
  const open = firstToken(analysis, span);
  if (tree.tokens.kinds[open] !== Tok.Open) return [];
  const keyword = significant(tree, open + 1);
  const inner = formEnd(tree, open) - (tree.match[open] >= 0 ? 1 : 0);
  const detail = oneLine(tree, significant(tree, keyword + 1), inner, DETAIL);
  const name = tokenText(tree.tokens, keyword);
  const kind = name.startsWith('assert') ? SymbolKind.Method : SymbolKind.Event;
  const children: DocumentSymbol[] | undefined = command.kind === 'thread' ? [] : undefined;
  for (const inside of command.kind === 'thread' ? command.commands : []) {
    children?.push(...(yield* commandSymbols(analysis, inside, modules)));
  }
  return [symbol(analysis, kind, name, children ? '' : detail, span, keyword, children)];
}

function firstToken({ tree }: Analysis, span: Span): number {
  const { starts, count } = tree.tokens;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] < span.start) low = middle + 1;
    else high = middle;
  }
  return significant(tree, low);
}

/** The selection lies inside of the range, whatever was found. */
function symbol(
  { document, tree }: Analysis,
  kind: SymbolKind,
  name: string,
  detail: string,
  span: Span,
  selection: number,
  children?: DocumentSymbol[],
): DocumentSymbol {
  const { starts, count } = tree.tokens;
  const start = Math.min(Math.max(starts[selection], span.start), span.end);
  const end = Math.min(Math.max(starts[Math.min(selection + 1, count)], start), span.end);
  const range = { start: document.positionAt(span.start), end: document.positionAt(span.end) };
  const selectionRange = { start: document.positionAt(start), end: document.positionAt(end) };
  return { name: name || '?', detail, kind, range, selectionRange, ...(children && { children }) };
}
