/**
 * Sizes as people read them. Imported by the editor and by its page.
 */

import { filled } from './webview/strings.ts';

export interface SizeStrings {
  readonly oneByte: string;
  readonly manyBytes: string;
}

/** `61 bytes`, `13.4 KiB`, `2.0 MiB`. */
export function bytesText(size: number, strings: SizeStrings): string {
  if (size === 1) return strings.oneByte;
  if (size < 1024) return filled(strings.manyBytes, size);
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

/** With a sign, for what became more or less: `+1.2 KiB`, `−3 bytes`. */
export function signedBytes(size: number, strings: SizeStrings): string {
  const sign = size > 0 ? '+' : size < 0 ? '−' : '±';
  return `${sign}${bytesText(Math.abs(size), strings)}`;
}
