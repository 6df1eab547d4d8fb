/**
 * Gives an `if` an `else`: to write something into it, or because its results ask for one.
 */

import { nodeSpan } from '../facts/code.ts';
import { indentAt, inserting, lineBreakOf } from '../facts/edits.ts';
import type { Action } from './action.ts';

const MISSING = /^type mismatch: an if without else/;

export const addElse: Action = {
  kinds: ['quickfix', 'refactor.rewrite'],
  *offers(at) {
    const node = at.instruction;
    if (node?.instr.name !== 'if' || node.parts.length !== 1) return;
    const { starts, text } = at.analysis.tree.tokens;
    const { start, end } = nodeSpan(at.analysis.tree, node);
    const missing = at.analysis.faults.some(
      ({ message, span }) => MISSING.test(message) && start <= span.start && span.end <= end,
    );
    const filling = missing ? 'unreachable' : '';
    const [then] = node.parts;
    const indent = indentAt(text, starts[node.open >= 0 ? then.open : node.keyword]);
    const onOneLine = !/[\r\n]/.test(text.slice(starts[node.keyword], starts[node.end]));
    const gap = onOneLine ? ' ' : lineBreakOf(text) + indent;
    const edit =
      node.open >= 0
        ? inserting(starts[then.close + 1], `${gap}(else${filling && ` ${filling}`})`)
        : inserting(starts[then.close], `else${filling && ` ${filling}`}${gap}`);
    yield { title: 'Add else', kind: missing ? 'quickfix' : 'refactor.rewrite', edits: () => [edit] };
  },
};
