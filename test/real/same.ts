/**
 * Are two modules the same, up to what a text cannot say: the lengths of LEBs, the places of custom sections, the runs
 * that locals are declared in?
 *
 * Names of items are compared through the name map, because a text writes them as `$ids`. Offsets are no part of it.
 */

import { isDeepStrictEqual } from 'node:util';
import { ByteWriter } from '../../engine/base/writer.ts';
import { type InstrReader, instrReader } from '../../engine/binary/instr.ts';
import { writeInstr } from '../../engine/binary/instr-write.ts';
import { instrByCode } from '../../engine/isa/isa.ts';
import { BRANCH_HINT, readBranchHints } from '../../engine/module/branch-hints.ts';
import { type ByteRange, localTypes, type Module } from '../../engine/module/module.ts';

/** The first difference in words; undefined if there is none. */
export function difference(a: Module, b: Module): string | undefined {
  for (const [what, of] of Object.entries(PARTS)) {
    const [one, other] = [of(a), of(b)];
    if (one.length !== other.length) return `${what}: ${one.length} and ${other.length}`;
    const at = one.findIndex((item, i) => !isDeepStrictEqual(item, other[i]));
    if (at >= 0) return `${what} ${at}: ${shown(one[at])} and ${shown(other[at])}`;
  }
  return differenceOfCode(a, b) ?? differenceOfNames(a, b);
}

const PARTS: Readonly<Record<string, (module: Module) => readonly unknown[]>> = {
  // Supertypes, finality and grouping are in the types.
  types: ({ types }) => types,
  imports: ({ imports }) => imports.map(({ offset, ...rest }) => rest),
  functions: ({ funcs }) => funcs.map(({ typeIdx }) => typeIdx),
  tables: (module) => module.tables.map(({ type, init }) => [type, expr(module, init)]),
  memories: ({ memories }) => memories.map(({ type }) => type),
  tags: ({ tags }) => tags.map(({ type }) => type),
  globals: (module) => module.globals.map(({ type, init }) => [type, expr(module, init)]),
  exports: ({ exports }) => exports.map(({ offset, ...rest }) => rest),
  start: ({ start }) => [start?.funcIdx],
  'element segments': (module) =>
    module.elems.map(({ type, mode, tableIdx, at, items }) => {
      const each = 'funcs' in items ? items.funcs : items.exprs.map((range) => expr(module, range));
      return [type, mode, tableIdx, expr(module, at), 'funcs' in items, each];
    }),
  'data count': ({ dataCount }) => [dataCount],
  'data segments': (module) =>
    module.datas.map(({ mode, memIdx, at, bytes }) => [mode, memIdx, expr(module, at), hex(module, bytes)]),
  // Texts have the name section as names, and branch hints at their branches.
  'custom sections': (module) =>
    module.customs
      .filter(({ name }) => name !== 'name' && name !== BRANCH_HINT)
      .map(({ name, range }) => [name, hex(module, range)]),
  'functions with hints': (module) => [...readBranchHints(module).keys()],
};

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 300) ?? String(value);
}

function hex({ bytes }: Module, { start, end }: ByteRange): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');
}

/** A constant expression with shortest LEBs. */
function expr(module: Module, range: ByteRange | undefined): string | undefined {
  if (!range) return undefined;
  const reader = instrReader(module);
  reader.startExpr(range.start, range.end);
  const out = new ByteWriter();
  while (reader.next()) writeInstr(out, reader);
  return Buffer.from(out.view()).toString('hex');
}

function differenceOfCode(a: Module, b: Module): string | undefined {
  const [one, other] = [instrReader(a), instrReader(b)];
  const [left, right] = [new ByteWriter(), new ByteWriter()];
  for (const idx of a.funcs.keys()) {
    const [mine, theirs] = [a.funcs[idx].body, b.funcs[idx].body];
    if (!mine || !theirs) continue;
    if (!isDeepStrictEqual(localTypes(a, idx), localTypes(b, idx))) return `locals of function ${idx}`;
    one.startBody(mine.codeStart, mine.range.end);
    other.startBody(theirs.codeStart, theirs.range.end);
    while (one.next()) {
      const isMore = other.next();
      left.length = right.length = 0;
      writeInstr(left, one);
      if (isMore) writeInstr(right, other);
      if (left.length === right.length && left.view().every((byte, i) => byte === right.view()[i])) continue;
      return `function ${idx} at 0x${one.offset.toString(16)}: ${instrShown(one)} and ${instrShown(other)}`;
    }
    if (other.next()) return `function ${idx} has more instructions: ${instrShown(other)}`;
  }
  return undefined;
}

function instrShown(reader: InstrReader): string {
  const { name } = instrByCode(reader.code)!;
  return `${name} (${reader.a} ${reader.b} ${reader.c} ${reader.lo} ${reader.hi})`;
}

/** What `a` gives a name must have it in `b`: there, names of exports and imports are given ones too. */
function differenceOfNames(a: Module, b: Module): string | undefined {
  if (a.names.module !== b.names.module) return `names: ${a.names.module} and ${b.names.module}`;
  const spaces = {
    func: a.funcs,
    type: a.types,
    table: a.tables,
    memory: a.memories,
    global: a.globals,
    elem: a.elems,
    data: a.datas,
    tag: a.tags,
  } as const;
  for (const [space, items] of Object.entries(spaces)) {
    for (const idx of items.keys()) {
      const given = a.names.given(space as keyof typeof spaces, idx);
      const again = b.names.given(space as keyof typeof spaces, idx);
      if (given !== undefined && given !== again) return `name of ${space} ${idx}: ${given} and ${again}`;
    }
  }
  for (const [idx, { body }] of a.funcs.entries()) {
    if (!body) continue;
    const count = localTypes(a, idx).length;
    for (let i = 0; i < count; i++) {
      const [given, again] = [a.names.local(idx, i), b.names.local(idx, i)];
      if (given !== undefined && given !== again)
        return `name of local ${i} of function ${idx}: ${given}, ${again}`;
    }
  }
  return undefined;
}
