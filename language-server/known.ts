/**
 * What validation said of functions, kept between the versions of a document.
 *
 * A function's code is an object that stays the same as long as its bytes do (`Assembly.codes`). What is said of it depends
 * on the module around it, too: on all of its bytes in front of the code section, and on little behind them. When those
 * differ, every function is validated again.
 */

import type { Fault, Note } from '../engine/base/errors.ts';
import { SECTION } from '../engine/binary/sections.ts';
import type { FeatureSet, Module } from '../engine/module/module.ts';
import type { Assembly } from '../engine/text/assemble.ts';
import type { KnownBodies } from '../engine/valid/validate.ts';

/** How many surroundings are kept: one a module that is edited, and some to go back to. */
const MOST = 8;

/** The part of a module that the validity of its functions depends on. */
interface Surroundings {
  readonly bytes: Uint8Array;
  /** What is behind the code section, and yet matters. */
  readonly more: string;
}

interface Validated {
  readonly surroundings: Surroundings;
  /** Where the code's entry stood. */
  readonly offset: number;
  readonly faults: readonly Fault[];
}

export class KnownFunctions {
  #surroundings: Surroundings[] = [];
  readonly #validated = new WeakMap<FeatureSet, WeakMap<object, Validated>>();

  /** What is known of the functions of a module, and where to note what is found; nothing of modules without fields. */
  of(module: Module, { codes }: Assembly, features: FeatureSet): KnownBodies | undefined {
    const imports = module.funcs.length - codes.length;
    if (module.funcs.findIndex(({ body }) => body) !== (codes.length > 0 ? imports : -1)) return undefined;
    const surroundings = this.#surroundingsOf(module);
    let validated = this.#validated.get(features);
    if (!validated) this.#validated.set(features, (validated = new WeakMap()));
    return {
      get: (funcIdx) => {
        const known = validated.get(codes[funcIdx - imports]);
        if (known?.surroundings !== surroundings) return undefined;
        return known.faults.map((fault) => moved(fault, known.offset, module.funcs[funcIdx].offset));
      },
      set: (funcIdx, faults) => {
        const { offset } = module.funcs[funcIdx];
        validated.set(codes[funcIdx - imports], { surroundings, offset, faults });
      },
    };
  }

  #surroundingsOf(module: Module): Surroundings {
    const code = module.sections.find(({ id }) => id === SECTION.code);
    const bytes = module.bytes.subarray(0, code?.offset ?? module.bytes.length);
    const more = behindCode(module);
    let found = this.#surroundings.find((one) => one.more === more && isEqual(one.bytes, bytes));
    // A copy: the module's bytes are not to be kept for it.
    found ??= { bytes: bytes.slice(), more };
    this.#surroundings = [found, ...this.#surroundings.filter((one) => one !== found)].slice(0, MOST);
    return found;
  }
}

/** Messages call types by their names; a function that an expression names is declared. */
function behindCode({ types, datas, names, bytes }: Module): string {
  const named = types.map((_, idx) => names.given('type', idx) ?? '').join('\n');
  const expressions = datas.flatMap(({ at }) => (at ? [...bytes.subarray(at.start, at.end)] : []));
  return `${named}\n${expressions}`;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Offsets in the function's code follow it; those before the code section stay. */
function moved(fault: Fault, from: number, to: number): Fault {
  if (from === to) return fault;
  const move = <T extends Fault | Note>(item: T): T =>
    item.offset === undefined || item.offset < from ? item : { ...item, offset: item.offset - from + to };
  return { ...move(fault), notes: fault.notes.map(move) };
}
