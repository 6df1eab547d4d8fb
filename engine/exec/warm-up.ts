/**
 * A small program with every plain instruction of the interpreter's loop, which runs once in a process before V8 optimises the loop.
 *
 * V8 leaves out of optimised code what it has not seen executed. When that is executed later, all of the code is thrown
 * away, the loop runs five times slower for a tenth of a second, and is compiled again: that happened 21 times in the eleven
 * programs of test/bench/tiers.bench.ts (Node 24). Values are small and large, so that V8 sees numbers of both kinds; the
 * program repeats itself until the functions that the loop calls have what V8 wants to know of them before it copies them
 * into it.
 */

import { decode } from '../binary/decode.ts';
import { SUPPORTED } from '../isa/features.ts';
import type { FuncInst } from '../runtime/func.ts';
import { instantiate } from '../runtime/instantiate.ts';
import { Store } from '../runtime/store.ts';
import { WARM_UP } from './warm-up.gen.ts';

/** What runs the program: a machine. */
interface Runs {
  begin(func: FuncInst, args: readonly []): void;
  run(): { readonly kind: string };
}

let isDone = false;

/** Runs the program, unless it has run in this process. `machineOver` makes a machine for it. */
export function warmUp(machineOver: (store: Store) => Runs): void {
  if (isDone) return;
  isDone = true;
  const store = new Store();
  const inst = instantiate(store, decode(Uint8Array.from(WARM_UP)), () => undefined, SUPPORTED);
  const machine = machineOver(store);
  machine.begin(inst.exportedFunc('main')!, []);
  const { kind } = machine.run();
  if (kind !== 'done') throw new Error(`the program that warms the interpreter up ended with ${kind}`);
}
