/**
 * What kind of instruction it is, as the specification's chapters have it (spec 2.4): for colours, completion and
 * documentation. Derived from the row; decides nothing.
 */

import type { Instr } from './isa.ts';

export type InstrGroup =
  | 'control'
  | 'parametric'
  | 'variable'
  | 'table'
  | 'memory'
  | 'reference'
  | 'aggregate'
  | 'numeric'
  | 'vector';

/** The group of an instruction. Vector loads and stores count as memory, `table.*` and `elem.drop` as table. */
export function groupOf({ code, name, shape, feature }: Instr): InstrGroup {
  if (code < 0x1a || code === 0x1f || name.startsWith('br_on_')) return 'control';
  if (code < 0x20) return 'parametric';
  if (code < 0x25) return 'variable';
  if (/^(table|elem)\./.test(name)) return 'table';
  if (shape.startsWith('memarg') || /^(memory|data|atomic)\./.test(name)) return 'memory';
  if (/^(struct|array|i31)\./.test(name) || name === 'ref.i31') return 'aggregate';
  if (/^(ref|any|extern)\./.test(name)) return 'reference';
  return feature === 'simd' || feature === 'relaxed-simd' ? 'vector' : 'numeric';
}
