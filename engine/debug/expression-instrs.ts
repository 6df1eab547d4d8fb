/**
 * What the parts of an expression are as instructions: views of memory, operators, literals, and the instructions that
 * can be written out.
 *
 * Tables and small rules; expression-types.ts puts them together. Faults carry the span in the expression.
 */

import { faultIn, WasmError } from '../base/errors.ts';
import { parseFloat32, parseFloat64, parseInt32, parseInt64 } from '../base/numbers.ts';
import { INSTRS, type Instr } from '../isa/isa.ts';
import { F32, F64, I32, I64, typeName, V128, type ValType } from '../isa/types.ts';
import type { Expression, InstrExpression, MemberExpression } from './expressions.ts';

/** The type of a part: one of WebAssembly's, or a literal's that takes it from the context. */
export type Typed = ValType | 'integer' | 'number' | 'null';

/** Views of memory: the type that they give, and the instruction. */
const VIEWS: Readonly<Record<string, readonly [ValType, string]>> = {
  i8: [I32, 'i32.load8_s'],
  u8: [I32, 'i32.load8_u'],
  i16: [I32, 'i32.load16_s'],
  u16: [I32, 'i32.load16_u'],
  i32: [I32, 'i32.load'],
  u32: [I64, 'i64.load32_u'],
  i64: [I64, 'i64.load'],
  u64: [I64, 'i64.load'],
  f32: [F32, 'f32.load'],
  f64: [F64, 'f64.load'],
  v128: [V128, 'v128.load'],
};

/** The types that operators know. */
export const ANY_NUMBER: readonly ValType[] = [I32, I64, F32, F64];
export const INTEGERS: readonly ValType[] = [I32, I64];

/** Operators of two operands of one type: their instruction for integers and for floats, and what they give. */
export const BINARY: Readonly<Record<string, { ints: string; floats?: string; compares?: true }>> = {
  '|': { ints: 'or' },
  '^': { ints: 'xor' },
  '&': { ints: 'and' },
  '==': { ints: 'eq', floats: 'eq', compares: true },
  '!=': { ints: 'ne', floats: 'ne', compares: true },
  '<': { ints: 'lt_s', floats: 'lt', compares: true },
  '>': { ints: 'gt_s', floats: 'gt', compares: true },
  '<=': { ints: 'le_s', floats: 'le', compares: true },
  '>=': { ints: 'ge_s', floats: 'ge', compares: true },
  '<_u': { ints: 'lt_u', compares: true },
  '>_u': { ints: 'gt_u', compares: true },
  '<=_u': { ints: 'le_u', compares: true },
  '>=_u': { ints: 'ge_u', compares: true },
  '<<': { ints: 'shl' },
  '>>': { ints: 'shr_s' },
  '>>_u': { ints: 'shr_u' },
  '+': { ints: 'add', floats: 'add' },
  '-': { ints: 'sub', floats: 'sub' },
  '*': { ints: 'mul', floats: 'mul' },
  '/': { ints: 'div_s', floats: 'div' },
  '/_u': { ints: 'div_u' },
  '%': { ints: 'rem_s' },
  '%_u': { ints: 'rem_u' },
};

/** Instructions on references that can be used, and how many operands they take. */
export const REF_RULES: Readonly<Record<string, number>> = {
  'ref.is_null': 1,
  'ref.eq': 2,
  'ref.cast': 1,
  'ref.test': 1,
  'array.len': 1,
  'i31.get_s': 1,
  'i31.get_u': 1,
};

export const CONST_TYPES: Readonly<Record<string, ValType>> = {
  'i32.const': I32,
  'i64.const': I64,
  'f32.const': F32,
  'f64.const': F64,
};

const BY_NAME: ReadonlyMap<string, Instr> = new Map(INSTRS.map((instr) => [instr.name, instr]));

/** An instruction that computes one value from operands alone, or loads one. Its params have real address types. */
export function plainInstr(
  node: InstrExpression,
  address: ValType,
): { instr: Instr; params: readonly ValType[] } {
  const instr = BY_NAME.get(node.name) ?? refuse(node, `unknown operator ${node.name}`);
  const load = instr.shape === 'memarg' && instr.results.length === 1 && instr.params.length === 1;
  if (instr.special || instr.results.length !== 1 || !(instr.shape === 'none' || load)) {
    refuse(node, `${node.name} cannot be used in an expression: only what computes one value from operands`);
  }
  return { instr, params: load ? [address] : instr.params };
}

/** The type and the load of a view of memory. */
export function viewOf(node: MemberExpression): readonly [ValType, string] {
  const found = Object.hasOwn(VIEWS, node.name) ? VIEWS[node.name] : undefined;
  return found ?? refuse(node, `unknown type ${node.name}: expected ${Object.keys(VIEWS).join(', ')}`);
}

/** The type of a literal that nothing else decides. */
export function settled(type: Typed, node: Expression): ValType {
  if (typeof type === 'number') return type;
  if (type === 'null') return refuse(node, 'a value expected, found null');
  if (type === 'number') return F64;
  return isWide(node) ? I64 : I32;
}

/** Whether one of the literals of an expression that has nothing else does not fit into an i32. */
function isWide(node: Expression): boolean {
  if (node.kind === 'number') return !parseInt32(node.text).ok;
  if (node.kind === 'unary') return isWide(node.operand);
  return node.kind === 'binary' && (isWide(node.left) || isWide(node.right));
}

/** The instruction that gives a literal. */
export function literal(node: Expression, text: string, type: ValType): string {
  const parse = { [I32]: parseInt32, [I64]: parseInt64, [F32]: parseFloat32, [F64]: parseFloat64 }[type];
  if (!parse) return refuse(node, `type mismatch: expected ${typeName(type)}, found ${text}`);
  const parsed = parse(text);
  if (!parsed.ok) {
    const why = parsed.error === 'constant out of range' ? `${parsed.error}: ` : 'type mismatch: ';
    refuse(node, `${why}expected ${typeName(type)}, found ${text}`);
  }
  return `(${typeName(type)}.const ${text})`;
}

/** How to come from one type to another, for messages. */
export function conversion(from: ValType, to: ValType): string {
  const instr =
    from === I32 && to === I64
      ? 'i64.extend_i32_s'
      : from === I64 && to === I32
        ? 'i32.wrap_i64'
        : from === F32 && to === F64
          ? 'f64.promote_f32'
          : from === F64 && to === F32
            ? 'f32.demote_f64'
            : INTEGERS.includes(from) && (to === F32 || to === F64)
              ? `${typeName(to)}.convert_${typeName(from)}_s`
              : (from === F32 || from === F64) && INTEGERS.includes(to)
                ? `${typeName(to)}.trunc_sat_${typeName(from)}_s`
                : undefined;
  return instr ? ` (${instr}(…) converts)` : '';
}

/** Throws a usage fault with the place in the expression. */
export function refuse({ span }: Pick<Expression, 'span'>, message: string): never {
  throw new WasmError(faultIn('usage', span, message));
}
