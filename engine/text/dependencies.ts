/**
 * What a field's bytes depend on beside its own text: which index each name led to, and what it found in the list of types.
 *
 * Logged while the field is read. A field whose text is what it was, and whose log still holds in the module as it is now,
 * comes to the same bytes. Asking that does to the list of types what reading the field would do: a signature that needs a
 * type of its own gets one.
 */

import type { Span } from '../base/errors.ts';
import type { ValType } from '../isa/types.ts';
import type { Names } from './names.ts';
import { detached } from './strings.ts';
import { Sp } from './symbols.ts';
import type { Types } from './types.ts';

export type Dependency =
  | {
      readonly kind: 'name';
      readonly space: Sp;
      readonly name: string;
      /** The type of a field's name; -1 for names of the module. */
      readonly scope: number;
      /** -1: nobody had the name. */
      readonly idx: number;
    }
  /** The function type at an index; undefined where there is no type, empty where it is no function type. */
  | { readonly kind: 'type'; readonly typeIdx: number; readonly signature: string | undefined }
  /** A signature without an index, and the one it got. */
  | {
      readonly kind: 'signature';
      readonly params: readonly ValType[];
      readonly results: readonly ValType[];
      readonly typeIdx: number;
      readonly span: Span;
    };

/** Logs each dependency once. */
export class DependencyLog {
  readonly list: Dependency[] = [];
  private readonly seen = new Set<number>();

  name(space: Sp, name: string, scope: number, idx: number): void {
    if (idx < 0 || this.isNew((scope + 1) * 0x100_0000 + idx, space))
      this.list.push({ kind: 'name', space, name: detached(name), scope, idx });
  }

  type(typeIdx: number, signature: string | undefined): void {
    if (this.isNew(typeIdx, 11)) this.list.push({ kind: 'type', typeIdx, signature });
  }

  signature(params: readonly ValType[], results: readonly ValType[], typeIdx: number, span: Span): void {
    if (this.isNew(typeIdx, 12)) this.list.push({ kind: 'signature', params, results, typeIdx, span });
  }

  private isNew(what: number, kind: number): boolean {
    const key = what * 16 + kind;
    return !this.seen.has(key) && this.seen.add(key) !== undefined;
  }
}

/** True if a log still holds. `moved`: how much further the text stands now. */
export function stillHolds(log: readonly Dependency[], names: Names, types: Types, moved: number): boolean {
  // Names first: they are in the signatures, which must not get types if they are not what they were.
  for (const item of log) {
    if (item.kind !== 'name') continue;
    const table = item.space === Sp.Field ? names.fields.get(item.scope) : names.tables[item.space];
    if ((table?.get(item.name) ?? -1) !== item.idx) return false;
  }
  for (const item of log) {
    if (item.kind === 'type' && types.signatureAt(item.typeIdx) !== item.signature) return false;
    if (item.kind !== 'signature') continue;
    const span = { start: item.span.start + moved, end: item.span.end + moved };
    if (types.indexOf(item, span) !== item.typeIdx) return false;
  }
  return true;
}
