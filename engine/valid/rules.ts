/**
 * Which rule types which instruction: every row of the table that says `special` has one here, or this file does
 * not compile.
 */

import type { SpecialName } from '../isa/isa.ts';
import * as control from './rules-control.ts';
import * as ref from './rules-ref.ts';
import * as variable from './rules-variable.ts';
import type { Typing } from './typing.ts';

/** Checks the instruction just read, and makes its moves. */
export type Rule = (v: Typing) => void;

export const RULES = {
  unreachable: control.unreachable,
  block: control.block,
  loop: control.block,
  if: control.if_,
  else: control.else_,
  try: control.block,
  catch: control.catch_,
  throw: control.throw_,
  rethrow: control.rethrow,
  throw_ref: control.throwRef,
  end: control.end,
  br: control.br,
  br_if: control.brIf,
  br_table: control.brTable,
  return: control.return_,
  call: control.call,
  call_indirect: control.callIndirect,
  return_call: control.returnCall,
  return_call_indirect: control.returnCallIndirect,
  call_ref: control.callRef,
  return_call_ref: control.returnCallRef,
  delegate: control.delegate,
  catch_all: control.catchAll,
  try_table: control.tryTable,
  br_on_null: control.brOnNull,
  br_on_non_null: control.brOnNonNull,
  br_on_cast: control.brOnCast,
  br_on_cast_fail: control.brOnCast,
  drop: variable.drop,
  select: variable.select,
  /** The second row of `select`, by its name in `Op`. */
  select_t: variable.selectTyped,
  'local.get': variable.localGet,
  'local.set': variable.localSet,
  'local.tee': variable.localTee,
  'global.get': variable.globalGet,
  'global.set': variable.globalSet,
  'table.get': variable.tableGet,
  'table.set': variable.tableSet,
  'table.grow': variable.tableGrow,
  'table.fill': variable.tableFill,
  'table.copy': variable.tableCopy,
  'table.init': variable.tableInit,
  'memory.copy': variable.memoryCopy,
  'ref.null': ref.refNull,
  'ref.is_null': ref.refIsNull,
  'ref.func': ref.refFunc,
  'ref.as_non_null': ref.refAsNonNull,
  'ref.test': ref.refTest,
  'ref.cast': ref.refCast,
  'any.convert_extern': ref.anyConvertExtern,
  'extern.convert_any': ref.externConvertAny,
  'struct.new': ref.structNew,
  'struct.new_default': ref.structNewDefault,
  'struct.get': ref.structGet,
  'struct.get_s': ref.structGet,
  'struct.get_u': ref.structGet,
  'struct.set': ref.structSet,
  'array.new': ref.arrayNew,
  'array.new_default': ref.arrayNewDefault,
  'array.new_fixed': ref.arrayNewFixed,
  'array.new_data': ref.arrayNewData,
  'array.new_elem': ref.arrayNewElem,
  'array.get': ref.arrayGet,
  'array.get_s': ref.arrayGet,
  'array.get_u': ref.arrayGet,
  'array.set': ref.arraySet,
  'array.fill': ref.arrayFill,
  'array.copy': ref.arrayCopy,
  'array.init_data': ref.arrayInitData,
  'array.init_elem': ref.arrayInitElem,
} as const satisfies Record<SpecialName | 'select_t', Rule>;
