/**
 * A LEB128 number taken apart (spec 5.2.2): seven bits a byte, least significant group first.
 */

import type { Form } from './node.ts';

export interface LebGroup {
  readonly offset: number;
  readonly byte: number;
  /** The seven bits that count. */
  readonly bits: number;
  /** The number's bit that the lowest of them is. */
  readonly shift: number;
  /** The high bit is set: another group follows. */
  readonly more: boolean;
}

export interface Leb {
  readonly signed: boolean;
  readonly groups: readonly LebGroup[];
  /** How many bytes would do. Fewer than there are: the encoding is longer than it must be. */
  readonly needed: number;
}

const SIGNED: Partial<Record<Form, boolean>> = {
  u32: false,
  u64: false,
  subopcode: false,
  s32: true,
  s33: true,
  s64: true,
  heaptype: true,
};

/** The groups of the number in `[start, end)`; undefined for a field of another form. */
export function lebOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  form: Form | undefined,
): Leb | undefined {
  const signed = form && SIGNED[form];
  if (signed === undefined) return undefined;
  const groups: LebGroup[] = [];
  for (let offset = start; offset < end; offset++) {
    const byte = bytes[offset];
    groups.push({ offset, byte, bits: byte & 0x7f, shift: (offset - start) * 7, more: byte >= 0x80 });
  }
  return { signed, groups, needed: needed(groups, signed) };
}

/** The highest groups that only repeat the sign (or are zero) are not needed. */
function needed(groups: readonly LebGroup[], signed: boolean): number {
  let n = groups.length;
  for (; n > 1; n--) {
    const sign = signed && (groups[n - 2].bits & 0x40) !== 0;
    if (groups[n - 1].bits !== (sign ? 0x7f : 0)) break;
  }
  return n;
}
