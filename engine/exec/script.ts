/**
 * Runs the commands of a `.wast` script (text/script.ts parses them): modules, actions and assertions, one after the
 * other in one store.
 *
 * Every command has a result; a failed one does not end the script. Knows no files and prints nothing. Expected
 * messages are compared as the reference interpreter does it: what happens must begin with what is expected.
 */

import { type Fault, type Phase, type Span, WasmError } from '../base/errors.ts';
import { validateCustoms } from '../binary/custom.ts';
import { decode } from '../binary/decode.ts';
import { SUPPORTED } from '../isa/features.ts';
import { EXTERNREF, F32, HEAP, type HeapType, heapOf, REF, refType, typeName } from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { FuncInst } from '../runtime/func.ts';
import { GlobalInst } from '../runtime/global.ts';
import { isOfHeap } from '../runtime/heap.ts';
import { instantiate } from '../runtime/instantiate.ts';
import type { Extern, ModuleInst } from '../runtime/module-inst.ts';
import { Store } from '../runtime/store.ts';
import { formatValue, isRefValue, type RefValue, type Value } from '../runtime/values.ts';
import {
  type Action,
  assembleForm,
  type Command,
  type LanePattern,
  type LaneShape,
  type ModuleForm,
  type ResultPattern,
  type Script,
  type ScriptValue,
} from '../text/script.ts';
import { TypeCanon } from '../valid/canon.ts';
import { validate } from '../valid/validate.ts';
import { Machine } from './machine.ts';
import { spectest } from './spectest.ts';

/** What became of one command. */
export interface CommandResult {
  readonly command: Command;
  readonly span: Span;
  readonly ok: boolean;
  /** Why it failed. */
  readonly message?: string;
}

export interface ScriptOptions {
  readonly features?: FeatureSet;
  /** Gets what the spectest module prints. */
  readonly print?: (line: string) => void;
  /** Instructions after which an action counts as endless. */
  readonly budget?: number;
}

/** Patterns name abstract types only. */
const NO_TYPES = new TypeCanon();

const DEFAULT_BUDGET = 10_000_000_000;

/** Runs a script's commands. Faults of the script itself are its own (`script.faults`): commands with one are not there. */
export function* runScript(script: Script, options: ScriptOptions = {}): Generator<CommandResult> {
  const runner = new Runner(script, options);
  for (const command of script.commands) yield runner.result(command);
}

/** A command that did not do what it should. */
class Failure extends Error {}

/** A reference of the host as scripts know it: a number. */
class HostRef {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

class Runner {
  private readonly script: Script;
  private readonly features: FeatureSet;
  private readonly budget: number;
  private readonly store = new Store();
  private readonly machine: Machine;
  private readonly registry = new Map<string, ReadonlyMap<string, Extern>>();
  private readonly instances = new Map<string, ModuleInst>();
  private readonly definitions = new Map<string, Module>();
  private readonly hostRefs = new Map<number, HostRef>();
  private last: ModuleInst | undefined;
  private lastDefinition: Module | undefined;

  constructor(
    script: Script,
    { features = SUPPORTED, print = () => {}, budget = DEFAULT_BUDGET }: ScriptOptions,
  ) {
    this.script = script;
    this.features = features;
    this.budget = budget;
    this.machine = new Machine(this.store);
    this.registry.set('spectest', spectest(this.store, print));
  }

  result(command: Command): CommandResult {
    const { span } = command;
    try {
      this.run(command);
      return { command, span, ok: true };
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof WasmError)) throw error;
      return {
        command,
        span,
        ok: false,
        message: error instanceof WasmError ? faultText(error.fault) : error.message,
      };
    }
  }

  private run(command: Command): void {
    switch (command.kind) {
      case 'module':
        this.module(command.module);
        break;
      case 'instance':
        this.instance(command.name, command.definition);
        break;
      case 'register':
        this.registry.set(command.as, this.instanceOf(command.module).exports);
        break;
      case 'action':
        this.act(command.action);
        break;
      case 'assert_return':
        expectResults(this.act(command.action), command.results, this.hostRefs);
        break;
      case 'assert_trap':
        expectFault('trap', command.message, () =>
          command.action ? this.act(command.action) : this.instantiate(this.load(command.module!)),
        );
        break;
      case 'assert_exhaustion':
        expectFault('exhaustion', command.message, () => this.act(command.action));
        break;
      case 'assert_exception':
        expectFault('exception', '', () => this.act(command.action));
        break;
      case 'assert_malformed':
        // Instructions are read when they are validated, so a malformed one shows up there.
        expectFault('malformed', command.message, () => this.load(command.module));
        break;
      case 'assert_invalid':
        expectFault('invalid', command.message, () => this.load(command.module));
        break;
      case 'assert_malformed_custom':
        expectFault('malformed', command.message, () => validateCustoms(this.load(command.module)));
        break;
      case 'assert_invalid_custom':
        expectFault('invalid', command.message, () => validateCustoms(this.load(command.module)));
        break;
      case 'assert_unlinkable':
        expectFault('unlinkable', command.message, () => this.instantiate(this.load(command.module)));
        break;
      default:
        throw new Failure(`not supported yet: ${command.kind}`);
    }
  }

  private module(form: ModuleForm): void {
    // What follows a module that fails must not reach an older one.
    this.last = undefined;
    if (form.name !== undefined) this.instances.delete(form.name);
    const module = this.load(form);
    if (form.definition) {
      this.lastDefinition = module;
      if (form.name !== undefined) this.definitions.set(form.name, module);
      return;
    }
    this.last = this.instantiate(module);
    if (form.name !== undefined) this.instances.set(form.name, this.last);
  }

  private instance(name: string | undefined, definition: string | undefined): void {
    const module = definition === undefined ? this.lastDefinition : this.definitions.get(definition);
    if (!module) throw new Failure(`unknown module definition ${definition ?? ''}`);
    this.last = this.instantiate(module);
    if (name !== undefined) this.instances.set(name, this.last);
  }

  private decode(form: ModuleForm): Module {
    if (form.source === 'component') throw new Failure('not supported yet: components');
    const { bytes, faults } = assembleForm(this.script.tree, form);
    if (faults.length > 0) throw new WasmError(faults[0]);
    return decode(bytes);
  }

  private load(form: ModuleForm): Module {
    const module = this.decode(form);
    validate(module, this.features);
    return module;
  }

  private instantiate(module: Module): ModuleInst {
    const imports = (wanted: { module: string; name: string }) =>
      this.registry.get(wanted.module)?.get(wanted.name);
    const inst = instantiate(this.store, module, imports, this.features);
    if (inst.start) this.call(inst.start, []);
    return inst;
  }

  private instanceOf(name: string | undefined): ModuleInst {
    const inst = name === undefined ? this.last : this.instances.get(name);
    if (!inst) throw new Failure(name === undefined ? 'there is no module' : `unknown module $${name}`);
    return inst;
  }

  private act(action: Action): Value[] {
    const extern = this.instanceOf(action.module).exports.get(action.name);
    if (action.kind === 'get') {
      if (!(extern instanceof GlobalInst)) throw new Failure(`unknown global "${action.name}"`);
      return [extern.value];
    }
    if (!(extern instanceof FuncInst)) throw new Failure(`unknown function "${action.name}"`);
    return this.call(
      extern,
      action.args.map((arg) => this.value(arg)),
    );
  }

  private call(func: FuncInst, args: Value[]): Value[] {
    this.machine.begin(func, args);
    const outcome = this.machine.run(this.budget);
    switch (outcome.kind) {
      case 'done':
        return outcome.results;
      case 'trap':
        throw new WasmError(outcome.fault);
      case 'paused':
        throw new Failure(`still running after ${this.budget} instructions`);
      default:
        throw new Failure(`stopped: ${outcome.kind}`);
    }
  }

  private value(arg: ScriptValue): Value {
    switch (arg.kind) {
      case 'num':
        return { type: arg.type, bits: arg.bits };
      case 'null':
        return { type: refType(true, arg.heap ?? HEAP.none), ref: null };
      default:
        return { type: EXTERNREF, ref: this.hostRef(arg.value) };
    }
  }

  private hostRef(value: number): HostRef {
    let ref = this.hostRefs.get(value);
    if (!ref) this.hostRefs.set(value, (ref = new HostRef(value)));
    return ref;
  }
}

function faultText({ phase, message, notes }: Fault): string {
  const note = notes.length > 0 ? `: ${notes[0].message}` : '';
  return `${phase}: ${message}${note}`;
}

function expectFault(phase: Phase, message: string, run: () => unknown): void {
  let fault: Fault | undefined;
  try {
    run();
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    ({ fault } = error);
  }
  if (!fault) throw new Failure(`expected ${phase} "${message}", but it went well`);
  if (fault.phase !== phase || !fault.message.startsWith(message)) {
    throw new Failure(`expected ${phase} "${message}", got ${faultText(fault)}`);
  }
}

function expectResults(
  values: readonly Value[],
  patterns: readonly ResultPattern[],
  hostRefs: ReadonlyMap<number, HostRef>,
): void {
  const ok =
    values.length === patterns.length && values.every((value, i) => matches(value, patterns[i], hostRefs));
  if (!ok)
    throw new Failure(
      `expected ${listText(patterns.map(patternText))}, got ${listText(values.map(valueText))}`,
    );
}

function matches(value: Value, pattern: ResultPattern, hostRefs: ReadonlyMap<number, HostRef>): boolean {
  if (pattern.kind === 'either') return pattern.of.some((one) => matches(value, one, hostRefs));
  if (!isRefValue(value)) {
    switch (pattern.kind) {
      case 'num':
        return value.type === pattern.type && value.bits === pattern.bits;
      case 'nan':
        return (
          value.type === pattern.type && isNaNOf(value.bits, pattern.type === F32 ? 32 : 64, pattern.nan)
        );
      case 'lanes':
        return lanesMatch(value.bits, pattern.shape, pattern.lanes);
      default:
        return false;
    }
  }
  switch (pattern.kind) {
    case 'null':
      return value.ref === null;
    case 'extern':
    case 'host':
      return value.ref !== null && value.ref === hostRefs.get(pattern.value);
    case 'ref':
      return value.ref !== null && isOfKind(value, pattern.heap);
    default:
      return false;
  }
}

/** Is a reference that is not null of this abstract heap type? Hierarchies are told apart by the value's type. */
function isOfKind(value: RefValue, heap: HeapType): boolean {
  if (heap === HEAP.extern) return heapOf(value.type) === HEAP.extern;
  if ((heap === HEAP.func) !== value.ref instanceof FuncInst) return false;
  return isOfHeap(NO_TYPES, heap, value.ref);
}

/** A canonical NaN has only the top payload bit; an arithmetic one has at least that (spec 4.3.3). */
function isNaNOf(bits: bigint, width: number, kind: 'canonical' | 'arithmetic'): boolean {
  const canonical = width === 32 ? 0x7fc00000n : 0x7ff8000000000000n;
  const positive = BigInt.asUintN(width - 1, bits);
  return kind === 'canonical' ? positive === canonical : (positive & canonical) === canonical;
}

function lanesMatch(bits: bigint, shape: LaneShape, lanes: readonly LanePattern[]): boolean {
  const width = 128 / lanes.length;
  return lanes.every((lane, i) => {
    const got = BigInt.asUintN(width, bits >> BigInt(i * width));
    if (typeof lane === 'bigint') return got === BigInt.asUintN(width, lane);
    return (
      shape.startsWith('f') && isNaNOf(got, width, lane === 'nan:canonical' ? 'canonical' : 'arithmetic')
    );
  });
}

function listText(parts: readonly string[]): string {
  return parts.length > 0 ? parts.join(' ') : 'no result';
}

function valueText(value: Value): string {
  if (isRefValue(value) && value.ref instanceof HostRef) return `(ref.extern ${value.ref.value})`;
  return `${typeName(value.type)}:${formatValue(value)}`;
}

function patternText(pattern: ResultPattern): string {
  switch (pattern.kind) {
    case 'num':
      return valueText({ type: pattern.type, bits: pattern.bits });
    case 'nan':
      return `${typeName(pattern.type)}:nan:${pattern.nan}`;
    case 'lanes':
      return `${pattern.shape} ${pattern.lanes.map(String).join(' ')}`;
    case 'either':
      return `(either ${pattern.of.map(patternText).join(' ')})`;
    case 'null':
      return '(ref.null)';
    case 'ref':
      return `(ref.${typeName(REF | pattern.heap)})`;
    default:
      return `(ref.${pattern.kind} ${pattern.value})`;
  }
}
