/**
 * Matching of external types (spec 3.3.10 to 3.3.16): may what is given stand for what is imported?
 *
 * Reference types in here are canonical (canon.ts), because the two sides come from different modules. Knows no
 * instances: the runtime passes the types that its instances have now (a grown memory's minimum is its size).
 */

import type { GlobalType, Limits, MemoryType, TableType } from '../isa/types.ts';
import type { TypeCanon } from './canon.ts';

/** Limits matching (spec 3.3.11). */
export function limitsMatch(given: Limits, wanted: Limits): boolean {
  if (given.min < wanted.min) return false;
  return wanted.max === undefined || (given.max !== undefined && given.max <= wanted.max);
}

/** Memory type matching (spec 3.3.13; sharedness of the threads proposal, page size of custom-page-sizes). */
export function memoryMatches(given: MemoryType, wanted: MemoryType): boolean {
  return (
    given.is64 === wanted.is64 &&
    given.shared === wanted.shared &&
    given.pageSizeLog2 === wanted.pageSizeLog2 &&
    limitsMatch(given.limits, wanted.limits)
  );
}

/** Table type matching (spec 3.3.14): element types must be equal. Both are canonical. */
export function tableMatches(canon: TypeCanon, given: TableType, wanted: TableType): boolean {
  return (
    given.is64 === wanted.is64 &&
    limitsMatch(given.limits, wanted.limits) &&
    canon.matches(given.element, wanted.element) &&
    canon.matches(wanted.element, given.element)
  );
}

/** Global type matching (spec 3.3.12): a mutable one must have the same type, an immutable one a subtype. */
export function globalMatches(canon: TypeCanon, given: GlobalType, wanted: GlobalType): boolean {
  if (given.mutable !== wanted.mutable || !canon.matches(given.type, wanted.type)) return false;
  return !given.mutable || canon.matches(wanted.type, given.type);
}

/** Function type matching (spec 3.3.15), by canonical numbers. */
export function funcMatches(canon: TypeCanon, givenId: number, wantedId: number): boolean {
  return canon.isSubId(givenId, wantedId);
}

/** Tag type matching (spec 3.3.16): the types must be equal, both ways subtypes. */
export function tagMatches(canon: TypeCanon, givenId: number, wantedId: number): boolean {
  return givenId === wantedId && canon.typeAt(givenId) !== undefined;
}
