/**
 * WASI 0.1 (`wasi_snapshot_preview1`): its 46 functions as imports of a store.
 *
 * Functions are made when a module asks for them, once a store; all instances share one context. They read and write
 * the memory of the instance that calls. An error of the host comes back as an `errno`; a bad pointer traps.
 */

import { I32, I64 } from '../../isa/types.ts';
import type { FuncInst, HostContext } from '../../runtime/func.ts';
import type { Imports } from '../../runtime/instantiate.ts';
import type { Store } from '../../runtime/store.ts';
import { i32, type NumValue, type Value } from '../../runtime/values.ts';
import { errnoOf } from '../errors.ts';
import { HostError, type Later } from '../host.ts';
import { isPromise, perform } from '../steps.ts';
import { Call, type WasiFunction } from './call.ts';
import { WasiContext, type WasiOptions } from './context.ts';
import { FILES } from './files.ts';
import { PATHS } from './paths.ts';
import { POLL } from './poll.ts';
import { PROGRAM } from './program.ts';
import { SOCKETS } from './sockets.ts';

export const PREVIEW1 = 'wasi_snapshot_preview1';

export const FUNCTIONS: Readonly<Record<string, WasiFunction>> = {
  ...PROGRAM,
  ...FILES,
  ...PATHS,
  ...POLL,
  ...SOCKETS,
};

/** The imports of one program. What it is not asked for costs nothing. */
export function preview1Imports(store: Store, options: WasiOptions): Imports {
  const wasi = new WasiContext(options);
  const made = new Map<string, FuncInst>();
  return ({ module, name, kind }) => {
    if (module !== PREVIEW1 || kind !== 'func' || !Object.hasOwn(FUNCTIONS, name)) return undefined;
    let func = made.get(name);
    if (!func) made.set(name, (func = add(store, wasi, name)));
    return func;
  };
}

function add(store: Store, wasi: WasiContext, name: string): FuncInst {
  const { params, run } = FUNCTIONS[name];
  const types = [...params].map((letter) => (letter === 'I' ? I64 : I32));
  const results = name === 'proc_exit' ? [] : [I32];
  const call = (values: Value[], { caller }: HostContext): Later<readonly Value[]> => {
    const args = (values as NumValue[]).map(({ type, bits }) => (type === I64 ? bits : Number(bits)));
    try {
      const steps = run(new Call(wasi, caller), ...args);
      const done = steps && perform(steps);
      return done && isPromise(done) ? done.then(() => SUCCESS, failed) : SUCCESS;
    } catch (error) {
      return failed(error);
    }
  };
  const type = { kind: 'func', params: types, results } as const;
  return store.addHostFunc({ type, name: `${PREVIEW1}.${name}`, call });
}

const SUCCESS: readonly Value[] = [i32(0)];

/** The `errno` of an error of the host; what is none ends the program. */
function failed(error: unknown): readonly Value[] {
  if (error instanceof HostError) return [i32(errnoOf(error.code))];
  throw error;
}
