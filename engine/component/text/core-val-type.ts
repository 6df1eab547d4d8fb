/**
 * Core value types in component text where only numbers are meant: the slots of `context.get` and `context.set`.
 */

import { F32, F64, I32, I64, type ValType } from '../../isa/types.ts';
import type { ComponentCursor } from './cursor.ts';

const TYPES: Readonly<Record<string, ValType>> = { i32: I32, i64: I64, f32: F32, f64: F64 };

/** The number type that stands here. */
export function parseCoreValType(cursor: ComponentCursor): ValType {
  const type = TYPES[cursor.keyword()];
  if (type === undefined) cursor.unexpected('a number type');
  cursor.take();
  return type;
}
