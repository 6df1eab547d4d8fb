/**
 * Values of DWARF's attributes by their forms (DWARF 5, 7.5.6), and location expressions (7.7).
 */

import { malformed } from '../../../base/errors.ts';
import type { Role } from '../node.ts';
import type { Walker } from '../walker.ts';
import { dwarfName } from './names.ts';

/** What a unit's header says about how its values are written. */
export interface UnitShape {
  readonly version: number;
  /** Offsets into other sections have eight bytes. */
  readonly wide: boolean;
  readonly addressSize: number;
}

export const FORM = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  refAddr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  refUdata: 0x15,
  indirect: 0x16,
  secOffset: 0x17,
  exprloc: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  refSig8: 0x20,
  implicitConst: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
  gnuAddrIndex: 0x1f01,
  gnuStrIndex: 0x1f02,
  gnuRefAlt: 0x1f20,
  gnuStrpAlt: 0x1f21,
} as const;

/** A place in another section: four bytes or eight. */
export function offset(w: Walker, label: string, wide: boolean, role?: Role): number {
  return wide ? w.u64le(label, role) : w.u32le(label, role);
}

/** An address of the target. */
export function address(w: Walker, label: string, size: number): number {
  switch (size) {
    case 1:
      return w.byte(label, 'address');
    case 2:
      return w.u16le(label, 'address');
    case 4:
      return w.u32le(label, 'address');
    case 8:
      return w.u64le(label, 'address');
    default:
      malformed(w.pos, `malformed address size: ${size}`);
  }
}

/** A text that ends with a zero byte. */
export function zeroString(w: Walker, label: string): void {
  const { r } = w;
  const zero = r.bytes.indexOf(0, r.pos);
  if (zero < 0 || zero >= r.end) r.unexpectedEnd();
  w.text(label, zero - r.pos);
  w.byte('zero byte');
}

const ADDRESS_INDICES: ReadonlySet<number> = new Set([
  FORM.addrx,
  FORM.addrx1,
  FORM.addrx2,
  FORM.addrx3,
  FORM.addrx4,
  FORM.gnuAddrIndex,
]);

function indexOf(form: number): Role {
  return ADDRESS_INDICES.has(form) ? 'addrx' : 'strx';
}

/** The section that an attribute's offset is one of; undefined for one that is a number, or not known. */
function sectionOf(label: string, { version }: UnitShape): Role | undefined {
  switch (label) {
    case 'DW_AT_stmt_list':
      return '.debug_line';
    case 'DW_AT_ranges':
      return version >= 5 ? '.debug_rnglists' : '.debug_ranges';
    case 'DW_AT_location':
    case 'DW_AT_frame_base':
    case 'DW_AT_data_member_location':
      return version >= 5 ? '.debug_loclists' : '.debug_loc';
    case 'DW_AT_str_offsets_base':
      return '.debug_str_offsets';
    case 'DW_AT_addr_base':
      return '.debug_addr';
    case 'DW_AT_rnglists_base':
      return '.debug_rnglists';
    case 'DW_AT_loclists_base':
      return '.debug_loclists';
    default:
      return undefined;
  }
}

/** The value of an attribute. `isLocation`: a block is an expression, as before DWARF 4. */
export function formValue(
  w: Walker,
  form: number,
  label: string,
  unit: UnitShape,
  isLocation: boolean,
): void {
  switch (form) {
    case FORM.addr:
      address(w, label, unit.addressSize);
      break;
    case FORM.block1:
      block(w, label, w.byte('length', 'size'), isLocation, unit);
      break;
    case FORM.block2:
      block(w, label, w.u16le('length'), isLocation, unit);
      break;
    case FORM.block4:
      block(w, label, w.u32le('length', 'size'), isLocation, unit);
      break;
    case FORM.block:
      block(w, label, w.size('length'), isLocation, unit);
      break;
    case FORM.exprloc:
      block(w, label, w.size('length'), true, unit);
      break;
    case FORM.ref1:
      w.byte(label, 'unit');
      break;
    case FORM.ref2:
      w.u16le(label, 'unit');
      break;
    case FORM.ref4:
      w.u32le(label, 'unit');
      break;
    case FORM.ref8:
      w.u64le(label, 'unit');
      break;
    case FORM.refUdata:
      w.u64(label, 'unit');
      break;
    case FORM.data1:
    case FORM.flag:
      w.byte(label);
      break;
    case FORM.data2:
      w.u16le(label);
      break;
    case FORM.strx1:
    case FORM.addrx1:
      w.byte(label, indexOf(form));
      break;
    case FORM.strx2:
    case FORM.addrx2:
      w.u16le(label, indexOf(form));
      break;
    case FORM.strx3:
    case FORM.addrx3:
      w.u24le(label, indexOf(form));
      break;
    case FORM.strx4:
    case FORM.addrx4:
      w.u32le(label, indexOf(form));
      break;
    case FORM.strx:
    case FORM.addrx:
    case FORM.gnuAddrIndex:
    case FORM.gnuStrIndex:
      w.u64(label, indexOf(form));
      break;
    case FORM.data4:
    case FORM.refSup4:
      w.u32le(label, form === FORM.data4 && unit.version < 4 ? sectionOf(label, unit) : undefined);
      break;
    case FORM.data8:
    case FORM.refSig8:
    case FORM.refSup8:
      w.u64le(label);
      break;
    case FORM.data16:
      w.v128(label);
      break;
    case FORM.string:
      zeroString(w, label);
      break;
    case FORM.sdata:
      w.s64(label);
      break;
    case FORM.udata:
    case FORM.loclistx:
    case FORM.rnglistx:
      w.u64(label);
      break;
    case FORM.refAddr:
      if (unit.version < 3) address(w, label, unit.addressSize);
      else offset(w, label, unit.wide, '.debug_info');
      break;
    case FORM.strp:
      offset(w, label, unit.wide, '.debug_str');
      break;
    case FORM.lineStrp:
      offset(w, label, unit.wide, '.debug_line_str');
      break;
    case FORM.secOffset:
      offset(w, label, unit.wide, sectionOf(label, unit));
      break;
    case FORM.strpSup:
    case FORM.gnuRefAlt:
    case FORM.gnuStrpAlt:
      offset(w, label, unit.wide);
      break;
    case FORM.indirect:
      formValue(w, w.u32('form'), label, unit, isLocation);
      break;
    case FORM.flagPresent:
    case FORM.implicitConst:
      break;
    default:
      malformed(w.pos, `malformed form: ${dwarfName('FORM', form)}`);
  }
}

function block(w: Walker, label: string, n: number, isLocation: boolean, unit: UnitShape): void {
  if (isLocation) expressionOf(w, label, n, unit);
  else w.bytes(label, n);
}

/** An expression of `n` bytes. */
export function expressionOf(w: Walker, label: string, n: number, unit: UnitShape): void {
  const { r } = w;
  if (n > r.left) r.unexpectedEnd();
  w.sized('entry', label, r.pos + n, (inner) => expression(inner, unit));
}

/** A length and an expression of that many bytes. */
export function sizedExpression(w: Walker, label: string, unit: UnitShape): void {
  block(w, label, w.size('length'), true, unit);
}

/** Operations, until the bytes end. */
export function expression(w: Walker, unit: UnitShape): void {
  while (!w.atEnd) {
    w.group('entry', dwarfName('OP', w.r.peek()), (one) => operation(one, unit));
  }
}

function operation(w: Walker, unit: UnitShape): void {
  const start = w.pos;
  const code = w.byte('operation');
  if (code >= 0x30 && code < 0x70) return;
  if (code >= 0x70 && code < 0x90) {
    w.s64('offset');
    return;
  }
  const operands = OPERANDS[code];
  if (operands === undefined) malformed(start, `malformed operation: ${dwarfName('OP', code)}`);
  for (const letter of operands) operand(w, letter, unit);
}

/**
 * Operands by operation. a: address; 1 2 4 8: unsigned of that size, s: of that size and signed (one letter before it is
 * not needed: signs do not change where they end); u: ULEB128; i: SLEB128; o: offset; b: length in a byte and bytes;
 * B: length and bytes; x: length and an expression; w: a place of WebAssembly.
 */
const OPERANDS: Readonly<Record<number, string>> = {
  3: 'a',
  6: '',
  8: '1',
  9: '1',
  10: '2',
  11: '2',
  12: '4',
  13: '4',
  14: '8',
  15: '8',
  16: 'u',
  17: 'i',
  ...Object.fromEntries(Array.from({ length: 0x2f - 0x12 + 1 }, (_, i) => [0x12 + i, ''])),
  21: '1',
  35: 'u',
  40: '2',
  47: '2',
  144: 'u',
  145: 'i',
  146: 'ui',
  147: 'u',
  148: '1',
  149: '1',
  150: '',
  151: '',
  152: '2',
  153: '4',
  154: 'o',
  155: '',
  156: '',
  157: 'uu',
  158: 'B',
  159: '',
  160: 'oi',
  161: 'u',
  162: 'u',
  163: 'x',
  164: 'ub',
  165: 'uu',
  166: '1u',
  167: '1u',
  168: 'u',
  169: 'u',
  224: '',
  237: 'w',
  240: '',
  243: 'x',
};

/** An operand by its letter (OPERANDS). */
export function operand(w: Walker, letter: string, unit: UnitShape): void {
  switch (letter) {
    case 'a':
      address(w, 'address', unit.addressSize);
      break;
    case '1':
      w.byte('operand');
      break;
    case '2':
      w.u16le('operand');
      break;
    case '4':
      w.u32le('operand');
      break;
    case '8':
      w.u64le('operand');
      break;
    case 'u':
      w.u64('operand');
      break;
    case 'i':
      w.s64('operand');
      break;
    case 'o':
      offset(w, 'offset', unit.wide);
      break;
    case 'b':
      w.bytes('value', w.byte('length', 'size'));
      break;
    case 'B':
      w.bytes('value', w.size('length'));
      break;
    case 'x':
      sizedExpression(w, 'expression', unit);
      break;
    default:
      place(w);
  }
}

/** A local, a global, or a slot of the operand stack (tool conventions, Debugging.md and LLVM). */
function place(w: Walker): void {
  const start = w.pos;
  const kind = w.byte('kind of place');
  if (kind > 4) malformed(start, `malformed kind of place: ${kind}`);
  if (kind === 3) w.u32le('index');
  else w.u32('index');
}
