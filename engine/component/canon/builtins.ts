/**
 * Canonical built-ins (CanonicalABI.md): core functions that a component makes out of nothing. Those for resources, context
 * slots and error contexts run; those of tasks, streams, futures and threads say so until async functions run.
 */

import { I32, I64 } from '../../isa/types.ts';
import type { FuncInst, HostSteps } from '../../runtime/func.ts';
import { i32, type NumValue, type Value } from '../../runtime/values.ts';
import type { FlatFunc } from '../abi.ts';
import type { ComponentInst } from '../instance.ts';
import type { CanonBuiltin } from '../model.ts';
import type { ResourceHandle, RuntimeResource } from '../resources.ts';
import type { Steps } from '../task.ts';
import { primType, type ValType } from '../types.ts';
import { markBoundary } from './boundary.ts';
import { addressOf, type CanonContext, type CanonOptions, checkRange, newBudget } from './context.ts';
import { bitsOf, returnFromTask, settled } from './lift.ts';
import { FlatReader } from './lift-values.ts';
import { store } from './lower-values.ts';
import { liftString } from './strings.ts';
import { notYet, trap } from './traps.ts';

type Call = (args: Value[]) => readonly Value[] | HostSteps;

/** What a built-in is made of, as far as it has it. */
export interface BuiltinParts {
  readonly resource?: RuntimeResource;
  readonly opts?: CanonOptions;
  /** What it returns as a task. */
  readonly result?: ValType;
}

/** Makes a built-in's function. `type` is its core type, `offset` where it is defined. */
export function builtinFunc(
  instance: ComponentInst,
  canon: CanonBuiltin,
  type: FlatFunc,
  given: BuiltinParts,
  offset: number,
): FuncInst {
  const { resource } = given;
  const name = (): string => (resource ? `${canon.name} ${resource.name}` : canon.name);
  const func = instance.store.addHostFunc({
    type: { kind: 'func', ...type },
    get name() {
      return name();
    },
    call: callOf(instance, canon, given),
  });
  markBoundary(func, { kind: 'builtin', name: canon.name, instance, offset });
  return func;
}

function callOf(
  instance: ComponentInst,
  canon: CanonBuiltin,
  { resource, opts, result }: BuiltinParts,
): Call {
  switch (canon.name) {
    case 'resource.new':
      return (args) => [newResource(instance, resource!, bitsOf(args)[0])];
    case 'resource.rep':
      return (args) => [repOfHandle(instance, resource!, index(args))];
    case 'resource.drop':
      return (args) => dropHandle(instance, resource!, index(args));
    case 'context.get':
      return () => [{ type: canon.slotType!, bits: slotsOf(instance)[canon.slot!] }];
    case 'context.set':
      return (args) => {
        [slotsOf(instance)[canon.slot!]] = bitsOf(args);
        return [];
      };
    case 'backpressure.inc':
      return () => press(instance, 1);
    case 'backpressure.dec':
      return () => press(instance, -1);
    case 'task.return':
      return (args) => returnFromTask(opts!, result, args);
    case 'error-context.new':
      return (args) => [newErrorContext(instance, opts!, args)];
    case 'error-context.debug-message':
      return (args) => writeMessage(instance, opts!, args);
    case 'error-context.drop':
      return (args) => {
        instance.mustBeAbleToLeave();
        if (instance.handles.get(index(args)).kind !== 'error context') trap('not an error context');
        instance.handles.remove(index(args));
        return [];
      };
    default:
      return () => {
        instance.mustBeAbleToLeave();
        return notYet(`\`${canon.name}\``);
      };
  }
}

function index(args: readonly Value[]): number {
  return Number((args[0] as NumValue).bits);
}

function slotsOf({ task }: ComponentInst): [bigint, bigint] {
  return task!.storage;
}

function press(instance: ComponentInst, by: number): [] {
  instance.backpressure += by;
  if (instance.backpressure < 0) trap('backpressure counter underflow');
  if (instance.backpressure === 2 ** 16) trap('backpressure counter overflow');
  return [];
}

function newResource(instance: ComponentInst, resource: RuntimeResource, rep: bigint): Value {
  instance.mustBeAbleToLeave();
  const handle: ResourceHandle = { kind: 'handle', resource, rep, own: true, scope: undefined, lends: 0 };
  return i32(instance.handles.add(handle));
}

function repOfHandle(instance: ComponentInst, resource: RuntimeResource, handle: number): Value {
  const { rep } = instance.handles.handle(handle, resource);
  const is64 = resource.kind === 'guest resource' && resource.is64;
  return { type: is64 ? I64 : I32, bits: rep as bigint };
}

function* dropHandle(instance: ComponentInst, resource: RuntimeResource, number: number): HostSteps {
  instance.mustBeAbleToLeave();
  const handle = instance.handles.handle(number, resource);
  if (handle.lends > 0) trap('cannot remove owned resource while borrowed', `handle index ${number}`);
  instance.handles.remove(number);
  if (handle.own) yield* destroy(resource, handle.rep, instance);
  else if (handle.scope) handle.scope.borrows--;
  return [];
}

/** Ends a resource whose last owner is gone: `from` is the instance that dropped it, undefined for the host. */
export function* destroy(
  resource: RuntimeResource,
  rep: unknown,
  from: ComponentInst | undefined,
): Steps<void> {
  if (resource.kind === 'resource') {
    if (resource.drop) yield* settled(resource.drop(rep as object));
    return;
  }
  const { impl, dtor, is64 } = resource;
  impl.enterFrom(from);
  if (dtor) {
    impl.beginTask();
    yield { kind: 'call', func: dtor, args: [{ type: is64 ? I64 : I32, bits: rep as bigint }] };
    impl.endTask();
  }
  impl.leaveTo(from);
}

function contextOf(opts: CanonOptions): CanonContext {
  return {
    opts,
    withHost: true,
    budget: newBudget(),
    call: undefined,
    task: undefined,
    wide: new Set(),
    from: undefined,
  };
}

function newErrorContext(instance: ComponentInst, opts: CanonOptions, args: readonly Value[]): Value {
  instance.mustBeAbleToLeave();
  const [at, units] = bitsOf(args);
  const message = liftString(contextOf(opts), addressOf(at), units);
  return i32(instance.handles.add({ kind: 'error context', message }));
}

function* writeMessage(instance: ComponentInst, opts: CanonOptions, args: readonly Value[]): HostSteps {
  instance.mustBeAbleToLeave();
  const flat = new FlatReader(bitsOf(args));
  const entry = instance.handles.get(flat.word());
  if (entry.kind !== 'error context') trap('not an error context');
  const cx = contextOf(opts);
  const at = addressOf(flat.long());
  const pointer = opts.address === I64 ? 8 : 4;
  checkRange(cx, 'pointer', at, 2 * pointer, pointer);
  yield* store(cx, entry.message, primType('string'), at);
  return [];
}
