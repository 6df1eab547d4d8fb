/**
 * What a script's verdicts mean beside the list of expected failures.
 *
 * A command that needs a module which failed to come up is not counted by itself: it is held up by that module, whose
 * own failure must be listed. So the list names causes, and it can only shrink: what is listed and passes is an error.
 */

import { runScriptText } from '../../cli/script-file.ts';
import { lineTable } from '../../debug-adapter/lines.ts';
import type { ScriptOptions } from '../../engine/exec/script.ts';
import type { FeatureSet } from '../../engine/module/module.ts';
import type { Command } from '../../engine/text/script.ts';

export interface Outcome {
  readonly passed: number;
  /** Commands that could not be tried, because of a module that failed. */
  readonly heldUp: number;
  /** Causes by line, counted from 1. */
  readonly failures: ReadonlyMap<number, string>;
}

/** Runs a script and sorts its verdicts. */
export function outcomeOf(
  text: string,
  features: FeatureSet,
  options?: Pick<ScriptOptions, 'engine' | 'begins'>,
): Outcome {
  const lines = lineTable(text);
  const failures = new Map<number, string>();
  /** Modules that are not there, by name; '' is the latest one. */
  const absent = new Set<string>();
  let passed = 0;
  let heldUp = 0;
  for (const { command, span, passed: ok, message } of runScriptText(text, features, options)) {
    const line = lines.at(span.start).line + 1;
    const made = command && moduleMade(command);
    if (made) {
      for (const name of made) {
        if (ok) absent.delete(name);
        else absent.add(name);
      }
    }
    if (ok) passed++;
    else if (command && !made && absent.has(moduleUsed(command) ?? 'none')) heldUp++;
    else failures.set(line, `${command?.kind ?? 'syntax'}: ${message}`);
  }
  return { passed, heldUp, failures };
}

/** The names under which a command makes an instance. */
function moduleMade(command: Command): string[] | undefined {
  if (command.kind === 'instance') return ['', ...(command.name === undefined ? [] : [command.name])];
  if (command.kind !== 'module' || command.module.definition) return undefined;
  return ['', ...(command.module.name === undefined ? [] : [command.module.name])];
}

/** The name of the instance that a command works on, '' for the latest. */
function moduleUsed(command: Command): string | undefined {
  if (command.kind === 'register') return command.module ?? '';
  if ('action' in command && command.action) return command.action.module ?? '';
  return undefined;
}

/** What is wrong with an outcome: failures that are not listed, and listed ones that pass. Empty if nothing is. */
export function complaintsAbout({ failures }: Outcome, listed: ReadonlySet<number> | 'all'): string[] {
  if (listed === 'all') {
    return failures.size > 0 ? [] : ['passes now: take the file out of expected-failures.txt'];
  }
  const unexpected = [...failures].filter(([line]) => !listed.has(line));
  const passing = [...listed].filter((line) => !failures.has(line));
  return [
    ...unexpected.map(([line, message]) => `line ${line}: ${message}`),
    ...passing.map((line) => `line ${line} passes now: take it out of expected-failures.txt`),
  ];
}
