/**
 * Components in `.wast` scripts: what the runner of scripts (exec/script.ts) asks of whoever knows them.
 */

import { unlinkable, WasmError } from '../base/errors.ts';
import type { ComponentWorld, Doing, ScriptComponents } from '../exec/script-components.ts';
import { type ComponentResults, Failure } from '../exec/script-values.ts';
import type { FeatureSet } from '../module/module.ts';
import type { ModuleForm } from '../text/script.ts';
import type { Tree } from '../text/tree.ts';
import { decodeComponent } from './binary/decode.ts';
import { callFunc } from './canon/lift.ts';
import { ComponentInst, type Item } from './instance.ts';
import { instantiateComponent } from './instantiate.ts';
import { argumentOf, resultMatches } from './script-values.ts';
import type { Steps } from './task.ts';
import { assembleComponent, type ComponentAssembly } from './text/assemble.ts';
import { type ValidComponent, validateComponent } from './valid/validate.ts';
import { printWave } from './wave-print.ts';

/** A component that is written in a script. */
export interface ScriptComponent {
  readonly valid: ValidComponent;
  readonly assembly: ComponentAssembly;
}

/** Loaded once: whoever shows a script and whoever runs it have the same modules. */
const loaded = new WeakMap<ModuleForm, ScriptComponent>();

/** Assembles, decodes and validates a component of a script. Throws a WasmError. */
export function loadScriptComponent(tree: Tree, form: ModuleForm, features: FeatureSet): ScriptComponent {
  const known = loaded.get(form);
  if (known) return known;
  const assembly = assembleComponent(tree, form.form);
  if (assembly.faults.length > 0) throw new WasmError(assembly.faults[0]);
  const made = { valid: validateComponent(decodeComponent(assembly.bytes), features), assembly };
  loaded.set(form, made);
  return made;
}

/** Does the components of a script; its definitions are `ValidComponent`s. */
export const scriptComponents: ScriptComponents = {
  load: (tree, form, features): ValidComponent => loadScriptComponent(tree, form, features).valid,

  *instantiate(component, world): Doing<ComponentInst> {
    const valid = component as ValidComponent;
    const imports = new Map<string, Item>();
    for (const name of valid.type.imports.keys()) {
      const found = world.registered(name);
      if (!(found instanceof ComponentInst)) unlinkable(`unknown import ${JSON.stringify(name)}`);
      imports.set(name, found);
    }
    return yield* taken(instantiateComponent(valid, imports, world), world);
  },

  *invoke(instance, name, args, world): Doing<ComponentResults> {
    const func = (instance as ComponentInst).exports.get(name);
    if (func?.kind !== 'func') throw new Failure(`unknown function "${name}"`);
    const { params, result: type } = func.type;
    if (args.length !== params.length)
      throw new Failure(`${params.length} arguments wanted, ${args.length} given`);
    const values = args.map((arg, i) => argumentOf(arg, params[i].type));
    const value = yield* taken(callFunc(func, values), world);
    return {
      text: type ? printWave(value!, type) : 'no result',
      matches: (patterns) =>
        type ? patterns.length === 1 && resultMatches(value!, patterns[0], type) : patterns.length === 0,
    };
  },
};

/** Takes steps by the calls of a script. */
function* taken<T>(steps: Steps<T>, world: ComponentWorld): Doing<T> {
  let step = steps.next([]);
  while (!step.done) {
    const { value: request } = step;
    if (request.kind === 'wait') throw new Failure('scripts do not wait for the host');
    step = steps.next(yield* world.call(request.func, request.args));
  }
  return step.value;
}
