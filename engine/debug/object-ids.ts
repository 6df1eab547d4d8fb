/**
 * Numbers for objects, so that people see which references are to the same one: `$point @3`.
 *
 * An object has its number from the moment it is first shown, for as long as it lives. Nothing is kept alive by that:
 * it can be looked up as long as the program can reach it.
 */

import { ExnInst } from '../runtime/exn.ts';
import { ArrayInst, StructInst } from '../runtime/heap.ts';
import type { Store } from '../runtime/store.ts';
import type { Ref } from '../runtime/values.ts';

/** What has a number: it has an identity, and something inside. */
export type Numbered = StructInst | ArrayInst | ExnInst;

export function isNumbered(ref: Ref): ref is Numbered {
  return ref instanceof StructInst || ref instanceof ArrayInst || ref instanceof ExnInst;
}

const OF_STORES = new WeakMap<Store, ObjectIds>();

/** The numbers of a store's objects: all of its instances share them. */
export function idsOf(store: Store): ObjectIds {
  let ids = OF_STORES.get(store);
  if (!ids) OF_STORES.set(store, (ids = new ObjectIds()));
  return ids;
}

export class ObjectIds {
  readonly #ids = new WeakMap<Numbered, number>();
  readonly #objects = new Map<number, WeakRef<Numbered>>();
  readonly #gone = new FinalizationRegistry<number>((id) => this.#objects.delete(id));
  #next = 1;

  of(object: Numbered): number {
    let id = this.#ids.get(object);
    if (id === undefined) {
      id = this.#next++;
      this.#ids.set(object, id);
      this.#objects.set(id, new WeakRef(object));
      this.#gone.register(object, id);
    }
    return id;
  }

  /** The object of this number; undefined if there was none, or nothing refers to it any more. */
  find(id: number): Numbered | undefined {
    return this.#objects.get(id)?.deref();
  }
}
