/**
 * Quick fixes of lints, comments that silence them, and all fixes of a document at once.
 */

import { type Edit, indentAt, inserting, lineBreakOf, overlap } from '../facts/edits.ts';
import type { Lint } from '../lints/lint.ts';
import type { Action, Offer, Selection } from './action.ts';
import { diagnosticsOf } from './faults.ts';

export const lintFixes: Action = {
  kinds: ['quickfix'],
  *offers(at) {
    for (const lint of at.lints) {
      if (lint.span.start > at.span.end || lint.span.end < at.span.start) continue;
      const told = diagnosticsOf(at, lint);
      const { fix } = lint;
      if (fix)
        yield {
          title: fix.title,
          kind: 'quickfix',
          diagnostics: told,
          isPreferred: true,
          edits: () => fix.edits,
        };
      yield* suppressions(at, lint, told);
    }
  },
};

function* suppressions(
  at: Selection,
  { code, span }: Lint,
  diagnostics: Offer['diagnostics'],
): Generator<Offer> {
  if (code === 'unknown-suppression') return;
  yield {
    title: `Silence ${code} here`,
    kind: 'quickfix',
    diagnostics,
    edits: () => [suppression(at.analysis.tree.tokens.text, span.start, code)],
  };
  yield {
    title: `Silence ${code} in this file`,
    kind: 'quickfix',
    diagnostics,
    edits: () => {
      const { text } = at.analysis.tree.tokens;
      return [inserting(textStart(text), `;; wasmscope-ignore-file ${code}${lineBreakOf(text)}`)];
    },
  };
}

/** A comment on a line of its own; one more code where there is such a comment already. */
function suppression(text: string, pos: number, code: string): Edit {
  const lineStart = Math.max(text.lastIndexOf('\n', pos - 1), text.lastIndexOf('\r', pos - 1)) + 1;
  const start = Math.max(lineStart, textStart(text));
  const above = /(?:^|[\r\n])[ \t]*;; wasmscope-ignore [a-z0-9 ,-]*(?=\r?\n$)/.exec(text.slice(0, start));
  if (above) {
    const end = above.index + above[0].length;
    return inserting(end, ` ${code}`);
  }
  return inserting(start, `${indentAt(text, pos)};; wasmscope-ignore ${code}${lineBreakOf(text)}`);
}

/** Behind the byte order mark. */
function textStart(text: string): number {
  return text.startsWith('\ufeff') ? 1 : 0;
}

export const fixAll: Action = {
  kinds: ['source.fixAll.wasmscope'],
  *offers(at) {
    if (!at.lints.some(({ fix }) => fix)) return;
    yield {
      title: 'Apply all fixes of lints',
      kind: 'source.fixAll.wasmscope',
      costly: true,
      edits: () => together(at.lints),
    };
  },
};

/** As many fixes as do not touch each other: the next run finds the others. */
function together(lints: readonly Lint[]): Edit[] | undefined {
  const edits: Edit[] = [];
  let behind = -1;
  for (const { fix } of lints) {
    if (!fix || overlap(fix.edits)) continue;
    const first = Math.min(...fix.edits.map(({ span }) => span.start));
    if (first < behind) continue;
    edits.push(...fix.edits);
    behind = Math.max(...fix.edits.map(({ span }) => span.end));
  }
  return edits.length > 0 ? edits : undefined;
}
