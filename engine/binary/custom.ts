/**
 * Custom sections whose content the spec describes: is it what it should be (spec appendix A.5)?
 *
 * A fault in here does not make a module malformed or invalid, so `validate` does not ask; tools do, and scripts'
 * `assert_malformed_custom` and `assert_invalid_custom`. Knows the name section and branch hints; whoever uses names
 * reads them as far as they go.
 */

import { type Fault, invalid, malformed, WasmError } from '../base/errors.ts';
import { ByteReader } from '../base/reader.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import { BRANCH_HINT, branchHintSection, type FuncHints, readBranchHints } from '../module/branch-hints.ts';
import type { CustomSection, Module } from '../module/module.ts';
import { NAME_SUBSECTION } from '../module/name-section.ts';
import { instrReader } from './instr.ts';

/** Throws the first fault of the custom sections of a valid module: `malformed` or `invalid`. */
export function validateCustoms(module: Module): void {
  const known = knownSections(module);
  for (const section of module.customs) checkSection(module, section, known);
}

/** The first fault of each custom section of a valid module, in the order of the file. */
export function customFaults(module: Module): Fault[] {
  const faults: Fault[] = [];
  const known = knownSections(module);
  for (const section of module.customs) {
    try {
      checkSection(module, section, known);
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      faults.push(error.fault);
    }
  }
  return faults;
}

/** Throws what is wrong with the branch hints of a valid module. */
export function validateBranchHints(module: Module): void {
  for (const [funcIdx, hints] of readBranchHints(module)) checkHints(module, funcIdx, hints);
}

/** Of two sections with the same name only the first means something. */
interface KnownSections {
  readonly names: CustomSection | undefined;
  readonly hints: CustomSection | undefined;
}

function knownSections(module: Module): KnownSections {
  return { names: module.customs.find(({ name }) => name === 'name'), hints: branchHintSection(module) };
}

/** Throws with the section's name in front of what is wrong with its bytes. */
function checkSection(module: Module, section: CustomSection, known: KnownSections): void {
  try {
    checkContent(module, section, known);
  } catch (error) {
    if (!(error instanceof WasmError) || error.message.startsWith('@')) throw error;
    throw new WasmError({ ...error.fault, message: `@${section.name} section: ${error.message}` });
  }
}

function checkContent(module: Module, section: CustomSection, { names, hints }: KnownSections): void {
  const { name, offset, range } = section;
  if (name === 'name') {
    if (section !== names) badNames(offset, 'there is a section of names already');
    checkNames(new ByteReader(module.bytes, range.start, range.end));
  } else if (section === hints) validateBranchHints(module);
}

/** Subsections whose entries have names by index themselves. */
const NESTED: ReadonlySet<number> = new Set([
  NAME_SUBSECTION.local,
  NAME_SUBSECTION.label,
  NAME_SUBSECTION.field,
]);

const NAME_MAPS: ReadonlySet<number> = new Set(Object.values(NAME_SUBSECTION));

function checkNames(r: ByteReader): void {
  let last = -1;
  while (!r.atEnd) {
    const at = r.pos;
    const id = r.u8();
    if (id === last) badNames(at, `there is a subsection ${id} already`);
    if (id < last) badNames(at, `subsection ${id} stands behind subsection ${last}`);
    last = id;
    const size = r.length();
    const inner = new ByteReader(r.bytes, r.pos, r.pos + size);
    r.pos += size;
    if (!NAME_MAPS.has(id)) continue;
    if (id === NAME_SUBSECTION.module) inner.name();
    else if (NESTED.has(id)) checkEntries(inner, () => checkEntries(inner, () => inner.name()));
    else checkEntries(inner, () => inner.name());
    if (!inner.atEnd) badNames(inner.pos, `there is something behind the names of subsection ${id}`);
  }
}

/** Entries by ascending index. */
function checkEntries(r: ByteReader, value: () => void): void {
  let last = -1;
  for (let n = r.count(); n > 0; n--) {
    const at = r.pos;
    const idx = r.u32();
    if (idx <= last) badNames(at, `index ${idx} stands behind index ${last}`);
    last = idx;
    value();
  }
}

function badNames(offset: number, why: string): never {
  malformed(offset, `@name section: malformed names: ${why}`);
}

/** Hints stand at `if` and `br_if`, and nowhere else. */
function checkHints(module: Module, funcIdx: number, hints: FuncHints): void {
  const { codeStart, range } = module.funcs[funcIdx].body!;
  const left = new Set(hints.keys());
  const reader = instrReader(module);
  reader.startBody(codeStart, range.end);
  while (left.size > 0 && reader.next()) {
    if (!left.delete(reader.offset) || reader.code === Op.if || reader.code === Op.br_if) continue;
    badTarget(reader.offset, `${instrByCode(reader.code)?.name} is neither if nor br_if`);
  }
  for (const offset of left) badTarget(offset, 'there is no instruction');
}

function badTarget(offset: number, why: string): never {
  invalid(offset, `@${BRANCH_HINT} annotation: invalid target`, [{ message: why, offset }]);
}
