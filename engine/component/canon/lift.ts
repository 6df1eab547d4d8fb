/**
 * `canon lift` (CanonicalABI.md): core code becomes a function with a component type.
 *
 * The function is a host function of the store that goes by steps: its frame stays while core code runs, so a program
 * stops in the callee, in its `realloc` and in its post-return function as it does anywhere else.
 */

import { I32 } from '../../isa/types.ts';
import type { FuncInst, HostSteps } from '../../runtime/func.ts';
import type { NumValue, Value } from '../../runtime/values.ts';
import { type flattenFunc, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from '../abi.ts';
import type { ComponentFunc, ComponentInst, LiftedFunc } from '../instance.ts';
import { ComponentCall, callOf, closeCall, openCall, type Steps, type Task } from '../task.ts';
import { type FuncType, typeText, type ValType } from '../types.ts';
import type { ComponentValue } from '../values.ts';
import { markBoundary } from './boundary.ts';
import { type CanonContext, type CanonOptions, newBudget } from './context.ts';
import { FlatReader, liftValues } from './lift-values.ts';
import { lowerValues } from './lower-values.ts';
import { notYet, trap } from './traps.ts';

/** What callbacks answer. */
const EXIT_CODE = 0;
const LAST_CALLBACK_CODE = 2;

const ENTRY = { kind: 'func', params: [I32], results: [] } as const;

/** Makes a component function of a core function; `offset`: where it is defined. */
export function liftFunc(
  core: FuncInst,
  type: FuncType,
  opts: CanonOptions,
  { name, offset }: { readonly name: string; readonly offset: number },
): ComponentFunc {
  const params = type.params.map((param) => param.type);
  const results: readonly ValType[] = type.result ? [type.result] : [];
  const target: LiftedFunc = {
    kind: 'lifted',
    instance: opts.instance,
    core,
    encoding: opts.encoding,
    entry: opts.instance.store.addHostFunc({
      type: ENTRY,
      get name() {
        return func.name;
      },
      call: ([number]) => runLifted(number, lifted),
    }),
  };
  const func: ComponentFunc = { kind: 'func', type, name, target };
  const lifted: Lifted = { core, opts, params, results };
  markBoundary(target.entry, { kind: 'lift', func, instance: opts.instance, offset });
  return func;
}

/** What of the options decides a core type. */
export function flatOptions({ address, async, callback }: CanonOptions): Parameters<typeof flattenFunc>[2] {
  return { address, async, callback: callback !== undefined };
}

interface Lifted {
  readonly core: FuncInst;
  readonly opts: CanonOptions;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

function* runLifted(number: Value, { core, opts, params, results }: Lifted): HostSteps {
  const { instance } = opts;
  const call = callOf(instance.store, number)!;
  const { caller } = call;
  instance.enterFrom(caller.instance);
  const task = instance.beginTask();
  const cx: CanonContext = {
    opts,
    withHost: caller.instance === undefined,
    budget: newBudget(),
    call: undefined,
    task,
    wide: caller.wide,
    from: caller.encoding,
  };
  const flatArgs = yield* lowerValues(cx, call.start(), params, MAX_FLAT_PARAMS);
  if (opts.async) task.returning = { call, opts, result: results[0] };
  const flatResults = yield { kind: 'call', func: core, args: flatArgs };
  if (opts.async) {
    endAsync(call, task, opts, flatResults);
    return [];
  }
  const lifting: CanonContext = { ...cx, wide: call.resultWide, budget: newBudget() };
  const [result] = liftValues(lifting, results, MAX_FLAT_RESULTS, new FlatReader(bitsOf(flatResults)));
  if (task.borrows > 0) trap('borrow handles still remain at the end of the call', `${task.borrows} of them`);
  yield* call.resolve(result);
  if (opts.postReturn) {
    instance.mayLeave = false;
    yield { kind: 'call', func: opts.postReturn, args: flatResults };
    instance.mayLeave = true;
  }
  instance.endTask();
  instance.leaveTo(caller.instance);
  return [];
}

/** A function that is lifted as async has come back: to its end, or to wait for something, which does not run yet. */
function endAsync(call: ComponentCall, task: Task, opts: CanonOptions, flatResults: readonly Value[]): void {
  if (opts.callback) {
    const code = Number(bitsOf(flatResults)[0] & 0xfn);
    if (code > LAST_CALLBACK_CODE) trap('unsupported callback code', `${code}`);
    if (code !== EXIT_CODE) notYet('async functions that wait or yield');
  }
  if (task.returning)
    trap('async-lifted export failed to produce a result', 'it ended without `task.return`');
  opts.instance.endTask();
  opts.instance.leaveTo(call.caller.instance);
}

/** `task.return`: the result of the running task, which is lifted as async. */
export function* returnFromTask(
  opts: CanonOptions,
  result: ValType | undefined,
  args: readonly Value[],
): HostSteps {
  const { instance } = opts;
  instance.mustBeAbleToLeave();
  const { task } = instance;
  const { returning } = task!;
  if (!returning)
    trap('invalid `task.return` call for current task', 'it is not async, or has returned before');
  const { call } = returning;
  const sameOptions = opts.encoding === returning.opts.encoding && opts.memory === returning.opts.memory;
  if (!sameOptions || !sameType(result, returning.result)) {
    trap('invalid `task.return` signature and/or options for current task');
  }
  if (task!.borrows > 0)
    trap('borrow handles still remain at the end of the call', `${task!.borrows} of them`);
  const cx: CanonContext = {
    opts,
    withHost: call.caller.instance === undefined,
    budget: newBudget(),
    call: undefined,
    task,
    wide: call.resultWide,
    from: undefined,
  };
  const types = result ? [result] : [];
  const [value] = liftValues(cx, types, MAX_FLAT_PARAMS, new FlatReader(bitsOf(args)));
  task!.returning = undefined;
  yield* call.resolve(value);
  return [];
}

function sameType(a: ValType | undefined, b: ValType | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && typeText(a) === typeText(b));
}

/** The bits of core values. */
export function bitsOf(values: readonly Value[]): bigint[] {
  return values.map((value) => (value as NumValue).bits);
}

/** Calls a component function, by steps, for the host or for an instance that is made. Traps as a program does. */
export function* callFunc(
  func: ComponentFunc,
  args: readonly ComponentValue[],
  from?: ComponentInst,
): Steps<ComponentValue | undefined> {
  const { target } = func;
  if (target.kind === 'func') {
    const answer = target.call(args, { type: func.type, name: func.name });
    return yield* settled(answer);
  }
  const call = new ComponentCall(func, {
    instance: from,
    encoding: undefined,
    wide: new Set(),
    start: () => args,
    *resolve() {},
  });
  yield* enter(target, call);
  return call.result;
}

/** Calls a lifted function by its entry. A call that traps stays where it can be looked at. */
export function* enter({ entry, instance }: LiftedFunc, call: ComponentCall): Steps<void> {
  const number = openCall(instance.store, call);
  yield { kind: 'call', func: entry, args: [number] };
  closeCall(instance.store, number);
}

/** What the host answers, when it is there. */
export function* settled<T>(answer: T | Promise<T>): Steps<T> {
  if (typeof (answer as { then?: unknown } | undefined)?.then !== 'function') return answer as T;
  let value: T | undefined;
  const promise = (answer as Promise<T>).then((it) => {
    value = it;
  });
  yield { kind: 'wait', promise };
  return value as T;
}
