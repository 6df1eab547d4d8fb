/**
 * Tags and exceptions at the JavaScript edge (WebAssembly JavaScript API, exceptions): `WebAssembly.Tag` and
 * `WebAssembly.Exception` of the host stand for those of the store, both ways, by identity.
 *
 * The host's own code never sees these tags: its objects only carry values. So every reference is an externref in them. A tag
 * that no host's tag can stand for (v128, exnref) is an opaque object, and its exceptions stay what they are. Where the
 * host has no exceptions all tags are like that.
 */

import { F32, F64, HEAP, heapOf, I32, I64, isRef, type ValType } from '../isa/types.ts';
import { ExnInst } from '../runtime/exn.ts';
import type { Store } from '../runtime/store.ts';
import type { TagInst } from '../runtime/tag.ts';
import { ThrownException } from '../runtime/thrown.ts';
import type { RefValue, Value } from '../runtime/values.ts';

/** How values cross. */
export interface Conversion {
  toJs(value: Value): unknown;
  fromJs(type: ValType, value: unknown): Value;
}

const NAMES = new Map<ValType, string>([
  [I32, 'i32'],
  [I64, 'i64'],
  [F32, 'f32'],
  [F64, 'f64'],
]);

export class JsExceptions {
  readonly #store: Store;
  readonly #convert: Conversion;
  readonly #tags = new Map<TagInst, WebAssembly.Tag>();
  /** What was thrown, by the object that stands for it; and that object. */
  readonly #thrown = new WeakMap<object, ThrownException>();
  readonly #objects = new WeakMap<ExnInst, WebAssembly.Exception>();

  constructor(store: Store, convert: Conversion) {
    this.#store = store;
    this.#convert = convert;
  }

  /** The object that stands for a tag that has none yet. */
  tagObject(tag: TagInst): object {
    const parameters = tag === this.#store.hostTag ? undefined : hostTypes(tag.type.params);
    if (!hasExceptions() || !parameters) return (tag === this.#store.hostTag && jsTag()) || Object.freeze({});
    const object = new WebAssembly.Tag({ parameters });
    this.#tags.set(tag, object);
    return object;
  }

  /** The tag for an object of the host's that nobody knows yet; undefined if it is none. `make` adds one to the store. */
  adopt(value: unknown, make: () => TagInst): TagInst | undefined {
    if (!hasExceptions() || !(value instanceof WebAssembly.Tag)) return undefined;
    if (value === jsTag()) return this.#store.hostTag;
    const tag = make();
    this.#tags.set(tag, value);
    return tag;
  }

  /** What JavaScript catches for what ended a call of an export. */
  toJs(error: unknown): unknown {
    if (!(error instanceof ThrownException)) return error;
    const { exn } = error;
    if (exn.tag === this.#store.hostTag) return (exn.args[0] as RefValue).ref;
    const tag = this.#tags.get(exn.tag) ?? this.#newTag(exn.tag);
    if (!tag) return error;
    let object = this.#objects.get(exn);
    if (!object) {
      object = new WebAssembly.Exception(
        tag,
        exn.args.map((arg) => this.#convert.toJs(arg)),
      );
      this.#objects.set(exn, object);
      this.#thrown.set(object, error);
    }
    return object;
  }

  /** What ends a call of a function in JavaScript that has thrown: an exception of Wasm if it stands for one. */
  fromJs(error: unknown): unknown {
    if (!hasExceptions() || !(error instanceof WebAssembly.Exception)) return error;
    const known = this.#thrown.get(error);
    if (known) return known;
    for (const [tag, object] of this.#tags) {
      if (!error.is(object)) continue;
      const { params } = tag.type;
      const exn = new ExnInst(
        tag,
        params.map((type, i) => this.#convert.fromJs(type, error.getArg(object, i))),
      );
      const thrown = new ThrownException(exn);
      this.#objects.set(exn, error);
      this.#thrown.set(error, thrown);
      return thrown;
    }
    return error;
  }

  /** For a tag that JavaScript has not seen. */
  #newTag(tag: TagInst): WebAssembly.Tag | undefined {
    this.tagObject(tag);
    return this.#tags.get(tag);
  }
}

/** What the host calls the parameters of a tag; undefined if it cannot hold them. */
function hostTypes(params: readonly ValType[]): string[] | undefined {
  const names: string[] = [];
  for (const type of params) {
    const name = NAMES.get(type) ?? (isRef(type) && !isException(type) ? 'externref' : undefined);
    if (name === undefined) return undefined;
    names.push(name);
  }
  return names;
}

function isException(type: ValType): boolean {
  const heap = heapOf(type);
  return heap === HEAP.exn || heap === HEAP.noexn;
}

function hasExceptions(): boolean {
  return typeof WebAssembly === 'object' && 'Tag' in WebAssembly && 'Exception' in WebAssembly;
}

/** The tag of what JavaScript throws that is no exception of Wasm. Not every host has it. */
function jsTag(): object | undefined {
  return typeof WebAssembly === 'object' && 'JSTag' in WebAssembly ? WebAssembly.JSTag : undefined;
}
