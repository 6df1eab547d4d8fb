/**
 * The builtin functions of `wasm:js-string` and imported string constants (WebAssembly JavaScript API, builtins).
 *
 * A module imports them like any functions; who links offers them with `builtinImports`, behind what the user gives. Strings
 * are the host's own, as external references. Traps have the wording of the suite where it has one.
 */

import { WasmError } from '../base/errors.ts';
import {
  concreteHeap,
  EXTERNREF,
  type FuncType,
  HEAP,
  I16,
  I32,
  refType,
  type TypeDef,
  type ValType,
} from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import type { FuncInst } from './func.ts';
import type { ArrayInst } from './heap.ts';
import type { Imports } from './instantiate.ts';
import type { Store } from './store.ts';
import { externRef, i32, type NumValue, type RefValue, type Value } from './values.ts';

export const JS_STRING = 'wasm:js-string';

export interface BuiltinOptions {
  /** The module name whose globals are the strings that their names say (`importedStringConstants`). */
  readonly stringConstants?: string;
}

/** What a host offers of itself. Functions are made when they are asked for, once a store. */
export function builtinImports(store: Store, { stringConstants }: BuiltinOptions = {}): Imports {
  const made = new Map<string, FuncInst>();
  return (wanted) => {
    const { module, name } = wanted;
    if (wanted.kind === 'global' && module === stringConstants) {
      return store.addGlobal({ type: STRING, mutable: false }, { type: STRING, ref: name });
    }
    if (wanted.kind !== 'func' || module !== JS_STRING || !Object.hasOwn(BUILTINS, name)) return undefined;
    let func = made.get(name);
    if (!func) made.set(name, (func = add(store, name)));
    return func;
  };
}

interface Builtin {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  call(args: readonly Value[]): Value;
}

/** `(ref extern)`: what gives a string gives no null. */
const STRING = refType(false, HEAP.extern);
/** `(ref null 0)`, the array type below. */
const CHARS = refType(true, concreteHeap(0));

/** The types of each builtin are groups of their own, behind `(array (mut i16))`. */
const CHAR_ARRAY: TypeDef = {
  composite: { kind: 'array', field: { storage: I16, mutable: true } },
  final: true,
  supers: [],
  groupStart: 0,
  groupSize: 1,
};

const BUILTINS: Readonly<Record<string, Builtin>> = {
  cast: {
    params: [EXTERNREF],
    results: [STRING],
    call: ([value]) => string(text(value)),
  },
  test: {
    params: [EXTERNREF],
    results: [I32],
    call: ([value]) => flag(typeof (value as RefValue).ref === 'string'),
  },
  fromCharCodeArray: {
    params: [CHARS, I32, I32],
    results: [STRING],
    call: ([array, start, end]) => {
      const { elems, length } = chars(array);
      const from = unsigned(start);
      const to = unsigned(end);
      if (from > to || to > length) {
        trap('out of bounds array access', `elements ${from} to ${to}, the array has ${length}`);
      }
      return string(fromCodes((elems as Uint16Array).subarray(from, to)));
    },
  },
  intoCharCodeArray: {
    params: [EXTERNREF, CHARS, I32],
    results: [I32],
    call: ([value, array, start]) => {
      const { elems, length } = chars(array);
      const from = text(value);
      const at = unsigned(start);
      if (at + from.length > length) {
        trap('out of bounds array access', `${from.length} elements at ${at}, the array has ${length}`);
      }
      for (let i = 0; i < from.length; i++) (elems as Uint16Array)[at + i] = from.charCodeAt(i);
      return i32(from.length);
    },
  },
  fromCharCode: {
    params: [I32],
    results: [STRING],
    call: ([code]) => string(String.fromCharCode(unsigned(code))),
  },
  fromCodePoint: {
    params: [I32],
    results: [STRING],
    call: ([code]) => {
      const point = unsigned(code);
      if (point > 0x10ffff) trap('invalid code point', `0x${point.toString(16)} is above 0x10ffff`);
      return string(String.fromCodePoint(point));
    },
  },
  charCodeAt: {
    params: [EXTERNREF, I32],
    results: [I32],
    call: ([value, index]) => i32(text(value).charCodeAt(place(value, index))),
  },
  codePointAt: {
    params: [EXTERNREF, I32],
    results: [I32],
    call: ([value, index]) => i32(text(value).codePointAt(place(value, index))!),
  },
  length: {
    params: [EXTERNREF],
    results: [I32],
    call: ([value]) => i32(text(value).length),
  },
  concat: {
    params: [EXTERNREF, EXTERNREF],
    results: [STRING],
    call: ([first, second]) => string(text(first) + text(second)),
  },
  substring: {
    params: [EXTERNREF, I32, I32],
    results: [STRING],
    call: ([value, start, end]) => {
      const whole = text(value);
      const from = unsigned(start);
      const to = unsigned(end);
      // JavaScript's own would exchange them.
      return string(from > to ? '' : whole.substring(from, to));
    },
  },
  equals: {
    params: [EXTERNREF, EXTERNREF],
    results: [I32],
    call: ([first, second]) => flag(textOrNull(first) === textOrNull(second)),
  },
  compare: {
    params: [EXTERNREF, EXTERNREF],
    results: [I32],
    call: ([first, second]) => {
      const a = text(first);
      const b = text(second);
      return i32(a < b ? -1 : a > b ? 1 : 0);
    },
  },
};

function add(store: Store, name: string): FuncInst {
  const { params, results, call } = BUILTINS[name];
  const composite: FuncType = { kind: 'func', params, results };
  const def: TypeDef = { composite, final: true, supers: [], groupStart: 1, groupSize: 1 };
  // A module with just these types: the registry reads nothing else of it.
  const typeId = store.canon.idOf({ types: [CHAR_ARRAY, def] } as unknown as Module, 1);
  const type = store.canon.typeAt(typeId)!.composite as FuncType;
  return store.addHostFunc({ type, name: `${JS_STRING}.${name}`, call: (args) => [call(args)] }, typeId);
}

/** Pieces that `apply` can take on every host. */
const PIECE = 8192;

function fromCodes(codes: Uint16Array): string {
  let out = '';
  for (let i = 0; i < codes.length; i += PIECE) out += String.fromCharCode(...codes.subarray(i, i + PIECE));
  return out;
}

function text(value: Value): string {
  const { ref } = value as RefValue;
  if (typeof ref === 'string') return ref;
  return trap(
    'cast failure',
    ref === null ? 'null is no string' : `a value of type ${typeof ref} is no string`,
  );
}

function textOrNull(value: Value): string | null {
  return (value as RefValue).ref === null ? null : text(value);
}

function chars(value: Value): ArrayInst {
  const { ref } = value as RefValue;
  return ref === null ? trap('null array reference', 'characters are wanted') : (ref as ArrayInst);
}

/** An index in a string. */
function place(value: Value, index: Value): number {
  const at = unsigned(index);
  const { length } = text(value);
  if (at >= length) trap('string offset out of bounds', `index ${at}, the string has ${length} code units`);
  return at;
}

function unsigned(value: Value): number {
  return Number((value as NumValue).bits);
}

function string(ref: string): Value {
  return { ...externRef(ref), type: STRING };
}

function flag(is: boolean): Value {
  return i32(is ? 1 : 0);
}

function trap(message: string, why: string): never {
  throw new WasmError({ phase: 'trap', message, notes: [{ message: why }] });
}
