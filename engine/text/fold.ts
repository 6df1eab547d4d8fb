/**
 * Lays a function body out in folded form: operands nested in their instructions (spec 6.5.11).
 *
 * The text format lets any number of operands be nested, so nesting needs no typing: where it is not known how many
 * operands an instruction takes, or how many results, it stands on its own and the text means the same. Blocks are
 * never nested as operands, so depth is bounded and nothing recurses on the depth of blocks.
 */

import type { InstrReader } from '../binary/instr.ts';
import { type Instr, instrByCode, type SpecialName } from '../isa/isa.ts';
import { funcTypeAt, type Module } from '../module/module.ts';
import type { Line } from './print.ts';

/** Where the laid out text goes. */
export interface FoldSink {
  raw(text: string): void;
  instr(line: Line): void;
  /** What stands in front of the instruction at this offset, with a space behind it; empty for nothing. */
  hint(offset: number): string;
  /** A `)` that stands for the `end` at this offset. */
  end(offset: number): void;
}

interface Node {
  readonly line: Line;
  readonly children: readonly Node[];
  readonly results: number;
  readonly depth: number;
  readonly width: number;
}

const MAX_DEPTH = 64;
const MAX_WIDTH = 90;

/** Operands and results of instructions whose type is a rule; what is missing is not folded. */
const ARITY: Readonly<Partial<Record<SpecialName, readonly [operands: number, results: number]>>> = {
  drop: [1, 0],
  select: [3, 1],
  br_if: [1, 0],
  br_table: [1, 0],
  'local.get': [0, 1],
  'local.set': [1, 0],
  'local.tee': [1, 1],
  'global.get': [0, 1],
  'global.set': [1, 0],
  'ref.null': [0, 1],
  'ref.func': [0, 1],
  'memory.copy': [3, 0],
  'table.init': [3, 0],
  'table.copy': [3, 0],
  'table.get': [1, 1],
  'table.set': [2, 0],
};

/** Prints a whole body, the final `)` of the function included. `reader` is what `lines` are read from. */
export function foldBody(
  module: Module,
  reader: InstrReader,
  lines: Iterable<Line>,
  indents: Indents,
  sink: FoldSink,
): void {
  new Folder(module, reader, indents, sink).body(lines);
}

/** Deeper lines are not indented any more: 100,000 nested blocks would be a text of 10 GB. */
const MAX_LEVEL = 100;

/** The spaces in front of a line, by level of nesting. */
export class Indents {
  private readonly made: string[];
  private readonly step: string;

  constructor(first: string, step: string) {
    this.made = [first];
    this.step = step;
  }

  at(level: number): string {
    const { made } = this;
    const bounded = Math.min(Math.max(level, 0), MAX_LEVEL);
    while (made.length <= bounded) made.push(made[made.length - 1] + this.step);
    return made[bounded];
  }
}

class Folder {
  private pending: Node[] = [];
  /** How many parentheses each open block has: `(block` one, `(if … (then` two. */
  private readonly open: number[] = [];
  private level = 0;
  private readonly module: Module;
  private readonly reader: InstrReader;
  private readonly indents: Indents;
  private readonly sink: FoldSink;

  constructor(module: Module, reader: InstrReader, indents: Indents, sink: FoldSink) {
    this.module = module;
    this.reader = reader;
    this.indents = indents;
    this.sink = sink;
  }

  body(lines: Iterable<Line>): void {
    for (const line of lines) {
      const instr = instrByCode(line.code);
      if (!instr) {
        // The bytes are malformed from here on: the line is a comment that says so.
        this.flush();
        this.newLine(line.text);
        this.sink.raw(')'.repeat(this.open.reduce((sum, n) => sum + n, 1)));
        return;
      }
      this.instruction(line, instr);
    }
  }

  private instruction(line: Line, instr: Instr): void {
    const { name, shape } = instr;
    if (shape === 'block' || shape === 'catches') this.openBlock(line, name);
    else if (name === 'else' || name === 'catch' || name === 'catch_all') this.nextPart(line);
    else if (name === 'end') this.closeBlock(line);
    else if (name === 'delegate') this.delegate(line);
    else this.plain(line, instr);
  }

  private plain(line: Line, instr: Instr): void {
    const [operands, results] = this.arity(instr);
    const children = this.takeOperands(operands);
    const depth = 1 + children.reduce((max, child) => Math.max(max, child.depth), 0);
    const width = children.reduce((sum, child) => sum + child.width + 1, line.text.length + 2);
    this.pending.push({ line, children, results, depth, width });
    if (this.pending.length > 1000) this.flush();
  }

  /** The nodes directly before, each with one result, as far as they go. */
  private takeOperands(count: number): Node[] {
    const { pending } = this;
    let first = pending.length;
    while (pending.length - first < count && first > 0) {
      const { results, depth } = pending[first - 1];
      if (results !== 1 || depth >= MAX_DEPTH) break;
      first--;
    }
    return pending.splice(first);
  }

  private openBlock(line: Line, name: string): void {
    const [condition] = name === 'if' ? this.takeOperands(1) : [];
    this.flush();
    this.newLine(`${this.sink.hint(line.offset)}(`);
    this.sink.instr(line);
    this.level++;
    if (condition) this.node(condition);
    if (name !== 'if' && name !== 'try') {
      this.open.push(1);
      return;
    }
    this.newLine(name === 'if' ? '(then' : '(do');
    this.level++;
    this.open.push(2);
  }

  private nextPart(line: Line): void {
    this.flush();
    this.level--;
    this.sink.raw(')');
    this.newLine('(');
    this.sink.instr(line);
    this.level++;
  }

  private delegate(line: Line): void {
    this.nextPart(line);
    this.open.pop();
    this.level--;
    this.level--;
    this.sink.raw('))');
  }

  private closeBlock(line: Line): void {
    this.flush();
    const parens = this.open.pop();
    for (let i = 1; i < (parens ?? 0); i++) {
      this.level--;
      this.sink.raw(')');
    }
    if (parens !== undefined) this.level--;
    this.sink.end(line.offset);
  }

  private flush(): void {
    for (const node of this.pending) this.node(node);
    this.pending = [];
  }

  /** A node on lines of its own. */
  private node(node: Node): void {
    this.newLine('');
    this.nested(node);
  }

  private nested({ line, children, width }: Node): void {
    this.sink.raw(`${this.sink.hint(line.offset)}(`);
    this.sink.instr(line);
    if (this.indents.at(this.level).length + width <= MAX_WIDTH) {
      for (const child of children) {
        this.sink.raw(' ');
        this.nested(child);
      }
    } else {
      this.level++;
      for (const child of children) this.node(child);
      this.level--;
    }
    this.sink.raw(')');
  }

  private newLine(text: string): void {
    this.sink.raw(`\n${this.indents.at(this.level)}${text}`);
  }

  private arity(instr: Instr): readonly [operands: number, results: number] {
    const { reader, module } = this;
    if (!instr.special) return [instr.params.length, instr.results.length];
    const known = ARITY[instr.name as SpecialName];
    if (known) return known;
    const isFunc = instr.shape === 'func';
    if (!isFunc && instr.shape !== 'tableType') return [0, 0];
    const typeIdx = isFunc ? module.funcs[reader.a]?.typeIdx : reader.a;
    const type = funcTypeAt(module, typeIdx);
    if (!type) return [0, 0];
    // A tail call's results are its caller's: nothing comes behind it.
    return [type.params.length + (isFunc ? 0 : 1), type.results.length];
  }
}
