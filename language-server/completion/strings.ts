/**
 * Names inside of strings as suggestions: exports to be made, exports that a script calls, modules to import from.
 */

import { CompletionItemKind } from 'vscode-languageserver';
import { Tok } from '../../engine/text/lexer.ts';
import { escaped, idName, nameBytes, stringName, writtenId } from '../../engine/text/strings.ts';
import type { Analysis } from '../analysis.ts';
import { significant } from '../facts/forms.ts';
import { fieldAt, headOf, headToken, type Place } from '../facts/place.ts';
import { actedOn, modulesBefore } from '../facts/script-modules.ts';
import { externText } from '../facts/signature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { definitionsOf } from './names.ts';
import type { Suggestions } from './suggestion.ts';

/** Suggestions replace the whole string, quotes included. */
export function addNamesInStrings(
  to: Suggestions,
  analysis: Analysis,
  module: ModuleAnalysis | undefined,
  { word, open, pos }: Place,
): void {
  const { tree } = analysis;
  const add = (name: string, detail?: string, rank = 20) =>
    to.add({
      label: quoted(name),
      kind: CompletionItemKind.Value,
      rank,
      detail: detail && ` ${detail}`,
    });
  switch (headOf(tree, open)) {
    case 'invoke':
    case 'get': {
      const id = significant(tree, headToken(tree, open) + 1);
      const name = tree.tokens.kinds[id] === Tok.Id ? idName(tree.tokens, id) : undefined;
      const target = actedOn(analysis, name, pos)?.module;
      const wanted = headOf(tree, open) === 'invoke' ? 'func' : 'global';
      for (const { name, kind, idx } of target?.exports ?? []) {
        if (kind === wanted) add(name, externText(target!, kind, idx));
      }
      return;
    }
    case 'export':
      if (module) exportNames(analysis, module, { open, pos }, add);
      return;
    case 'import': {
      const first = significant(tree, headToken(tree, open) + 1);
      if (word === first) {
        const known = new Set([
          ...modulesBefore(analysis, pos).flatMap(({ registered }) => registered),
          ...(module?.module?.imports.map((item) => item.module) ?? []),
          ...(analysis.script ? ['spectest'] : []),
        ]);
        for (const name of known) add(name);
        return;
      }
      const from = tree.tokens.kinds[first] === Tok.String ? stringName(tree.tokens, first) : undefined;
      const source = modulesBefore(analysis, pos).findLast(
        ({ registered }) => from !== undefined && registered.includes(from),
      )?.module.module;
      for (const { name, kind, idx } of source?.exports ?? []) add(name, externText(source!, kind, idx));
      return;
    }
    default:
  }
}

/** The name of the item that is exported; of a field `(export`, all that are not exported yet. */
function exportNames(
  { tree }: Analysis,
  module: ModuleAnalysis,
  { open, pos }: Pick<Place, 'open' | 'pos'>,
  add: (name: string, detail?: string, rank?: number) => void,
): void {
  const field = fieldAt(tree, module.assembly.fields, pos);
  if (field && field.kind !== 'export') {
    const name = field.id < 0 ? undefined : idName(tree.tokens, field.id);
    if (name !== undefined) add(name);
    return;
  }
  // (export "…" (func $f)): the item's name stands behind the keyword of the form behind the string.
  const form = significant(tree, significant(tree, headToken(tree, open) + 1) + 1);
  const item = significant(tree, headToken(tree, form) + 1);
  const use = module.assembly.symbols.useOf(item);
  const named = use && definitionsOf(module, use.space)[use.idx]?.name;
  if (use) {
    if (named !== undefined) add(named);
    return;
  }
  const done = new Set(module.module?.exports.map(({ kind, idx }) => `${kind} ${idx}`));
  for (const kind of ['func', 'memory', 'global', 'table', 'tag'] as const) {
    for (const { idx, name } of definitionsOf(module, kind)) {
      if (name !== undefined && !done.has(`${kind} ${idx}`)) add(name, kind);
    }
  }
}

/** Names of modules in commands: `(invoke $m "f")`, `(register "m" $m)`. */
export function addScriptNames(to: Suggestions, analysis: Analysis, pos: number): void {
  for (const { name } of modulesBefore(analysis, pos)) {
    if (name === undefined) continue;
    to.add({ label: writtenId(name), kind: CompletionItemKind.Module, rank: 20, description: 'module' });
  }
}

function quoted(name: string): string {
  return `"${escaped(nameBytes(name), true)}"`;
}
