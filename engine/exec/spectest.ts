/**
 * The host module `spectest` that the test suite's scripts import from (reference interpreter, script/README).
 */

import { F32, F64, FUNCREF, I32, I64, type ValType } from '../isa/types.ts';
import type { Extern } from '../runtime/module-inst.ts';
import type { Store } from '../runtime/store.ts';
import { f32, f64, formatValue, i32, i64, type Value } from '../runtime/values.ts';

const PRINTERS: Readonly<Record<string, readonly ValType[]>> = {
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

/** Makes the module's exports in `store`. `print` gets the arguments of each print function as a line. */
export function spectest(store: Store, print: (line: string) => void): ReadonlyMap<string, Extern> {
  const exports = new Map<string, Extern>();
  for (const [name, params] of Object.entries(PRINTERS)) {
    const call = (args: Value[]) => {
      print(args.map(formatValue).join(' '));
      return [];
    };
    const type = { kind: 'func', params, results: [] } as const;
    exports.set(name, store.addHostFunc({ type, name: `spectest.${name}`, call }));
  }
  for (const [name, value] of Object.entries(GLOBALS)) {
    exports.set(name, store.addGlobal({ type: value.type, mutable: false }, value));
  }
  const limits = { min: 10, max: 20 };
  exports.set('table', store.addTable({ limits, is64: false, element: FUNCREF }));
  exports.set('table64', store.addTable({ limits, is64: true, element: FUNCREF }));
  const memory = { limits: { min: 1, max: 2 }, is64: false, shared: false, pageSizeLog2: 16 };
  exports.set('memory', store.addMemory(memory));
  exports.set('shared_memory', store.addMemory({ ...memory, shared: true }));
  return exports;
}
