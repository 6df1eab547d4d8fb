// Literals to bits and back: the suite's edge cases, and seeded random values against a rational oracle.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as numbers from '../../engine/base/numbers.ts';

const UNKNOWN = 'unknown operator';
const RANGE = 'constant out of range';

function outcome<T>(parsed: numbers.Parsed<T>): T | string {
  return parsed.ok ? parsed.value : parsed.error;
}

const f32 = (text: string) => {
  const bits = outcome(numbers.parseFloat32(text));
  return typeof bits === 'number' ? (bits >>> 0).toString(16) : bits;
};
const f64 = (text: string) => {
  const bits = outcome(numbers.parseFloat64(text));
  return typeof bits === 'string'
    ? bits
    : BigInt.asUintN(64, numbers.bigIntOf(bits.lo, bits.hi)).toString(16);
};

/** A small generator of 32-bit numbers, the same on every run. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

test('integers', () => {
  const cases: [string, number | string, bigint | string][] = [
    ['0', 0, 0n],
    ['-0', 0, 0n],
    ['+7', 7, 7n],
    ['0_123_456_789', 123456789, 123456789n],
    ['0x0_9acf_fBDF', 0x9acffbdf | 0, 0x9acffbdfn],
    ['2147483648', -2147483648, 2147483648n],
    ['0xffffffff', -1, 0xffffffffn],
    ['4294967295', -1, 4294967295n],
    ['0x100000000', RANGE, 0x100000000n],
    ['-0x80000000', -2147483648, -2147483648n],
    ['-0x80000001', RANGE, -2147483649n],
    ['0xffffffffffffffff', RANGE, -1n],
    ['0x10000000000000000', RANGE, RANGE],
    ['-9223372036854775808', RANGE, -(2n ** 63n)],
    ['-9223372036854775809', RANGE, RANGE],
    ['99999999999999999999999999999999999', RANGE, RANGE],
    ...['', '-', '+', '0x', '1x', '0xg', '1_', '_1', '1__0', '0x_1', '0_x1', '- 1', '1.0', '0X1', '١'].map(
      (text): [string, string, string] => [text, UNKNOWN, UNKNOWN],
    ),
  ];
  for (const [text, int32, int64] of cases) {
    assert.equal(outcome(numbers.parseInt32(text)), int32, `i32 ${text}`);
    assert.equal(outcome(numbers.parseInt64(text)), int64, `i64 ${text}`);
  }
  assert.equal(outcome(numbers.parseIntN('255', 8)), -1);
  assert.equal(outcome(numbers.parseIntN('256', 8)), RANGE);
  assert.equal(outcome(numbers.parseIntN('-129', 8)), RANGE);
  assert.equal(outcome(numbers.parseIntN('-0x8000', 16)), -0x8000);
  assert.equal(outcome(numbers.parseUint32('4294967295')), 4294967295);
  assert.equal(outcome(numbers.parseUint32('4294967296')), RANGE);
  assert.equal(outcome(numbers.parseUint32('-1')), UNKNOWN);
  assert.equal(outcome(numbers.parseUint64('18446744073709551615')), 2n ** 64n - 1n);
  assert.equal(outcome(numbers.parseUint64('18446744073709551616')), RANGE);
  assert.equal(outcome(numbers.parseUint64('+1')), UNKNOWN);
});

test('floats: the suite and what surrounds it', () => {
  const f32Cases: Record<string, string> = {
    nan: '7fc00000',
    '-nan': 'ffc00000',
    'nan:0x1': '7f800001',
    'nan:0x200000': '7fa00000',
    '-nan:0x7f_ffff': 'ffffffff',
    'nan:0x0': RANGE,
    'nan:0x80_0000': RANGE,
    'nan:1': UNKNOWN,
    'nan:canonical': UNKNOWN,
    inf: '7f800000',
    '-inf': 'ff800000',
    infinity: UNKNOWN,
    '0x0.0p0': '0',
    '-0x0.0p0': '80000000',
    '0x1.0p-149': '1',
    '0x1p-150': '0',
    '0x1.000002p-150': '1',
    '0x1.8p-149': '2',
    '0x1.fffffep+127': '7f7fffff',
    '0x1.fffffefffffff8000000p127': '7f7fffff',
    '0x1.ffffffp127': RANGE,
    '0x1p128': RANGE,
    '-0x1p128': RANGE,
    '0x1p99999999999999999999': RANGE,
    '0x1p-99999999999999999999': '0',
    '0x0p99999999999999999999': '0',
    '1e38': '7e967699',
    '1e39': RANGE,
    '-1e39': RANGE,
    '340282356779733623858607532500980858880': '7f7fffff',
    '340282356779733661637539395458142568447': '7f7fffff',
    '340282356779733661637539395458142568448': RANGE,
    '1.401298464e-45': '1',
    '7.006492321624085e-46': '0',
    '7.006492321624086e-46': '1',
    '0x1.00000100000000000p-50': '26800000',
    '0x1.00000100000000001p-50': '26800001',
    '0x1.000001p0': '3f800000',
    '0x1.000003p0': '3f800002',
    // Just above and below the middle of two f32, closer to it than an f64 can say.
    '1.000000059604644775390625': '3f800000',
    '1.00000005960464477539062500000000000000001': '3f800001',
    '1.00000005960464477539062499999999999999999': '3f800000',
    '1.000000178813934326171875': '3f800002',
    '1.00000017881393432617187499999999999999999': '3f800001',
    '-1.00000005960464477539062500000000000000001': 'bf800001',
    '1_0.0_1e+0_1': '42c83333',
    '0123456789e+019': '6c7f4d7b',
    '0123456789.e-019': '2d592fff',
    ...Object.fromEntries(
      '.0 0e 0e+ 0.0e- 0x 0x. 0x0.g 0x0p 0x0p- 0x0pA 1.e 1._0 1_.0 1e_1 0x1._0 0x1p_1 0x1p0x1 nan:0x nan: --1 +'
        .split(' ')
        .map((text) => [text, UNKNOWN]),
    ),
  };
  for (const [text, bits] of Object.entries(f32Cases)) assert.equal(f32(text), bits, text);
  const f64Cases: Record<string, string> = {
    nan: '7ff8000000000000',
    '-nan:0xf_ffff_ffff_ffff': 'ffffffffffffffff',
    'nan:0x10_0000_0000_0000': RANGE,
    '0x1p-1074': '1',
    '0x1p-1075': '0',
    '0x1.0000000000000001p-1075': '1',
    '0x1.fffffffffffffp1023': '7fefffffffffffff',
    '0x1.fffffffffffff7ffffffffp1023': '7fefffffffffffff',
    '0x1.fffffffffffff8p1023': RANGE,
    '1e308': '7fe1ccf385ebc8a0',
    '1e309': RANGE,
    '4.9406564584124654e-324': '1',
    '2.4703282292062327e-324': '0',
    '2.4703282292062328e-324': '1',
    '0x1.00000000000008p0': '3ff0000000000000',
    '0x1.000000000000080000000000000000001p0': '3ff0000000000001',
    '0x1.00000000000018p0': '3ff0000000000002',
    '9007199254740993': '4340000000000000',
    '0x20000000000001': '4340000000000000',
    '0x20000000000003': '4340000000000002',
  };
  for (const [text, bits] of Object.entries(f64Cases)) assert.equal(f64(text), bits, text);
});

interface Rational {
  num: bigint;
  den: bigint;
}

/** The exact value of a finite float's bits, counted from the format's definition. */
function exact(bits: bigint, precision: number, minExponent: number): Rational {
  const fraction = bits & ((1n << BigInt(precision - 1)) - 1n);
  const field = Number(bits >> BigInt(precision - 1));
  const num = field === 0 ? fraction : fraction | (1n << BigInt(precision - 1));
  const exponent = Math.max(field, 1) - 1 + minExponent - (precision - 1);
  return exponent >= 0 ? { num: num << BigInt(exponent), den: 1n } : { num, den: 1n << BigInt(-exponent) };
}

/** -1, 0 or 1 as `x` lies below, on or above the middle of `a` and `b`. */
function sideOfMiddle(x: Rational, a: Rational, b: Rational): number {
  const left = 2n * x.num * a.den * b.den;
  const right = (a.num * b.den + b.num * a.den) * x.den;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** True if the float `bits` (below the infinity) is what `x` rounds to. */
function isNearest(bits: bigint, x: Rational, precision: number, minExponent: number): boolean {
  const here = exact(bits, precision, minExponent);
  const even = (bits & 1n) === 0n;
  const above = sideOfMiddle(x, here, exact(bits + 1n, precision, minExponent));
  if (above > 0 || (above === 0 && !even)) return false;
  if (bits === 0n) return true;
  const below = sideOfMiddle(x, exact(bits - 1n, precision, minExponent), here);
  return below > 0 || (below === 0 && even);
}

test('floats: random decimals and hexadecimals round to the nearest', () => {
  const random = generator(1);
  for (let i = 0; i < 4000; i++) {
    const hex = i % 2 === 1;
    const digits = () => {
      let text = '';
      for (let n = 1 + (random() % (i % 7 === 0 ? 30 : 12)); n > 0; n--)
        text += (random() % (hex ? 16 : 10)).toString(16);
      return text;
    };
    const whole = digits();
    const fraction = digits();
    const exponent = (random() % (hex ? 260 : 76)) - (hex ? 165 : 50);
    const text = `${hex ? '0x' : ''}${whole}.${fraction}${hex ? 'p' : 'e'}${exponent}`;
    const num = BigInt((hex ? '0x' : '') + whole + fraction);
    const shift = hex ? exponent - 4 * fraction.length : exponent - fraction.length;
    const scale = (hex ? 2n : 10n) ** BigInt(Math.abs(shift));
    const x = shift >= 0 ? { num: num * scale, den: 1n } : { num, den: scale };
    const narrow = numbers.parseFloat32(text);
    if (narrow.ok) assert.ok(isNearest(BigInt(narrow.value), x, 24, -126), `f32 ${text}`);
    else assert.ok(sideOfMiddle(x, exact(0x7f7fffffn, 24, -126), exact(0x7f800000n, 24, -126)) >= 0, text);
    const wide = numbers.parseFloat64(text);
    assert.ok(
      wide.ok && isNearest(numbers.bigIntOf(wide.value.lo, wide.value.hi), x, 53, -1022),
      `f64 ${text}`,
    );
  }
});

test('floats: the middle between two f32 goes to the even one, a hair beside it does not', () => {
  const random = generator(2);
  for (let i = 0; i < 3000; i++) {
    // Every third one is subnormal.
    const bits = BigInt(random() % (i % 3 === 0 ? 0x80_0000 : 0x7f80_0000));
    const a = exact(bits, 24, -126);
    const b = exact(bits + 1n, 24, -126);
    const num = a.num * b.den + b.num * a.den;
    const twos = BigInt((2n * a.den * b.den).toString(2).length - 1);
    // num / 2^twos = num * 5^twos / 10^twos: an exact decimal of the middle.
    const decimal = num * 5n ** twos;
    const even = bits & 1n ? bits + 1n : bits;
    for (const [delta, expected] of [
      [0n, even],
      [1n, bits + 1n],
      [-1n, bits],
    ] as const) {
      const text = `${decimal * 10n ** 9n + delta}e-${twos + 9n}`;
      const want = expected === 0x7f80_0000n ? RANGE : expected.toString(16);
      assert.equal(f32(text), want, text);
    }
  }
});

test('printed floats parse back to the same bits', () => {
  const random = generator(3);
  const edges32 = [
    0, 1, 2, 0x7fffff, 0x800000, 0x800001, 0x7f7fffff, 0x3f800000, 0x4b800000, 0x7f800000, 0x7fc00000,
    0x7f800001,
  ];
  for (let i = 0; i < 6000; i++) {
    const pick = i < edges32.length * 2 ? edges32[i >> 1] | ((i & 1) << 31) : random() | 0;
    for (const text of [numbers.printFloat32(pick), numbers.printHexFloat32(pick)]) {
      assert.equal(outcome(numbers.parseFloat32(text)), pick, `${text} of ${pick.toString(16)}`);
    }
    const lo = i % 5 === 0 ? 0 : random() | 0;
    const hi =
      i % 50 === 0
        ? 0x7ff00000 | (random() & 0x800fffff)
        : i % 50 === 1
          ? random() & 0x800fffff
          : random() | 0;
    for (const text of [numbers.printFloat64(lo, hi), numbers.printHexFloat64(lo, hi)]) {
      assert.deepEqual(outcome(numbers.parseFloat64(text)), { lo, hi }, text);
    }
    assert.equal(outcome(numbers.parseInt64(numbers.printInt64(lo, hi))), numbers.bigIntOf(lo, hi));
    assert.equal(outcome(numbers.parseInt32(numbers.printInt32(lo))), lo);
  }
});

test('printed floats are the short and usual forms', () => {
  const shown = (text: string) => {
    const bits = numbers.parseFloat32(text);
    assert.ok(bits.ok);
    return [numbers.printFloat32(bits.value), numbers.printHexFloat32(bits.value)];
  };
  assert.deepEqual(shown('0.1'), ['0.1', '0x1.99999ap-4']);
  assert.deepEqual(shown('16777216'), ['16777216', '0x1p+24']);
  assert.deepEqual(shown('-0'), ['-0', '-0x0p+0']);
  assert.deepEqual(shown('1e-45'), ['1e-45', '0x1p-149']);
  assert.deepEqual(shown('3.4028234663852886e38'), ['3.4028235e+38', '0x1.fffffep+127']);
  assert.deepEqual(shown('-nan:0x12'), ['-nan:0x12', '-nan:0x12']);
  assert.deepEqual(shown('nan'), ['nan', 'nan']);
  assert.equal(numbers.printFloat64(0, 0x80000000 | 0), '-0');
  assert.equal(numbers.printFloat64(1, 0x7ff80000), 'nan:0x8000000000001');
  assert.equal(numbers.printFloat64(0, 0xfff00000 | 0), '-inf');
  assert.equal(numbers.printHexFloat64(1, 0), '0x1p-1074');
});
