/**
 * Makes of a core dump and the modules that it is of a store with instances, and threads that stand as they stood: so that
 * everything that looks at a stopped program looks at it the same way. Nothing of it can run.
 *
 * Tables are empty: they are not in the dump.
 */

import { usage } from '../../base/errors.ts';
import { instrReader } from '../../binary/instr.ts';
import { DEFAULT_DEPTH, MOST_DEPTH, slotsFor } from '../../exec/call-depth.ts';
import type { RestoredFrame } from '../../exec/frame.ts';
import { type Thread, Threads } from '../../exec/threads.ts';
import { SUPPORTED } from '../../isa/features.ts';
import { Op } from '../../isa/op.gen.ts';
import { isRef, type MemoryType, type ValType } from '../../isa/types.ts';
import { funcType, funcTypeAt, type Module } from '../../module/module.ts';
import type { GlobalInst } from '../../runtime/global.ts';
import type { MemInst } from '../../runtime/memory.ts';
import { type Extern, ModuleInst } from '../../runtime/module-inst.ts';
import { Store } from '../../runtime/store.ts';
import { defaultValue, type Value } from '../../runtime/values.ts';
import { stackAt } from '../../valid/stack-at.ts';
import type { Run } from '../run.ts';
import {
  type CoreDump,
  type CoreFrame,
  type CoreInstance,
  type CoreMemory,
  componentOf,
  fingerprint,
} from './format.ts';

export interface OpenedDump {
  readonly threads: Threads;
  readonly instances: readonly ModuleInst[];
  readonly run: Run;
  /** The thread to look at first. */
  readonly thread: Thread;
  readonly trap: string | undefined;
  /** What could not be shown. */
  readonly notes: readonly string[];
}

/** `modules`: those of the dump, in its order. Throws a usage fault if nothing in it can be shown. */
export function openCoreDump(dump: CoreDump, modules: readonly Module[]): OpenedDump {
  const store = new Store();
  const memories = dump.memories.map((memory) => memoryOf(store, memory));
  const notes: string[] = [];
  if (dump.modules.some(({ print, name }, i) => isOther(print, name, modules[i]))) {
    notes.push('the component is not the build that the core dump is of: places and values may be wrong');
  }
  const instances = dump.instances.map((instance) => instanceOf(store, dump, instance, modules, memories));
  const stacks = dump.threads.map(({ name, frames }) => ({
    name,
    frames: frames.flatMap((frame) => restored(instances, frame, notes)).reverse(),
  }));
  const threads = new Threads(store, roomFor(stacks.map(({ frames }) => frames)));
  const all = stacks.map(({ name, frames }) => {
    const thread = threads.start(nothing(), name || 'main');
    thread.machine.restore(frames);
    return thread;
  });
  const thread =
    all[dump.trap?.thread ?? 0] ?? all[0] ?? usage('the core dump has no threads: there is nothing to show');
  return {
    threads,
    instances,
    thread,
    run: new DumpRun(thread, dump.name),
    trap: dump.trap?.message,
    notes,
  };
}

/**
 * Room for the longest of these stacks: the program may have been allowed more calls than is usual. Every thread gets the
 * same, so many threads get less each.
 */
function roomFor(stacks: readonly (readonly RestoredFrame[])[]): { maxDepth: number; maxSlots: number } {
  const most = Math.floor(MOST_DEPTH / Math.max(1, stacks.length));
  const calls = stacks.reduce((longest, frames) => Math.max(longest, frames.length), 0);
  const slots = stacks.reduce((longest, frames) => Math.max(longest, slotsOf(frames)), 0);
  const maxDepth = Math.max(DEFAULT_DEPTH, Math.min(most, calls + 1));
  return { maxDepth, maxSlots: Math.max(slotsFor(maxDepth), Math.min(slotsFor(most), slots)) };
}

function slotsOf(frames: readonly RestoredFrame[]): number {
  let slots = 0;
  for (const { func, operands } of frames) {
    slots += func.type.params.length + operands;
    const runs = func.inst!.module.funcs[func.idx].body!.locals;
    for (let i = 0; i < runs.length; i += 2) slots += runs[i];
  }
  return slots;
}

/** Whether a core module of a component is not what the dump is of; whole modules are compared by who reads their files. */
function isOther(
  print: CoreDump['modules'][number]['print'],
  name: string,
  module: Module | undefined,
): boolean {
  if (!print || componentOf(name) === undefined) return false;
  const now = module && fingerprint(module.bytes);
  return now?.length !== print.length || now.hash !== print.hash;
}

/** A program that does nothing: the thread is only looked at. */
function* nothing(): Generator<never, void, undefined> {}

class DumpRun implements Run {
  readonly main: Thread;
  readonly label: string;
  readonly exitCode = 0;

  constructor(main: Thread, label: string) {
    this.main = main;
    this.label = label;
  }

  marked(): 'pass' {
    return 'pass';
  }

  ended(): boolean {
    return true;
  }

  deadlocked(): boolean {
    return true;
  }

  callersOf(): [] {
    return [];
  }

  expects(): undefined {
    return undefined;
  }
}

function memoryOf(store: Store, { type, parts }: CoreMemory): MemInst {
  const memory = memoryWithRoom(store, type);
  for (const { at, bytes } of parts) {
    const room = memory.bytes.length - at;
    if (at >= 0 && room > 0) memory.bytes.set(room < bytes.length ? bytes.subarray(0, room) : bytes, at);
  }
  return memory;
}

function memoryWithRoom(store: Store, type: MemoryType): MemInst {
  try {
    return store.addMemory(type);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return usage(`no room for a memory of ${type.limits.min} pages`);
  }
}

function instanceOf(
  store: Store,
  { globals }: CoreDump,
  instance: CoreInstance,
  modules: readonly Module[],
  memories: readonly MemInst[],
): ModuleInst {
  const module = modules[instance.module] ?? usage(`the core dump has no module ${instance.module}`);
  const inst = new ModuleInst(store, module, SUPPORTED, module.names.module ?? '');
  module.memories.forEach(({ type }, i) => {
    const found = memories[instance.memories[i]];
    inst.mems.push(found ?? store.addMemory({ ...type, limits: { ...type.limits, min: 0 } }));
  });
  module.funcs.forEach(({ typeIdx, body }, i) => {
    const type = funcType(module, i);
    const typeId = inst.typeIds[typeIdx];
    const name = module.names.of('func', i);
    const func = body
      ? store.addFunc(inst, i, type, typeId)
      : store.addHostFunc({ type, name, call: gone }, typeId);
    func.mem0 = inst.mems[0]?.addr ?? -1;
    inst.funcs.push(func);
  });
  module.tags.forEach(({ type: { typeIdx } }, i) => {
    const composite = module.types[typeIdx].composite;
    if (composite.kind !== 'func') return;
    const name = module.names.of('tag', i);
    inst.tags.push(
      store.addTag(composite, inst.typeIds[typeIdx], name === undefined ? `tag[${i}]` : `$${name}`),
    );
  });
  module.globals.forEach(({ type }, i) => {
    const canonical = { ...type, type: store.canon.typeOf(module, type.type) };
    inst.globals.push(globalOf(store, canonical, globals[instance.globals[i]]));
  });
  module.tables.forEach(({ type }) => {
    const element = store.canon.typeOf(module, type.element);
    inst.tables.push(store.addTable({ ...type, element, limits: { ...type.limits, min: 0 } }));
  });
  const lists = {
    func: inst.funcs,
    table: inst.tables,
    memory: inst.mems,
    global: inst.globals,
    tag: inst.tags,
  };
  const exports = inst.exports as Map<string, Extern>;
  for (const { name, kind, idx } of module.exports) exports.set(name, lists[kind][idx]);
  return inst;
}

function gone(): never {
  throw new Error('a core dump cannot run');
}

function globalOf(store: Store, type: GlobalInst['type'], value: Value | undefined): GlobalInst {
  const fits = value && value.type === type.type;
  const zero: Value = isRef(type.type) ? { type: type.type, ref: null } : defaultValue(type.type);
  return store.addGlobal(type, fits ? value : zero);
}

/** A frame as a machine takes it; none for one of another module than the dump's. */
function restored(instances: readonly ModuleInst[], frame: CoreFrame, notes: string[]): RestoredFrame[] {
  const func = instances[frame.instance]?.funcs[frame.func];
  const body = func?.inst?.module.funcs[func.idx].body;
  if (!func || !body) {
    notes.push(
      `a frame of function ${frame.func} in instance ${frame.instance} is not shown: there is no such function`,
    );
    return [];
  }
  const offset = Math.min(body.range.start + frame.offset, body.range.end - 1);
  const known = (list: CoreFrame['locals']) => (i: number, type: ValType) => {
    const value = list[i];
    return value?.type === type ? value : undefined;
  };
  const { module, features } = func.inst!;
  const below = stackAt(module, features, func.idx, offset).operands.length - takenByCall(module, offset);
  return [
    { func, offset, local: known(frame.locals), operand: known(frame.stack), operands: Math.max(0, below) },
  ];
}

/** How many operands the call at an offset takes; 0 if there is none. */
function takenByCall(module: Module, offset: number): number {
  const reader = instrReader(module);
  reader.readAt(offset, module.bytes.length);
  switch (reader.code) {
    case Op.call:
      return funcType(module, reader.a).params.length;
    case Op.call_indirect:
    case Op.call_ref:
      return (funcTypeAt(module, reader.a)?.params.length ?? 0) + 1;
    default:
      return 0;
  }
}
