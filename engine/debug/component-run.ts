/**
 * Running a component: it is instantiated, each core module's start function at its place, and one of its functions is
 * called (component/program.ts). Its core modules are the program's modules.
 *
 * What comes to be on the way is a place where it can stop and where steps end (instantiation.ts): a component's beginning, a core
 * instance before its start function, and the call behind all that. Knows no DAP.
 */

import { WasmError } from '../base/errors.ts';
import type { HostImports } from '../component/host.ts';
import { linkHost } from '../component/host-imports.ts';
import type { ComponentInst } from '../component/instance.ts';
import type { Reached } from '../component/instantiate.ts';
import type { PlanNode } from '../component/plan.ts';
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
import type { HttpArrival, HttpListener } from '../wasi/http.ts';
import { type EndMark, type EndOwner, markedEnd } from './end-marks.ts';
import { Instantiation, type LoadedPlan } from './instantiation.ts';
import { linkFaults, Refusal } from './load.ts';
import type { Caller, Run, RunOwner } from './run.ts';
import type { EnterAs, Stop } from './runner.ts';
import { servingProgram } from './serving.ts';

/** What only a component's run reports. */
export interface ComponentRunOwner extends EndOwner, Pick<RunOwner, 'print' | 'instantiated'> {
  /** The function has returned; `text` is its result in WAVE, if there is something to tell. */
  returnedValue(label: string, text: string | undefined): void;
  /** A node of the plan is come to; `inst` is there if it is a core instance. Whether a breakpoint stops there. */
  stopsAtNode(node: PlanNode, inst: ModuleInst | undefined): boolean;
  /** Everything is instantiated. */
  made(): void;
}

/** Where a run is to stop by itself: at its first place, in the first start function, or in the function that is called. */
export type StopIn = 'first' | 'start' | 'main' | undefined;

/** A component with all of its imports; with requests that it is to answer, if it is. */
export interface LinkedComponent extends Pick<Parameters<typeof componentProgram>[0], 'valid' | 'imports'> {
  readonly requests?: HttpListener;
  /** The request to begin with. */
  readonly first?: HttpArrival;
}

/** Marks of this run: a call ended without returning, a node of the plan is come to, everything is there. */
type Mark = EndMark | Pick<Reached, 'kind' | 'id' | 'inst'> | 'made';

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

/** What is called where requests are answered. */
const SERVES = 'the handler';

export class ComponentRun implements Run {
  readonly main: Thread;
  readonly label: string;
  readonly #owner: ComponentRunOwner;
  readonly #owners = new WeakMap<ModuleInst, ComponentInst>();
  readonly instantiation: Instantiation;
  /** What comes behind instantiation. */
  readonly #call: Caller;
  #stopIn: StopIn;
  exitCode = 0;
  /** A request that another run is to go on with, when this one is over. */
  left: HttpArrival | undefined;

  /** `invocation`: what is called; undefined where it answers requests. */
  constructor(
    threads: Threads,
    linked: LinkedComponent & { readonly plan: LoadedPlan },
    invocation: Invocation | undefined,
    owner: ComponentRunOwner,
    stopIn?: StopIn,
  ) {
    this.#owner = owner;
    this.#stopIn = stopIn;
    this.instantiation = new Instantiation(linked.plan);
    const { valid, imports, requests, first } = linked;
    this.label = invocation?.label ?? SERVES;
    const exported = valid.component.exports.find(({ name }) => name.text === invocation?.path[0]);
    this.#call = { label: `call ${this.label}`, span: exported && linked.plan.spanAt(exported.offset) };
    const hooks = {
      world: {
        store: threads.store,
        features: SUPPORTED,
        instantiated: (inst: ModuleInst, of: ComponentInst) => {
          this.#owners.set(inst, of);
          owner.instantiated(inst);
        },
      },
      made: (): Request => ({ kind: 'mark', mark: 'made' satisfies Mark, keepFrames: false }),
      reached: ({ kind, id, inst }: Reached): Request => ({
        kind: 'mark',
        mark: { kind, id, inst } satisfies Mark,
        keepFrames: false,
      }),
      trapped: (outcome: Trap) => this.#trapped(outcome),
    };
    if (!invocation) {
      const answered = (told: string) => owner.print('console', `${told}\n`);
      const handOver = (arrival: HttpArrival) => {
        this.left = arrival;
      };
      this.main = threads.start(
        servingProgram(
          threads,
          { valid, imports, listener: requests!, first },
          { ...hooks, answered, handOver },
        ),
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

  marked(thread: Thread, told: unknown): Stop | 'pass' | 'place' | EnterAs {
    const mark = told as Mark;
    if (mark === 'made') return this.#made(thread);
    return 'kind' in mark ? this.#reached(thread, mark) : markedEnd(this, this.#owner, thread, mark);
  }

  ended(thread: Thread): boolean {
    this.instantiation.ended(thread);
    return thread === this.main;
  }

  deadlocked(): boolean {
    this.exitCode = 1;
    return true;
  }

  callersOf(thread: Thread): Caller[] {
    return this.instantiation.callersOf(thread, this.#call);
  }

  expects(): undefined {
    return undefined;
  }

  #reached(thread: Thread, { id, inst }: Pick<Reached, 'id' | 'inst'>): Stop | 'pass' | 'place' | EnterAs {
    const node = this.instantiation.come(thread, id);
    if (!node) return 'pass';
    const stops = this.#owner.stopsAtNode(node, inst);
    if (this.#stopIn === 'first') return { thread, reason: this.#entered() };
    if (stops) return { thread, reason: 'breakpoint' };
    if (this.#stopIn !== 'start' || !inst?.start) return 'place';
    return { enterAs: { thread, reason: this.#entered() } };
  }

  /** From here on a thread runs what it was instantiated for. */
  #made(thread: Thread): 'place' | EnterAs {
    this.instantiation.made(thread);
    this.#owner.made();
    return this.#stopIn === 'main' ? { enterAs: { thread, reason: this.#entered() } } : 'place';
  }

  #entered(): 'entry' {
    this.#stopIn = undefined;
    return 'entry';
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
