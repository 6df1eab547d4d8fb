/**
 * Typing rules of blocks, branches, calls and exceptions (spec 3.4, control instructions; legacy exceptions).
 *
 * Each rule reads the immediates of `v.instr` and makes its moves on the abstract machine. Throws what is wrong.
 */

import { invalid } from '../base/errors.ts';
import { CATCH } from '../binary/instr.ts';
import { Op } from '../isa/op.gen.ts';
import {
  BOT,
  concreteHeap,
  FUNCREF,
  type FuncType,
  HEAP,
  I32,
  I64,
  isRef,
  NULL,
  refType,
  type ValType,
} from '../isa/types.ts';
import { funcTypeAt } from '../module/module.ts';
import { checkTypeIdx, checkValType, need } from './gate.ts';
import { missingElse, name, names, unknown } from './mismatch.ts';
import { typeDifference } from './subtype.ts';
import type { Typing } from './typing.ts';

const NONE: readonly ValType[] = [];
const EXN: ValType = refType(false, HEAP.exn);
const SINGLES = new Map<ValType, readonly ValType[]>();
const NUMBERS: readonly (readonly ValType[])[] = Array.from({ length: 0x80 }, (_, type) => [type]);

export function unreachable(v: Typing): void {
  v.setUnreachable();
}

export function block(v: Typing): void {
  readBlockType(v);
  v.popAll(v.blockParams);
  v.open(
    v.instr.code === Op.loop ? 'loop' : v.instr.code === Op.try ? 'try' : 'block',
    v.blockParams,
    v.blockResults,
  );
}

export function if_(v: Typing): void {
  readBlockType(v);
  v.pop(I32);
  v.popAll(v.blockParams);
  v.open('if', v.blockParams, v.blockResults);
}

export function else_(v: Typing): void {
  const { params, results } = v.close();
  v.open('else', params, results);
}

export function end(v: Typing): void {
  const label = v.close();
  if (label.kind === 'if' && !v.types.allMatch(label.params, label.results)) missingElse(v, label);
  v.pushAll(label.results);
}

export function br(v: Typing): void {
  v.popAll(v.labelTypes(v.instr.a));
  v.setUnreachable();
}

export function brIf(v: Typing): void {
  v.pop(I32);
  v.retype(v.labelTypes(v.instr.a));
}

export function brTable(v: Typing): void {
  const { list } = v.instr;
  v.pop(I32);
  const last = v.labelTypes(list[list.length - 1]);
  let checked = last;
  for (let i = 0; i < list.length - 1; i++) {
    const types = v.labelTypes(list[i]);
    if (types === last || types === checked) continue;
    checked = types;
    if (types.length !== last.length) labelArity(v, list[i], types, last);
    v.peekAll(types);
  }
  v.popAll(last);
  v.setUnreachable();
}

export function return_(v: Typing): void {
  v.popAll(v.controls[0].results);
  v.setUnreachable();
}

export function call(v: Typing): void {
  const type = calleeType(v);
  v.popAll(type.params);
  v.pushAll(type.results);
}

export function callIndirect(v: Typing): void {
  const type = popTarget(v);
  v.popAll(type.params);
  v.pushAll(type.results);
}

export function callRef(v: Typing): void {
  const type = popCallee(v);
  v.popAll(type.params);
  v.pushAll(type.results);
}

export function returnCall(v: Typing): void {
  tailCall(v, calleeType(v));
}

export function returnCallIndirect(v: Typing): void {
  tailCall(v, popTarget(v));
}

export function returnCallRef(v: Typing): void {
  tailCall(v, popCallee(v));
}

export function throw_(v: Typing): void {
  v.popAll(tagParams(v, v.instr.a));
  v.setUnreachable();
}

export function throwRef(v: Typing): void {
  v.pop(refType(true, HEAP.exn));
  v.setUnreachable();
}

export function tryTable(v: Typing): void {
  readBlockType(v);
  const { list } = v.instr;
  for (let i = 0; i < list.length; i += 3) catchClause(v, list[i], list[i + 1], list[i + 2]);
  v.popAll(v.blockParams);
  v.open('try_table', v.blockParams, v.blockResults);
}

/** Legacy: the handler's operands are the exception's arguments. */
export function catch_(v: Typing): void {
  const params = tagParams(v, v.instr.a);
  const { results } = v.close();
  v.open('catch', params, results);
}

export function catchAll(v: Typing): void {
  const { results } = v.close();
  v.open('catch_all', NONE, results);
}

/** Legacy: closes the `try`, then names a label as if outside of it. */
export function delegate(v: Typing): void {
  const { results } = v.close();
  v.label(v.instr.a);
  v.pushAll(results);
}

export function rethrow(v: Typing): void {
  const { kind } = v.label(v.instr.a);
  if (kind !== 'catch' && kind !== 'catch_all') {
    invalid(v.instr.offset, 'invalid rethrow label', [
      { message: `label ${v.instr.a} is a ${kind}, not a catch`, offset: v.label(v.instr.a).offset },
    ]);
  }
  v.setUnreachable();
}

export function brOnNull(v: Typing): void {
  const type = v.popRef();
  v.poppedType = type;
  v.retype(v.labelTypes(v.instr.a));
  v.push(type & ~NULL);
}

export function brOnNonNull(v: Typing): void {
  const types = refLabel(v);
  const type = v.popRef();
  v.poppedType = type;
  v.push(type & ~NULL);
  v.retype(types);
  v.popAny();
}

/** br_on_cast and br_on_cast_fail: which of the two types goes to the label differs. */
export function brOnCast(v: Typing): void {
  const { b: source, c: target, offset } = v.instr;
  checkValType(v.module, v.features, source, offset);
  checkValType(v.module, v.features, target, offset);
  if (!v.types.matches(target, source)) {
    invalid(offset, `type mismatch: ${name(v.module, target)} is no subtype of ${name(v.module, source)}`);
  }
  const types = refLabel(v);
  v.poppedType = v.pop(source);
  const rest = typeDifference(source, target);
  const fails = v.instr.code === Op.br_on_cast_fail;
  v.push(fails ? rest : target);
  v.retype(types);
  v.popAny();
  v.push(fails ? target : rest);
}

/** Reads the block type of the instruction into `v.blockParams` and `v.blockResults`. */
function readBlockType(v: Typing): void {
  const { blockType, blockTypeIdx, offset } = v.instr;
  if (blockTypeIdx >= 0) {
    need(v.features, 'multi-value', offset);
    const type = funcTypeOf(v, blockTypeIdx);
    v.blockParams = type.params;
    v.blockResults = type.results;
    return;
  }
  v.blockParams = NONE;
  if (blockType === BOT) v.blockResults = NONE;
  else if (blockType <= I32 && blockType >= I32 - 3) v.blockResults = NUMBERS[blockType];
  else {
    checkValType(v.module, v.features, blockType, offset);
    let single = SINGLES.get(blockType);
    if (!single) SINGLES.set(blockType, (single = [blockType]));
    v.blockResults = single;
  }
}

function funcTypeOf(v: Typing, typeIdx: number): FuncType {
  const type = funcTypeAt(v.module, typeIdx);
  if (type) return type;
  checkTypeIdx(v.module, typeIdx, v.instr.offset);
  invalid(v.instr.offset, `unknown type ${typeIdx}: it is no function type`);
}

function calleeType(v: Typing): FuncType {
  const { funcs } = v.module;
  const { a: funcIdx } = v.instr;
  if (funcIdx >= funcs.length) unknown(v, 'function', funcIdx, funcs.length);
  return funcTypeOf(v, funcs[funcIdx].typeIdx);
}

/** The type of an indirect call; pops the element index. */
function popTarget(v: Typing): FuncType {
  const { tables } = v.module;
  const { a: typeIdx, b: tableIdx, offset } = v.instr;
  if (tableIdx >= tables.length) unknown(v, 'table', tableIdx, tables.length);
  if (tableIdx > 0) need(v.features, 'reference-types', offset);
  const { element, is64 } = tables[tableIdx].type;
  if (!v.types.matches(element, FUNCREF)) {
    invalid(offset, `type mismatch: table ${tableIdx} holds ${name(v.module, element)}, not functions`, [
      { message: 'it is declared here', offset: tables[tableIdx].offset },
    ]);
  }
  const type = funcTypeOf(v, typeIdx);
  v.pop(is64 ? I64 : I32);
  return type;
}

/** The type of a call through a reference; pops the reference. */
function popCallee(v: Typing): FuncType {
  const { a: typeIdx } = v.instr;
  const type = funcTypeOf(v, typeIdx);
  v.poppedType = v.pop(refType(true, concreteHeap(typeIdx)));
  return type;
}

function tailCall(v: Typing, type: FuncType): void {
  const { results } = v.controls[0];
  if (!v.types.allMatch(type.results, results)) {
    invalid(
      v.instr.offset,
      `type mismatch: the callee returns ${names(v.module, type.results)}, the function ${names(v.module, results)}`,
      [{ message: 'the function body opens here', offset: v.controls[0].offset }],
    );
  }
  v.popAll(type.params);
  v.setUnreachable();
}

function tagParams(v: Typing, tagIdx: number): readonly ValType[] {
  const { tags } = v.module;
  if (tagIdx >= tags.length) unknown(v, 'tag', tagIdx, tags.length);
  return funcTypeOf(v, tags[tagIdx].type.typeIdx).params;
}

/** A clause of a try_table: what it hands over must match its label (spec 3.4, catch clauses). */
function catchClause(v: Typing, kind: number, tagIdx: number, depth: number): void {
  const hasTag = kind === CATCH.catch || kind === CATCH.catchRef;
  const hasRef = kind === CATCH.catchRef || kind === CATCH.catchAllRef;
  const values = [...(hasTag ? tagParams(v, tagIdx) : NONE), ...(hasRef ? [EXN] : NONE)];
  const wanted = v.labelTypes(depth);
  if (v.types.allMatch(values, wanted)) return;
  invalid(
    v.instr.offset,
    `type mismatch: the catch clause gives ${names(v.module, values)}, label ${depth} takes ${names(v.module, wanted)}`,
    [{ message: `label ${depth} opens here`, offset: v.label(depth).offset }],
  );
}

/** The operands of a label whose last one is a reference. */
function refLabel(v: Typing): readonly ValType[] {
  const types = v.labelTypes(v.instr.a);
  if (types.length > 0 && isRef(types[types.length - 1])) return types;
  invalid(
    v.instr.offset,
    `type mismatch: label ${v.instr.a} takes ${names(v.module, types)}, which does not end with a reference`,
    [{ message: 'the label opens here', offset: v.label(v.instr.a).offset }],
  );
}

function labelArity(v: Typing, depth: number, types: readonly ValType[], last: readonly ValType[]): never {
  invalid(
    v.instr.offset,
    `type mismatch: label ${depth} takes ${names(v.module, types)}, the default label ${names(v.module, last)}`,
    [{ message: `label ${depth} opens here`, offset: v.label(depth).offset }],
  );
}
