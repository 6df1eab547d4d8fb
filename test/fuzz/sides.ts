/**
 * The same module and the same calls on both sides: in our engine, driven in several ways, and in the host's
 * WebAssembly. Each side becomes a list of lines (results, traps, exceptions, calls of the host, then memories, globals
 * and tables), so that two sides agree when their lists are equal.
 *
 * NaNs that pass to JavaScript are one NaN. Traps are compared by kinds that both sides can tell apart.
 */

import { createHash } from 'node:crypto';
import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { Machine, type MachineOptions, type Outcome } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import {
  EXTERNREF,
  F32,
  F64,
  type FuncType,
  HEAP,
  heapOf,
  I32,
  I64,
  isNullable,
  isRef,
  refType,
  typeName,
  V128,
  type ValType,
} from '../../engine/isa/types.ts';
import type { FeatureSet, Module } from '../../engine/module/module.ts';
import { funcType } from '../../engine/module/module.ts';
import { FuncInst } from '../../engine/runtime/func.ts';
import { GlobalInst } from '../../engine/runtime/global.ts';
import { type Imports, instantiate } from '../../engine/runtime/instantiate.ts';
import { MemInst } from '../../engine/runtime/memory.ts';
import type { ModuleInst } from '../../engine/runtime/module-inst.ts';
import { Store } from '../../engine/runtime/store.ts';
import { TableInst } from '../../engine/runtime/table.ts';
import { TagInst } from '../../engine/runtime/tag.ts';
import { ThrownException } from '../../engine/runtime/thrown.ts';
import { fromJS, toJS, type Value } from '../../engine/runtime/values.ts';
import { validate } from '../../engine/valid/validate.ts';
import { type Random, randomFrom } from './random.ts';

/** What is executed on both sides. */
export interface Plan {
  readonly module: Module;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly seed: number;
  readonly calls: readonly Call[];
}

interface Call {
  readonly name: string;
  readonly type: FuncType;
  readonly args: readonly unknown[];
}

/** How our machine gets from the beginning of a call to its end. */
export type Drive = (machine: Machine) => Outcome;

export interface Run {
  readonly lines: readonly string[];
  /** Instructions of our machine. */
  readonly instructions: number;
  /** The list ends early, because a limit that is not the same on both sides was met. */
  readonly cut: boolean;
  /** It did not end within the budget. */
  readonly endless?: boolean;
}

const FEATURES: FeatureSet = SUPPORTED;
/** More than any generated call needs. */
const BUDGET = 1_000_000;
const OBJECTS = [Object.freeze({ host: 1 }), Object.freeze({ host: 2 })];
const EXTERNS = [null, 'text', ...OBJECTS, 0.5, -5, true];
const ROUNDS = 2;
const EXTERN = refType(false, HEAP.extern);

/** Decodes and validates `bytes` and decides what to call. Throws a WasmError. */
export function planFor(bytes: Uint8Array<ArrayBuffer>, seed: number): Plan {
  const module = decode(bytes);
  validate(module, FEATURES);
  const calls: Call[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, kind, idx } of module.exports) {
      if (kind !== 'func') continue;
      const type = funcType(module, idx);
      // By the name, so that a call stays as it is when others go.
      const random = randomFrom(
        [...name].reduce((sum, c) => Math.imul(sum, 31) + c.charCodeAt(0), seed + round),
      );
      const args = type.params.map((param) => argument(param, random));
      const passable = !args.includes(undefined) && type.results.every(isVisible);
      if (passable) calls.push({ name, type, args });
    }
  }
  return { module, bytes, seed, calls };
}

/** Whether JavaScript may have values of this type. */
function isVisible(type: ValType): boolean {
  return type !== V128 && !(isRef(type) && (heapOf(type) === HEAP.exn || heapOf(type) === HEAP.noexn));
}

function argument(type: ValType, random: Random): unknown {
  switch (type) {
    case I32:
      return random.int32();
    case I64:
      return random.int64();
    case F32:
      return Math.fround(
        random.pick([0, -0, 1, -1.5, 0.1, 1e30, 2 ** 31, -(2 ** 40), 2 ** 63, Number.POSITIVE_INFINITY]),
      );
    case F64:
      return random.pick([
        0,
        -0,
        1,
        -1.5,
        0.1,
        1e300,
        2 ** 31 - 0.5,
        -(2 ** 40),
        2 ** 63,
        5e-324,
        Number.NEGATIVE_INFINITY,
      ]);
    case EXTERNREF:
      return random.pick(EXTERNS);
    case EXTERN:
      return 'text';
    default:
      return isRef(type) && isNullable(type) && isVisible(type) ? null : undefined;
  }
}

/** For imports that are no functions: always the same. */
const IMPORTED: Random = { ...randomFrom(1), int32: () => 7, int64: () => 8n, pick: (from) => from[1] };

/** What a function of the host answers: the same on both sides, since calls come in the same order. */
class HostFunctions {
  readonly lines: string[] = [];
  private calls = 0;
  private readonly seed: number;
  private readonly show: (value: unknown) => string;

  constructor(seed: number, show: (value: unknown) => string) {
    this.seed = seed;
    this.show = show;
  }

  call(name: string, args: readonly unknown[], results: readonly ValType[]): unknown[] {
    this.lines.push(`  host ${name}(${args.map(this.show).join(', ')})`);
    const random = randomFrom(this.seed + this.calls++);
    if (name === 'fail' && random.chance(0.3)) throw new Error('host');
    if (results.length === 1 && results[0] === EXTERNREF && args.length > 0) return [args[0]];
    return results.map((type) => argument(type, random));
  }
}

/** Runs the plan in the host's WebAssembly. */
export function runHost({ bytes, calls, seed, module }: Plan): Run {
  const host = new HostFunctions(seed, (value) => show(value));
  const { lines } = host;
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name, kind, idx } of module.imports) {
    const into = (imports[from] ??= {});
    if (kind === 'global')
      into[name] = argument(module.globals[idx].type.type, IMPORTED) as WebAssembly.ImportValue;
    if (kind === 'tag') {
      const { params } = tagParams(module, idx);
      into[name] = new WebAssembly.Tag({
        parameters: params.map((type) => typeName(type)) as 'i32'[],
      }) as WebAssembly.ImportValue;
    }
    if (kind !== 'func') continue;
    const { results } = funcType(module, idx);
    const call = (...args: unknown[]) => {
      const answer = host.call(name, args, results);
      return results.length > 1 ? answer : answer[0];
    };
    into[name] = call;
  }
  let exports: WebAssembly.Exports;
  try {
    exports = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) throw error;
    return { lines: [...lines, startLine(hostEnd(error, {}))], instructions: 0, cut: isLimit(error) };
  }
  for (const { name, type, args } of calls) {
    const head = `${name}(${args.map((arg) => show(arg)).join(', ')})`;
    try {
      const result = (exports[name] as (...args: unknown[]) => unknown)(...args);
      const { length } = type.results;
      const results = length > 1 ? [...(result as unknown[])] : length > 0 ? [result] : [];
      lines.push(`${head} = ${results.map((value) => show(value)).join(' ')}`);
    } catch (error) {
      lines.push(`${head}: ${hostEnd(error, exports)}`);
      if (isLimit(error)) return { lines, instructions: 0, cut: true };
    }
  }
  const hidden = hiddenExports(module);
  for (const [name, value] of Object.entries(exports)) {
    if (value instanceof WebAssembly.Memory) lines.push(memoryLine(name, new Uint8Array(value.buffer)));
    if (hidden.has(name)) continue;
    if (value instanceof WebAssembly.Global) lines.push(`global ${name} = ${show(value.value)}`);
    if (!(value instanceof WebAssembly.Table)) continue;
    const is64 = typeof value.length === 'bigint';
    const at = (i: number) => value.get((is64 ? BigInt(i) : i) as number);
    lines.push(
      `table ${name} = ${Array.from({ length: Number(value.length) }, (_, i) => show(at(i))).join(' ')}`,
    );
  }
  return { lines, instructions: 0, cut: false };
}

/** Runs the plan in our engine. A WasmError of instantiation is a line; anything else that is thrown is a bug. */
export function runEngine(
  { module, calls, seed }: Plan,
  drive: Drive,
  engine: MachineOptions['engine'] = 'interpreter',
): Run {
  let inst: ModuleInst;
  const showRef = (value: unknown) => show(value, inst);
  const host = new HostFunctions(seed, showRef);
  const { lines } = host;
  const store = new Store();
  const imports: Imports = (wanted) => {
    if (wanted.kind === 'global') {
      const value = fromJS(wanted.type.type, argument(wanted.type.type, IMPORTED), store.canon);
      return store.addGlobal(wanted.type, value);
    }
    if (wanted.kind === 'tag') return store.addTag(wanted.type, wanted.typeId, wanted.name);
    if (wanted.kind !== 'func') return undefined;
    const { type, name, typeId } = wanted;
    const call = (args: readonly Value[]) => {
      const answer = host.call(name, args.map(toJS), type.results);
      return type.results.map((result, i) => fromJS(result, answer[i], store.canon));
    };
    return store.addHostFunc({ type, name, call }, typeId);
  };
  try {
    inst = instantiate(store, module, imports, FEATURES);
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return { lines: [...lines, startLine(trapKind(error.message))], instructions: 0, cut: false };
  }
  const machine = new Machine(store, { maxSlots: 1 << 14, maxDepth: 1000, engine });
  const done = (cut: boolean): Run => ({ lines, instructions: machine.instructions, cut });
  if (inst.start) {
    machine.begin(inst.start, []);
    const outcome = drive(machine);
    if (outcome.kind !== 'done') {
      lines.push(startLine(engineEnd(outcome, inst)));
      return {
        ...done(outcome.kind !== 'trap' || outcome.fault.phase === 'exhaustion'),
        endless: outcome.kind === 'paused',
      };
    }
  }
  for (const { name, type, args } of calls) {
    const head = `${name}(${args.map((arg) => show(arg)).join(', ')})`;
    machine.begin(
      inst.exportedFunc(name)!,
      args.map((arg, i) => fromJS(type.params[i], arg, store.canon)),
    );
    const outcome = drive(machine);
    if (outcome.kind === 'done') {
      lines.push(`${head} = ${outcome.results.map((value) => showRef(toJS(value))).join(' ')}`);
      continue;
    }
    lines.push(`${head}: ${engineEnd(outcome, inst)}`);
    if (outcome.kind === 'paused') return { ...done(true), endless: true };
    if (outcome.kind !== 'trap' || outcome.fault.phase === 'exhaustion') return done(true);
  }
  const hidden = hiddenExports(module);
  for (const [name, extern] of inst.exports) {
    if (hidden.has(name)) continue;
    if (extern instanceof MemInst) lines.push(memoryLine(name, extern.bytes));
    if (extern instanceof GlobalInst) lines.push(`global ${name} = ${showRef(toJS(extern.value))}`);
    if (!(extern instanceof TableInst)) continue;
    const { element } = extern.type;
    const shown = extern.elems.map((elem) => showRef(toJS({ type: element, ref: elem })));
    lines.push(`table ${name} = ${shown.join(' ')}`);
  }
  return done(false);
}

/** Without a stop. */
export const straight: Drive = (machine) => machine.run(BUDGET);

/** In slices of random sizes, many of one instruction. */
export function inSlices(random: Random): Drive {
  return (machine) => {
    const from = machine.instructions;
    for (;;) {
      const outcome = machine.run(random.chance(0.5) ? 1 : random.below(40));
      if (outcome.kind !== 'paused' || machine.instructions - from > BUDGET) return outcome;
    }
  };
}

/** Step by step, `most` steps of every call, the rest at once. `visit` is told the offset of each instruction. */
export function inSteps(most: number, visit: (offset: number) => void): Drive {
  return (machine) => {
    for (let i = 0; i < most; i++) {
      const frame = machine.frames(0, 1)[0];
      if (frame?.kind === 'wasm') visit(frame.offset);
      const outcome = machine.step();
      if (outcome.kind !== 'stepped') return outcome;
    }
    return machine.run(BUDGET);
  };
}

/** The first difference of two runs, undefined if there is none. */
export function difference(ours: Run, theirs: Run): string | undefined {
  const cut = ours.cut || theirs.cut;
  const n = cut
    ? Math.min(ours.lines.length, theirs.lines.length) - 1
    : Math.max(ours.lines.length, theirs.lines.length);
  for (let i = 0; i < n; i++) {
    if (ours.lines[i] !== theirs.lines[i]) return `${ours.lines[i]}\n  but ${theirs.lines[i]}`;
  }
  return undefined;
}

/** Exported globals and tables whose values JavaScript may not have. */
function hiddenExports({ exports, globals, tables }: Module): ReadonlySet<string> {
  const hidden = exports.filter(({ kind, idx }) => {
    if (kind === 'global') return !isVisible(globals[idx].type.type);
    return kind === 'table' && !isVisible(tables[idx].type.element);
  });
  return new Set(hidden.map(({ name }) => name));
}

function tagParams({ tags, types }: Module, idx: number): FuncType {
  const { composite } = types[tags[idx].type.typeIdx];
  if (composite.kind !== 'func') throw new TypeError('a tag has a function type');
  return composite;
}

function memoryLine(name: string, bytes: Uint8Array): string {
  return `memory ${name}: ${bytes.length} bytes, ${createHash('sha1').update(bytes).digest('hex')}`;
}

function show(value: unknown, inst?: ModuleInst): string {
  if (value instanceof FuncInst) return `func ${inst!.funcs.indexOf(value)}`;
  if (typeof value === 'function') return `func ${value.name}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const known = (OBJECTS as readonly object[]).indexOf(value);
  return known >= 0 ? `host object ${known}` : 'object';
}

function engineEnd(outcome: Exclude<Outcome, { kind: 'done' }>, inst: ModuleInst): string {
  if (outcome.kind !== 'trap') return outcome.kind;
  const { fault, cause } = outcome;
  if (fault.phase === 'crash') return `crash: ${fault.message}`;
  if (cause instanceof ThrownException) {
    const { tag, args } = cause.exn;
    if (tag === inst.store.hostTag) return 'host error';
    const found = [...inst.exports.values()].filter((extern) => extern instanceof TagInst).indexOf(tag);
    // Without the tag the host cannot look into it.
    const visible = found < 0 ? [] : args.filter(({ type }) => isVisible(type));
    return `exception ${found} ${visible.map((value) => show(toJS(value), inst)).join(' ')}`;
  }
  if (cause instanceof Error && HOST_ERROR.test(cause.message)) return 'host error';
  return trapKind(fault.message);
}

function hostEnd(error: unknown, exports: WebAssembly.Exports): string {
  if (error instanceof WebAssembly.Exception) {
    const tags = Object.values(exports).filter((value) => value instanceof WebAssembly.Tag);
    const found = tags.findIndex((tag) => error.is(tag));
    const shown: string[] = [];
    for (let i = 0; found >= 0; i++) {
      try {
        shown.push(show(error.getArg(tags[found], i)));
      } catch (end) {
        // A vector has no value for JavaScript; behind the last argument there is nothing.
        if (end instanceof RangeError) break;
      }
    }
    return `exception ${found} ${shown.join(' ')}`;
  }
  if (error instanceof Error && HOST_ERROR.test(error.message)) return 'host error';
  return trapKind(error instanceof Error ? error.message : String(error));
}

/** The host names no tags before it exports them. */
/** What host functions throw, and what is thrown when a vector would have to pass to one. */
const HOST_ERROR = /^host$|has no JavaScript value|^type incompatibility when transforming/;

function startLine(end: string): string {
  return `start: ${end.startsWith('exception ') ? 'exception' : end}`;
}

function isLimit(error: unknown): boolean {
  return error instanceof RangeError;
}

/** Messages of both sides for one kind of trap. Kinds are as fine as both can tell. */
const TRAPS: readonly (readonly [kind: string, messages: RegExp])[] = [
  ['unreachable', /^unreachable$/],
  ['divide by zero', /^(integer divide by zero|divide by zero|remainder by zero)$/],
  ['unrepresentable', /^(integer overflow|invalid conversion to integer|divide result unrepresentable|float unrepresentable in integer range)$/],
  // An access may be wrong in two ways at once, and the host looks in another order.
  ['bounds', /^(unaligned atomic|operation does not support unaligned accesses|out of bounds (memory|table|array) access|undefined element|memory access out of bounds|(data|element) segment out of bounds|table index is out of bounds|table (access|get|set|grow|fill|copy|init) out of bounds|array (element access|index) out of bounds)$/],
  ['callee', /^(uninitialized element \d+|indirect call type mismatch|null function or function signature mismatch)$/],
  ['null', /^(null( \w+)? reference|dereferencing a null pointer|rethrowing null value)$/],
  ['cast', /^(cast failure|illegal cast)$/],
  ['wait', /^(expected shared memory|Atomics\.wait cannot be called in this context)$/],
]; // biome-ignore format: a table reads best with one row a line

export function trapKind(message: string): string {
  return TRAPS.find(([, messages]) => messages.test(message))?.[0] ?? message;
}
