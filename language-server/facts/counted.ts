/**
 * How many of something, in words: `1 byte`, `12 bytes`.
 *
 * For words whose plural is made with an `s`; numbers are written as they are.
 */

export function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
