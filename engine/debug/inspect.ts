/**
 * Looking at a stopped machine: frames, scopes, the values in them, expressions; and changing values.
 *
 * Everything is read on request and given as plain data (wire.ts). Places are byte offsets with spans; what stands at
 * them in which line is for the caller to say.
 *
 * It is one file above 600 lines because all of it goes through the same look-up of what an expression names.
 */

import { usage, WasmError } from '../base/errors.ts';
import type { CodeSpace } from '../exec/code.ts';
import type { Frame, WasmFrame } from '../exec/frame.ts';
import { I32, I64, isRef, type ValType } from '../isa/types.ts';
import type { ExnInst } from '../runtime/exn.ts';
import type { MemInst } from '../runtime/memory.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { formatValue, isRefValue, type Value } from '../runtime/values.ts';
import { mustFit, writeNumber } from './assign.ts';
import type { DataRef } from './data-ids.ts';
import { Evaluator, unknownCaught } from './evaluator.ts';
import { completionsAt, type ExpressionCompletion } from './expression-completion.ts';
import { EXPRESSION_HELP } from './expression-help.ts';
import { boundCalls, bytesItem, type Called, callsIn, textAt, type WantedCall } from './expression-items.ts';
import { computedKind, isFunction, PLACES } from './expression-kinds.ts';
import {
  calleeOf,
  type ExpressionScope,
  exceptionIn,
  isNameIn,
  itemMeant,
  type Item as ScopeItem,
} from './expression-scope.ts';
import { typeExpression } from './expression-types.ts';
import {
  assignmentIn,
  type CallExpression,
  type ElementExpression,
  type Expression,
  type MemberExpression,
  parseExpression,
  type RangeExpression,
} from './expressions.ts';
import { type FormatLetter, formatBehind, formatted } from './formats.ts';
import { frameParts } from './frames.ts';
import { shapeNamed } from './lanes.ts';
import type { LoadedProgram } from './load.ts';
import { readBytes, writeBytes } from './memory-bytes.ts';
import { nextEffect } from './next-effect.ts';
import { signatureIn } from './ref-values.ts';
import { parseTyped, showRef } from './values.ts';
import { type Variable, Variables } from './variables.ts';
import { type WatchableScope, watchableChild, watchableExpression } from './watchable.ts';
import type { Container, DataQuery, Format, Item, MemoryBytes, Place, Scope, Written } from './wire.ts';

type ScopeKind = Exclude<
  Container['kind'],
  'table' | 'elem' | 'object' | 'bytes' | 'shapes' | 'lanes' | 'call' | 'handles'
>;

/** At most so many variables in one answer: large lists are asked for in parts. */
const MOST_ITEMS = 10_000;

/** Where an expression is asked for: the names it can use, the frame, and its text. */
interface Asked extends ExpressionScope {
  readonly depth: number | undefined;
  readonly text: string;
  /** What the calls in it gave. */
  readonly called: Called;
  readonly results: Map<CallExpression, readonly Value[]>;
}

/** How an expression is asked for. */
export interface Asking {
  readonly format?: Format;
  /** `$x = 5` is understood, and sets; so is `help`. */
  readonly assigns?: boolean;
  /** What the calls in it gave, once they are made (`calls`). */
  readonly called?: Called;
}

export class Inspector {
  readonly #program: LoadedProgram;
  readonly #inst: ModuleInst;
  readonly #frameAt: (frame: number) => Frame | undefined;

  readonly #others: () => ReadonlyMap<string, Inspector>;
  readonly #thrown: () => ExnInst | undefined;
  readonly evaluator: Evaluator;
  readonly #variables: Variables;
  #passive: boolean | undefined;

  /**
   * `frameAt` gives a frame of the present stop by its number (frames.ts); `others` the instances that are named in front of
   * their items, `thrown` the exception at whose throw the program stands.
   */
  constructor(
    program: LoadedProgram,
    inst: ModuleInst,
    frameAt: (frame: number) => Frame | undefined,
    others: () => ReadonlyMap<string, Inspector> = () => NOBODY,
    thrown: () => ExnInst | undefined = () => undefined,
  ) {
    this.#program = program;
    this.#inst = inst;
    this.#frameAt = frameAt;
    this.#others = others;
    this.#thrown = thrown;
    this.#variables = new Variables(program, inst, (depth) => this.#wasmFrame(depth));
    this.evaluator = new Evaluator(inst, this.#variables.ids, (name) => others().get(name)?.inst);
  }

  scopes(frame: number): Scope[] {
    const variables = this.#variables;
    const scope = (kind: ScopeKind): Scope => {
      const container: Container = { kind, frame };
      const count = variables.count(container);
      return { container, count, paged: variables.isPaged(container, count) };
    };
    const own = this.#wasmFrameOrNone(frame) ? (['stack', 'locals', 'labels'] as const).map(scope) : [];
    if (own.length > 0 && frameParts(frame).depth === 0) own[0] = { ...own[0], hasNext: true };
    const caught = own.length > 0 ? [scope('caught')] : [];
    const shared = (['globals', 'memories', 'tables', 'tags'] as const).map(scope);
    const segments = this.#hasPassiveSegments() ? [scope('segments')] : [];
    return [...own, ...[...caught, ...shared, ...segments].filter(({ count }) => count > 0)];
  }

  /** Asked at every stop, and a module may have 100,000 segments: looked up once. */
  #hasPassiveSegments(): boolean {
    const { datas, elems } = this.#inst.module;
    this.#passive ??=
      datas.some(({ mode }) => mode === 'passive') || elems.some(({ mode }) => mode === 'passive');
    return this.#passive;
  }

  /** The items of a container, or a part of them: `count` from `start` on, all if it is 0. */
  children(
    container: Container,
    start = 0,
    count = Number.POSITIVE_INFINITY,
    format: Format = {},
    most = MOST_ITEMS,
  ): Item[] {
    const variables = this.#variables;
    const total = variables.count(container);
    const from = Math.max(0, start);
    const wanted = count > 0 ? Math.min(from + count, total) : total;
    const end = Math.min(wanted, from + Math.min(most, MOST_ITEMS));
    const found =
      container.kind === 'labels'
        ? variables.labels(container.frame).slice(from, end)
        : Array.from({ length: Math.max(0, end - from) }, (_, i) => variables.at(container, from + i));
    // For clients that do not ask for parts.
    if (end < wanted) found.push({ name: '…', text: () => `${wanted - end} more` });
    return found.map((variable) => variables.item(variable, format));
  }

  get inst(): ModuleInst {
    return this.#inst;
  }

  /** What an expression gives in a frame. Throws a usage fault. */
  evaluate(given: string, frame: number | undefined, asking: Asking = {}): Item {
    const { format = {}, assigns = false, called = [] } = asking;
    if (assigns && /^\s*help\s*$/.test(given)) return { name: 'help', value: EXPRESSION_HELP };
    const scope = this.#asked(given, frame, called);
    const assignment = assigns ? assignmentIn(given, isNameIn(scope)) : undefined;
    if (assignment) {
      const [target, value] = assignment;
      return { ...withoutSpans(() => this.setExpression(target, value, frame, asking)), assigned: true };
    }
    const { text, letter } = formatBehind(given, isNameIn(scope));
    const asked = { ...scope, text };
    const expression = this.#parse(asked);
    const item = this.#itemOf(expression, asked, format, letter);
    return assigns && called.length > 0 ? { ...item, assigned: true } : item;
  }

  /** The calls that an expression wants made before it is evaluated or set, inner ones first. */
  calls(given: string, frame: number | undefined, assigns = false): WantedCall[] {
    if (!given.includes('!')) return [];
    const scope = { ...this.#asked(given, frame), calls: true };
    const parts = (assigns && assignmentIn(given, isNameIn(scope))) || [given];
    return parts.flatMap((part) => {
      const asked = { ...scope, text: formatBehind(part, isNameIn(scope)).text };
      let expression: Expression;
      try {
        expression = parseExpression(asked.text, isNameIn(asked));
      } catch {
        // A literal that is no expression, or what evaluating will refuse.
        return [];
      }
      return callsIn(expression).map((node): WantedCall => {
        const text = asked.text.slice(node.span.start, node.span.end);
        return {
          node,
          text,
          prepare: (results) => this.#preparedCall(node, text, { ...asked, results: new Map(results) }),
        };
      });
    });
  }

  /** Changes a value that `evaluate` can show. */
  setExpression(given: string, value: string, frame: number | undefined, asking: Asking = {}): Item {
    const { called = [] } = asking;
    const scope = this.#asked(given, frame, called);
    const { text } = formatBehind(given, isNameIn(scope));
    const asked = { ...scope, text };
    const expression = this.#parse(asked);
    if (isFunction(expression, asked)) usage('a function cannot be set');
    const shown = { ...asking, assigns: false };
    const place = this.#variable(expression, asked);
    if (place) {
      this.#set(place, value, asked);
      return this.evaluate(given, frame, shown);
    }
    const wrote = this.#setInMemory(expression, asked, value);
    return { ...this.evaluate(given, frame, shown), wrote };
  }

  /** Changes the child of a container that has this name. */
  setChild(container: Container, name: string, value: string, { format = {}, called }: Asking = {}): Item {
    const variables = this.#variables;
    const idx = variables.find(container, name);
    if (idx < 0) usage(`there is no ${name} here`);
    this.#set(variables.at(container, idx), value, this.#asked(value, container.frame, called));
    return variables.item(variables.at(container, idx), format);
  }

  #itemOf(expression: Expression, asked: Asked, format: Format, letter: FormatLetter | undefined): Item {
    const { text, depth: frame = 0 } = asked;
    if (isFunction(expression, asked)) return this.#funcItem(expression, asked);
    if (expression.kind === 'range') return this.#bytes(expression, asked, frame);
    const written =
      expression.kind === 'member' && expression.name === 'str'
        ? this.#text(expression.base, asked)
        : undefined;
    if (written !== undefined)
      return { name: text, expression: text, value: written, type: 'text', readOnly: true };
    const place = this.#variable(expression, asked);
    const results = expression.kind === 'call' ? asked.results.get(expression) : undefined;
    if (results && results.length !== 1) {
      const all = results.map((value) => this.evaluator.text(value)).join(', ');
      return {
        name: text,
        value: results.length === 0 ? 'done, without a result' : `(${all})`,
        readOnly: true,
      };
    }
    const variable = place ? { ...place, expression: text } : this.#computedItem(expression, asked);
    const item = this.#variables.item(variable, format);
    if (letter) return { ...item, value: this.#formatted(variable, letter) };
    const inMemory = !place && expression.kind === 'member' && expression.base.kind === 'element';
    return inMemory ? { ...item, readOnly: false } : item;
  }

  #computedItem(expression: Expression, asked: Asked): Variable {
    return this.#variables.computed(asked.text, this.#run(expression, asked), asked.depth ?? 0);
  }

  #formatted({ value, name }: Variable, letter: FormatLetter): string {
    if (!value) return usage(`,${letter} writes numbers: ${name} is none`);
    return formatted(value, letter, (address) => textAt(this.#memoryNow(0), address));
  }

  #bytes(expression: RangeExpression, asked: Asked, frame: number): Item {
    const { item, from, count } = this.#rangeOf(expression, asked);
    const memory = this.#memoryOf(item);
    const shown = bytesItem(memory, { memory: item.idx, from, count }, asked.text, frame);
    // Lists of bytes are of the frame's own instance.
    return item.of === undefined
      ? shown
      : { ...shown, container: undefined, count: undefined, memory: undefined };
  }

  /** The text at an address, or in a range; undefined for what is neither. */
  #text(base: Expression, asked: Asked): string | undefined {
    if (base.kind === 'range') {
      const { item, from, count } = this.#rangeOf(base, asked);
      return textAt(this.#memoryOf(item), from, count);
    }
    const item = base.kind === 'element' ? itemMeant(base.base, asked) : undefined;
    if (base.kind !== 'element' || item?.space !== 'memory') return undefined;
    return textAt(this.#memoryOf(item), Number(this.#addressAt(base.index, item, asked)));
  }

  #rangeOf(expression: RangeExpression, asked: Asked): { item: ScopeItem; from: number; count: number } {
    const item = itemMeant(expression.base, asked);
    if (item?.space !== 'memory') return usage('a memory expected before [, as in mem[0x100..+16]');
    const from = Number(this.#addressAt(expression.from, item, asked));
    const last = Number(this.#addressAt(expression.count, item, asked));
    return { item, from, count: expression.isLength ? last : last - from };
  }

  #preparedCall(node: CallExpression, text: string, asked: Asked): ReturnType<WantedCall['prepare']> {
    const { item, type } = calleeOf(node, asked);
    const func = this.#instOf(item).funcs[item.idx];
    const args = node.args.map((arg, i) => this.#run(arg, asked, type.params[i]));
    return { func, args, name: text };
  }

  /** Parses the text that is asked for, and finds what its calls gave. */
  #parse(asked: Asked): Expression {
    const expression = parseExpression(asked.text, isNameIn(asked));
    for (const [node, results] of boundCalls(expression, asked.text, asked.called))
      asked.results.set(node, results);
    return expression;
  }

  /** The value of an expression, or of a part of it. */
  #run(expression: Expression, asked: Asked, wanted?: ValType): Value {
    const typed = typeExpression(expression, asked, wanted);
    return this.evaluator.run(
      typed,
      this.#wasmAt(asked.depth),
      (call) => asked.results.get(call),
      asked.thrown,
    );
  }

  #otherOf(of: string): Inspector {
    return this.#others().get(of) ?? usage(`${of} has no instance yet`);
  }

  #instOf({ of }: ScopeItem): ModuleInst {
    return of === undefined ? this.#inst : this.#otherOf(of).#inst;
  }

  #memoryOf(item: ScopeItem): MemInst {
    return (item.of === undefined ? this : this.#otherOf(item.of)).#memoryNow(item.idx);
  }

  /** What a text means as a value of a type: a literal, or else an expression in a frame. Throws a usage fault; `what` names it. */
  valueAs(text: string, type: ValType, what: string, frame: number | undefined): Value {
    const asked = this.#asked(text, frame);
    const value = this.#literalOr(
      text,
      asked,
      (literal) => parseTyped(literal, type, what, this.#inst, this.#variables.ids),
      () => this.#valueOf(text, asked, isRef(type) ? undefined : type),
    );
    mustFit(this.#inst.store, this.#program.module, type, value, what);
    return isRefValue(value) ? { ...value, type } : value;
  }

  /** The value of an expression in a frame. */
  compute(text: string, frame: number): Value {
    return this.#valueOf(text, this.#asked(text, frame), undefined);
  }

  /** What a data breakpoint would watch; a local is one of the frame that is asked about. The string says why nothing can be. */
  watchable(query: DataQuery): DataRef | string {
    if ('container' in query) return watchableChild(this.#variables, query.container, query.name);
    const { frame, bytes } = query;
    const text = 'address' in query ? `mem[${query.address}]` : query.expression;
    const asked = this.#asked(text, frame);
    const { text: place } = formatBehind(text, isNameIn(asked));
    const scope: WatchableScope = {
      variables: this.#variables,
      itemOf: (expression) => {
        const item = itemMeant(expression, asked);
        if (item?.of !== undefined) usage(`what belongs to ${item.of} is watched in a frame of ${item.of}`);
        return item;
      },
      indexAt: (expression) => this.#indexAt(expression, asked),
      addressAt: (expression, idx) => Number(this.#addressAt(expression, { space: 'memory', idx }, asked)),
    };
    return watchableExpression(parseExpression(place, isNameIn(asked)), scope, frame, bytes);
  }

  /** What can be typed at a column of an expression in a frame. */
  completions(text: string, column: number, frame: number | undefined): ExpressionCompletion[] {
    return completionsAt({ ...this.#asked(text, frame), calls: true }, text, column, ['help', 'next']);
  }

  /** What the next instruction of an innermost frame will do. */
  next(frame: number, space: CodeSpace): Item | undefined {
    const found = this.#wasmFrameOrNone(frame);
    if (!found || frameParts(frame).depth > 0) return undefined;
    const effect = nextEffect(this.#program, space, found);
    if (!effect) return undefined;
    const { text, goesTo, calls } = effect;
    const { idx } = found.func;
    const origin =
      goesTo === undefined ? undefined : { what: 'goes on', place: this.#program.place(idx, goesTo) };
    const func = calls && calls.inst === this.#inst && !calls.host ? calls.idx : undefined;
    return { name: 'next', value: text, expression: 'next', origin, func, readOnly: true };
  }

  /** Where a function begins; undefined for one without a body. */
  funcPlace(funcIdx: number): Place | undefined {
    const body = this.#program.module.funcs[funcIdx]?.body;
    return body && this.#program.place(funcIdx, body.codeStart);
  }

  /** A memory as it is now: somebody else may have grown it. */
  #memoryNow(idx: number): MemInst {
    const memory = this.#variables.memory(idx);
    memory.refresh();
    return memory;
  }

  readMemory(memory: number, offset: number, count: number): MemoryBytes {
    return readBytes(this.#memoryNow(memory), offset, count);
  }

  writeMemory(memory: number, offset: number, data: Uint8Array, allowPartial = false): Written {
    return writeBytes(this.#memoryNow(memory), offset, data, allowPartial);
  }

  #wasmFrameOrNone(number: number): WasmFrame | undefined {
    const frame = this.#frameAt(number);
    return frame?.kind === 'wasm' ? frame : undefined;
  }

  #wasmFrame(depth: number): WasmFrame {
    return (
      this.#wasmFrameOrNone(depth) ?? usage('this frame is not WebAssembly: it has no values to look at')
    );
  }

  #wasmAt(depth: number | undefined): WasmFrame | undefined {
    return depth === undefined ? undefined : this.#wasmFrameOrNone(depth);
  }

  #funcItem(expression: Expression, asked: Asked): Item {
    const item = itemMeant(expression, asked)!;
    const { idx } = item;
    const inst = this.#instOf(item);
    const func = inst.funcs[idx] ?? usage(`unknown function ${idx}`);
    const { params, results } = func.type;
    return {
      name: `func[${idx}]`,
      value: showRef(func, undefined, { rename: this.#program.rename }),
      type: `func ${signatureIn(inst.module, params, results)}`,
      func: func.host || inst !== this.#inst ? undefined : idx,
      readOnly: true,
    };
  }

  /**
   * The variable that an expression names, looked up in the values of this moment; undefined for what is to be
   * computed.
   */
  #variable(expression: Expression, asked: Asked): Variable | undefined {
    const variables = this.#variables;
    switch (expression.kind) {
      case 'name':
      case 'index':
        // It has no place: it is computed.
        if (expression.kind === 'index' && expression.space === 'thrown') return undefined;
        return this.#named(itemMeant(expression, asked)!, asked);
      case 'object':
        return variables.numbered(expression.id, asked.depth ?? 0);
      case 'member': {
        const base =
          this.#variableOrNone(expression.base, asked) ??
          (shapeNamed(expression.name) && this.#computed(expression.base, asked));
        if (base?.value && isRefValue(base.value) && base.value.ref === null) return nothing(base);
        return base && variables.member(base, expression.name);
      }
      case 'element':
        return this.#elementOf(expression, asked);
      case 'instr': {
        // A cast that holds changes nothing.
        if (expression.name !== 'ref.cast' || !expression.type) return undefined;
        const base = this.#variableOrNone(expression.operands[0], asked);
        if (base) this.#run(expression, asked);
        return base;
      }
      default:
        return undefined;
    }
  }

  /** A value that stands nowhere, to look into. */
  #computed(expression: Expression, asked: Asked): Variable {
    const value = this.#run(expression, asked);
    const { start, end } = expression.span;
    return this.#variables.computed(asked.text.slice(start, end), value, asked.depth ?? 0);
  }

  #variableOrNone(expression: Expression, asked: Asked): Variable | undefined {
    return isFunction(expression, asked) ? undefined : this.#variable(expression, asked);
  }

  #elementOf({ base, index }: ElementExpression, asked: Asked): Variable | undefined {
    const item = itemMeant(base, asked);
    if (item?.space === 'memory') return undefined;
    if (item?.space === 'table') {
      const variables = this.#variablesOf(item);
      variables.table(item.idx);
      const container = { kind: 'table', frame: asked.depth ?? 0, idx: item.idx } as const;
      return foreign(variables.at(container, this.#indexAt(index, asked)), item);
    }
    const of = this.#variableOrNone(base, asked);
    if (of?.value && isRefValue(of.value) && of.value.ref === null) return nothing(of);
    const kind = of?.inside?.container.kind;
    if (kind !== 'object' && kind !== 'lanes') return undefined;
    return this.#variables.at(of!.inside!.container, this.#indexAt(index, asked));
  }

  /** The number between brackets. */
  #indexAt(index: Expression, asked: Asked): number {
    const at = this.#run(index, asked);
    if (isRefValue(at) || (at.type !== I32 && at.type !== I64)) {
      return usage('an integer expected between [ and ]');
    }
    return Number(at.bits);
  }

  /** An expression of the type of a memory's addresses. */
  #addressAt(expression: Expression, memory: ScopeItem, asked: Asked): bigint {
    const { is64 } = this.#memoryOf(memory).type;
    const at = this.#run(expression, asked, is64 ? I64 : I32);
    return isRefValue(at) ? 0n : at.bits;
  }

  #variablesOf({ of }: ScopeItem): Variables {
    return of === undefined ? this.#variables : this.#otherOf(of).#variables;
  }

  #named(item: ScopeItem, { depth }: Asked): Variable {
    const { space, idx } = item;
    const frame = depth ?? 0;
    const variables = this.#variablesOf(item);
    switch (space) {
      case 'local':
      case 'stack':
      case 'caught': {
        if (depth === undefined) usage(`${space}[${idx}] needs a frame: the program is not stopped`);
        const found = this.#wasmFrame(frame);
        if (space === 'local' && idx >= found.localTypes.length) {
          usage(`unknown local ${idx}: the function has ${found.localTypes.length}`);
        }
        if (space === 'caught' && idx >= found.caught.length) {
          unknownCaught(idx, found.caught.length);
        }
        const kind = space === 'local' ? 'locals' : space;
        return variables.at({ kind, frame }, idx);
      }
      case 'global':
        return foreign(variables.at({ kind: 'globals', frame }, idx), item);
      case 'memory':
        return foreign(variables.at({ kind: 'memories', frame }, idx), item);
      case 'table':
        return foreign(variables.at({ kind: 'tables', frame }, idx), item);
      case 'thrown':
        return usage('this is computed, no place that holds a value');
      case 'func':
        return usage('a function is no variable');
    }
  }

  /** Sets a variable to what a text means: a literal, or else an expression, of the variable's type. */
  #set(variable: Variable, text: string, asked: Asked): void {
    const { set, write, value } = variable;
    if (!set) usage(variable.fixed ?? 'this cannot be set');
    const computed = (): void => {
      const wanted = value && !isRefValue(value) ? value.type : undefined;
      const to = this.#valueOf(text, asked, wanted);
      if (write && isRefValue(to)) write(to);
      else set(formatValue(to));
    };
    // A name is that of a variable before that of a function, and any text is a host's value.
    const isPlace = value && isRefValue(value) && PLACES.has(computedKind(text, asked) ?? '');
    if (isPlace) computed();
    else this.#literalOr(text, asked, set, computed);
  }

  /** Tries a text as a literal; else, if it is an expression, as that. The message is that of what it looks like. */
  #literalOr<T>(text: string, scope: Asked, literal: (text: string) => T, computed: () => T): T {
    try {
      return literal(text);
    } catch (error) {
      if (!(error instanceof WasmError) || !computedKind(text, scope)) throw error;
      return computed();
    }
  }

  #valueOf(text: string, around: Asked, wanted: ValType | undefined): Value {
    const asked = { ...around, text };
    const expression = this.#parse(asked);
    const place = isFunction(expression, asked) ? undefined : this.#variable(expression, asked)?.value;
    if (place && (wanted === undefined || place.type === wanted)) return place;
    return this.#run(expression, asked, wanted);
  }

  /** Sets `mem[0x10].u8`; gives which bytes that wrote. */
  #setInMemory(expression: Expression, asked: Asked, text: string): Item['wrote'] {
    const isView = expression.kind === 'member' && expression.base.kind === 'element';
    const element = isView ? expression.base : expression;
    if (element.kind !== 'element')
      return usage('this cannot be set: it is computed, no place that holds a value');
    const { base, index } = element;
    const item = itemMeant(base, asked);
    if (item?.space !== 'memory' || !isView) return usage('this cannot be set');
    const memory = this.#memoryOf(item);
    const address = this.#addressAt(index, item, asked);
    const { name } = expression as MemberExpression;
    const count = this.#literalOr(
      text,
      asked,
      (literal) => writeNumber(memory, address, name, literal),
      () => writeNumber(memory, address, name, formatValue(this.#valueOf(text, asked, undefined))),
    );
    return item.of === undefined ? { memory: item.idx, offset: Number(address), count } : undefined;
  }

  /** The names that an expression in a frame can use. */
  #asked(text: string, depth: number | undefined, called: Called = []): Asked {
    const { module } = this.#program;
    const modules = new Map([...this.#others()].map(([name, { inst }]) => [name, inst.module]));
    const common = {
      module,
      modules,
      depth,
      text,
      called,
      calls: called.length > 0,
      thrown: this.#thrown(),
      results: new Map(),
    };
    const frame = depth === undefined ? undefined : this.#wasmFrameOrNone(depth);
    if (!frame) return { ...common, frame };
    const operands = (): ValType[] =>
      Array.from({ length: frame.operandCount }, (_, i) => frame.operandType(i));
    const types = { funcIdx: frame.func.idx, locals: frame.localTypes, operands };
    return { ...common, frame: types, exceptionAt: (space, idx) => exceptionIn(frame, space, idx) };
  }
}

/** Spans in a side of an assignment are none in the whole. */
function withoutSpans<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    throw new WasmError({ ...error.fault, span: undefined });
  }
}

const NOBODY: ReadonlyMap<string, Inspector> = new Map();

/** Lists of another module's values cannot be asked for in this frame: only objects can be looked into. */
function foreign(variable: Variable, { of }: ScopeItem): Variable {
  if (of === undefined || variable.inside?.container.kind === 'object') return variable;
  return { ...variable, inside: undefined, memory: undefined };
}

/** Nothing is inside of null. */
function nothing({ name }: Variable): never {
  return usage(`null reference: ${name} is null`);
}
