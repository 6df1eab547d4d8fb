/**
 * Scopes of component text: a component, a component type, an instance type, or a core module type, each with its own
 * index spaces, names and definitions (Explainer.md, Index Spaces).
 *
 * A scope grows while its form is read: what abbreviations stand for is added in front of the definition that has them.
 * Core types of a scope are read by the core text format's own reader, which keeps the list of them.
 */

import type { Span } from '../../base/errors.ts';
import { FUNCREF, type TypeDef } from '../../isa/types.ts';
import type { Assembly } from '../../text/assemble.ts';
import type { Cursor } from '../../text/cursor.ts';
import { Names } from '../../text/names.ts';
import { Sp, SymbolList } from '../../text/symbols.ts';
import { Types } from '../../text/types.ts';
import type { Unplaced, Writable } from '../binary/encode.ts';
import {
  type Declaration,
  type ExternName,
  type ModuleDecl,
  SORTS,
  type Sort,
  type SortIdx,
} from '../model.ts';
import type { ComponentAssembly } from './assemble.ts';

export type ScopeKind = 'component' | 'component type' | 'instance type' | 'module type';

/** One definition or declarator of a scope, with its place in the text. */
export interface Item<T = Writable | Unplaced<Declaration>> {
  readonly def: T;
  readonly span: Span;
  /** The module that is written in it. */
  readonly module?: Assembly;
  /** The component that is written in it. */
  readonly component?: ComponentAssembly;
}

/** An abbreviation: `(export "name")` in front of what is exported. */
export interface InlineExtern {
  readonly name: Unplaced<ExternName>;
  readonly open: number;
}

/** A core type that stands for one that is known elsewhere: no signature is ever equal to it. */
const ELSEWHERE: TypeDef = {
  composite: { kind: 'array', field: { storage: FUNCREF, mutable: false } },
  final: true,
  supers: [],
  groupStart: 0,
  groupSize: 1,
};

export class Scope {
  readonly kind: ScopeKind;
  readonly parent: Scope | undefined;
  /** Without `$`. */
  readonly id: string | undefined;
  /** A number that no other scope of the text has. */
  readonly number: number;
  /** Names by sort. */
  readonly names: ReadonlyMap<Sort, Map<string, number>>;
  /** Names of outer scopes that an alias here stands for already. */
  readonly aliased: ReadonlyMap<Sort, Map<string, number>>;
  /** Names that are others than the `$ids`, by sort and index. */
  readonly given: ReadonlyMap<Sort, Map<number, string>>;
  readonly items: Item[] = [];
  /** Exports that are written inside of what they export: they come behind all definitions. */
  readonly exports: (InlineExtern & { readonly item: SortIdx })[] = [];
  /** Declarators of a module type. */
  readonly moduleDecls: Unplaced<ModuleDecl>[] = [];
  /** Reads core types, and has those of this scope. */
  readonly types: Types;
  private readonly counts = new Map<Sort, number>(SORTS.map((sort) => [sort, 0]));
  private writtenTypes = 0;

  constructor(kind: ScopeKind, cursor: Cursor, number: number, parent?: Scope, id?: string) {
    this.kind = kind;
    this.parent = parent;
    this.id = id;
    this.number = number;
    const core = new Names(cursor, new SymbolList());
    this.types = new Types(cursor, core);
    this.names = new Map(
      SORTS.map((sort) => [sort, sort === 'core type' ? core.tables[Sp.Type] : new Map<string, number>()]),
    );
    this.given = new Map(SORTS.map((sort) => [sort, new Map<number, string>()]));
    this.aliased = new Map(SORTS.map((sort) => [sort, new Map<string, number>()]));
  }

  /** How many indices of a sort there are. */
  count(sort: Sort): number {
    return sort === 'core type' ? this.types.defs.length : this.counts.get(sort)!;
  }

  /** Takes the next index of a sort. Core types that are written are counted by whoever reads them. */
  take(sort: Sort): number {
    const idx = this.count(sort);
    if (sort === 'core type') {
      this.types.defs.push(ELSEWHERE);
      this.writtenTypes = this.types.defs.length;
    } else this.counts.set(sort, idx + 1);
    return idx;
  }

  /** Core types that were read and not taken yet. */
  newTypes(): readonly TypeDef[] {
    const out = this.types.defs.slice(this.writtenTypes);
    this.writtenTypes = this.types.defs.length;
    return out;
  }

  add(def: Item['def'], span: Span, inside?: Pick<Item, 'module' | 'component'>): void {
    this.items.push({ def, span, ...inside });
  }
}
