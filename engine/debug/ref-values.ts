/**
 * References for people, and back: functions with their types, objects with their numbers and what is in them.
 *
 *   func[3] $add [i32] -> [i32]        $point @3 {x: 1, next: $point @4}        $bytes @5 (3) "abc" [97, 98, 99]
 *   exception @6 $error(5)             i31 5             "a host's string"             null
 *
 * Bounded in width and depth. What is inside an object is listed by variables.ts.
 */

import { usage } from '../base/errors.ts';
import {
  FUNCREF,
  HEAP,
  heapOf,
  I8,
  I16,
  I32,
  I64,
  isNullable,
  isRef,
  typeIdxOf,
  typeName,
  V128,
  type ValType,
} from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { ExnInst } from '../runtime/exn.ts';
import { FuncInst } from '../runtime/func.ts';
import { ArrayInst, fieldCount, i31Of, type Layout, readField, StructInst } from '../runtime/heap.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { fieldName } from '../runtime/ref-text.ts';
import { formatValue, isRefValue, type NumValue, type Ref, type Value } from '../runtime/values.ts';
import { lanesText, shapeNamed } from './lanes.ts';
import type { ObjectIds } from './object-ids.ts';
import { funcName, type Style } from './style.ts';

/** Fields or elements that are shown in the short form of an object. */
const MOST_FIELDS = 8;
/** Characters of a text that an array holds. */
const MOST_CHARACTERS = 64;

/** A type as the text format writes it, with the names that its module has: `(ref null $point)`. */
export function typeText(module: Module, type: ValType): string {
  return typeName(type, (idx) => typeNameIn(module, idx));
}

/** The types of a function of this module: `[i32 (ref $point)] -> [i32]`. */
export function signatureIn(module: Module, params: readonly ValType[], results: readonly ValType[]): string {
  const list = (types: readonly ValType[]) => `[${types.map((type) => typeText(module, type)).join(' ')}]`;
  return `${list(params)} -> ${list(results)}`;
}

/** A type by its name or its index: `$point`, `type[3]`. */
export function layoutText({ module, typeIdx }: Pick<Layout, 'module' | 'typeIdx'>): string {
  const given = module.names.given('type', typeIdx);
  return given === undefined ? `type[${typeIdx}]` : `$${given}`;
}

/** A reference in one line; `type` decides what a number is. */
export function refText(ref: Ref, type: ValType, style: Style): string {
  if (ref instanceof FuncInst) return funcText(ref, style);
  if (ref instanceof StructInst) return `${objectHead(ref, style)} {${structText(ref, style)}}`;
  if (ref instanceof ArrayInst) return `${objectHead(ref, style)} ${arrayText(ref, style)}`;
  if (ref instanceof ExnInst) return `${objectHead(ref, style)}(${list(ref.args, ref.args.length, style)})`;
  return formatValue({ type, ref });
}

/** The storage type of a field or of the elements, as the object's own module has it. */
export function storageOf({ module, typeIdx }: Layout, idx: number): ValType {
  const { composite } = module.types[typeIdx];
  if (composite.kind === 'struct') return composite.fields[idx].storage;
  return composite.kind === 'array' ? composite.field.storage : usage('this type has no fields');
}

/** A field or element; a packed one with its sign. */
export function fieldValue(object: StructInst | ArrayInst, idx: number): Value {
  const value = readField(object, idx);
  const type = object instanceof StructInst ? object.type.fields[idx].type : object.type.field.type;
  const width = type === I8 ? 8 : type === I16 ? 16 : 0;
  if (width === 0 || isRefValue(value)) return value;
  return { type: value.type, bits: BigInt.asUintN(32, BigInt.asIntN(width, value.bits)) };
}

/** The number of a field by its name or its number; -1 if there is none. */
export function fieldNamed(struct: StructInst, name: string): number {
  const { module, typeIdx, fields } = struct.type;
  const found = fields.findIndex((_, i) => module.names.field(typeIdx, i) === name);
  if (found >= 0) return found;
  return /^\d+$/.test(name) && Number(name) < fields.length ? Number(name) : -1;
}

/** What is said where a struct has no such field. */
export function noField(struct: StructInst, name: string): string {
  const names = struct.type.fields.map((_, i) => fieldName(struct, i));
  const shown = names.length > 20 ? [...names.slice(0, 20), '…'] : names;
  return `unknown field ${name}: ${layoutText(struct.type)} has ${shown.join(', ') || 'none'}`;
}

/**
 * The reference that a text means where one of type `type` is wanted; undefined if it means none. What is shown for a
 * reference can be typed for one.
 */
export function refMeant(
  text: string,
  type: ValType,
  inst: Pick<ModuleInst, 'funcs' | 'module'> | undefined,
  ids: ObjectIds | undefined,
): { readonly ref: Ref } | undefined {
  if (/^(?:\(\s*)?(?:ref\.)?null\b[^)]*\)?$/.test(text) && isNullable(type)) return { ref: null };
  const id = /^(?:(?:\$\S+|type\[\d+\]|exception)\s+)?@(\d+)(?![\w@])/.exec(text)?.[1];
  if (id !== undefined && ids) {
    return { ref: ids.find(Number(id)) ?? usage(`there is no object @${id} (any more)`) };
  }
  const heap = heapOf(type);
  if (heap === HEAP.i31 || heap === HEAP.eq || heap === HEAP.any) {
    const number = /^(?:i31\s+|\(?\s*ref\.i31\s+)?([-+]?(?:0x[\da-f_]+|\d[\d_]*))\)?$/i.exec(text)?.[1];
    if (number !== undefined) return { ref: i31Meant(number) };
  }
  if (heap === HEAP.func || typeIdxOf(heap) >= 0) {
    const func = inst && funcMeant(inst, text);
    if (func) return { ref: func };
  }
  return undefined;
}

/** What `refMeant` takes for a type, for messages. */
export function refForms(type: ValType, inst: Pick<ModuleInst, 'module'> | undefined): string {
  const heap = heapOf(type);
  const kind = inst?.module.types[typeIdxOf(heap)]?.composite.kind;
  const forms = isNullable(type) ? ['null'] : [];
  if (inst && (heap === HEAP.func || kind === 'func')) forms.push('func[3]', '$name');
  if (heap === HEAP.i31 || heap === HEAP.eq || heap === HEAP.any) forms.push('i31 5');
  const top = [HEAP.any, HEAP.eq, HEAP.struct, HEAP.array, HEAP.exn] as number[];
  if (top.includes(heap) || kind === 'struct' || kind === 'array')
    forms.push('@3 for the object of that number');
  return forms.join(', ');
}

function i31Meant(text: string): number {
  const digits = text.replaceAll('_', '').replace('+', '');
  const value = Number(digits.startsWith('-') ? -Number(digits.slice(1)) : digits);
  if (!(value >= -(2 ** 30) && value < 2 ** 31)) {
    usage(
      `constant out of range: an i31 is a whole number from ${-(2 ** 30)} to ${2 ** 31 - 1}, found ${text}`,
    );
  }
  return i31Of(value);
}

/** The function that a user means by `func[3]`, `ref.func 3`, `$name` or `ref.func $name`. */
function funcMeant(
  { funcs, module }: Pick<ModuleInst, 'funcs' | 'module'>,
  text: string,
): FuncInst | undefined {
  const shown = /^func\[(\d+)\] /.exec(text)?.[1];
  if (shown !== undefined) return funcs[Number(shown)];
  const [, index, name] =
    /^(?:\(\s*)?(?:ref\.func\s+)?(?:func\[)?(?:(\d+)\]?|\$(.+?))\s*\)?$/.exec(text) ?? [];
  if (name !== undefined) return funcs[module.names.find('func', name)[0]];
  return /func/.test(text) && index !== undefined ? funcs[Number(index)] : undefined;
}

function typeNameIn({ names }: Module, idx: number): string {
  const given = names.given('type', idx);
  return given === undefined ? String(idx) : `$${given}`;
}

function funcText(func: FuncInst, style: Style): string {
  const text = formatValue({ type: FUNCREF, ref: func });
  const name = func.inst ? funcName(func, style.rename) : text;
  const { params, results } = func.type;
  const types = func.inst
    ? signatureIn(func.inst.module, params, results)
    : `[${params.map((t) => typeName(t)).join(' ')}] -> [${results.map((t) => typeName(t)).join(' ')}]`;
  return `${name === text ? text : `${text} ${name}`} ${types}`;
}

function objectHead(object: StructInst | ArrayInst | ExnInst, { ids }: Style): string {
  const number = ids ? `@${ids.of(object)}` : '';
  if (object instanceof ExnInst) return `exception ${number}${number && ' '}${object.tag.name}`;
  return `${layoutText(object.type)}${number && ` ${number}`}`;
}

function structText(struct: StructInst, style: Style): string {
  const count = fieldCount(struct);
  const parts: string[] = [];
  for (let i = 0; i < count && i < MOST_FIELDS; i++) {
    parts.push(
      `${fieldName(struct, i)}: ${insideText(fieldValue(struct, i), style, struct.type.fields[i].type)}`,
    );
  }
  return joined(parts, count);
}

function arrayText(array: ArrayInst, style: Style): string {
  const { length } = array;
  const text = textIn(array);
  const parts: string[] = [];
  for (let i = 0; i < length && i < MOST_FIELDS; i++)
    parts.push(insideText(fieldValue(array, i), style, array.type.field.type));
  return `(${length})${text === undefined ? '' : ` ${text}`} [${joined(parts, length)}]`;
}

function list(values: readonly Value[], count: number, style: Style): string {
  return joined(
    values.slice(0, MOST_FIELDS).map((value) => insideText(value, style)),
    count,
  );
}

function joined(parts: readonly string[], count: number): string {
  const rest = count - parts.length;
  return rest > 0 ? `${parts.join(', ')}, … ${rest} more` : parts.join(', ');
}

/** A value inside an object that is shown: numbers plainly, objects without what is in them. */
function insideText(value: Value, style: Style, storage = value.type): string {
  if (!isRefValue(value)) return plainText(value, style, storage);
  const { ref } = value;
  if (ref instanceof FuncInst) return ref.inst ? funcName(ref, style.rename) : formatValue(value);
  if (ref instanceof StructInst) return `${objectHead(ref, style)}${style.ids ? '' : ' {…}'}`;
  if (ref instanceof ArrayInst) {
    const text = textIn(ref);
    return `${objectHead(ref, style)} ${text ?? `(${ref.length})`}`;
  }
  return ref instanceof ExnInst ? objectHead(ref, style) : formatValue(value);
}

function plainText(value: NumValue, { hex }: Style, storage: ValType): string {
  if (value.type === V128) return `i32x4 ${lanesText(value.bits, shapeNamed('i32x4')!, hex)}`;
  if (!hex || (value.type !== I32 && value.type !== I64)) return formatValue(value);
  const width = storage === I8 ? 8 : storage === I16 ? 16 : 64;
  return `0x${BigInt.asUintN(width, value.bits).toString(16)}`;
}

/** The text that an array of bytes (UTF-8) or of 16-bit units holds, if it can be nothing else, quoted. */
function textIn(array: ArrayInst): string | undefined {
  const { elems, length, type } = array;
  const packed = type.field.type === I8 || type.field.type === I16;
  if (!packed || length < 2 || isRef(type.field.type)) return undefined;
  const units = Array.from((elems as Uint8Array).subarray(0, MOST_CHARACTERS));
  const plain = (unit: number): boolean =>
    unit === 9 || unit === 10 || unit === 13 || (unit >= 32 && unit !== 127);
  if (!units.every(plain) || (type.field.type === I8 && !units.every((unit) => unit < 127))) return undefined;
  if (!units.some((unit) => unit > 32)) return undefined;
  const text = JSON.stringify(String.fromCharCode(...units));
  return length > units.length ? `${text}…` : text;
}
