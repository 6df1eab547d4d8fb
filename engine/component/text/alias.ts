/**
 * Aliases in component text (Explainer.md, Alias Definitions): `(alias export …)`, `(alias core export …)` and
 * `(alias outer …)`, with the sort at the end, or in front as in `(func $f (alias export $i "f"))`.
 */

import type { Sort } from '../model.ts';
import type { ComponentCursor } from './cursor.ts';
import { type Reader, sortOfForm } from './reader.ts';

/**
 * Reads an alias form and adds it. With a `sort` it stands inside of a form of that sort, whose name is `id` and which
 * opens at `outer`. Returns its index.
 */
export function readAliasForm(r: Reader, sort?: Sort, id = -1, outer = -1): number {
  const { cursor } = r;
  const open = cursor.openForm();
  const place = outer >= 0 ? outer : open;
  // openForm takes a keyword behind `core`, but here `core` is the second one.
  const ofCore = cursor.tryKeyword('core');
  if (cursor.tryKeyword('export')) {
    const instanceIdx = r.index(ofCore ? 'core instance' : 'instance');
    const name = cursor.name('an export name');
    const what = sort === undefined ? readSort(r, ofCore) : { sort, id, at: -1 };
    cursor.close();
    const idx = r.define(what.sort, what.id, place);
    const kind = ofCore ? 'core export' : 'export';
    r.scope.add({ kind: 'alias', sort: what.sort, idx, target: { kind, instanceIdx, name } }, r.span(place));
    r.nameGiven(what.sort, idx, what.at);
    return idx;
  }
  if (ofCore || !cursor.tryKeyword('outer')) cursor.unexpected('export, core export or outer');
  const { count, scope } = r.outerScope();
  // The sort stands behind the index, and says in which space it is.
  const token = cursor.at;
  cursor.take();
  const what = sort === undefined ? readSort(r, false) : { sort, id, at: -1 };
  const end = cursor.at;
  cursor.seek(token);
  const outerIdx = r.indexIn(scope, what.sort);
  cursor.seek(end);
  cursor.close();
  const idx = r.outerAlias(what.sort, count, outerIdx, r.span(place));
  r.bind(what.sort, idx, what.id, place);
  r.nameGiven(what.sort, idx, what.at);
  return idx;
}

/** `(sort $id?)`. */
function readSort(r: Reader, core: boolean): { sort: Sort; id: number; at: number } {
  const cursor: ComponentCursor = r.cursor;
  const sort = sortOfForm(cursor.form(), core);
  if (sort === undefined) cursor.unexpected('(func), (type), or another sort');
  cursor.openForm();
  const keyword = cursor.last;
  const id = r.id();
  cursor.close();
  return { sort, id, at: id >= 0 ? id : keyword };
}
