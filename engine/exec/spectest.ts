/**
 * The host module `spectest` that scripts of the public test suite import: print functions, globals, tables, memories.
 *
 * Values are those of the reference interpreter. Nothing is printed unless the caller wants it.
 */

import { F32, F64, FUNCREF, I32, I64, type ValType } from '../isa/types.ts';
import type { Extern } from '../runtime/module-inst.ts';
import type { Store } from '../runtime/store.ts';
import { f32, f64, formatValue, i32, i64, type Value } from '../runtime/values.ts';

const PRINTS: Readonly<Record<string, readonly ValType[]>> = {
  print: [],
  print_i32: [I32],
  print_i64: [I64],
  print_f32: [F32],
  print_f64: [F64],
  print_i32_f32: [I32, F32],
  print_f64_f64: [F64, F64],
};

const GLOBALS: Readonly<Record<string, Value>> = {
  global_i32: i32(666),
  global_i64: i64(666n),
  global_f32: f32(666.6),
  global_f64: f64(666.6),
};

/** Makes the module's things in a store. `print` gets one line a call of a print function. */
export function spectest(
  store: Store,
  print: (line: string) => void = () => {},
): ReadonlyMap<string, Extern> {
  const externs = new Map<string, Extern>();
  for (const [name, params] of Object.entries(PRINTS)) {
    const call = (args: Value[]): Value[] => {
      print(args.map(formatValue).join(' '));
      return [];
    };
    externs.set(name, store.addHostFunc({ type: { kind: 'func', params, results: [] }, name, call }));
  }
  for (const [name, value] of Object.entries(GLOBALS)) {
    externs.set(name, store.addGlobal({ type: value.type, mutable: false }, value));
  }
  const limits = { min: 10, max: 20 };
  externs.set('table', store.addTable({ element: FUNCREF, limits, is64: false }));
  externs.set('table64', store.addTable({ element: FUNCREF, limits, is64: true }));
  const memory = { limits: { min: 1, max: 2 }, is64: false, shared: false, pageSizeLog2: 16 };
  externs.set('memory', store.addMemory(memory));
  return externs;
}
