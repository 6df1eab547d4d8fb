/**
 * What the host can run: found out by giving it small modules, never by its version.
 */

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** try … catch_all … end, two memories, a reference of the host in a local, a recursion group. */
const WANTED: readonly (readonly number[])[] = [
  [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 0x06, 0x40, 0x19, 0x0b, 0x0b],
  [5, 5, 2, 0, 0, 0, 0],
  [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 1, 1, 0x6f, 0x0b],
  [1, 8, 1, 0x4e, 2, 0x60, 0, 0, 0x5f, 0],
];

let answer: { readonly why: string | undefined } | undefined;

/** True if the host can run what the host tier makes of modules. */
export function canCompile(): boolean {
  return whyNotCompiled() === undefined;
}

/** Why it cannot, for a log. */
export function whyNotCompiled(): string | undefined {
  answer ??= { why: probe() };
  return answer.why;
}

function probe(): string | undefined {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.validate !== 'function')
    return 'the host has no WebAssembly';
  if (!('Tag' in WebAssembly) || !('Exception' in WebAssembly))
    return "the host's WebAssembly has no exceptions";
  try {
    // Where a policy forbids to compile, validating works and compiling does not.
    new WebAssembly.Module(Uint8Array.from(HEADER));
  } catch (error) {
    return `the host does not compile: ${error instanceof Error ? error.message : error}`;
  }
  const has = (bytes: readonly number[]) => WebAssembly.validate(Uint8Array.from([...HEADER, ...bytes]));
  return WANTED.every(has) ? undefined : "the host's WebAssembly is too old";
}
