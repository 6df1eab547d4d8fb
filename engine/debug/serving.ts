/**
 * A component that answers requests (wasi:http/incoming-handler) under the debugger: a thread that waits for them, and for each
 * one a thread with a fresh instance. Whoever has the threads runs all of them by turns.
 *
 * Every instance lives in the one store of the program, so that everything can be looked at in the same way.
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
}

/** How the calls of requests are run, and who hears of them. */
export interface ServingHooks extends Pick<ProgramOptions, 'world' | 'made' | 'reached' | 'trapped'> {
  /** A request is over; `told` says how, for people. */
  answered(told: string): void;
}

/** The program of the thread that waits. It never ends by itself. */
export function* servingProgram(threads: Threads, serving: Serving, hooks: ServingHooks): Program {
  let arrival: HttpArrival | undefined;
  const wait = threads.store.addHostFunc({
    type: { kind: 'func', params: [], results: [] },
    name: 'wait for a request',
    async call() {
      arrival = await serving.listener.next();
      return [];
    },
  });
  for (;;) {
    yield { kind: 'call', func: wait, args: [] };
    const { method, path = '' } = arrival!.served.request;
    threads.start(requestProgram(serving, arrival!, hooks), `${method} ${path}`);
  }
}

/** One request in an instance of its own. */
function* requestProgram(
  { valid, imports }: Serving,
  { served, done }: HttpArrival,
  { answered, ...hooks }: ServingHooks,
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
