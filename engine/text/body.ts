/**
 * Instruction sequences: function bodies and constant expressions, flat and folded (spec 6.5).
 *
 * Folded instructions are unfolded with an explicit stack, so depth costs memory and no host stack. The bytes go to
 * one writer, relative to where the expression begins; the head of a folded instruction waits in a second one until
 * its operands are written. A fault inside a function does not end the reading (later faults and names are still
 * found), but what was written from there on is replaced by `unreachable` and the ends that are missing.
 */

import { ByteWriter } from '../base/writer.ts';
import { writeOp } from '../binary/instr-write.ts';
import { instrByName, isDeprecatedName } from '../isa/isa.ts';
import { EXPECTED, Open, ROLES, Role, takesFlat, takesFolded } from './blocks.ts';
import { type Cursor, RECOVER } from './cursor.ts';
import { readerOfWord } from './immediates.ts';
import { Tok } from './lexer.ts';
import { Entry, type MapBuilder } from './map.ts';
import type { Names, NameTable } from './names.ts';
import type { Recording } from './output.ts';
import { Sp, type SymbolList } from './symbols.ts';
import { formEnd } from './tree.ts';
import type { Types } from './types.ts';
import { allWords, instrOfWord, wordText } from './words.ts';

const DEPRECATED = Uint8Array.from(allWords(), (name) => (isDeprecatedName(name) ? 1 : 0));
const UNREACHABLE = instrByName('unreachable')!.code;
const END = instrByName('end')!.code;
const ELSE = instrByName('else')!.code;

interface OpenForm {
  kind: Open;
  /** First and last token of the head, for the map. */
  first: number;
  last: number;
  /** Where its head waits in `side`. */
  mark: number;
  /** True if it holds a label. */
  label: boolean;
  /** A folded `if`: the token of the label that opens behind its condition; -1 for none. */
  id: number;
}

/** A label that is open. */
interface Label {
  /** Its number in the function, by order. */
  idx: number;
  name: string | undefined;
  /** The height that had this name before; -1 for none. */
  shadowed: number;
}

/** How many faults of one function are told. */
const MAX_FAULTS = 50;

/** How many instructions are read between two points where the work can be interrupted. */
const STEPS = 2048;

export class Body {
  readonly cursor: Cursor;
  readonly names: Names;
  readonly types: Types;
  /** Where instructions are written to. */
  readonly out: ByteWriter;
  /** True once an instruction named a data segment: the module needs a data count section. */
  usesData = false;
  /** Names of the labels of the function that was read last, by their numbers: the name section's label names. */
  labelNames = new Map<number, string>();
  private readonly symbols: SymbolList;
  private readonly map: MapBuilder;
  private readonly side = new ByteWriter(1024);
  private readonly forms: OpenForm[] = [];
  private depth = 0;
  private labels: Label[] = [];
  private labelTable = new Map<string, number>();
  private nextLabel = 0;
  /** The function being read; -1 in a constant expression. */
  private scope = -1;
  private localNames: NameTable = new Map();
  /** Where the current instruction begins in `out`. */
  private start = 0;
  /** Blocks written and not ended. */
  private openBlocks = 0;
  /** Where the first fault was: what is written from here on is thrown away. */
  private cut: { length: number; entries: number; openBlocks: number } | undefined;
  /** The open parenthesis of the folded instruction whose head is being read; -1 for none. */
  private pending = -1;
  /** Token of the label read last, and of the keyword in front of it. */
  private labelToken = -1;

  constructor(cursor: Cursor, names: Names, types: Types, { symbols, out, map }: Recording) {
    this.cursor = cursor;
    this.names = names;
    this.types = types;
    this.symbols = symbols;
    this.out = out;
    this.map = map;
  }

  /**
   * The instructions of function `funcIdx` up to its `)`, and the final `end`, which maps to that `)`, in steps. Returns
   * false if a fault was in it: then the code only keeps its place.
   */
  *func(funcIdx: number, locals: NameTable, close: number): Generator<void, boolean> {
    this.begin(funcIdx, locals);
    const cursor: Cursor = this.cursor;
    for (let faults = 0; ; ) {
      try {
        if (this.someSteps()) break;
        yield;
      } catch (error) {
        if (error !== RECOVER) throw error;
        this.spoil();
        if (++faults > MAX_FAULTS || cursor.kind === Tok.End) break;
        this.recover();
      }
    }
    const ok = !this.cut;
    this.finish(close);
    return ok;
  }

  /** The code of a function that could not be read at all. */
  placeholder(close: number): void {
    this.begin(-1, new Map());
    this.start = this.out.length;
    this.spoil();
    this.finish(close);
  }

  /** A constant expression up to the `)` around it, with its `end`, which maps to that `)`. Faults end it. */
  expr(): void {
    this.begin(-1, new Map());
    this.sequence();
    this.writeEnd(this.cursor.at);
  }

  /** A constant expression that is one folded instruction: `(elem (i32.const 0) …)`. */
  foldedExpr(): void {
    this.begin(-1, new Map());
    this.folded();
    while (this.depth > 0) this.step();
    this.writeEnd(this.cursor.last);
  }

  /** Reads an index of a module's space; a name that nobody has spoils the function and reads as 0. */
  index(space: Sp): number {
    const idx = this.names.index(space);
    if (idx >= 0) return idx;
    this.spoil();
    return 0;
  }

  local(): number {
    const idx = this.names.indexIn(Sp.Local, this.localNames, this.scope);
    if (idx >= 0) return idx;
    this.spoil();
    return 0;
  }

  /** Reads a label: its relative depth. */
  label(): number {
    const { cursor, labels } = this;
    const token = cursor.at;
    if (cursor.kind !== Tok.Id) {
      const depth = cursor.u32('a label');
      const label = labels[labels.length - 1 - depth];
      if (label || depth === labels.length) this.symbols.use(Sp.Label, label?.idx ?? -1, token, this.scope);
      return depth;
    }
    const name = this.names.idName(token);
    const height = this.labelTable.get(name);
    cursor.take();
    if (height === undefined) {
      this.names.unknown(Sp.Label, name, token, this.labelTable);
      this.spoil();
      return 0;
    }
    this.symbols.use(Sp.Label, labels[height].idx, token, this.scope);
    return labels.length - 1 - height;
  }

  /** Reads the label that a block may have; `pushLabel` opens it. */
  readLabel(): void {
    this.labelToken = this.cursor.tryId();
  }

  /** True if an index stands behind the current token. */
  secondIsIndex(): boolean {
    const kind = this.cursor.tokens.kinds[this.cursor.significant(this.cursor.at + 1)];
    return kind === Tok.Id || kind === Tok.Int;
  }

  /** True if `offset=`, `align=` or a number stands behind the current token. */
  secondIsMemargOrLane(): boolean {
    const { tokens } = this.cursor;
    const next = this.cursor.significant(this.cursor.at + 1);
    if (tokens.kinds[next] === Tok.Int) return true;
    return tokens.kinds[next] === Tok.Keyword && /^(offset|align)=/.test(this.cursor.text(next));
  }

  /** What is written from the current instruction on will not be kept. */
  spoil(): void {
    this.cut ??= { length: this.start, entries: this.map.length, openBlocks: this.openBlocks };
  }

  private begin(scope: number, locals: NameTable): void {
    this.scope = scope;
    this.localNames = locals;
    this.depth = 0;
    this.labels.length = 0;
    if (this.labelTable.size > 0) this.labelTable.clear();
    this.nextLabel = 0;
    if (this.labelNames.size > 0) this.labelNames = new Map();
    this.openBlocks = 0;
    this.cut = undefined;
    this.pending = -1;
    this.side.clear();
  }

  private finish(close: number): void {
    const { cut, out } = this;
    if (cut) {
      out.length = cut.length;
      this.map.length = cut.entries;
      this.mapHead(close, close);
      writeOp(out, UNREACHABLE);
      // Behind each end comes another one, so that no type of a block matters.
      for (let i = cut.openBlocks; i > 0; i--) {
        writeOp(out, END);
        writeOp(out, UNREACHABLE);
      }
    }
    this.writeEnd(close);
  }

  private writeEnd(token: number): void {
    this.mapHead(token, token);
    writeOp(this.out, END);
  }

  private mapHead(first: number, last: number): void {
    const { starts } = this.cursor.tokens;
    const end = last < this.cursor.tokens.count ? starts[last + 1] : starts[last];
    this.map.add(Entry.Instruction, this.out.length, starts[first], end);
  }

  private sequence(): void {
    while (!this.someSteps());
  }

  /** Reads some instructions; returns whether the `)` behind them is reached. */
  private someSteps(): boolean {
    for (let i = 0; i < STEPS; i++) {
      if (this.depth === 0 && this.cursor.kind === Tok.Close) return true;
      this.step();
    }
    return false;
  }

  private step(): void {
    const { kind } = this.cursor;
    this.start = this.out.length;
    if (kind === Tok.Keyword) this.flat();
    else if (kind === Tok.Open) this.folded();
    else if (kind === Tok.Close) this.closeForm();
    else this.cursor.unexpected('an instruction');
  }

  /** The innermost open form; a block's inside where there is none. */
  private get top(): Open {
    return this.depth > 0 ? this.forms[this.depth - 1].kind : Open.Block;
  }

  private flat(): void {
    const cursor: Cursor = this.cursor;
    const number = cursor.tokens.words[cursor.at];
    const role = ROLES[number];
    const { top } = this;
    if (role === Role.None || role >= Role.Then) cursor.unexpected('an instruction');
    if (!takesFlat(top)) cursor.unexpected('( or )');
    if (role === Role.Plain) {
      const start = this.out.length;
      const first = cursor.take();
      if (DEPRECATED[number]) this.deprecated(first);
      readerOfWord(number)!(this, instrOfWord(number)!);
      const { starts } = cursor.tokens;
      this.map.add(Entry.Instruction, start, starts[first], starts[cursor.last + 1]);
      return;
    }
    this.flatStructure(number, role, top);
  }

  private flatStructure(number: number, role: Role, top: Open): void {
    const cursor: Cursor = this.cursor;
    const first = cursor.at;
    switch (role) {
      case Role.Block:
      case Role.If:
      case Role.Try: {
        const start = this.out.length;
        cursor.take();
        readerOfWord(number)!(this, instrOfWord(number)!);
        this.mapFrom(start, first);
        this.openBlocks++;
        const kind = role === Role.If ? Open.FlatIf : role === Role.Try ? Open.FlatTry : Open.Flat;
        this.push(kind, first, cursor.last, 0, true);
        this.pushLabel(first);
        return;
      }
      case Role.Else: {
        if (top !== Open.FlatIf) cursor.unexpected('an instruction or end');
        cursor.take();
        this.matchLabel();
        this.mapHead(first, cursor.last);
        writeOp(this.out, ELSE);
        this.forms[this.depth - 1].kind = Open.Flat;
        return;
      }
      case Role.Catch:
      case Role.CatchAll: {
        if (top !== Open.FlatTry) cursor.unexpected('an instruction or end');
        const start = this.out.length;
        cursor.take();
        readerOfWord(number)!(this, instrOfWord(number)!);
        this.mapFrom(start, first);
        if (role === Role.CatchAll) this.forms[this.depth - 1].kind = Open.FlatCatchAll;
        return;
      }
      case Role.Delegate: {
        if (top !== Open.FlatTry) cursor.unexpected('an instruction or end');
        this.depth--;
        this.popLabel();
        const start = this.out.length;
        cursor.take();
        readerOfWord(number)!(this, instrOfWord(number)!);
        this.mapFrom(start, first);
        this.openBlocks--;
        return;
      }
      default:
        if (top === Open.Skip) {
          cursor.take();
          return;
        }
        if (top < Open.Flat) cursor.unexpected(') or an instruction');
        cursor.take();
        this.matchLabel();
        this.depth--;
        this.popLabel();
        this.mapHead(first, cursor.last);
        writeOp(this.out, END);
        this.openBlocks--;
    }
  }

  private folded(): void {
    const cursor: Cursor = this.cursor;
    const { tokens } = cursor;
    const { top } = this;
    const first = cursor.significant(cursor.at + 1);
    const number = first < cursor.limit ? tokens.words[first] : 0;
    const role = ROLES[number];
    if (role === Role.None || role === Role.End) cursor.unexpectedAt(first, 'an instruction');
    const isPart = role >= Role.Else;
    if (isPart) {
      this.part(number, role, top, first);
      return;
    }
    if (!takesFolded(top)) cursor.unexpectedAt(first, top === Open.AfterThen ? '(else or )' : ')');
    this.pending = cursor.at;
    const start = this.out.length;
    cursor.open();
    if (role === Role.Plain) {
      if (DEPRECATED[number]) this.deprecated(first);
      readerOfWord(number)!(this, instrOfWord(number)!);
      this.pending = -1;
      if (cursor.kind === Tok.Close) {
        this.mapFrom(start, first);
        cursor.take();
        return;
      }
      this.push(Open.Plain, first, cursor.last, this.setAside(start), false);
      return;
    }
    readerOfWord(number)!(this, instrOfWord(number)!);
    this.pending = -1;
    if (role === Role.If) {
      this.push(Open.Condition, first, cursor.last, this.setAside(start), false);
      this.forms[this.depth - 1].id = this.labelToken;
      return;
    }
    this.mapFrom(start, first);
    this.openBlocks++;
    this.push(role === Role.Try ? Open.Try : Open.Block, first, cursor.last, 0, true);
    this.pushLabel(first);
  }

  /** `(then`, `(else`, `(do`, `(catch`, `(catch_all`, `(delegate`. */
  private part(number: number, role: Role, top: Open, first: number): void {
    const cursor: Cursor = this.cursor;
    const form = this.forms[this.depth - 1];
    const start = this.out.length;
    let next: Open;
    if (top === Open.Skip) next = Open.Skip;
    else if (role === Role.Then && top === Open.Condition) {
      this.putBack(form);
      this.openBlocks++;
      this.labelToken = form.id;
      form.label = true;
      this.pushLabel(form.first);
      next = Open.AfterThen;
    } else if (role === Role.Else && top === Open.AfterThen) next = Open.AfterElse;
    else if (role === Role.Do && top === Open.Try) next = Open.AfterDo;
    else if (role === Role.Catch && top === Open.AfterDo) next = Open.AfterDo;
    else if (role === Role.CatchAll && top === Open.AfterDo) next = Open.AfterCatchAll;
    else if (role === Role.Delegate && top === Open.AfterDo && !this.hasCatch(form))
      next = Open.AfterDelegate;
    else cursor.unexpectedAt(first, EXPECTED[top]);
    this.pending = cursor.at;
    cursor.open();
    if (role === Role.Catch) form.last = ~form.last;
    form.kind = next;
    if (role === Role.Delegate && next !== Open.Skip) {
      form.label = false;
      this.popLabel();
      this.openBlocks--;
    }
    if (role !== Role.Then && role !== Role.Do) {
      readerOfWord(number)!(this, instrOfWord(number)!);
      this.mapFrom(start, first);
    }
    this.pending = -1;
    if (role === Role.Delegate) cursor.close();
    else this.push(next === Open.Skip ? Open.Skip : Open.Part, first, cursor.last, 0, false);
  }

  /** A try with a catch marks it in `last`, which its map does not need any more. */
  private hasCatch(form: OpenForm): boolean {
    return form.last < 0;
  }

  private closeForm(): void {
    const cursor: Cursor = this.cursor;
    const form = this.forms[this.depth - 1];
    switch (form.kind) {
      case Open.Plain:
        this.putBack(form);
        break;
      case Open.Block:
      case Open.AfterThen:
      case Open.AfterElse:
      case Open.AfterDo:
      case Open.AfterCatchAll:
        this.writeEnd(cursor.at);
        this.openBlocks--;
        break;
      case Open.Part:
      case Open.Skip:
      case Open.AfterDelegate:
        break;
      default:
        cursor.unexpected(EXPECTED[form.kind]);
    }
    cursor.take();
    this.depth--;
    if (form.label) this.popLabel();
  }

  /** After a fault: goes to where an instruction, a form or a `)` begins, and always forward. */
  private recover(): void {
    const cursor: Cursor = this.cursor;
    const { kinds, words } = cursor.tokens;
    if (this.pending >= 0) {
      // The head was not finished: its form is open, its operands are still read for their names.
      this.push(Open.Skip, this.pending, this.pending, 0, false);
      this.pending = -1;
    } else if (cursor.kind === Tok.Close) {
      if (this.depth === 0) return;
      const form = this.forms[--this.depth];
      if (form.label) this.popLabel();
      if (form.kind < Open.Flat || form.kind === Open.Skip) cursor.take();
    } else if (cursor.kind === Tok.Open) {
      this.skipAround();
      cursor.seek(formEnd(cursor.tree, cursor.at));
    } else {
      this.skipAround();
      cursor.take();
    }
    for (; cursor.at < cursor.limit; cursor.take()) {
      const kind = kinds[cursor.at];
      if (kind === Tok.Open || kind === Tok.Close) return;
      if (kind === Tok.Keyword && ROLES[words[cursor.at]] !== Role.None) return;
    }
  }

  /** What a form around a fault still lacks (a `then`, a `)`) may be in what is left out: it is not asked for. */
  private skipAround(): void {
    if (this.depth === 0) return;
    const form = this.forms[this.depth - 1];
    if (form.kind !== Open.Block && form.kind !== Open.Part && form.kind < Open.Flat) form.kind = Open.Skip;
  }

  private push(kind: Open, first: number, last: number, mark: number, label: boolean): void {
    const form = this.forms[this.depth];
    if (form) {
      form.kind = kind;
      form.first = first;
      form.last = last;
      form.mark = mark;
      form.label = label;
    } else {
      this.forms.push({ kind, first, last, mark, label, id: -1 });
    }
    this.depth++;
  }

  private pushLabel(keyword: number): void {
    const { labels, labelTable } = this;
    const idx = this.nextLabel++;
    const cursor: Cursor = this.cursor;
    const id = this.labelToken;
    let name: string | undefined;
    let shadowed = -1;
    if (id >= 0) {
      name = this.names.idName(id);
      shadowed = labelTable.get(name) ?? -1;
      labelTable.set(name, labels.length);
      this.labelNames.set(idx, name);
    }
    labels.push({ idx, name, shadowed });
    const field = { start: cursor.tokens.starts[keyword], end: cursor.tokens.starts[cursor.last + 1] };
    this.names.add(Sp.Label, idx, id >= 0 ? id : keyword, name, field, this.scope);
  }

  private popLabel(): void {
    const label = this.labels.pop();
    if (label?.name === undefined) return;
    if (label.shadowed >= 0) this.labelTable.set(label.name, label.shadowed);
    else this.labelTable.delete(label.name);
  }

  /** The label that `else` and `end` may repeat. */
  private matchLabel(): void {
    const cursor: Cursor = this.cursor;
    const token = cursor.tryId();
    if (token < 0) return;
    const label = this.labels[this.labels.length - 1];
    if (label.name !== undefined && this.names.idName(token) === label.name) {
      this.symbols.use(Sp.Label, label.idx, token, this.scope);
      return;
    }
    const called =
      label.name === undefined ? 'this block has no label' : `this block is called $${label.name}`;
    cursor.note(`mismatching label ${cursor.text(token)}`, token, [{ message: called }]);
  }

  private deprecated(token: number): void {
    const number = this.cursor.tokens.words[token];
    const now = instrOfWord(number)!.name;
    const notes = [{ message: `the instruction is called \`${now}\` now` }];
    this.cursor.note(`unknown operator ${wordText(number)}`, token, notes);
  }

  private mapFrom(start: number, first: number): void {
    const { starts } = this.cursor.tokens;
    this.map.add(Entry.Instruction, start, starts[first], starts[this.cursor.last + 1]);
  }

  /** Moves what was written from `start` on into `side`; returns where it stands there. */
  private setAside(start: number): number {
    const mark = this.side.length;
    this.side.bytes(this.out.view().subarray(start));
    this.out.length = start;
    return mark;
  }

  /** Writes a head that waited in `side`, which ends with it. */
  private putBack(form: OpenForm): void {
    this.mapHead(form.first, form.last);
    this.out.bytes(this.side.view().subarray(form.mark));
    this.side.length = form.mark;
  }
}
