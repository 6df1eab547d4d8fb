/**
 * Names of a module's items, for people: from the name section, else from an export, else from an import.
 *
 * Names here are raw: `add`, not `$add`. The text format's `$` and its escapes are text/'s business.
 */

/** The index spaces that the name section (appendix A.5) can name. */
export type NameSpace = 'func' | 'type' | 'table' | 'memory' | 'global' | 'elem' | 'data' | 'tag';

export interface NameMap {
  /** The module's own name, if the name section gives one. */
  readonly module?: string;
  /** The name of an item from the name section alone. */
  given(space: NameSpace, idx: number): string | undefined;
  /** The name of an item: given, else its first export's, else its import's (`module.name`). */
  of(space: NameSpace, idx: number): string | undefined;
  local(funcIdx: number, localIdx: number): string | undefined;
  label(funcIdx: number, labelIdx: number): string | undefined;
  field(typeIdx: number, fieldIdx: number): string | undefined;
  /** Indices of a space that carry this name (given, export or import). */
  find(space: NameSpace, name: string): readonly number[];
}
