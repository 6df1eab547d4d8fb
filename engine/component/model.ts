/**
 * The decoded component (component model, Binary.md): its definitions in order, and the index spaces that they fill.
 *
 * A `Component` is what binary/decode makes and nobody edits afterwards: it is frozen. Definitions refer to each other
 * by index, as the bytes do; what these indices mean is validation's question (valid/). Offsets count from the start of
 * the outermost component's bytes, also in nested components; a core module has its own offsets, from `range.start` on.
 */

import type {
  ValType as CoreValType,
  GlobalType,
  MemoryType,
  TableType,
  TagType,
  TypeDef,
} from '../isa/types.ts';
import type { ByteRange, Module } from '../module/module.ts';
import type { CanonName } from './canons.ts';

/** Sorts of core definitions, in the words of the text format. */
export type CoreSort = 'func' | 'table' | 'memory' | 'global' | 'tag' | 'type' | 'module' | 'instance';

/** A sort is an index space: `core func`, `func`, … */
export type Sort = `core ${CoreSort}` | 'func' | 'value' | 'type' | 'component' | 'instance';

/** A reference to an item of any sort. */
export interface SortIdx {
  readonly sort: Sort;
  readonly idx: number;
}

export interface Component {
  /** The bytes of the outermost component. */
  readonly bytes: Uint8Array;
  /** This component in `bytes`, preamble included. */
  readonly range: ByteRange;
  /** All definitions in the order of the file: the order in which instantiation goes through them. */
  readonly definitions: readonly Definition[];
  /** What introduced each index, by sort. A definition with several indices is there several times. */
  readonly spaces: Spaces;
  readonly imports: readonly ImportDef[];
  readonly exports: readonly ExportDef[];
  readonly sections: readonly ComponentSection[];
  readonly customs: readonly ComponentCustom[];
  /** Names of the `component-name` section; decoded on first use. */
  readonly names: ComponentNames;
}

export type Spaces = Readonly<Record<Sort, readonly Definition[]>>;

/** One section as it stands in the file. */
export interface ComponentSection {
  readonly id: number;
  readonly offset: number;
  /** Content behind id and size. */
  readonly range: ByteRange;
}

export interface ComponentCustom {
  readonly name: string;
  /** The payload behind the name. */
  readonly range: ByteRange;
  readonly offset: number;
  /** How many definitions stand in front of the section. */
  readonly after: number;
}

/** Names that the name section gives: raw ones, without `$`. */
export interface ComponentNames {
  readonly component?: string;
  of(sort: Sort, idx: number): string | undefined;
}

interface Defined {
  /** Where the definition stands, behind a section's count. */
  readonly offset: number;
  readonly end: number;
}

export type Definition =
  | CoreModuleDef
  | CoreInstanceDef
  | CoreTypeDef
  | ComponentDef
  | InstanceDef
  | AliasDef
  | TypeDefinition
  | CanonDef
  | StartDef
  | ImportDef
  | ExportDef
  | ValueDef;

/** A declarator of a component or instance type. */
export type Declaration = CoreTypeDef | TypeDefinition | AliasDef | ImportDef | ExportDecl;

export interface CoreModuleDef extends Defined {
  readonly kind: 'core module';
  readonly idx: number;
  /** The module's bytes in the component's. */
  readonly range: ByteRange;
  readonly module: Module;
}

export interface CoreInstanceDef extends Defined {
  readonly kind: 'core instance';
  readonly idx: number;
  readonly expr: CoreInstanceExpr;
}

export type CoreInstanceExpr =
  | { readonly kind: 'instantiate'; readonly moduleIdx: number; readonly args: readonly CoreInstantiateArg[] }
  | { readonly kind: 'exports'; readonly exports: readonly CoreInlineExport[] };

export interface CoreInstantiateArg {
  readonly name: string;
  readonly instanceIdx: number;
  readonly offset: number;
}

export interface CoreInlineExport {
  readonly name: string;
  /** A core sort. */
  readonly item: SortIdx;
  readonly offset: number;
}

export interface CoreTypeDef extends Defined {
  readonly kind: 'core type';
  /** The first of the indices that it introduces: a recursion group has one a type. */
  readonly idx: number;
  readonly type: CoreDefType;
}

export type CoreDefType =
  | { readonly kind: 'rec'; readonly types: readonly TypeDef[] }
  | { readonly kind: 'module'; readonly decls: readonly ModuleDecl[] };

export type ModuleDecl =
  | {
      readonly kind: 'import';
      readonly module: string;
      readonly name: string;
      readonly type: CoreExternType;
      readonly offset: number;
    }
  | { readonly kind: 'type'; readonly types: readonly TypeDef[]; readonly offset: number }
  | { readonly kind: 'module type'; readonly decls: readonly ModuleDecl[]; readonly offset: number }
  | { readonly kind: 'alias'; readonly count: number; readonly idx: number; readonly offset: number }
  | {
      readonly kind: 'export';
      readonly name: string;
      readonly type: CoreExternType;
      readonly offset: number;
    };

export type CoreExternType =
  | { readonly kind: 'func'; readonly typeIdx: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: MemoryType }
  | { readonly kind: 'global'; readonly type: GlobalType }
  | { readonly kind: 'tag'; readonly type: TagType };

export interface ComponentDef extends Defined {
  readonly kind: 'component';
  readonly idx: number;
  readonly component: Component;
}

export interface InstanceDef extends Defined {
  readonly kind: 'instance';
  readonly idx: number;
  readonly expr: InstanceExpr;
}

export type InstanceExpr =
  | { readonly kind: 'instantiate'; readonly componentIdx: number; readonly args: readonly InstantiateArg[] }
  | { readonly kind: 'exports'; readonly exports: readonly InlineExport[] };

export interface InstantiateArg {
  readonly name: string;
  readonly item: SortIdx;
  readonly offset: number;
}

export interface InlineExport {
  readonly name: ExternName;
  readonly item: SortIdx;
  readonly offset: number;
}

export interface AliasDef extends Defined {
  readonly kind: 'alias';
  readonly sort: Sort;
  readonly idx: number;
  readonly target: AliasTarget;
}

export type AliasTarget =
  | { readonly kind: 'export'; readonly instanceIdx: number; readonly name: string }
  | { readonly kind: 'core export'; readonly instanceIdx: number; readonly name: string }
  /** `count` scopes outwards; 0 is the scope of the alias itself. */
  | { readonly kind: 'outer'; readonly count: number; readonly idx: number };

/** `(type …)`. */
export interface TypeDefinition extends Defined {
  readonly kind: 'type';
  readonly idx: number;
  readonly type: DefType;
}

export type PrimType =
  | 'bool' | 's8' | 'u8' | 's16' | 'u16' | 's32' | 'u32' | 's64' | 'u64'
  | 'f32' | 'f64' | 'char' | 'string' | 'error-context'; // biome-ignore format: a list of words

/** A value type as the bytes have it: a primitive one, or a type index. */
export type ValTypeRef = PrimType | number;

export interface Labelled {
  readonly label: string;
  readonly type: ValTypeRef;
}

export interface Case {
  readonly label: string;
  readonly type?: ValTypeRef;
}

export type DefValType =
  | { readonly kind: 'prim'; readonly prim: PrimType }
  | { readonly kind: 'record'; readonly fields: readonly Labelled[] }
  | { readonly kind: 'variant'; readonly cases: readonly Case[] }
  /** With `length`: a list of fixed length. */
  | { readonly kind: 'list'; readonly element: ValTypeRef; readonly length?: number }
  | { readonly kind: 'map'; readonly key: ValTypeRef; readonly value: ValTypeRef }
  | { readonly kind: 'tuple'; readonly types: readonly ValTypeRef[] }
  | { readonly kind: 'flags'; readonly labels: readonly string[] }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | { readonly kind: 'option'; readonly type: ValTypeRef }
  | { readonly kind: 'result'; readonly ok?: ValTypeRef; readonly error?: ValTypeRef }
  /** `typeIdx` is a resource type. */
  | { readonly kind: 'own'; readonly typeIdx: number }
  | { readonly kind: 'borrow'; readonly typeIdx: number }
  | { readonly kind: 'stream'; readonly type?: ValTypeRef }
  | { readonly kind: 'future'; readonly type?: ValTypeRef };

export interface FuncTypeDef {
  readonly kind: 'func';
  readonly async: boolean;
  readonly params: readonly Labelled[];
  readonly result?: ValTypeRef;
}

export interface ResourceTypeDef {
  readonly kind: 'resource';
  readonly rep: CoreValType;
  /** Core function index of the destructor. */
  readonly dtor?: number;
}

export type DefType =
  | DefValType
  | FuncTypeDef
  | ResourceTypeDef
  | { readonly kind: 'component'; readonly decls: readonly Declaration[] }
  | { readonly kind: 'instance'; readonly decls: readonly Declaration[] };

export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16';

/** One canonical option; lists keep the order of the bytes. */
export type CanonOpt =
  | { readonly kind: 'string-encoding'; readonly encoding: StringEncoding; readonly offset: number }
  /** `idx` is a core memory for `memory`, else a core function. */
  | {
      readonly kind: 'memory' | 'realloc' | 'post-return' | 'callback';
      readonly idx: number;
      readonly offset: number;
    }
  | { readonly kind: 'async'; readonly offset: number };

/** A canonical definition: introduces a function for `lift`, a core function for all others. */
export interface CanonDef extends Defined {
  readonly kind: 'canon';
  readonly idx: number;
  readonly canon: Canon;
}

export type Canon =
  /** Lifts core function `funcIdx` to a function of type `typeIdx`. */
  | {
      readonly kind: 'lift';
      readonly funcIdx: number;
      readonly opts: readonly CanonOpt[];
      readonly typeIdx: number;
    }
  | { readonly kind: 'lower'; readonly funcIdx: number; readonly opts: readonly CanonOpt[] }
  | CanonBuiltin;

/** A built-in; which of the immediates are there follows from its name (canons.ts). */
export interface CanonBuiltin {
  readonly kind: 'builtin';
  readonly name: CanonName;
  /** Type index of a resource, stream or future type. */
  readonly typeIdx?: number;
  readonly opts?: readonly CanonOpt[];
  readonly async?: boolean;
  readonly cancellable?: boolean;
  readonly shared?: boolean;
  readonly memoryIdx?: number;
  readonly coreTypeIdx?: number;
  readonly tableIdx?: number;
  /** Type and number of a context slot. */
  readonly slotType?: CoreValType;
  readonly slot?: number;
  /** What `task.return` returns. */
  readonly result?: ValTypeRef;
}

export interface StartDef extends Defined {
  readonly kind: 'start';
  readonly funcIdx: number;
  /** Value indices. */
  readonly args: readonly number[];
  /** How many values it introduces, and the first one's index. */
  readonly results: number;
  readonly idx: number;
}

/** The name of an import or an export; names.ts takes `text` apart. */
export interface ExternName {
  readonly text: string;
  readonly offset: number;
  readonly attributes: readonly Attribute[];
}

export interface Attribute {
  readonly kind: 'implements' | 'versionsuffix' | 'external-id';
  readonly value: string;
  readonly offset: number;
}

export type ExternType =
  | { readonly kind: 'core module'; readonly typeIdx: number }
  | { readonly kind: 'func'; readonly typeIdx: number }
  | { readonly kind: 'component'; readonly typeIdx: number }
  | { readonly kind: 'instance'; readonly typeIdx: number }
  /** Equal to a value, or of a type. */
  | { readonly kind: 'value'; readonly bound: { readonly eq: number } | { readonly type: ValTypeRef } }
  /** Equal to a type, or any resource type. */
  | { readonly kind: 'type'; readonly bound: { readonly eq: number } | 'resource' };

export interface ImportDef extends Defined {
  readonly kind: 'import';
  readonly name: ExternName;
  readonly type: ExternType;
  /** Index in the space of `type.kind`. */
  readonly idx: number;
}

export interface ExportDef extends Defined {
  readonly kind: 'export';
  readonly name: ExternName;
  readonly item: SortIdx;
  /** The type that the text or the binary ascribes. */
  readonly type?: ExternType;
  /** An export introduces an index of its own, in the space of `item.sort`. */
  readonly idx: number;
}

/** An export in a component or instance type. */
export interface ExportDecl extends Defined {
  readonly kind: 'export decl';
  readonly name: ExternName;
  readonly type: ExternType;
  readonly idx: number;
}

export interface ValueDef extends Defined {
  readonly kind: 'value';
  readonly idx: number;
  readonly type: ValTypeRef;
  /** The value's bytes. */
  readonly value: ByteRange;
}

export const SORTS: readonly Sort[] = [
  'core func', 'core table', 'core memory', 'core global', 'core tag', 'core type', 'core module', 'core instance',
  'func', 'value', 'type', 'component', 'instance',
]; // biome-ignore format: a list of words

/** The sort of what a definition introduces; undefined for a start definition without results. */
export function sortOf(definition: Definition | Declaration): Sort {
  switch (definition.kind) {
    case 'alias':
      return definition.sort;
    case 'canon':
      return definition.canon.kind === 'lift' ? 'func' : 'core func';
    case 'start':
      return 'value';
    case 'import':
    case 'export decl':
      return definition.type.kind;
    case 'export':
      return definition.item.sort;
    default:
      return definition.kind;
  }
}

/** How many indices a definition introduces. */
export function indexCount(definition: Definition | Declaration): number {
  if (definition.kind === 'start') return definition.results;
  if (definition.kind === 'core type' && definition.type.kind === 'rec') return definition.type.types.length;
  return 1;
}

/** What a canonical option of a list says; undefined if it is not there. */
export function canonOpt<K extends CanonOpt['kind']>(
  opts: readonly CanonOpt[],
  kind: K,
): (CanonOpt & { readonly kind: K }) | undefined {
  return opts.find((opt): opt is CanonOpt & { readonly kind: K } => opt.kind === kind);
}
