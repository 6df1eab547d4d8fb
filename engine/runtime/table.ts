/**
 * Table instances (spec 4.2.7): references that grow. `elems` keeps its identity, since code refers to it.
 */

import type { TableType } from '../isa/types.ts';
import type { Ref } from './values.ts';

/** What every engine of the Web allows (JS API, implementation limits). */
export const MAX_ELEMENTS = 10_000_000;

/** How many elements the tables of a store may have together, from now on. Tables are never taken away. */
export interface TableRoom {
  left: number;
}

export class TableInst {
  readonly addr: number;
  /** The element type is canonical. */
  readonly type: TableType;
  readonly elems: Ref[];
  private readonly room: TableRoom;

  /** Throws RangeError. */
  constructor(addr: number, type: TableType, init: Ref, room: TableRoom) {
    const { min } = type.limits;
    if (min > MAX_ELEMENTS) throw new RangeError(`a table of ${min} elements`);
    if (min > room.left)
      throw new RangeError(`a table of ${min} elements, ${room.left} are left for all tables`);
    room.left -= min;
    this.room = room;
    this.addr = addr;
    this.type = type;
    this.elems = new Array<Ref>(type.limits.min).fill(init);
  }

  /** The type as it is now: the minimum is the current size. */
  get typeNow(): TableType {
    return { ...this.type, limits: { ...this.type.limits, min: this.elems.length } };
  }

  /** Grows by `delta` elements (spec 4.5.8). Returns the old size, or -1 if that is not possible. */
  grow(delta: number, init: Ref): number {
    const old = this.elems.length;
    if (delta < 0 || old + delta > Math.min(this.type.limits.max ?? MAX_ELEMENTS, MAX_ELEMENTS)) return -1;
    if (delta > this.room.left) return -1;
    this.room.left -= delta;
    for (let i = 0; i < delta; i++) this.elems.push(init);
    return old;
  }
}
