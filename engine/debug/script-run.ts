/**
 * Running a script: its commands one after the other, each a place where the program can stop; and what is said of them.
 *
 * With a command chosen, those before it are done without a stop, because what an assertion finds depends on them; then
 * the chosen one, which ends the program. Failed commands are printed at their place and counted.
 */

import type { Fault, Phase, Span } from '../base/errors.ts';
import { scriptComponents } from '../component/script.ts';
import { commandLabel } from '../exec/command-label.ts';
import { expectedEnd } from '../exec/expected-end.ts';
import { type BegunScript, beginScript, type ScriptMark } from '../exec/script.ts';
import type { Thread, Threads } from '../exec/threads.ts';
import type { Command } from '../text/script.ts';
import { headOf } from './breakpoints.ts';
import type { LoadedScript } from './program.ts';
import type { Caller, Run, RunOwner } from './run.ts';
import type { Stop } from './runner.ts';
import type { Spot, Verdict } from './wire.ts';

/** What only scripts ask of the debugger. */
export interface ScriptOwner extends RunOwner {
  /** The chosen command is next: breakpoints count from now on. */
  reached(): void;
  /** A command is next: whether a breakpoint is on it. */
  stopsAtCommand(command: Command): boolean;
  /** The first command that can stop is next: whether to stop there. */
  stopsOnEntry(): boolean;
  /** What became of a command that counts. */
  verdict(verdict: Verdict): void;
}

export class ScriptRun implements Run {
  readonly label: string;
  readonly #script: LoadedScript;
  readonly #owner: ScriptOwner;
  readonly #begun: BegunScript;
  readonly #chosen: Command | undefined;
  /** What each thread does. */
  readonly #commands = new Map<Thread, Command>();
  /** Commands whose fault was shown. */
  readonly #shown = new Set<Command>();
  /** Commands before the chosen one: nothing of them counts. */
  #quiet: boolean;
  #passed = 0;
  #failed = 0;

  constructor(threads: Threads, script: LoadedScript, chosen: Command | undefined, owner: ScriptOwner) {
    this.#script = script;
    this.#owner = owner;
    this.#chosen = chosen;
    this.#quiet = chosen !== undefined;
    this.label = chosen ? commandLabel(chosen) : 'all commands';
    this.#begun = beginScript(script, threads, {
      modules: script.modules,
      print: (line) => owner.print('stdout', `${line}\n`),
      instantiated: (inst) => owner.instantiated(inst),
      components: scriptComponents,
    });
    if (!this.#quiet) for (const { message, span } of script.faults) this.#fail(message, span);
  }

  get main(): Thread {
    return this.#begun.main;
  }

  get exitCode(): number {
    return this.#failed > 0 ? 1 : 0;
  }

  marked(thread: Thread, mark: unknown): Stop | 'place' | 'pass' | 'over' {
    const told = mark as ScriptMark;
    switch (told.kind) {
      case 'command':
        return this.#atCommand(thread, told.command);
      case 'fault': {
        const { command, fault, cause } = told;
        if (this.#quiet || !this.#owner.stopsAtFault(fault)) return 'pass';
        this.#shown.add(command);
        return { thread, reason: 'fault', fault, cause };
      }
      case 'result': {
        const { result } = told;
        const { command, ok, message = '', fault } = result;
        const isAssertion = command.kind.startsWith('assert_');
        if (this.#quiet && (ok || isAssertion)) return 'pass';
        const { span, expected, got } = result;
        this.#owner.verdict({ span, ok, message: ok ? undefined : message, expected, got });
        if (ok) {
          if (isAssertion) this.#passed++;
          return 'pass';
        }
        this.#fail(`${commandLabel(command)}: ${message}`, placeOf(command, fault));
        const wasShown = this.#shown.delete(command);
        if (this.#quiet || wasShown || !this.#owner.stopsAtAssertions()) return 'pass';
        return { thread, reason: 'assertion', result };
      }
    }
  }

  ended(thread: Thread): boolean {
    this.#commands.delete(thread);
    return false;
  }

  deadlocked(threads: readonly Thread[]): boolean {
    this.#begun.deadlocked(threads);
    return false;
  }

  callersOf(thread: Thread): Caller[] {
    const command = this.#commands.get(thread);
    return command ? [{ label: commandLabel(command), span: headOf(command, this.#script.text) }] : [];
  }

  expects(thread: Thread): Phase | undefined {
    const command = this.#commands.get(thread);
    return command && expectedEnd(command);
  }

  /** What there is to say in the end. */
  summary(): string {
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    return `${this.#passed} ${this.#passed === 1 ? 'assertion' : 'assertions'} passed${failed}\n`;
  }

  #atCommand(thread: Thread, command: Command): Stop | 'place' | 'pass' | 'over' {
    if (thread === this.main && this.#chosen && this.#commands.get(thread) === this.#chosen) return 'over';
    this.#commands.set(thread, command);
    if (this.#quiet) {
      if (command !== this.#chosen) return 'pass';
      this.#quiet = false;
      this.#owner.reached();
    }
    if (this.#owner.stopsOnEntry()) return { thread, reason: 'entry' };
    return this.#owner.stopsAtCommand(command) ? { thread, reason: 'breakpoint' } : 'place';
  }

  #fail(text: string, span: Span | undefined): void {
    this.#failed++;
    const place: Spot | undefined = span && { doc: 'program', span };
    this.#owner.print('stderr', `${text}\n`, place);
  }
}

/** The first command that touches a range of the text. */
export function commandIn({ commands }: LoadedScript, { start, end }: Span): Command | undefined {
  return commands.find(({ span }) => span.end > start && span.start < Math.max(end, start + 1));
}

/** Where a command failed: in its module, if that is written as text, else as a whole. */
function placeOf(command: Command, fault: Fault | undefined): Span {
  const at = fault?.span;
  const form = 'module' in command && typeof command.module === 'object' ? command.module : undefined;
  const isText = form?.source === 'text' || form?.source === 'fields';
  return at && isText && at.start >= form.span.start && at.end <= form.span.end ? at : command.span;
}
