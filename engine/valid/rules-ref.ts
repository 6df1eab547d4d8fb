/**
 * Typing rules of references and of garbage-collected values (spec 3.4, reference and aggregate instructions).
 */

import { invalid } from '../base/errors.ts';
import { checkLimit } from '../binary/limits.ts';
import { Op } from '../isa/op.gen.ts';
import {
  type ArrayType,
  concreteHeap,
  type FieldType,
  HEAP,
  heapOf,
  I8,
  I16,
  I32,
  isDefaultable,
  isNullable,
  isRef,
  NULL,
  refType,
  type StructType,
  type ValType,
} from '../isa/types.ts';
import { checkHeapType, checkTypeIdx, checkValType } from './gate.ts';
import { name, unknown } from './mismatch.ts';
import { elemAt, requireData, requireMatch } from './rules-variable.ts';
import type { Typing } from './typing.ts';

const ANYREF = refType(true, HEAP.any);
const EXTERN = refType(true, HEAP.extern);

export function refNull(v: Typing): void {
  checkHeapType(v.module, v.features, v.instr.a, v.instr.offset);
  v.push(refType(true, v.instr.a));
}

export function refIsNull(v: Typing): void {
  v.poppedType = v.popRef();
  v.push(I32);
}

export function refFunc(v: Typing): void {
  const { funcs } = v.module;
  const idx = v.instr.a;
  if (idx >= funcs.length) unknown(v, 'function', idx, funcs.length);
  if (!v.isDeclared(idx)) {
    invalid(v.instr.offset, `undeclared function reference ${idx}`, [
      { message: 'a function needs an element segment, a global or an export that names it' },
    ]);
  }
  v.push(refType(false, concreteHeap(funcs[idx].typeIdx)));
}

export function refAsNonNull(v: Typing): void {
  v.poppedType = v.popRef();
  v.push(v.poppedType & ~NULL);
}

export function refTest(v: Typing): void {
  popCastSource(v);
  v.push(I32);
}

export function refCast(v: Typing): void {
  popCastSource(v);
  v.push(v.instr.a);
}

export function anyConvertExtern(v: Typing): void {
  v.poppedType = v.pop(EXTERN);
  v.push(refType(isNullable(v.poppedType), HEAP.any));
}

export function externConvertAny(v: Typing): void {
  v.poppedType = v.pop(ANYREF);
  v.push(refType(isNullable(v.poppedType), HEAP.extern));
}

export function structNew(v: Typing): void {
  const { fields } = structAt(v, v.instr.a);
  for (let i = fields.length - 1; i >= 0 && !v.isBottomless; i--) v.pop(unpacked(fields[i]));
  v.push(refTo(v.instr.a));
}

export function structNewDefault(v: Typing): void {
  const { fields } = structAt(v, v.instr.a);
  for (const field of fields) requireDefault(v, field);
  v.push(refTo(v.instr.a));
}

/** struct.get, struct.get_s, struct.get_u: packed fields need a sign, others must have none. */
export function structGet(v: Typing): void {
  const field = fieldAt(v);
  requireSign(v, field, v.instr.code !== Op.struct_get);
  v.poppedType = v.pop(refNullTo(v.instr.a));
  v.push(unpacked(field));
}

export function structSet(v: Typing): void {
  const field = fieldAt(v);
  if (!field.mutable) invalid(v.instr.offset, `immutable field ${v.instr.b} of type ${v.instr.a}`);
  v.pop(unpacked(field));
  v.poppedType = v.pop(refNullTo(v.instr.a));
}

export function arrayNew(v: Typing): void {
  const { field } = arrayAt(v, v.instr.a);
  v.pop(I32);
  v.pop(unpacked(field));
  v.push(refTo(v.instr.a));
}

export function arrayNewDefault(v: Typing): void {
  requireDefault(v, arrayAt(v, v.instr.a).field);
  v.pop(I32);
  v.push(refTo(v.instr.a));
}

export function arrayNewFixed(v: Typing): void {
  const { a: typeIdx, b: size, offset } = v.instr;
  const type = unpacked(arrayAt(v, typeIdx).field);
  checkLimit(offset, 'elements of array.new_fixed', size);
  for (let i = 0; i < size && !v.isBottomless; i++) v.pop(type);
  v.push(refTo(typeIdx));
}

export function arrayNewData(v: Typing): void {
  requireNumeric(v, arrayAt(v, v.instr.a));
  requireData(v, v.instr.b);
  v.pop(I32);
  v.pop(I32);
  v.push(refTo(v.instr.a));
}

export function arrayNewElem(v: Typing): void {
  const { field } = arrayAt(v, v.instr.a);
  requireMatch(v, elemAt(v, v.instr.b).type, field.storage);
  v.pop(I32);
  v.pop(I32);
  v.push(refTo(v.instr.a));
}

export function arrayGet(v: Typing): void {
  const { field } = arrayAt(v, v.instr.a);
  requireSign(v, field, v.instr.code !== Op.array_get);
  v.pop(I32);
  v.poppedType = v.pop(refNullTo(v.instr.a));
  v.push(unpacked(field));
}

export function arraySet(v: Typing): void {
  const { field } = mutableArrayAt(v);
  v.pop(unpacked(field));
  v.pop(I32);
  v.poppedType = v.pop(refNullTo(v.instr.a));
}

export function arrayFill(v: Typing): void {
  const { field } = mutableArrayAt(v);
  v.pop(I32);
  v.pop(unpacked(field));
  v.pop(I32);
  v.poppedType = v.pop(refNullTo(v.instr.a));
}

export function arrayCopy(v: Typing): void {
  const to = mutableArrayAt(v).field.storage;
  const from = arrayAt(v, v.instr.b).field.storage;
  if (!v.types.matches(from, to)) {
    const types = `${name(v.module, from)} elements do not fit into ${name(v.module, to)}`;
    invalid(v.instr.offset, `array types do not match: ${types}`);
  }
  v.pop(I32);
  v.pop(I32);
  v.pop(refNullTo(v.instr.b));
  v.pop(I32);
  v.poppedType = v.pop(refNullTo(v.instr.a));
}

export function arrayInitData(v: Typing): void {
  requireNumeric(v, mutableArrayAt(v));
  requireData(v, v.instr.b);
  initOperands(v);
}

export function arrayInitElem(v: Typing): void {
  const { field } = mutableArrayAt(v);
  requireMatch(v, elemAt(v, v.instr.b).type, field.storage);
  initOperands(v);
}

function initOperands(v: Typing): void {
  v.pop(I32);
  v.pop(I32);
  v.pop(I32);
  v.poppedType = v.pop(refNullTo(v.instr.a));
}

/** Pops what ref.test and ref.cast look at: anything of the hierarchy that their type is in. */
function popCastSource(v: Typing): void {
  const type = v.instr.a;
  checkValType(v.module, v.features, type, v.instr.offset);
  v.poppedType = v.pop(refType(true, v.types.topOf(heapOf(type))));
}

function structAt(v: Typing, typeIdx: number): StructType {
  checkTypeIdx(v.module, typeIdx, v.instr.offset);
  const { composite } = v.module.types[typeIdx];
  if (composite.kind === 'struct') return composite;
  invalid(v.instr.offset, `type mismatch: type ${typeIdx} is no struct, but ${article(composite.kind)}`);
}

function arrayAt(v: Typing, typeIdx: number): ArrayType {
  checkTypeIdx(v.module, typeIdx, v.instr.offset);
  const { composite } = v.module.types[typeIdx];
  if (composite.kind === 'array') return composite;
  invalid(v.instr.offset, `type mismatch: type ${typeIdx} is no array, but ${article(composite.kind)}`);
}

function article(kind: string): string {
  return kind === 'array' ? 'an array' : `a ${kind === 'func' ? 'function type' : kind}`;
}

function mutableArrayAt(v: Typing): ArrayType {
  const type = arrayAt(v, v.instr.a);
  if (!type.field.mutable) invalid(v.instr.offset, `immutable array type ${v.instr.a}`);
  return type;
}

function fieldAt(v: Typing): FieldType {
  const { fields } = structAt(v, v.instr.a);
  const idx = v.instr.b;
  if (idx >= fields.length) unknown(v, 'field', idx, fields.length);
  return fields[idx];
}

function requireSign(v: Typing, { storage }: FieldType, signed: boolean): void {
  const packed = isPacked(storage);
  if (packed === signed) return;
  const why = packed ? `is packed and needs _s or _u` : `is not packed and takes no _s or _u`;
  invalid(v.instr.offset, `type mismatch: ${name(v.module, storage)} ${why}`);
}

function requireDefault(v: Typing, { storage }: FieldType): void {
  if (isDefaultable(storage)) return;
  invalid(v.instr.offset, `type mismatch: a field of type ${name(v.module, storage)} has no default value`);
}

function requireNumeric(v: Typing, { field: { storage } }: ArrayType): void {
  if (!isRef(storage)) return;
  invalid(v.instr.offset, `array type is not numeric or vector: it holds ${name(v.module, storage)}`);
}

function isPacked(storage: ValType): boolean {
  return storage === I8 || storage === I16;
}

function unpacked({ storage }: FieldType): ValType {
  return isPacked(storage) ? I32 : storage;
}

function refTo(typeIdx: number): ValType {
  return refType(false, concreteHeap(typeIdx));
}

function refNullTo(typeIdx: number): ValType {
  return refType(true, concreteHeap(typeIdx));
}
