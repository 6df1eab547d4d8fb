/**
 * Running a component: it is instantiated, each core module's start function at its place, and one of its functions is
 * called (component/program.ts). Its core modules are the program's modules.
 *
 * Calls through the canonical ABI are frames of host functions; what they are is component-frames.ts. Knows no DAP.
 */

import { type Fault, WasmError } from '../base/errors.ts';
import type { HostImports } from '../component/host.ts';
import { linkHost } from '../component/host-imports.ts';
import type { ComponentInst } from '../component/instance.ts';
import {
  componentProgram,
  exitCodeOfResult,
  type Invocation,
  prepareCall,
  resultText,
} from '../component/program.ts';
import type { ValidComponent } from '../component/valid/validate.ts';
import type { Outcome } from '../exec/outcome.ts';
import type { Request, Thread, Threads } from '../exec/threads.ts';
import { SUPPORTED } from '../isa/features.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { ProgramExit } from '../wasi/exit.ts';
import type { HttpListener } from '../wasi/http.ts';
import { linkFaults, Refusal } from './load.ts';
import type { ModuleRunOwner } from './module-run.ts';
import type { Run, RunOwner } from './run.ts';
import type { EnterAs, Stop } from './runner.ts';
import { servingProgram } from './serving.ts';

/** What only a component's run reports. */
export interface ComponentRunOwner extends Omit<ModuleRunOwner, 'returned'>, Pick<RunOwner, 'print'> {
  /** The function has returned; `text` is its result in WAVE, if there is something to tell. */
  returnedValue(label: string, text: string | undefined): void;
  /** A core instance is there whose code has not run yet. */
  coreInstance(inst: ModuleInst): void;
}

/** A component with all of its imports; with requests that it is to answer, if it is. */
export interface LinkedComponent extends Pick<Parameters<typeof componentProgram>[0], 'valid' | 'imports'> {
  readonly requests?: HttpListener;
}

/** Marks of this run: as a module's. */
type Mark =
  | { readonly label: string; readonly fault: Fault; readonly cause: unknown }
  | { readonly instantiated: readonly ModuleInst[] }
  | { readonly exit: number };

/** Throws a Refusal that tells of every import that is missing. */
export function linkComponent(valid: ValidComponent, host: HostImports): LinkedComponent {
  try {
    return { valid, imports: linkHost(valid, host) };
  } catch (error) {
    if (error instanceof WasmError) throw new Refusal(linkFaults(error.fault));
    throw error;
  }
}

/** What `invoke` asks for: a call in WAVE, or a function and its arguments apart. Throws a usage fault. */
export function componentInvocation(
  { type }: ValidComponent,
  name: string | undefined,
  args: readonly (string | number)[] = [],
): Invocation {
  return prepareCall(type, name === undefined || name.includes('(') ? name : `${name}(${args.join(', ')})`);
}

type Trap = Extract<Outcome, { kind: 'trap' }>;

/** What runs where requests are answered. */
const SERVES = 'HTTP requests';

export class ComponentRun implements Run {
  readonly main: Thread;
  readonly label: string;
  readonly #owner: ComponentRunOwner;
  readonly #owners = new WeakMap<ModuleInst, ComponentInst>();
  exitCode = 0;
  /** The instance of the whole component, when it is there. */
  inst: ComponentInst | undefined;

  /** `invocation`: what is called; undefined where it answers requests. */
  constructor(
    threads: Threads,
    linked: LinkedComponent,
    invocation: Invocation | undefined,
    owner: ComponentRunOwner,
  ) {
    this.#owner = owner;
    const { valid, imports, requests } = linked;
    this.label = invocation?.label ?? SERVES;
    const hooks = {
      world: {
        store: threads.store,
        features: SUPPORTED,
        instantiated: (inst: ModuleInst, of: ComponentInst) => {
          this.#owners.set(inst, of);
          owner.coreInstance(inst);
        },
      },
      made: (inst: ComponentInst) => {
        this.inst = inst;
      },
      before: () => this.#newInstances(),
      trapped: (outcome: Trap) => this.#trapped(outcome),
    };
    if (!invocation) {
      const answered = (told: string) => owner.print('console', `${told}\n`);
      this.main = threads.start(
        servingProgram(threads, { valid, imports, listener: requests! }, { ...hooks, answered }),
        'server',
      );
      return;
    }
    const program = componentProgram({
      valid,
      imports,
      invocation,
      ...hooks,
      returned: (result) => {
        this.exitCode = exitCodeOfResult(invocation, result);
        owner.returnedValue(invocation.label, resultText(invocation, result));
      },
    });
    this.main = threads.start(program, 'main');
  }

  /** The component instance that a core instance is in. */
  ownerOf(inst: ModuleInst): ComponentInst | undefined {
    return this.#owners.get(inst);
  }

  marked(thread: Thread, told: unknown): Stop | 'pass' | EnterAs {
    const mark = told as Mark;
    if ('instantiated' in mark) {
      // All are asked: each counts.
      const stops = mark.instantiated.filter((inst) => this.#owner.stopsAtInstantiation(inst));
      return stops.length > 0 ? { enterAs: { thread, reason: 'breakpoint' } } : 'pass';
    }
    if ('exit' in mark) return { thread, reason: 'exit', code: mark.exit };
    const { label, fault, cause } = mark;
    this.exitCode = 1;
    this.#owner.failed(thread, label, fault, cause);
    return this.#owner.stopsAtFault(fault) ? { thread, reason: 'fault', fault, cause } : 'pass';
  }

  ended(thread: Thread): boolean {
    return thread === this.main;
  }

  deadlocked(): boolean {
    this.exitCode = 1;
    return true;
  }

  callerOf(): undefined {
    return undefined;
  }

  expects(): undefined {
    return undefined;
  }

  #newInstances(): Request | undefined {
    const instantiated = this.#owner.newInstances();
    if (instantiated.length === 0) return undefined;
    return { kind: 'mark', mark: { instantiated } satisfies Mark, keepFrames: false };
  }

  /** The mark for a call that has ended so. */
  #trapped({ fault, cause }: Trap): Request | undefined {
    if (cause instanceof ProgramExit) {
      this.exitCode = cause.code;
      if (!this.#owner.stopsAtExit(cause.code)) return undefined;
      return { kind: 'mark', mark: { exit: cause.code } satisfies Mark, keepFrames: true };
    }
    return { kind: 'mark', mark: { label: this.label, fault, cause } satisfies Mark, keepFrames: true };
  }
}
