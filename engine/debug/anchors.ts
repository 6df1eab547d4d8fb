/**
 * Anchors: where an instruction is, said so that it can be found again after the module was built anew.
 *
 * A line of a disassembled function and a byte offset mean nothing in another build. An anchor has the function's
 * name and index, a hash of its code, and the number of the instruction in it. The hash leaves out indices of
 * functions, types, globals and the like: adding an import changes them everywhere, and their lengths with them, so
 * byte offsets inside a function do not last either, but the numbers of its instructions do.
 */

import { instrReader } from '../binary/instr.ts';
import { instrByCode } from '../isa/isa.ts';
import type { Shape } from '../isa/row.ts';
import type { Module } from '../module/module.ts';
import type { Sites } from './sites.ts';

export interface Anchor {
  readonly funcIdx: number;
  readonly name?: string;
  /** Of the function's code, in hexadecimal digits. */
  readonly hash: string;
  /** Which of its instructions. */
  readonly nth: number;
}

/** Where an anchor is now; `message` says what is not as it was. */
export interface Found {
  readonly funcIdx: number;
  readonly offset: number;
  readonly message?: string;
}

/** The anchor of the instruction at an offset. */
export function anchorOf(module: Module, sites: Sites, funcIdx: number, offset: number): Anchor {
  const name = module.names.of('func', funcIdx);
  return { funcIdx, name, hash: codeHash(module, funcIdx), nth: sites.of(funcIdx).starts.indexOf(offset) };
}

/**
 * Finds an anchor: in the function of its name, else in one with its code, else, if it had no name, in the one of its
 * index. The string says why it is nowhere.
 */
export function findAnchor(module: Module, sites: Sites, anchor: Anchor): Found | string {
  const funcIdx = findFunc(module, anchor);
  if (funcIdx === undefined) {
    return `the function ${anchor.name ?? `func[${anchor.funcIdx}]`} is no longer in the module`;
  }
  const { starts } = sites.of(funcIdx);
  const offset = sites.stopNear(funcIdx, starts[Math.min(anchor.nth, starts.length - 1)]);
  const moved = funcIdx === anchor.funcIdx ? '' : `the function is func[${funcIdx}] now`;
  const changed =
    codeHash(module, funcIdx) === anchor.hash
      ? ''
      : 'the code of the function has changed: this is the nearest instruction';
  return { funcIdx, offset, message: [moved, changed].filter(Boolean).join('; ') || undefined };
}

function findFunc(module: Module, { name, funcIdx, hash }: Anchor): number | undefined {
  const isDefined = (idx: number): boolean => module.funcs[idx]?.body !== undefined;
  const isSame = (idx: number): boolean => isDefined(idx) && codeHash(module, idx) === hash;
  if (name !== undefined) {
    const named = module.names.find('func', name).filter(isDefined);
    if (named.length > 0) return nearest(named.filter(isSame), funcIdx) ?? nearest(named, funcIdx);
  }
  if (isSame(funcIdx)) return funcIdx;
  const same = [...module.funcs.keys()].filter(isSame);
  return nearest(same, funcIdx) ?? (name === undefined && isDefined(funcIdx) ? funcIdx : undefined);
}

function nearest(indices: readonly number[], wanted: number): number | undefined {
  let best: number | undefined;
  for (const idx of indices) {
    if (best === undefined || Math.abs(idx - wanted) < Math.abs(best - wanted)) best = idx;
  }
  return best;
}

/** Fields of the reader that are part of what an instruction does, by its shape; indices are not. */
const KEPT: Partial<Record<Shape, readonly ('a' | 'c' | 'lo' | 'hi' | 'memOffset')[]>> = {
  local: ['a'],
  label: ['a'],
  lane: ['a'],
  memarg: ['memOffset'],
  memargLane: ['memOffset', 'c'],
  i32: ['lo'],
  i64: ['lo', 'hi'],
  f32: ['lo'],
  f64: ['lo', 'hi'],
};

/** Hashes by function: one lost breakpoint asks for all of them, and a large module takes a while. */
const HASHES = new WeakMap<Module, Map<number, string>>();

/** A hash of a defined function's instructions without the indices in them. */
export function codeHash(module: Module, funcIdx: number): string {
  let hashes = HASHES.get(module);
  if (!hashes) {
    hashes = new Map();
    HASHES.set(module, hashes);
  }
  let hash = hashes.get(funcIdx);
  if (hash === undefined) {
    hash = computeHash(module, funcIdx);
    hashes.set(funcIdx, hash);
  }
  return hash;
}

function computeHash(module: Module, funcIdx: number): string {
  const { codeStart, range } = module.funcs[funcIdx].body!;
  const reader = instrReader(module);
  // FNV-1a over words, twice, with different beginnings.
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  const mix = (word: number): void => {
    low = Math.imul(low ^ word, 0x01000193);
    high = Math.imul(high ^ (word + 0x9e3779b9), 0x01000193);
    high ^= high >>> 15;
  };
  reader.startBody(codeStart, range.end);
  while (reader.next()) {
    mix(reader.code);
    for (const field of KEPT[instrByCode(reader.code)!.shape] ?? []) mix(reader[field] | 0);
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
