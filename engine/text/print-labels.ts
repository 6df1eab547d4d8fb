/**
 * The labels that are open while a body is printed: how a branch to each is written, and with them the text of each
 * instruction.
 *
 * A label has the name that the module gives it, where no inner block hides that; else it is written as its depth, with a
 * comment. How lines stand below each other is print.ts's and fold.ts's business.
 */

import type { InstrReader } from '../binary/instr.ts';
import { instrByCode } from '../isa/isa.ts';
import type { Module } from '../module/module.ts';
import { type ModuleIds, NoIds } from './ids.ts';
import type { Line } from './print.ts';
import { type InstrContext, instrText } from './print-instr.ts';
import { writtenId } from './strings.ts';

/** The labels that are open while a body is read, and the texts of its instructions. */
export class Labels implements InstrContext {
  readonly module: Module;
  readonly ids: ModuleIds;
  readonly locals: readonly (string | undefined)[];
  blockLabel = '';
  /** How many blocks are open behind the instruction. */
  depth = 0;
  /** False for what stands on the level of its block: its head, `else`, `end` … */
  isInside = true;
  /** Some instruction read so far names a data segment. */
  usesData = false;
  /** What a line says about a label without a name. */
  comment = '';
  /** Ids of the open blocks. */
  private readonly open: (string | undefined)[] = [];
  /** Where the innermost open block of each id stands, and where that of the same id around a block does. */
  private readonly innermost = new Map<string, number>();
  private readonly hidden: (number | undefined)[] = [];
  private next = 0;
  private readonly funcIdx: number;
  private readonly named: boolean;

  constructor(module: Module, ids: ModuleIds, funcIdx: number, locals: readonly (string | undefined)[]) {
    this.module = module;
    this.ids = ids;
    this.funcIdx = funcIdx;
    this.locals = locals;
    this.named = funcIdx >= 0 && !(ids instanceof NoIds);
  }

  /** The instruction that the reader has just read. */
  line(r: InstrReader): Line {
    const instr = instrByCode(r.code)!;
    const { name, shape } = instr;
    this.comment = '';
    this.isInside = true;
    if (shape === 'block' || shape === 'catches') return this.block(r);
    const { offset, code } = r;
    if (shape === 'data' || shape === 'dataMemory' || shape === 'typeData') this.usesData = true;
    if (name === 'end' || name === 'delegate') {
      this.close();
    }
    const text = instrText(r, this);
    if (name === 'else' || name === 'catch' || name === 'catch_all') this.isInside = false;
    return { text, offset, code };
  }

  label(depth: number): string {
    const { open } = this;
    const at = open.length - 1 - depth;
    const id = open[at];
    // A name that an inner block has too means that one.
    if (id !== undefined && this.innermost.get(id) === at) return id;
    return at < 0 ? String(depth) : `${depth} (;@${at + 1};)`;
  }

  private close(): void {
    const id = this.open.pop();
    const around = this.hidden.pop();
    if (id !== undefined && around !== undefined) this.innermost.set(id, around);
    else if (id !== undefined) this.innermost.delete(id);
    this.depth = this.open.length;
  }

  private block(r: InstrReader): Line {
    const name = this.named ? this.module.names.label(this.funcIdx, this.next) : undefined;
    this.next++;
    const id = name ? writtenId(name) : undefined;
    this.blockLabel = id === undefined ? '' : ` ${id}`;
    const line = { text: instrText(r, this), offset: r.offset, code: r.code };
    this.hidden.push(id === undefined ? undefined : this.innermost.get(id));
    if (id !== undefined) this.innermost.set(id, this.open.length);
    this.open.push(id);
    this.depth = this.open.length;
    this.isInside = false;
    if (id === undefined) this.comment = ` (;@${this.depth};)`;
    return line;
  }
}
