/**
 * From one module of a script to another: what a string of an action means, and whose export an import is.
 *
 * By the commands in front of the place. What the script does not define (`spectest`) is not found.
 */

import { Tok } from '../../engine/text/lexer.ts';
import { idName, stringName } from '../../engine/text/strings.ts';
import type { Analysis } from '../analysis.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { headWord, significant } from './forms.ts';
import type { Item } from './item.ts';
import { fieldOf } from './item.ts';
import { actedOn, modulesBefore } from './script-modules.ts';

/** An item and the module that it is in. */
export interface ModuleItem {
  readonly module: ModuleAnalysis;
  readonly item: Item;
}

/** What the string of `(invoke $m "f" …)` or `(get "g")` at a token means. */
export function exportAt(analysis: Analysis, token: number): ModuleItem | undefined {
  const { tree } = analysis;
  const { tokens } = tree;
  if (!analysis.script || tokens.kinds[token] !== Tok.String) return undefined;
  const open = tree.parent[token];
  if (open < 0 || !/^(invoke|get)$/.test(headWord(tree, open))) return undefined;
  const first = significant(tree, significant(tree, open + 1) + 1);
  const isNamed = tokens.kinds[first] === Tok.Id;
  if ((isNamed ? significant(tree, first + 1) : first) !== token) return undefined;
  const module = actedOn(analysis, isNamed ? idName(tokens, first) : undefined, tokens.starts[open]);
  return module && exported(module, stringName(tokens, token));
}

/** What an imported item is in the module of the same script that it comes from. */
export function importedFrom(analysis: Analysis, from: ModuleAnalysis, item: Item): ModuleItem | undefined {
  const source = fieldOf(from.assembly.fields, item)?.import;
  if (!source || !analysis.script) return undefined;
  const known = modulesBefore(analysis, from.span.start);
  const module = known.findLast(({ registered }) => registered.includes(source.module))?.module;
  const found = module && exported(module, source.name);
  return found?.item.space === item.space ? found : undefined;
}

function exported(module: ModuleAnalysis, name: string | undefined): ModuleItem | undefined {
  const found = module.module?.exports.find((item) => item.name === name);
  return found && { module, item: { space: found.kind, idx: found.idx } };
}
