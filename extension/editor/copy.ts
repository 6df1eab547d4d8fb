/**
 * Bytes as text for the clipboard: hexadecimal, arrays of C and Rust, base64, a string of WAT, offsets.
 *
 * Pure: knows no clipboard.
 */

import { toBase64 } from '../files/base64.ts';

export const COPY_FORMATS = ['hex', 'c', 'rust', 'base64', 'wat', 'text', 'offset'] as const;
export type CopyFormat = (typeof COPY_FORMATS)[number];

/** Bytes of an array in a line. */
const PER_LINE = 12;

/** The bytes that stand at `start`, in a format. `offset` is where they are: `0x1f3`, `0x1f3-0x1f8` for several. */
export function copied(format: CopyFormat, bytes: Uint8Array, start: number): string {
  switch (format) {
    case 'hex':
      return Array.from(bytes, hex).join(' ');
    case 'c':
      return `const unsigned char bytes[${bytes.length}] = {${lines(bytes)}};`;
    case 'rust':
      return `const BYTES: [u8; ${bytes.length}] = [${lines(bytes)}];`;
    case 'base64':
      return toBase64(bytes);
    case 'wat':
      return `"${Array.from(bytes, watCharacter).join('')}"`;
    case 'text':
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    case 'offset': {
      const last = start + bytes.length - 1;
      return last > start ? `0x${start.toString(16)}-0x${last.toString(16)}` : `0x${start.toString(16)}`;
    }
  }
}

/** One line if it is short, else indented lines of twelve. */
function lines(bytes: Uint8Array): string {
  const all = Array.from(bytes, (byte) => `0x${hex(byte)}`);
  if (all.length <= PER_LINE) return all.length ? ` ${all.join(', ')} ` : '';
  const rows: string[] = [];
  for (let at = 0; at < all.length; at += PER_LINE)
    rows.push(`    ${all.slice(at, at + PER_LINE).join(', ')},`);
  return `\n${rows.join('\n')}\n`;
}

/** ASCII as it is, all else as `\hh` (spec 6.3.3). */
function watCharacter(byte: number): string {
  const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
  return isPlain ? String.fromCharCode(byte) : `\\${hex(byte)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
