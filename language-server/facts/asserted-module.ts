/**
 * Modules inside of a script's assertions: an analysis leaves them alone, because an assertion says what is wrong with
 * its module. At a place inside of one, help is wanted all the same.
 */

import { Tok } from '../../engine/text/lexer.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { ModuleAnalysis } from '../module-analysis.ts';
import { headOf, placeAt } from './place.ts';

/** Made on demand, and kept for as long as the script is not edited. */
const KNOWN = new WeakMap<Analysis, Map<number, ModuleAnalysis>>();

/** How long a module of an assertion may be, in tokens: it is read at once. */
const MOST = 20_000;

/** The module around a place, also if it is part of an assertion. */
export function moduleAround(analysis: Analysis, pos: number): ModuleAnalysis | undefined {
  const found = analysis.moduleAt(pos);
  if (found || !analysis.script) return found;
  const { tree } = analysis;
  let form = placeAt(tree, pos).open;
  while (form >= 0 && headOf(tree, form) !== 'module') form = tree.parent[form];
  if (form < 0 || tree.tokens.kinds[form] !== Tok.Open) return undefined;
  const end = formEnd(tree, form);
  if (end - form > MOST) return undefined;
  let modules = KNOWN.get(analysis);
  if (!modules) KNOWN.set(analysis, (modules = new Map()));
  let module = modules.get(form);
  if (!module) {
    const { starts } = tree.tokens;
    module = new ModuleAnalysis(tree, form, { start: starts[form], end: starts[end] });
    modules.set(form, module);
  }
  return module;
}
