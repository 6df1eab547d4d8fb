/**
 * Memory and table types (spec 3.2.14 to 3.2.17): how large they may be declared.
 */

import { invalid, malformed } from '../base/errors.ts';
import type { Limits, MemoryType, TableType } from '../isa/types.ts';
import { FUNCREF } from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { checkValType, need } from './gate.ts';

const DEFAULT_PAGE_LOG2 = 16;
const MAX_U32 = 0xffff_ffff;

export function checkMemoryType(features: FeatureSet, type: MemoryType, offset: number): void {
  const { limits, is64, shared, pageSizeLog2 } = type;
  if (is64) need(features, 'memory64', offset);
  else checkWord(features, limits, offset);
  if (shared) need(features, 'threads', offset);
  if (pageSizeLog2 !== DEFAULT_PAGE_LOG2) {
    need(features, 'custom-page-sizes', offset);
    if (pageSizeLog2 !== 0) {
      invalid(offset, `invalid custom page size: 2^${pageSizeLog2}; it must be 1 or 65536`);
    }
  }
  checkRange(limits, maxPages(is64, pageSizeLog2), `memory size must be at most ${sizeText(type)}`, offset);
  if (shared && limits.max === undefined) invalid(offset, 'shared memory must have maximum');
}

export function checkTableType(module: Module, features: FeatureSet, type: TableType, offset: number): void {
  if (type.element !== FUNCREF) checkValType(module, features, type.element, offset);
  checkTableLimits(features, type, offset);
}

/** The limits alone. */
export function checkTableLimits(features: FeatureSet, type: TableType, offset: number): void {
  if (type.is64) need(features, 'memory64', offset);
  else checkWord(features, type.limits, offset);
  const max = type.is64 ? Number.POSITIVE_INFINITY : MAX_U32;
  checkRange(type.limits, max, 'table size must be at most 2^32 - 1', offset);
}

/** Before memory64, sizes were u32 in both formats: then what is larger is no module at all. */
function checkWord(features: FeatureSet, { min, max = 0 }: Limits, offset: number): void {
  if (features.has('memory64') || (min <= MAX_U32 && max <= MAX_U32)) return;
  malformed(offset, `i32 constant out of range: a size of ${Math.max(min, max)}`);
}

function checkRange({ min, max }: Limits, most: number, message: string, offset: number): void {
  if (min > most || (max !== undefined && max > most)) invalid(offset, message);
  if (max !== undefined && min > max) {
    invalid(offset, `size minimum must not be greater than maximum: ${min} is greater than ${max}`);
  }
}

/** An address type of n bits reaches 2^n bytes; with pages of one byte their count must fit n bits, too. */
function maxPages(is64: boolean, pageSizeLog2: number): number {
  if (pageSizeLog2 === 0) return is64 ? Number.POSITIVE_INFINITY : MAX_U32;
  return 2 ** ((is64 ? 64 : 32) - pageSizeLog2);
}

function sizeText({ is64, pageSizeLog2 }: MemoryType): string {
  if (is64) return '2^48 pages (16EiB)';
  return pageSizeLog2 === 0 ? '2^32 - 1 pages of one byte' : '65536 pages (4GiB)';
}
