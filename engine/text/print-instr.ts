/**
 * One instruction as text: keyword and immediates, one case a shape of the instruction table (spec 6.5).
 *
 * Prints what an `InstrReader` has just read. Labels come from whoever knows which blocks are open. The literals
 * parse back to the same bits. How instructions stand below each other is print.ts's business.
 */

import { printFloat32, printFloat64, printInt32, printInt64 } from '../base/numbers.ts';
import { CATCH, type InstrReader } from '../binary/instr.ts';
import { instrByCode } from '../isa/isa.ts';
import { BOT, heapName, typeName, type ValType } from '../isa/types.ts';
import { funcTypeAt, type Module } from '../module/module.ts';
import type { ModuleIds } from './ids.ts';

/** What an instruction's text depends on beside the instruction. */
export interface InstrContext {
  readonly module: Module;
  readonly ids: ModuleIds;
  /** The `$ids` of the function's locals. */
  readonly locals: readonly (string | undefined)[];
  /** How a branch to `depth` is written. */
  label(depth: number): string;
  /** The label of the block that this instruction opens, with a space in front; empty for none. */
  readonly blockLabel: string;
}

/** A value type with the module's names. */
export function typeText(type: ValType, ids: ModuleIds): string {
  return typeName(type, (idx) => ids.ref('type', idx));
}

/** The instruction that `r` has just read. */
export function instrText(r: InstrReader, context: InstrContext): string {
  const { ids } = context;
  const instr = instrByCode(r.code)!;
  const { name, shape } = instr;
  switch (shape) {
    case 'none':
    case 'zero':
      return name;
    case 'block':
      return name + context.blockLabel + blockTypeText(r, context);
    case 'catches':
      return name + context.blockLabel + blockTypeText(r, context) + catchesText(r, context);
    case 'label':
      return `${name} ${context.label(r.a)}`;
    case 'labels':
      return `${name} ${r.list.map((depth) => context.label(depth)).join(' ')}`;
    case 'local':
      return `${name} ${context.locals[r.a] ?? r.a}`;
    case 'func':
    case 'global':
    case 'tag':
    case 'type':
    case 'elem':
    case 'data':
      return `${name} ${ids.ref(shape, r.a)}`;
    case 'table':
    case 'memory':
      return r.a === 0 ? name : `${name} ${ids.ref(shape, r.a)}`;
    case 'tableType':
      return `${name}${r.b === 0 ? '' : ` ${ids.ref('table', r.b)}`} (type ${ids.ref('type', r.a)})`;
    case 'elemTable':
      return `${name}${r.b === 0 ? '' : ` ${ids.ref('table', r.b)}`} ${ids.ref('elem', r.a)}`;
    case 'dataMemory':
      return `${name}${r.b === 0 ? '' : ` ${ids.ref('memory', r.b)}`} ${ids.ref('data', r.a)}`;
    case 'tables':
    case 'memories': {
      if (r.a === 0 && r.b === 0) return name;
      const space = shape === 'tables' ? 'table' : 'memory';
      return `${name} ${ids.ref(space, r.a)} ${ids.ref(space, r.b)}`;
    }
    case 'types':
      return `${name} (result${r.list.map((type) => ` ${typeText(type, ids)}`).join('')})`;
    case 'heap':
      return `${name} ${heapName(r.a, (idx) => ids.ref('type', idx))}`;
    case 'refType':
      return `${name} ${typeText(r.a, ids)}`;
    case 'typeField':
      return `${name} ${ids.ref('type', r.a)} ${ids.fields(r.a)[r.b] ?? r.b}`;
    case 'typeSize':
      return `${name} ${ids.ref('type', r.a)} ${r.b}`;
    case 'typeData':
      return `${name} ${ids.ref('type', r.a)} ${ids.ref('data', r.b)}`;
    case 'typeElem':
      return `${name} ${ids.ref('type', r.a)} ${ids.ref('elem', r.b)}`;
    case 'typeType':
      return `${name} ${ids.ref('type', r.a)} ${ids.ref('type', r.b)}`;
    case 'castBranch':
      return `${name} ${context.label(r.a)} ${typeText(r.b, ids)} ${typeText(r.c, ids)}`;
    case 'memarg':
      return name + memargText(r, instr.naturalAlign, ids);
    case 'memargLane':
      return `${name}${memargText(r, instr.naturalAlign, ids)} ${r.c}`;
    case 'lane':
      return `${name} ${r.a}`;
    case 'lanes':
      return `${name} ${r.lanes.join(' ')}`;
    case 'i32':
      return `${name} ${printInt32(r.lo)}`;
    case 'i64':
      return `${name} ${printInt64(r.lo, r.hi)}`;
    case 'f32':
      return `${name} ${printFloat32(r.lo)}`;
    case 'f64':
      return `${name} ${printFloat64(r.lo, r.hi)}`;
    case 'v128':
      return `${name} i32x4 ${Array.from(r.v, hex32).join(' ')}`;
    default:
      return shape satisfies never;
  }
}

function hex32(word: number): string {
  return `0x${(word >>> 0).toString(16).padStart(8, '0')}`;
}

function memargText(r: InstrReader, naturalAlign: number, ids: ModuleIds): string {
  let text = r.a === 0 ? '' : ` ${ids.ref('memory', r.a)}`;
  if (r.lo !== 0 || r.hi !== 0) {
    const offset = r.hi === 0 ? String(r.lo >>> 0) : String((BigInt(r.hi >>> 0) << 32n) | BigInt(r.lo >>> 0));
    text += ` offset=${offset}`;
  }
  // Alignments of 2^32 and more are malformed elsewhere; the text says what the bytes say.
  if (r.b !== naturalAlign) text += ` align=${1n << BigInt(r.b)}`;
  return text;
}

function blockTypeText(r: InstrReader, { module, ids }: InstrContext): string {
  if (r.blockTypeIdx < 0) return r.blockType === BOT ? '' : ` (result ${typeText(r.blockType, ids)})`;
  const type = funcTypeAt(module, r.blockTypeIdx);
  const use = ` (type ${ids.ref('type', r.blockTypeIdx)})`;
  return type ? use + signatureText(type.params, type.results, ids) : use;
}

/** ` (param …) (result …)` without names; what is empty is left out. */
export function signatureText(
  params: readonly ValType[],
  results: readonly ValType[],
  ids: ModuleIds,
): string {
  const list = (types: readonly ValType[]) => types.map((type) => ` ${typeText(type, ids)}`).join('');
  return (
    (params.length ? ` (param${list(params)})` : '') + (results.length ? ` (result${list(results)})` : '')
  );
}

const CATCH_NAMES: Readonly<Record<number, string>> = {
  [CATCH.catch]: 'catch',
  [CATCH.catchRef]: 'catch_ref',
  [CATCH.catchAll]: 'catch_all',
  [CATCH.catchAllRef]: 'catch_all_ref',
};

/** A clause's label is seen from outside of the block. */
function catchesText({ list }: InstrReader, context: InstrContext): string {
  let text = '';
  for (let i = 0; i < list.length; i += 3) {
    const tag = list[i] < CATCH.catchAll ? ` ${context.ids.ref('tag', list[i + 1])}` : '';
    text += ` (${CATCH_NAMES[list[i]]}${tag} ${context.label(list[i + 2])})`;
  }
  return text;
}
