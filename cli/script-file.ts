/**
 * A script of the test suite as a whole: its text in, one verdict a command out. `wasmscope wast` and the tests of the
 * public suite share it, so that they mean the same by "passed".
 *
 * What could not be parsed does not pass; neither does what comes behind a bug of ours.
 */

import type { Span } from '../engine/base/errors.ts';
import { scriptComponents } from '../engine/component/script.ts';
import { runScript, type ScriptOptions } from '../engine/exec/script.ts';
import type { FeatureSet } from '../engine/module/module.ts';
import { type Command, parseScript } from '../engine/text/script.ts';
import { parseTree } from '../engine/text/tree.ts';

export interface Verdict {
  /** The command; undefined for a part of the script that is none. */
  readonly command: Command | undefined;
  readonly span: Span;
  readonly passed: boolean;
  /** Why it did not pass. */
  readonly message: string;
}

/**
 * Runs a script and gives its verdicts one by one, in order but for faults of the script itself, which come first.
 */
export function* runScriptText(
  text: string,
  features: FeatureSet,
  options: Pick<ScriptOptions, 'engine' | 'begins'> = {},
): Generator<Verdict> {
  const script = parseScript(parseTree(text));
  for (const { message, span = { start: 0, end: 0 } } of script.faults) {
    yield { command: undefined, span, passed: false, message };
  }
  const left = new Set(script.commands);
  try {
    for (const { command, span, ok, message = '' } of runScript(script, {
      features,
      components: scriptComponents,
      ...options,
    })) {
      left.delete(command);
      yield { command, span, passed: ok, message };
    }
  } catch (error) {
    const message = `internal error: ${error instanceof Error ? error.message : String(error)}`;
    for (const command of left) {
      yield { command, span: command.span, passed: false, message };
    }
  }
}
