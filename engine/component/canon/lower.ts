/**
 * `canon lower` (CanonicalABI.md): a function with a component type becomes a core function.
 *
 * Lifted functions of other instances are called by their entries, with a frame of their own; those of the host are
 * called right here. What a host function throws by mistake ends the program: no handler of the guest sees it.
 */

import { WasmError } from '../../base/errors.ts';
import type { FuncInst, HostSteps } from '../../runtime/func.ts';
import { i32, type NumValue, type Value } from '../../runtime/values.ts';
import { flattenFunc, MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from '../abi.ts';
import type { HostFunction } from '../host.ts';
import type { ComponentFunc } from '../instance.ts';
import { ComponentCall, type Steps } from '../task.ts';
import type { FuncType, ValType } from '../types.ts';
import type { ComponentValue } from '../values.ts';
import { type Boundary, markBoundary } from './boundary.ts';
import { type CanonContext, type CanonOptions, newBudget } from './context.ts';
import { bitsOf, enter, flatOptions, settled } from './lift.ts';
import { FlatReader, liftValues } from './lift-values.ts';
import { lowerValues } from './lower-values.ts';

/** What `canon lower` with `async` answers for a call that has returned already. */
const RETURNED = 2;

/** Makes a core function of a component function. `type` is the function's in the instance that calls, `offset` where it is defined. */
export function lowerFunc(func: ComponentFunc, type: FuncType, opts: CanonOptions, offset: number): FuncInst {
  const { params, results } = flattenFunc(type, 'lower', flatOptions(opts));
  const shape: Shape = {
    type,
    params: type.params.map((param) => param.type),
    results: type.result ? [type.result] : [],
    mostParams: opts.async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS,
    mostResults: opts.async ? 0 : MAX_FLAT_RESULTS,
  };
  const inst = opts.instance.store.addHostFunc({
    type: { kind: 'func', params, results },
    get name() {
      return func.name;
    },
    call: (args) => runLowered(made, opts, shape, args),
  });
  const { instance } = opts;
  const made = markBoundary<Lower>(inst, { kind: 'lower', func, instance, offset, call: undefined });
  return inst;
}

type Lower = Extract<Boundary, { kind: 'lower' }>;

interface Shape {
  readonly type: FuncType;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  readonly mostParams: number;
  readonly mostResults: number;
}

function* runLowered(made: Lower, opts: CanonOptions, shape: Shape, args: readonly Value[]): HostSteps {
  const { func, instance } = made;
  instance.mustBeAbleToLeave();
  const { target } = func;
  const withHost = target.kind === 'func';
  const flat = new FlatReader(bitsOf(args));
  const wide = new Set<string>();
  let results: NumValue[] = [];
  const call = new ComponentCall(func, {
    instance,
    encoding: opts.encoding,
    wide,
    start: () => liftValues(lifting, shape.params, shape.mostParams, flat),
    *resolve(result) {
      const cx: CanonContext = {
        opts,
        withHost,
        budget: newBudget(),
        call: undefined,
        task: undefined,
        wide: call.resultWide,
        from: target.kind === 'lifted' ? target.encoding : undefined,
      };
      const values = shape.results.length > 0 ? [result as ComponentValue] : [];
      results = yield* lowerValues(cx, values, shape.results, shape.mostResults, flat);
    },
  });
  const lifting: CanonContext = {
    opts,
    withHost,
    budget: newBudget(),
    call,
    task: undefined,
    wide,
    from: undefined,
  };
  made.call = call;
  if (target.kind === 'lifted') {
    yield* enter(target, call);
  } else {
    yield* callHost(target, call, shape.type);
  }
  made.call = undefined;
  call.giveBack();
  return opts.async ? [i32(RETURNED)] : results;
}

function* callHost(target: HostFunction, call: ComponentCall, type: FuncType): Steps<void> {
  const { func } = call;
  try {
    const args = call.start();
    const result = yield* settled(target.call(args, { type, name: func.name }));
    yield* call.resolve(result);
  } catch (error) {
    if (error instanceof WasmError) throw error;
    const message = `${func.name}: ${error instanceof Error ? error.message : String(error)}`;
    throw new WasmError({ phase: 'crash', message, notes: [{ message: 'the host function failed' }] });
  }
}
