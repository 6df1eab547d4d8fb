/** One sentence for every scalar numeric instruction (spec 4.3, 4.6.1). Says what traps, wraps and rounds. */

import { family } from './family.ts';

const INTEGERS = {
  i32: { bits: '32', max: '31' },
  i64: { bits: '64', max: '63' },
};

const FLOATS = { f32: {}, f64: {} };

const DIV0 = 'traps with "integer divide by zero" if the second operand is 0';
const RANGE =
  'traps with "invalid conversion to integer" on NaN and with "integer overflow" if the result does not fit';
const SATURATE =
  'gives the nearest representable integer if the result does not fit and 0 for NaN, and never traps';
const NAN = 'the result is NaN if an operand is';

export const SCALAR_DOCS = {
  ...family(INTEGERS, {
    const: 'Pushes an {shape} constant.',
    eqz: 'Gives 1 if the {shape} value is zero, else 0.',
    eq: 'Gives 1 if two {shape} values are equal, else 0.',
    ne: 'Gives 1 if two {shape} values differ, else 0.',
    lt_s: 'Gives 1 if the first {shape} value is less than the second, both taken as signed, else 0.',
    lt_u: 'Gives 1 if the first {shape} value is less than the second, both taken as unsigned, else 0.',
    gt_s: 'Gives 1 if the first {shape} value is greater than the second, both taken as signed, else 0.',
    gt_u: 'Gives 1 if the first {shape} value is greater than the second, both taken as unsigned, else 0.',
    le_s: 'Gives 1 if the first {shape} value is at most the second, both taken as signed, else 0.',
    le_u: 'Gives 1 if the first {shape} value is at most the second, both taken as unsigned, else 0.',
    ge_s: 'Gives 1 if the first {shape} value is at least the second, both taken as signed, else 0.',
    ge_u: 'Gives 1 if the first {shape} value is at least the second, both taken as unsigned, else 0.',
    clz: 'Counts the zero bits above the highest one bit of an {shape}; {bits} if the value is 0.',
    ctz: 'Counts the zero bits below the lowest one bit of an {shape}; {bits} if the value is 0.',
    popcnt: 'Counts the one bits of an {shape}.',
    add: 'Adds two {shape} values, wrapping around at 2^{bits}.',
    sub: 'Subtracts the second {shape} value from the first, wrapping around at 2^{bits}.',
    mul: 'Multiplies two {shape} values and keeps the low {bits} bits of the product.',
    div_s: `Divides the first {shape} value by the second, both signed, rounding toward zero; ${DIV0}, and with "integer overflow" on -2^{max} / -1.`,
    div_u: `Divides the first {shape} value by the second, both unsigned, rounding down; ${DIV0}.`,
    rem_s: `Gives the remainder of the signed {shape} division, which has the sign of the first operand; ${DIV0}; -2^{max} rem -1 is 0.`,
    rem_u: `Gives the remainder of the unsigned {shape} division; ${DIV0}.`,
    and: 'Gives the bitwise and of two {shape} values.',
    or: 'Gives the bitwise or of two {shape} values.',
    xor: 'Gives the bitwise exclusive or of two {shape} values.',
    shl: 'Shifts the first {shape} value left by the second modulo {bits}; zeros come in on the right.',
    shr_s:
      'Shifts the first {shape} value right by the second modulo {bits}; copies of the sign bit come in on the left.',
    shr_u: 'Shifts the first {shape} value right by the second modulo {bits}; zeros come in on the left.',
    rotl: 'Rotates the bits of the first {shape} value left by the second modulo {bits}.',
    rotr: 'Rotates the bits of the first {shape} value right by the second modulo {bits}.',
    extend8_s: 'Takes the low 8 bits of an {shape} as a signed number and extends it to {bits} bits.',
    extend16_s: 'Takes the low 16 bits of an {shape} as a signed number and extends it to {bits} bits.',
    trunc_f32_s: `Rounds an f32 toward zero to a signed {shape}; ${RANGE}.`,
    trunc_f32_u: `Rounds an f32 toward zero to an unsigned {shape}; ${RANGE}.`,
    trunc_f64_s: `Rounds an f64 toward zero to a signed {shape}; ${RANGE}.`,
    trunc_f64_u: `Rounds an f64 toward zero to an unsigned {shape}; ${RANGE}.`,
    trunc_sat_f32_s: `Rounds an f32 toward zero to a signed {shape}; ${SATURATE}.`,
    trunc_sat_f32_u: `Rounds an f32 toward zero to an unsigned {shape}; ${SATURATE}.`,
    trunc_sat_f64_s: `Rounds an f64 toward zero to a signed {shape}; ${SATURATE}.`,
    trunc_sat_f64_u: `Rounds an f64 toward zero to an unsigned {shape}; ${SATURATE}.`,
  }),
  'i32.wrap_i64': 'Keeps the low 32 bits of an i64.',
  'i64.extend32_s': 'Takes the low 32 bits of an i64 as a signed number and extends it to 64 bits.',
  'i64.extend_i32_s': 'Extends an i32, taken as signed, to an i64 of the same value.',
  'i64.extend_i32_u': 'Extends an i32, taken as unsigned, to an i64 of the same value.',
  'i32.reinterpret_f32': 'Takes the 32 bits of an f32 as an i32, unchanged.',
  'i64.reinterpret_f64': 'Takes the 64 bits of an f64 as an i64, unchanged.',
  'i64.add128':
    'Adds two 128-bit integers, each given as its low and then its high i64, wrapping around at 2^128; pushes the low and the high half.',
  'i64.sub128':
    'Subtracts the second 128-bit integer from the first, each given as its low and then its high i64, wrapping around at 2^128; pushes the low and the high half.',
  'i64.mul_wide_s':
    'Multiplies two signed i64 values to a 128-bit product; pushes its low and then its high half.',
  'i64.mul_wide_u':
    'Multiplies two unsigned i64 values to a 128-bit product; pushes its low and then its high half.',
  ...family(FLOATS, {
    const: 'Pushes an {shape} constant.',
    eq: 'Gives 1 if two {shape} values are equal, else 0; NaN equals nothing, and -0 equals 0.',
    ne: 'Gives 1 if two {shape} values differ, else 0; NaN differs from everything, also from itself.',
    lt: 'Gives 1 if the first {shape} value is less than the second, else 0; also 0 if one is NaN.',
    gt: 'Gives 1 if the first {shape} value is greater than the second, else 0; also 0 if one is NaN.',
    le: 'Gives 1 if the first {shape} value is at most the second, else 0; also 0 if one is NaN.',
    ge: 'Gives 1 if the first {shape} value is at least the second, else 0; also 0 if one is NaN.',
    abs: 'Clears the sign bit of an {shape}, also that of a NaN.',
    neg: 'Flips the sign bit of an {shape}, also that of a NaN.',
    ceil: 'Rounds an {shape} up to an integer, toward positive infinity.',
    floor: 'Rounds an {shape} down to an integer, toward negative infinity.',
    trunc: 'Rounds an {shape} to an integer toward zero.',
    nearest: 'Rounds an {shape} to the nearest integer; halves go to the even one.',
    sqrt: 'Gives the square root of an {shape}, correctly rounded; NaN for values below zero, but -0 for -0.',
    add: 'Adds two {shape} values, rounding to the nearest {shape}, ties to even.',
    sub: 'Subtracts the second {shape} value from the first, rounding to the nearest {shape}, ties to even.',
    mul: 'Multiplies two {shape} values, rounding to the nearest {shape}, ties to even.',
    div: 'Divides the first {shape} value by the second, rounding to the nearest {shape}; division by zero gives an infinity, or NaN for 0 / 0.',
    min: `Gives the lesser of two {shape} values; ${NAN}, and -0 counts as less than 0.`,
    max: `Gives the greater of two {shape} values; ${NAN}, and 0 counts as greater than -0.`,
    copysign: 'Gives the first {shape} value with the sign bit of the second.',
    convert_i32_s: 'Converts a signed i32 to the nearest {shape}, ties to even.',
    convert_i32_u: 'Converts an unsigned i32 to the nearest {shape}, ties to even.',
    convert_i64_s: 'Converts a signed i64 to the nearest {shape}, ties to even.',
    convert_i64_u: 'Converts an unsigned i64 to the nearest {shape}, ties to even.',
  }),
  'f32.demote_f64': 'Rounds an f64 to the nearest f32, ties to even; values too large become infinities.',
  'f64.promote_f32': 'Converts an f32 to the f64 of the same value.',
  'f32.reinterpret_i32': 'Takes the 32 bits of an i32 as an f32, unchanged.',
  'f64.reinterpret_i64': 'Takes the 64 bits of an i64 as an f64, unchanged.',
};
