/**
 * Macros: `.debug_macro` (DWARF 5, 6.3, and GNU's form of it before) and `.debug_macinfo` (DWARF 2 to 4, 6.3). Units have no
 * length here; a zero byte ends one.
 */

import { malformed } from '../../../base/errors.ts';
import type { Walker } from '../walker.ts';
import { formValue, offset, type UnitShape, zeroString } from './forms.ts';
import { dwarfName } from './names.ts';
import { itemsUntil } from './units.ts';

/** Operands: u LEB128, s text, p offset of a text, x index of a text, m offset of other macros, o offset in another file. */
const OPERANDS: readonly string[] = ['', 'us', 'us', 'uu', '', 'up', 'up', 'm', 'uo', 'uo', 'o', 'ux', 'ux'];
const OLD_OPERANDS: Readonly<Record<number, string>> = { 1: 'us', 2: 'us', 3: 'uu', 4: '', 255: 'us' };

const HAS_LINES = 2;
const HAS_OPERANDS = 4;

/** The whole section. */
export function macros(w: Walker): void {
  all(w, (unit) => {
    const version = unit.u16le('version');
    const flags = unit.byte('flags', 'flags');
    const shape: UnitShape = { version, wide: (flags & 1) !== 0, addressSize: 4 };
    if (flags & HAS_LINES) offset(unit, 'offset of the line table', shape.wide, '.debug_line');
    const forms = flags & HAS_OPERANDS ? operandTable(unit) : new Map<number, readonly number[]>();
    entries(unit, 'MACRO', (one, code, start) => {
      const own = forms.get(code);
      const letters = OPERANDS[code];
      if (own) for (const form of own) formValue(one, form, 'operand', shape, false);
      else if (letters === undefined) malformed(start, `malformed macro: ${dwarfName('MACRO', code)}`);
      else operands(one, code, letters, shape);
    });
  });
}

/** The whole section of DWARF 2 to 4. */
export function oldMacros(w: Walker): void {
  const shape: UnitShape = { version: 4, wide: false, addressSize: 4 };
  all(w, (unit) =>
    entries(unit, 'MACINFO', (one, code, start) => {
      const letters = OLD_OPERANDS[code];
      if (letters === undefined) malformed(start, `malformed macro: ${dwarfName('MACINFO', code)}`);
      operands(one, code, letters, shape);
    }),
  );
}

function all(w: Walker, unit: (w: Walker) => void): void {
  itemsUntil(
    w,
    () => false,
    unit,
    (inner, i, end) => inner.sized('entry', 'macros of a unit', end, unit, { index: i }),
  );
}

/** The forms of the operands of opcodes that the standard does not know. */
function operandTable(w: Walker): ReadonlyMap<number, readonly number[]> {
  const forms = new Map<number, readonly number[]>();
  for (let n = w.byte('count of opcodes', 'count'); n > 0; n--) {
    w.group('entry', 'opcode', (one) => {
      const code = one.byte('opcode');
      const count = one.count('count of operands');
      forms.set(
        code,
        Array.from({ length: count }, () => one.byte('form')),
      );
    });
  }
  return forms;
}

type Entry = (w: Walker, code: number, start: number) => void;

/** Entries, and the zero byte behind them. */
function entries(w: Walker, what: 'MACRO' | 'MACINFO', content: Entry): void {
  const entry = (one: Walker): void => {
    const start = one.pos;
    one.group('entry', dwarfName(what, one.r.peek()), (fields) => {
      content(fields, fields.byte('operation'), start);
    });
  };
  itemsUntil(w, () => w.r.peek() === 0, entry, entry);
  w.byte('end of the macros');
}

function operands(w: Walker, code: number, letters: string, unit: UnitShape): void {
  const [first, second] = code === 3 ? ['line', 'file'] : ['line', 'constant'];
  for (const [i, letter] of [...letters].entries()) {
    if (letter === 'u') w.u64(i === 0 ? first : second);
    else if (letter === 's') zeroString(w, 'macro');
    else if (letter === 'p') offset(w, 'offset of a string', unit.wide, '.debug_str');
    else if (letter === 'x') w.u64('index of a string', 'strx');
    else if (letter === 'm') offset(w, 'offset of other macros', unit.wide, '.debug_macro');
    else offset(w, 'offset in another file', unit.wide);
  }
}
