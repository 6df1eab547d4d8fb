/**
 * Line tables (DWARF 5, 6.2): header, directories and files, and the program that makes the rows, opcode by opcode.
 */

import { malformed } from '../../../base/errors.ts';
import type { Walker } from '../walker.ts';
import { address, FORM, formValue, offset, type UnitShape, zeroString } from './forms.ts';
import { dwarfName } from './names.ts';
import { itemsUntil, unitLength } from './units.ts';

interface Program {
  readonly opcodeBase: number;
  /** How many LEB128 operands the standard opcodes have, from opcode 1 on. */
  readonly lengths: readonly number[];
}

/** What standard opcodes have, whatever the header says; others have so many LEB128s as it says. */
const STANDARD = { advanceLine: 3, fixedAdvancePc: 9, known: 12 } as const;
const EXTENDED = { endSequence: 1, setAddress: 2, defineFile: 3, setDiscriminator: 4 } as const;

/** A line table. */
export function lineUnit(w: Walker): void {
  const { r } = w;
  const wide = unitLength(w);
  const version = w.u16le('version');
  if (version < 2 || version > 5) malformed(w.pos - 2, `unknown version of a line table: ${version}`);
  let addressSize = 4;
  if (version >= 5) {
    addressSize = w.byte('address size');
    w.byte('segment selector size');
  }
  const at = w.pos;
  const length = offset(w, 'header length', wide);
  if (length > r.left) malformed(at, 'unexpected end of a line table');
  const program = r.pos + length;
  let shape: Program = { opcodeBase: 1, lengths: [] };
  const unit: UnitShape = { version, wide, addressSize };
  const end = r.end;
  r.end = program;
  try {
    shape = header(w, unit);
  } finally {
    r.end = end;
  }
  if (r.pos < program) w.bytes('rest of the header, not known', program - r.pos);
  sequences(w, shape);
}

function header(w: Walker, unit: UnitShape): Program {
  w.byte('minimum length of an instruction');
  if (unit.version >= 4) w.byte('maximum number of operations in an instruction');
  w.byte('is_stmt at first', 'flags');
  w.byte('line base');
  w.byte('line range');
  const opcodeBase = w.byte('opcode base');
  const lengths: number[] = [];
  for (let i = 1; i < opcodeBase; i++) lengths.push(w.byte(`operands of ${dwarfName('LNS', i)}`));
  if (unit.version >= 5) {
    formatted(w, unit, 'directory', 'directories');
    formatted(w, unit, 'file', 'files');
  } else {
    while (w.r.peek() !== 0) w.group('entry', 'directory', (one) => zeroString(one, 'path'));
    w.byte('end of the directories');
    while (w.r.peek() !== 0) w.group('entry', 'file', file);
    w.byte('end of the files');
  }
  return { opcodeBase, lengths };
}

function file(w: Walker): void {
  zeroString(w, 'path');
  w.u32('directory');
  w.u64('time of the last change');
  w.u64('size in bytes');
}

/** A list whose entries say in front how they are written (DWARF 5). */
function formatted(w: Walker, unit: UnitShape, one: string, many: string): void {
  const formats: (readonly [content: number, form: number])[] = [];
  const n = w.byte(`count of formats of ${many}`, 'count');
  for (let i = 0; i < n; i++) {
    w.group('entry', 'format', (format) => {
      formats[i] = [format.u32('content'), format.u32('form')];
    });
  }
  const count = w.u32(`count of ${many}`, 'count');
  // Entries without bytes would not bound the count.
  const hasBytes = formats.some(([, form]) => form !== FORM.flagPresent && form !== FORM.implicitConst);
  if (count > 0 && !hasBytes) malformed(w.pos, `malformed ${many}: they have no format`);
  if (count > w.r.left) w.r.unexpectedEnd();
  w.items(count, (items, i) => {
    items.group(
      'entry',
      one,
      (entry) => {
        for (const [content, form] of formats) {
          formValue(entry, form, dwarfName('LNCT', content), unit, false);
        }
      },
      i,
    );
  });
}

/** Opcodes up to an end of sequence, again and again. */
function sequences(w: Walker, program: Program): void {
  itemsUntil(
    w,
    () => false,
    (one) => {
      while (!one.atEnd && !opcode(one, program));
    },
    (inner, i, end) => inner.sized('entry', 'sequence', end, (one) => opcodes(one, program), { index: i }),
  );
}

function opcodes(w: Walker, program: Program): void {
  itemsUntil(
    w,
    () => false,
    (one) => void opcode(one, program),
    (inner) => void opcode(inner, program),
  );
}

/** One opcode. True if it ends the sequence. */
function opcode(w: Walker, program: Program): boolean {
  const { r } = w;
  const code = r.peek();
  if (code >= program.opcodeBase) {
    w.byte('special opcode');
    return false;
  }
  if (code !== 0) {
    if (!hasOperands(code, program)) w.byte(dwarfName('LNS', code));
    else w.group('entry', dwarfName('LNS', code), (one) => standard(one, program));
    return false;
  }
  let ends = false;
  const sub = extendedOpcode(w);
  w.group('entry', dwarfName('LNE', sub), (one) => {
    ends = extended(one);
  });
  return ends || sub === EXTENDED.endSequence;
}

function hasOperands(code: number, { lengths }: Program): boolean {
  return code === STANDARD.fixedAdvancePc || (lengths[code - 1] ?? 0) > 0;
}

function standard(w: Walker, { lengths }: Program): void {
  const code = w.byte('opcode');
  if (code === STANDARD.fixedAdvancePc) {
    w.u16le('advance');
    return;
  }
  for (let n = lengths[code - 1]; n > 0; n--) {
    if (code === STANDARD.advanceLine) w.s64('advance');
    else w.u64('operand');
  }
}

/** The number behind a zero byte and a length; -1 if it is not there. */
function extendedOpcode({ r }: Walker): number {
  let at = r.pos + 1;
  while (at < r.end && r.bytes[at] >= 0x80) at++;
  return at + 1 < r.end ? r.bytes[at + 1] : -1;
}

function extended(w: Walker): boolean {
  const { r } = w;
  w.byte('extended opcode follows');
  const n = w.size('length');
  const end = r.pos + n;
  if (n === 0) return false;
  const code = w.byte('opcode');
  switch (code) {
    case EXTENDED.endSequence:
      break;
    case EXTENDED.setAddress:
      address(w, 'address', n - 1);
      break;
    case EXTENDED.defineFile:
      file(w);
      break;
    case EXTENDED.setDiscriminator:
      w.u64('discriminator');
      break;
    default:
  }
  if (r.pos > end) malformed(end, 'malformed extended opcode: it is longer than it says');
  if (r.pos < end) w.bytes('operands, not known', end - r.pos);
  return code === EXTENDED.endSequence;
}
