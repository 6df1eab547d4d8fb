/**
 * How blocks nest in the text format: what a keyword does in an instruction sequence, and what may follow in each
 * form that can be open (spec 6.5.1, and legacy `try`). Facts for body.ts, which walks them; no bytes here.
 */

import { allWords, instrOfWord } from './words.ts';

/** What a keyword is in an instruction sequence. */
export const enum Role {
  /** No instruction. */
  None = 0,
  Plain = 1,
  /** block, loop, try_table */
  Block = 2,
  If = 3,
  Try = 4,
  Else = 5,
  End = 6,
  Catch = 7,
  CatchAll = 8,
  Delegate = 9,
  Then = 10,
  Do = 11,
}

/** Roles by keyword number. */
export const ROLES = roles();

function roles(): Uint8Array {
  const special = new Map<string, Role>([
    ['if', Role.If],
    ['try', Role.Try],
    ['else', Role.Else],
    ['end', Role.End],
    ['catch', Role.Catch],
    ['catch_all', Role.CatchAll],
    ['delegate', Role.Delegate],
    ['then', Role.Then],
    ['do', Role.Do],
  ]);
  return Uint8Array.from(allWords(), (name, number) => {
    const role = special.get(name);
    if (role !== undefined) return role;
    const instr = instrOfWord(number);
    if (!instr) return Role.None;
    return instr.shape === 'block' || instr.shape === 'catches' ? Role.Block : Role.Plain;
  });
}

/** What is open: forms of folded instructions and flat blocks. */
export const enum Open {
  /** A folded plain instruction: operands until `)`, then its head is written. */
  Plain = 0,
  /** The inside of a folded block, or of a part of one: instructions until `)`. */
  Block = 1,
  /** A folded `if` before `(then`: operands. */
  Condition = 2,
  /** A folded `if` behind `(then …)`: `(else` or `)`. */
  AfterThen = 3,
  AfterElse = 4,
  /** A part of a folded `if` or `try`; what is around it goes on behind its `)`. */
  Part = 5,
  /** A folded legacy `try` before `(do`, behind it, behind `(catch_all …)`, behind `(delegate …)`. */
  Try = 6,
  AfterDo = 7,
  AfterCatchAll = 8,
  AfterDelegate = 9,
  /** Flat blocks: until `end`. */
  Flat = 10,
  FlatIf = 11,
  FlatTry = 12,
  FlatCatchAll = 13,
  /** A form with a fault: anything until `)`. */
  Skip = 14,
}

/** What would be right where something else stands, for messages. */
export const EXPECTED: Readonly<Partial<Record<Open, string>>> = {
  [Open.Plain]: 'an operand or )',
  [Open.Condition]: '(then',
  [Open.AfterThen]: '(else or )',
  [Open.AfterElse]: ')',
  [Open.Try]: '(do',
  [Open.AfterDo]: '(catch, (catch_all, (delegate or )',
  [Open.Flat]: 'end',
  [Open.FlatIf]: 'else or end',
  [Open.FlatTry]: 'catch, catch_all, delegate or end',
  [Open.FlatCatchAll]: 'end',
};

/** True where instructions may stand without parentheses. */
export function takesFlat(top: Open): boolean {
  return top === Open.Block || top === Open.Part || top >= Open.Flat;
}

/** True where a folded instruction may stand. */
export function takesFolded(top: Open): boolean {
  return takesFlat(top) || top === Open.Plain || top === Open.Condition;
}
