/**
 * What a worker of a browser runs for web.test.ts: tests of the host tier that are bundled with it, or scripts of the public
 * test suite. One request by a message, one answer.
 */

import { whyNotCompiled } from '../../../engine/exec/host/probe.ts';
import type { MachineOptions } from '../../../engine/exec/machine.ts';
import type { Threads } from '../../../engine/exec/threads.ts';
import type { Feature } from '../../../engine/isa/row.ts';
import { outcomeOf } from '../judge.ts';
import '../../unit/exec-host.test.ts';
import '../../unit/exec-host-nested.test.ts';
import '../../unit/exec-host-stack.test.ts';
import '../../unit/exec-host-stops.test.ts';
import '../../unit/exec-host-tier.test.ts';
import '../../unit/exec-replay.test.ts';
import { runTests, type TestResult } from './node-test.ts';

/** A script of the suite, and what it is written for. */
export interface Script {
  readonly file: string;
  readonly text: string;
  readonly features: readonly Feature[];
}

export type Request =
  | { readonly kind: 'tests'; readonly without: string }
  | {
      readonly kind: 'suite';
      readonly scripts: readonly Script[];
      readonly engine: MachineOptions['engine'];
    };

/** What came of one script. */
export interface ScriptResult {
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly (readonly [line: number, message: string])[];
}

export interface Answer {
  /** Why nothing can be compiled here. */
  readonly why: string | undefined;
  readonly tests: readonly TestResult[];
  readonly scripts: readonly ScriptResult[];
  /** Functions of the scripts that were compiled. */
  readonly compiled: number;
  readonly error?: string;
}

interface WorkerScope {
  postMessage(message: Answer): void;
  onmessage: ((event: { data: Request }) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage(await answerTo(data));
  } catch (error) {
    const text = error instanceof Error ? `${error.stack}` : String(error);
    scope.postMessage({ why: undefined, tests: [], scripts: [], compiled: 0, error: text });
  }
};

async function answerTo(request: Request): Promise<Answer> {
  const why = whyNotCompiled();
  if (request.kind === 'tests')
    return { why, tests: await runTests(new RegExp(request.without)), scripts: [], compiled: 0 };
  let compiled = 0;
  const scripts = request.scripts.map(({ file, text, features }): ScriptResult => {
    let threads: Threads | undefined;
    const begins = (made: Threads): void => {
      threads = made;
    };
    const { passed, failures } = outcomeOf(text, new Set(features), { engine: request.engine, begins });
    compiled += threads?.space.tier?.tier.functions().length ?? 0;
    return { file, passed, failures: [...failures] };
  });
  return { why, tests: [], scripts, compiled };
}
