/**
 * Removes items that nothing uses: one that a lint told, or all of the document (`source.removeUnused`).
 *
 * Numbers that name later items of the same index space are written anew. Nothing is removed whose removal would move
 * types that have no field of their own.
 */

import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { SPACES, type Sp, type Space } from '../../engine/text/symbols.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { type Edit, removingAll } from '../facts/edits.ts';
import { fieldAt } from '../facts/place.ts';
import type { Lint } from '../lints/lint.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Action, Selection } from './action.ts';
import { diagnosticsOf } from './faults.ts';

const REMOVED = /^unused-(function|global|import|table|memory|tag|type|elem|data)$/;

export const removeUnused: Action = {
  kinds: ['quickfix', 'source.removeUnused'],
  *offers(at) {
    const unused = at.lints.filter(({ code }) => REMOVED.test(code));
    for (const lint of unused) {
      if (lint.span.start > at.span.end || lint.span.end < at.span.start) continue;
      yield {
        title: `Remove ${lint.message.replace(/ is never used$/, '').replace(/^the /, 'the unused ')}`,
        kind: 'quickfix',
        diagnostics: diagnosticsOf(at, lint),
        costly: true,
        edits: () => removal(at, [lint]),
      };
    }
    if (unused.length === 0) return;
    yield {
      title: 'Remove everything that is unused',
      kind: 'source.removeUnused',
      costly: true,
      edits: () => removal(at, unused),
    };
  },
};

function* removal({ analysis }: Selection, unused: readonly Lint[]): Generator<void, Edit[] | undefined> {
  const edits: Edit[] = [];
  for (const module of analysis.modules) {
    const fields = unused.flatMap(({ span }) => {
      const field = fieldAt(module.tree, module.assembly.fields, span.start);
      return field && field.kind !== 'rec' ? [field] : [];
    });
    if (fields.length > 0) edits.push(...(yield* removalIn(module, fields)));
  }
  return edits.length > 0 ? edits : undefined;
}

function* removalIn(module: ModuleAnalysis, removed: readonly Field[]): Generator<void, Edit[]> {
  const { tree, assembly } = module;
  const { starts, text, kinds } = tree.tokens;
  const moves = yield* namesHiddenTypes(module);
  const gone = removed.filter(({ space }) => !moves || !/^(func|tag|type)$/.test(SPACES[space as Sp]));
  const bySpace = new Map<Space, number[]>();
  for (const { space, idx } of gone) {
    const name = SPACES[space as Sp];
    const list = bySpace.get(name);
    if (list) list.push(idx);
    else bySpace.set(name, [idx]);
  }
  const edits = removingAll(
    text,
    gone.map(({ open }) => ({ start: starts[open], end: starts[formEnd(tree, open)] })),
  );
  for (let i = 0; i < assembly.symbols.useCount; i++) {
    if (i % 1000 === 999) yield;
    const { space, idx, token, span } = assembly.symbols.useAt(i);
    if (kinds[token] !== Tok.Int) continue;
    const before = bySpace.get(space)?.filter((other) => other < idx).length ?? 0;
    if (before === 0) continue;
    if (gone.some(({ open }) => open < token && token < formEnd(tree, open))) continue;
    edits.push({ span, text: String(idx - before) });
  }
  return edits;
}

/**
 * Whether some number names a type that has no field. Those stand behind the others, by the order of their first use, so
 * they would move with what is removed.
 */
function* namesHiddenTypes({ assembly, module }: ModuleAnalysis): Generator<void, boolean> {
  const { symbols } = assembly;
  const explicit = symbols.defs.filter((def) => def.space === 'type').length;
  if (!module || module.types.length === explicit) return false;
  for (let i = 0; i < symbols.useCount; i++) {
    if (i % 1000 === 999) yield;
    const use = symbols.useAt(i);
    if (use.space === 'type' && use.idx >= explicit) return true;
  }
  return false;
}
