/**
 * The instances of the program's modules, and whose values a frame shows: those of the instance that its function is in.
 *
 * Instances are numbered as they are made; values say in which instance their indices are, where that is not the first.
 */

import { usage } from '../base/errors.ts';
import type { ExnInst } from '../runtime/exn.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { frameParts, type StoppedFrames } from './frames.ts';
import { Inspector } from './inspect.ts';
import type { Program } from './program.ts';
import type { Item } from './wire.ts';

export class Instances {
  readonly #frames: StoppedFrames;
  readonly #program: () => Program;
  readonly #thrown: () => ExnInst | undefined;
  readonly #all: ModuleInst[] = [];
  readonly #inspectors = new Map<ModuleInst, Inspector>();

  /** `thrown`: the exception at whose throw the program stands. */
  constructor(frames: StoppedFrames, program: () => Program, thrown: () => ExnInst | undefined) {
    this.#thrown = thrown;
    this.#frames = frames;
    this.#program = program;
  }

  get all(): readonly ModuleInst[] {
    return this.#all;
  }

  /** Those that were there are gone, with the store that they were in. */
  clear(): void {
    this.#all.length = 0;
    this.#inspectors.clear();
  }

  add(inst: ModuleInst): void {
    this.#all.push(inst);
  }

  /** Values as a frame sees them. Without a frame, those of the main module's instance; of a script's, the one made last. */
  look(frame: number | undefined, look: (inspector: Inspector) => readonly Item[]): Item[] {
    const inst = this.lookedAt(frame) ?? usage('there is no instance of a module yet');
    const instance = this.#all.indexOf(inst);
    const items = look(this.inspectorOf(inst));
    return instance === 0 ? [...items] : items.map((item) => ({ ...item, instance }));
  }

  lookAt(frame: number | undefined, look: (inspector: Inspector) => Item): Item {
    return this.look(frame, (inspector) => [look(inspector)])[0];
  }

  /** The instance whose values a frame shows. */
  lookedAt(frame: number | undefined): ModuleInst | undefined {
    const inFrame = frame === undefined ? undefined : this.#around(frame);
    if (inFrame) return inFrame;
    const { script, component, modules } = this.#program();
    if (script || component) return this.#all.at(-1);
    return this.#all.find(({ module }) => module === modules[0].module) ?? this.#all[0];
  }

  /** The instance with a number. Throws a usage fault. */
  at(number = 0): ModuleInst {
    return this.#all[number] ?? usage(`unknown instance ${number}`);
  }

  inspectorOf(inst: ModuleInst): Inspector {
    let inspector = this.#inspectors.get(inst);
    if (!inspector) {
      const loaded = this.#program().of(inst.module) ?? usage('this module is none of the program');
      inspector = new Inspector(
        loaded,
        inst,
        (frame) => this.#frames.at(frame),
        () => this.#named(),
        this.#thrown,
      );
      this.#inspectors.set(inst, inspector);
    }
    return inspector;
  }

  /** The instances of a program of several modules by the names that others import from them by; the main one is `main`. */
  #named(): ReadonlyMap<string, Inspector> {
    const { preloads, modules, script } = this.#program();
    const named = new Map<string, Inspector>();
    if (script || preloads.length === 0) return named;
    for (const { name, loaded } of [{ name: 'main', loaded: modules[0] }, ...preloads]) {
      // Of a command there is one a call: the last is the one that runs.
      const inst = this.#all.findLast(({ module }) => module === loaded.module);
      if (inst) named.set(name, this.inspectorOf(inst));
    }
    return named;
  }

  /** The instance of a frame; of a host's or a script's frame that of the function next to it. */
  #around(frame: number): ModuleInst | undefined {
    const { depth } = frameParts(frame);
    const near = [frame, frame + 1, ...(depth > 0 ? [frame - 1] : [])];
    for (const number of near) {
      const { inst } = this.#frames.at(number)?.func ?? {};
      if (inst && this.#program().of(inst.module)) return inst;
    }
    return undefined;
  }
}
