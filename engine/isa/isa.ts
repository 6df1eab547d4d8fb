/**
 * The derived view of the instruction table: what decoder, encoder, validator, text and editor read.
 *
 * Parses each row's type once and indexes the rows by wire code and by keyword. Owns nothing: a fact about an
 * instruction stands in its row (table.ts). Knows no bytes, no text and no typing rules. `Op` (op.gen.ts) has the
 * same wire codes as a const enum, for switches whose labels must be numeric literals.
 */

import type { Attrs, Feature, InstrCode, Row, Shape } from './row.ts';
import { TABLE } from './table.ts';
import { ADDR, parseType } from './type-text.ts';
import type { ValType } from './types.ts';

export { ADDR };

type TableRow = (typeof TABLE)[number];

/** Every keyword of an instruction. */
export type InstrName = TableRow[1];

/** Keywords of the instructions whose typing is a rule in valid/ (both rows of `select` share one). */
export type SpecialName = Extract<TableRow, readonly [number, string, string, 'special', ...unknown[]]>[1];

/** An instruction, with everything that its row says and implies. Frozen. */
export interface Instr {
  /** Wire code: the opcode byte, or `prefix << 12 | sub`. */
  readonly code: InstrCode;
  /** The keyword of the text format. Not unique: `select`, `ref.test` and `ref.cast` have two rows each. */
  readonly name: InstrName;
  /** The name in `Op`: unique. */
  readonly op: string;
  readonly shape: Shape;
  /** Operand types, the last one is on top of the stack; may hold ADDR. Empty if `special`. */
  readonly params: readonly ValType[];
  /** Result types; may hold ADDR. Empty if `special`. */
  readonly results: readonly ValType[];
  /** The type for people: `i32 i32 -> i32`, or `special`. */
  readonly typeText: string;
  /** Typed by a rule of valid/ rather than by `params` and `results`. */
  readonly special: boolean;
  /** What ADDR stands for in this row; undefined if its type has none. */
  readonly addr: 'memory' | 'table' | undefined;
  readonly feature: Feature;
  /** Bytes that a memory access reads or writes; 0 for other instructions. */
  readonly width: number;
  /** log2 of `width`: the largest alignment allowed, and the default one of the text format. */
  readonly naturalAlign: number;
  /** Atomic accesses: the alignment must be the natural one, not just at most that. */
  readonly exactAlign: boolean;
  /** How many lanes a lane immediate chooses from: it must be less. 0 for rows without one. */
  readonly lanes: number;
  /** The traps that it can raise, in the suite's wording. */
  readonly traps: readonly string[];
  /** May stand in a constant expression; `extended` ones came with the feature extended-const. */
  readonly constant: false | true | 'extended';
  /** Deprecated keywords of old texts. */
  readonly aliases: readonly string[];
  /** 0 for one-byte codes, else the prefix byte (0xfb … 0xfe). */
  readonly prefix: number;
  /** The opcode byte, or the sub-opcode behind the prefix. */
  readonly sub: number;
  /** The other row with the same keyword: select ↔ select t*, ref.test (ref t) ↔ (ref null t), ref.cast likewise. */
  readonly variant: Instr | undefined;
}

/** All instructions, in the order of the table (ascending codes). */
export const INSTRS: readonly Instr[] = derive();

const BY_PREFIX = indexCodes();
const BY_NAME = indexNames();
const DEPRECATED: ReadonlySet<string> = new Set(INSTRS.flatMap(({ aliases }) => aliases));

/** The instruction with this wire code (`opcode`, or `prefix << 12 | sub`). */
export function instrByCode(code: InstrCode): Instr | undefined {
  return BY_PREFIX[code >> 12]?.[code & 0xfff];
}

/**
 * The instruction behind a prefix byte. `sub` is the whole LEB128 number, so a sub-opcode of 0x1005 is not taken
 * for 5.
 */
export function instrByPrefix(prefix: number, sub: number): Instr | undefined {
  return BY_PREFIX[prefix]?.[sub];
}

/** The instruction with this keyword or deprecated keyword; of two rows the one with the lower code. */
export function instrByName(name: string): Instr | undefined {
  return BY_NAME.get(name);
}

/** True for keywords that were renamed before they became standard (`get_local`). */
export function isDeprecatedName(name: string): boolean {
  return DEPRECATED.has(name);
}

/** True for the bytes that start a two-part code: 0xfb, 0xfc, 0xfd, 0xfe. */
export function isPrefix(byte: number): boolean {
  return byte >= 0xfb && byte <= 0xfe;
}

function derive(): Instr[] {
  const byName = new Map<string, Mutable<Instr>>();
  const all = (TABLE as readonly Row[]).map((row) => {
    const instr = fromRow(row);
    const other = byName.get(instr.name);
    if (other) {
      other.variant = instr;
      instr.variant = other;
    } else {
      byName.set(instr.name, instr);
    }
    return instr;
  });
  return all.map((instr) => Object.freeze(instr));
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function fromRow([code, name, shape, type, attrs = {}]: Row): Mutable<Instr> {
  const prefix = code >> 12;
  const [params, results] = parseType(type);
  const hasAddr = params.includes(ADDR) || results.includes(ADDR);
  const width = attrs.width ?? 0;
  return {
    code,
    name: name as InstrName,
    op: attrs.op ?? name.replaceAll('.', '_'),
    shape,
    params,
    results,
    typeText: type,
    special: type === 'special',
    addr: hasAddr ? addrSpace(shape) : undefined,
    feature: attrs.feature ?? 'mvp',
    width,
    naturalAlign: width ? 31 - Math.clz32(width) : 0,
    exactAlign: attrs.feature === 'threads' && width > 0,
    lanes: lanesOf(shape, name, width),
    traps: trapsOf(shape, attrs),
    constant: attrs.constant ?? false,
    aliases: attrs.aliases ?? [],
    prefix,
    sub: code & 0xfff,
    variant: undefined,
  };
}

function addrSpace(shape: Shape): 'memory' | 'table' {
  return shape === 'table' || shape === 'elemTable' || shape === 'tableType' ? 'table' : 'memory';
}

/** A shuffle chooses from two vectors; `i8x16.extract_lane_s` says its count in its name. */
function lanesOf(shape: Shape, name: string, width: number): number {
  if (shape === 'lanes') return 32;
  if (shape === 'memargLane') return 16 / width;
  return shape === 'lane' ? Number(name.slice(name.indexOf('x') + 1, name.indexOf('.'))) : 0;
}

/** Every access through a memarg can leave the memory, and an atomic one can be misaligned: rows need not say it. */
function trapsOf(shape: Shape, { traps = [], width = 1, feature }: Attrs): readonly string[] {
  if (shape !== 'memarg' && shape !== 'memargLane') return traps;
  const access = ['out of bounds memory access'];
  if (feature === 'threads' && width > 1) access.unshift('unaligned atomic');
  return [...access, ...traps];
}

/** By prefix, then by sub-opcode, without holes: an array with holes is a slow one. */
function indexCodes(): readonly (readonly (Instr | undefined)[])[] {
  const tables: (Instr | undefined)[][] = Array.from({ length: 0x100 }, () => []);
  for (const instr of INSTRS) {
    const table = tables[instr.prefix]!;
    while (table.length < instr.sub) table.push(undefined);
    if (table.length > instr.sub) throw new Error(`instruction table: ${instr.op} is out of order`);
    table.push(instr);
  }
  return tables;
}

function indexNames(): ReadonlyMap<string, Instr> {
  const names = new Map<string, Instr>();
  for (const instr of INSTRS) {
    if (!names.has(instr.name)) names.set(instr.name, instr);
    for (const alias of instr.aliases) names.set(alias, instr);
  }
  return names;
}
