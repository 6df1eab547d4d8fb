/**
 * What the module of an expression imports as `get`: reads of objects and of lanes, casts, and comparisons of references.
 *
 * The expression's module does not know the program's types, so its own types are those at the top of each hierarchy,
 * and these host functions do what needs more. A name says all: `field 3 1` is the second field of type 3 of the
 * program's module. They trap as the instructions do, and have no effects.
 */

import { WasmError } from '../base/errors.ts';
import { F32, F64, HEAP, I8, I16, I32, I64, refType, V128, type ValType } from '../isa/types.ts';
import { ExnInst } from '../runtime/exn.ts';
import type { FuncInst } from '../runtime/func.ts';
import { ArrayInst, isI31, refFits, StructInst } from '../runtime/heap.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { isRefValue, type NumValue, type Ref, type Value } from '../runtime/values.ts';
import { laneValue, shapeNamed } from './lanes.ts';
import type { ObjectIds } from './object-ids.ts';
import { fieldValue } from './ref-values.ts';
import { ANYREF, topType } from './top-types.ts';

const EXNREF = refType(true, HEAP.exn);
const NUMBERS: Readonly<Record<string, ValType>> = { i32: I32, i64: I64, f32: F32, f64: F64, v128: V128 };

interface Access {
  readonly params: readonly ValType[];
  readonly result: ValType;
  get(args: readonly Value[]): Value;
}

/** Host functions of the store of `inst`, made when they are first asked for. */
export function accessesOf(inst: ModuleInst, ids: ObjectIds): (name: string) => FuncInst {
  const made = new Map<string, FuncInst>();
  return (name) => {
    let func = made.get(name);
    if (!func) {
      const { params, result, get } = access(inst, ids, name);
      const call = (args: Value[]): Value[] => [get(args)];
      func = inst.store.addHostFunc({ type: { kind: 'func', params, results: [result] }, name, call });
      made.set(name, func);
    }
    return func;
  };
}

function access(inst: ModuleInst, ids: ObjectIds, name: string): Access {
  const [kind, ...words] = name.split(' ');
  const numbers = words.map(Number);
  switch (kind) {
    case 'field': {
      const [typeIdx, idx] = numbers;
      const { composite } = inst.module.types[typeIdx];
      const storage = composite.kind === 'struct' ? composite.fields[idx].storage : I32;
      const result = resultType(inst, storage);
      return {
        params: [ANYREF],
        result,
        get: ([of]) => {
          const struct = refOf(of);
          if (!(struct instanceof StructInst)) return trap('null structure reference');
          return { ...fieldValue(struct, idx), type: result };
        },
      };
    }
    case 'element': {
      const { composite } = inst.module.types[numbers[0]];
      const result = resultType(inst, composite.kind === 'array' ? composite.field.storage : I32);
      return {
        params: [ANYREF, I32],
        result,
        get: ([of, at]) => {
          const array = arrayOf(of);
          const idx = Number(bitsOf(at));
          if (idx < array.length) return { ...fieldValue(array, idx), type: result };
          return trap('out of bounds array access', `index ${idx}, array has ${array.length} elements`);
        },
      };
    }
    case 'argument': {
      const idx = numbers[0];
      const result = NUMBERS[words[1]];
      return {
        params: [EXNREF],
        result,
        get: ([of]) => {
          const exn = refOf(of);
          if (!(exn instanceof ExnInst)) return trap('null exception reference');
          const value = exn.args[idx];
          return value?.type === result ? value : trap('the exception has another tag now');
        },
      };
    }
    case 'find': {
      const memory = inst.mems[numbers[0]];
      const wanted = Uint8Array.from(words[1]?.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      const address = memory.type.is64 ? I64 : I32;
      return {
        params: [address],
        result: address,
        get: ([from]) => {
          const at = findBytes(memory.bytes, wanted, Number(bitsOf(from)));
          return at < 0 ? trap('these bytes are not in the memory') : { type: address, bits: BigInt(at) };
        },
      };
    }
    case 'length':
      return { params: [ANYREF], result: I32, get: ([of]) => number(arrayOf(of).length) };
    case 'i31':
      return {
        params: [ANYREF],
        result: I32,
        get: ([of]) => {
          const ref = refOf(of);
          if (ref === null) return trap('null i31 reference');
          if (!isI31(ref)) return trap('cast failure', 'this is no i31');
          return number(words[0] === 's' ? ref : ref & 0x7fff_ffff);
        },
      };
    case 'lane': {
      const shape = shapeNamed(words[0])!;
      return {
        params: [V128, I32],
        result: shape.type,
        get: ([of, at]) => {
          const idx = Number(bitsOf(at));
          if (idx >= shape.count)
            return trap(`unknown lane ${idx}`, `${shape.name} has ${shape.count} lanes`);
          return { type: shape.type, bits: laneValue(bitsOf(of), shape, idx) };
        },
      };
    }
    case 'slot': {
      const table = inst.tables[numbers[0]];
      const result = resultType(inst, inst.module.tables[numbers[0]].type.element);
      return {
        params: [table.type.is64 ? I64 : I32],
        result,
        get: ([at]) => {
          const idx = Number(bitsOf(at));
          if (idx < table.elems.length) return { type: result, ref: table.elems[idx] };
          return trap('out of bounds table access', `index ${idx}, table has ${table.elems.length} elements`);
        },
      };
    }
    case 'test':
    case 'cast': {
      const { canon } = inst.store;
      const wanted = canon.typeOf(inst.module, numbers[0]);
      const top = topType(inst.module, numbers[0]);
      const fits = (ref: Ref): boolean => refFits(canon, wanted, ref);
      if (kind === 'test') {
        return { params: [top], result: I32, get: ([of]) => number(fits(refOf(of)) ? 1 : 0) };
      }
      return { params: [top], result: top, get: ([of]) => (fits(refOf(of)) ? of : trap('cast failure')) };
    }
    case 'same': {
      const params = words.map((heap) => refType(true, HEAP[heap as keyof typeof HEAP]));
      return { params, result: I32, get: ([a, b]) => number(refOf(a) === refOf(b) ? 1 : 0) };
    }
    default: {
      const [id] = numbers;
      return {
        params: [],
        result: ANYREF,
        get: () => ({ type: ANYREF, ref: ids.find(id) ?? trap(`there is no object @${id} (any more)`) }),
      };
    }
  }
}

/** The type of a field's value in the expression's module. */
function resultType(inst: ModuleInst, storage: ValType): ValType {
  return storage === I8 || storage === I16 ? I32 : topType(inst.module, storage);
}

/** Where bytes stand first, at or behind a place; -1: nowhere. */
function findBytes(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  if (wanted.length === 0) return from <= bytes.length ? from : -1;
  const last = bytes.length - wanted.length;
  for (let at = from; ; at++) {
    at = bytes.indexOf(wanted[0], at);
    if (at < 0 || at > last) return -1;
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
}

function arrayOf(value: Value): ArrayInst {
  const ref = refOf(value);
  return ref instanceof ArrayInst ? ref : trap('null array reference');
}

function refOf(value: Value): Ref {
  return isRefValue(value) ? value.ref : null;
}

function bitsOf(value: Value): bigint {
  return isRefValue(value) ? 0n : value.bits;
}

function number(value: number): NumValue {
  return { type: I32, bits: BigInt(value >>> 0) };
}

function trap(message: string, note?: string): never {
  throw new WasmError({ phase: 'trap', message, notes: note === undefined ? [] : [{ message: note }] });
}
