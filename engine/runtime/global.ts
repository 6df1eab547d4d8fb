/**
 * Global instances (spec 4.2.9). Their values live in flat arrays of the store, two words a global, so that the
 * interpreter reads a number without an object; this class is the view of one of them.
 */

import type { GlobalType } from '../isa/types.ts';
import { isRef, V128 } from '../isa/types.ts';
import type { Store } from './store.ts';
import { isRefValue, readVector, type Value, writeVector } from './values.ts';

export class GlobalInst {
  readonly addr: number;
  /** The value type is canonical. */
  readonly type: GlobalType;
  private readonly store: Store;

  constructor(store: Store, addr: number, type: GlobalType) {
    this.store = store;
    this.addr = addr;
    this.type = type;
  }

  get value(): Value {
    const { type } = this.type;
    if (isRef(type)) return { type, ref: this.store.globalRefs[this.addr] };
    if (type === V128) return { type, bits: readVector(this.store.globalVectors, 4 * this.addr) };
    const words = this.store.globalWords;
    const lo = BigInt(words[2 * this.addr] >>> 0);
    const hi = BigInt(words[2 * this.addr + 1] >>> 0);
    return { type, bits: (hi << 32n) | lo };
  }

  /** Sets it, whether mutable or not: the caller knows if it may. */
  set value(value: Value) {
    if (isRefValue(value)) {
      this.store.globalRefs[this.addr] = value.ref;
      return;
    }
    if (value.type === V128) {
      writeVector(this.store.globalVectors, 4 * this.addr, value.bits);
      return;
    }
    const words = this.store.globalWords;
    words[2 * this.addr] = Number(BigInt.asIntN(32, value.bits));
    words[2 * this.addr + 1] = Number(BigInt.asIntN(32, value.bits >> 32n));
  }
}
