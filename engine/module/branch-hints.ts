/**
 * The custom section `metadata.code.branch_hint`: which conditional branches are likely taken (spec appendix A.5,
 * branch hints).
 *
 * Reads what is written, function by function; whether the hints stand at branches is binary/custom.ts's question. In the
 * bytes an offset counts from the function's local declarations, here it is the module's, as everywhere.
 */

import { malformed } from '../base/errors.ts';
import { ByteReader } from '../base/reader.ts';
import type { CustomSection, Module } from './module.ts';

export const BRANCH_HINT = 'metadata.code.branch_hint';

/** Likely taken or not, by the offset of the instruction in the module. */
export type FuncHints = ReadonlyMap<number, boolean>;

/** The module's section of branch hints; of two, the first. */
export function branchHintSection(module: Pick<Module, 'customs'>): CustomSection | undefined {
  return module.customs.find(({ name }) => name === BRANCH_HINT);
}

/** All hints by function index. Empty without a section. Throws a `malformed` fault at the byte that cannot be read. */
export function readBranchHints(module: Module): ReadonlyMap<number, FuncHints> {
  const all = new Map<number, FuncHints>();
  const section = branchHintSection(module);
  if (!section) return all;
  const r = new ByteReader(module.bytes, section.range.start, section.range.end);
  let lastFunc = -1;
  for (let n = r.count(); n > 0; n--) {
    const at = r.pos;
    const funcIdx = r.u32();
    if (funcIdx <= lastFunc) bad(at, `function ${funcIdx} stands behind function ${lastFunc}`);
    lastFunc = funcIdx;
    const body = module.funcs[funcIdx]?.body;
    if (!body) bad(at, `function ${funcIdx} has no code`);
    all.set(funcIdx, readHints(r, body.range.start));
  }
  if (!r.atEnd) bad(r.pos, 'there is something behind the hints');
  return all;
}

function readHints(r: ByteReader, bodyStart: number): FuncHints {
  const hints = new Map<number, boolean>();
  let last = -1;
  for (let n = r.count(); n > 0; n--) {
    const at = r.pos;
    const offset = r.u32();
    if (offset <= last) bad(at, `offset ${offset} stands behind offset ${last}`);
    last = offset;
    const size = r.u32();
    if (size !== 1) bad(at, `a hint of ${size} bytes`);
    const value = r.u8();
    if (value > 1) bad(at, `value ${value} is neither 0 nor 1`);
    hints.set(bodyStart + offset, value === 1);
  }
  return hints;
}

function bad(offset: number, why: string): never {
  malformed(offset, `@${BRANCH_HINT} section: malformed hints: ${why}`);
}
