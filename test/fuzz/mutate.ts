/**
 * Damage to good modules and texts, and what must be able to take it: everything from bytes to execution. Whatever the
 * input is, our own error types come out and nothing else; what does validate runs for a while and stops.
 */

import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { isNullable, isRef } from '../../engine/isa/types.ts';
import type { Module } from '../../engine/module/module.ts';
import { FuncInst } from '../../engine/runtime/func.ts';
import { instantiate, type WantedImport } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { defaultValue } from '../../engine/runtime/values.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { printModule } from '../../engine/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validate } from '../../engine/valid/validate.ts';
import type { Random } from './random.ts';

/** How far a damaged input came. */
export type Reached = 'malformed' | 'invalid' | 'unlinkable' | 'ran';

const BUDGET = 5_000;
/** Bigger memories and tables are not made: filling them is allowed to take its time. */
const MAX_PAGES = 64;
const MAX_ELEMENTS = 100_000;

/** A copy with a few bytes changed, dropped, doubled or moved; LEBs made long at times. */
export function damageBytes(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let damaged = Array.from(bytes);
  for (let n = 1 + random.below(4); n > 0; n--) {
    const at = random.chance(0.95)
      ? 8 + random.below(Math.max(1, damaged.length - 8))
      : random.below(damaged.length + 1);
    const from = random.below(damaged.length + 1);
    switch (random.below(8)) {
      case 0:
      case 1:
        damaged[at] = random.below(256);
        break;
      case 2:
        damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 3:
        damaged.splice(at, 1 + random.below(8));
        break;
      case 4:
        damaged.splice(at, 0, ...damaged.slice(from, from + random.below(30)));
        break;
      case 5:
        damaged.splice(at, 1, 0xff, 0xff, 0xff, 0xff, 0x0f);
        break;
      case 6:
        damaged.splice(at, 1, 0xfb + random.below(4), random.below(256));
        break;
      default:
        if (random.chance(0.2)) damaged = damaged.slice(0, at);
        else damaged[at] = (damaged[at] ?? 0) + 1;
    }
  }
  return Uint8Array.from(damaged);
}

/** A text with tokens dropped, doubled, swapped, replaced by others of the same text, or cut. */
export function damageText(text: string, random: Random): string {
  const tokens = text.match(/\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+|\s+/g) ?? [];
  for (let n = 1 + random.below(5); n > 0; n--) {
    const at = random.below(tokens.length + 1);
    const other = tokens[random.below(tokens.length)] ?? '';
    switch (random.below(6)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(at, 0, other);
        break;
      case 2:
        tokens[at] = other;
        break;
      case 3:
        tokens.splice(at, 0, ...tokens.slice(at, at + random.below(40)));
        break;
      case 4:
        tokens[at] = /^-?\d+$/.test(tokens[at] ?? '') ? String(random.int64()) : other;
        break;
      default:
        if (random.chance(0.05)) tokens.length = at;
        else tokens[at] = (tokens[at] ?? '').slice(random.below(3));
    }
  }
  return tokens.join('');
}

/** Takes bytes all the way. Throws what must not be thrown. */
export function withstandBytes(bytes: Uint8Array<ArrayBuffer>): Reached {
  let module: Module;
  try {
    module = decode(bytes);
  } catch (error) {
    mustBeOurs(error);
    return 'malformed';
  }
  try {
    validate(module, SUPPORTED);
  } catch (error) {
    mustBeOurs(error);
    return 'invalid';
  }
  printModule(module, { folded: true });
  return run(module);
}

/** Takes a text all the way; with faults in it, its bytes still decode. */
export function withstandText(text: string): Reached {
  const { bytes, faults } = assemble(parseTree(text));
  if (faults.length > 0) {
    // Modules that are written as bytes or quoted are as broken as they were written.
    if (!/\b(binary|quote)\b/.test(text)) decode(bytes);
    return 'malformed';
  }
  return withstandBytes(bytes);
}

function run(module: Module): Reached {
  const { memories, tables } = module;
  const pages = ({ limits, pageSizeLog2 }: (typeof memories)[number]['type']) =>
    limits.min * 2 ** (pageSizeLog2 - 16);
  if (memories.some(({ type }) => pages(type) > MAX_PAGES)) return 'unlinkable';
  if (tables.some(({ type }) => type.limits.min > MAX_ELEMENTS)) return 'unlinkable';
  const store = new Store();
  const host = (wanted: WantedImport) => {
    if (wanted.kind !== 'func') return undefined;
    const { type, typeId, name } = wanted;
    const passable = type.results.every((result) => !isRef(result) || isNullable(result));
    if (!passable) return undefined;
    return store.addHostFunc({ type, name, call: () => type.results.map(defaultValue) }, typeId);
  };
  try {
    const inst = instantiate(store, module, host, SUPPORTED);
    const machine = new Machine(store, { maxSlots: 1 << 12, maxDepth: 200 });
    const starts = inst.start ? [inst.start] : [];
    const exported = [...inst.exports.values()].filter((extern) => extern instanceof FuncInst);
    for (const func of [...starts, ...exported]) {
      const { params } = store.canonicalTypeOf(func);
      if (params.some((param) => isRef(param) && !isNullable(param))) continue;
      machine.begin(func, params.map(defaultValue));
      const outcome = machine.run(BUDGET);
      if (outcome.kind === 'trap' && outcome.fault.phase === 'crash') throw new Error(outcome.fault.message);
      for (const frame of machine.frames(0, 5))
        if (frame.kind === 'wasm') for (let k = 0; k < frame.operandCount; k++) frame.operand(k);
    }
    return 'ran';
  } catch (error) {
    mustBeOurs(error);
    return 'unlinkable';
  }
}

function mustBeOurs(error: unknown): void {
  if (!(error instanceof WasmError) || error.phase === 'crash') throw error;
}
