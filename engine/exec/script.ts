/**
 * Runs the commands of a `.wast` script (the reference interpreter's script language) on the engine, and says of each
 * whether it held. `wasmscope wast` and the tests run the public suite through this.
 *
 * An assertion about an error holds when the error is of the asserted phase and its message begins with the suite's
 * words. Commands that belong to no supported feature do not hold; none is passed over.
 */

import { type Fault, type Phase, type Span, usage, WasmError } from '../base/errors.ts';
import { decode } from '../binary/decode.ts';
import { EXTERNREF, F32, HEAP, heapName, refType, typeName } from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { FuncInst } from '../runtime/func.ts';
import { importsFrom, instantiate } from '../runtime/instantiate.ts';
import type { Extern, ModuleInst } from '../runtime/module-inst.ts';
import { Store } from '../runtime/store.ts';
import { formatValue, isRefValue, type Ref, type Value } from '../runtime/values.ts';
import {
  type Action,
  assembleForm,
  type Command,
  type ModuleForm,
  type ResultPattern,
  type Script,
  type ScriptValue,
} from '../text/script.ts';
import type { Tree } from '../text/tree.ts';
import { validate } from '../valid/validate.ts';
import { Machine } from './machine.ts';
import { spectest } from './spectest.ts';

/** What became of one command. */
export interface Verdict {
  readonly kind: Command['kind'] | 'syntax';
  readonly span: Span;
  readonly passed: boolean;
  /** What happened instead of what the command says; empty when it held. */
  readonly message: string;
}

export interface ScriptOptions {
  readonly features: FeatureSet;
  /** Gets what the script's modules print. */
  readonly print?: (line: string) => void;
}

/**
 * Runs a script command by command, one verdict each, in order; a command that could not be parsed is a verdict that
 * did not hold. The caller may stop at any time. Endless loops in a script run endlessly.
 */
export function* runScript(script: Script, options: ScriptOptions): Generator<Verdict> {
  for (const { message, span } of script.faults) {
    yield { kind: 'syntax', span: span ?? { start: 0, end: 0 }, passed: false, message };
  }
  const runner = new ScriptRunner(script.tree, options);
  for (const command of script.commands) {
    const message = runner.run(command);
    yield { kind: command.kind, span: command.span, passed: message === undefined, message: message ?? '' };
  }
}

/** The phases that count for an assertion about a module or a run. */
const PHASES: Readonly<Record<string, readonly Phase[]>> = {
  assert_malformed: ['malformed'],
  assert_malformed_custom: ['malformed'],
  assert_invalid: ['invalid'],
  assert_invalid_custom: ['invalid'],
  assert_unlinkable: ['unlinkable'],
  assert_trap: ['trap'],
  assert_exhaustion: ['exhaustion'],
  assert_exception: ['exception'],
};

/** The state of a script: its store, and its instances by name. */
class ScriptRunner {
  private readonly tree: Tree;
  private readonly features: FeatureSet;
  private readonly store = new Store();
  private readonly machine = new Machine(this.store);
  private readonly registered = new Map<string, ReadonlyMap<string, Extern>>();
  private readonly named = new Map<string, ModuleInst>();
  private readonly definitions = new Map<string, Module>();
  private current: ModuleInst | undefined;
  private definition: Module | undefined;
  /** What `(ref.host n)` is. */
  private readonly hosts = new Map<number, object>();

  constructor(tree: Tree, { features, print }: ScriptOptions) {
    this.tree = tree;
    this.features = features;
    this.registered.set('spectest', spectest(this.store, print));
  }

  /** Runs one command. Answers with what is wrong, undefined when it held. */
  run(command: Command): string | undefined {
    try {
      return this.execute(command);
    } catch (error) {
      if (error instanceof WasmError) return describe(error.fault);
      // A bug of ours must not end the suite.
      return `internal error: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  private execute(command: Command): string | undefined {
    switch (command.kind) {
      case 'module':
        this.define(command.module);
        return undefined;
      case 'instance':
        this.instantiateDefined(command.name, command.definition);
        return undefined;
      case 'register':
        this.registered.set(command.as, this.instance(command.module).exports);
        return undefined;
      case 'action':
        this.act(command.action);
        return undefined;
      case 'assert_return':
        return this.compare(this.act(command.action), command.results);
      case 'assert_trap':
      case 'assert_exhaustion':
      case 'assert_exception': {
        const { kind, action, message } = command;
        const module = kind === 'assert_trap' ? command.module : undefined;
        return this.expect(kind, message, () => (action ? this.act(action) : this.instantiateForm(module!)));
      }
      case 'assert_unlinkable':
        return this.expect(command.kind, command.message, () => this.instantiateForm(command.module));
      case 'assert_malformed':
      case 'assert_malformed_custom':
      case 'assert_invalid':
      case 'assert_invalid_custom':
        return this.expect(command.kind, command.message, () => this.validModule(command.module));
      default:
        return `not supported yet: ${command.kind}`;
    }
  }

  private define(form: ModuleForm): void {
    this.current = undefined;
    const module = this.validModule(form);
    if (form.definition) {
      this.definition = module;
      if (form.name !== undefined) this.definitions.set(form.name, module);
      return;
    }
    this.adopt(form.name, this.instantiateModule(module));
  }

  private instantiateDefined(name: string | undefined, definition: string | undefined): void {
    const module = definition === undefined ? this.definition : this.definitions.get(definition);
    if (!module) usage(`unknown module definition ${definition ?? ''}`);
    this.adopt(name, this.instantiateModule(module));
  }

  private adopt(name: string | undefined, inst: ModuleInst): void {
    this.current = inst;
    if (name !== undefined) this.named.set(name, inst);
  }

  /** Assembles, decodes and validates. Throws the first fault. */
  private validModule(form: ModuleForm): Module {
    if (form.source === 'component') usage('not supported yet: components');
    const { bytes, faults } = assembleForm(this.tree, form);
    if (faults.length > 0) throw new WasmError(faults[0]);
    const module = decode(bytes);
    validate(module, this.features);
    return module;
  }

  private instantiateForm(form: ModuleForm): void {
    this.instantiateModule(this.validModule(form));
  }

  /** Instantiates and runs the start function. */
  private instantiateModule(module: Module): ModuleInst {
    const inst = instantiate(this.store, module, importsFrom(this.registered), this.features);
    if (inst.start) this.invoke(inst.start, []);
    return inst;
  }

  private instance(name: string | undefined): ModuleInst {
    const inst = name === undefined ? this.current : this.named.get(name);
    return inst ?? usage(name === undefined ? 'there is no module' : `unknown module $${name}`);
  }

  private act(action: Action): Value[] {
    const inst = this.instance(action.module);
    if (action.kind === 'get') {
      const value = inst.exportedGlobal(action.name);
      return [value ?? usage(`unknown global "${action.name}"`)];
    }
    const func = inst.exportedFunc(action.name) ?? usage(`unknown function "${action.name}"`);
    return this.invoke(
      func,
      action.args.map((arg) => this.toValue(arg)),
    );
  }

  private invoke(func: FuncInst, args: readonly Value[]): Value[] {
    this.machine.begin(func, args);
    const outcome = this.machine.run();
    if (outcome.kind === 'done') return outcome.results;
    if (outcome.kind === 'trap') throw new WasmError(outcome.fault);
    throw new Error(`a script came to ${outcome.kind}`);
  }

  /** What `run` throws must be a fault of the phase and the words of an assertion. */
  private expect(assertion: string, words: string, run: () => unknown): string | undefined {
    try {
      run();
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      const { phase, message } = error.fault;
      if (PHASES[assertion].includes(phase) && message.startsWith(words)) return undefined;
      return `"${words}" expected: ${describe(error.fault)}`;
    }
    return `"${words}" expected: nothing went wrong`;
  }

  private compare(results: readonly Value[], patterns: readonly ResultPattern[]): string | undefined {
    const fits =
      results.length === patterns.length && patterns.every((pattern, i) => this.matches(results[i], pattern));
    if (fits) return undefined;
    const got = results.map((value) => `${formatValue(value)} : ${typeName(value.type)}`);
    return `${patterns.map(patternText).join(', ') || 'nothing'} expected: ${got.join(', ') || 'nothing'}`;
  }

  private matches(value: Value, pattern: ResultPattern): boolean {
    if (pattern.kind === 'either') return pattern.of.some((one) => this.matches(value, one));
    if (isRefValue(value)) return this.refMatches(value.ref, pattern);
    switch (pattern.kind) {
      case 'num':
        return value.type === pattern.type && value.bits === pattern.bits;
      case 'nan':
        return value.type === pattern.type && isNaNOf(pattern.nan, value.bits, widthOf(pattern.type));
      case 'lanes': {
        const { width, lanes } = splitLanes(pattern.shape, value.bits);
        return lanes.every((lane, i) => {
          const want = pattern.lanes[i];
          return typeof want === 'bigint' ? lane === want : isNaNOf(want.slice(4), lane, width);
        });
      }
      default:
        return false;
    }
  }

  private refMatches(ref: Ref, pattern: ResultPattern): boolean {
    switch (pattern.kind) {
      case 'null':
        return ref === null;
      case 'extern':
        return ref === pattern.value;
      case 'host':
        return ref === this.hosts.get(pattern.value);
      case 'ref':
        if (ref === null) return false;
        return pattern.heap === HEAP.func ? ref instanceof FuncInst : pattern.heap === HEAP.extern;
      default:
        return false;
    }
  }

  private toValue(value: ScriptValue): Value {
    switch (value.kind) {
      case 'num':
        return { type: value.type, bits: value.bits };
      case 'null':
        return { type: refType(true, value.heap ?? HEAP.none), ref: null };
      case 'extern':
        return { type: EXTERNREF, ref: value.value };
      case 'host': {
        let host = this.hosts.get(value.value);
        if (!host) this.hosts.set(value.value, (host = { host: value.value }));
        return { type: refType(true, HEAP.any), ref: host };
      }
    }
  }
}

function describe({ phase, message, notes, offset }: Fault): string {
  const at = offset === undefined ? '' : ` at 0x${offset.toString(16)}`;
  const note = notes.length > 0 ? ` (${notes[0].message})` : '';
  return `${phase}${at}: ${message}${note}`;
}

function widthOf(type: number): number {
  return type === F32 ? 32 : 64;
}

/** Canonical: the quiet bit is the whole payload. Arithmetic: the quiet bit is set (spec 2.2.3.1, 4.3.3). */
function isNaNOf(kind: string, bits: bigint, width: number): boolean {
  const payload = BigInt(width === 32 ? 23 : 52);
  const quiet = 1n << (payload - 1n);
  const magnitude = bits & ~(1n << BigInt(width - 1));
  const exponent = ((1n << BigInt(width - 1)) - 1n) >> payload;
  const canonical = (exponent << payload) | quiet;
  if (kind === 'canonical') return magnitude === canonical;
  return magnitude >> payload === exponent && (magnitude & quiet) !== 0n;
}

/** The lanes of a vector, lane 0 first; shapes are named `<type>x<count>`. */
function splitLanes(shape: string, bits: bigint): { width: number; lanes: bigint[] } {
  const count = Number(shape.split('x')[1]);
  const width = 128 / count;
  const lanes = Array.from({ length: count }, (_, i) => BigInt.asUintN(width, bits >> BigInt(i * width)));
  return { width, lanes };
}

function patternText(pattern: ResultPattern): string {
  switch (pattern.kind) {
    case 'num':
      return `${formatValue({ type: pattern.type, bits: pattern.bits })} : ${typeName(pattern.type)}`;
    case 'null':
      return 'null';
    case 'nan':
      return `nan:${pattern.nan} : ${typeName(pattern.type)}`;
    case 'lanes':
      return `${pattern.shape} ${pattern.lanes.join(' ')}`;
    case 'ref':
      return `(ref.${heapName(pattern.heap)})`;
    case 'either':
      return pattern.of.map(patternText).join(' or ');
    default:
      return `(ref.${pattern.kind} ${pattern.value})`;
  }
}
