/**
 * Values for people, and back: how the debugger shows a value, and what a user may type for one.
 *
 * Integers stand in decimal with their bits beside, floats exactly with NaN payloads, as the text format writes them.
 * Typed values are the text format's literals. Knows no frames and no expressions.
 */

import { usage } from '../base/errors.ts';
import { FUNCREF, HEAP, heapOf, I8, I32, I64, isRef, typeName, V128, type ValType } from '../isa/types.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { formatValue, isRefValue, type Ref, type Value } from '../runtime/values.ts';
import { lanesText, parseVector, shapeNamed } from './lanes.ts';
import { asTyped, expectation, integerText, numberText, parseNumber } from './number-text.ts';
import type { ObjectIds } from './object-ids.ts';
import { refForms, refMeant, refText, typeText } from './ref-values.ts';
import type { Style } from './style.ts';

/**
 * `-1 (0xffffffff, unsigned 4294967295)`, `89 (0x59)`, `1.5`, `nan:0x200001`, `i32x4 1 2 3 4`; references as
 * ref-values.ts has them.
 */
export function showValue(value: Value, style: Style = {}): string {
  if (isRefValue(value)) return showRef(value.ref, value.type, style);
  switch (value.type) {
    case I32:
      return integerText(value.bits, 32, style.hex);
    case I64:
      return integerText(value.bits, 64, style.hex);
    case V128: {
      const shape = style.shape ?? shapeNamed('i32x4')!;
      return `${shape.name} ${lanesText(value.bits, shape, style.hex)}`;
    }
    default:
      return formatValue(value);
  }
}

/** A reference: a function by its index, name and type, an object with what is in it. */
export function showRef(ref: Ref, type: ValType = FUNCREF, style: Style = {}): string {
  return refText(ref, type, style);
}

/**
 * A literal of the text format as a value of `type`: `-1`, `0xff`, `1_000`, `nan:0x4`, `inf`, `i32x4 1 2 3 4`; for a
 * reference `null` or `ref.null`, `i31 5`, of the functions of `inst` also `func[3]` and `$name`, of the objects that
 * were shown `@3`. Numbers from JSON come as numbers. A packed type gives an i32. Throws a usage fault; `what` names
 * the value in its message. Whether a reference is of the type is for the caller to check.
 */
export function parseTyped(
  given: string | number,
  type: ValType,
  what: string,
  inst?: Pick<ModuleInst, 'funcs' | 'module'>,
  ids?: ObjectIds,
): Value {
  const text = typeof given === 'number' ? numberText(given) : given.trim();
  const name = inst ? typeText(inst.module, type) : typeName(type);
  if (isRef(type)) {
    const meant = refMeant(text, type, inst, ids);
    if (meant) return { type, ref: meant.ref };
    if (heapOf(type) === HEAP.extern) return { type, ref: given };
    return usage(`${what}: expected ${name} (${refForms(type, inst)}), found ${JSON.stringify(given)}`);
  }
  const bits = type === V128 ? parseVector(asTyped(text, name)) : parseNumber(asTyped(text, name), type);
  if (typeof bits === 'bigint') return { type: type < V128 ? I32 : type, bits };
  const found = `found ${JSON.stringify(given)}`;
  // The scripts' wording for what is no number, `unknown operator`, says less than what was expected.
  const why = bits.error === 'unknown operator' ? '' : `: ${bits.error}`;
  return usage(`${what}: expected ${expectation(type)}, ${found}${why}`);
}

/** A field of a packed type, in its own width. */
export function packedText(value: Value, type: ValType, hex: boolean | undefined): string {
  const width = type === I8 ? 8 : 16;
  return isRefValue(value) ? '' : integerText(BigInt.asUintN(width, value.bits), width, hex);
}
