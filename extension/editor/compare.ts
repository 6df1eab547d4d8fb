/**
 * What became larger and smaller between two builds of a module: sections by name, functions by name.
 *
 * Functions without a name are told apart by their index, which another build may give to another function, so they are
 * left out. Pure.
 */

import type { BinarySummary, SizedFunction, SummarySection } from '../language/byte-protocol.ts';
import type { ByteRange } from './messages.ts';

export interface Growth {
  readonly name: string;
  /** Bytes; undefined where there was, or is, no such thing. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** Where it is now. */
  readonly range?: ByteRange;
}

/** Only what is different, the greatest difference first. */
export function grown(
  before: BinarySummary,
  after: BinarySummary,
): { readonly sections: readonly Growth[]; readonly functions: readonly Growth[] } {
  return {
    sections: differences(before.sections.map(sectionItem), after.sections.map(sectionItem)),
    functions: functionsGrown(before, after),
  };
}

interface Item {
  readonly name: string;
  readonly size: number;
  readonly range?: ByteRange;
}

/** Only the largest functions are known of either side: one that is missing in a list that was cut may be there. */
function functionsGrown(before: BinarySummary, after: BinarySummary): Growth[] {
  const all = differences(named(before.functions.largest), named(after.functions.largest));
  const isCut = ({ functions }: BinarySummary) => functions.largest.length < functions.defined;
  return all.filter(
    (growth) =>
      (growth.before !== undefined || !isCut(before)) && (growth.after !== undefined || !isCut(after)),
  );
}

function differences(before: readonly Item[], after: readonly Item[]): Growth[] {
  const was = sums(before);
  const is = sums(after);
  const found: Growth[] = [];
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    const now = is.get(name);
    const growth = { name, before: was.get(name)?.size, after: now?.size, range: now?.range };
    if (growth.before !== growth.after) found.push(growth);
  }
  const change = (one: Growth) => Math.abs((one.after ?? 0) - (one.before ?? 0));
  return found.sort((a, b) => change(b) - change(a));
}

/** Things of one name count together: a component has several sections of a kind. */
function sums(items: readonly Item[]): Map<string, Item> {
  const found = new Map<string, Item>();
  for (const item of items) {
    const other = found.get(item.name);
    found.set(item.name, other ? { ...other, size: other.size + item.size } : item);
  }
  return found;
}

function sectionItem({ name, start, end }: SummarySection): Item {
  return { name, size: end - start, range: { start, end } };
}

function named(functions: readonly SizedFunction[]): Item[] {
  return functions.flatMap(({ name, size, offset }) =>
    name === '' || /^func(?:\[| )\d+\]?$/.test(name)
      ? []
      : [{ name, size, ...(offset !== undefined && { range: { start: offset, end: offset + size } }) }],
  );
}
