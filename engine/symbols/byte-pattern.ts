/**
 * What is looked for in a binary: bytes with gaps, and instructions that follow each other.
 *
 * Bytes: `00 61 ?? 6d`; a `?` is any four bits. Instructions: keywords with as many of their immediates as matter, in the
 * order of the binary; `…` or `...` for any instructions in between, `*` in a keyword for any letters, `_` for any
 * immediate: `i32.const 65536 … memory.grow`, `i32.load* _ offset=8`. Items by index or by `$name`.
 */

import { type Parsed, parseFloat32, parseFloat64, printFloat32 } from '../base/numbers.ts';
import type { InstrReader } from '../binary/instr.ts';
import { INSTRS, type Instr, instrByName } from '../isa/isa.ts';
import type { Shape } from '../isa/row.ts';
import { BOT, heapName, typeName } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import type { NameSpace } from '../module/names.ts';

/** Bytes to compare, each with the bits that count. */
export interface BytePattern {
  readonly values: Uint8Array;
  readonly masks: Uint8Array;
}

/** Throws an Error for people if it is none. */
export function parseBytePattern(text: string): BytePattern {
  const digits = text.replace(/0x|[\s,_]+/gi, '');
  const wrong = /[^\da-f?]/i.exec(digits);
  if (wrong) throw new Error(`'${wrong[0]}' is no hexadecimal digit: bytes look like 00 61 ?? 6d`);
  if (digits.length === 0) throw new Error('there are no bytes to look for');
  if (digits.length % 2 === 1) throw new Error('half a byte is missing: each byte has two digits');
  if (!/[^?]/.test(digits)) throw new Error('?? alone is everywhere');
  const pairs = digits.match(/../g)!;
  return {
    values: Uint8Array.from(pairs, (pair) => Number.parseInt(pair.replaceAll('?', '0'), 16)),
    masks: Uint8Array.from(pairs, ([high, low]) => (high === '?' ? 0 : 0xf0) | (low === '?' ? 0 : 0x0f)),
  };
}

/** The bytes of a text; `anyCase`: ASCII letters match in both cases. */
export function textPattern(bytes: Uint8Array, anyCase: boolean): BytePattern {
  if (bytes.length === 0) throw new Error('there is no text to look for');
  const isLetter = (byte: number) => /[A-Za-z]/.test(String.fromCharCode(byte));
  const masks = bytes.map((byte) => (anyCase && isLetter(byte) ? 0xdf : 0xff));
  return { values: bytes.map((byte, i) => byte & masks[i]), masks };
}

export interface InstrPattern {
  /** Wire codes that match. */
  readonly codes: ReadonlySet<number>;
  readonly immediates: readonly Wanted[];
}

/** An immediate as it was written. */
export interface Wanted {
  readonly text: string;
  /** If it is an integer. */
  readonly integer?: bigint;
}

/** Runs of instructions that follow each other; between two runs there may be any. */
export type InstrSequence = readonly (readonly InstrPattern[])[];

/** Throws an Error for people if it is none. */
export function parseInstrSequence(text: string): InstrSequence {
  const runs: InstrPattern[][] = [[]];
  const spaced = text.replace(/\.\.\.|…/g, ' … ').replace(/\((?:result|type|param)\s([^()]*)\)/g, ' $1 ');
  const words = spaced.match(/\([^()]*\)|[^\s,;()]+/g) ?? [];
  let last: { immediates: Wanted[] } | undefined;
  for (const word of words) {
    if (word === '…') {
      if (runs.at(-1)!.length > 0) runs.push([]);
      last = undefined;
      continue;
    }
    const codes = codesOf(word);
    if (codes) {
      const instr = { codes, immediates: [] };
      runs.at(-1)!.push(instr);
      last = instr;
    } else if (last) last.immediates.push({ text: word, integer: integerOf(word) });
    else throw new Error(`'${word}' is no instruction`);
  }
  if (runs.at(-1)!.length === 0) runs.pop();
  if (runs.length === 0) throw new Error('there are no instructions to look for');
  return runs;
}

function codesOf(word: string): ReadonlySet<number> | undefined {
  if (/^[a-z][\w.]*\*[\w.*]*$/.test(word)) {
    const pattern = new RegExp(`^${word.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
    const codes = INSTRS.filter(({ name }) => pattern.test(name)).map(({ code }) => code);
    if (codes.length === 0) throw new Error(`no instruction is called ${word}`);
    return new Set(codes);
  }
  const instr = instrByName(word);
  return instr && new Set([instr.code, ...(instr.variant ? [instr.variant.code] : [])]);
}

/** Where names lead in one function. */
export interface NameScope {
  readonly module: Module | undefined;
  readonly funcIdx: number | undefined;
}

/** True if the instruction that `reader` has read is what the pattern says. */
export function matches(
  { codes, immediates }: InstrPattern,
  reader: InstrReader,
  instr: Instr | undefined,
  scope: NameScope,
): boolean {
  if (!codes.has(reader.code)) return false;
  if (immediates.length === 0) return true;
  if (!instr) return false;
  const actual = immediatesOf(reader, instr, scope);
  return immediates.every((wanted, i) => wanted.text === '_' || (i < actual.length && actual[i](wanted)));
}

type Immediate = (wanted: Wanted) => boolean;

function immediatesOf(reader: InstrReader, { shape }: Instr, scope: NameScope): readonly Immediate[] {
  const spaces = SPACES[shape];
  if (spaces) return spaces.map((space, i) => isIndex(i === 0 ? reader.a : reader.b, space, scope));
  const { a, b, c, lo, hi, list } = reader;
  switch (shape) {
    case 'i32':
      return [isInteger(BigInt(lo), 32)];
    case 'i64':
      return [isInteger((BigInt(hi) << 32n) | BigInt(lo >>> 0), 64)];
    case 'f32':
      return [({ text }) => text === printFloat32(lo) || isSame(parseFloat32(text), (bits) => bits === lo)];
    case 'f64':
      return [({ text }) => isSame(parseFloat64(text), (bits) => bits.lo === lo && bits.hi === hi)];
    case 'labels':
      return list.map((label) => isNumber(label));
    case 'types':
      return list.map((type) => isWord(typeName(type)));
    case 'heap':
      return [isWord(heapName(a))];
    case 'refType':
      return [isWord(typeName(a))];
    case 'castBranch':
      return [isNumber(a), isWord(typeName(b)), isWord(typeName(c))];
    case 'block':
    case 'catches':
      if (reader.blockTypeIdx >= 0) return [isIndex(reader.blockTypeIdx, 'type', scope)];
      return reader.blockType === BOT ? [] : [isWord(typeName(reader.blockType))];
    case 'memarg':
    case 'memargLane': {
      const words: Immediate[] = [
        ({ text }) => text === `offset=${reader.memOffset}`,
        ({ text }) => text === `align=${2 ** b}`,
        isIndex(a, 'memory', scope),
        isNumber(c),
      ];
      // They are told apart by how they are written, so each may stand anywhere.
      return words.map(() => (wanted: Wanted) => words.some((word) => word(wanted)));
    }
    case 'lane':
      return [isNumber(a)];
    case 'lanes':
      return Array.from(reader.lanes, (lane) => isNumber(lane));
    case 'v128':
      return Array.from(reader.v, (word) => isInteger(BigInt(word), 32));
    default:
      return [];
  }
}

/** What the one or two indices of these shapes are. */
const SPACES: Partial<Record<Shape, readonly (NameSpace | 'local' | 'number')[]>> = {
  label: ['number'],
  func: ['func'],
  local: ['local'],
  global: ['global'],
  table: ['table'],
  memory: ['memory'],
  tag: ['tag'],
  type: ['type'],
  elem: ['elem'],
  data: ['data'],
  tableType: ['type', 'table'],
  elemTable: ['elem', 'table'],
  dataMemory: ['data', 'memory'],
  tables: ['table', 'table'],
  memories: ['memory', 'memory'],
  typeField: ['type', 'number'],
  typeSize: ['type', 'number'],
  typeData: ['type', 'data'],
  typeElem: ['type', 'elem'],
  typeType: ['type', 'type'],
};

function isIndex(
  idx: number,
  space: NameSpace | 'local' | 'number',
  { module, funcIdx }: NameScope,
): Immediate {
  return ({ text, integer }) => {
    if (!text.startsWith('$')) return integer === BigInt(idx);
    const name = text.slice(1);
    if (!module || space === 'number') return false;
    if (space === 'local') return funcIdx !== undefined && module.names.local(funcIdx, idx) === name;
    return module.names.of(space, idx) === name;
  };
}

function isNumber(value: number): Immediate {
  return ({ integer }) => integer === BigInt(value);
}

/** Signed or unsigned: the same bits. */
function isInteger(value: bigint, bits: number): Immediate {
  return ({ integer }) =>
    integer !== undefined && BigInt.asUintN(bits, integer) === BigInt.asUintN(bits, value);
}

function isSame<T>(parsed: Parsed<T>, is: (value: T) => boolean): boolean {
  return parsed.ok && is(parsed.value);
}

function isWord(word: string): Immediate {
  return ({ text }) => text === word;
}

function integerOf(text: string): bigint | undefined {
  const parts = /^([+-]?)(0x[\da-f]+(?:_[\da-f]+)*|\d+(?:_\d+)*)$/i.exec(text);
  if (!parts) return undefined;
  const size = BigInt(parts[2].replaceAll('_', ''));
  return parts[1] === '-' ? -size : size;
}
