/** One sentence for every vector instruction (spec 4.3.5, 4.6.3), with relaxed ones. */

import { family } from './family.ts';

const OOB = 'traps with "out of bounds memory access" if';
const PAST = `${OOB} they reach past the end`;

const BYTES = { i8x16: { n: 'sixteen', bits: '8', top: '7', all: '16' } };
const SHORTS = { i16x8: { n: 'eight', bits: '16', top: '15', all: '8' } };
const WORDS = { i32x4: { n: 'four', bits: '32', top: '31', all: '4' } };
const LONGS = { i64x2: { n: 'two', bits: '64', top: '63', all: '2' } };
const FLOATS = { f32x4: { n: 'four', lane: 'f32' }, f64x2: { n: 'two', lane: 'f64' } };
const SMALL = { ...BYTES, ...SHORTS };
const UNSIGNED_ORDER = { ...BYTES, ...SHORTS, ...WORDS };
const INTEGERS = { ...UNSIGNED_ORDER, ...LONGS };

const TRUTH = 'gives all ones in a lane where that holds and all zeros elsewhere';
const ROUND = 'rounding to nearest, ties to even';
const CHOICE = 'the host may choose';

/** What widens from the half of a vector of narrower lanes. */
const WIDE = {
  i16x8: { from: 'i8x16', half: 'eight 8-bit' },
  i32x4: { from: 'i16x8', half: 'four 16-bit' },
  i64x2: { from: 'i32x4', half: 'two 32-bit' },
} as const;

export const VECTOR_DOCS = {
  'v128.load': `Reads 16 bytes of memory, little-endian, as a v128; ${PAST}.`,
  'v128.store': `Writes a v128 as 16 bytes, little-endian, to memory; ${PAST}.`,
  'v128.load8x8_s': `Reads 8 bytes of memory and extends each, as signed, to a 16-bit lane; ${PAST}.`,
  'v128.load8x8_u': `Reads 8 bytes of memory and extends each, as unsigned, to a 16-bit lane; ${PAST}.`,
  'v128.load16x4_s': `Reads four 16-bit integers of memory and extends each, as signed, to a 32-bit lane; ${PAST}.`,
  'v128.load16x4_u': `Reads four 16-bit integers of memory and extends each, as unsigned, to a 32-bit lane; ${PAST}.`,
  'v128.load32x2_s': `Reads two 32-bit integers of memory and extends each, as signed, to a 64-bit lane; ${PAST}.`,
  'v128.load32x2_u': `Reads two 32-bit integers of memory and extends each, as unsigned, to a 64-bit lane; ${PAST}.`,
  'v128.load8_splat': `Reads a byte of memory and copies it to all sixteen lanes; ${OOB} it lies past the end.`,
  'v128.load16_splat': `Reads 2 bytes of memory and copies them to all eight lanes; ${PAST}.`,
  'v128.load32_splat': `Reads 4 bytes of memory and copies them to all four lanes; ${PAST}.`,
  'v128.load64_splat': `Reads 8 bytes of memory and copies them to both lanes; ${PAST}.`,
  'v128.load32_zero': `Reads 4 bytes of memory into the lowest 32 bits of a v128 and sets the others to 0; ${PAST}.`,
  'v128.load64_zero': `Reads 8 bytes of memory into the lowest 64 bits of a v128 and sets the others to 0; ${PAST}.`,
  'v128.load8_lane': `Reads a byte of memory into one of sixteen lanes of a v128; ${OOB} it lies past the end.`,
  'v128.load16_lane': `Reads 2 bytes of memory into one of eight lanes of a v128; ${PAST}.`,
  'v128.load32_lane': `Reads 4 bytes of memory into one of four lanes of a v128; ${PAST}.`,
  'v128.load64_lane': `Reads 8 bytes of memory into one of two lanes of a v128; ${PAST}.`,
  'v128.store8_lane': `Writes one of sixteen lanes of a v128 to a byte of memory; ${OOB} it lies past the end.`,
  'v128.store16_lane': `Writes one of eight lanes of a v128 to 2 bytes of memory; ${PAST}.`,
  'v128.store32_lane': `Writes one of four lanes of a v128 to 4 bytes of memory; ${PAST}.`,
  'v128.store64_lane': `Writes one of two lanes of a v128 to 8 bytes of memory; ${PAST}.`,
  'v128.const': 'Pushes a v128 constant, written as the lanes of a shape.',
  'v128.not': 'Flips all 128 bits.',
  'v128.and': 'Gives the bitwise and of two v128 values.',
  'v128.andnot': 'Gives the bitwise and of the first v128 value and the complement of the second.',
  'v128.or': 'Gives the bitwise or of two v128 values.',
  'v128.xor': 'Gives the bitwise exclusive or of two v128 values.',
  'v128.bitselect':
    'Takes each bit from the first v128 value where the third has a one, and from the second where it has a zero.',
  'v128.any_true': 'Gives 1 if any of the 128 bits is one, else 0.',

  'i8x16.shuffle':
    'Builds a vector from sixteen lanes chosen by constant indices: 0–15 from the first operand, 16–31 from the second.',
  'i8x16.swizzle':
    'Builds a vector from lanes of the first operand chosen by the lanes of the second; an index of 16 or more gives 0.',
  ...family(SMALL, {
    splat: 'Copies the low {bits} bits of an i32 to all {n} lanes.',
    extract_lane_s: 'Gives one of {n} lanes as an i32, taken as signed.',
    extract_lane_u: 'Gives one of {n} lanes as an i32, taken as unsigned.',
    replace_lane: 'Replaces one of {n} lanes by the low {bits} bits of an i32.',
    add_sat_s: 'Adds {n} {bits}-bit lanes as signed; results that do not fit become the nearest that does.',
    add_sat_u: 'Adds {n} {bits}-bit lanes as unsigned; results that do not fit become the largest value.',
    sub_sat_s:
      'Subtracts {n} {bits}-bit lanes as signed; results that do not fit become the nearest that does.',
    sub_sat_u: 'Subtracts {n} {bits}-bit lanes as unsigned; results below zero become 0.',
    avgr_u: 'Gives the averages of {n} pairs of unsigned {bits}-bit lanes; halves are rounded up.',
  }),
  ...family(
    {
      i32x4: { n: 'four', lane: 'i32' },
      i64x2: { n: 'two', lane: 'i64' },
      f32x4: { n: 'four', lane: 'f32' },
      f64x2: { n: 'two', lane: 'f64' },
    },
    {
      splat: 'Copies an {lane} to all {n} lanes.',
      extract_lane: 'Gives one of {n} lanes as an {lane}.',
      replace_lane: 'Replaces one of {n} lanes by an {lane}.',
    },
  ),
  ...family(INTEGERS, {
    eq: `Compares {n} {bits}-bit lanes for equality; ${TRUTH}.`,
    ne: `Compares {n} {bits}-bit lanes for difference; ${TRUTH}.`,
    lt_s: `Compares {n} signed {bits}-bit lanes, first less than second; ${TRUTH}.`,
    gt_s: `Compares {n} signed {bits}-bit lanes, first greater than second; ${TRUTH}.`,
    le_s: `Compares {n} signed {bits}-bit lanes, first at most second; ${TRUTH}.`,
    ge_s: `Compares {n} signed {bits}-bit lanes, first at least second; ${TRUTH}.`,
    abs: 'Gives the absolute values of {n} signed {bits}-bit lanes; -2^{top} stays as it is.',
    neg: 'Negates {n} {bits}-bit lanes, wrapping around.',
    all_true: 'Gives 1 if all {n} lanes are non-zero, else 0.',
    bitmask: 'Collects the highest bits of {n} lanes in the low {all} bits of an i32.',
    shl: 'Shifts {n} {bits}-bit lanes left by an i32 modulo {bits}.',
    shr_s: 'Shifts {n} {bits}-bit lanes right by an i32 modulo {bits}, keeping their signs.',
    shr_u: 'Shifts {n} {bits}-bit lanes right by an i32 modulo {bits}; zeros come in on the left.',
    add: 'Adds {n} {bits}-bit lanes, wrapping around.',
    sub: 'Subtracts {n} {bits}-bit lanes, wrapping around.',
  }),
  ...family(UNSIGNED_ORDER, {
    lt_u: `Compares {n} unsigned {bits}-bit lanes, first less than second; ${TRUTH}.`,
    gt_u: `Compares {n} unsigned {bits}-bit lanes, first greater than second; ${TRUTH}.`,
    le_u: `Compares {n} unsigned {bits}-bit lanes, first at most second; ${TRUTH}.`,
    ge_u: `Compares {n} unsigned {bits}-bit lanes, first at least second; ${TRUTH}.`,
    min_s: 'Gives the lesser of each pair of {n} signed {bits}-bit lanes.',
    min_u: 'Gives the lesser of each pair of {n} unsigned {bits}-bit lanes.',
    max_s: 'Gives the greater of each pair of {n} signed {bits}-bit lanes.',
    max_u: 'Gives the greater of each pair of {n} unsigned {bits}-bit lanes.',
  }),
  ...family(
    { ...SHORTS, ...WORDS, ...LONGS },
    { mul: 'Multiplies {n} {bits}-bit lanes and keeps the low {bits} bits of the products.' },
  ),
  'i8x16.popcnt': 'Counts the one bits of each of sixteen 8-bit lanes.',
  ...narrow('i8x16', 'i16x8', '16-bit', '8'),
  ...narrow('i16x8', 'i32x4', '32-bit', '16'),
  ...widen('i16x8'),
  ...widen('i32x4'),
  ...widen('i64x2'),
  'i16x8.extadd_pairwise_i8x16_s': 'Adds neighbouring signed 8-bit lanes to eight 16-bit sums.',
  'i16x8.extadd_pairwise_i8x16_u': 'Adds neighbouring unsigned 8-bit lanes to eight 16-bit sums.',
  'i32x4.extadd_pairwise_i16x8_s': 'Adds neighbouring signed 16-bit lanes to four 32-bit sums.',
  'i32x4.extadd_pairwise_i16x8_u': 'Adds neighbouring unsigned 16-bit lanes to four 32-bit sums.',
  'i16x8.q15mulr_sat_s':
    'Multiplies eight lanes as signed fixed-point numbers with 15 fraction bits, rounding and saturating.',
  'i32x4.dot_i16x8_s':
    'Multiplies signed 16-bit lanes and adds neighbouring products to four 32-bit sums, wrapping around.',

  ...family(FLOATS, {
    eq: `Compares {n} {lane} lanes for equality (NaN equals nothing); ${TRUTH}.`,
    ne: `Compares {n} {lane} lanes for difference (NaN differs from everything); ${TRUTH}.`,
    lt: `Compares {n} {lane} lanes, first less than second (never with NaN); ${TRUTH}.`,
    gt: `Compares {n} {lane} lanes, first greater than second (never with NaN); ${TRUTH}.`,
    le: `Compares {n} {lane} lanes, first at most second (never with NaN); ${TRUTH}.`,
    ge: `Compares {n} {lane} lanes, first at least second (never with NaN); ${TRUTH}.`,
    abs: 'Clears the sign bits of {n} {lane} lanes.',
    neg: 'Flips the sign bits of {n} {lane} lanes.',
    sqrt: 'Gives the square roots of {n} {lane} lanes; NaN for values below zero.',
    ceil: 'Rounds {n} {lane} lanes up to integers.',
    floor: 'Rounds {n} {lane} lanes down to integers.',
    trunc: 'Rounds {n} {lane} lanes to integers toward zero.',
    nearest: 'Rounds {n} {lane} lanes to the nearest integers; halves go to the even one.',
    add: `Adds {n} {lane} lanes, ${ROUND}.`,
    sub: `Subtracts {n} {lane} lanes, ${ROUND}.`,
    mul: `Multiplies {n} {lane} lanes, ${ROUND}.`,
    div: `Divides {n} {lane} lanes, ${ROUND}; division by zero gives infinities, 0 / 0 NaN.`,
    min: 'Gives the lesser of each pair of {n} {lane} lanes; NaN if one is NaN, and -0 counts as less than 0.',
    max: 'Gives the greater of each pair of {n} {lane} lanes; NaN if one is NaN, and 0 counts as greater than -0.',
    pmin: 'Gives, of each pair of {n} {lane} lanes, the second if it is less than the first, else the first, also if one is NaN.',
    pmax: 'Gives, of each pair of {n} {lane} lanes, the second if it is greater than the first, else the first, also if one is NaN.',
  }),
  'f32x4.demote_f64x2_zero': `Converts two f64 lanes to the low two f32 lanes, ${ROUND}, and sets the high two to 0.`,
  'f64x2.promote_low_f32x4': 'Converts the low two f32 lanes to two f64 lanes of the same values.',
  'i32x4.trunc_sat_f32x4_s':
    'Rounds four f32 lanes toward zero to signed 32-bit integers, saturating; NaN becomes 0.',
  'i32x4.trunc_sat_f32x4_u':
    'Rounds four f32 lanes toward zero to unsigned 32-bit integers, saturating; NaN becomes 0.',
  'i32x4.trunc_sat_f64x2_s_zero':
    'Rounds two f64 lanes toward zero to signed 32-bit integers in the low lanes, saturating, NaN becoming 0, and sets the high two lanes to 0.',
  'i32x4.trunc_sat_f64x2_u_zero':
    'Rounds two f64 lanes toward zero to unsigned 32-bit integers in the low lanes, saturating, NaN becoming 0, and sets the high two lanes to 0.',
  'f32x4.convert_i32x4_s': `Converts four signed 32-bit lanes to f32, ${ROUND}.`,
  'f32x4.convert_i32x4_u': `Converts four unsigned 32-bit lanes to f32, ${ROUND}.`,
  'f64x2.convert_low_i32x4_s': 'Converts the low two lanes, as signed 32-bit integers, to f64, exactly.',
  'f64x2.convert_low_i32x4_u': 'Converts the low two lanes, as unsigned 32-bit integers, to f64, exactly.',

  'i8x16.relaxed_swizzle': `Builds a vector from lanes of the first operand chosen by the lanes of the second; for an index of 16 to 127 ${CHOICE} 0 or the lane at the index modulo 16, and 128 and more give 0.`,
  'i32x4.relaxed_trunc_f32x4_s': `Rounds four f32 lanes toward zero to signed 32-bit integers; for NaN and values that do not fit ${CHOICE} between the saturated result and -2^31.`,
  'i32x4.relaxed_trunc_f32x4_u': `Rounds four f32 lanes toward zero to unsigned 32-bit integers; for NaN and values that do not fit ${CHOICE} between the saturated result and 2^32 - 1.`,
  'i32x4.relaxed_trunc_f64x2_s_zero': `Rounds two f64 lanes toward zero to signed 32-bit integers in the low lanes, the high two being 0; for NaN and values that do not fit ${CHOICE} between the saturated result and -2^31.`,
  'i32x4.relaxed_trunc_f64x2_u_zero': `Rounds two f64 lanes toward zero to unsigned 32-bit integers in the low lanes, the high two being 0; for NaN and values that do not fit ${CHOICE} between the saturated result and 2^32 - 1.`,
  ...family(FLOATS, {
    relaxed_madd: `Multiplies {n} {lane} lanes and adds the third operand's; ${CHOICE} whether the product is rounded in between.`,
    relaxed_nmadd: `Multiplies {n} {lane} lanes and subtracts the products from the third operand's; ${CHOICE} whether the product is rounded in between.`,
    relaxed_min: `Gives the lesser of each pair of {n} {lane} lanes; with NaN or zeros of both signs ${CHOICE} either operand's lane or a NaN.`,
    relaxed_max: `Gives the greater of each pair of {n} {lane} lanes; with NaN or zeros of both signs ${CHOICE} either operand's lane or a NaN.`,
  }),
  ...family(INTEGERS, {
    relaxed_laneselect: `Takes each of {n} lanes from the first operand where the mask lane is all ones, from the second where it is all zeros; for other masks ${CHOICE} to go by each bit or by the lane's highest bit.`,
  }),
  'i16x8.relaxed_q15mulr_s': `Multiplies eight lanes as signed fixed-point numbers with 15 fraction bits, rounding; for -1 times -1 ${CHOICE} whether it saturates or wraps around.`,
  'i16x8.relaxed_dot_i8x16_i7x16_s': `Multiplies signed 8-bit lanes by 7-bit lanes and adds neighbouring products to eight 16-bit sums; ${CHOICE} what lanes of the second operand with the highest bit set count as.`,
  'i32x4.relaxed_dot_i8x16_i7x16_add_s': `Multiplies signed 8-bit lanes by 7-bit lanes, adds four neighbouring products and a 32-bit lane of the third operand; ${CHOICE} what lanes of the second operand with the highest bit set count as.`,
};

function narrow<T extends string, F extends string>(to: T, from: F, wide: string, bits: string) {
  const sentence = (sign: string) =>
    `Narrows the ${wide} lanes of two vectors to ${bits}-bit lanes, taking them as signed and saturating to the ${sign} range.`;
  return {
    [`${to}.narrow_${from}_s`]: sentence('signed'),
    [`${to}.narrow_${from}_u`]: sentence('unsigned'),
  } as Record<`${T}.narrow_${F}_${'s' | 'u'}`, string>;
}

/** `extend` and `extmul`: low or high half, signed or unsigned. */
function widen<T extends keyof typeof WIDE>(to: T) {
  const { from, half } = WIDE[to];
  const sentences: Record<string, string> = {};
  for (const part of ['low', 'high']) {
    for (const [s, sign] of [
      ['s', 'signed'],
      ['u', 'unsigned'],
    ]) {
      sentences[`${to}.extend_${part}_${from}_${s}`] =
        `Extends the ${part} ${half} lanes, taken as ${sign}, to lanes twice as wide.`;
      sentences[`${to}.extmul_${part}_${from}_${s}`] =
        `Multiplies the ${part} ${half} lanes of two vectors, taken as ${sign}, to products twice as wide.`;
    }
  }
  return sentences as Record<
    `${T}.${'extend' | 'extmul'}_${'low' | 'high'}_${(typeof WIDE)[T]['from']}_${'s' | 'u'}`,
    string
  >;
}
