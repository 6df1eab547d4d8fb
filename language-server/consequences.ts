/**
 * Faults that only follow from other faults: left out, so that one mistake shows as one.
 *
 * The assembler puts something harmless in the place of an item that it could not read, a function without parameters
 * for one. Whoever uses that item then does not validate. Such a fault is told from a real one by the uses in the
 * field it lies in: if one of them leads to an item whose declaration has a fault, it is left out.
 */

import type { Span } from '../engine/base/errors.ts';
import type { Assembly } from '../engine/text/assemble.ts';
import type { Field } from '../engine/text/fields.ts';
import { SPACES, Sp } from '../engine/text/symbols.ts';
import type { Tree } from '../engine/text/tree.ts';
import { bodyStart } from './facts/forms.ts';
import { fieldAt } from './facts/place.ts';

/** The validation faults that stand on their own, given what the assembler has found already. In steps. */
export function* withoutConsequences<F extends { readonly span: Span }>(
  tree: Tree,
  assembly: Assembly,
  invalid: readonly F[],
): Generator<void, F[]> {
  if (assembly.faults.length === 0 || invalid.length === 0) return [...invalid];
  const unread = unreadItems(tree, assembly);
  if (unread.size === 0) return [...invalid];
  yield;
  const affected = yield* affectedFields(tree, assembly, unread);
  return invalid.filter(({ span }) => {
    const field = fieldAt(tree, assembly.fields, span.start);
    return !field || !affected.has(field);
  });
}

/** How many uses are looked at between two points where the work can be interrupted. */
const USES = 8192;

const ANY_TYPE = 'type';

/** Items, as `space idx`, whose declarations have faults. A fault inside of a function's code is none. */
function unreadItems(tree: Tree, { fields, faults }: Assembly): Set<string> {
  const { starts } = tree.tokens;
  const items = new Set<string>();
  for (const { span } of faults) {
    const field = span && fieldAt(tree, fields, span.start);
    if (!field) continue;
    if (field.kind === 'rec' || field.space === Sp.Type) items.add(ANY_TYPE);
    else if (field.space >= 0) {
      const inCode = field.kind === 'func' && span.start >= starts[bodyStart(tree, field)];
      if (!inCode) items.add(`${SPACES[field.space as Sp]} ${field.idx}`);
    }
  }
  return items;
}

/** The fields that declare or use such an item. */
function* affectedFields(
  tree: Tree,
  { fields, symbols }: Assembly,
  items: ReadonlySet<string>,
): Generator<void, Set<Field>> {
  const { starts } = tree.tokens;
  const affected = new Set<Field>();
  for (const field of fields) {
    if (field.space >= 0 && items.has(`${SPACES[field.space as Sp]} ${field.idx}`)) affected.add(field);
  }
  for (let i = 0; i < symbols.useCount; i++) {
    if (i % USES === USES - 1) yield;
    const number = symbols.spaceOfUse(i);
    if (number === Sp.Local || number === Sp.Label) continue;
    const { token, space, idx } = symbols.useAt(i);
    if (!items.has(space === 'type' || space === 'field' ? ANY_TYPE : `${space} ${idx}`)) continue;
    const field = fieldAt(tree, fields, starts[token]);
    if (field) affected.add(field);
  }
  return affected;
}
