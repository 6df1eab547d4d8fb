/**
 * Giving an item of a text another name: what can be renamed, and the edits that do it.
 *
 * Every occurrence of the name changes, indices stay; an item without a name, asked for at its index, gets one, and
 * its indices become that. The text means the same afterwards: a name that somebody else has, or that another label
 * would hide, is refused with a sentence for people (`Refusal`).
 */

import { Tok, tokenSpan, tokenText } from '../../engine/text/lexer.ts';
import { idName, writtenId } from '../../engine/text/strings.ts';
import type { Def, Use } from '../../engine/text/symbols.ts';
import { parseTree, type Tree } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { moduleAround } from './asserted-module.ts';
import { type ComponentItem, componentDefinition, componentItemAt } from './component-item.ts';
import { type Edit, inserting, replacing } from './edits.ts';
import { headWord, pointedToken, significant } from './forms.ts';
import { definitionOf, itemAt, itemNumber } from './item.ts';
import { labelScopes } from './label-scopes.ts';
import { fieldAt } from './place.ts';
import { type ScriptName, scriptNameAt, scriptNames } from './script-names.ts';

/** Why something cannot be renamed. */
export class Refusal extends Error {}

/** What is renamed. */
export interface Renaming {
  /** The token that was asked about. */
  readonly token: number;
  /** How it is written now; empty if it has no name. */
  readonly written: string;
  /** The edits for a name without `$`. Throws a Refusal. */
  edits(name: string): Edit[];
}

/** What stands at a place; undefined where no name and no index is. Throws a Refusal where it cannot be renamed. */
export function renamingAt(analysis: Analysis, pos: number): Renaming | undefined {
  const { tree } = analysis;
  const token = pointedToken(tree, pos);
  if (token < 0) return undefined;
  const kind = tree.tokens.kinds[token];
  if (kind !== Tok.Id && kind !== Tok.Int) return undefined;
  if (analysis.document.uri.startsWith('wasmscope:')) {
    throw new Refusal('this text is made from a binary and cannot be edited');
  }
  const scriptName = scriptNameAt(tree, token);
  if (scriptName) return scriptRenaming(tree, token, scriptName);
  const inComponent = componentItemAt(analysis, pos);
  if (inComponent) return componentRenaming(tree, token, inComponent);
  const module = moduleAround(analysis, pos);
  const item = module && itemAt(module, token);
  if (!item) return undefined;
  if (item.space === 'label' && item.idx < 0) {
    throw new Refusal('this index means the body of the function, which has no label');
  }
  const def = definitionOf(module, item);
  if (!def)
    throw new Refusal(`${itemNumber(item)} is not defined by a form of its own that could have a name`);
  const uses = module.assembly.symbols.usesOf(item.space, item.idx, item.scope);
  return {
    token,
    written: def.name === undefined ? '' : tokenText(tree.tokens, def.token),
    edits: (name) => itemEdits(module, def, uses, name),
  };
}

/** The name that somebody typed: with or without `$`, in quotes or not. Throws a Refusal. */
export function typedName(typed: string): string {
  const text = typed.trim();
  if (text.startsWith('$')) {
    const { tokens } = parseTree(text);
    const name = tokens.count === 1 && tokens.faults.length === 0 ? idName(tokens, 0) : undefined;
    if (name !== undefined && name !== '') return name;
  }
  const name = text.startsWith('$') ? text.slice(1) : text;
  if (name === '') throw new Refusal('a name has at least one character');
  if (/[\ud800-\udfff]/u.test(name)) throw new Refusal('a name is made of Unicode characters');
  return name;
}

function itemEdits(module: ModuleAnalysis, def: Def, uses: readonly Use[], name: string): Edit[] {
  const { kinds } = module.tree.tokens;
  if (name === def.name) return [];
  refuseClash(module, def, name);
  if (def.space === 'label') refuseHiding(module, def, uses, name);
  const written = writtenId(name);
  const isNew = def.name === undefined;
  const definition = isNew ? insertion(module, def, written) : replacing(def.span, written);
  const changed = uses.filter(({ token }) => isNew || kinds[token] === Tok.Id);
  return [definition, ...changed.map(({ span }) => replacing(span, written))];
}

/** Puts a name where a form has none. */
function insertion({ tree }: ModuleAnalysis, def: Def, written: string): Edit {
  const { kinds, starts } = tree.tokens;
  if (def.space === 'label' || kinds[def.token] === Tok.Keyword) {
    const open = tree.parent[def.token];
    const isHead = open >= 0 && significant(tree, open + 1) === def.token;
    if (def.space === 'label' || (isHead && headWord(tree, open) !== 'ref' && isDefining(tree, open))) {
      return inserting(starts[def.token + 1], ` ${written}`);
    }
  }
  // A lone type: `(param i32)` can have a name, one of `(param i32 i64)` cannot.
  let type = def.token;
  if (kinds[type] !== Tok.Open && headWord(tree, tree.parent[type]) === 'ref') type = tree.parent[type];
  const around = tree.parent[type];
  const keyword = significant(tree, around + 1);
  const isAlone =
    /^(param|local|field)$/.test(headWord(tree, around)) &&
    significant(tree, keyword + 1) === type &&
    kinds[significant(tree, kinds[type] === Tok.Open ? tree.match[type] + 1 : type + 1)] === Tok.Close;
  if (!isAlone)
    throw new Refusal(`${itemNumber(def)} shares its form with others: split it to give it a name`);
  return inserting(starts[keyword + 1], ` ${written}`);
}

/** True for a form that may have a name behind its keyword. */
function isDefining(tree: Tree, open: number): boolean {
  return /^(func|type|table|memory|global|tag|elem|data|param|local|field)$/.test(headWord(tree, open));
}

function refuseClash(module: ModuleAnalysis, { space, scope, idx }: Def, name: string): void {
  if (space === 'label') return;
  const { symbols } = module.assembly;
  const other = symbols.defs.find(
    (def) => def.space === space && def.name === name && def.scope === scope && def.idx !== idx,
  );
  if (!other) return;
  throw new Refusal(`${writtenId(name)} is the name of ${itemNumber(other)} already`);
}

/** A label may have the name of another one, if no branch would then mean the other. */
function refuseHiding(module: ModuleAnalysis, def: Def, uses: readonly Use[], name: string): void {
  const { tree, assembly } = module;
  const { symbols } = assembly;
  const field = fieldAt(tree, assembly.fields, def.span.start);
  if (!field) return;
  const scopes = labelScopes(tree, field);
  const own = scopes.find(({ id, keyword }) => id === def.token || keyword === def.token);
  if (!own) return;
  const inside = (token: number, { keyword, end }: { keyword: number; end: number }) =>
    token > keyword && token < end;
  for (const scope of scopes) {
    if (scope === own || scope.id < 0 || idName(tree.tokens, scope.id) !== name) continue;
    const hidesOwn = inside(scope.keyword, own) && uses.some(({ token }) => inside(token, scope));
    const other = symbols.defOf(scope.id);
    const isHidden =
      inside(own.keyword, scope) &&
      other !== undefined &&
      symbols.usesOf('label', other.idx, other.scope).some(({ token }) => inside(token, own));
    if (hidesOwn || isHidden) {
      throw new Refusal(
        `${writtenId(name)} is the name of a block around or inside, which branches would then mean`,
      );
    }
  }
}

function scriptRenaming(tree: Tree, token: number, known: ScriptName): Renaming {
  const tokens = known.token < 0 ? known.uses : [known.token, ...known.uses];
  return {
    token,
    written: tokenText(tree.tokens, token),
    edits: (name) => {
      if (name === known.name) return [];
      const others = scriptNames(tree).filter(({ kind }) => kind === known.kind);
      if (others.some((other) => other.name === name)) {
        throw new Refusal(`${writtenId(name)} is the name of another ${known.kind} already`);
      }
      const { starts } = tree.tokens;
      return tokens.map((at) => replacing({ start: starts[at], end: starts[at + 1] }, writtenId(name)));
    },
  };
}

/** A named item of a component, at all places where its name stands. */
function componentRenaming(tree: Tree, token: number, item: ComponentItem): Renaming {
  const def = componentDefinition(item);
  if (def?.name === undefined) {
    throw new Refusal(`${item.symbol.sort} ${item.symbol.idx} has no name that could be changed`);
  }
  const { tokens } = tree;
  const written = tokenText(tokens, def.token);
  const { symbols } = item.component.assembly;
  return {
    token,
    written,
    edits(name) {
      const taken = symbols.some((one) => one.role === 'def' && one.sort === def.sort && one.name === name);
      if (taken) throw new Refusal(`there is a ${def.sort} ${writtenId(name)} already`);
      const places = new Set<number>();
      for (const one of symbols) {
        const isSame = one.sort === def.sort && one.scope === def.scope && one.idx === def.idx;
        if (isSame && tokens.kinds[one.token] === Tok.Id) places.add(one.token);
      }
      // A component's own name is also where aliases of its items go outwards.
      for (let at = 0; at < tokens.count; at++) {
        if (tokens.kinds[at] !== Tok.Id || tokenText(tokens, at) !== written || places.has(at)) continue;
        if (tokenText(tokens, significant(tree, tree.parent[at] + 1)) === 'alias') {
          throw new Refusal(`${written} is used by an outer alias: change it by hand`);
        }
      }
      return [...places].sort((a, b) => a - b).map((at) => replacing(tokenSpan(tokens, at), writtenId(name)));
    },
  };
}
