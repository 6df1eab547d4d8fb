/**
 * What the host gives a component: instances with functions and resources, by name.
 *
 * The door between running components and whoever provides imports (WASI, tests). It knows component values and nothing
 * of memories, handle tables and the canonical ABI: a function gets its arguments lifted, and its result is lowered for
 * it. Values look as values.ts says; a record is an array in the order of its fields.
 */

import type { FuncType } from './types.ts';
import type { ComponentValue, HandleValue } from './values.ts';

/**
 * A resource type that the host defines. Handles of it stand for objects of the host, its representations. One object
 * a host and a resource: its identity is the type's.
 */
export interface HostResource<T extends object = object> {
  readonly kind: 'resource';
  /** As people see it: `input-stream`. */
  readonly name: string;
  /** Called when the last owner drops a handle; the program waits for the promise. What it throws ends the program. */
  drop?(rep: T): void | Promise<void>;
}

/** Anything that handles can be of: one of the host's, or one that a component defines. */
export interface ResourceIdentity {
  readonly name: string;
}

/**
 * A handle outside of a component's table: what a function gets for `own` and `borrow`, and gives for `own`. The value is
 * the same for both; the function's type says which. A borrowed one must not be kept beyond the call.
 */
export interface ResourceValue extends HandleValue {
  readonly resource: ResourceIdentity;
  /** The host's object; for resources of components their number. */
  readonly rep: unknown;
}

/** What a host function is told beside its arguments. */
export interface HostCallContext {
  /** The function's type as the component imports it. */
  readonly type: FuncType;
  /** The name that the component imports it by: `wasi:io/streams@0.2.3#[method]input-stream.read`. */
  readonly name: string;
}

/** What a host function answers: its result, nothing if it has none. */
export type HostResult = ComponentValue | undefined;

/**
 * A function of the host. While its promise is not settled the program is suspended. What it throws ends the program: a
 * `WasmError` with its fault, anything else as a crash; errors that the guest may see are values of type `result`.
 */
export interface HostFunction {
  readonly kind: 'func';
  call(args: readonly ComponentValue[], context: HostCallContext): HostResult | Promise<HostResult>;
}

/** An instance that the host provides, by the names of its exports: `read`, `[method]input-stream.read`, `input-stream`. */
export interface HostInstance {
  readonly kind: 'instance';
  readonly exports: ReadonlyMap<string, HostFunction | HostResource>;
}

export type HostItem = HostFunction | HostResource | HostInstance;

/**
 * All that a host provides, by the names of imports. An interface of another version stands for the one that is asked
 * for where semantic versioning says that they are compatible (`wasi:io/streams@0.2.6` for `@0.2.0`).
 */
export type HostImports = ReadonlyMap<string, HostItem>;

/** A host function. */
export function hostFunction(call: HostFunction['call']): HostFunction {
  return { kind: 'func', call };
}

/** A resource type of the host. */
export function hostResource<T extends object>(
  name: string,
  drop?: (rep: T) => void | Promise<void>,
): HostResource<T> {
  return drop ? { kind: 'resource', name, drop } : { kind: 'resource', name };
}

/** An instance of the host. */
export function hostInstance(exports: Readonly<Record<string, HostFunction | HostResource>>): HostInstance {
  return { kind: 'instance', exports: new Map(Object.entries(exports)) };
}

/** A handle to an object of the host, for results of type `own`. */
export function handleOf<T extends object>(resource: HostResource<T>, rep: T): ResourceValue {
  return { resource, rep, label: resource.name };
}

/**
 * The host's object behind a handle. Throws a TypeError if it is of another resource type, which a component that
 * validates cannot bring about.
 */
export function repOf<T extends object>(resource: HostResource<T>, value: ComponentValue | undefined): T {
  const handle = value as ResourceValue | undefined;
  if (handle?.resource !== resource) throw new TypeError(`a handle to ${resource.name} was expected`);
  return handle.rep as T;
}
