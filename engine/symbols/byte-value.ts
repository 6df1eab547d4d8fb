/**
 * Values of leaves of the structure tree as people read them: numbers, texts, types, opcodes.
 */

import { printFloat32, printFloat64 } from '../base/numbers.ts';
import type { ByteNode } from '../binary/structure/node.ts';
import { PRIMS } from '../component/binary/codes.ts';
import { instrByCode } from '../isa/isa.ts';
import { heapName, typeName } from '../isa/types.ts';

/** How many characters of a text, or bytes of data, are shown. */
const SHOWN = 64;

/** The value of a leaf or of a name; undefined if there is nothing to say beside the bytes. */
export function valueText(node: ByteNode, bytes: Uint8Array): string | undefined {
  const { form, value, start, end } = node;
  if (node.kind === 'name') return quoted(String(value));
  if (form === undefined || node.kind === 'malformed') return undefined;
  switch (form) {
    case 'utf8':
      return quoted(String(value));
    case 'primtype':
      return PRIMS.get(Number(value)) ?? hex(Number(value));
    case 'valtype':
      return typeName(Number(value));
    case 'heaptype':
      return heapName(Number(value));
    case 'opcode': {
      const code = Number(value);
      const name = instrByCode(code)?.name;
      return name ? `${hex(code)} ${name}` : hex(code);
    }
    case 'f32':
      return printFloat32(view(bytes).getInt32(start, true));
    case 'f64':
      return printFloat64(view(bytes).getInt32(start, true), view(bytes).getInt32(start + 4, true));
    case 'v128': {
      const words = [0, 4, 8, 12].map((at) => hex(view(bytes).getUint32(start + at, true), 8));
      return `i32x4 ${words.join(' ')}`;
    }
    case 'bytes':
      return node.kind === 'bytes' ? dataText(bytes, start, end) : undefined;
    case 'byte':
    case 'subopcode':
      return hex(Number(value));
    default:
      return value === undefined ? undefined : numberText(value as number | bigint);
  }
}

/** A number, and in hexadecimal where that helps. */
export function numberText(value: number | bigint): string {
  const big = BigInt(value);
  if (big < 10n && big > -10n) return String(value);
  return `${value} (${big < 0n ? '-' : ''}0x${(big < 0n ? -big : big).toString(16)})`;
}

/** Bytes as a text in quotes, the others as escapes; cut where they are many. */
export function dataText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  const shown = Math.min(end, start + SHOWN);
  for (let i = start; i < shown; i++) {
    const byte = bytes[i];
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${text}"${shown < end ? ` … (${end - start} bytes)` : ''}`;
}

/** A text in quotes without anything that could change how the rest is read; cut where it is long. */
export function quoted(text: string): string {
  const cut = text.length > 4 * SHOWN ? `${text.slice(0, 4 * SHOWN)}…` : text;
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

export function hex(value: number, digits = 2): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
