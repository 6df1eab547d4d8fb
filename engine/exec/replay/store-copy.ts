/**
 * A copy of all that running code can change in a store: bytes of memories, elements of tables, globals, and which
 * segments are dropped. It is how a trap in compiled code is found again: go back, run the same way, and compare.
 *
 * Going back exchanges what lives and the copy, so that nothing takes a third of the room. What cannot be taken back
 * (memories that grew, new instances, objects of the garbage-collected heap) is said, not attempted.
 */

import type { MemInst } from '../../runtime/memory.ts';
import type { Store } from '../../runtime/store.ts';
import type { Ref } from '../../runtime/values.ts';

/** What one memory was: at most as long as the buffer, which is kept from one copy to the next. */
interface MemoryCopy {
  buffer: Uint8Array<ArrayBuffer>;
  length: number;
}

/** Bytes that are exchanged at once. */
const CHUNK = 1 << 16;
/** Bytes that are copied between two looks at whether to go on: a few milliseconds. */
const STRETCH = 1 << 23;

export class StoreCopy {
  readonly #store: Store;
  readonly #mems: MemoryCopy[] = [];
  #tables: Ref[][] = [];
  #globalWords = new Int32Array(0);
  #globalVectors = new Int32Array(0);
  #globalRefs: Ref[] = [];
  #elems: Ref[][] = [];
  #datas: Uint8Array[] = [];
  #funcs = 0;
  #instances = 0;
  readonly #chunk = new Uint8Array(CHUNK);

  constructor(store: Store) {
    this.#store = store;
  }

  /** Bytes that a copy would take: those of the memories as they are now. */
  get size(): number {
    return this.#store.mems.reduce((sum, mem) => sum + current(mem).length, 0);
  }

  /** Copies the state as it is. False, and there is no copy any more: `isAsked` has said that there is no time for it. */
  take(isAsked: () => boolean = () => false): boolean {
    const store = this.#store;
    for (const [i, mem] of store.mems.entries()) {
      const bytes = current(mem);
      const copy = (this.#mems[i] ??= { buffer: new Uint8Array(0), length: 0 });
      if (copy.buffer.length < bytes.length) copy.buffer = new Uint8Array(bytes.length);
      for (let at = 0; at < bytes.length; at += STRETCH) {
        if (isAsked()) return false;
        copy.buffer.set(bytes.subarray(at, at + STRETCH), at);
      }
      copy.length = bytes.length;
    }
    this.#tables = store.tableElems.map((elems) => elems.slice());
    this.#globalWords = store.globalWords.slice();
    this.#globalVectors = store.globalVectors.slice();
    this.#globalRefs = store.globalRefs.slice();
    this.#elems = store.elems.slice();
    this.#datas = store.datas.slice();
    this.#funcs = store.funcs.length;
    this.#instances = store.instances.length;
    return true;
  }

  /** Why the state cannot become that of the copy; undefined if it can. */
  whyNot(): string | undefined {
    const { mems, tableElems, funcs, instances, layouts } = this.#store;
    if (instances.length !== this.#instances || funcs.length !== this.#funcs)
      return 'a module was instantiated';
    if (mems.some((mem, i) => current(mem).length !== this.#mems[i].length)) return 'a memory has grown';
    if (tableElems.some((elems, i) => elems.length !== this.#tables[i].length)) return 'a table has grown';
    if (layouts.length > 0) return 'the program uses garbage-collected objects';
    return undefined;
  }

  /**
   * What lives becomes what was copied, and the other way round, as far as it is as long: a memory that has grown since
   * keeps its size.
   */
  exchange(): void {
    const store = this.#store;
    store.mems.forEach((mem, i) => {
      const { buffer, length } = this.#mems[i];
      this.#exchangeBytes(current(mem).subarray(0, length), buffer);
    });
    for (const [i, elems] of store.tableElems.entries()) exchangeRefs(elems, this.#tables[i]);
    store.tableVersion++;
    exchangeWords(store.globalWords, this.#globalWords);
    exchangeWords(store.globalVectors, this.#globalVectors);
    exchangeRefs(store.globalRefs, this.#globalRefs);
    exchangeRefs(store.elems, this.#elems);
    exchangeRefs(store.datas, this.#datas);
  }

  /** Is what lives the same as the copy, bit by bit? */
  same(): boolean {
    const store = this.#store;
    return (
      this.whyNot() === undefined &&
      sameItems(store.globalWords, this.#globalWords) &&
      sameItems(store.globalVectors, this.#globalVectors) &&
      sameItems(store.globalRefs, this.#globalRefs) &&
      sameItems(store.elems, this.#elems) &&
      sameItems(store.datas, this.#datas) &&
      store.tableElems.every((elems, i) => sameItems(elems, this.#tables[i])) &&
      store.mems.every((mem, i) => sameBytes(current(mem), this.#mems[i].buffer))
    );
  }

  #exchangeBytes(live: Uint8Array, copy: Uint8Array): void {
    for (let at = 0; at < live.length; at += CHUNK) {
      const end = Math.min(at + CHUNK, live.length);
      const mine = this.#chunk.subarray(0, end - at);
      mine.set(live.subarray(at, end));
      live.set(copy.subarray(at, end), at);
      copy.set(mine, at);
    }
  }
}

function current(mem: MemInst): Uint8Array {
  mem.refresh();
  return mem.bytes;
}

function exchangeRefs(live: Ref[], copy: Ref[]): void {
  for (let i = 0; i < copy.length; i++) [live[i], copy[i]] = [copy[i], live[i]];
}

function exchangeWords(live: Int32Array, copy: Int32Array): void {
  for (let i = 0; i < copy.length; i++) [live[i], copy[i]] = [copy[i], live[i]];
}

function sameItems(live: ArrayLike<unknown>, copy: ArrayLike<unknown>): boolean {
  for (let i = 0; i < copy.length; i++) if (live[i] !== copy[i]) return false;
  return true;
}

/** Word by word, which is four times as fast; memories begin at offset 0 of their buffers. */
function sameBytes(live: Uint8Array, copy: Uint8Array): boolean {
  const words = live.length >> 2;
  const a = new Int32Array(live.buffer, live.byteOffset, words);
  const b = new Int32Array(copy.buffer, copy.byteOffset, words);
  for (let i = 0; i < words; i++) if (a[i] !== b[i]) return false;
  for (let i = words << 2; i < live.length; i++) if (live[i] !== copy[i]) return false;
  return true;
}
