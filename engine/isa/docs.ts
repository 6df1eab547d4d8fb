/**
 * What people are told about an instruction: one sentence, and where the specification defines it. The sentences
 * are ours; they stand in docs/, by family. A missing one is a compile error here.
 */

import { CONTROL_DOCS } from './docs/control.ts';
import { MEMORY_DOCS } from './docs/memory.ts';
import { SCALAR_DOCS } from './docs/scalar.ts';
import { VECTOR_DOCS } from './docs/vector.ts';
import type { Instr, InstrName } from './isa.ts';

/** A sentence for every keyword. */
export const INSTR_DOCS: Readonly<Record<InstrName, string>> = {
  ...CONTROL_DOCS,
  ...MEMORY_DOCS,
  ...SCALAR_DOCS,
  ...VECTOR_DOCS,
} satisfies Record<InstrName, string>;

const CORE = 'https://webassembly.github.io/spec/core/exec/instructions.html#';
const THREADS = 'https://webassembly.github.io/threads/core/exec/instructions.html#';
const LEGACY = 'https://webassembly.github.io/spec/legacy/exceptions/core/exec.html#';
const WIDE = 'https://github.com/WebAssembly/wide-arithmetic/blob/main/proposals/wide-arithmetic/Overview.md';

/** The address of the paragraph of the specification (or the proposal) that says how the instruction executes. */
export function specLink(instr: Instr): string {
  const { name, feature } = instr;
  if (feature === 'wide-arithmetic') return WIDE;
  if (feature === 'legacy-exceptions') return LEGACY + legacyAnchor(name);
  if (feature === 'threads') return THREADS + atomicAnchor(name);
  return CORE + (ANCHORS[name] ?? numericAnchor(instr) ?? own(name));
}

/** Instructions whose paragraph is called otherwise than they are. */
const ANCHORS: Partial<Record<string, string>> = {
  else: 'exec-if',
  end: 'exec-instrs-exit',
  'struct.get_s': 'exec-struct-get',
  'struct.get_u': 'exec-struct-get',
  'array.get_s': 'exec-array-get',
  'array.get_u': 'exec-array-get',
  'i31.get_s': 'exec-i31-get',
  'i31.get_u': 'exec-i31-get',
  'v128.const': 'exec-vconst',
  'v128.load': 'exec-vload-val',
  'v128.store': 'exec-vstore',
  'v128.not': 'exec-vvunop',
  'v128.bitselect': 'exec-vvternop',
  'v128.any_true': 'exec-vvtestop',
  'i8x16.shuffle': 'exec-vshuffle',
  'i32x4.relaxed_dot_i8x16_i7x16_add_s': 'exec-vextternop',
};

/** Families of instructions that share a paragraph: the first pattern that the keyword matches decides. */
const VECTOR_FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^v128\.(and|andnot|or|xor)$/, 'exec-vvbinop'],
  [/^v128\.load\d+_lane$/, 'exec-vload-lane'],
  [/^v128\.store\d+_lane$/, 'exec-vstore-lane'],
  [/^v128\.load\d+x\d/, 'exec-vload-pack'],
  [/^v128\.load\d+_splat$/, 'exec-vload-splat'],
  [/^v128\.load\d+_zero$/, 'exec-vload-zero'],
  [/swizzle$/, 'exec-vswizzlop'],
  [/\.splat$/, 'exec-vsplat'],
  [/\.extract_lane/, 'exec-vextract-lane'],
  [/\.replace_lane$/, 'exec-vreplace-lane'],
  [/\.(eq|ne|lt|gt|le|ge)(_[su])?$/, 'exec-vrelop'],
  [/\.all_true$/, 'exec-vtestop'],
  [/\.bitmask$/, 'exec-vbitmask'],
  [/\.(shl|shr_[su])$/, 'exec-vshiftop'],
  [/\.narrow_/, 'exec-vnarrow'],
  [/\.extadd_/, 'exec-vextunop'],
  [/\.(extmul|dot|relaxed_dot)_/, 'exec-vextbinop'],
  [/\.(extend|convert|demote|promote|trunc_sat|relaxed_trunc)_/, 'exec-vcvtop'],
];

const SCALAR_FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/\.const$/, 'exec-const'],
  [/\.eqz$/, 'exec-testop'],
  [/\.(eq|ne|lt|gt|le|ge)(_[su])?$/, 'exec-relop'],
  [/\.(wrap|trunc|trunc_sat|extend|convert|demote|promote|reinterpret)_/, 'exec-cvtop'],
  [/\.load$/, 'exec-load-val'],
  [/\.load/, 'exec-load-pack'],
  [/\.store$/, 'exec-store-val'],
  [/\.store/, 'exec-store-pack'],
];

function numericAnchor({ name, params, feature }: Instr): string | undefined {
  if (feature === 'simd' || feature === 'relaxed-simd') {
    const family = VECTOR_FAMILIES.find(([pattern]) => pattern.test(name));
    return family?.[1] ?? ['', 'exec-vunop', 'exec-vbinop', 'exec-vternop'][params.length];
  }
  if (!/^[if](32|64)\./.test(name)) return undefined;
  const family = SCALAR_FAMILIES.find(([pattern]) => pattern.test(name));
  return family?.[1] ?? ['', 'exec-unop', 'exec-binop'][params.length];
}

/** The paragraph that has the instruction's own name: `ref.is_null` → `exec-ref-is-null`. */
function own(name: string): string {
  return `exec-${name.replace(/[._]/g, '-')}`;
}

function legacyAnchor(name: string): string {
  if (name === 'rethrow') return 'exec-rethrow';
  return name === 'delegate' ? 'exec-try-delegate' : 'exec-try-catch';
}

/** Accesses narrower than their type have paragraphs of their own, with an `n` for the bits. */
function atomicAnchor(name: string): string {
  if (name.includes('.wait')) return 'exec-memory-atomic-waitn';
  if (name.endsWith('.notify')) return 'exec-memory-atomic-notify';
  if (name.endsWith('.fence')) return 'exec-memory-atomic-fence';
  const [, access, narrow] = /\.(load|store|rmw)(\d*)/.exec(name) ?? [];
  return `exec-atomic-${access}${narrow ? 'n' : ''}${name.includes('.cmpxchg') ? '-cmpxchg' : ''}`;
}
