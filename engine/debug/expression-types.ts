/**
 * Expressions with types: what each part of an expression is in WebAssembly, by WebAssembly's own rules, and the
 * function that computes it, as text.
 *
 * Nothing is converted silently: both sides of an operator have one type, and only literals take theirs from the
 * context. So an expression becomes instructions of the engine, whose numerics are the only ones; evaluator.ts
 * runs them. Locals, operands and globals come in as parameters; memories and tables are imported. Knows no values.
 */

import { faultIn, usage, WasmError } from '../base/errors.ts';
import { parseFloat32, parseFloat64, parseInt32, parseInt64, parseUint64 } from '../base/numbers.ts';
import { INSTRS, type Instr } from '../isa/isa.ts';
import {
  F32,
  F64,
  HEAP,
  heapOf,
  I32,
  I64,
  isRef,
  refType,
  typeIdxOf,
  typeName,
  type ValType,
} from '../isa/types.ts';
import { localTypes, type Module } from '../module/module.ts';
import type {
  BinaryExpression,
  Expression,
  ExpressionSpace,
  IndexExpression,
  InstrExpression,
  UnaryExpression,
  ViewExpression,
} from './expressions.ts';

/** Where an expression stands: the names it can use. */
export interface ExpressionScope {
  readonly module: Module;
  /** Undefined where there is no frame. */
  readonly frame: FrameTypes | undefined;
}

/** The types of a frame's values. */
export interface FrameTypes {
  readonly funcIdx: number;
  readonly locals: readonly ValType[];
  /** Bottom first; asked for only when an expression looks at the stack. */
  operands(): readonly ValType[];
}

/** A value that goes into the computation. */
export interface Input {
  readonly space: 'local' | 'stack' | 'global';
  readonly idx: number;
  readonly type: ValType;
}

/** An expression that can be computed: type, inputs, and the module whose one function computes it. */
export interface TypedExpression {
  readonly type: ValType;
  readonly inputs: readonly Input[];
  /** A module in the text format. Imports are `mem` and `table`, each by its index. */
  readonly wat: string;
}

/** What a name or an index means. */
export interface Item {
  readonly space: ExpressionSpace;
  readonly idx: number;
}

/** The type of a part: one of WebAssembly's, or a literal's that takes it from the context. */
type Typed = ValType | 'integer' | 'number' | 'null';

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
};

const ANY_NUMBER: readonly ValType[] = [I32, I64, F32, F64];
const INTEGERS: readonly ValType[] = [I32, I64];

/** Operators of two operands of one type: their instruction for integers and for floats, and what they give. */
const BINARY: Readonly<Record<string, { ints: string; floats?: string; compares?: true }>> = {
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

/** Whether a name is one of the scope's: of a local, a global, a function, a memory or a table. */
export function isNameIn(scope: ExpressionScope): (name: string) => boolean {
  return (name) => itemNamed(scope, name) !== undefined;
}

/** What a name means: a local, else a global, function, memory, table. */
export function itemNamed({ module, frame }: ExpressionScope, name: string): Item | undefined {
  const { names } = module;
  if (frame) {
    const idx = frame.locals.findIndex((_, i) => names.local(frame.funcIdx, i) === name);
    if (idx >= 0) return { space: 'local', idx };
  }
  for (const space of ['global', 'func', 'memory', 'table'] as const) {
    const idx = names.find(space, name)[0];
    if (idx !== undefined) return { space, idx };
  }
  return undefined;
}

/** The frame of a function in front of any of its instructions; `operands` gives the types on its stack. */
export function frameTypes(module: Module, funcIdx: number, operands: () => readonly ValType[]): FrameTypes {
  return { funcIdx, locals: localTypes(module, funcIdx), operands };
}

/**
 * Types an expression. `wanted`: the type it must have. Throws a usage fault with the span in the expression:
 * "unknown local", "type mismatch" and what was expected.
 */
export function typeExpression(
  expression: Expression,
  scope: ExpressionScope,
  wanted?: ValType,
): TypedExpression {
  return new Typing(scope).whole(expression, wanted);
}

class Typing {
  readonly #scope: ExpressionScope;
  readonly #types = new Map<Expression, Typed>();
  readonly #inputs: Input[] = [];
  readonly #imports = new Map<string, string>();

  constructor(scope: ExpressionScope) {
    this.#scope = scope;
  }

  whole(expression: Expression, wanted: ValType | undefined): TypedExpression {
    const own = this.#typeOf(expression);
    const type = wanted ?? (own === 'null' ? refType(true, HEAP.any) : settled(own, expression));
    const code = this.#emit(expression, type);
    const params = this.#inputs.map((input) => ` ${watType(input.type)}`).join('');
    const imports = [...this.#imports.values()].join('');
    const param = params && `(param${params})`;
    const wat = `(module ${imports}(func (export "")${param}(result ${watType(type)})${code}))`;
    return { type, inputs: this.#inputs, wat };
  }

  #typeOf(node: Expression): Typed {
    let type = this.#types.get(node);
    if (type === undefined) {
      type = this.#findType(node);
      this.#types.set(node, type);
    }
    return type;
  }

  #findType(node: Expression): Typed {
    switch (node.kind) {
      case 'number':
        return /^[-+]?(?:0x[0-9a-f_]+|\d[\d_]*)$/i.test(node.text) ? 'integer' : 'number';
      case 'null':
        return 'null';
      case 'name':
      case 'index':
        return this.#input(node).type;
      case 'unary':
        return node.operator === '!' ? I32 : this.#typeOf(node.operand);
      case 'binary':
        return this.#binaryType(node);
      case 'view':
        return viewOf(node)[0];
      case 'element':
        return this.#elementType(node.base, node);
      case 'instr':
        return this.#instrType(node);
    }
  }

  #binaryType(node: BinaryExpression): Typed {
    if (node.operator === '&&' || node.operator === '||') return I32;
    const rule = BINARY[node.operator];
    if (rule.compares) return I32;
    const left = this.#typeOf(node.left);
    const right = this.#typeOf(node.right);
    if (typeof left === 'number') return left;
    if (typeof right === 'number') return right;
    return left === 'number' || right === 'number' ? 'number' : left === 'null' ? right : left;
  }

  #elementType(base: Expression, node: Expression): ValType {
    const item = this.#item(base);
    if (item?.space === 'table') return topType(this.#scope.module, this.#table(item.idx, base).type.element);
    if (item?.space === 'memory') refuse(node, 'a type expected behind it, as in mem[0x100].i32 or .u8');
    return refuse(base, 'a memory or a table expected before [');
  }

  #instrType(node: InstrExpression): Typed {
    const { name, operands } = node;
    if (name === 'local.get' || name === 'global.get') return this.#input(this.#variable(node)).type;
    if (/^[if](?:32|64)\.const$/.test(name)) return CONST_TYPES[name];
    const { instr, params } = plainInstr(node, this.#addressType());
    if (operands.length !== params.length) {
      const count = `${params.length} ${params.length === 1 ? 'operand' : 'operands'}`;
      refuse(node, `${name} takes ${count}, found ${operands.length}`);
    }
    return instr.results[0];
  }

  /** The code that leaves the value of a part, of this type, on the stack. */
  #emit(node: Expression, type: ValType): string {
    const own = this.#typeOf(node);
    if (typeof own === 'number' && own !== type && !(isRef(own) && isRef(type))) {
      refuse(
        node,
        `type mismatch: expected ${typeName(type)}, found ${typeName(own)}${conversion(own, type)}`,
      );
    }
    switch (node.kind) {
      case 'number':
        return literal(node, node.text, type);
      case 'null':
        if (!isRef(type)) refuse(node, `type mismatch: expected ${typeName(type)}, found null`);
        return `(ref.null ${heapName(type)})`;
      case 'name':
      case 'index':
        return this.#parameter(this.#input(node));
      case 'unary':
        return this.#unary(node, type);
      case 'binary':
        return this.#binary(node, type);
      case 'view':
        return this.#load(node);
      case 'element':
        return this.#slot(node.base, node.index);
      case 'instr':
        return this.#instr(node);
    }
  }

  #unary({ operator, operand }: UnaryExpression, type: ValType): string {
    if (operator === '!') {
      const own = this.#typeOf(operand);
      const inner = typeof own === 'number' ? own : settled(own, operand);
      if (!INTEGERS.includes(inner)) {
        refuse(operand, `type mismatch: ! takes i32 or i64, found ${typeName(inner)}`);
      }
      return `(${typeName(inner)}.eqz ${this.#emit(operand, inner)})`;
    }
    const name = typeName(type);
    if (operator === '~') {
      if (!INTEGERS.includes(type)) refuse(operand, `type mismatch: ~ takes i32 or i64, found ${name}`);
      return `(${name}.xor ${this.#emit(operand, type)} (${name}.const -1))`;
    }
    if (!ANY_NUMBER.includes(type)) refuse(operand, `type mismatch: - takes a number, found ${name}`);
    const inner = this.#emit(operand, type);
    return INTEGERS.includes(type) ? `(${name}.sub (${name}.const 0) ${inner})` : `(${name}.neg ${inner})`;
  }

  #binary(node: BinaryExpression, type: ValType): string {
    const { operator, left, right } = node;
    if (operator === '&&' || operator === '||') {
      const [first, second] = [this.#emit(left, I32), this.#emit(right, I32)];
      const truth = `(i32.ne ${second} (i32.const 0))`;
      const [then, otherwise] = operator === '&&' ? [truth, '(i32.const 0)'] : ['(i32.const 1)', truth];
      return `(if (result i32) ${first} (then ${then}) (else ${otherwise}))`;
    }
    const rule = BINARY[operator];
    const shared = rule.compares ? this.#sharedType(node) : type;
    if (isRef(shared)) return this.#compareRefs(node, shared);
    const name = typeName(shared);
    const instr = INTEGERS.includes(shared) ? rule.ints : rule.floats;
    if (!instr || !ANY_NUMBER.includes(shared)) {
      const takes = rule.floats ? 'numbers' : 'integers';
      refuse(node, `type mismatch: ${operator} takes ${takes}, found ${name}`);
    }
    this.#mustAgree(node);
    return `(${name}.${instr} ${this.#emit(left, shared)} ${this.#emit(right, shared)})`;
  }

  /** The one type of both sides. */
  #sharedType(node: BinaryExpression): ValType {
    const left = this.#typeOf(node.left);
    const right = this.#typeOf(node.right);
    if (typeof left === 'number') return left;
    if (typeof right === 'number') return right;
    if (left === 'null' || right === 'null') refuse(node, 'type mismatch: a reference expected beside null');
    const types = [settled(left, node.left), settled(right, node.right)];
    return types.includes(F64) ? F64 : types.includes(I64) ? I64 : I32;
  }

  #mustAgree({ operator, left, right, span }: BinaryExpression): void {
    const [a, b] = [this.#typeOf(left), this.#typeOf(right)];
    if (typeof a !== 'number' || typeof b !== 'number' || a === b) return;
    const hint = conversion(a, b) || conversion(b, a);
    const found = `${typeName(a)} and ${typeName(b)}`;
    refuse({ span }, `type mismatch: ${operator} takes two values of one type, found ${found}${hint}`);
  }

  /** References can be compared with null only; two of them by ref.eq, where that has a meaning. */
  #compareRefs(node: BinaryExpression, type: ValType): string {
    const { operator, left, right } = node;
    const isNull = [left, right].map((side) => this.#typeOf(side) === 'null');
    if ((operator !== '==' && operator !== '!=') || isNull[0] === isNull[1]) {
      refuse(node, `type mismatch: a reference can be compared with null only, by == and !=`);
    }
    const test = `(ref.is_null ${this.#emit(isNull[0] ? right : left, type)})`;
    return operator === '==' ? test : `(i32.eqz ${test})`;
  }

  #load(node: ViewExpression): string {
    const [, instr] = viewOf(node);
    const { base } = node;
    if (base.kind !== 'element') refuse(base, 'an address expected, as in mem[0x100].i32');
    const item = this.#item(base.base);
    if (item?.space !== 'memory') refuse(base.base, 'a memory expected');
    const address = this.#emit(base.index, this.#memory(item.idx, base.base));
    return `(${instr} $m${item.idx} ${address})`;
  }

  #slot(base: Expression, index: Expression): string {
    const { idx } = this.#item(base)!;
    const { is64 } = this.#table(idx, base).type;
    return `(table.get $t${idx} ${this.#emit(index, is64 ? I64 : I32)})`;
  }

  #instr(node: InstrExpression): string {
    const { name, operands } = node;
    if (name === 'local.get' || name === 'global.get')
      return this.#parameter(this.#input(this.#variable(node)));
    if (CONST_TYPES[name] !== undefined) {
      const [value] = operands;
      if (operands.length !== 1 || value.kind !== 'number') refuse(node, `${name} takes one literal`);
      return literal(value, value.text, CONST_TYPES[name]);
    }
    const { instr, params } = plainInstr(node, this.#addressType());
    const memory = instr.shape === 'memarg' ? ' $m0' : '';
    if (memory) this.#memory(0, node);
    const inner = operands.map((operand, i) => ` ${this.#emit(operand, params[i])}`).join('');
    return `(${name}${memory}${inner})`;
  }

  /** `local.get $x`, `local.get 1` as the name or index that it means. */
  #variable(node: InstrExpression): Expression {
    const [operand] = node.operands;
    const space = node.name === 'local.get' ? 'local' : 'global';
    if (node.operands.length === 1 && operand.kind === 'name') return operand;
    const parsed = operand?.kind === 'number' ? parseUint64(operand.text) : undefined;
    if (node.operands.length !== 1 || !parsed?.ok)
      return refuse(node, `${node.name} takes a name or an index`);
    const index: IndexExpression = { kind: 'index', space, idx: Number(parsed.value), span: node.span };
    return index;
  }

  #parameter(input: Input): string {
    let at = this.#inputs.findIndex(({ space, idx }) => space === input.space && idx === input.idx);
    if (at < 0) at = this.#inputs.push(input) - 1;
    return `(local.get ${at})`;
  }

  /** The value that a name or an index stands for. Throws if it is no value. */
  #input(node: Expression): Input {
    const item = this.#item(node);
    const { module, frame } = this.#scope;
    if (!item) return refuse(node, 'a value expected');
    const { space, idx } = item;
    if (space === 'local' || space === 'stack') {
      if (!frame) return refuse(node, `${space}[${idx}] needs a frame: the program is not stopped`);
      const types = space === 'local' ? frame.locals : frame.operands();
      if (idx >= types.length) {
        if (space === 'local') refuse(node, `unknown local ${idx}: the function has ${types.length}`);
        const are = types.length === 1 ? 'value is' : 'values are';
        refuse(node, `unknown stack[${idx}]: ${types.length} ${are} on the stack`);
      }
      const type = types[space === 'local' ? idx : types.length - 1 - idx];
      return { space, idx, type: topType(module, type) };
    }
    if (space === 'global') {
      const global = module.globals[idx];
      if (!global) return refuse(node, `unknown global ${idx}: the module has ${module.globals.length}`);
      return { space, idx, type: topType(module, global.type.type) };
    }
    const what = { func: 'function', memory: 'memory', table: 'table' }[space];
    return refuse(node, `a value expected, found a ${what}`);
  }

  #item(node: Expression): Item | undefined {
    if (node.kind === 'index') return node;
    if (node.kind !== 'name') return undefined;
    const item = itemNamed(this.#scope, node.name);
    const what = this.#scope.frame ? 'local' : 'name';
    return item ?? refuse(node, `unknown ${what} $${node.name}`);
  }

  /** Imports a memory; gives the type of its addresses. */
  #memory(idx: number, node: Pick<Expression, 'span'>): ValType {
    const { memories } = this.#scope.module;
    const memory = memories[idx];
    if (!memory) refuse(node, `unknown memory ${idx}: the module has ${memories.length}`);
    const { is64, shared, limits, pageSizeLog2 } = memory.type;
    const address = is64 ? ' i64' : '';
    const most = shared ? ` ${limits.max} shared` : '';
    const page = pageSizeLog2 === 16 ? '' : ` (pagesize ${2 ** pageSizeLog2})`;
    this.#imports.set(`m${idx}`, `(import "mem" "${idx}" (memory $m${idx}${address} 0${most}${page}))`);
    return is64 ? I64 : I32;
  }

  #addressType(): ValType {
    return this.#scope.module.memories[0]?.type.is64 ? I64 : I32;
  }

  #table(idx: number, node: Expression): Module['tables'][number] {
    const { module } = this.#scope;
    const table = module.tables[idx];
    if (!table) refuse(node, `unknown table ${idx}: the module has ${module.tables.length}`);
    const { element, is64 } = table.type;
    if (topType(module, element) !== element) {
      refuse(node, `slots of a table of ${typeName(element)} cannot be used in a computation`);
    }
    const text = `(import "table" "${idx}" (table $t${idx}${is64 ? ' i64' : ''} 0 ${watType(element)}))`;
    this.#imports.set(`t${idx}`, text);
    return table;
  }
}

const CONST_TYPES: Readonly<Record<string, ValType>> = {
  'i32.const': I32,
  'i64.const': I64,
  'f32.const': F32,
  'f64.const': F64,
};

const BY_NAME: ReadonlyMap<string, Instr> = new Map(INSTRS.map((instr) => [instr.name, instr]));

/** An instruction that computes one value from operands alone, or loads one. Its params have real address types. */
function plainInstr(node: InstrExpression, address: ValType): { instr: Instr; params: readonly ValType[] } {
  const instr = BY_NAME.get(node.name) ?? refuse(node, `unknown operator ${node.name}`);
  const load = instr.shape === 'memarg' && instr.results.length === 1 && instr.params.length === 1;
  if (instr.special || instr.results.length !== 1 || !(instr.shape === 'none' || load)) {
    refuse(node, `${node.name} cannot be used in an expression: only what computes one value from operands`);
  }
  return { instr, params: load ? [address] : instr.params };
}

function viewOf(node: ViewExpression): readonly [ValType, string] {
  const found = Object.hasOwn(VIEWS, node.view) ? VIEWS[node.view] : undefined;
  return found ?? refuse(node, `unknown type ${node.view}: expected ${Object.keys(VIEWS).join(', ')}`);
}

/** The type of a literal that nothing else decides. */
function settled(type: Typed, node: Expression): ValType {
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

function literal(node: Expression, text: string, type: ValType): string {
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
function conversion(from: ValType, to: ValType): string {
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

/** The type that a value has in the expression's own module, which does not know the program's types. */
function topType(module: Module, type: ValType): ValType {
  if (!isRef(type)) return type;
  const idx = typeIdxOf(heapOf(type));
  if (idx >= 0) return refType(true, module.types[idx].composite.kind === 'func' ? HEAP.func : HEAP.any);
  switch (heapOf(type)) {
    case HEAP.func:
    case HEAP.nofunc:
      return refType(true, HEAP.func);
    case HEAP.extern:
    case HEAP.noextern:
      return refType(true, HEAP.extern);
    case HEAP.exn:
    case HEAP.noexn:
      return refType(true, HEAP.exn);
    default:
      return refType(true, HEAP.any);
  }
}

function heapName(type: ValType): string {
  const found = Object.entries(HEAP).find(([, heap]) => heap === heapOf(type));
  return found ? found[0] : usage('a concrete type has no name here');
}

function watType(type: ValType): string {
  return isRef(type) ? `(ref null ${heapName(type)})` : typeName(type);
}

function refuse({ span }: Pick<Expression, 'span'>, message: string): never {
  throw new WasmError(faultIn('usage', span, message));
}
