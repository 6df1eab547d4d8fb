// Reader, writer and UTF-8: LEB128 edge tables in the suite's wording, round trips, the host's TextDecoder as oracle.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { ByteReader } from '../../engine/base/reader.ts';
import * as utf8 from '../../engine/base/utf8.ts';
import { ByteWriter } from '../../engine/base/writer.ts';

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const TOO_LONG = 'integer representation too long';
const TOO_LARGE = 'integer too large';
const END = 'unexpected end of section or function';

/** What reading says: the value, or `message @offset`. */
function reading(hex: string, read: (r: ByteReader) => unknown): unknown {
  const bytes = bytesOf(hex);
  const reader = new ByteReader(bytes);
  try {
    const value = read(reader);
    assert.equal(reader.pos, bytes.length, `${hex}: all bytes are read`);
    return value;
  } catch (e) {
    if (!(e instanceof WasmError)) throw e;
    assert.equal(e.phase, 'malformed');
    return `${e.message} @${e.offset}`;
  }
}

type Method = 'u32' | 's32' | 's33' | 'u64' | 's64';
const LEB: [Method, string, unknown][] = [
  ['u32', '', `${END} @0`],
  ['u32', '00', 0],
  ['u32', '7f', 127],
  ['u32', '8001', 128],
  ['u32', '80', `${END} @1`],
  ['u32', '8000', 0],
  ['u32', '8080808000', 0],
  ['u32', 'ffffffff0f', 0xffffffff],
  ['u32', '8080808010', `${TOO_LARGE} @4`],
  ['u32', '8080808040', `${TOO_LARGE} @4`],
  ['u32', 'ffffffff1f', `${TOO_LARGE} @4`],
  ['u32', '828080808000', `${TOO_LONG} @4`],
  ['u32', '80808080', `${END} @4`],
  ['s32', '', `${END} @0`],
  ['s32', '3f', 63],
  ['s32', '40', -64],
  ['s32', '7f', -1],
  ['s32', 'ff7f', -1],
  ['s32', 'ff00', 127],
  ['s32', 'bf7f', -65],
  ['s32', 'c000', 64],
  ['s32', 'ffffffff07', 2147483647],
  ['s32', '8080808078', -2147483648],
  ['s32', 'ffffffff7f', -1],
  ['s32', '8080808070', `${TOO_LARGE} @4`],
  ['s32', 'ffffffff0f', `${TOO_LARGE} @4`],
  ['s32', 'ffffffff4f', `${TOO_LARGE} @4`],
  ['s32', '808080808000', `${TOO_LONG} @4`],
  ['s32', 'ffffffffff7f', `${TOO_LONG} @4`],
  ['s33', '40', -64],
  ['s33', '8080808010', `${TOO_LARGE} @4`],
  ['s33', 'ffffffff0f', 4294967295],
  ['s33', '8080808070', -4294967296],
  ['s33', '808080808000', `${TOO_LONG} @4`],
  ['u64', '7f', 127n],
  ['u64', 'ffffffff0f', 0xffffffffn],
  ['u64', 'ffffffffffffffffff01', 2n ** 64n - 1n],
  ['u64', '82808080808080808000', 2n],
  ['u64', '80808080808080808002', `${TOO_LARGE} @9`],
  ['u64', '8280808080808080807f', `${TOO_LARGE} @9`],
  ['u64', '8280808080808080808000', `${TOO_LONG} @9`],
  ['u64', '808080808080808080', `${END} @9`],
  ['s64', '7f', -1n],
  ['s64', 'ff7f', -1n],
  ['s64', '8080808008', 2n ** 31n],
  ['s64', '8080808078', -(2n ** 31n)],
  ['s64', 'ffffffffffffffffff00', 2n ** 63n - 1n],
  ['s64', '8080808080808080807f', -(2n ** 63n)],
  ['s64', '80808080808080808001', `${TOO_LARGE} @9`],
  ['s64', 'ffffffffffffffffff7e', `${TOO_LARGE} @9`],
  ['s64', 'ffffffffffffffffffff7f', `${TOO_LONG} @9`],
];

test('LEB128 edges', () => {
  for (const [method, hex, expected] of LEB) {
    assert.equal(
      reading(hex, (r) => r[method]()),
      expected,
      `${method} ${hex}`,
    );
  }
});

test('LEB128: what is written is read back, and is as short as it goes', () => {
  const powers: bigint[] = [];
  for (let bit = 0n; bit <= 64n; bit++)
    for (const d of [-1n, 0n, 1n]) powers.push((1n << bit) + d, -(1n << bit) + d);
  const round = <T>(value: T, write: (w: ByteWriter) => void, read: (r: ByteReader) => T, size: number) => {
    const w = new ByteWriter(1);
    write(w);
    const reader = new ByteReader(w.toBytes());
    assert.equal(read(reader), value);
    assert.ok(reader.atEnd);
    assert.equal(w.length, size, `length of ${value}`);
  };
  const unsignedSize = (v: bigint) => Math.max(1, Math.ceil(v.toString(2).length / 7));
  const signedSize = (v: bigint) =>
    Math.ceil(((v < 0n ? -v - 1n : v).toString(2).replace(/^0$/, '').length + 1) / 7);
  for (const v of powers) {
    const n = Number(v);
    if (v >= 0n && v < 2n ** 32n)
      round(
        n,
        (w) => w.u32(n),
        (r) => r.u32(),
        unsignedSize(v),
      );
    if (v >= 0n && v < 2n ** 64n)
      round(
        v,
        (w) => w.u64(v),
        (r) => r.u64(),
        unsignedSize(v),
      );
    if (v >= -(2n ** 31n) && v < 2n ** 31n)
      round(
        n,
        (w) => w.s32(n),
        (r) => r.s32(),
        signedSize(v),
      );
    if (v >= -(2n ** 32n) && v < 2n ** 32n)
      round(
        n,
        (w) => w.s33(n),
        (r) => r.s33(),
        signedSize(v),
      );
    if (v >= -(2n ** 63n) && v < 2n ** 63n)
      round(
        v,
        (w) => w.s64(v),
        (r) => r.s64(),
        signedSize(v),
      );
    if (v >= 0n && v < 2n ** 32n)
      round(
        n,
        (w) => w.u32Fixed(n),
        (r) => r.u32(),
        5,
      );
  }
});

test('floats, bytes, names and lengths', () => {
  const w = new ByteWriter(1);
  w.f32(0xff812345 | 0);
  w.f64Halves(0x89abcdef | 0, 0x7ff01234);
  w.name('añ€😀');
  const mark = w.begin();
  w.bytes([1, 2, 3]);
  assert.equal(w.end(mark), 4);
  const fixed = w.begin();
  w.u8(9);
  w.endFixed(fixed);
  w.sized([7, 7]);
  const r = new ByteReader(w.toBytes());
  assert.equal(r.f32(), 0xff812345 | 0);
  r.f64Halves();
  assert.deepEqual([r.lo, r.hi], [0x89abcdef | 0, 0x7ff01234]);
  assert.equal(r.name(), 'añ€😀');
  assert.deepEqual([...r.take(r.length())], [1, 2, 3]);
  assert.deepEqual([...r.take(9)], [0x81, 0x80, 0x80, 0x80, 0, 9, 2, 7, 7]);
  assert.ok(r.atEnd);
});

test('a name that is cut off, or is no UTF-8, says where', () => {
  assert.equal(
    reading('0361ff62', (r) => r.name()),
    'malformed UTF-8 encoding @2',
  );
  assert.equal(
    reading('0161', (r) => r.name()),
    'a',
  );
  assert.equal(
    reading('0561', (r) => r.name()),
    'length out of bounds @0',
  );
  assert.equal(
    reading('ffffffff0f61', (r) => r.name()),
    'length out of bounds @0',
  );
  assert.equal(
    reading('02f09f', (r) => r.name()),
    'malformed UTF-8 encoding @3',
  );
  assert.equal(
    reading('010203', (r) => r.f32()),
    `${END} @3`,
  );
});

test('UTF-8 agrees with the host on every pair and on samples of longer sequences', () => {
  const host = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const check = (bytes: Uint8Array) => {
    let expected: string | undefined;
    try {
      expected = host.decode(bytes);
    } catch {
      expected = undefined;
    }
    assert.equal(utf8.tryDecodeUtf8(bytes), expected, [...bytes].map((b) => b.toString(16)).join(' '));
    if (expected !== undefined) assert.deepEqual(utf8.encodeUtf8(expected), bytes);
  };
  for (let a = 0; a < 256; a++) {
    check(Uint8Array.of(a));
    for (let b = 0; b < 256; b++) check(Uint8Array.of(a, b));
  }
  const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  for (let a = 0xc0; a < 256; a++) {
    for (const b of edges) {
      for (const c of edges) {
        check(Uint8Array.of(a, b, c));
        for (const d of edges) check(Uint8Array.of(a, b, c, d));
      }
    }
  }
});

test('UTF-8: long texts, lone surrogates, fault offsets', () => {
  const long = 'a'.repeat(5000) + '😀é€'.repeat(5000);
  assert.equal(utf8.decodeUtf8(utf8.encodeUtf8(long)), long);
  for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800', 'x\ud83d']) {
    assert.deepEqual(utf8.encodeUtf8(text), new TextEncoder().encode(text));
    assert.equal(utf8.utf8Length(text), utf8.encodeUtf8(text).length);
  }
  assert.equal(utf8.utf8Fault(bytesOf('61eda080')), 2);
  assert.equal(utf8.utf8Fault(bytesOf('61c1bf')), 1);
  assert.equal(utf8.utf8Fault(bytesOf('61e282')), 3);
  assert.equal(utf8.utf8Fault(bytesOf('6180')), 1);
  assert.equal(utf8.utf8Fault(bytesOf('e282ac')), -1);
});
