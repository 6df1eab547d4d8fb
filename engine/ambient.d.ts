/**
 * The few things of the host that the engine may use: present in every JavaScript engine with WebAssembly, in
 * Node and in browsers alike. Everything else is injected.
 */

declare namespace WebAssembly {
  class Memory {
    /** Memories with 64-bit addresses count in BigInts. */
    constructor(descriptor: {
      address?: 'i32' | 'i64';
      initial: number | bigint;
      maximum?: number | bigint;
      shared?: boolean;
    });
    readonly buffer: ArrayBuffer;
    grow(delta: number | bigint): number | bigint;
  }
  /** Not every host has exceptions: ask `'Tag' in WebAssembly` first. */
  class Tag {
    constructor(type: { parameters: readonly string[] });
  }
  class Exception {
    constructor(tag: Tag, payload: readonly unknown[]);
    is(tag: Tag): boolean;
    getArg(tag: Tag, index: number): unknown;
  }
  const JSTag: Tag | undefined;
}
