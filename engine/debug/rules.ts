/**
 * What a breakpoint does when its place is reached: its condition, its hit count, its log message.
 *
 * Expressions are parsed and typed once a place, because names and types are those of the function there. The
 * condition comes first; only where it holds is a hit counted; only then is there a message or a stop. Knows no
 * places and no machine: a frame and an evaluator are given.
 */

import { usage, WasmError } from '../base/errors.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { SUPPORTED } from '../isa/features.ts';
import { I32, type ValType } from '../isa/types.ts';
import { funcType, type Module } from '../module/module.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { isRefValue, type Value } from '../runtime/values.ts';
import { stackAt } from '../valid/stack-at.ts';
import type { Evaluator } from './evaluator.ts';
import { textAt } from './expression-items.ts';
import {
  type ExpressionScope,
  exceptionIn,
  frameTypes,
  isNameIn,
  NeedsException,
} from './expression-scope.ts';
import { type TypedExpression, typeExpression } from './expression-types.ts';
import { parseExpression } from './expressions.ts';
import { type FormatLetter, formatBehind, formatted } from './formats.ts';
import { type HitTest, parseHitCount } from './hit-count.ts';
import type { BreakpointRules } from './wire.ts';

/** What comes of reaching a breakpoint. */
export interface Verdict {
  readonly stops: boolean;
  /** A line for the console. */
  readonly log?: string;
  /** Why the condition could not be computed: it stops then. */
  readonly error?: string;
}

/** The expressions of a breakpoint at one place. */
interface AtPlace {
  readonly condition: TypedExpression | undefined;
  /** Texts, and expressions between them. */
  readonly log: readonly LogPart[] | undefined;
}

/** A text, or an expression and how its value is written. */
type LogPart = string | { readonly typed: TypedExpression; readonly letter: FormatLetter | undefined };

const PASSES: Verdict = { stops: false };
const STOPS: Verdict = { stops: true };

export class Rules {
  readonly #given: BreakpointRules;
  readonly #condition: string | undefined;
  readonly #hitTest: HitTest | undefined;
  readonly #log: string | undefined;
  /** By module and offset. */
  readonly #places = new Map<Module, Map<number, AtPlace>>();
  #hits = 0;
  /** It was for one time, and that has come. */
  #isOver = false;

  /** Throws a usage fault if the hit count cannot be read. */
  constructor(rules: BreakpointRules) {
    const { condition, hitCondition, logMessage } = rules;
    this.#given = rules;
    this.#condition = given(condition);
    this.#hitTest = given(hitCondition) === undefined ? undefined : parseHitCount(hitCondition!);
    this.#log = given(logMessage);
  }

  /** Whether these are its own, in the same words. */
  isFor({ condition, hitCondition, logMessage, once }: BreakpointRules): boolean {
    const own = this.#given;
    return (
      once === own.once &&
      given(condition) === given(own.condition) &&
      given(hitCondition) === given(own.hitCondition) &&
      given(logMessage) === given(own.logMessage)
    );
  }

  /** Parses and types the expressions at a place. Throws a usage fault if they mean nothing there. */
  fit(module: Module, funcIdx: number, offset: number): void {
    if (this.#condition === undefined && this.#log === undefined) return;
    try {
      this.#at(module, funcIdx, offset, undefined);
    } catch (error) {
      // What the arguments of an exception are is known when there is one.
      if (!(error instanceof NeedsException)) throw error;
    }
  }

  /** The breakpoint's place is reached. */
  reached(frame: WasmFrame, evaluator: Evaluator): Verdict {
    return this.#isOver ? PASSES : this.#noted(this.#reached(frame, evaluator));
  }

  #noted(verdict: Verdict): Verdict {
    this.#isOver = this.#given.once === true && (verdict.stops || verdict.log !== undefined);
    return verdict;
  }

  #reached(frame: WasmFrame, evaluator: Evaluator): Verdict {
    const hasExpressions = this.#condition !== undefined || this.#log !== undefined;
    const { inst, idx } = frame.func;
    let at: AtPlace | undefined;
    try {
      at = hasExpressions ? this.#at(inst!.module, idx, frame.offset, frame) : undefined;
      if (at?.condition && isZero(at.condition, frame, evaluator)) return PASSES;
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      return { stops: true, error: `condition ${this.#condition}: ${error.message}` };
    }
    if (this.#hitTest && !this.#hitTest(++this.#hits)) return PASSES;
    if (!at?.log) return STOPS;
    return { stops: false, log: at.log.map((part) => logText(part, frame, evaluator)).join('') };
  }

  /** A place that is no instruction is reached: names are those of an instance, if there is one. */
  reachedIn(inst: ModuleInst | undefined, evaluator: Evaluator | undefined): Verdict {
    return this.#isOver ? PASSES : this.#noted(this.#reachedIn(inst, evaluator));
  }

  #reachedIn(inst: ModuleInst | undefined, evaluator: Evaluator | undefined): Verdict {
    const run = (what: string, text: string, wanted?: ValType): Value => {
      if (!inst || !evaluator) return usage('there is no instance of a module yet');
      return evaluator.run(typed(what, text, { module: inst.module, frame: undefined }, wanted), undefined);
    };
    try {
      if (this.#condition !== undefined) {
        const value = run('condition', this.#condition, I32);
        if (!isRefValue(value) && value.bits === 0n) return PASSES;
      }
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      return { stops: true, error: `condition ${this.#condition}: ${error.message}` };
    }
    if (this.#hitTest && !this.#hitTest(++this.#hits)) return PASSES;
    if (this.#log === undefined) return STOPS;
    const log = this.#log.replace(/\{([^{}]+)\}/g, (whole, text: string) => {
      try {
        return evaluator!.text(run('log message', text));
      } catch (error) {
        return error instanceof WasmError ? `{${error.message}}` : whole;
      }
    });
    return { stops: false, log };
  }

  #at(module: Module, funcIdx: number, offset: number, frame: WasmFrame | undefined): AtPlace {
    let places = this.#places.get(module);
    if (!places) this.#places.set(module, (places = new Map()));
    let at = places.get(offset);
    if (!at) {
      const scope: ExpressionScope = {
        module,
        frame: frameTypes(module, funcIdx, () => operandsAt(module, funcIdx, offset)),
        exceptionAt: frame && ((space, idx) => exceptionIn(frame, space, idx)),
      };
      at = {
        condition:
          this.#condition === undefined ? undefined : typed('condition', this.#condition, scope, I32),
        log: this.#log === undefined ? undefined : logParts(this.#log, scope),
      };
      if (!isFleeting(at)) places.set(offset, at);
    }
    return at;
  }
}

function isZero(condition: TypedExpression, frame: WasmFrame, evaluator: Evaluator): boolean {
  const value = evaluator.run(condition, frame);
  return !isRefValue(value) && value.bits === 0n;
}

function typed(what: string, text: string, scope: ExpressionScope, wanted?: ValType): TypedExpression {
  try {
    return typeExpression(parseExpression(text, isNameIn(scope)), scope, wanted);
  } catch (error) {
    if (!(error instanceof WasmError) || error instanceof NeedsException) throw error;
    throw new WasmError({ ...error.fault, message: `${what}: ${error.message}` });
  }
}

function isFleeting({ condition, log = [] }: AtPlace): boolean {
  return condition?.fleeting === true || log.some((part) => typeof part !== 'string' && part.typed.fleeting);
}

/** `x is {$x}`; a brace that stands for itself has a backslash before it. */
function logParts(message: string, scope: ExpressionScope): LogPart[] {
  const parts: LogPart[] = [];
  for (const [part, expression] of message.matchAll(/\{([^{}]+)\}|\\[{}\\]|[^{}\\]+|./gs)) {
    if (expression !== undefined) {
      const { text, letter } = formatBehind(expression, isNameIn(scope));
      parts.push({ typed: typed('log message', text, scope), letter });
    } else parts.push(/^\\[{}\\]/.test(part) ? part.slice(1) : part);
  }
  return parts;
}

function logText(part: LogPart, frame: WasmFrame, evaluator: Evaluator): string {
  if (typeof part === 'string') return part;
  try {
    const value = evaluator.run(part.typed, frame);
    if (!part.letter) return evaluator.text(value);
    return formatted(value, part.letter, (address) => textAt(frame.func.inst!.mems[0], address));
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return `{${error.message}}`;
  }
}

/** The types on the operand stack in front of an instruction, bottom first. */
function operandsAt(module: Module, funcIdx: number, offset: number): readonly ValType[] {
  const { codeStart, range } = module.funcs[funcIdx].body!;
  if (offset === codeStart) return [];
  // At the last `end`, which branches reach too, the stack is the results.
  if (offset === range.end - 1) return funcType(module, funcIdx).results;
  return stackAt(module, SUPPORTED, funcIdx, offset).operands.map(({ type }) => type);
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
