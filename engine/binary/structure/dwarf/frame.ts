/**
 * Call frame information, `.debug_frame` (DWARF 5, 6.4): what is common to many functions, and how the frame of each is found.
 */

import { malformed } from '../../../base/errors.ts';
import { ByteReader } from '../../../base/reader.ts';
import type { Walker } from '../walker.ts';
import { faultOf } from '../walker.ts';
import { address, offset, operand, type UnitShape, zeroString } from './forms.ts';
import { dwarfName } from './names.ts';
import { unitLength, units } from './units.ts';

/** In place of an offset, in what is common. */
const COMMON = 0xffff_ffff;

const OF_MANY = 'common information';
const OF_ONE = 'frames of a function';

/** The whole section. */
export function frames(w: Walker): void {
  const base = w.pos;
  units(
    w,
    (r, wide) => (isOfMany(r, wide) ? OF_MANY : OF_ONE),
    (unit) => {
      const start = unit.pos;
      const wide = unitLength(unit);
      const isCommon = isOfMany(unit.r, wide);
      if (isCommon) common(unit, wide);
      else ofFunction(unit, wide, base, start);
    },
  );
}

/** Moves nothing, and reads nothing behind the end. */
function isOfMany({ bytes, pos, end }: ByteReader, wide: boolean): boolean {
  const size = wide ? 8 : 4;
  return pos + size <= end && bytes.subarray(pos, pos + size).every((byte) => byte === 0xff);
}

function common(w: Walker, wide: boolean): void {
  offset(w, 'mark of common information', wide);
  const version = w.byte('version');
  zeroString(w, 'augmentation');
  let addressSize = 4;
  if (version >= 4) {
    const at = w.pos;
    addressSize = w.byte('address size');
    if (addressSize !== 4 && addressSize !== 8) malformed(at, `malformed address size: ${addressSize}`);
    w.byte('segment selector size');
  }
  w.u64('code alignment');
  w.s64('data alignment');
  if (version === 1) w.byte('register of the return address');
  else w.u64('register of the return address');
  instructions(w, { version, wide, addressSize });
}

function ofFunction(w: Walker, wide: boolean, base: number, start: number): void {
  const at = offset(w, 'offset of the common information', wide, '.debug_frame');
  const unit = shapeOf(w.r.bytes, base + at, start, wide);
  address(w, 'first address', unit.addressSize);
  if (unit.addressSize === 8) w.u64le('length');
  else w.u32le('length');
  instructions(w, unit);
}

/** What the common information at an offset in front of `limit` says about sizes. */
function shapeOf(bytes: Uint8Array, at: number, limit: number, wide: boolean): UnitShape {
  let addressSize = 4;
  let version = 1;
  faultOf(() => {
    const r = new ByteReader(bytes, Math.min(at, limit), limit);
    r.skip(r.f32() >>> 0 === COMMON ? 16 : 4);
    version = r.u8();
    if (version < 4) return;
    while (r.u8() !== 0);
    if (r.u8() === 8) addressSize = 8;
  });
  return { version, wide, addressSize };
}

function instructions(w: Walker, unit: UnitShape): void {
  while (!w.atEnd) {
    const code = w.r.peek();
    const name = dwarfName('CFA', code & 0xc0 || code);
    const letters = OPERANDS[code & 0xc0 || code];
    if (letters === undefined) malformed(w.pos, `malformed frame instruction: ${name}`);
    if (letters === '') w.byte(name);
    else {
      w.group('entry', name, (one) => {
        one.byte('operation');
        for (const letter of letters) operand(one, letter, unit);
      });
    }
  }
}

/** Operands by operation, as in expressions: u and i LEB128, a an address, 1 2 4 bytes, x a length and an expression. */
const OPERANDS: Readonly<Record<number, string>> = {
  0: '',
  1: 'a',
  2: '1',
  3: '2',
  4: '4',
  5: 'uu',
  6: 'u',
  7: 'u',
  8: 'u',
  9: 'uu',
  10: '',
  11: '',
  12: 'uu',
  13: 'u',
  14: 'u',
  15: 'x',
  16: 'ux',
  17: 'ui',
  18: 'ui',
  19: 'i',
  20: 'uu',
  21: 'ui',
  22: 'ux',
  45: '',
  46: 'u',
  47: 'uu',
  64: '',
  128: 'u',
  192: '',
};
