/**
 * Declared functions: those that `ref.func` in a body may name (spec 3.6, the context's `refs`).
 *
 * A function is declared when something outside of the bodies names it: an element segment, an export, or a constant
 * expression. Found on the first `ref.func` of a module, since most modules have none.
 */

import { type InstrReader, instrReader } from '../binary/instr.ts';
import { Op } from '../isa/op.gen.ts';
import type { ByteRange, Module } from '../module/module.ts';

const CACHE = new WeakMap<Module, Uint8Array>();

export function isDeclared(module: Module, funcIdx: number): boolean {
  let declared = CACHE.get(module);
  if (!declared) CACHE.set(module, (declared = collect(module)));
  return declared[funcIdx] === 1;
}

function collect(module: Module): Uint8Array {
  const declared = new Uint8Array(module.funcs.length);
  const reader = instrReader(module);
  for (const { kind, idx } of module.exports) if (kind === 'func') declared[idx] = 1;
  for (const { init } of module.globals) expression(reader, init, declared);
  for (const { init } of module.tables) expression(reader, init, declared);
  for (const { at } of module.datas) expression(reader, at, declared);
  for (const { at, items } of module.elems) {
    expression(reader, at, declared);
    if ('funcs' in items) for (const idx of items.funcs) declared[idx] = 1;
    else for (const expr of items.exprs) expression(reader, expr, declared);
  }
  return declared;
}

function expression(reader: InstrReader, range: ByteRange | undefined, declared: Uint8Array): void {
  if (!range) return;
  reader.startExpr(range.start, range.end);
  while (reader.next()) if (reader.code === Op.ref_func) declared[reader.a] = 1;
}
