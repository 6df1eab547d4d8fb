/**
 * What the program stops for besides breakpoints: traps of all or some kinds, exceptions that nobody catches, all exceptions,
 * errors of WASI, exit codes, failed assertions; each by a filter, narrowed down by a condition. And what is said of an exception.
 *
 * Whether somebody catches is known at the throw, by the search for its handler (exec/handler.ts). Knows no machine.
 */

import { type Fault, WasmError } from '../base/errors.ts';
import type { WasmFrame } from '../exec/frame.ts';
import type { Thrown } from '../exec/outcome.ts';
import { I32, type ValType } from '../isa/types.ts';
import { exceptionText } from '../runtime/exn.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import { formatValue, isRefValue, type RefValue, type Value } from '../runtime/values.ts';
import type { Evaluator } from './evaluator.ts';
import { type ExpressionScope, exceptionIn, isNameIn } from './expression-scope.ts';
import { typeExpression } from './expression-types.ts';
import { parseExpression } from './expressions.ts';
import type { Program } from './program.ts';
import { trapGroupOf } from './trap-kinds.ts';
import { showRef } from './values.ts';
import { isErrorName, isErrorNamed, type WasiError, wasiErrorOf } from './wasi-errors.ts';
import type { ExceptionBreakpointParams, ExceptionFilter, WireThrown } from './wire.ts';

/** What exceptions of JavaScript are called where a tag's name is asked for. */
const JS = 'js';

/** What narrows a filter down: words, one of which has to fit, and an expression. None of either: it holds always. */
interface Condition {
  readonly words: readonly string[];
  readonly expression: string | undefined;
}

const ALWAYS: Condition = { words: [], expression: undefined };

/** The filters that are on before anybody sets them. */
const USUAL: readonly [ExceptionFilter, readonly Condition[]][] = [
  ['traps', [ALWAYS]],
  ['uncaught', [ALWAYS]],
];

/** Computes a condition's expression where something is thrown. */
export type HoldsAtThrow = (expression: string, thrown: Thrown) => boolean;

export class ExceptionFilters {
  /** The conditions of each filter that is on. */
  #on: ReadonlyMap<ExceptionFilter, readonly Condition[]> = new Map(USUAL);

  #off = false;

  /** Nothing stops any more, whatever is set. */
  turnOff(): void {
    this.#off = true;
  }

  /** As in the beginning. */
  reset(): void {
    this.#off = false;
    this.#on = new Map(USUAL);
  }

  /** Replaces all filters. Says for each why it cannot be as it is wanted; null if it can. */
  set(wanted: readonly ExceptionBreakpointParams[], program: Program): (string | null)[] {
    const on = new Map<ExceptionFilter, Condition[]>();
    const answers = wanted.map(({ filter, condition = '' }): string | null => {
      const read = conditionOf(filter, condition.trim(), program);
      if (typeof read === 'string') return read;
      on.set(filter, [...(on.get(filter) ?? []), read]);
      return null;
    });
    this.#on = on;
    return answers;
  }

  stopsAtTrap({ message, notes }: Pick<Fault, 'message' | 'notes'>): boolean {
    const text = [message, ...notes.map((note) => note.message)].join(': ');
    const group = trapGroupOf(message);
    const fits = ({ words }: Condition): boolean =>
      words.length === 0 || words[0].split(/[\s,]+/).includes(group) || text.includes(words[0]);
    return this.#holds('traps', fits) || this.#holds(`traps.${group}`, fits);
  }

  /**
   * What is not caught in a nested call goes to JavaScript first, which may catch it: it counts when that has let it through.
   * One that is expected is caught by whoever expects it.
   */
  stopsAtThrow(thrown: Thrown, expected: boolean, store: Store, holds: HoldsAtThrow): boolean {
    const { exn, caught, nested } = thrown;
    const name = exn.tag === store.hostTag ? JS : exn.tag.name;
    const fits = ({ words, expression }: Condition): boolean =>
      (words.length === 0 || words.includes(name)) && (expression === undefined || holds(expression, thrown));
    const isUncaught = !caught && !nested && !expected;
    return this.#holds('all', fits) || (isUncaught && this.#holds('uncaught', fits));
  }

  /** The error that a host function has answered with, if it is one to stop at. */
  stopsAtResult(func: FuncInst, results: readonly Value[]): WasiError | undefined {
    if (!this.#on.has('wasi')) return undefined;
    const error = wasiErrorOf(func, results);
    const fits = ({ words }: Condition): boolean =>
      words.length === 0 || words.some((word) => isErrorNamed(error!, word));
    return error && this.#holds('wasi', fits) ? error : undefined;
  }

  stopsAtExit(code: number): boolean {
    const fits = ({ words }: Condition): boolean => words.length === 0 || words.includes(String(code));
    return code !== 0 && this.#holds('exits', fits);
  }

  get stopsAtAssertions(): boolean {
    return this.#holds('assertions', () => true);
  }

  #holds(filter: ExceptionFilter, fits: (condition: Condition) => boolean): boolean {
    return !this.#off && this.#on.get(filter)?.some(fits) === true;
  }
}

/** A condition as it was written, or why it means nothing. */
function conditionOf(filter: ExceptionFilter, text: string, program: Program): Condition | string {
  if (text === '') return ALWAYS;
  if (filter === 'assertions') return 'failed assertions take no condition';
  if (filter.startsWith('traps')) return { words: [text], expression: undefined };
  if (filter === 'wasi' || filter === 'exits') {
    const words = text.split(/[\s,]+/);
    const isRight = filter === 'wasi' ? isErrorName : (word: string) => /^\d+$/.test(word);
    const wrong = words.find((word) => !isRight(word));
    if (wrong === undefined) return { words, expression: undefined };
    return filter === 'wasi'
      ? `unknown error ${wrong}: names as in EBADF ENOENT are expected`
      : `an exit code is expected, found ${wrong}`;
  }
  const [, names, expression] = /^(.*?)(?:(?:^|\s)if\s+(.+))?$/s.exec(text)!;
  const words = names.split(/[\s,]+/).filter((word) => word !== '');
  const unknown = words.find((word) => !isTag(word, program));
  if (unknown !== undefined) return `unknown tag ${unknown}: ${tagList(program)}`;
  try {
    if (expression !== undefined) parseExpression(expression);
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return `condition: ${error.message}`;
  }
  return { words, expression };
}

/**
 * Whether an expression holds where something is thrown: `thrown[0]` is its first argument, and names are those of the
 * function that throws. One that cannot be computed there (of another tag, say) does not.
 */
export function holdsAtThrow(
  expression: string,
  { exn }: Thrown,
  frame: WasmFrame,
  evaluator: Evaluator,
): boolean {
  const { module } = frame.func.inst!;
  const operands = (): ValType[] =>
    Array.from({ length: frame.operandCount }, (_, i) => frame.operandType(i));
  const scope: ExpressionScope = {
    module,
    frame: { funcIdx: frame.func.idx, locals: frame.localTypes, operands },
    exceptionAt: (space, idx) => exceptionIn(frame, space, idx),
    thrown: exn,
  };
  try {
    const typed = typeExpression(parseExpression(expression, isNameIn(scope)), scope, I32);
    const value = evaluator.run(typed, frame, undefined, exn);
    return !isRefValue(value) && value.bits !== 0n;
  } catch (error) {
    if (error instanceof WasmError) return false;
    throw error;
  }
}

/** An exception as people read it. */
export function describeThrown({ exn, caught, thrower }: Thrown, store: Store, program: Program): WireThrown {
  const isJs = exn.tag === store.hostTag;
  const name = isJs ? (thrower ?? JS) : exn.tag.name;
  const text = isJs
    ? `${name}: ${jsText((exn.args[0] as RefValue).ref)}`
    : exceptionText(exn, (value) => (isRefValue(value) ? showRef(value.ref) : formatValue(value)));
  const place = caught && program.place(caught.func, caught.offset);
  const loaded = caught?.func.inst && program.of(caught.func.inst.module);
  if (!caught || !place || !loaded) return { name, text };
  return { name, text, caught: { name: loaded.nameOf(caught.func.idx), place } };
}

function jsText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isTag(name: string, program: Program): boolean {
  return name === JS || tagNames(program).includes(name);
}

function tagList(program: Program): string {
  const names = tagNames(program);
  return names.length === 0 ? 'the program has no tags' : `there are ${[...names, JS].join(', ')}`;
}

/** As instances call their tags. */
function tagNames({ modules }: Program): string[] {
  const names = modules.flatMap(({ module }) =>
    module.tags.map((_, idx) => tagName(module.names.of('tag', idx), idx)),
  );
  return [...new Set(names)];
}

function tagName(given: string | undefined, idx: number): string {
  return given === undefined ? `tag[${idx}]` : `$${given}`;
}
