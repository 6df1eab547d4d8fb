/**
 * What the program stops for besides breakpoints: traps, exceptions that nobody catches, all exceptions, failed
 * assertions; each by a filter, narrowed down by a condition. And what is said of an exception.
 *
 * Whether somebody catches is known at the throw, by the search for its handler (exec/handler.ts). Knows no machine.
 */

import type { Fault } from '../base/errors.ts';
import type { Thrown } from '../exec/outcome.ts';
import { exceptionText } from '../runtime/exn.ts';
import type { Store } from '../runtime/store.ts';
import { formatValue, isRefValue, type RefValue } from '../runtime/values.ts';
import type { Program } from './program.ts';
import { showRef } from './values.ts';
import type { ExceptionBreakpointParams, ExceptionFilter, WireThrown } from './wire.ts';

/** What exceptions of JavaScript are called where a tag's name is asked for. */
const JS = 'js';

/** The filters that are on before anybody sets them. */
const USUAL: readonly [ExceptionFilter, readonly (readonly string[])[]][] = [
  ['traps', [[]]],
  ['uncaught', [[]]],
];

export class ExceptionFilters {
  /** The conditions of each filter that is on; none: it holds always. */
  #on = new Map(USUAL);

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
    const on = new Map<ExceptionFilter, (readonly string[])[]>();
    const answers = wanted.map(({ filter, condition = '' }): string | null => {
      const names = filter === 'traps' ? [condition.trim()] : condition.split(/[\s,]+/);
      const given = names.filter((name) => name !== '');
      if (filter === 'assertions' && given.length > 0) return 'failed assertions take no condition';
      const unknown = filter === 'traps' ? [] : given.filter((name) => !isTag(name, program));
      if (unknown.length > 0) return `unknown tag ${unknown[0]}: ${tagList(program)}`;
      on.set(filter, [...(on.get(filter) ?? []), given]);
      return null;
    });
    this.#on = on;
    return answers;
  }

  stopsAtTrap({ message, notes }: Pick<Fault, 'message' | 'notes'>): boolean {
    const text = [message, ...notes.map((note) => note.message)].join(': ');
    return this.#holds('traps', ([part]) => text.includes(part));
  }

  /**
   * What is not caught in a nested call goes to JavaScript first, which may catch it: it counts when that has let it through.
   * One that is expected is caught by whoever expects it.
   */
  stopsAtThrow({ exn, caught, nested }: Thrown, expected: boolean, store: Store): boolean {
    const named = (names: readonly string[]): boolean =>
      names.includes(exn.tag === store.hostTag ? JS : exn.tag.name);
    const isUncaught = !caught && !nested && !expected;
    return this.#holds('all', named) || (isUncaught && this.#holds('uncaught', named));
  }

  get stopsAtAssertions(): boolean {
    return this.#holds('assertions', () => true);
  }

  #holds(filter: ExceptionFilter, condition: (words: readonly string[]) => boolean): boolean {
    return (
      !this.#off && this.#on.get(filter)?.some((words) => words.length === 0 || condition(words)) === true
    );
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
