/**
 * What the bytes of debugging information mean: names of numbers, texts and entries that offsets lead to, functions at
 * addresses, and the row that a line program has come to at an opcode.
 *
 * Read off the byte structure. An address is an offset in the code section's content (tool conventions, Debugging.md).
 */

import { ByteReader } from '../base/reader.ts';
import { tryDecodeUtf8 } from '../base/utf8.ts';
import { SECTION } from '../binary/sections.ts';
import { dwarfName } from '../binary/structure/dwarf/names.ts';
import type { ByteNode, Role } from '../binary/structure/node.ts';
import { faultOf } from '../binary/structure/walker.ts';
import { quoted } from './byte-value.ts';

/** What a leaf of a section whose name begins with `.debug_` means, a line each. */
export function dwarfMeaning(
  path: readonly ByteNode[],
  leaf: ByteNode,
  bytes: Uint8Array,
): readonly string[] {
  const n = Number(leaf.value);
  const named = numberName(path, leaf, n);
  if (named !== undefined) return [named];
  const row = lineRow(path, leaf, bytes);
  if (row !== undefined) return [row];
  const { role } = leaf;
  if (role === 'address') {
    const place = addressText(path[0], n);
    return place === undefined ? [] : [place];
  }
  if (role === 'addrx') {
    const at = indexed(path, '.debug_addr', 'DW_AT_addr_base', n);
    const address = at === undefined ? undefined : u32At(bytes, at);
    return address === undefined
      ? []
      : [addressText(path[0], address) ?? `address 0x${address.toString(16)}`];
  }
  if (role === 'strx') {
    const at = indexed(path, '.debug_str_offsets', 'DW_AT_str_offsets_base', n);
    const string = at === undefined ? undefined : u32At(bytes, at);
    return string === undefined ? [] : textAt(path, '.debug_str', string, bytes);
  }
  if (role === '.debug_str' || role === '.debug_line_str') return textAt(path, role, n, bytes);
  const target = debugTarget(path, leaf);
  return target ? [targetText(target)] : [];
}

/** Where the entry of a table is that has an index; four bytes each. */
function indexed(path: readonly ByteNode[], role: Role, base: string, n: number): number | undefined {
  const section = sectionOfRole(path, role);
  const first = unitOf(path)?.children.find(({ kind }) => kind === 'entry');
  const from = first?.children.find(({ label }) => label === base)?.value ?? 8;
  return section && contentStart(section) + Number(from) + 4 * n;
}

function u32At(bytes: Uint8Array, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined;
  return new ByteReader(bytes, at).f32() >>> 0;
}

/** A text that ends with a zero byte; it may begin inside of a longer one. */
function textAt(path: readonly ByteNode[], role: Role, n: number, bytes: Uint8Array): readonly string[] {
  const section = sectionOfRole(path, role);
  if (!section) return [];
  const start = contentStart(section) + n;
  const zero = bytes.indexOf(0, start);
  if (zero < start || zero >= section.end) return [];
  const text = tryDecodeUtf8(bytes.subarray(start, Math.min(zero, start + SHOWN)));
  return text === undefined ? [] : [quoted(text)];
}

/** Bytes of a text that are shown. */
const SHOWN = 256;

function numberName(path: readonly ByteNode[], { label }: ByteNode, n: number): string | undefined {
  switch (label) {
    case 'tag':
      return dwarfName('TAG', n);
    case 'attribute':
      return n === 0 ? 'end of the attributes' : dwarfName('AT', n);
    case 'form':
      return n === 0 ? undefined : dwarfName('FORM', n);
    case 'index attribute':
      return n === 0 ? 'end of the attributes' : dwarfName('IDX', n);
    case 'unit type':
      return dwarfName('UT', n);
    case 'content':
      return dwarfName('LNCT', n);
    case 'operation': {
      const name = path[path.length - 2]?.label;
      return name === 'DW_CFA_offset' ? `${name}, register ${n & 0x3f}` : name;
    }
    case 'DW_AT_encoding':
      return dwarfName('ATE', n);
    case 'DW_AT_language':
      return dwarfName('LANG', n);
    case 'kind of place':
      return ['a local', 'a global', 'an operand of the stack', 'a global', 'an indirect local'][n];
    case 'kind of entry':
    case 'abbreviation code':
      return path[path.length - 2]?.label;
    // The lower six bits of the opcode are an operand.
    case 'DW_CFA_advance_loc':
      return `${n & 0x3f} further`;
    case 'DW_CFA_restore':
      return `register ${n & 0x3f}`;
    case 'has children':
      return n === 0 ? 'no' : 'yes';
    default:
      return undefined;
  }
}

/** The section of a file that is called so. */
export function sectionNamed(file: ByteNode, name: string): ByteNode | undefined {
  return file.children.find(({ kind, value }) => kind === 'section' && value === name);
}

/** Where the content of a custom section begins: behind its name. */
function contentStart(section: ByteNode): number {
  return section.children.find(({ label }) => label === 'section name')?.end ?? section.end;
}

/** From a node down to what begins at, or has the byte at, an offset; whole items rather than their fields. */
function itemAt(node: ByteNode, offset: number): ByteNode | undefined {
  let found: ByteNode | undefined;
  let inside: ByteNode | undefined = node;
  while (inside && !inside.isLeaf) {
    inside = inside.children.find(({ start, end }) => start <= offset && offset < end);
    if (inside?.kind === 'entry' || (inside?.isLeaf && inside.start === offset)) found = inside;
    if (inside?.start === offset && inside.kind === 'entry') return inside;
  }
  return found;
}

/** What an offset of debugging information leads to; undefined if it is none, or leads nowhere. */
export function debugTarget(path: readonly ByteNode[], { role, value }: ByteNode): ByteNode | undefined {
  const within = role === 'unit' ? unitOf(path) : sectionOfRole(path, role);
  const offset = debugOffset(path, role, Number(value));
  return within && offset !== undefined ? itemAt(within, offset) : undefined;
}

/** The byte of the file that an offset of debugging information is. */
export function debugOffset(
  path: readonly ByteNode[],
  role: Role | undefined,
  n: number,
): number | undefined {
  if (role === 'unit') {
    const unit = unitOf(path);
    return unit && unit.start + n;
  }
  const section = sectionOfRole(path, role);
  return section && contentStart(section) + n;
}

function unitOf(path: readonly ByteNode[]): ByteNode | undefined {
  return path.find(({ kind, label }) => kind === 'entry' && /^(type )?unit$/.test(label));
}

function sectionOfRole(path: readonly ByteNode[], role: Role | undefined): ByteNode | undefined {
  if (!role?.startsWith('.debug_')) return undefined;
  const own = String(path.find(({ kind }) => kind === 'section')?.value);
  return sectionNamed(path[0], own.endsWith('.dwo') ? `${role}.dwo` : role);
}

function targetText({ label, start }: ByteNode): string {
  return `${label} at 0x${start.toString(16)}`;
}

/** The function that an address is in; undefined if it is in none. */
export function addressText(file: ByteNode, address: number): string | undefined {
  const func = funcAtAddress(file, address);
  if (!func) return undefined;
  const at = codeStart(file)! + address;
  return `func ${func.index} + 0x${(at - func.start).toString(16)}, at 0x${at.toString(16)}`;
}

/** The function whose code entry has an address. */
export function funcAtAddress(file: ByteNode, address: number): ByteNode | undefined {
  const start = codeStart(file);
  if (start === undefined) return undefined;
  const code = file.children.find(({ kind, index }) => kind === 'section' && index === SECTION.code)!;
  let node: ByteNode | undefined = code;
  while (node && node.kind !== 'func') {
    node = node.isLeaf ? undefined : node.children.find(({ end }) => end > start + address);
  }
  return node && node.start <= start + address ? node : undefined;
}

/** Where addresses count from. */
function codeStart(file: ByteNode): number | undefined {
  const code = file.children.find(({ kind, index }) => kind === 'section' && index === SECTION.code);
  return code?.children.find(({ label }) => label === 'size')?.end;
}

/** The registers of a line program. */
interface Row {
  address: number;
  file: number;
  line: number;
  column: number;
}

const FIRST_ROW: Readonly<Row> = { address: 0, file: 1, line: 1, column: 0 };

/** Of a sequence, the row in front of the opcode that was asked about last: listings ask about one after the other. */
const LAST_ROW = new WeakMap<ByteNode, { readonly pos: number; readonly row: Readonly<Row> }>();

/** The row that the program has come to behind the opcode at the end of a path; undefined elsewhere. */
function lineRow(path: readonly ByteNode[], leaf: ByteNode, bytes: Uint8Array): string | undefined {
  const sequence = path.find(({ label }) => label === 'sequence');
  const isOpcode =
    leaf.label === 'special opcode' || leaf.label === 'opcode' || leaf.label.startsWith('DW_LNS_');
  if (!sequence || !isOpcode) return undefined;
  const unit = path[path.indexOf(sequence) - 1];
  const fields = new Map(unit.children.map(({ label, value }) => [label, Number(value)]));
  const field = (label: string): number => fields.get(label) ?? 0;
  const lengths = unit.children
    .filter(({ label }) => label.startsWith('operands of '))
    .map(({ value }) => Number(value));
  const known = LAST_ROW.get(sequence);
  const from = known && known.pos <= leaf.start ? known : { pos: sequence.start, row: FIRST_ROW };
  const r = new ByteReader(bytes, from.pos, sequence.end);
  const row: Row = { ...from.row };
  const header = {
    unitOfCode: field('minimum length of an instruction'),
    base: (field('line base') << 24) >> 24,
    range: Math.max(1, field('line range')),
    opcodeBase: field('opcode base'),
    lengths,
  };
  const fault = faultOf(() => {
    let before = { pos: r.pos, row: { ...row } };
    while (r.pos <= leaf.start) {
      before = { pos: r.pos, row: { ...row } };
      runOpcode(r, row, header);
    }
    LAST_ROW.set(sequence, before);
  });
  if (fault) return undefined;
  const place = addressText(path[0], row.address);
  const what = `address 0x${row.address.toString(16)}, file ${row.file}, line ${row.line}, column ${row.column}`;
  return place === undefined ? what : `${what} (${place})`;
}

interface LineHeader {
  readonly unitOfCode: number;
  readonly base: number;
  readonly range: number;
  readonly opcodeBase: number;
  readonly lengths: readonly number[];
}

function runOpcode(
  r: ByteReader,
  row: Row,
  { unitOfCode, base, range, opcodeBase, lengths }: LineHeader,
): void {
  const code = r.u8();
  if (code >= opcodeBase) {
    const adjusted = code - opcodeBase;
    row.address += Math.floor(adjusted / range) * unitOfCode;
    row.line += base + (adjusted % range);
    return;
  }
  switch (code) {
    case 0: {
      const n = r.length();
      const end = r.pos + n;
      if (n > 4 && r.u8() === 2) row.address = r.f32() >>> 0;
      r.pos = end;
      break;
    }
    case 2:
      row.address += r.u64Number() * unitOfCode;
      break;
    case 3:
      row.line += Number(r.s64());
      break;
    case 4:
      row.file = r.u64Number();
      break;
    case 5:
      row.column = r.u64Number();
      break;
    case 8:
      row.address += Math.floor((255 - opcodeBase) / range) * unitOfCode;
      break;
    case 9:
      row.address += r.u8() | (r.u8() << 8);
      break;
    default:
      for (let n = lengths[code - 1] ?? 0; n > 0; n--) r.u64Number();
  }
}
