/**
 * Folds and unfolds the code of a function, or the instructions of a selection.
 */

import { everyNode, firstToken, type Node } from '../facts/code.ts';
import type { Edit } from '../facts/edits.ts';
import { folded, unfolded } from '../facts/fold.ts';
import type { Action, Selection } from './action.ts';

export const fold: Action = {
  kinds: ['refactor.rewrite'],
  *offers(at) {
    const { module, field } = at;
    const instructions = statements(at.instructions);
    if (!module || !instructions || !field || module.assembly.broken.has(field.idx)) return;
    const what = at.span.start === at.span.end ? 'the function' : 'the selection';
    const hasFolded = instructions.some((node) => hasForm(node, true));
    if (instructions.some((node) => hasForm(node, false))) {
      yield {
        title: `Fold ${what}`,
        kind: 'refactor.rewrite',
        costly: true,
        edits: () => replaced(at, instructions, folded(module, instructions)),
      };
    }
    if (!hasFolded) return;
    yield {
      title: `Unfold ${what}`,
      kind: 'refactor.rewrite',
      costly: true,
      edits: () => replaced(at, instructions, unfolded(module.tree, instructions)),
    };
  },
};

/** Operands stand and fall with the instruction they are in. */
function statements(nodes: readonly Node[] | undefined): readonly Node[] | undefined {
  for (let found = nodes; ; ) {
    const parent: Node | undefined = found?.[0].parent;
    if (!parent?.operands.includes(found![0])) return found;
    found = [parent];
  }
}

/** Whether the instruction, or one inside of it, is written folded, or flat. */
function hasForm(node: Node, isFolded: boolean): boolean {
  for (const { open } of everyNode([node])) if (open >= 0 === isFolded) return true;
  return false;
}

function replaced(
  { analysis }: Selection,
  nodes: readonly Node[],
  text: string | undefined,
): Edit[] | undefined {
  if (text === undefined) return undefined;
  const { starts, text: old } = analysis.tree.tokens;
  let start = starts[firstToken(nodes[0])];
  const end = starts[nodes[nodes.length - 1].end];
  if (old.slice(start, end) === text) return undefined;
  // A new line takes the place of the space in front.
  if (/^[\r\n]/.test(text)) while (/[ \t]/.test(old[start - 1] ?? '')) start--;
  return [{ span: { start, end }, text }];
}
