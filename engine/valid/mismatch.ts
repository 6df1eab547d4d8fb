/**
 * Faults of the abstract machine, with what helps a person: the operands found, who pushed the wrong one, which
 * label asks for what. Cold code: it runs once, and always throws.
 *
 * The wording is the suite's: `type mismatch: instruction requires [i32 i32] but stack has [i64 i32] (i32.add)`.
 */

import { invalid, type Note } from '../base/errors.ts';
import { instrByCode } from '../isa/isa.ts';
import { BOT, isRef, NULL, typeName, type ValType } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { BOT_REF } from './canon.ts';
import type { Control, Label, Typing } from './typing.ts';

/** One operand does not match `want` (undefined: any value; a text: what it says). */
export function mismatch(v: Typing, want: ValType | string | undefined): never {
  const wanted = want === undefined ? 'a value' : typeof want === 'string' ? want : name(v.module, want);
  const missing = v.height <= v.top.height;
  const found = missing ? [] : [v.typeAt(v.height - 1)];
  const notes = missing ? [floorNote(v)] : [pushNote(v, v.height - 1)];
  stop(v, 'instruction', wanted, found, notes);
}

/** The operands from `start` down do not match `wanted`. */
export function arityMismatch(v: Typing, wanted: readonly ValType[], start: number): never {
  const first = Math.max(v.top.height, start - wanted.length);
  const found = operands(v, first, start);
  const offset = wanted.length - found.length;
  const notes: Note[] = [];
  for (let i = 0; i < found.length; i++) {
    if (!v.types.matches(found[i], wanted[offset + i])) notes.push(pushNote(v, first + i));
  }
  if (offset > 0 && !v.top.unreachable) notes.push(floorNote(v));
  notes.push(...asker(v));
  stop(v, 'instruction', wanted.map((t) => name(v.module, t)).join(' '), found, notes);
}

/** A label ends with more operands than it declares. `start`: the height at its end. */
export function leftovers(v: Typing, label: Label, start: number): never {
  const found = operands(v, label.height, start);
  const extra = found.length - label.results.length;
  const notes = Array.from({ length: Math.min(extra, 3) }, (_, i) => pushNote(v, label.height + i));
  stop(v, 'block', label.results.map((t) => name(v.module, t)).join(' '), found, notes);
}

/** `if` without `else` whose results are not its parameters. */
export function missingElse(v: Typing, label: Label): never {
  const { params, results } = label;
  invalid(
    v.instr.offset,
    `type mismatch: an if without else must leave its parameters ${names(v.module, params)}, but declares ${names(v.module, results)}`,
    [declared(v.module, label)],
  );
}

export function uninitialized(v: Typing, localIdx: number): never {
  const type = name(v.module, v.localTypes[localIdx]);
  invalid(v.instr.offset, `uninitialized local ${localIdx}`, [
    { message: `its type ${type} has no default value: it must be set on every way here` },
  ]);
}

export function unknownLabel(v: Typing, depth: number): never {
  const count = v.depth;
  invalid(v.instr.offset, `unknown label ${depth}`, [
    { message: `${count} label${count === 1 ? ' is' : 's are'} open here` },
  ]);
}

/** An index beyond its index space: `unknown local 5`. */
export function unknown(v: Typing, what: string, idx: number, count: number): never {
  invalid(v.instr.offset, `unknown ${what} ${idx}`, [
    { message: count === 0 ? `there is no ${what}` : `there are ${count}, numbered from 0` },
  ]);
}

/** Types as the text format writes them, with the names that the module gives. */
export function names(module: Module, types: readonly ValType[]): string {
  return `[${types.map((t) => name(module, t)).join(' ')}]`;
}

export function name(module: Module, type: ValType): string {
  if (type === BOT) return 'any';
  if (isRef(type) && (type & ~NULL) === BOT_REF) return 'a reference';
  return typeName(type, (idx) => {
    const given = module.names.given('type', idx);
    return given === undefined ? String(idx) : `$${given}`;
  });
}

/** `who` wants the operands: the suite says `block` where a block's end finds too many, else `instruction`. */
function stop(
  v: Typing,
  who: 'instruction' | 'block',
  wanted: string,
  found: readonly ValType[],
  notes: readonly Note[],
): never {
  const { code, offset } = v.instr;
  const instr = instrByCode(code)?.name ?? 'instruction';
  const atEnd = instr === 'end' || instr === 'else' || instr === 'catch' || instr === 'catch_all';
  const where = atEnd ? `${instr} of ${labelName(v.top)}` : instr;
  const has = `[${v.top.unreachable ? '… ' : ''}${found.map((t) => name(v.module, t)).join(' ')}]`;
  const more = atEnd ? [...notes, declared(v.module, v.top)] : notes;
  invalid(offset, `type mismatch: ${who} requires [${wanted}] but stack has ${has} (${where})`, more);
}

function operands(v: Typing, from: number, to: number): ValType[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => v.typeAt(from + i));
}

/** Who says which operands these are: the label that is branched to, the function that is called. */
function asker(v: Typing): Note[] {
  const { code, a } = v.instr;
  const instr = instrByCode(code);
  if (instr?.shape === 'func') {
    const { offset } = v.module.funcs[a];
    return [{ message: `function ${a} is declared here`, offset }];
  }
  if (instr?.name !== 'return' && instr?.shape !== 'label') return [];
  const label = instr.name === 'return' ? v.controls[0] : v.label(a);
  const takes = label.kind === 'loop' ? label.params : label.results;
  return [{ message: `${labelName(label)} takes ${names(v.module, takes)}`, offset: label.offset }];
}

function pushNote(v: Typing, slot: number): Note {
  return { message: `${name(v.module, v.typeAt(slot))} was pushed here`, offset: v.pushedAt(slot) };
}

function floorNote(v: Typing): Note {
  const below = v.top.height;
  const hidden =
    below > 0 ? `; the ${below} operand${below === 1 ? '' : 's'} below cannot be used inside` : '';
  return { message: `${labelName(v.top)} opens here${hidden}`, offset: v.top.offset };
}

function declared(module: Module, label: Control): Note {
  return {
    message: `${labelName(label)} declares results ${names(module, label.results)}`,
    offset: label.offset,
  };
}

function labelName({ kind }: Control): string {
  if (kind === 'func') return 'function body';
  return kind === 'expr' ? 'constant expression' : kind;
}
