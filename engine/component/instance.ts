/**
 * Component instances, and what their index spaces and exports hold while a program runs.
 *
 * An instance knows its handles, whether it may be entered and left (CanonicalABI.md, Component Instances), and which
 * resource each resource of its types is here. Making one is instantiate.ts; calls are in canon/.
 */

import type { FeatureSet, Module } from '../module/module.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Extern, ModuleInst } from '../runtime/module-inst.ts';
import type { Store } from '../runtime/store.ts';
import { trap } from './canon/traps.ts';
import type { HostFunction } from './host.ts';
import { SORTS, type Sort, type StringEncoding } from './model.ts';
import { HandleTable, type RuntimeResource } from './resources.ts';
import { Task } from './task.ts';
import type { FuncType, Resource, ResourceType } from './types.ts';
import type { ValidComponent } from './valid/validate.ts';
import type { ComponentValue } from './values.ts';

/** A function with a component type: one that an instance lifts, or one of the host. */
export interface ComponentFunc {
  readonly kind: 'func';
  readonly type: FuncType;
  /** As people see it: `wasi:cli/run@0.2.0#run`. Exports make it better. */
  name: string;
  readonly target: LiftedFunc | HostFunction;
}

/** Core code behind a component type. */
export interface LiftedFunc {
  readonly kind: 'lifted';
  readonly instance: ComponentInst;
  /** Of type [i32] -> []: does the `ComponentCall` of that number. */
  readonly entry: FuncInst;
  /** What it is in core code. */
  readonly core: FuncInst;
  readonly encoding: StringEncoding;
}

export interface CoreModule {
  readonly kind: 'core module';
  readonly module: Module;
}

/** Exports of a core module's instance, or a selection of such items. */
export interface CoreInstance {
  readonly exports: ReadonlyMap<string, Extern>;
  readonly inst: ModuleInst | undefined;
}

/** A component definition together with what is around it. */
export interface ComponentClosure {
  readonly kind: 'component';
  readonly valid: ValidComponent;
  readonly outer: ComponentInst | undefined;
}

/** Anything with exports of component sorts. */
export interface InstanceItem {
  readonly kind: 'instance';
  readonly exports: ReadonlyMap<string, Item>;
  /** The component instance behind it, if it is a whole one. */
  readonly inst: ComponentInst | undefined;
}

/** A type, of which running knows only whether it is a resource. */
export interface TypeItem {
  readonly kind: 'type';
  readonly resource: RuntimeResource | undefined;
}

export interface ValueItem {
  readonly kind: 'value';
  readonly value: ComponentValue;
}

/** What can be imported and exported. */
export type Item = ComponentFunc | CoreModule | ComponentClosure | InstanceItem | TypeItem | ValueItem;

interface SpaceItems {
  'core func': FuncInst;
  'core table': Extern;
  'core memory': Extern;
  'core global': Extern;
  'core tag': Extern;
  'core type': undefined;
  'core module': CoreModule;
  'core instance': CoreInstance;
  func: ComponentFunc;
  value: ValueItem;
  type: TypeItem;
  component: ComponentClosure;
  instance: InstanceItem;
}

export type ItemSpaces = { readonly [S in Sort]: SpaceItems[S][] };

export class ComponentInst {
  readonly kind = 'instance';
  readonly store: Store;
  readonly features: FeatureSet;
  readonly valid: ValidComponent;
  /** As people see it. */
  readonly name: string;
  /** Which node of the plan it is (plan.ts). */
  readonly id: string;
  /** Who instantiated it. */
  readonly parent: ComponentInst | undefined;
  /** The instance around its definition, for outer aliases. */
  readonly outer: ComponentInst | undefined;
  readonly spaces = Object.fromEntries(SORTS.map((sort) => [sort, []])) as unknown as ItemSpaces;
  readonly exports = new Map<string, Item>();
  /** What the resources of its types are in this instance. */
  readonly resources = new Map<Resource, RuntimeResource>();
  readonly handles = new HandleTable();
  /** False while somebody is inside, and for good after a trap. */
  mayEnter = true;
  mayLeave = true;
  /** How often it has asked not to be called. */
  backpressure = 0;
  /** What it does now. */
  task: Task | undefined;

  constructor(
    valid: ValidComponent,
    name: string,
    around: {
      readonly store: Store;
      readonly features: FeatureSet;
      readonly id: string;
      readonly parent?: ComponentInst;
      readonly outer?: ComponentInst;
    },
  ) {
    this.valid = valid;
    this.name = name;
    this.store = around.store;
    this.features = around.features;
    this.id = around.id;
    this.parent = around.parent;
    this.outer = around.outer;
  }

  /** For scripts and hosts: this is an instance whose exports can be used. */
  get inst(): ComponentInst {
    return this;
  }

  /** What a resource type of this component's types is here. */
  resourceOf({ resource }: ResourceType): RuntimeResource {
    const found = this.resources.get(resource);
    if (!found) throw new TypeError(`resource ${resource.number} is not bound`);
    return found;
  }

  /** Enters from the caller (undefined: the host): the instance and those around it that the caller is not in. Traps. */
  enterFrom(caller: ComponentInst | undefined): void {
    const entered = this.enteringSet(caller);
    if (!entered.every(({ mayEnter }) => mayEnter)) {
      const busy = entered.find(({ mayEnter }) => !mayEnter)!;
      trap('cannot enter component instance', `${busy.name} is busy, or has trapped before`);
    }
    for (const inst of entered) inst.mayEnter = false;
  }

  leaveTo(caller: ComponentInst | undefined): void {
    for (const inst of this.enteringSet(caller)) inst.mayEnter = true;
  }

  /** Traps if it may not call out now. */
  mustBeAbleToLeave(): void {
    if (!this.mayLeave)
      trap('cannot leave component instance', 'it runs a post-return function or a realloc');
  }

  beginTask(): Task {
    this.task = new Task(this.task);
    return this.task;
  }

  endTask(): void {
    this.task = this.task?.outer;
  }

  private enteringSet(caller: ComponentInst | undefined): ComponentInst[] {
    const without = new Set(caller?.selfAndAncestors());
    return this.selfAndAncestors().filter((inst) => !without.has(inst));
  }

  private selfAndAncestors(): ComponentInst[] {
    const all: ComponentInst[] = [];
    for (let inst: ComponentInst | undefined = this; inst; inst = inst.parent) all.push(inst);
    return all;
  }
}
