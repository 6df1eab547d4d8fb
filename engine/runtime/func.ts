/**
 * Function instances (spec 4.2.6): a Wasm function with its module instance, or a host function.
 *
 * One class for both, so that the interpreter's indirect calls see one shape. Knows nothing of how functions run.
 */

import type { FuncType } from '../isa/types.ts';
import type { ModuleInst } from './module-inst.ts';
import type { Store } from './store.ts';
import type { Value } from './values.ts';

/** What a host function is told beside its arguments. */
export interface HostContext {
  readonly store: Store;
  /** The instance whose code called, undefined when the host called the function itself. */
  readonly caller: ModuleInst | undefined;
  /**
   * Calls a function of the store and waits for its results, inside this host call. Throws a `WasmError` if it traps.
   * Only valid while the host function has not returned.
   */
  invoke(func: FuncInst, args: readonly Value[]): Value[];
}

/** What a host function that goes step by step asks for; it goes on with the results of the call, or with nothing. */
export type HostRequest =
  | { readonly kind: 'call'; readonly func: FuncInst; readonly args: readonly Value[] }
  /** The program is suspended until then. If it rejects, the reason is thrown into the host function. */
  | { readonly kind: 'wait'; readonly promise: Promise<unknown> };

/**
 * A host function that calls the program: what it calls runs as any code does and can stop anywhere, and nothing is on
 * the host's stack meanwhile. When a callee traps the program is over, and the steps behind it are never taken; an
 * exception that leaves the callee is such a trap.
 */
export type HostSteps = Generator<HostRequest, readonly Value[], Value[]>;

/**
 * A function given by the host. `call` gets values of the parameter types and answers with values of the result
 * types: at once, by a promise (until that settles the program is suspended), or by steps that ask for calls before. What
 * it throws ends the program.
 */
export interface HostFunc {
  readonly type: FuncType;
  /** For people: frames and messages show it. */
  readonly name?: string;
  call(args: Value[], context: HostContext): readonly Value[] | Promise<readonly Value[]> | HostSteps;
}

export class FuncInst {
  readonly addr: number;
  readonly type: FuncType;
  /** Canonical number of the type in the store. */
  readonly typeId: number;
  /** Undefined for a host function. */
  readonly inst: ModuleInst | undefined;
  /** Index in the module's function space; -1 for a host function. */
  readonly idx: number;
  readonly host: HostFunc | undefined;
  /** Address of memory 0 of its instance, -1 for none: what a call across instances must switch to. */
  mem0: number;

  constructor(
    addr: number,
    type: FuncType,
    typeId: number,
    inst: ModuleInst | undefined,
    idx: number,
    host?: HostFunc,
  ) {
    this.addr = addr;
    this.type = type;
    this.typeId = typeId;
    this.inst = inst;
    this.idx = idx;
    this.host = host;
    this.mem0 = -1;
  }
}
