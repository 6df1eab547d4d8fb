/**
 * Reading the primitive values of the component binary format: as in core (base/reader.ts), in the words of the
 * component suite. Bytes that say which case follows are read here, so that every "invalid leading byte" is made in
 * one place.
 */

import { malformed } from '../../base/errors.ts';
import { ByteReader } from '../../base/reader.ts';

export class ComponentReader extends ByteReader {
  override length(): number {
    const n = this.u32();
    if (n > this.end - this.pos) this.unexpectedEnd();
    return n;
  }

  override count(): number {
    return this.length();
  }

  override unexpectedEnd(): never {
    malformed(this.end, 'unexpected end-of-file');
  }

  /** The entries of a vector. */
  vec<T>(read: () => T): readonly T[] {
    const out: T[] = [];
    for (let n = this.count(); n > 0; n--) out.push(read());
    return Object.freeze(out);
  }

  /** Something behind a byte that says if it is there; `what` is asked for by name. */
  optional<T>(read: () => T, what: string): T | undefined {
    const at = this.pos;
    const byte = this.u8();
    if (byte > 1) badByte(at, byte, what);
    return byte === 1 ? read() : undefined;
  }

  flag(): boolean {
    const at = this.pos;
    const byte = this.u8();
    if (byte > 1) malformed(at, `invalid boolean value (0x${byte.toString(16)})`);
    return byte === 1;
  }

  /** A byte that must be this one. */
  expect(byte: number, what: string): void {
    const at = this.pos;
    const got = this.u8();
    if (got !== byte) badByte(at, got, what);
  }
}

/** Throws: no case of `what` starts with this byte. */
export function badByte(offset: number, byte: number, what: string): never {
  malformed(offset, `invalid leading byte (0x${byte.toString(16)}) for ${what}`);
}
