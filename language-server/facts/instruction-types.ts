/**
 * What people are told about an instruction's type where its row says `special`, and about its immediates.
 *
 * In the specification's manner: `t` is some type, `t*` any number of them. A missing one is a compile error.
 */

import { ADDR, type Instr, type SpecialName } from '../../engine/isa/isa.ts';
import type { Shape } from '../../engine/isa/row.ts';
import { typeName, type ValType } from '../../engine/isa/types.ts';

const CALL = '[t1*] -> [t2*]';
const ELSEWHERE = '[t1* t*] -> [t2*]';
const TEST = '[(ref null ht)] -> [i32]';

const SPECIAL_TYPES: Readonly<Record<SpecialName, string>> = {
  unreachable: '[t1*] -> [t2*]',
  block: CALL,
  loop: CALL,
  if: '[t1* i32] -> [t2*]',
  else: '[t*] -> [t1*]',
  end: '[t*] -> [t*]',
  try: CALL,
  try_table: CALL,
  catch: '[t*] -> [t1*]',
  catch_all: '[t*] -> []',
  delegate: '[t*] -> [t*]',
  throw: ELSEWHERE,
  rethrow: '[t1*] -> [t2*]',
  throw_ref: '[t1* exnref] -> [t2*]',
  br: ELSEWHERE,
  br_if: '[t* i32] -> [t*]',
  br_table: '[t1* t* i32] -> [t2*]',
  return: ELSEWHERE,
  call: CALL,
  call_indirect: '[t1* i32] -> [t2*]',
  call_ref: '[t1* (ref null x)] -> [t2*]',
  return_call: ELSEWHERE,
  return_call_indirect: '[t1* t* i32] -> [t2*]',
  return_call_ref: '[t1* t* (ref null x)] -> [t2*]',
  drop: '[t] -> []',
  select: '[t t i32] -> [t]',
  'local.get': '[] -> [t]',
  'local.set': '[t] -> []',
  'local.tee': '[t] -> [t]',
  'global.get': '[] -> [t]',
  'global.set': '[t] -> []',
  'table.get': '[i32] -> [t]',
  'table.set': '[i32 t] -> []',
  'table.grow': '[t i32] -> [i32]',
  'table.fill': '[i32 t i32] -> []',
  'table.init': '[i32 i32 i32] -> []',
  'table.copy': '[i32 i32 i32] -> []',
  'memory.copy': '[i32 i32 i32] -> []',
  'ref.null': '[] -> [(ref null ht)]',
  'ref.is_null': TEST,
  'ref.func': '[] -> [(ref x)]',
  'ref.as_non_null': '[(ref null ht)] -> [(ref ht)]',
  'ref.test': TEST,
  'ref.cast': '[(ref null ht)] -> [rt]',
  br_on_null: '[t* (ref null ht)] -> [t* (ref ht)]',
  br_on_non_null: '[t* (ref null ht)] -> [t*]',
  br_on_cast: '[t* rt1] -> [t* rt2]',
  br_on_cast_fail: '[t* rt1] -> [t* rt2]',
  'struct.new': '[t*] -> [(ref x)]',
  'struct.new_default': '[] -> [(ref x)]',
  'struct.get': '[(ref null x)] -> [t]',
  'struct.get_s': '[(ref null x)] -> [i32]',
  'struct.get_u': '[(ref null x)] -> [i32]',
  'struct.set': '[(ref null x) t] -> []',
  'array.new': '[t i32] -> [(ref x)]',
  'array.new_default': '[i32] -> [(ref x)]',
  'array.new_fixed': '[t*] -> [(ref x)]',
  'array.new_data': '[i32 i32] -> [(ref x)]',
  'array.new_elem': '[i32 i32] -> [(ref x)]',
  'array.get': '[(ref null x) i32] -> [t]',
  'array.get_s': '[(ref null x) i32] -> [i32]',
  'array.get_u': '[(ref null x) i32] -> [i32]',
  'array.set': '[(ref null x) i32 t] -> []',
  'array.fill': '[(ref null x) i32 t i32] -> []',
  'array.copy': '[(ref null x) i32 (ref null y) i32 i32] -> []',
  'array.init_data': '[(ref null x) i32 i32 i32] -> []',
  'array.init_elem': '[(ref null x) i32 i32 i32] -> []',
  'any.convert_extern': '[externref] -> [anyref]',
  'extern.convert_any': '[anyref] -> [externref]',
};

/** The immediates as the text format writes them; empty for none. */
export const IMMEDIATES: Readonly<Record<Shape, string>> = {
  none: '',
  zero: '',
  block: 'label? (param t*)? (result t*)?',
  label: 'label',
  labels: 'label* label',
  func: 'function',
  local: 'local',
  global: 'global',
  table: 'table?',
  memory: 'memory?',
  tag: 'tag',
  type: 'type',
  elem: 'segment',
  data: 'segment',
  tableType: 'table? (type x)',
  elemTable: 'table? segment',
  dataMemory: 'memory? segment',
  tables: '(table table)?',
  memories: '(memory memory)?',
  types: '(result t)',
  heap: 'heaptype',
  refType: 'reftype',
  typeField: 'type field',
  typeSize: 'type length',
  typeData: 'type segment',
  typeElem: 'type segment',
  typeType: 'type type',
  castBranch: 'label reftype reftype',
  catches: 'label? (param t*)? (result t*)? (catch …)*',
  memarg: 'memory? offset=n? align=n?',
  memargLane: 'memory? offset=n? align=n? lane',
  lane: 'lane',
  lanes: 'lane lane … (16)',
  i32: 'number',
  i64: 'number',
  f32: 'number',
  f64: 'number',
  v128: 'shape number*',
};

/** `[i32 i32] -> [i32]`. `addr` is how the type of addresses is called. */
export function instrType({ special, name, params, results }: Instr, addr = 'i32'): string {
  if (special) return SPECIAL_TYPES[name as SpecialName];
  const list = (types: readonly ValType[]) =>
    `[${types.map((t) => (t === ADDR ? addr : typeName(t))).join(' ')}]`;
  return `${list(params)} -> ${list(results)}`;
}

/** The opcode as the binary format has it: `0xfd 0xe4 0x01`. */
export function opcodeBytes({ prefix, sub }: Instr): string {
  const bytes: number[] = [];
  if (prefix) {
    bytes.push(prefix);
    let rest = sub;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  } else bytes.push(sub);
  return bytes.map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
}
