/**
 * The keywords of control flow that belong to the one at a place: a block with its `else`, `catch` and `end` and the
 * branches that leave it; a function with its returns.
 */

import type { Span } from '../../engine/base/errors.ts';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenSpan } from '../../engine/text/lexer.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { wordText } from '../../engine/text/words.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { bodyStart, significant } from './forms.ts';
import { type LabelScope, labelScopes } from './label-scopes.ts';
import { immediate } from './operands.ts';
import { fieldAt } from './place.ts';

const BRANCHES: ReadonlySet<string> = new Set([
  'br',
  'br_if',
  'br_table',
  'br_on_null',
  'br_on_non_null',
  'br_on_cast',
  'br_on_cast_fail',
  'rethrow',
  'delegate',
]);
const RETURNS: ReadonlySet<string> = new Set([
  'return',
  'return_call',
  'return_call_indirect',
  'return_call_ref',
]);

/** By position; empty where no such keyword stands, or nothing belongs to it. */
export function controlAt(module: ModuleAnalysis, token: number): Span[] {
  const spans = belonging(module, token);
  return spans.length > 1 ? spans : [];
}

function belonging(module: ModuleAnalysis, token: number): Span[] {
  const { tree, assembly } = module;
  const { kinds, words, starts } = tree.tokens;
  if (kinds[token] !== Tok.Keyword) return [];
  const field = fieldAt(tree, assembly.fields, starts[token]);
  if (field?.kind !== 'func') return [];
  const word = wordText(words[token]);
  const isFunc = token === significant(tree, field.open + 1);
  if (isFunc || RETURNS.has(word)) return returnsOf(module, field);
  const scopes = labelScopes(tree, field);
  const block = ROLES[words[token]] >= Role.Block ? scopeOfWord(module, scopes, token) : undefined;
  if (block) return blockSpans(module, block);
  if (!BRANCHES.has(word)) return [];
  const target = immediate(module, token, 'label');
  if (!target) return [];
  if (target.idx < 0) return returnsOf(module, field);
  const def = assembly.symbols.definition('label', target.idx, target.scope);
  const scope = scopes.find(({ keyword, id }) => def && (keyword === def.token || id === def.token));
  return scope ? blockSpans(module, scope) : [];
}

/** The block that a keyword opens, goes on with or ends. */
function scopeOfWord(
  { tree }: ModuleAnalysis,
  scopes: readonly LabelScope[],
  token: number,
): LabelScope | undefined {
  const own = scopes.find(({ keyword, words }) => keyword === token || words.includes(token));
  if (own) return own;
  // `then`, `else`, `do`, `catch` of a folded block: the keyword of the form around.
  const open = tree.parent[token];
  const around = open >= 0 && significant(tree, open + 1) === token ? tree.parent[open] : -1;
  const keyword = around < 0 ? -1 : significant(tree, around + 1);
  return scopes.find((scope) => scope.keyword === keyword);
}

/** Its keywords, and the keywords of the branches to it. */
function blockSpans({ tree, assembly }: ModuleAnalysis, { keyword, id, words, end }: LabelScope): Span[] {
  const { kinds } = tree.tokens;
  const tokens = new Set([keyword, ...words]);
  const open = tree.parent[keyword];
  if (open >= 0 && significant(tree, open + 1) === keyword) {
    for (let at = significant(tree, keyword + 1); at < end - 1; at = significant(tree, at + 1)) {
      if (kinds[at] !== Tok.Open) continue;
      const head = significant(tree, at + 1);
      const role = ROLES[tree.tokens.words[head]];
      const isPart = role === Role.Then || role === Role.Do || (role >= Role.Else && role <= Role.Delegate);
      if (isPart && wordText(tree.tokens.words[keyword]) !== 'try_table') tokens.add(head);
      at = formEnd(tree, at) - 1;
    }
  }
  const def = assembly.symbols.defOf(id >= 0 ? id : keyword);
  const uses = def?.space === 'label' ? assembly.symbols.usesOf('label', def.idx, def.scope) : [];
  for (const use of uses) {
    let at = use.token;
    while (at > keyword && kinds[at] !== Tok.Keyword) at--;
    if (ROLES[tree.tokens.words[at]] === Role.Plain || at === use.token) tokens.add(at);
  }
  return [...tokens].sort((a, b) => a - b).map((at) => tokenSpan(tree.tokens, at));
}

/** `func`, what returns, and branches to the function's own label. */
function returnsOf({ tree, assembly }: ModuleAnalysis, field: Field): Span[] {
  const { kinds, words } = tree.tokens;
  const tokens = new Set([significant(tree, field.open + 1)]);
  const end = formEnd(tree, field.open);
  for (let at = bodyStart(tree, field); at < end; at++) {
    if (kinds[at] === Tok.Annot) at = formEnd(tree, at) - 1;
    else if (kinds[at] === Tok.Keyword && RETURNS.has(wordText(words[at]))) tokens.add(at);
  }
  for (const { token } of assembly.symbols.usesOf('label', -1, field.idx)) {
    let at = token;
    while (at > field.open && kinds[at] !== Tok.Keyword) at--;
    tokens.add(at);
  }
  return [...tokens].sort((a, b) => a - b).map((at) => tokenSpan(tree.tokens, at));
}
