/**
 * References as people read them: `(ref $point) {x: 1, y: 2}`, `(ref $bytes) [1, 2, … 98 more]`, `i31 5`, `func[3]`,
 * `null`, or the host's value. Bounded in width and depth, so cycles and large arrays are short too.
 */

import { HEAP, heapOf, isRef, type ValType } from '../isa/types.ts';
import { ExnInst, exceptionText } from './exn.ts';
import { FuncInst } from './func.ts';
import { ArrayInst, fieldCount, isI31, type Layout, readField, StructInst } from './heap.ts';
import type { Ref, Value } from './values.ts';

/** Fields or elements that are shown of one object. */
const MOST_FIELDS = 8;
/** Objects inside objects that are shown with their fields. */
const MOST_DEPTH = 2;

/** A reference of type `type`; `show` gives the numbers in it. */
export function formatRef(ref: Ref, type: ValType, show: (value: Value) => string): string {
  return refText(ref, type, show, MOST_DEPTH);
}

/** The type of an object as its module names it: `$point`, or its index there. */
export function layoutName({ module, typeIdx }: Layout): string {
  const given = module.names.given('type', typeIdx);
  return given === undefined ? String(typeIdx) : `$${given}`;
}

/** The name of a field of a struct, or its index. */
export function fieldName({ type: { module, typeIdx } }: StructInst, idx: number): string {
  return module.names.field(typeIdx, idx) ?? String(idx);
}

function refText(ref: Ref, type: ValType, show: (value: Value) => string, depth: number): string {
  if (ref === null) return 'null';
  if (ref instanceof FuncInst) return ref.host ? `host ${ref.host.name ?? 'function'}` : `func[${ref.idx}]`;
  if (ref instanceof StructInst || ref instanceof ArrayInst) return objectText(ref, show, depth);
  if (ref instanceof ExnInst) return `exception ${exceptionText(ref, show)}`;
  if (isI31(ref) && heapOf(type) !== HEAP.extern) return `i31 ${ref}`;
  if (typeof ref === 'string') return JSON.stringify(ref);
  if (typeof ref === 'function') return `function ${ref.name}`;
  if (typeof ref === 'object') return `object ${(ref as object).constructor?.name ?? ''}`.trim();
  return String(ref);
}

function objectText(object: StructInst | ArrayInst, show: (value: Value) => string, depth: number): string {
  const count = fieldCount(object);
  const [open, close] = object instanceof StructInst ? '{}' : '[]';
  const name = `(ref ${layoutName(object.type)})`;
  if (depth === 0 && count > 0) return `${name} ${open}…${close}`;
  const parts: string[] = [];
  for (let i = 0; i < count && i < MOST_FIELDS; i++) {
    const value = readField(object, i);
    const text =
      isRef(value.type) && 'ref' in value ? refText(value.ref, value.type, show, depth - 1) : show(value);
    parts.push(object instanceof StructInst ? `${fieldName(object, i)}: ${text}` : text);
  }
  if (count > MOST_FIELDS) parts.push(`… ${count - MOST_FIELDS} more`);
  return `${name} ${open}${parts.join(', ')}${close}`;
}
