/**
 * Scripts: the commands of a `.wast` file (the reference interpreter's script language, extended by the proposals).
 *
 * Parses commands, never runs them. Modules stay forms in the tree: their runner assembles them when it comes to
 * them. A command with a fault is left out and the fault noted; the others are read. Knows the values that a script
 * can write (arguments, and the patterns that results are held against), as bits.
 */

import type { Fault, Span } from '../base/errors.ts';
import { parseFloat32, parseFloat64, parseInt32, parseInt64, parseIntN } from '../base/numbers.ts';
import { F32, F64, HEAP, type HeapType, I32, I64, V128, type ValType } from '../isa/types.ts';
import { type AssembleOptions, type Assembly, assemble, stringsAt } from './assemble.ts';
import { Cursor, RECOVER } from './cursor.ts';
import { Tok } from './lexer.ts';
import { type ComponentPattern, isComponentConst, readComponentConst } from './script-component.ts';
import { type KnownCommands, knownCommands, type OlderScript } from './script-edit.ts';
import { idName } from './strings.ts';
import { formEnd, type Tree } from './tree.ts';
import { word, wordText } from './words.ts';

/** How a module is given. */
export interface ModuleForm {
  /** The open parenthesis of `(module`; for a file of bare fields the first one. */
  readonly form: number;
  readonly span: Span;
  /** Without `$`. */
  readonly name?: string;
  readonly source: 'text' | 'binary' | 'quote' | 'fields' | 'component';
  /** `(module definition …)`: to be instantiated by `(module instance …)` only. */
  readonly definition: boolean;
}

/** An argument or an exact result: numbers as bits, zero-extended; references as scripts can name them. */
export type ScriptValue =
  | { readonly kind: 'num'; readonly type: ValType; readonly bits: bigint }
  /** A null reference; without a heap type it matches every null. */
  | { readonly kind: 'null'; readonly heap?: HeapType }
  /** `(ref.extern n)` and `(ref.host n)`: the host's reference number n. */
  | { readonly kind: 'extern' | 'host'; readonly value: number }
  /** A value of a component; parts of an expected one may be patterns. */
  | { readonly kind: 'component'; readonly value: ComponentPattern };

/** What a result may be. */
export type ResultPattern =
  | ScriptValue
  | { readonly kind: 'nan'; readonly type: ValType; readonly nan: 'canonical' | 'arithmetic' }
  | { readonly kind: 'lanes'; readonly shape: LaneShape; readonly lanes: readonly LanePattern[] }
  /** Any non-null reference of this kind: `(ref.func)`, `(ref.struct)`, … */
  | { readonly kind: 'ref'; readonly heap: HeapType }
  | { readonly kind: 'either'; readonly of: readonly ResultPattern[] };

export type LaneShape = 'i8x16' | 'i16x8' | 'i32x4' | 'i64x2' | 'f32x4' | 'f64x2';
export type LanePattern = bigint | 'nan:canonical' | 'nan:arithmetic';

export type Action =
  | {
      readonly kind: 'invoke';
      /** The instance's name without `$`; undefined: the last one. */
      readonly module?: string;
      readonly name: string;
      readonly args: readonly ScriptValue[];
      readonly span: Span;
    }
  | { readonly kind: 'get'; readonly module?: string; readonly name: string; readonly span: Span };

export type Command = { readonly span: Span } & (
  | { readonly kind: 'module'; readonly module: ModuleForm }
  | {
      readonly kind: 'instance';
      /** What it is an instance of. */
      readonly of: 'module' | 'component';
      readonly name?: string;
      readonly definition?: string;
    }
  | { readonly kind: 'register'; readonly as: string; readonly module?: string }
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'assert_return'; readonly action: Action; readonly results: readonly ResultPattern[] }
  | {
      readonly kind: 'assert_exception' | 'assert_suspension';
      readonly action: Action;
      readonly message: string;
    }
  | { readonly kind: 'assert_exhaustion'; readonly action: Action; readonly message: string }
  /** A trap of an action, or of instantiating a module. */
  | {
      readonly kind: 'assert_trap';
      readonly action?: Action;
      readonly module?: ModuleForm;
      readonly message: string;
    }
  | {
      readonly kind:
        | 'assert_malformed'
        | 'assert_malformed_custom'
        | 'assert_invalid'
        | 'assert_invalid_custom'
        | 'assert_unlinkable';
      readonly module: ModuleForm;
      readonly message: string;
    }
  | {
      readonly kind: 'thread';
      readonly name?: string;
      /** Instances that the thread shares, by name. */
      readonly shared: readonly string[];
      readonly commands: readonly Command[];
    }
  | { readonly kind: 'wait'; readonly thread?: string }
);

export interface Script {
  readonly tree: Tree;
  readonly commands: readonly Command[];
  /** Faults of commands and of parentheses; not those inside modules. */
  readonly faults: readonly Fault[];
}

/** Parses the commands of a script. A file of bare module fields is one module. */
export function parseScript(tree: Tree): Script {
  const steps = parsingScript(tree);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same in steps. Of an `older` text's script, the commands outside of what differs are taken over. */
export function* parsingScript(tree: Tree, older?: OlderScript): Generator<void, Script> {
  const parser = new ScriptParser(tree, older && knownCommands(older, tree));
  const commands = yield* parser.topCommands();
  const outside = tree.faults.filter(({ span }) => span && !isInside(commands, span));
  return { tree, commands, faults: [...outside, ...parser.faults] };
}

/** True if a range lies in one of the commands, which are in the order of the text. */
function isInside(commands: readonly Command[], { start, end }: Span): boolean {
  let low = 0;
  let high = commands.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    if (commands[mid].span.start <= start) low = mid + 1;
    else high = mid - 1;
  }
  return high >= 0 && end <= commands[high].span.end;
}

/** Assembles the module of a command, however it is given. Components are not assembled here. */
export function assembleForm(tree: Tree, module: ModuleForm, options?: AssembleOptions): Assembly {
  return assemble(tree, module.source === 'fields' ? undefined : module.form, options);
}

const W = {
  module: word('module'),
  component: word('component'),
  binary: word('binary'),
  quote: word('quote'),
  definition: word('definition'),
  instance: word('instance'),
  shared: word('shared'),
  invoke: word('invoke'),
  get: word('get'),
  either: word('either'),
  nanCanonical: word('nan:canonical'),
  nanArithmetic: word('nan:arithmetic'),
};

const NUMBERS: Readonly<Record<string, ValType>> = {
  'i32.const': I32,
  'i64.const': I64,
  'f32.const': F32,
  'f64.const': F64,
};

const LANE_SHAPES: Readonly<
  Record<LaneShape, readonly [count: number, bits: 8 | 16 | 32 | 64, float: boolean]>
> = {
  i8x16: [16, 8, false],
  i16x8: [8, 16, false],
  i32x4: [4, 32, false],
  i64x2: [2, 64, false],
  f32x4: [4, 32, true],
  f64x2: [2, 64, true],
};

const REF_PATTERNS: Readonly<Record<string, HeapType>> = {
  'ref.func': HEAP.func,
  'ref.extern': HEAP.extern,
  'ref.any': HEAP.any,
  'ref.eq': HEAP.eq,
  'ref.i31': HEAP.i31,
  'ref.struct': HEAP.struct,
  'ref.array': HEAP.array,
};

/** How many commands are read between two points where the work can be interrupted. */
const STEPS = 128;

class ScriptParser {
  readonly faults: Fault[] = [];
  private readonly cursor: Cursor;
  private readonly tree: Tree;
  private readonly known: KnownCommands | undefined;

  constructor(tree: Tree, known?: KnownCommands) {
    this.tree = tree;
    this.known = known;
    this.cursor = new Cursor(tree, this.faults);
    this.cursor.seek(0);
  }

  /** The commands of the whole text, in steps; a file may be a module's fields. */
  *topCommands(): Generator<void, Command[]> {
    const cursor: Cursor = this.cursor;
    if (cursor.kind === Tok.Open && FIELD_WORDS.has(wordText(cursor.formWord()))) {
      const span = { start: 0, end: this.tree.tokens.text.length };
      const module: ModuleForm = { form: cursor.at, span, source: 'fields', definition: false };
      return [{ kind: 'module', module, span }];
    }
    const out: Command[] = [];
    while (cursor.kind !== Tok.End) {
      const { start, end } = cursor.formSpan(cursor.at);
      const known = cursor.kind === Tok.Open ? this.known?.(start, end) : undefined;
      if (known) {
        out.push(known);
        cursor.seek(formEnd(this.tree, cursor.at));
      } else {
        this.next(out);
      }
      if (out.length % STEPS === 0) yield;
    }
    return out;
  }

  /** Commands up to the end of the form around the cursor. */
  private commands(): Command[] {
    const out: Command[] = [];
    while (this.cursor.kind !== Tok.End && !this.cursor.isClose()) this.next(out);
    return out;
  }

  /** Reads one command, or what should be one. */
  private next(out: Command[]): void {
    const cursor: Cursor = this.cursor;
    const start = cursor.at;
    const before = cursor.limit;
    try {
      if (cursor.kind !== Tok.Open) cursor.unexpected('a command');
      cursor.enterForm(start);
      out.push(this.command(start));
    } catch (error) {
      if (error !== RECOVER) throw error;
    }
    cursor.limit = before;
    cursor.seek(cursor.tokens.kinds[start] === Tok.Open ? formEnd(this.tree, start) : start + 1);
  }

  /** The value that is all there is. */
  only(): ScriptValue | undefined {
    try {
      const value = this.value();
      return this.cursor.kind === Tok.End ? value : undefined;
    } catch (error) {
      if (error !== RECOVER) throw error;
      return undefined;
    }
  }

  private command(open: number): Command {
    const cursor: Cursor = this.cursor;
    const span = cursor.formSpan(open);
    const keyword = wordText(cursor.kind === Tok.Keyword ? cursor.tokens.words[cursor.at] : 0);
    switch (keyword) {
      case 'module':
      case 'component':
        return this.moduleCommand(open, span);
      case 'invoke':
      case 'get':
        return { kind: 'action', action: this.action(open), span };
      case 'register': {
        cursor.take();
        const as = cursor.name('a module name');
        return { kind: 'register', as, module: this.name(), span };
      }
      case 'assert_return': {
        cursor.take();
        const action = this.actionForm();
        const results: ResultPattern[] = [];
        while (!cursor.isClose()) results.push(this.pattern());
        return { kind: 'assert_return', action, results, span };
      }
      case 'assert_exception':
      case 'assert_suspension':
      case 'assert_exhaustion': {
        cursor.take();
        const action = this.actionForm();
        return { kind: keyword, action, message: this.message(), span };
      }
      case 'assert_trap': {
        cursor.take();
        if (!this.isModule())
          return { kind: keyword, action: this.actionForm(), message: this.message(), span };
        return { kind: keyword, module: this.moduleArgument(), message: this.message(), span };
      }
      case 'assert_malformed':
      case 'assert_malformed_custom':
      case 'assert_invalid':
      case 'assert_invalid_custom':
      case 'assert_unlinkable': {
        cursor.take();
        if (!this.isModule()) cursor.unexpected('(module');
        return { kind: keyword, module: this.moduleArgument(), message: this.message(), span };
      }
      case 'thread': {
        cursor.take();
        const name = this.name();
        const shared: string[] = [];
        while (cursor.isForm(W.shared)) {
          cursor.open();
          // (shared (module $m))
          cursor.open();
          const id = this.name();
          if (id === undefined) cursor.unexpected('a name');
          shared.push(id);
          cursor.close();
          cursor.close();
        }
        return { kind: 'thread', name, shared, commands: this.commands(), span };
      }
      case 'wait':
        cursor.take();
        return { kind: 'wait', thread: this.name(), span };
      default:
        return cursor.unexpected('a command');
    }
  }

  private moduleCommand(open: number, span: Span): Command {
    const cursor: Cursor = this.cursor;
    const behind = cursor.significant(cursor.at + 1);
    if (cursor.tokens.words[behind] !== W.instance)
      return { kind: 'module', module: this.moduleForm(open), span };
    const of = cursor.tokens.words[cursor.take()] === W.component ? 'component' : 'module';
    cursor.take();
    const name = this.name();
    const definition = this.name();
    cursor.close();
    return { kind: 'instance', of, name, definition, span };
  }

  private isModule(): boolean {
    const number = this.cursor.formWord();
    return number === W.module || number === W.component;
  }

  private moduleArgument(): ModuleForm {
    const cursor: Cursor = this.cursor;
    const open = cursor.at;
    const before = cursor.enterForm(open);
    const module = this.moduleForm(open);
    cursor.limit = before;
    cursor.seek(formEnd(this.tree, open));
    return module;
  }

  /** The cursor stands at the keyword `module` or `component`. */
  private moduleForm(open: number): ModuleForm {
    const cursor: Cursor = this.cursor;
    const isComponent = cursor.tokens.words[cursor.at] === W.component;
    cursor.take();
    let definition = cursor.tryWord(W.definition);
    const name = this.name();
    definition = cursor.tryWord(W.definition) || definition;
    const number = cursor.kind === Tok.Keyword ? cursor.tokens.words[cursor.at] : 0;
    const source = isComponent
      ? 'component'
      : number === W.binary
        ? 'binary'
        : number === W.quote
          ? 'quote'
          : 'text';
    return { form: open, span: cursor.formSpan(open), name, source, definition };
  }

  private actionForm(): Action {
    const cursor: Cursor = this.cursor;
    const number = cursor.formWord();
    if (number !== W.invoke && number !== W.get) cursor.unexpected('(invoke …) or (get …)');
    const open = cursor.at;
    const before = cursor.enterForm(open);
    const action = this.action(open);
    cursor.limit = before;
    return action;
  }

  /** The cursor stands at the keyword; leaves the form. */
  private action(open: number): Action {
    const cursor: Cursor = this.cursor;
    const isInvoke = cursor.tokens.words[cursor.take()] === W.invoke;
    const module = this.name();
    const name = cursor.name('an export name');
    const args: ScriptValue[] = [];
    while (isInvoke && !cursor.isClose()) args.push(this.value());
    cursor.close();
    const span = cursor.formSpan(open);
    return isInvoke ? { kind: 'invoke', module, name, args, span } : { kind: 'get', module, name, span };
  }

  private value(): ScriptValue {
    const token = this.cursor.at;
    const pattern = this.pattern();
    if (pattern.kind === 'lanes') {
      const bits = laneBits(pattern.shape, pattern.lanes);
      if (bits !== undefined) return { kind: 'num', type: V128, bits };
    }
    switch (pattern.kind) {
      case 'num':
      case 'null':
      case 'extern':
      case 'host':
      case 'component':
        return pattern;
      default:
        return this.cursor.unexpectedAt(this.cursor.significant(token + 1), 'a value');
    }
  }

  private pattern(): ResultPattern {
    const cursor: Cursor = this.cursor;
    if (cursor.kind !== Tok.Open) cursor.unexpected('a value');
    cursor.take();
    const pattern = this.barePattern();
    cursor.close();
    return pattern;
  }

  /** A value without its parentheses, up to the `)` of what it stands in. */
  private barePattern(): ResultPattern {
    const cursor: Cursor = this.cursor;
    const first = cursor.at;
    const keyword = cursor.kind === Tok.Keyword ? wordText(cursor.tokens.words[first]) : '';
    if (!cursor.isClose()) cursor.take();
    return this.patternOf(keyword, first);
  }

  private patternOf(keyword: string, first: number): ResultPattern {
    const cursor: Cursor = this.cursor;
    const type = NUMBERS[keyword];
    if (type !== undefined) return this.number(type);
    if (keyword === 'v128.const') return this.lanes();
    const word = cursor.text(first);
    if (isComponentConst(word)) {
      const value = readComponentConst(cursor, word, () =>
        cursor.kind === Tok.Open ? this.pattern() : this.barePattern(),
      );
      return { kind: 'component', value };
    }
    if (keyword === 'either') {
      const of: ResultPattern[] = [];
      while (!cursor.isClose()) of.push(this.pattern());
      return { kind: 'either', of };
    }
    if (keyword === 'ref.null')
      return cursor.isClose() ? { kind: 'null' } : { kind: 'null', heap: this.heap() };
    if (keyword === 'ref.host') return { kind: 'host', value: cursor.u32() };
    if (keyword === 'ref.extern' && cursor.kind === Tok.Int) return { kind: 'extern', value: cursor.u32() };
    const heap = REF_PATTERNS[keyword];
    if (heap === undefined) cursor.unexpectedAt(first, 'a value');
    // (ref.func 3), (ref.i31 7): which one it is cannot be told from outside.
    if (cursor.kind === Tok.Int || cursor.kind === Tok.Id) cursor.take();
    return { kind: 'ref', heap };
  }

  private heap(): HeapType | undefined {
    const cursor: Cursor = this.cursor;
    if (cursor.kind !== Tok.Keyword) {
      cursor.take();
      return undefined;
    }
    const name = wordText(cursor.tokens.words[cursor.at]) as keyof typeof HEAP;
    if (HEAP[name] === undefined) cursor.unexpected('a heap type');
    cursor.take();
    return HEAP[name];
  }

  private number(type: ValType): ResultPattern {
    const cursor: Cursor = this.cursor;
    const isFloat = type === F32 || type === F64;
    if (isFloat && cursor.tryWord(W.nanCanonical)) return { kind: 'nan', type, nan: 'canonical' };
    if (isFloat && cursor.tryWord(W.nanArithmetic)) return { kind: 'nan', type, nan: 'arithmetic' };
    if (cursor.kind !== Tok.Int && cursor.kind !== Tok.Float) cursor.unexpected('a number');
    const bits = numberBits(type, cursor.text(cursor.at));
    if (typeof bits === 'string') cursor.fail(bits, cursor.at);
    cursor.take();
    return { kind: 'num', type, bits };
  }

  private lanes(): ResultPattern {
    const cursor: Cursor = this.cursor;
    const shape = wordText(cursor.kind === Tok.Keyword ? cursor.tokens.words[cursor.at] : 0) as LaneShape;
    const row = LANE_SHAPES[shape];
    if (!row) cursor.unexpected('a shape of lanes');
    const [count, bits, float] = row;
    const shapeToken = cursor.take();
    const lanes: LanePattern[] = [];
    while (!cursor.isClose()) {
      if (float && cursor.tryWord(W.nanCanonical)) lanes.push('nan:canonical');
      else if (float && cursor.tryWord(W.nanArithmetic)) lanes.push('nan:arithmetic');
      else {
        const lane = this.lane(bits, float);
        lanes.push(lane);
      }
    }
    if (lanes.length !== count) cursor.fail('wrong number of lane literals', shapeToken);
    const exact = laneBits(shape, lanes);
    return exact === undefined ? { kind: 'lanes', shape, lanes } : { kind: 'num', type: V128, bits: exact };
  }

  private lane(bits: 8 | 16 | 32 | 64, float: boolean): bigint {
    const cursor: Cursor = this.cursor;
    if (cursor.kind !== Tok.Int && cursor.kind !== Tok.Float) cursor.unexpected('a number');
    const text = cursor.text(cursor.at);
    let value: bigint | string;
    if (float) value = numberBits(bits === 32 ? F32 : F64, text);
    else if (bits === 64) value = numberBits(I64, text);
    else {
      const parsed = parseIntN(text, bits);
      value = parsed.ok ? BigInt.asUintN(bits, BigInt(parsed.value)) : parsed.error;
    }
    if (typeof value === 'string') cursor.fail(value, cursor.at);
    cursor.take();
    return value;
  }

  /** The suite's message; some commands leave it out. */
  private message(): string {
    return this.cursor.kind === Tok.String ? this.cursor.name('a message') : '';
  }

  private name(): string | undefined {
    const token = this.cursor.tryId();
    return token < 0 ? undefined : (idName(this.cursor.tokens, token) ?? '');
  }
}

const FIELD_WORDS: ReadonlySet<string> = new Set([
  'type', 'rec', 'import', 'func', 'table', 'memory', 'global', 'tag', 'export', 'start', 'elem', 'data',
]); // biome-ignore format: a list of words

/** The bits of a number literal, zero-extended; what is wrong with it otherwise. */
export function numberBits(type: ValType, text: string): bigint | string {
  switch (type) {
    case I32: {
      const parsed = parseInt32(text);
      return parsed.ok ? BigInt.asUintN(32, BigInt(parsed.value)) : parsed.error;
    }
    case I64: {
      const parsed = parseInt64(text);
      return parsed.ok ? BigInt.asUintN(64, parsed.value) : parsed.error;
    }
    case F32: {
      const parsed = parseFloat32(text);
      return parsed.ok ? BigInt.asUintN(32, BigInt(parsed.value)) : parsed.error;
    }
    default: {
      const parsed = parseFloat64(text);
      if (!parsed.ok) return parsed.error;
      return (BigInt(parsed.value.hi >>> 0) << 32n) | BigInt(parsed.value.lo >>> 0);
    }
  }
}

/** A vector's bits, lane 0 lowest; undefined if a lane is a pattern. */
function laneBits(shape: LaneShape, lanes: readonly LanePattern[]): bigint | undefined {
  const width = BigInt(LANE_SHAPES[shape][1]);
  let bits = 0n;
  for (let i = lanes.length - 1; i >= 0; i--) {
    const lane = lanes[i];
    if (typeof lane === 'string') return undefined;
    bits = (bits << width) | lane;
  }
  return bits;
}

/** The one value that a text consists of, `(i32.const 1)`; undefined if it is something else. */
export function parseScriptValue(tree: Tree): ScriptValue | undefined {
  return tree.faults.length > 0 ? undefined : new ScriptParser(tree).only();
}

/** The bytes of `(module binary …)`. */
export function binaryBytes(tree: Tree, module: ModuleForm): Uint8Array<ArrayBuffer> {
  const cursor = new Cursor(tree, []);
  cursor.enterForm(module.form);
  while (cursor.kind !== Tok.String && cursor.kind !== Tok.Close && cursor.kind !== Tok.End) cursor.take();
  return stringsAt(cursor);
}
