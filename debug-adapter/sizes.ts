/**
 * Numbers of bytes as people write them: 65536, 64K, 64 MiB, 1g. The letters are powers of 1,024.
 */

const POWERS = { '': 0, k: 1, m: 2, g: 3 } as const;

/** The bytes; undefined for what is no such number, or none above 0. */
export function parseSize(text: string | number): number | undefined {
  const [, digits, letter] = /^\s*(\d+)\s*([kmg]?)(?:i?b)?\s*$/i.exec(String(text)) ?? [];
  if (digits === undefined) return undefined;
  const bytes = Number(digits) * 1024 ** POWERS[letter.toLowerCase() as keyof typeof POWERS];
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
