/**
 * The way back from a leaf to its bytes: from its value and the number of bytes that it has, or shall have. So a file that is
 * written again from what was read is the same, LEB128s that are longer than they must be included.
 */

import { encodeUtf8 } from '../../base/utf8.ts';
import { typeIdxOf } from '../../isa/types.ts';
import { HEADER } from '../sections.ts';
import type { ByteNode, Form, Value } from './node.ts';

/**
 * The bytes of a well-formed leaf with this value, in `width` bytes; undefined for data, which has no value. What does not fit
 * is cut off: whoever changes a value looks for the width first.
 */
export function encodeLeaf(
  { label, form, value, start, end }: ByteNode,
  put: Value | undefined = value,
  width = end - start,
): Uint8Array | undefined {
  if (form === 'bytes') return label === 'magic' ? Uint8Array.from(HEADER.slice(0, 4)) : undefined;
  if (form === undefined || put === undefined) return undefined;
  if (form === 'utf8') return encodeUtf8(String(put));
  if (form === 'heaptype') return leb(heapNumber(Number(put)), width);
  const bits = BigInt(put);
  return LEBS.has(form) ? leb(bits, width) : littleEndian(bits, width);
}

const LEBS: ReadonlySet<Form> = new Set<Form>(['u32', 's32', 's33', 'u64', 's64', 'subopcode']);

/** A type index, or an abstract type's negative number. */
function heapNumber(heap: number): bigint {
  const idx = typeIdxOf(heap);
  return BigInt(idx >= 0 ? idx : heap - 0x80);
}

function leb(value: bigint, width: number): Uint8Array {
  return Uint8Array.from({ length: width }, (_, i) => {
    const group = Number((value >> BigInt(7 * i)) & 0x7fn);
    return i + 1 < width ? group | 0x80 : group;
  });
}

/** Also of one byte: codes of types have only their low bits on the wire. */
function littleEndian(value: bigint, width: number): Uint8Array {
  return Uint8Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
