/**
 * Instantiation of components (Explainer.md, Instance Definitions): a valid component and its imports become an instance,
 * definition by definition in the order of the binary.
 *
 * It goes by steps, each a call of core code: the start functions of core modules, and those of components. Whoever takes
 * the steps makes the calls, so a debugger can stop in them. Everything is made in one store. Linking to a host is
 * host-imports.ts.
 */

import { unlinkable, WasmError } from '../base/errors.ts';
import { type FuncType as CoreFuncType, I32, I64 } from '../isa/types.ts';
import type { FeatureSet } from '../module/module.ts';
import type { FuncInst, HostRequest } from '../runtime/func.ts';
import { instantiate } from '../runtime/instantiate.ts';
import type { MemInst } from '../runtime/memory.ts';
import type { Extern, ModuleInst } from '../runtime/module-inst.ts';
import type { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import { inComponent } from './binary/decode.ts';
import { decodeValue } from './binary/values.ts';
import { builtinFunc } from './canon/builtins.ts';
import type { CanonOptions } from './canon/context.ts';
import { callFunc, liftFunc } from './canon/lift.ts';
import { lowerFunc } from './canon/lower.ts';
import { ComponentInst, type CoreInstance, type InstanceItem, type Item } from './instance.ts';
import {
  type AliasDef,
  type CanonBuiltin,
  type CanonDef,
  type CanonOpt,
  type CoreInstanceDef,
  canonOpt,
  type Definition,
  type ExportDef,
  type InstanceDef,
  indexCount,
  type Sort,
  type SortIdx,
  type StartDef,
  type TypeDefinition,
} from './model.ts';
import { coreInstanceId, instanceId, startId } from './plan.ts';
import type { GuestResource, RuntimeResource } from './resources.ts';
import type { Steps } from './task.ts';
import { type Entity, type FuncType, primType, type ValType } from './types.ts';
import type { ValidComponent } from './valid/validate.ts';

/** Where an instance comes to be. */
export interface ComponentWorld {
  readonly store: Store;
  readonly features: FeatureSet;
  /** Hears of every core instance, before its start function runs. */
  readonly instantiated?: (inst: ModuleInst, of: ComponentInst) => void;
}

/**
 * A node of the plan (plan.ts) is come to: a component instance before anything of it is there, a core instance when it is there and
 * its start function did not run, a start definition before it is called. `inst`: the core instance.
 */
export interface Reached {
  readonly kind: 'reached';
  readonly id: string;
  readonly inst?: ModuleInst;
}

/** Steps that tell what they come to. */
export type ToldSteps<T> = Generator<HostRequest | Reached, T, Value[]>;

/**
 * Makes an instance of a component, by steps. `imports`: items by the names of the imports, of types that fit. Throws a
 * WasmError if one is missing, or if a core module cannot be instantiated; traps of start functions end the steps.
 */
export function* instantiateComponent(
  valid: ValidComponent,
  imports: ReadonlyMap<string, Item>,
  world: ComponentWorld,
): Steps<ComponentInst> {
  const steps = instantiationSteps(valid, imports, world);
  let step = steps.next([]);
  while (!step.done) {
    const { value } = step;
    step = steps.next(value.kind === 'reached' ? [] : yield value);
  }
  return step.value;
}

/** As `instantiateComponent`, for who wants to know what comes to be. */
export function* instantiationSteps(
  valid: ValidComponent,
  imports: ReadonlyMap<string, Item>,
  world: ComponentWorld,
): ToldSteps<ComponentInst> {
  const { store, features } = world;
  const name = valid.component.names.component ?? 'component';
  const inst = new ComponentInst(valid, name, { store, features, id: '' });
  yield* new Instantiation(inst, imports, world).run();
  return inst;
}

class Instantiation {
  private readonly inst: ComponentInst;
  private readonly imports: ReadonlyMap<string, Item>;
  private readonly world: ComponentWorld;
  private starts = 0;

  constructor(inst: ComponentInst, imports: ReadonlyMap<string, Item>, world: ComponentWorld) {
    this.inst = inst;
    this.imports = imports;
    this.world = world;
  }

  *run(): ToldSteps<void> {
    const { inst } = this;
    yield { kind: 'reached', id: inst.id };
    inst.mayEnter = false;
    inst.beginTask();
    for (const def of inst.valid.component.definitions) yield* this.define(def);
    inst.endTask();
    inst.mayEnter = true;
  }

  private *define(def: Definition): ToldSteps<void> {
    const { inst } = this;
    const { spaces, valid } = inst;
    switch (def.kind) {
      case 'core module':
        spaces['core module'].push({ kind: 'core module', module: def.module });
        break;
      case 'core instance':
        spaces['core instance'].push(yield* this.coreInstance(def));
        break;
      case 'core type':
        for (let i = indexCount(def); i > 0; i--) spaces['core type'].push(undefined);
        break;
      case 'component':
        spaces.component.push({ kind: 'component', valid: valid.inner.get(def.component)!, outer: inst });
        break;
      case 'instance': {
        const made = yield* this.instance(def);
        spaces.instance.push(made);
        this.bind({ kind: 'instance', type: valid.spaces.instance[def.idx] }, made);
        break;
      }
      case 'alias':
        this.alias(def);
        break;
      case 'type':
        spaces.type.push({ kind: 'type', resource: this.resource(def) });
        break;
      case 'canon':
        this.canon(def);
        break;
      case 'start':
        yield* this.start(def);
        break;
      case 'import':
        this.push(def.type.kind, this.imports.get(def.name.text) ?? missing(def.name.text));
        this.bindNew(def.type.kind, def.idx);
        break;
      case 'export':
        this.export(def);
        break;
      case 'value': {
        const type = valid.spaces.value[def.idx].type;
        spaces.value.push({ kind: 'value', value: decodeValue(valid.component.bytes, def.value, type) });
      }
    }
  }

  private *coreInstance({ expr, idx }: CoreInstanceDef): ToldSteps<CoreInstance> {
    const { spaces, valid, store, features } = this.inst;
    if (expr.kind === 'exports') {
      const exports = new Map(expr.exports.map(({ name, item }) => [name, this.coreItem(item)] as const));
      return { exports, inst: undefined };
    }
    const { module } = spaces['core module'][expr.moduleIdx];
    const args = new Map(
      expr.args.map(({ name, instanceIdx }) => [name, spaces['core instance'][instanceIdx].exports] as const),
    );
    const { names } = valid.component;
    const name =
      names.of('core instance', idx) ?? names.of('core module', expr.moduleIdx) ?? module.names.module;
    let made: ModuleInst;
    try {
      made = instantiate(
        store,
        module,
        ({ module: from, name: of }) => args.get(from)?.get(of),
        features,
        name,
      );
    } catch (error) {
      const start = this.moduleStart(expr.moduleIdx);
      throw error instanceof WasmError && start !== undefined ? inComponent(error, start) : error;
    }
    this.world.instantiated?.(made, this.inst);
    yield { kind: 'reached', id: coreInstanceId(this.inst.id, idx), inst: made };
    if (made.start) yield { kind: 'call', func: made.start, args: [] };
    return { exports: made.exports, inst: made };
  }

  /** Where a module begins in the outermost component's bytes, if it is defined in this component. */
  private moduleStart(idx: number): number | undefined {
    const def = this.inst.valid.component.spaces['core module'][idx];
    return def.kind === 'core module' ? def.range.start : undefined;
  }

  private coreItem({ sort, idx }: SortIdx): Extern {
    return this.inst.spaces[sort as 'core func'][idx];
  }

  private item({ sort, idx }: SortIdx): Item {
    return this.inst.spaces[sort as 'func'][idx];
  }

  private push(sort: Sort, item: unknown): void {
    (this.inst.spaces[sort] as unknown[]).push(item);
  }

  private *instance({ expr, idx }: InstanceDef): ToldSteps<InstanceItem> {
    if (expr.kind === 'exports') {
      const exports = new Map(expr.exports.map(({ name, item }) => [name.text, this.item(item)] as const));
      return { kind: 'instance', exports, inst: undefined };
    }
    const { spaces, valid } = this.inst;
    const closure = spaces.component[expr.componentIdx];
    const { names } = valid.component;
    const name = names.of('instance', idx) ?? names.of('component', expr.componentIdx) ?? `instance[${idx}]`;
    const { store, features } = this.world;
    const child = new ComponentInst(closure.valid, name, {
      store,
      features,
      id: instanceId(this.inst.id, idx),
      parent: this.inst,
      outer: closure.outer,
    });
    const args = new Map(expr.args.map((arg) => [arg.name, this.item(arg.item)] as const));
    yield* new Instantiation(child, args, this.world).run();
    return child;
  }

  private alias({ sort, target, idx }: AliasDef): void {
    const { inst } = this;
    switch (target.kind) {
      case 'export':
        this.push(sort, inst.spaces.instance[target.instanceIdx].exports.get(target.name));
        this.bindNew(sort, idx);
        break;
      case 'core export':
        this.push(sort, inst.spaces['core instance'][target.instanceIdx].exports.get(target.name));
        break;
      case 'outer': {
        let from = inst;
        for (let i = 0; i < target.count; i++) from = from.outer!;
        this.push(sort, from.spaces[sort][target.idx]);
        this.bindNew(sort, idx);
      }
    }
  }

  private resource({ type, idx }: TypeDefinition): RuntimeResource | undefined {
    if (type.kind !== 'resource') return undefined;
    const { inst } = this;
    const { names } = inst.valid.component;
    const made: GuestResource = {
      kind: 'guest resource',
      name: names.of('type', idx) ?? `type[${idx}]`,
      impl: inst,
      dtor: type.dtor === undefined ? undefined : inst.spaces['core func'][type.dtor],
      is64: type.rep === I64,
    };
    this.bindType(idx, made);
    return made;
  }

  private canon({ canon, idx, offset }: CanonDef): void {
    const { inst } = this;
    const { spaces, valid } = inst;
    const { names } = valid.component;
    switch (canon.kind) {
      case 'lift': {
        const type = valid.spaces.type[canon.typeIdx] as FuncType;
        const core = spaces['core func'][canon.funcIdx];
        const name = names.of('func', idx) ?? `func[${idx}]`;
        spaces.func.push(liftFunc(core, type, this.options(canon.opts), { name, offset }));
        break;
      }
      case 'lower': {
        const type = valid.spaces.func[canon.funcIdx];
        const opts = this.options(canon.opts);
        spaces['core func'].push(lowerFunc(spaces.func[canon.funcIdx], type, opts, offset));
        break;
      }
      case 'builtin': {
        const type = this.coreType(idx);
        const resource = canon.typeIdx === undefined ? undefined : spaces.type[canon.typeIdx]?.resource;
        const opts = canon.opts && this.options(canon.opts);
        const result = this.builtinResult(canon);
        spaces['core func'].push(builtinFunc(inst, canon, type, { resource, opts, result }, offset));
      }
    }
  }

  /** What a `task.return` returns. */
  private builtinResult({ result }: CanonBuiltin): ValType | undefined {
    if (typeof result === 'number') return this.inst.valid.spaces.type[result] as ValType;
    return result && primType(result);
  }

  /** The type of a core function, as validation has found it. */
  private coreType(idx: number): CoreFuncType {
    const { valid } = this.inst;
    const composite = valid.canon.typeAt(valid.spaces['core func'][idx])?.composite;
    if (composite?.kind !== 'func') throw new TypeError(`core function ${idx} has no type`);
    return composite;
  }

  private options(opts: readonly CanonOpt[]): CanonOptions {
    const { inst } = this;
    const { spaces, valid } = inst;
    const memory = canonOpt(opts, 'memory');
    const realloc = canonOpt(opts, 'realloc');
    const postReturn = canonOpt(opts, 'post-return');
    const func = (opt: { readonly idx: number } | undefined): FuncInst | undefined =>
      opt && spaces['core func'][opt.idx];
    return {
      instance: inst,
      encoding: canonOpt(opts, 'string-encoding')?.encoding ?? 'utf8',
      memory: memory && (spaces['core memory'][memory.idx] as MemInst),
      address: memory && valid.spaces['core memory'][memory.idx].is64 ? I64 : I32,
      realloc: func(realloc),
      postReturn: func(postReturn),
      async: canonOpt(opts, 'async') !== undefined,
      callback: func(canonOpt(opts, 'callback')),
    };
  }

  /** Calls a start function; the instance calls itself, so it may be entered. */
  private *start({ funcIdx, args, results }: StartDef): ToldSteps<void> {
    const { inst } = this;
    yield { kind: 'reached', id: startId(inst.id, this.starts++) };
    const { spaces } = inst;
    const values = args.map((idx) => spaces.value[idx].value);
    const result = yield* callFunc(spaces.func[funcIdx], values, inst);
    if (results > 0) spaces.value.push({ kind: 'value', value: result! });
  }

  private export({ name, item, idx }: ExportDef): void {
    const exported = this.item(item);
    this.push(item.sort, exported);
    this.inst.exports.set(name.text, exported);
    this.bindNew(item.sort, idx);
    rename(exported, name.text);
  }

  /** Notes what the resources are here that the type of an item has, which stands at `idx`. */
  private bindNew(sort: Sort, idx: number): void {
    const { spaces, valid } = this.inst;
    if (sort === 'type') {
      const { resource } = spaces.type[idx];
      if (resource) this.bindType(idx, resource);
    } else if (sort === 'instance') {
      this.bind({ kind: 'instance', type: valid.spaces.instance[idx] }, spaces.instance[idx]);
    }
  }

  private bindType(idx: number, resource: RuntimeResource): void {
    const type = this.inst.valid.spaces.type[idx];
    if (type.kind === 'resource') this.inst.resources.set(type.resource, resource);
  }

  private bind(entity: Entity, item: Item | undefined): void {
    if (entity.kind === 'type' && entity.type.kind === 'resource' && item?.kind === 'type') {
      if (item.resource) this.inst.resources.set(entity.type.resource, item.resource);
    } else if (entity.kind === 'instance' && item?.kind === 'instance') {
      for (const [name, part] of entity.type.exports) this.bind(part, item.exports.get(name));
    }
  }
}

function missing(name: string): never {
  unlinkable(`unknown import ${JSON.stringify(name)}`);
}

/** What is exported is known by that name from then on. */
function rename(item: Item, name: string): void {
  if (item.kind === 'func') item.name = name;
  else if (item.kind === 'type' && item.resource?.kind === 'guest resource') item.resource.name = name;
  else if (item.kind === 'instance') {
    for (const [of, inner] of item.exports) if (inner.kind === 'func') inner.name = `${name}#${of}`;
  }
}
