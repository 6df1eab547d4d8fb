/**
 * Expressions with types: what each part of an expression is in WebAssembly, by WebAssembly's own rules, and the
 * function that computes it, as text.
 *
 * Nothing is converted silently: both sides of an operator have one type, and only literals take theirs from the
 * context. So an expression becomes instructions of the engine, whose numerics are the only ones; evaluator.ts
 * runs them. Locals, operands and globals come in as parameters; memories and tables are imported. Knows no values. It is
 * long because every kind of part has its type and its code side by side here.
 */

import { parseUint64 } from '../base/numbers.ts';
import {
  type ArrayType,
  concreteHeap,
  F64,
  HEAP,
  type HeapType,
  heapOf,
  I32,
  I64,
  isRef,
  refType,
  type StructType,
  typeIdxOf,
  typeName,
  V128,
  type ValType,
} from '../isa/types.ts';
import { localTypes, type Module } from '../module/module.ts';
import {
  ANY_NUMBER,
  BINARY,
  CONST_TYPES,
  conversion,
  INTEGERS,
  literal,
  plainInstr,
  REF_RULES,
  refuse,
  settled,
  type Typed,
  viewOf,
} from './expression-instrs.ts';
import type {
  BinaryExpression,
  ElementExpression,
  Expression,
  ExpressionSpace,
  IndexExpression,
  InstrExpression,
  MemberExpression,
  TypeOperand,
  UnaryExpression,
} from './expressions.ts';
import { SHAPES, shapeNamed } from './lanes.ts';
import { typeText } from './ref-values.ts';
import { ANYREF, heapName, topType, unpacked, watType } from './top-types.ts';

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
  readonly space: 'local' | 'stack' | 'caught' | 'global';
  readonly idx: number;
  /** As the expression's own module has it. */
  readonly type: ValType;
}

/** An expression that can be computed: type, inputs, and the module whose one function computes it. */
export interface TypedExpression {
  /** As the program's module has it. */
  readonly type: ValType;
  readonly inputs: readonly Input[];
  /**
   * A module in the text format. Imports are `mem` and `table`, each by its index, and `get`, whose names accesses.ts
   * knows.
   */
  readonly wat: string;
}

/** What a name or an index means. */
export interface Item {
  readonly space: ExpressionSpace;
  readonly idx: number;
}

/** Whether a name is one of the scope's: of a local, a global, a function, a memory, a table or a type. */
export function isNameIn(scope: ExpressionScope): (name: string) => boolean {
  const { names } = scope.module;
  return (name) => itemNamed(scope, name) !== undefined || names.find('type', name).length > 0;
}

/** What a name means: a local, else a global, function, memory, table. */
export function itemNamed({ module, frame }: ExpressionScope, name: string): Item | undefined {
  const { names } = module;
  if (frame) {
    const idx = localsByName(module, frame).get(name);
    if (idx !== undefined) return { space: 'local', idx };
  }
  for (const space of ['global', 'func', 'memory', 'table'] as const) {
    const idx = names.find(space, name)[0];
    if (idx !== undefined) return { space, idx };
  }
  return undefined;
}

/** By the types of a function's locals, which are one array as long as its code is there. */
const LOCALS_BY_NAME = new WeakMap<readonly ValType[], ReadonlyMap<string, number>>();

/** A function may have 50,000 locals, and every name of an expression asks. */
function localsByName({ names }: Module, { funcIdx, locals }: FrameTypes): ReadonlyMap<string, number> {
  let found = LOCALS_BY_NAME.get(locals);
  if (!found) {
    const map = new Map<string, number>();
    for (let i = locals.length - 1; i >= 0; i--) map.set(names.local(funcIdx, i) ?? '', i);
    map.delete('');
    LOCALS_BY_NAME.set(locals, (found = map));
  }
  return found;
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
  readonly #gets: string[] = [];

  constructor(scope: ExpressionScope) {
    this.#scope = scope;
  }

  whole(expression: Expression, wanted: ValType | undefined): TypedExpression {
    const own = this.#typeOf(expression);
    const type = wanted ?? (own === 'null' ? refType(true, HEAP.any) : settled(own, expression));
    const code = this.#emit(expression, type);
    const params = this.#inputs.map((input) => ` ${watType(input.type)}`).join('');
    const result = watType(topType(this.#scope.module, type));
    const imports = [...this.#imports.values()].join('');
    const param = params && `(param${params})`;
    const wat = `(module ${imports}(func (export "")${param}(result ${result})${code}))`;
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
        return this.#input(node).declared;
      case 'object':
        return refType(true, HEAP.any);
      case 'unary':
        return node.operator === '!' ? I32 : this.#typeOf(node.operand);
      case 'binary':
        return this.#binaryType(node);
      case 'member':
        return this.#memberType(node);
      case 'element':
        return this.#elementType(node);
      case 'range':
        return refuse(node, 'bytes are to look at: a type is expected to compute with, as in mem[0x100].i32');
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

  #elementType(node: ElementExpression): ValType {
    const { base } = node;
    const space = this.#spaceOf(base);
    if (space === 'table') return this.#table(this.#item(base)!.idx, base).type.element;
    if (space === 'memory') refuse(node, 'a type expected behind it, as in mem[0x100].i32 or .u8');
    const lanes = this.#lanesOf(base);
    if (lanes) return lanes.type;
    const type = this.#typeOf(base);
    const array = this.#defined(type, 'array');
    if (array) return unpacked((array as ArrayType).field.storage);
    if (type === V128) refuse(base, `a shape expected before [, as in $v.i32x4[2]: ${shapeNames()}`);
    this.#needsCast(base, type, 'elements');
    return refuse(base, `a memory, a table or an array expected before [${this.#found(type)}`);
  }

  #memberType(node: MemberExpression): ValType {
    const { base, name } = node;
    if (base.kind === 'element' && this.#spaceOf(base.base) === 'memory') return viewOf(node)[0];
    const type = this.#typeOf(base);
    if (type === V128) {
      if (shapeNamed(name)) return V128;
      refuse(node, `unknown shape ${name}: expected ${shapeNames()}`);
    }
    const struct = this.#defined(type, 'struct') as StructType | undefined;
    if (struct) return unpacked(struct.fields[this.#fieldOf(node, struct)].storage);
    if (name === 'length' && this.#isArray(type)) return I32;
    this.#needsCast(base, type, 'fields');
    return refuse(base, `an address, a vector or a struct expected before .${name}${this.#found(type)}`);
  }

  #isArray(type: Typed): boolean {
    if (typeof type !== 'number' || !isRef(type)) return false;
    return heapOf(type) === HEAP.array || this.#defined(type, 'array') !== undefined;
  }

  #found(type: Typed): string {
    if (typeof type === 'number') return `, found ${typeText(this.#scope.module, type)}`;
    return `, found ${type === 'null' ? 'null' : 'a number'}`;
  }

  /** Refuses a reference that may be to anything. */
  #needsCast(base: Expression, type: Typed, what: string): void {
    if (typeof type !== 'number' || !isRef(type)) return;
    const { module } = this.#scope;
    const top = heapOf(topType(module, type));
    if (top === HEAP.exn)
      refuse(base, 'the arguments of an exception can be looked at, but not computed with');
    if (top !== HEAP.any) return;
    const cast = 'ref.cast($type, …) says which type it is';
    refuse(base, `type mismatch: ${typeText(module, type)} has no ${what}: ${cast}`);
  }

  /** The composite type of a reference to a defined type of this kind. */
  #defined(type: Typed, kind: 'struct' | 'array'): StructType | ArrayType | undefined {
    if (typeof type !== 'number' || !isRef(type)) return undefined;
    const composite = this.#scope.module.types[typeIdxOf(heapOf(type))]?.composite;
    return composite?.kind === kind ? composite : undefined;
  }

  /** The index of the field that a member names. */
  #fieldOf(node: MemberExpression, { fields }: StructType): number {
    const { module } = this.#scope;
    const typeIdx = typeIdxOf(heapOf(this.#typeOf(node.base) as ValType));
    const names = fields.map((_, i) => module.names.field(typeIdx, i) ?? String(i));
    const idx = names.indexOf(node.name);
    if (idx >= 0) return idx;
    if (/^\d+$/.test(node.name) && Number(node.name) < fields.length) return Number(node.name);
    const has = names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ') || 'none';
    return refuse(
      node,
      `unknown field ${node.name}: ${typeText(module, refType(false, concreteHeap(typeIdx)))} has ${has}`,
    );
  }

  /** `$v.i32x4` as a shape. */
  #lanesOf(node: Expression): ReturnType<typeof shapeNamed> {
    const lanes = node.kind === 'member' ? shapeNamed(node.name) : undefined;
    return lanes && this.#typeOf(node) === V128 ? lanes : undefined;
  }

  #spaceOf(node: Expression): ExpressionSpace | undefined {
    return node.kind === 'index' || node.kind === 'name' ? this.#item(node)?.space : undefined;
  }

  #instrType(node: InstrExpression): Typed {
    const { name, operands } = node;
    if (name === 'local.get' || name === 'global.get') return this.#input(this.#variable(node)).declared;
    if (/^[if](?:32|64)\.const$/.test(name)) return CONST_TYPES[name];
    if (REF_RULES[name]) return this.#refInstrType(node);
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
      const { module } = this.#scope;
      refuse(
        node,
        `type mismatch: expected ${typeText(module, type)}, found ${typeText(module, own)}${conversion(own, type)}`,
      );
    }
    switch (node.kind) {
      case 'number':
        return literal(node, node.text, type);
      case 'null':
        if (!isRef(type)) refuse(node, `type mismatch: expected ${typeName(type)}, found null`);
        return `(ref.null ${heapName(topType(this.#scope.module, type))})`;
      case 'name':
      case 'index':
        return this.#parameter(this.#input(node));
      case 'unary':
        return this.#unary(node, type);
      case 'binary':
        return this.#binary(node, type);
      case 'object':
        return this.#get(`object ${node.id}`, [], refType(true, HEAP.any));
      case 'member':
        return this.#member(node);
      case 'element':
        return this.#element(node);
      case 'range':
        return refuse(node, 'a value expected, found bytes');
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

  /** References are compared with null, and two of them by what they refer to. */
  #compareRefs(node: BinaryExpression, type: ValType): string {
    const { operator, left, right } = node;
    if (operator !== '==' && operator !== '!=') {
      refuse(node, `type mismatch: references can be compared by == and != only, found ${operator}`);
    }
    const isNull = [left, right].map((side) => this.#typeOf(side) === 'null');
    const test =
      isNull[0] || isNull[1]
        ? `(ref.is_null ${this.#emit(isNull[0] ? right : left, type)})`
        : this.#same(left, right);
    return operator === '==' ? test : `(i32.eqz ${test})`;
  }

  #same(left: Expression, right: Expression): string {
    const { module } = this.#scope;
    const types = [left, right].map((side) => {
      const type = this.#typeOf(side);
      if (typeof type !== 'number' || !isRef(type))
        refuse(side, `type mismatch: a reference expected${this.#found(type)}`);
      return topType(module, type as ValType);
    });
    const anything = left.kind === 'object' || right.kind === 'object';
    if (types[0] !== types[1] && !anything) {
      const [a, b] = [left, right].map((side) => typeText(module, this.#typeOf(side) as ValType));
      refuse({ span: { start: left.span.start, end: right.span.end } }, `type mismatch: ${a} is never ${b}`);
    }
    const args = [left, right].map((side, i) => ({ code: this.#emit(side, types[i]), type: types[i] }));
    return this.#get(`same ${types.map(heapName).join(' ')}`, args, I32);
  }

  /** Calls what accesses.ts has under this name, which says its types, too. */
  #get(name: string, args: readonly { code: string; type: ValType }[], result: ValType): string {
    const params = args.map(({ type }) => ` ${watType(type)}`).join('');
    const param = params && ` (param${params})`;
    let id = this.#gets.indexOf(name);
    if (id < 0) id = this.#gets.push(name) - 1;
    const text = `(import "get" "${name}" (func $g${id}${param} (result ${watType(result)})))`;
    this.#imports.set(`get ${name}`, text);
    return `(call $g${id}${args.map(({ code }) => ` ${code}`).join('')})`;
  }

  #member(node: MemberExpression): string {
    const { base, name } = node;
    if (base.kind === 'element' && this.#spaceOf(base.base) === 'memory') return this.#load(node, base);
    const type = this.#typeOf(base) as ValType;
    if (type === V128) return this.#emit(base, V128);
    const object = { code: this.#emit(base, type), type: ANYREF };
    const struct = this.#defined(type, 'struct') as StructType | undefined;
    if (!struct) return this.#get(name, [object], I32);
    const result = topType(this.#scope.module, this.#typeOf(node) as ValType);
    const idx = this.#fieldOf(node, struct);
    return this.#get(`field ${typeIdxOf(heapOf(type))} ${idx}`, [object], result);
  }

  #element(node: ElementExpression): string {
    const { base, index } = node;
    const { module } = this.#scope;
    if (this.#spaceOf(base) === 'table') return this.#slot(base, index);
    const result = topType(module, this.#typeOf(node) as ValType);
    const type = this.#typeOf(base) as ValType;
    const at = { code: this.#emit(index, I32), type: I32 };
    const lanes = this.#lanesOf(base);
    if (lanes)
      return this.#get(`lane ${lanes.name}`, [{ code: this.#emit(base, V128), type: V128 }, at], result);
    const array = { code: this.#emit(base, type), type: ANYREF };
    return this.#get(`element ${typeIdxOf(heapOf(type))}`, [array, at], result);
  }

  #load(node: MemberExpression, { base, index }: ElementExpression): string {
    const [, instr] = viewOf(node);
    const { idx } = this.#item(base)!;
    const address = this.#emit(index, this.#memory(idx, base));
    return `(${instr} $m${idx} ${address})`;
  }

  #slot(base: Expression, index: Expression): string {
    const { idx } = this.#item(base)!;
    const { is64, element } = this.#table(idx, base).type;
    const address = is64 ? I64 : I32;
    const at = this.#emit(index, address);
    const top = topType(this.#scope.module, element);
    if (top === element) return `(table.get $t${idx} ${at})`;
    return this.#get(`slot ${idx}`, [{ code: at, type: address }], top);
  }

  #refInstrType(node: InstrExpression): ValType {
    const { name, operands, type } = node;
    const count = REF_RULES[name];
    if (operands.length !== count) {
      refuse(
        node,
        `${name} takes ${type ? 'a type and ' : ''}${count} ${count === 1 ? 'operand' : 'operands'}`,
      );
    }
    for (const operand of operands) {
      const own = this.#typeOf(operand);
      if (typeof own === 'number' && !isRef(own))
        refuse(operand, `type mismatch: a reference expected${this.#found(own)}`);
    }
    const own = this.#typeOf(operands[0]);
    if (name === 'array.len' && !this.#isArray(own))
      refuse(operands[0], `type mismatch: an array expected${this.#found(own)}`);
    return name === 'ref.cast' ? refType(type!.nullable, this.#heapMeant(type!)) : I32;
  }

  #refInstr(node: InstrExpression): string {
    const { name, operands, type } = node;
    const { module } = this.#scope;
    const [operand] = operands;
    const own = this.#typeOf(operand);
    const from = typeof own === 'number' ? own : ANYREF;
    if (name === 'ref.eq') return this.#same(operand, operands[1]);
    if (name === 'ref.is_null') return `(ref.is_null ${this.#emit(operand, from)})`;
    const top = topType(module, from);
    const object = { code: this.#emit(operand, from), type: top };
    if (!type)
      return this.#get(
        name === 'array.len' ? 'length' : name.slice(-1) === 's' ? 'i31 s' : 'i31 u',
        [object],
        I32,
      );
    const wanted = refType(type.nullable, this.#heapMeant(type));
    const result = topType(module, wanted);
    if (result !== top) {
      refuse(node, `type mismatch: ${typeText(module, from)} is never ${typeText(module, wanted)}`);
    }
    return this.#get(`${name.slice(4)} ${wanted}`, [object], name === 'ref.test' ? I32 : result);
  }

  #heapMeant({ heap, span }: TypeOperand): HeapType {
    const { module } = this.#scope;
    if (Object.hasOwn(HEAP, heap)) return HEAP[heap as keyof typeof HEAP];
    const idx = heap.startsWith('$') ? module.names.find('type', heap.slice(1))[0] : Number(heap);
    if (idx === undefined || !module.types[idx]) return refuse({ span }, `unknown type ${heap}`);
    return concreteHeap(idx);
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
    if (REF_RULES[name]) return this.#refInstr(node);
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

  #parameter({ space, idx, type }: Input): string {
    let at = this.#inputs.findIndex((input) => input.space === space && input.idx === idx);
    if (at < 0) at = this.#inputs.push({ space, idx, type }) - 1;
    return `(local.get ${at})`;
  }

  /** The value that a name or an index stands for. Throws if it is no value. */
  #input(node: Expression): Input & { readonly declared: ValType } {
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
      return { space, idx, type: topType(module, type), declared: type };
    }
    if (space === 'caught') {
      if (!frame) return refuse(node, `caught[${idx}] needs a frame: the program is not stopped`);
      const type = refType(true, HEAP.exn);
      return { space, idx, type, declared: type };
    }
    if (space === 'global') {
      const global = module.globals[idx];
      if (!global) return refuse(node, `unknown global ${idx}: the module has ${module.globals.length}`);
      const { type } = global.type;
      return { space, idx, type: topType(module, type), declared: type };
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
    if (topType(module, element) !== element) return table;
    const text = `(import "table" "${idx}" (table $t${idx}${is64 ? ' i64' : ''} 0 ${watType(element)}))`;
    this.#imports.set(`t${idx}`, text);
    return table;
  }
}

function shapeNames(): string {
  return SHAPES.map(({ name }) => name).join(', ');
}
