/**
 * A copy of all that running code can change in a store: bytes of memories, elements of tables, globals, and which
 * segments are dropped. It is how a trap in compiled code is found again: go back, run the same way, and compare.
 *
 * Going back exchanges what lives and the copy, so that nothing takes a third of the room. Pages without content are not
 * written: a host gives room to those that are, so a copy takes what the program has touched. What cannot be taken back
 * (memories that grew, new instances, objects of the garbage-collected heap) is said, not attempted.
 */

import type { MemInst } from '../../runtime/memory.ts';
import type { Store } from '../../runtime/store.ts';
import type { Ref } from '../../runtime/values.ts';

/** What one memory was: at most as long as the buffer, which is kept from one copy to the next. */
interface MemoryCopy {
  buffer: Uint8Array<ArrayBuffer>;
  length: number;
  /** By page of the buffer: 1 if there is something else than zeros in it, or may be. */
  full: Uint8Array;
}

/** Bytes that are copied or exchanged at once: a page. */
const CHUNK = 1 << 16;
/** Pages that are copied between two looks at whether to go on: a few milliseconds. */
const STRETCH = 128;

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
      const copy = (this.#mems[i] ??= emptyCopy(0));
      if (copy.buffer.length < bytes.length) this.#mems[i] = Object.assign(copy, emptyCopy(bytes.length));
      for (let page = 0; page * CHUNK < bytes.length; page++) {
        if (page % STRETCH === 0 && isAsked()) return false;
        copyPage(bytes, copy, page);
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
      this.#exchangeBytes(current(mem).subarray(0, this.#mems[i].length), this.#mems[i]);
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

  #exchangeBytes(live: Uint8Array, { buffer, full }: MemoryCopy): void {
    for (let at = 0; at < live.length; at += CHUNK) {
      const page = at / CHUNK;
      const end = Math.min(at + CHUNK, live.length);
      if (full[page] === 0 && isEmpty(live, at, end)) continue;
      full[page] = 1;
      const mine = this.#chunk.subarray(0, end - at);
      mine.set(live.subarray(at, end));
      live.set(buffer.subarray(at, end), at);
      buffer.set(mine, at);
    }
  }
}

function emptyCopy(length: number): MemoryCopy {
  return { buffer: new Uint8Array(length), length: 0, full: new Uint8Array(Math.ceil(length / CHUNK)) };
}

function copyPage(bytes: Uint8Array, { buffer, full }: MemoryCopy, page: number): void {
  const at = page * CHUNK;
  const end = Math.min(at + CHUNK, bytes.length);
  if (!isEmpty(bytes, at, end)) {
    buffer.set(bytes.subarray(at, end), at);
    full[page] = 1;
  } else if (full[page] === 1) {
    buffer.fill(0, at, end);
    full[page] = 0;
  }
}

/** Whether there are only zeros; `at` is the begin of a page. */
function isEmpty(bytes: Uint8Array, at: number, end: number): boolean {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  for (let i = at + (words.length << 2); i < end; i++) if (bytes[i] !== 0) return false;
  return true;
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
