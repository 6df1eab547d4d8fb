/**
 * What kinds of forms there are for the layout, and which keyword begins which kind.
 *
 * Knows keywords and nothing of widths. A keyword that is not here is laid out as the author broke it.
 */

import { ROLES, Role } from '../../engine/text/blocks.ts';
import { allWords, word } from '../../engine/text/words.ts';

/** How the inside of a form is laid out when it does not stand on one line. */
export const enum Kind {
  /** Words in front, then forms, each on a line of its own. Broken wherever the author broke it. */
  Fields = 0,
  /** As `Fields`, but on one line whenever it fits. */
  Fit = 1,
  /** As many as fit on each line. */
  Fill = 2,
  /** As `Fill` behind a head; the author's lines are kept: strings, lists of functions. */
  List = 3,
  /** A head, then instructions in rows: the author's lines are kept. */
  Rows = 4,
  /** A folded `if`: label and type, condition, `then`, `else`. */
  If = 5,
  /** A flat block: from its keyword to its `end`. No form. */
  Flat = 6,
}

/** What forms come to by their keyword's number. Functions, modules and segments may become something else. */
export const KINDS: Uint8Array = kinds();

function kinds(): Uint8Array {
  const special = new Map<string, Kind>();
  const set = (kind: Kind, names: string) => {
    for (const name of names.split(' ')) special.set(name, kind);
  };
  set(Kind.Fit, 'import type sub table memory global tag invoke get register');
  set(Kind.Fill, 'param result local ref mut field array export start shared catch_ref catch_all_ref');
  set(Kind.List, 'data elem');
  set(Kind.Rows, 'func offset item then else do catch catch_all');
  set(Kind.Fields, 'module rec struct thread try');
  return Uint8Array.from(allWords(), (name, number) => {
    const known = special.get(name);
    if (known !== undefined) return known;
    switch (ROLES[number]) {
      case Role.Plain:
      case Role.Delegate:
        return Kind.Fit;
      case Role.Block:
        return Kind.Rows;
      case Role.If:
        return Kind.If;
      default:
        return Kind.Fields;
    }
  });
}

const wordSet = (names: string): ReadonlySet<number> =>
  new Set(names.split(' ').map((name) => word(name as Parameters<typeof word>[0])));

/** Forms that belong to the head of what they stand in. */
export const HEAD_FORMS = wordSet('export import type param result');
/** Forms that are immediates of the flat instruction in front of them. */
export const IMMEDIATE_FORMS = wordSet('type param result ref mut');
/** Clauses of `try_table`. */
export const CLAUSES = wordSet('catch catch_ref catch_all catch_all_ref');
/** Forms whose strings are their contents. */
export const BYTES = wordSet('binary quote');
