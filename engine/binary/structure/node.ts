/**
 * One node of the byte-structure tree: a range of bytes, what it is, and what it is made of.
 *
 * A node without children is a leaf: a field of the binary format, bytes that carry data, or bytes that are malformed.
 * The leaves of a tree cover its file without gap and overlap. Children are made when they are first asked for, so a node
 * costs nothing of what is inside it. Knows no grammar.
 */

import type { Fault } from '../../base/errors.ts';
import type { NameSpace } from '../../module/names.ts';

export type NodeKind =
  /** A module or component: the whole file, or one that is nested in it. */
  | 'file'
  /** Magic and version. */
  | 'header'
  | 'section'
  /** One item of a section: an import, a segment, a name … */
  | 'entry'
  /** An entry of the code section: size, locals, instructions. */
  | 'func'
  /** A run of items of a long list. It groups, and means nothing. */
  | 'part'
  | 'type'
  /** A length and the text of that many bytes. */
  | 'name'
  | 'expr'
  | 'instruction'
  /** A leaf with a value. */
  | 'field'
  /** A leaf that is data, or of a format that is not taken apart here. */
  | 'bytes'
  /** A leaf that could not be read. */
  | 'malformed';

/** How the bytes of a leaf are to be read. The first five are LEB128 numbers. */
export type Form =
  | 'u32'
  | 's32'
  | 's33'
  | 'u64'
  | 's64'
  | 'byte'
  | 'u16le'
  | 'u24le'
  | 'u32le'
  | 'u64le'
  | 'f32'
  | 'f64'
  | 'v128'
  | 'utf8'
  /** A value type (isa/types.ts). */
  | 'valtype'
  /** A heap type; a concrete one is a signed LEB128 of 33 bits. */
  | 'heaptype'
  /** An opcode byte, a prefix byte. */
  | 'opcode'
  /** The number behind a prefix, an unsigned LEB128. */
  | 'subopcode'
  /** A primitive type of the component model. */
  | 'primtype'
  | 'bytes';

/** The index spaces of a component that a module has not; `func` and `type` are the component's own where it is one. */
export type ComponentSpace =
  | `core ${'func' | 'table' | 'memory' | 'global' | 'tag' | 'type' | 'module' | 'instance'}`
  | 'value'
  | 'component'
  | 'instance';

/**
 * What a number stands for. The names of index spaces are indices into them; of an entry, the one that its index is of.
 */
export type Role =
  | NameSpace
  | ComponentSpace
  | 'local'
  | 'label'
  /** A field of the type that the field before names. */
  | 'field'
  | 'size'
  | 'count'
  | 'sectionId'
  | 'externKind'
  | 'alignment'
  | 'flags'
  /** An offset in the section of this name. */
  | `.debug_${string}`
  /** An offset in the unit of debugging information that it is in. */
  | 'unit'
  /** An offset in the code section, as debugging information has it. */
  | 'address'
  /** Indices into the unit's offsets of strings, and its addresses. */
  | 'strx'
  | 'addrx'
  /** A symbol of a linker's symbol table. */
  | 'symbol';

/**
 * Numbers and texts as they are; 64-bit integers as BigInt; f32 (a number), f64 and v128 (BigInts) by their bits, so that
 * nothing of a NaN is lost.
 */
export type Value = number | bigint | string;

export interface NodeFacts {
  /** Its index in an index space or in the list that it is in. */
  readonly index?: number;
  readonly form?: Form;
  readonly value?: Value;
  readonly role?: Role;
  readonly fault?: Fault;
}

/** What is inside a node, and what is wrong in there. */
export interface Inside {
  readonly nodes: readonly ByteNode[];
  readonly fault?: Fault;
}

const NONE: readonly ByteNode[] = Object.freeze([]);

/** What is wrong at the leaf at the end of a path: with it, or that what is missing should stand behind it. */
export function faultOfLeaf(path: readonly ByteNode[]): Fault | undefined {
  const leaf = path[path.length - 1];
  if (leaf.fault) return leaf.fault;
  const isCut = ({ fault, end }: ByteNode): boolean =>
    fault !== undefined && end === leaf.end && fault.offset !== undefined && fault.offset >= end;
  return path.findLast(isCut)?.fault;
}

export class ByteNode {
  readonly kind: NodeKind;
  /** What it is called where it stands: `export 3`, `memory index`, `i32.add`. */
  readonly label: string;
  /** Offsets in the file; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly index: number | undefined;
  readonly form: Form | undefined;
  readonly value: Value | undefined;
  readonly role: Role | undefined;
  readonly #load: (() => Inside) | undefined;
  #children: readonly ByteNode[] | undefined;
  #fault: Fault | undefined;

  constructor(
    kind: NodeKind,
    label: string,
    start: number,
    end: number,
    facts: NodeFacts = {},
    load?: () => Inside,
  ) {
    this.kind = kind;
    this.label = label;
    this.start = start;
    this.end = end;
    this.index = facts.index;
    this.form = facts.form;
    this.value = facts.value;
    this.role = facts.role;
    this.#fault = facts.fault;
    this.#load = load;
  }

  get isLeaf(): boolean {
    return this.#load === undefined;
  }

  /** In the order of their offsets, without gaps. Empty for a leaf. */
  get children(): readonly ByteNode[] {
    if (this.#children) return this.#children;
    if (!this.#load) return NONE;
    const { nodes, fault } = this.#load();
    this.#children = nodes;
    this.#fault ??= fault;
    return nodes;
  }

  /** What is wrong with it. Of a node with a size of its own it is known when its children are. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  get isOpen(): boolean {
    return this.#children !== undefined;
  }

  /** Forgets the children; they are made again when they are asked for. */
  close(): void {
    this.#children = undefined;
  }
}
