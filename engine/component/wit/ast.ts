/**
 * WIT documents as trees (WIT.md): what the parser reads, the printer writes, and a component's types are turned into.
 *
 * Names are without `%`. Every node has its range in the text; nodes that were not read have an empty one.
 */

import type { Span } from '../../base/errors.ts';
import type { PrimType } from '../model.ts';

export interface Ident {
  readonly name: string;
  readonly span: Span;
}

/** `namespace:name@version`. */
export interface PackageName {
  readonly namespace: string;
  readonly name: string;
  readonly version?: string;
  readonly span: Span;
}

/** An interface or world: of this package, or of one that is named. */
export interface UsePath {
  readonly package?: PackageName;
  readonly name: Ident;
  readonly span: Span;
}

/** `@since(version = …)`, `@unstable(feature = …)`, `@deprecated(version = …)`. */
export interface Gate {
  readonly kind: 'since' | 'unstable' | 'deprecated';
  readonly value: string;
  readonly span: Span;
}

/** What may stand in front of an item. */
export interface Annotated {
  /** Documentation, without comment marks. */
  readonly docs?: string;
  readonly gates: readonly Gate[];
  readonly externalId?: string;
  readonly span: Span;
}

export interface WitDocument {
  readonly package?: PackageName;
  readonly docs?: string;
  readonly items: readonly TopItem[];
}

export type TopItem = TopUse | InterfaceItem | WorldItem | PackageItem;

/** `use a:b/c as d;` */
export interface TopUse extends Annotated {
  readonly kind: 'top use';
  readonly path: UsePath;
  readonly as?: Ident;
}

/** `package a:b { … }` */
export interface PackageItem extends Annotated {
  readonly kind: 'package';
  readonly package: PackageName;
  readonly items: readonly TopItem[];
}

export interface InterfaceItem extends Annotated {
  readonly kind: 'interface';
  readonly name: Ident;
  readonly members: readonly InterfaceMember[];
}

export type InterfaceMember = UseItem | TypeItem | FuncItem;

/** `use path.{a, b as c};` */
export interface UseItem extends Annotated {
  readonly kind: 'use';
  readonly path: UsePath;
  readonly names: readonly UsedName[];
}

export interface UsedName {
  readonly name: Ident;
  readonly as?: Ident;
}

export interface TypeItem extends Annotated {
  readonly kind: 'type';
  readonly name: Ident;
  readonly def: TypeDef;
}

export type TypeDef =
  | { readonly kind: 'alias'; readonly type: WitType }
  | { readonly kind: 'record'; readonly fields: readonly NamedType[] }
  | { readonly kind: 'variant'; readonly cases: readonly WitCase[] }
  | { readonly kind: 'enum' | 'flags'; readonly labels: readonly Label[] }
  | { readonly kind: 'resource'; readonly methods: readonly FuncItem[] };

export interface Label {
  readonly name: Ident;
  readonly docs?: string;
}

export interface NamedType {
  readonly name: Ident;
  readonly type: WitType;
  readonly docs?: string;
}

export interface WitCase {
  readonly name: Ident;
  readonly type?: WitType;
  readonly docs?: string;
}

export interface FuncItem extends Annotated {
  readonly kind: 'func';
  /** A constructor's name is the keyword. */
  readonly name: Ident;
  readonly role: 'function' | 'method' | 'static' | 'constructor';
  readonly type: WitFunc;
}

export interface WitFunc {
  readonly async: boolean;
  readonly params: readonly NamedType[];
  readonly result?: WitType;
}

export type WitType = { readonly span: Span } & (
  | { readonly kind: 'prim'; readonly prim: PrimType }
  | { readonly kind: 'id'; readonly name: Ident }
  | { readonly kind: 'list'; readonly element: WitType; readonly length?: number }
  | { readonly kind: 'map'; readonly key: WitType; readonly value: WitType }
  | { readonly kind: 'tuple'; readonly types: readonly WitType[] }
  | { readonly kind: 'option'; readonly type: WitType }
  | { readonly kind: 'result'; readonly ok?: WitType; readonly error?: WitType }
  | { readonly kind: 'own' | 'borrow'; readonly name: Ident }
  | { readonly kind: 'stream' | 'future'; readonly type?: WitType }
);

export interface WorldItem extends Annotated {
  readonly kind: 'world';
  readonly name: Ident;
  readonly members: readonly WorldMember[];
}

export type WorldMember = ExternItem | UseItem | TypeItem | IncludeItem;

export interface ExternItem extends Annotated {
  readonly kind: 'import' | 'export';
  /** Without a name: an interface under its own. */
  readonly name?: Ident;
  readonly what:
    | { readonly kind: 'func'; readonly type: WitFunc }
    | { readonly kind: 'interface'; readonly members: readonly InterfaceMember[] }
    | { readonly kind: 'path'; readonly path: UsePath };
}

export interface IncludeItem extends Annotated {
  readonly kind: 'include';
  readonly path: UsePath;
  readonly names: readonly { readonly name: Ident; readonly as: Ident }[];
}

/** A range for what was not read from a text. */
export const NOWHERE: Span = Object.freeze({ start: 0, end: 0 });

/** A name that was not read from a text. */
export function ident(name: string): Ident {
  return { name, span: NOWHERE };
}

/** What a package is called everywhere: `wasi:io@0.2.0`. */
export function packageKey({ namespace, name, version }: PackageName): string {
  return `${namespace}:${name}${version === undefined ? '' : `@${version}`}`;
}
