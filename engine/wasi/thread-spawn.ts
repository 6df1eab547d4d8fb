/**
 * The import `"wasi" "thread-spawn"` (wasi-threads): a new thread in a new instance of the same module, over the memory that
 * both import.
 *
 * Knows how such a program is linked, and no threads: who makes one gives `spawn`. A shared memory that the program imports
 * is made here, if nobody provides it, as hosts of WASI do.
 */

import { I32 } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import type { Imports } from '../runtime/instantiate.ts';
import type { MemInst } from '../runtime/memory.ts';
import type { Store } from '../runtime/store.ts';
import { i32, toJS } from '../runtime/values.ts';

const MODULE = 'wasi';
const NAME = 'thread-spawn';

/** True for a module that makes threads in this way. */
export function spawnsThreads({ imports }: Pick<Module, 'imports'>): boolean {
  return imports.some(({ module, name }) => module === MODULE && name === NAME);
}

/**
 * What such a program imports besides what others provide. `spawn` takes what the program passes to the thread, and gives the
 * thread's number, from 1; a negative number says that there can be none.
 */
export function threadImports(store: Store, spawn: (arg: number) => number): Imports {
  const memories = new Map<string, MemInst>();
  const spawner = store.addHostFunc({
    type: { kind: 'func', params: [I32], results: [I32] },
    name: `${MODULE}.${NAME}`,
    call: ([arg]) => [i32(spawn(Number(toJS(arg))))],
  });
  return (wanted) => {
    if (wanted.module === MODULE && wanted.name === NAME) return spawner;
    if (wanted.kind !== 'memory' || !wanted.type.shared) return undefined;
    const key = `${wanted.module}\0${wanted.name}`;
    let memory = memories.get(key);
    if (!memory) memories.set(key, (memory = store.addMemory(wanted.type)));
    return memory;
  };
}
