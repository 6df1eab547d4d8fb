/**
 * Core dumps as plain data: what tool-conventions' Coredump.md has, and what of ours stands beside it.
 *
 *   core            the program's name                         coremodules     names of modules
 *   coreinstances   a module, its memories and globals         corestack       a thread: frames with locals and operands
 *   memory, global and data sections: their contents
 *
 * Ours are custom sections that other tools pass over: `wasmscope.modules` (length and hash of each module's bytes, so that
 * another build is not taken for the one that ran) and `wasmscope.trap` (which thread, and what it trapped with). Vectors and
 * references have no form in the format: they are missing, as what a compiler has optimised away. So are tables.
 */

import type { Fault } from '../../base/errors.ts';
import type { MemoryType } from '../../isa/types.ts';
import type { Value } from '../../runtime/values.ts';

export const CORE = 'core';
export const CORE_MODULES = 'coremodules';
export const CORE_INSTANCES = 'coreinstances';
export const CORE_STACK = 'corestack';
export const OWN_MODULES = 'wasmscope.modules';
export const OWN_TRAP = 'wasmscope.trap';

/** A value that is missing. */
export const MISSING = 0x01;

export interface CoreDump {
  /** The program that it is of: a path or a name. */
  readonly name: string;
  readonly modules: readonly CoreModule[];
  readonly instances: readonly CoreInstance[];
  readonly threads: readonly CoreThread[];
  readonly memories: readonly CoreMemory[];
  readonly globals: readonly (Value | undefined)[];
  readonly trap?: CoreTrap;
}

export interface CoreModule {
  /** A URL, a path or another name. */
  readonly name: string;
  /** What its bytes were; undefined in dumps of others. */
  readonly print?: Fingerprint;
}

export interface Fingerprint {
  readonly length: number;
  readonly hash: number;
}

/** Indices of its module, and of its memories and globals among those of the dump. */
export interface CoreInstance {
  readonly module: number;
  readonly memories: readonly number[];
  readonly globals: readonly number[];
}

export interface CoreThread {
  readonly name: string;
  /** Innermost first. */
  readonly frames: readonly CoreFrame[];
}

export interface CoreFrame {
  readonly instance: number;
  readonly func: number;
  /** From the first byte of the function's body. */
  readonly offset: number;
  readonly locals: readonly (Value | undefined)[];
  /** Bottom first. */
  readonly stack: readonly (Value | undefined)[];
}

export interface CoreMemory {
  readonly type: MemoryType;
  readonly parts: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

export interface CoreTrap {
  readonly thread: number;
  readonly message: string;
}

/** What a dump says of a fault, in one line. */
export function faultText({ message, notes }: Pick<Fault, 'message' | 'notes'>): string {
  return [message, ...notes.map((note) => note.message)].join(': ');
}

/** FNV-1a, 32 bits. */
export function fingerprint(bytes: Uint8Array): Fingerprint {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return { length: bytes.length, hash: hash >>> 0 };
}

/** What a dump calls the core module with a number of a component: the component's file leads to all of them. */
export function coreModuleName(component: string, number: number): string {
  return `${component}#${number + 1}`;
}

/** The component that a name of `coreModuleName` leads to; undefined for any other name. */
export function componentOf(name: string): string | undefined {
  return /^(.+)#\d+$/s.exec(name)?.[1];
}
