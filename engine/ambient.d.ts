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
  class Table {
    constructor(descriptor: { element: 'anyfunc' | 'externref'; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(delta: number): number;
  }
  class Global {
    constructor(descriptor: { value: string; mutable: boolean }, value?: unknown);
    value: unknown;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Record<string, unknown>;
  }
  class RuntimeError extends Error {}
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
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
