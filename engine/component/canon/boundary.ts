/**
 * What core functions of the canonical ABI stand for, and the calls that go on through them: for who looks at frames.
 */

import type { FuncInst } from '../../runtime/func.ts';
import type { Store } from '../../runtime/store.ts';
import type { Value } from '../../runtime/values.ts';
import type { ComponentFunc, ComponentInst } from '../instance.ts';
import { type ComponentCall, callOf } from '../task.ts';

type BoundaryKind =
  /** Into an instance: the entry of a function that it lifts. */
  | { readonly kind: 'lift'; readonly func: ComponentFunc; readonly instance: ComponentInst }
  /** Out of an instance: a core function that was lowered. `call`: while there is one, and after a trap in it. */
  | {
      readonly kind: 'lower';
      readonly func: ComponentFunc;
      readonly instance: ComponentInst;
      call: ComponentCall | undefined;
    }
  | { readonly kind: 'builtin'; readonly name: string; readonly instance: ComponentInst };

/** `offset`: where the canonical definition stands, in the outermost component's bytes. */
export type Boundary = BoundaryKind & { readonly offset: number };

const boundaries = new WeakMap<FuncInst, Boundary>();

/** Notes what a core function stands for. */
export function markBoundary<B extends Boundary>(func: FuncInst, boundary: B): B {
  boundaries.set(func, boundary);
  return boundary;
}

/** What a host function of the store stands for in a component; undefined for any other one. */
export function boundaryOf(func: FuncInst): Boundary | undefined {
  return boundaries.get(func);
}

/** The call that goes on through a frame of such a function, whose core arguments are given. */
export function callThrough(
  store: Store,
  boundary: Boundary,
  args: readonly Value[],
): ComponentCall | undefined {
  switch (boundary.kind) {
    case 'lift':
      return callOf(store, args[0]);
    case 'lower':
      return boundary.call;
    default:
      return undefined;
  }
}
