/**
 * The few things of the host that the engine may use: present in every JavaScript engine with WebAssembly, in
 * Node and in browsers alike. Everything else is injected.
 */

declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(delta: number): number;
  }
}
