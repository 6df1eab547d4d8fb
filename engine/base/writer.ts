/**
 * Writing the binary format's primitive values into a buffer that grows (spec 5.2). The mirror of reader.ts.
 *
 * Integers are written in their shortest LEB128. Where a length comes before its content, `begin` and `end` patch it
 * afterwards: `end` moves the content to fit and says by how much, `endFixed` leaves it where it is behind a
 * five-byte length.
 */

import { encodeUtf8Into, utf8Length } from './utf8.ts';

/** Bytes that `begin` reserves for a length. */
const RESERVED = 5;

export class ByteWriter {
  private buffer: Uint8Array;
  /** How many bytes are written: the offset of the next one. */
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  /** The bytes written so far, as a copy. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length) as Uint8Array<ArrayBuffer>;
  }

  /** The bytes written so far, as a view that the next write may leave behind. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** Forgets what was written; the buffer stays. */
  clear(): void {
    this.length = 0;
  }

  u8(byte: number): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = byte;
  }

  /** An unsigned 32-bit LEB128. */
  u32(value: number): void {
    value >>>= 0;
    while (value >= 0x80) {
      this.u8((value & 0x7f) | 0x80);
      value >>>= 7;
    }
    this.u8(value);
  }

  /** An unsigned 32-bit LEB128 of five bytes, whatever the value. */
  u32Fixed(value: number): void {
    this.grow(RESERVED);
    this.patchFixed(this.length, value);
    this.length += RESERVED;
  }

  /** A signed 32-bit LEB128. */
  s32(value: number): void {
    value |= 0;
    while (value < -0x40 || value > 0x3f) {
      this.u8((value & 0x7f) | 0x80);
      value >>= 7;
    }
    this.u8(value & 0x7f);
  }

  /** A signed 33-bit LEB128: whole numbers from -2^32 to 2^32 - 1. */
  s33(value: number): void {
    while (value < -0x40 || value > 0x3f) {
      this.u8((value & 0x7f) | 0x80);
      value = Math.floor(value / 0x80);
    }
    this.u8(value & 0x7f);
  }

  /** An unsigned 64-bit LEB128 from its halves. */
  u64Halves(lo: number, hi: number): void {
    while (hi !== 0) {
      this.u8((lo & 0x7f) | 0x80);
      lo = (lo >>> 7) | (hi << 25);
      hi >>>= 7;
    }
    this.u32(lo);
  }

  /** A signed 64-bit LEB128 from its halves. */
  s64Halves(lo: number, hi: number): void {
    lo |= 0;
    hi |= 0;
    while (hi !== lo >> 31) {
      this.u8((lo & 0x7f) | 0x80);
      lo = (lo >>> 7) | (hi << 25);
      hi >>= 7;
    }
    this.s32(lo);
  }

  /** An unsigned 64-bit LEB128; whole number or BigInt. */
  u64(value: bigint | number): void {
    const big = BigInt.asUintN(64, BigInt(value));
    this.u64Halves(Number(big & 0xffff_ffffn), Number(big >> 32n));
  }

  /** A signed 64-bit LEB128; values outside i64 wrap. */
  s64(value: bigint): void {
    const big = BigInt.asUintN(64, value);
    this.s64Halves(Number(big & 0xffff_ffffn), Number(big >> 32n));
  }

  /** Four bytes, little-endian: the bits of an f32. */
  f32(bits: number): void {
    this.grow(4);
    const { buffer, length } = this;
    buffer[length] = bits;
    buffer[length + 1] = bits >> 8;
    buffer[length + 2] = bits >> 16;
    buffer[length + 3] = bits >> 24;
    this.length = length + 4;
  }

  /** Eight bytes, little-endian: the bits of an f64. */
  f64Halves(lo: number, hi: number): void {
    this.f32(lo);
    this.f32(hi);
  }

  bytes(bytes: ArrayLike<number>): void {
    this.grow(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A name: length and UTF-8. */
  name(text: string): void {
    const n = utf8Length(text);
    this.u32(n);
    this.grow(n);
    this.length = encodeUtf8Into(text, this.buffer, this.length);
  }

  /** Bytes behind their length. */
  sized(bytes: ArrayLike<number>): void {
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  /** Starts content behind a length; give the mark to `end` or `endFixed`. */
  begin(): number {
    this.grow(RESERVED);
    this.length += RESERVED;
    return this.length;
  }

  /**
   * Ends content: writes its length, as short as it goes, and moves the content down behind it. Returns by how many
   * bytes it moved, so that offsets noted meanwhile can follow.
   */
  end(mark: number): number {
    const content = this.length - mark;
    this.length = mark - RESERVED;
    this.u32(content);
    const moved = mark - this.length;
    this.buffer.copyWithin(this.length, mark, mark + content);
    this.length += content;
    return moved;
  }

  /** Ends content behind a length of five bytes; nothing moves. */
  endFixed(mark: number): void {
    this.patchFixed(mark - RESERVED, this.length - mark);
  }

  private patchFixed(at: number, value: number): void {
    for (let i = 0; i < 4; i++) this.buffer[at + i] = ((value >>> (7 * i)) & 0x7f) | 0x80;
    this.buffer[at + 4] = value >>> 28;
  }

  /** Makes room for `n` more bytes. */
  private grow(n: number): void {
    const need = this.length + n;
    if (need <= this.buffer.length) return;
    const bigger = new Uint8Array(Math.max(need, this.buffer.length * 2));
    bigger.set(this.buffer.subarray(0, this.length));
    this.buffer = bigger;
  }
}
