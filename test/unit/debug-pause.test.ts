/**
 * A pause of a program that is about to wait for a promise of its host, at each moment that it can come: none is lost.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDebuggee, type Debuggee } from '../../engine/debug/debuggee.ts';
import type { Command, CommandName, Message, Params } from '../../engine/debug/wire.ts';

/** Counts for more than one slice, then waits for good. */
const PROGRAM = `(module
  (import "host" "forever" (func $forever))
  (func (export "main") (local $i i32)
    (loop $again
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 300000))))
    (call $forever)))`;

/** Asks for a pause when the program gives the event loop back for the nth time; gives how often it did, and its stop. */
async function pausedAt(nth: number): Promise<{ yields: number; reason: string | undefined }> {
  let yields = 0;
  let id = 0;
  let debuggee: Debuggee;
  const answers = new Map<number, (result: unknown) => void>();
  let reason: string | undefined;
  const ask = <K extends CommandName>(command: K, params: Params<K>): Promise<unknown> => {
    id++;
    const answer = new Promise((resolve) => answers.set(id, resolve));
    debuggee.receive({ id, command, params } as Command);
    return answer;
  };
  debuggee = createDebuggee({
    send: (message: Message) => {
      if (message.type === 'event') {
        if (message.event === 'stopped') reason = message.body.reason;
      } else answers.get(message.id)?.(message.type === 'result' ? message.result : message.faults);
    },
    yieldToHost: async () => {
      if (++yields === nth) void ask('pause', null);
    },
    importModule: async () => ({ default: { host: { forever: () => new Promise(() => undefined) } } }),
  });
  await ask('load', { program: { text: PROGRAM }, file: 'p.wat' });
  await ask('link', { imports: { url: 'data:,' }, engine: 'interpreter' });
  await ask('prepare', { function: 'main', args: [] });
  await ask('start', { stopOnEntry: false, noDebug: false });
  // No timer: what is to come has come when the event loop has gone round without it.
  for (let rounds = 0, seen = -1; reason === undefined && (seen !== yields || rounds < 3); rounds++) {
    seen = yields;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { yields, reason };
}

test('a pause between two slices stops a program that waits in the second', async (t) => {
  // Each look at the clock ends a slice.
  let now = 0;
  t.mock.method(Date, 'now', () => {
    now += 10;
    return now;
  });
  const { yields, reason: none } = await pausedAt(0);
  assert.ok(yields >= 2, `${yields} slices`);
  assert.equal(none, undefined);
  for (let nth = 1; nth <= yields; nth++) assert.equal((await pausedAt(nth)).reason, 'pause', `slice ${nth}`);
});
