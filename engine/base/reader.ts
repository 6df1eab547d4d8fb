/**
 * Reading the binary format's primitive values: bytes, LEB128 integers, floats, names (spec 5.2).
 *
 * A reader walks `bytes[pos, end)`. `bytes` is the whole module, so `pos` is the module offset that faults carry.
 * Every method throws a malformed WasmError in the suite's wording and leaves `pos` unspecified then. 64-bit values
 * come as two 32-bit halves in `lo` and `hi` (signed numbers) on hot paths, as a BigInt on request.
 */

import { malformed } from './errors.ts';
import { decodeUtf8 } from './utf8.ts';

const TOO_LONG = 'integer representation too long';
const TOO_LARGE = 'integer too large';

export class ByteReader {
  readonly bytes: Uint8Array;
  /** Offset of the next byte. */
  pos: number;
  /** Offset behind the last byte that may be read. */
  end: number;
  /** Low and high half of the last 64-bit value, each as a signed 32-bit number. */
  lo = 0;
  hi = 0;

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.pos >= this.end;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.end - this.pos;
  }

  u8(): number {
    if (this.pos >= this.end) this.unexpectedEnd();
    return this.bytes[this.pos++];
  }

  /** The next byte, which stays unread; -1 at the end. */
  peek(): number {
    return this.pos < this.end ? this.bytes[this.pos] : -1;
  }

  /** An unsigned 32-bit LEB128. */
  u32(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const byte = this.bytes[pos];
      if (byte < 0x80) {
        this.pos = pos + 1;
        return byte;
      }
    }
    return this.u32Long();
  }

  /** A signed 32-bit LEB128. */
  s32(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const byte = this.bytes[pos];
      if (byte < 0x80) {
        this.pos = pos + 1;
        return (byte << 25) >> 25;
      }
    }
    return this.s32Long();
  }

  /** A signed 33-bit LEB128: block types and heap types. */
  s33(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const byte = this.bytes[pos];
      if (byte < 0x80) {
        this.pos = pos + 1;
        return (byte << 25) >> 25;
      }
    }
    return this.s33Long();
  }

  /** An unsigned 64-bit LEB128 into `lo` and `hi`. */
  u64Halves(): void {
    const pos = this.pos;
    if (pos < this.end) {
      const byte = this.bytes[pos];
      if (byte < 0x80) {
        this.pos = pos + 1;
        this.lo = byte;
        this.hi = 0;
        return;
      }
    }
    this.halves(1);
  }

  /** A signed 64-bit LEB128 into `lo` and `hi`. */
  s64Halves(): void {
    const pos = this.pos;
    if (pos < this.end) {
      const byte = this.bytes[pos];
      if (byte < 0x80) {
        this.pos = pos + 1;
        this.lo = (byte << 25) >> 25;
        this.hi = this.lo >> 31;
        return;
      }
    }
    this.halves(0x7f);
    const bits = (this.pos - pos) * 7;
    if (bits < 32) {
      this.lo = (this.lo << (32 - bits)) >> (32 - bits);
      this.hi = this.lo >> 31;
    } else if (bits < 64) this.hi = (this.hi << (64 - bits)) >> (64 - bits);
  }

  /** An unsigned 64-bit LEB128. */
  u64(): bigint {
    this.u64Halves();
    return (BigInt(this.hi >>> 0) << 32n) | BigInt(this.lo >>> 0);
  }

  /** A signed 64-bit LEB128. */
  s64(): bigint {
    this.s64Halves();
    return (BigInt(this.hi) << 32n) | BigInt(this.lo >>> 0);
  }

  /** An unsigned 64-bit LEB128 as a number: exact below 2^53, else the nearest one. */
  u64Number(): number {
    this.u64Halves();
    return (this.hi >>> 0) * 0x1_0000_0000 + (this.lo >>> 0);
  }

  /** Four bytes, little-endian, as a signed number: the bits of an f32. */
  f32(): number {
    const { bytes, pos } = this;
    if (this.end - pos < 4) this.unexpectedEnd();
    this.pos = pos + 4;
    return bytes[pos] | (bytes[pos + 1] << 8) | (bytes[pos + 2] << 16) | (bytes[pos + 3] << 24);
  }

  /** The bits of an f64 into `lo` and `hi`. */
  f64Halves(): void {
    if (this.end - this.pos < 8) this.unexpectedEnd();
    this.lo = this.f32();
    this.hi = this.f32();
  }

  /** A view of the next `n` bytes. */
  take(n: number): Uint8Array {
    const start = this.pos;
    this.skip(n);
    return this.bytes.subarray(start, this.pos);
  }

  /** Steps over `n` bytes. */
  skip(n: number): void {
    if (n > this.end - this.pos) this.unexpectedEnd();
    this.pos += n;
  }

  /**
   * A byte count: "length out of bounds" when that and the count's own bytes are more than what is left. The suite
   * wants exactly this, so a count that is one byte over comes through and ends in "unexpected end".
   */
  length(): number {
    const start = this.pos;
    const n = this.u32();
    if (n > this.end - start) malformed(start, 'length out of bounds');
    if (n > this.end - this.pos) this.unexpectedEnd();
    return n;
  }

  /** A count of items of a byte or more each: bounded like a byte count, so that it cannot ask for much memory. */
  count(): number {
    const start = this.pos;
    const n = this.u32();
    if (n > this.end - start) malformed(start, 'length out of bounds');
    return n;
  }

  /** A name: length and strict UTF-8 (spec 5.2.4). */
  name(): string {
    const n = this.length();
    const start = this.pos;
    this.pos = start + n;
    return decodeUtf8(this.bytes, start, start + n);
  }

  /** Throws: bytes are missing. Both wordings of the suite are prefixes of this one. */
  unexpectedEnd(): never {
    malformed(this.end, 'unexpected end of section or function');
  }

  private u32Long(): number {
    const { bytes, end } = this;
    let pos = this.pos;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (pos >= end) this.unexpectedEnd();
      const byte = bytes[pos++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.pos = pos;
        return value;
      }
    }
    if (pos >= end) this.unexpectedEnd();
    const byte = bytes[pos];
    if ((byte & 0x7f) >= 0x10) malformed(pos, TOO_LARGE);
    if (byte >= 0x80) malformed(pos, TOO_LONG);
    this.pos = pos + 1;
    return (value | (byte << 28)) >>> 0;
  }

  private s32Long(): number {
    const { bytes, end } = this;
    let pos = this.pos;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (pos >= end) this.unexpectedEnd();
      const byte = bytes[pos++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.pos = pos;
        return (value << (25 - shift)) >> (25 - shift);
      }
    }
    if (pos >= end) this.unexpectedEnd();
    const byte = bytes[pos];
    const sign = byte & 0x78;
    if (sign !== 0 && sign !== 0x78) malformed(pos, TOO_LARGE);
    if (byte >= 0x80) malformed(pos, TOO_LONG);
    this.pos = pos + 1;
    return value | (byte << 28);
  }

  private s33Long(): number {
    const { bytes, end } = this;
    let pos = this.pos;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (pos >= end) this.unexpectedEnd();
      const byte = bytes[pos++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.pos = pos;
        return (value << (25 - shift)) >> (25 - shift);
      }
    }
    if (pos >= end) this.unexpectedEnd();
    const byte = bytes[pos];
    const sign = byte & 0x70;
    if (sign !== 0 && sign !== 0x70) malformed(pos, TOO_LARGE);
    if (byte >= 0x80) malformed(pos, TOO_LONG);
    this.pos = pos + 1;
    const low = (value | (byte << 28)) >>> 0;
    return sign === 0 ? low : low - 0x1_0000_0000;
  }

  /** Reads the groups of a 64-bit LEB128 into the halves; a tenth group must be 0 or `full`. */
  private halves(full: number): void {
    const { bytes, end } = this;
    let pos = this.pos;
    let lo = 0;
    let hi = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      if (pos >= end) this.unexpectedEnd();
      const byte = bytes[pos++];
      const group = byte & 0x7f;
      if (shift < 28) lo |= group << shift;
      else if (shift === 28) {
        lo |= group << 28;
        hi = group >> 4;
      } else hi |= group << (shift - 32);
      if (byte < 0x80) {
        this.pos = pos;
        this.lo = lo;
        this.hi = hi;
        return;
      }
    }
    if (pos >= end) this.unexpectedEnd();
    const byte = bytes[pos];
    const group = byte & 0x7f;
    if (group !== 0 && group !== full) malformed(pos, TOO_LARGE);
    if (byte >= 0x80) malformed(pos, TOO_LONG);
    this.pos = pos + 1;
    this.lo = lo;
    this.hi = hi | (group << 31);
  }
}
