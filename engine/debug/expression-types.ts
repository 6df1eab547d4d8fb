/**
 * Expressions with types: what each part of an expression is in WebAssembly, by WebAssembly's own rules, and the
 * function that computes it, as text.
 *
 * Nothing is converted silently: both sides of an operator have one type, and only literals take theirs from the
 * context. So an expression becomes instructions of the engine, whose numerics are the only ones; evaluator.ts
 * runs them. Locals, operands and globals come in as parameters; memories and tables are imported. Knows no values. It is
 * long because every kind of part has its type and its code side by side here.
 */

import { faultIn } from '../base/errors.ts';
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
import type { Module } from '../module/module.ts';
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
import {
  calleeOf,
  type ExpressionScope,
  type Item,
  itemMeant,
  NeedsException,
  type ValueSpace,
} from './expression-scope.ts';
import type {
  BinaryExpression,
  CallExpression,
  ElementExpression,
  Expression,
  ExpressionSpace,
  FindExpression,
  IndexExpression,
  InstrExpression,
  MemberExpression,
  TypeOperand,
  UnaryExpression,
} from './expressions.ts';
import { SHAPES, shapeNamed } from './lanes.ts';
import { typeText } from './ref-values.ts';
import { ANYREF, heapName, topType, unpacked, watType } from './top-types.ts';

/** A value that goes into the computation. */
export interface Input {
  readonly space: ValueSpace;
  /** Of a call its number among the expression's inputs. */
  readonly idx: number;
  /** As the expression's own module has it. */
  readonly type: ValType;
  /** The module that it is in, if not the frame's. */
  readonly of?: string;
  readonly call?: CallExpression;
}

/** An expression that can be computed: type, inputs, and the module whose one function computes it. */
export interface TypedExpression {
  /** As the program's module has it. */
  readonly type: ValType;
  readonly inputs: readonly Input[];
  /**
   * A module in the text format. Imports are `mem` and `table`, each by its index, and `get`, whose names accesses.ts
   * knows; `lib 3` and `lib|length` are those of another module.
   */
  readonly wat: string;
  /** It holds only as long as exceptions are what they are now. */
  readonly fleeting: boolean;
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
  #fleeting = false;

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
    return { type, inputs: this.#inputs, wat, fleeting: this.#fleeting };
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
      case 'call':
        return this.#callType(node);
      case 'find':
        return this.#addressTypeOf(this.#memoryMeant(node.base));
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
    if (space === 'table') {
      const { element } = this.#table(this.#item(base)!, base).type;
      const { of } = this.#item(base)!;
      return of === undefined ? element : topType(this.#moduleOf(of), element);
    }
    if (space === 'memory') refuse(node, 'a type expected behind it, as in mem[0x100].i32 or .u8');
    const lanes = this.#lanesOf(base);
    if (lanes) return lanes.type;
    const type = this.#typeOf(base);
    const array = this.#defined(type, 'array');
    if (array) return unpacked((array as ArrayType).field.storage);
    const argument = this.#argumentOf(node);
    if (argument) return argument.type;
    if (type === V128) refuse(base, `a shape expected before [, as in $v.i32x4[2]: ${shapeNames()}`);
    this.#needsCast(base, type, 'elements');
    return refuse(base, `a memory, a table or an array expected before [${this.#found(type)}`);
  }

  #memberType(node: MemberExpression): ValType {
    const { base, name } = node;
    if (name === 'str') refuse(node, 'a text is to look at: a number is expected to compute with');
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
    if (top === HEAP.exn) refuse(base, 'an exception has arguments by their numbers, as in caught[0][1]');
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
      case 'call':
        return this.#parameter(this.#callInput(node));
      case 'find':
        return this.#find(node);
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
  #get(own: string, args: readonly { code: string; type: ValType }[], result: ValType, of?: string): string {
    const name = of === undefined ? own : `${of}|${own}`;
    const params = args.map(({ type }) => ` ${watType(type)}`).join('');
    const param = params && ` (param${params})`;
    let id = this.#gets.indexOf(name);
    if (id < 0) id = this.#gets.push(name) - 1;
    const text = `(import "get" ${JSON.stringify(name)} (func $g${id}${param} (result ${watType(result)})))`;
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
    const argument = this.#argumentOf(node);
    if (argument) return argument.code;
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
    const { name, address } = this.#memory(this.#item(base)!, base);
    return `(${instr} ${name} ${this.#emit(index, address)})`;
  }

  #memoryMeant(base: Expression): Item {
    const item = this.#item(base);
    if (item?.space !== 'memory') refuse(base, 'a memory expected before .find, as in mem.find("text")');
    return item as Item;
  }

  #find({ base, bytes, from }: FindExpression): string {
    const item = this.#memoryMeant(base);
    const address = this.#addressTypeOf(item);
    const start = from ? this.#emit(from, address) : `(${typeName(address)}.const 0)`;
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return this.#get(`find ${item.idx} ${digits}`, [{ code: start, type: address }], address, item.of);
  }

  #addressTypeOf({ idx, of }: Item): ValType {
    return this.#moduleOf(of).memories[idx]?.type.is64 ? I64 : I32;
  }

  #callType(node: CallExpression): ValType {
    return this.#callInput(node).declared;
  }

  /** The result of a call goes in as a value: who computes the expression makes the call before. */
  #callInput(node: CallExpression): Input & { readonly declared: ValType } {
    const { type, module } = calleeOf(node, this.#scope);
    const { results } = type;
    if (results.length !== 1) {
      const gives = results.length === 0 ? 'no value' : `${results.length} values`;
      refuse(node, `a value expected, but this function gives ${gives}`);
    }
    let idx = this.#inputs.findIndex(({ call }) => call === node);
    if (idx < 0) idx = this.#inputs.length;
    const top = topType(module, results[0]);
    const declared = module === this.#scope.module ? results[0] : top;
    return { space: 'call', idx, type: top, declared, call: node };
  }

  /** An argument of an exception that is there, by its number. */
  #argumentOf({ base, index }: ElementExpression): { type: ValType; code: string } | undefined {
    const type = this.#typeOf(base);
    if (typeof type !== 'number' || !isRef(type) || topType(this.#scope.module, type) !== EXNREF)
      return undefined;
    const input = base.kind === 'name' || base.kind === 'index' ? this.#input(base) : undefined;
    if (!input) return refuse(base, 'an exception expected that has a place: a local, or caught[0]');
    const at = index.kind === 'number' ? parseUint64(index.text) : undefined;
    if (!at?.ok) return refuse(index, 'the number of an argument expected');
    const { exceptionAt } = this.#scope;
    if (!exceptionAt) throw new NeedsException(faultIn('usage', base.span, 'there is no exception yet'));
    this.#fleeting = true;
    const exn = exceptionAt(input.space, input.idx);
    if (!exn) return refuse(base, 'null exception reference');
    const given = exn.args[Number(at.value)];
    if (!given) return refuse(index, `${exn.tag.name} has ${exn.args.length} arguments`);
    if (isRef(given.type))
      return refuse(base, 'a reference in an exception can be looked at, but not computed with');
    const object = { code: this.#parameter(input), type: EXNREF };
    const code = this.#get(`argument ${at.value} ${typeName(given.type)}`, [object], given.type);
    return { type: given.type, code };
  }

  #slot(base: Expression, index: Expression): string {
    const item = this.#item(base)!;
    const { is64, element } = this.#table(item, base).type;
    const address = is64 ? I64 : I32;
    const at = this.#emit(index, address);
    const top = topType(this.#moduleOf(item.of), element);
    if (top === element) return `(table.get $t${tokenOf(item)} ${at})`;
    return this.#get(`slot ${item.idx}`, [{ code: at, type: address }], top, item.of);
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
    const memory = instr.shape === 'memarg' ? ` ${this.#memory({ space: 'memory', idx: 0 }, node).name}` : '';
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

  #parameter({ space, idx, type, of, call }: Input): string {
    let at = this.#inputs.findIndex(
      (input) => input.space === space && input.idx === idx && input.of === of && input.call === call,
    );
    if (at < 0) at = this.#inputs.push({ space, idx, type, of, call }) - 1;
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
    if (space === 'thrown') {
      const { thrown } = this.#scope;
      if (!thrown) return refuse(node, `thrown[${idx}] is for throws: nothing is thrown here`);
      const given =
        thrown.args[idx] ?? refuse(node, `${thrown.tag.name} has ${thrown.args.length} arguments`);
      if (isRef(given.type))
        return refuse(node, 'a reference in an exception can be looked at, but not computed with');
      return { space, idx, type: given.type, declared: given.type };
    }
    if (space === 'caught') {
      if (!frame) return refuse(node, `caught[${idx}] needs a frame: the program is not stopped`);
      const type = refType(true, HEAP.exn);
      return { space, idx, type, declared: type };
    }
    if (space === 'global') {
      const { of } = item;
      const within = this.#moduleOf(of);
      const global = within.globals[idx];
      if (!global) return refuse(node, `unknown global ${idx}: the module has ${within.globals.length}`);
      const top = topType(within, global.type.type);
      return { space, idx, of, type: top, declared: of === undefined ? global.type.type : top };
    }
    const what = { func: 'function', memory: 'memory', table: 'table' }[space];
    return refuse(node, `a value expected, found a ${what}`);
  }

  #item(node: Expression): Item | undefined {
    return itemMeant(node, this.#scope);
  }

  #moduleOf(of: string | undefined): Module {
    return of === undefined ? this.#scope.module : this.#scope.modules!.get(of)!;
  }

  /** Imports a memory; gives its name and the type of its addresses. */
  #memory(item: Item, node: Pick<Expression, 'span'>): { name: string; address: ValType } {
    const { idx, of } = item;
    const { memories } = this.#moduleOf(of);
    const memory = memories[idx];
    if (!memory) refuse(node, `unknown memory ${idx}: the module has ${memories.length}`);
    const { is64, shared, limits, pageSizeLog2 } = memory.type;
    const address = is64 ? ' i64' : '';
    const most = shared ? ` ${limits.max} shared` : '';
    const page = pageSizeLog2 === 16 ? '' : ` (pagesize ${2 ** pageSizeLog2})`;
    const name = `$m${tokenOf(item)}`;
    const imported = `(import "mem" ${importName(item)} (memory ${name}${address} 0${most}${page}))`;
    this.#imports.set(name, imported);
    return { name, address: is64 ? I64 : I32 };
  }

  #addressType(): ValType {
    return this.#scope.module.memories[0]?.type.is64 ? I64 : I32;
  }

  #table(item: Item, node: Expression): Module['tables'][number] {
    const { idx, of } = item;
    const module = this.#moduleOf(of);
    const table = module.tables[idx];
    if (!table) refuse(node, `unknown table ${idx}: the module has ${module.tables.length}`);
    const { element, is64 } = table.type;
    if (topType(module, element) !== element) return table;
    const name = `$t${tokenOf(item)}`;
    const text = `(import "table" ${importName(item)} (table ${name}${is64 ? ' i64' : ''} 0 ${watType(element)}))`;
    this.#imports.set(name, text);
    return table;
  }
}

/** In an identifier of the expression's module. */
function tokenOf({ idx, of }: Item): string {
  return of === undefined
    ? String(idx)
    : `${idx}.${Array.from(of, (c) => c.charCodeAt(0).toString(16)).join('.')}`;
}

/** The name of an import: the index, with the module's name before it where that is another. */
function importName({ idx, of }: Item): string {
  return JSON.stringify(of === undefined ? String(idx) : `${of} ${idx}`);
}

const EXNREF = refType(true, HEAP.exn);

function shapeNames(): string {
  return SHAPES.map(({ name }) => name).join(', ');
}
