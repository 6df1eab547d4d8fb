/**
 * Bytes that came in a message as base64, in hosts of every kind.
 */

declare function atob(data: string): string;

/** Throws an Error for people if it is no base64. */
export function fromBase64(data: string): Uint8Array<ArrayBuffer> {
  let text: string;
  try {
    text = atob(data);
  } catch {
    throw new Error('the bytes are not written as base64');
  }
  // A loop: for 14 MB it takes 28 ms, Uint8Array.from with a function 1300 ms (V8 of Node 24).
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
