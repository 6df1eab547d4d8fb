/**
 * Numbers as the text format writes them: literals to bits and back (spec 6.3.1, 6.3.2).
 *
 * Parsing is exact: integers by their ranges, floats rounded once, to nearest, ties to even. Nothing throws; what is
 * wrong comes back in the suite's words. Printing gives a literal that parses back to the same bits, the short one.
 * An f32 is its 32 bits as a signed number, an f64 its two halves, because JavaScript may change a NaN's payload.
 */

/** `unknown operator`: no such literal. `constant out of range`: a literal, but the type cannot hold it. */
export type NumberFault = 'unknown operator' | 'constant out of range';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: NumberFault };

/** The bits of an f64 (or i64): two signed 32-bit halves. */
export interface Halves {
  readonly lo: number;
  readonly hi: number;
}

const UNKNOWN = { ok: false, error: 'unknown operator' } as const;
const RANGE = { ok: false, error: 'constant out of range' } as const;

const INT = /^([+-]?)(?:0x([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|([0-9]+(?:_[0-9]+)*))$/;
const DECIMAL = /^[+-]?[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$/;
const HEX =
  /^[+-]?0x([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)(?:\.([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)?)?(?:[pP]([+-]?[0-9]+(?:_[0-9]+)*))?$/;
const NAN = /^[+-]?nan(?::0x([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*))?$/;
const INF = /^[+-]?inf$/;

/** A binary interchange format: digits of the significand with the hidden one, least exponent, width. */
interface Format {
  readonly precision: number;
  readonly minExponent: number;
  readonly bits: number;
}

const F32: Format = { precision: 24, minExponent: -126, bits: 32 };
const F64: Format = { precision: 53, minExponent: -1022, bits: 64 };

/** An `iN` literal: -2^(N-1) to 2^N - 1, as a signed number. N is 8, 16 or 32. */
export function parseIntN(text: string, bits: 8 | 16 | 32): Parsed<number> {
  const match = INT.exec(text);
  if (!match) return UNKNOWN;
  const value = magnitude(match);
  const negative = match[1] === '-';
  if (value > (negative ? 2 ** (bits - 1) : 2 ** bits - 1)) return RANGE;
  const shift = 32 - bits;
  return { ok: true, value: ((negative ? -value : value) << shift) >> shift };
}

/** An `i32` literal: -2^31 to 2^32 - 1, as a signed number. */
export function parseInt32(text: string): Parsed<number> {
  return parseIntN(text, 32);
}

/** An `i64` literal: -2^63 to 2^64 - 1, as a signed BigInt. */
export function parseInt64(text: string): Parsed<bigint> {
  const match = INT.exec(text);
  if (!match) return UNKNOWN;
  const value = bigMagnitude(match);
  const negative = match[1] === '-';
  if (value > (negative ? 1n << 63n : (1n << 64n) - 1n)) return RANGE;
  return { ok: true, value: BigInt.asIntN(64, negative ? -value : value) };
}

/** An unsigned literal without a sign, 0 to 2^32 - 1: indices, sizes, lane numbers. */
export function parseUint32(text: string): Parsed<number> {
  const match = INT.exec(text);
  if (match?.[1] !== '') return UNKNOWN;
  const value = magnitude(match);
  return value > 0xffff_ffff ? RANGE : { ok: true, value };
}

/** An unsigned literal without a sign, 0 to 2^64 - 1: limits, memory offsets. */
export function parseUint64(text: string): Parsed<bigint> {
  const match = INT.exec(text);
  if (match?.[1] !== '') return UNKNOWN;
  const value = bigMagnitude(match);
  return value >= 1n << 64n ? RANGE : { ok: true, value };
}

/** An `f32` literal's bits, as a signed number. */
export function parseFloat32(text: string): Parsed<number> {
  if (DECIMAL.test(text)) {
    const value = roundDecimalToF32(text.replaceAll('_', ''));
    return Number.isFinite(value) ? { ok: true, value: bitsOfF32(value) } : RANGE;
  }
  const bits = parseSpecialFloat(text, F32);
  return typeof bits === 'bigint' ? { ok: true, value: Number(BigInt.asIntN(32, bits)) } : bits;
}

/** An `f64` literal's bits. */
export function parseFloat64(text: string): Parsed<Halves> {
  if (DECIMAL.test(text)) {
    const value = Number(text.replaceAll('_', ''));
    return Number.isFinite(value) ? { ok: true, value: halvesOfF64(value) } : RANGE;
  }
  const bits = parseSpecialFloat(text, F64);
  return typeof bits === 'bigint' ? { ok: true, value: halvesOfBigInt(bits) } : bits;
}

/** An i32 as the text format writes it. */
export function printInt32(value: number): string {
  return String(value | 0);
}

/** An i64 from its halves. */
export function printInt64(lo: number, hi: number): string {
  return hi === lo >> 31 ? String(lo | 0) : String(bigIntOf(lo, hi));
}

/** An f32 from its bits: the shortest decimal that parses back to them; `inf`, `nan`, `nan:0x…`. */
export function printFloat32(bits: number): string {
  const sign = bits < 0 ? '-' : '';
  const payload = bits & 0x7f_ffff;
  if ((bits & 0x7f80_0000) === 0x7f80_0000) {
    return sign + (payload === 0 ? 'inf' : payload === 0x40_0000 ? 'nan' : `nan:0x${payload.toString(16)}`);
  }
  return sign + shortestF32(Math.abs(f32OfBits(bits)));
}

/** An f64 from its halves: the shortest decimal that parses back to them; `inf`, `nan`, `nan:0x…`. */
export function printFloat64(lo: number, hi: number): string {
  const sign = hi < 0 ? '-' : '';
  if ((hi & 0x7ff0_0000) === 0x7ff0_0000) {
    const top = hi & 0xf_ffff;
    if (lo === 0 && top === 0) return sign + 'inf';
    if (lo === 0 && top === 0x8_0000) return sign + 'nan';
    return `${sign}nan:0x${((BigInt(top) << 32n) | BigInt(lo >>> 0)).toString(16)}`;
  }
  return sign + String(Math.abs(f64OfHalves(lo, hi)));
}

/** An f32 from its bits in hexadecimal: exact, and it shows the bits (`0x1.8p+1`). */
export function printHexFloat32(bits: number): string {
  if ((bits & 0x7f80_0000) === 0x7f80_0000) return printFloat32(bits);
  return hexFloat(BigInt.asUintN(32, BigInt(bits)), F32);
}

/** An f64 from its halves in hexadecimal. */
export function printHexFloat64(lo: number, hi: number): string {
  if ((hi & 0x7ff0_0000) === 0x7ff0_0000) return printFloat64(lo, hi);
  return hexFloat(BigInt.asUintN(64, bigIntOf(lo, hi)), F64);
}

const scratch = new DataView(new ArrayBuffer(8));

/** The number that f32 bits stand for; a NaN loses its payload. */
export function f32OfBits(bits: number): number {
  scratch.setInt32(0, bits, true);
  return scratch.getFloat32(0, true);
}

/** The bits of a number rounded to f32, as a signed number. */
export function bitsOfF32(value: number): number {
  scratch.setFloat32(0, value, true);
  return scratch.getInt32(0, true);
}

export function f64OfHalves(lo: number, hi: number): number {
  scratch.setInt32(0, lo, true);
  scratch.setInt32(4, hi, true);
  return scratch.getFloat64(0, true);
}

export function halvesOfF64(value: number): Halves {
  scratch.setFloat64(0, value, true);
  return { lo: scratch.getInt32(0, true), hi: scratch.getInt32(4, true) };
}

/** The signed BigInt of two halves. */
export function bigIntOf(lo: number, hi: number): bigint {
  return (BigInt(hi | 0) << 32n) | BigInt(lo >>> 0);
}

/** The halves of a BigInt modulo 2^64. */
export function halvesOfBigInt(value: bigint): Halves {
  return { lo: Number(BigInt.asIntN(32, value)), hi: Number(BigInt.asIntN(32, value >> 32n)) };
}

/** The value of an INT match without its sign: exact up to 2^53, and never below 2^53 above that. */
function magnitude(match: RegExpExecArray): number {
  return match[2] !== undefined ? Number(`0x${plain(match[2])}`) : Number(plain(match[3]));
}

function bigMagnitude(match: RegExpExecArray): bigint {
  return BigInt(match[2] !== undefined ? `0x${plain(match[2])}` : plain(match[3]));
}

function plain(digits: string): string {
  return digits.includes('_') ? digits.replaceAll('_', '') : digits;
}

/** Bits of a hexadecimal float, an infinity or a NaN. */
function parseSpecialFloat(text: string, format: Format): bigint | typeof UNKNOWN | typeof RANGE {
  const { precision, bits } = format;
  const sign = text.startsWith('-') ? 1n << BigInt(bits - 1) : 0n;
  const hidden = 1n << BigInt(precision - 1);
  const infinity = (1n << BigInt(bits - 1)) - hidden;
  const hex = HEX.exec(text);
  if (hex) {
    const rounded = roundHex(hex, format);
    return rounded < infinity ? sign | rounded : RANGE;
  }
  if (INF.test(text)) return sign | infinity;
  const nan = NAN.exec(text);
  if (!nan) return UNKNOWN;
  const payload = nan[1] === undefined ? hidden >> 1n : BigInt(`0x${plain(nan[1])}`);
  return payload > 0n && payload < hidden ? sign | infinity | payload : RANGE;
}

/** Rounds a HEX match to the format's bits without the sign; the infinity's bits or more when it is out of range. */
function roundHex(match: RegExpExecArray, { precision, minExponent, bits }: Format): bigint {
  const fraction = plain(match[2] ?? '');
  const digits = (plain(match[1]) + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  const significand = BigInt(`0x${digits}`);
  // The literal is significand × 2^exponent. Number() may say ±Infinity here: both ends are handled below.
  const exponent = Number(plain(match[3] ?? '0')) - 4 * fraction.length;
  const width = 4 * digits.length - (Math.clz32(Number.parseInt(digits[0], 16)) - 28);
  const top = width - 1 + exponent;
  if (top > -minExponent + 1) return 1n << BigInt(bits - 1);
  if (top < minExponent - precision) return 0n;
  const leastUnit = minExponent - (precision - 1);
  const unit = Math.max(top - (precision - 1), leastUnit);
  const drop = unit - exponent;
  let kept = significand;
  if (drop <= 0) kept <<= BigInt(-drop);
  else {
    const cut = BigInt(drop);
    kept >>= cut;
    const rest = significand - (kept << cut);
    const half = 1n << (cut - 1n);
    if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
  }
  // The hidden digit adds itself to the exponent field, and so does the carry of rounding up.
  return kept + (BigInt(unit - leastUnit) << BigInt(precision - 1));
}

/**
 * Rounds a decimal to f32 once. Rounding to f64 first is harmless unless that lands exactly between two f32 while
 * the decimal itself lies a little to one side: then the decimal decides.
 */
function roundDecimalToF32(text: string): number {
  const wide = Number(text);
  const near = Math.fround(wide);
  if (near === wide || !Number.isFinite(wide)) return near;
  const negative = wide < 0;
  const size = Math.abs(wide);
  // Far above the largest f32 the distances below are no longer exact.
  if (size > 2 ** 128) return near;
  const nearSize = Math.abs(near);
  const nearBits = bitsOfF32(nearSize);
  const other = f32Size(nearSize < size ? nearBits + 1 : nearBits - 1);
  if (Math.abs(f32Size(nearBits) - size) !== Math.abs(other - size)) return near;
  const side = compareDecimal(text, size);
  if (side === 0) return near;
  const below = Math.min(f32Size(nearBits), other);
  const above = Math.max(f32Size(nearBits), other);
  const size32 = Math.fround(side < 0 ? below : above);
  return negative ? -size32 : size32;
}

/** An f32's size from its bits, where the infinity stands for the power of two that comes next. */
function f32Size(bits: number): number {
  return bits === 0x7f80_0000 ? 2 ** 128 : f32OfBits(bits);
}

/** Compares the size of a plain decimal with a finite `size` above zero, exactly. */
function compareDecimal(text: string, size: number): number {
  const [mantissa, exponentText = '0'] = text.replace(/^[+-]/, '').split(/[eE]/);
  const [whole, fraction = ''] = mantissa.split('.');
  let left = BigInt(whole + fraction);
  const exponent = Number(exponentText) - fraction.length;
  const { lo, hi } = halvesOfF64(size);
  const field = (hi >>> 20) & 0x7ff;
  let right = (BigInt((hi & 0xf_ffff) | (field ? 0x10_0000 : 0)) << 32n) | BigInt(lo >>> 0);
  const unit = Math.max(field, 1) - 1075;
  if (exponent >= 0) left *= 10n ** BigInt(exponent);
  else right *= 10n ** BigInt(-exponent);
  if (unit >= 0) right <<= BigInt(unit);
  else left <<= BigInt(-unit);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The shortest decimal that rounds to a finite f32 of at least zero. Nine digits always do. */
function shortestF32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (roundDecimalToF32(text) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}

function hexFloat(bits: bigint, { precision, minExponent, bits: width }: Format): string {
  const sign = bits >> BigInt(width - 1) ? '-' : '';
  const hidden = 1n << BigInt(precision - 1);
  const fraction = bits & (hidden - 1n);
  const field = Number((bits & ((1n << BigInt(width - 1)) - 1n)) >> BigInt(precision - 1));
  if (field === 0 && fraction === 0n) return `${sign}0x0p+0`;
  // Subnormals are written normalised too: one leading 1, the exponent below the format's least.
  const significand = field === 0 ? fraction : hidden | fraction;
  const length = significand.toString(2).length;
  const exponent = Math.max(field, 1) - 1 + minExponent - (precision - length);
  const places = Math.ceil((length - 1) / 4);
  const rest = (significand << BigInt(places * 4 - (length - 1))) - (1n << BigInt(places * 4));
  const digits = rest.toString(16).padStart(places, '0').replace(/0+$/, '');
  const point = places > 0 && digits !== '' ? `.${digits}` : '';
  return `${sign}0x1${point}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}
