/**
 * A component that answers requests (wasi:http/incoming-handler) under the debugger: a thread that waits for them, and for each
 * one a thread with a fresh instance. Whoever has the threads runs all of them by turns.
 *
 * The instances of requests live in one store, so that everything can be looked at in the same way. What is in a store stays there; so
 * behind some requests, when none is under way, the next one is handed over to a program over a new store.
 */

import type { ComponentInst } from '../component/instance.ts';
import { dropLeftovers } from '../component/leftover.ts';
import { componentProgram } from '../component/program.ts';
import type { Program, Threads } from '../exec/threads.ts';
import type { HttpArrival, HttpListener } from '../wasi/http.ts';
import { prepareHandler } from '../wasi/preview2/http/handler.ts';

type ProgramOptions = Parameters<typeof componentProgram>[0];

/** A component that answers; all of its instances have the same imports. */
export interface Serving extends Pick<ProgramOptions, 'valid' | 'imports'> {
  readonly listener: HttpListener;
  /** A request that was handed over. */
  readonly first?: HttpArrival;
}

/** How the calls of requests are run, and who hears of them. */
export interface ServingHooks extends Pick<ProgramOptions, 'world' | 'made' | 'reached' | 'trapped'> {
  /** A request is over; `told` says how, for people. */
  answered(told: string): void;
  /** This program ends, and whoever goes on takes this request. */
  handOver(arrival: HttpArrival): void;
}

/** Requests whose instances may be in a store. */
const MOST_IN_STORE = 8;

/** The program of the thread that waits. It ends only by handing over. */
export function* servingProgram(threads: Threads, serving: Serving, hooks: ServingHooks): Program {
  let arrival = serving.first;
  const wait = threads.store.addHostFunc({
    type: { kind: 'func', params: [], results: [] },
    name: 'wait for a request',
    async call() {
      arrival = await serving.listener.next();
      return [];
    },
  });
  for (let requests = 0; ; requests++) {
    if (!arrival) yield { kind: 'call', func: wait, args: [] };
    const next: HttpArrival = arrival!;
    arrival = undefined;
    const isAlone = threads.all.filter(({ state }) => state !== 'ended').length === 1;
    if (requests >= MOST_IN_STORE && isAlone) {
      hooks.handOver(next);
      return;
    }
    const { method, path = '' } = next.served.request;
    threads.start(requestProgram(serving, next, hooks), `${method} ${path}`);
  }
}

/** One request in an instance of its own. */
function* requestProgram(
  { valid, imports }: Serving,
  { served, done }: HttpArrival,
  { answered, handOver: _, ...hooks }: ServingHooks,
): Program {
  const { invocation, outcome } = prepareHandler(valid.type, served);
  const { world } = hooks;
  const instances = new Set<ComponentInst>();
  let isDone = false;
  yield* componentProgram({
    valid,
    imports,
    invocation,
    ...hooks,
    world: {
      ...world,
      instantiated(inst, of) {
        instances.add(of);
        world.instantiated?.(inst, of);
      },
    },
    returned: () => {
      isDone = true;
    },
  });
  const { label } = invocation;
  if (!isDone) {
    void dropLeftovers(instances);
    done({ status: 500, message: 'the handler has trapped' });
    answered(`${label}: the handler has trapped`);
    return;
  }
  void outcome().then(async (end) => {
    await dropLeftovers(instances);
    if (end === 'answered') {
      done(end);
      answered(`${label}: answered`);
      return;
    }
    const told = end ? `the handler answers with ${end.message}` : 'the handler has given no answer';
    done({ status: 500, message: told });
    answered(`${label}: ${told}`);
  });
}
