/**
 * Data breakpoints: which there are, what of the program each watches, and whether one that was touched stops it.
 *
 * Two lists, replaced as a whole each: the client's, and that of its own view of watchpoints. What cannot be watched yet,
 * because its module has no instance, waits for one. A local is watched in one activation and ends with it. The watching
 * itself is exec/watch.ts; what a condition means is rules.ts.
 */

import { usage, WasmError } from '../base/errors.ts';
import type { CodeSpace } from '../exec/code.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { type Activation, type Watch, Watches, type WatchHit, type WatchTarget } from '../exec/watch.ts';
import { localTypes } from '../module/module.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { type DataRef, dataIdOf, parseDataId } from './data-ids.ts';
import type { Evaluator } from './evaluator.ts';
import type { Program } from './program.ts';
import { Rules } from './rules.ts';
import { changeText, dataName, whoText } from './watch-text.ts';
import type { DataAccess, DataBreakpointParams, DataBreakpointState, DataInfo, WireDataHit } from './wire.ts';

/** What the list needs of the debugger around it. */
export interface WatchpointsOwner {
  readonly program: () => Program;
  readonly instances: () => readonly ModuleInst[];
  /** Computes conditions where a frame is; undefined for code that is none of the program's. */
  evaluatorOf(frame: WasmFrame): Evaluator | undefined;
  /** A condition could not be computed. */
  failed(message: string): void;
  /** A breakpoint is not what it was: its activation ended, its module has an instance now. */
  changed(state: DataBreakpointState): void;
}

interface DataBreakpoint {
  readonly id: number;
  readonly dataId: string;
  readonly access: DataAccess;
  readonly rules: Rules;
  /** What it watches; undefined while there is no instance with that. */
  watch: Watch | undefined;
  ref: DataRef | undefined;
  message: string | undefined;
  ended: boolean;
}

type ListName = 'client' | 'own';

const ENDED = 'the function has returned: its locals are gone';

export class Watchpoints {
  readonly #owner: WatchpointsOwner;
  readonly #lists = new Map<ListName, readonly DataBreakpoint[]>();
  readonly #activations: Activation[] = [];
  #space: CodeSpace | undefined;

  constructor(owner: WatchpointsOwner) {
    this.#owner = owner;
  }

  /** The program runs in this code from now on. */
  begin(space: CodeSpace): void {
    this.#space = space;
    this.#watch();
  }

  /** An instance is there: what waited for it is watched. */
  instantiated(): void {
    let isNew = false;
    for (const breakpoint of this.#all) {
      if (breakpoint.watch || breakpoint.ended) continue;
      const { message } = breakpoint;
      try {
        this.#resolve(breakpoint);
      } catch (error) {
        if (!(error instanceof WasmError)) throw error;
        breakpoint.message = error.message;
      }
      isNew ||= breakpoint.watch !== undefined;
      if (breakpoint.watch || breakpoint.message !== message) this.#owner.changed(stateOf(breakpoint));
    }
    if (isNew) this.#watch();
  }

  /** The user may have changed values: what is there now was there. */
  refresh(): void {
    this.#space?.watches?.refresh();
  }

  /** What a client keeps of something that can be watched; `activation` for a local. */
  info(found: DataRef, inst: ModuleInst, activation: Activation | undefined): DataInfo {
    const { module } = inst;
    const ref = activation && found.kind === 'local' ? this.#numbered(found.idx, activation) : found;
    const instance = this.#owner.instances().indexOf(inst);
    const name = dataName(ref, module, activation?.func.idx);
    return {
      dataId: dataIdOf(ref, instance, module),
      description: activation ? `${name}, while this call lasts` : name,
      accesses: ['read', 'write', 'readWrite', 'change'],
      persists: ref.kind !== 'local' && !this.#owner.program().script,
    };
  }

  /** Replaces a list. */
  set(list: ListName, wanted: readonly DataBreakpointParams[]): DataBreakpointState[] {
    const before = this.#lists.get(list) ?? [];
    const kept: DataBreakpoint[] = [];
    const states = wanted.map((params): DataBreakpointState => {
      try {
        const breakpoint = this.#made(params, before);
        kept.push(breakpoint);
        return stateOf(breakpoint);
      } catch (error) {
        if (!(error instanceof WasmError) || error.phase !== 'usage') throw error;
        return { id: params.id, verified: false, message: error.message };
      }
    });
    this.#lists.set(list, kept);
    this.#watch();
    return states;
  }

  /** What of the hits the user is to see, in front of the instruction of `frame`. */
  reached(hits: readonly WatchHit[], frame: WasmFrame | undefined): WireDataHit[] {
    return hits.flatMap((hit) => {
      const breakpoint = this.#all.find(({ watch }) => watch === hit.watch);
      if (!breakpoint?.ref || !this.#holds(breakpoint, frame)) return [];
      return [this.#told(hit, breakpoint.id, breakpoint.ref)];
    });
  }

  get #all(): readonly DataBreakpoint[] {
    return [...this.#lists.values()].flat();
  }

  #holds({ rules }: DataBreakpoint, frame: WasmFrame | undefined): boolean {
    const evaluator = frame && this.#owner.evaluatorOf(frame);
    if (!frame || !evaluator) return true;
    const { stops, error } = rules.reached(frame, evaluator);
    if (error !== undefined) this.#owner.failed(error);
    return stops;
  }

  #told(hit: WatchHit, id: number, ref: DataRef): WireDataHit {
    const program = this.#owner.program();
    const { target } = hit.watch;
    const frame = target.kind === 'local' ? target.frame.func : undefined;
    const inst = frame?.inst ?? this.#instanceOf(target);
    const name = inst ? dataName(ref, inst.module, frame?.idx) : 'data';
    const loaded = inst && program.of(inst.module);
    const place = 'host' in hit.by ? undefined : program.place(hit.by.func, hit.by.offset);
    const text = changeText(hit, ref, { rename: loaded?.rename });
    return { id, name, text, who: whoText(hit, loaded?.rename), place };
  }

  #instanceOf(target: WatchTarget): ModuleInst | undefined {
    return this.#owner.instances().find(({ mems, globals, tables }) => {
      if (target.kind === 'memory') return mems.includes(target.memory);
      if (target.kind === 'global') return globals.includes(target.global);
      return target.kind === 'table' && tables.includes(target.table);
    });
  }

  /** One that is wanted again is the same: it goes on counting. */
  #made(
    { id, dataId, access, ...rules }: DataBreakpointParams,
    before: readonly DataBreakpoint[],
  ): DataBreakpoint {
    const old = before.find(
      (other) => other.dataId === dataId && other.access === access && other.rules.isFor(rules),
    );
    const made: DataBreakpoint = {
      id,
      dataId,
      access,
      rules: old?.rules ?? new Rules(rules),
      watch: old?.watch,
      ref: old?.ref,
      message: old?.message,
      ended: old?.ended ?? false,
    };
    if (!made.watch && !made.ended) this.#resolve(made);
    return made;
  }

  /** Finds what a breakpoint watches. Throws a usage fault for what can never be found. */
  #resolve(breakpoint: DataBreakpoint): void {
    const { dataId, access } = breakpoint;
    const { ref, instance } = parseDataId(dataId);
    const inst = this.#owner.instances()[instance];
    if (!inst && ref.kind !== 'local') {
      breakpoint.message = 'watched when its module is instantiated';
      return;
    }
    const found = ref.kind === 'name' ? globalNamed(inst, ref.name) : ref;
    const target = found.kind === 'local' ? this.#local(found) : targetIn(inst, found);
    breakpoint.ref = found;
    breakpoint.message = target.kind === 'memory' ? outside(target) : undefined;
    breakpoint.watch = {
      target,
      reads: access === 'read' || access === 'readWrite',
      writes: access !== 'read',
      changes: access === 'change',
    };
  }

  #numbered(idx: number, activation: Activation): DataRef {
    const { machine, fp, cs, func } = activation;
    const known = this.#activations.findIndex(
      (one) => one.machine === machine && one.fp === fp && one.cs === cs && one.func === func,
    );
    const at = known >= 0 ? known : this.#activations.push(activation) - 1;
    return { kind: 'local', idx, activation: at + 1 };
  }

  #local({ idx, activation }: Extract<DataRef, { kind: 'local' }>): WatchTarget {
    const frame = this.#activations[activation - 1] ?? usage(ENDED);
    const type = localTypes(frame.func.inst!.module, frame.func.idx)[idx];
    return { kind: 'local', frame, idx, type: type ?? usage(`unknown local ${idx}`) };
  }

  /** Watches what there is now. */
  #watch(): void {
    if (!this.#space) return;
    const all = this.#all.flatMap(({ watch, ended }) => (watch && !ended ? [watch] : []));
    if (all.length === 0 && !this.#space.watches) return;
    const watches = all.length === 0 ? undefined : new Watches(all);
    if (watches) watches.ended = (watch) => this.#ended(watch);
    this.#space.watch(watches);
  }

  #ended(watch: Watch): void {
    for (const breakpoint of this.#all) {
      if (breakpoint.watch !== watch || breakpoint.ended) continue;
      breakpoint.ended = true;
      this.#owner.changed({ ...stateOf(breakpoint), removed: true });
    }
  }
}

function stateOf({ id, watch, ended, message }: DataBreakpoint): DataBreakpointState {
  if (ended) return { id, verified: false, message: ENDED };
  return { id, verified: watch !== undefined, message };
}

function globalNamed({ module }: ModuleInst, name: string): DataRef {
  const idx = module.names.find('global', name)[0];
  return idx === undefined ? usage(`unknown global $${name}`) : { kind: 'global', idx };
}

function targetIn(inst: ModuleInst, ref: Exclude<DataRef, { kind: 'local' }>): WatchTarget {
  switch (ref.kind) {
    case 'memory': {
      const memory = inst.mems[ref.idx] ?? usage(`unknown memory ${ref.idx}`);
      return { kind: 'memory', memory, from: ref.from, count: ref.count };
    }
    case 'global':
      return { kind: 'global', global: inst.globals[ref.idx] ?? usage(`unknown global ${ref.idx}`) };
    case 'table':
      return {
        kind: 'table',
        table: inst.tables[ref.idx] ?? usage(`unknown table ${ref.idx}`),
        index: ref.index,
      };
  }
}

function outside({ memory, from, count }: Extract<WatchTarget, { kind: 'memory' }>): string | undefined {
  const { length } = memory.bytes;
  return from + count > length ? `the memory has ${length} bytes now: it may grow` : undefined;
}
