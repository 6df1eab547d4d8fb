/**
 * What a data breakpoint watches, as a text that clients keep and send back: a *data id*.
 *
 *   memory[0][0x100..+8]          bytes, from an address; `.f64` behind it says how they are shown
 *   $count   global[3]            a global; by its name where it has one, so that it is found again in another build
 *   table[0][3]                   a slot of a table
 *   local[2]#5                    a local of the fifth activation that was asked about: not for another run
 *
 * `@2` behind the item says which instance, where it is not the first. Knows no values.
 */

import { usage } from '../base/errors.ts';
import type { Module } from '../module/module.ts';

export type DataRef =
  | {
      readonly kind: 'memory';
      readonly idx: number;
      readonly from: number;
      readonly count: number;
      /** The type as which bytes are shown: `f64`, `u8`. */
      readonly view?: string;
    }
  | { readonly kind: 'global'; readonly idx: number }
  | { readonly kind: 'table'; readonly idx: number; readonly index: number }
  /** `activation`: its number, which only the session knows. */
  | { readonly kind: 'local'; readonly idx: number; readonly activation: number };

/** A data id, taken apart; a global may be a name, which only its module can look up. */
export interface DataId {
  readonly ref: DataRef | { readonly kind: 'name'; readonly name: string };
  readonly instance: number;
}

/** Bytes of each view of memory. */
export const VIEW_BYTES: Readonly<Record<string, number>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
  v128: 16,
};

/** More bytes cannot be watched at once: they are compared whenever the host was called. */
export const MOST_WATCHED = 1 << 20;

export function dataIdOf(ref: DataRef, instance: number, module: Module): string {
  const of = instance === 0 ? '' : `@${instance}`;
  switch (ref.kind) {
    case 'memory': {
      const view = ref.view === undefined ? '' : `.${ref.view}`;
      return `memory[${ref.idx}]${of}[0x${ref.from.toString(16)}..+${ref.count}]${view}`;
    }
    case 'global': {
      const name = module.names.given('global', ref.idx);
      const isFound = name !== undefined && module.names.find('global', name)[0] === ref.idx;
      return isFound ? `$${name}${of && `\u0000${of}`}` : `global[${ref.idx}]${of}`;
    }
    case 'table':
      return `table[${ref.idx}]${of}[${ref.index}]`;
    case 'local':
      return `local[${ref.idx}]#${ref.activation}`;
  }
}

/** Throws a usage fault for what is no data id. */
export function parseDataId(text: string): DataId {
  const name = /^\$(.+?)(?:\0@(\d+))?$/s.exec(text);
  if (name) return { ref: { kind: 'name', name: name[1] }, instance: Number(name[2] ?? 0) };
  const memory = /^memory\[(\d+)\](?:@(\d+))?\[0x([0-9a-f]+)\.\.\+(\d+)\](?:\.(\w+))?$/i.exec(text);
  if (memory) {
    const [, idx, instance = 0, from, count, view] = memory;
    const known = view !== undefined && VIEW_BYTES[view] === Number(count) ? view : undefined;
    const ref: DataRef = {
      kind: 'memory',
      idx: Number(idx),
      from: Number.parseInt(from, 16),
      count: Number(count),
      view: known,
    };
    checkRange(ref.from, ref.count);
    return { ref, instance: Number(instance) };
  }
  const item = /^(global|table)\[(\d+)\](?:@(\d+))?(?:\[(\d+)\])?$/.exec(text);
  if (item && (item[1] === 'table') === (item[4] !== undefined)) {
    const [, kind, idx, instance = 0, index] = item;
    const ref: DataRef =
      kind === 'global'
        ? { kind: 'global', idx: Number(idx) }
        : { kind: 'table', idx: Number(idx), index: Number(index) };
    return { ref, instance: Number(instance) };
  }
  const local = /^local\[(\d+)\]#(\d+)$/.exec(text);
  if (!local) return usage(`unknown data id: ${text}`);
  return { ref: { kind: 'local', idx: Number(local[1]), activation: Number(local[2]) }, instance: 0 };
}

/** Throws a usage fault for bytes that cannot be watched. */
export function checkRange(from: number, count: number): void {
  if (!Number.isSafeInteger(from) || from < 0) usage(`an address is expected, found ${from}`);
  if (!(count >= 1 && count <= MOST_WATCHED))
    usage(`from 1 to ${MOST_WATCHED} bytes can be watched at once, not ${count}`);
}
