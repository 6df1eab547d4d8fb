/**
 * What a stop inside of a component shows beside core code: the call that a frame of the canonical ABI makes, with its
 * arguments and its result as WIT values, and the handles that a component instance has.
 *
 * A list of values is named by its frame and a path into the call's values, so it is plain data; nothing is kept.
 */

import { usage } from '../base/errors.ts';
import { casesOf } from '../component/abi.ts';
import { boundaryOf, callThrough } from '../component/canon/boundary.ts';
import type { ComponentInst } from '../component/instance.ts';
import type { ComponentCall } from '../component/task.ts';
import { typeText, type ValType } from '../component/types.ts';
import { type CaseValue, type ComponentValue, isBytes } from '../component/values.ts';
import { printWave } from '../component/wave-print.ts';
import type { Frame } from '../exec/frame.ts';
import type { Store } from '../runtime/store.ts';
import type { Container, Item, Scope } from './wire.ts';

/** The lists that are made here. */
export type ComponentContainer = Extract<Container, { kind: 'call' | 'handles' }>;

export function isOfComponent(container: Container): container is ComponentContainer {
  return container.kind === 'call' || container.kind === 'handles';
}

/** A frame, and the component instance that it is in. */
export interface ComponentFrame {
  readonly number: number;
  readonly frame: Frame;
  readonly store: Store;
  /** Of a frame of core code: the component instance whose core instance it runs in. */
  readonly instance: ComponentInst | undefined;
}

/** Elements of a list, and characters of a text, that a value's line shows. */
const MOST_ELEMENTS = 8;
const MOST_CHARACTERS = 100;
const MOST_BYTES = 16;

/** A value and its type. */
interface Typed {
  readonly name: string;
  readonly value: ComponentValue;
  readonly type: ValType;
}

/** The scopes that a frame has beside those of core code. */
export function componentScopes(at: ComponentFrame): Scope[] {
  const scopes: Scope[] = [];
  const call = callOf(at);
  if (call) {
    const count = partsOfCall(call).length;
    if (count > 0)
      scopes.push({ container: { kind: 'call', frame: at.number, path: [] }, count, paged: false });
  }
  const handles = [...(instanceOf(at)?.handles ?? [])].length;
  if (handles > 0) {
    scopes.push({ container: { kind: 'handles', frame: at.number }, count: handles, paged: false });
  }
  return scopes;
}

/** The values of a list, or a part of them: `count` from `start` on, all if it is 0. */
export function componentChildren(
  at: ComponentFrame,
  container: ComponentContainer,
  start = 0,
  count = 0,
): Item[] {
  if (container.kind === 'handles') return handleItems(instanceOf(at));
  const call = callOf(at) ?? usage('this call is over');
  let parts = partsOfCall(call);
  for (const idx of container.path) parts = partsOf(parts[idx] ?? usage('there is no such value'));
  const end = count > 0 ? start + count : parts.length;
  return parts.slice(start, end).map((part, i) => itemOf(part, at.number, [...container.path, start + i]));
}

function instanceOf({ frame, instance }: ComponentFrame): ComponentInst | undefined {
  return instance ?? boundaryOf(frame.func)?.instance;
}

function callOf({ frame, store }: ComponentFrame): ComponentCall | undefined {
  const boundary = frame.kind === 'host' ? boundaryOf(frame.func) : undefined;
  return boundary && frame.kind === 'host' ? callThrough(store, boundary, frame.args) : undefined;
}

/** Arguments by their names, and the result when it is there. */
function partsOfCall({ func, args, result }: ComponentCall): Typed[] {
  const { params, result: type } = func.type;
  const parts = (args ?? []).map((value, i) => ({
    name: params[i].label,
    value,
    type: params[i].type,
  }));
  if (type && result !== undefined) parts.push({ name: 'result', value: result, type });
  return parts;
}

function partsOf({ value, type }: Typed): Typed[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map((field, i) => ({
        name: field.label,
        value: (value as ComponentValue[])[i],
        type: field.type,
      }));
    case 'tuple':
      return type.types.map((of, i) => ({
        name: String(i),
        value: (value as ComponentValue[])[i],
        type: of,
      }));
    case 'list':
      return Array.from(value as ArrayLike<ComponentValue>, (item, i) => ({
        name: `[${i}]`,
        value: item,
        type: type.element,
      }));
    case 'map':
      return (value as readonly (readonly ComponentValue[])[]).map(([key, item]) => ({
        name: printWave(key, type.key),
        value: item,
        type: type.value,
      }));
    case 'variant':
    case 'option':
    case 'result': {
      const { case: number, payload } = value as CaseValue;
      const { label, type: of } = casesOf(type)[number];
      return of ? [{ name: label, value: payload!, type: of }] : [];
    }
    default:
      return [];
  }
}

function itemOf(part: Typed, frame: number, path: readonly number[]): Item {
  const { name, value, type } = part;
  const item: Item = { name, value: brief(value, type), type: typeText(type), readOnly: true };
  const count = partsOf(part).length;
  if (count === 0) return item;
  return { ...item, container: { kind: 'call', frame, path }, count, paged: type.kind === 'list' };
}

/** A value in one line: in WAVE, but for what is long. */
function brief(value: ComponentValue, type: ValType, depth = 0): string {
  if (typeof value === 'string' && value.length > MOST_CHARACTERS) {
    return `${JSON.stringify(value.slice(0, MOST_CHARACTERS))}… (${value.length} characters)`;
  }
  if (isBytes(type)) {
    const bytes = value as Uint8Array;
    const more = bytes.length > MOST_BYTES ? `, … ${bytes.length} bytes` : '';
    return `[${[...bytes.subarray(0, MOST_BYTES)].join(', ')}${more}]`;
  }
  const parts = partsOf({ name: '', value, type });
  switch (type.kind) {
    case 'list':
    case 'map': {
      if (depth > 1 || parts.length > MOST_ELEMENTS) return `(${parts.length} elements)`;
      return `[${parts.map((part) => brief(part.value, part.type, depth + 1)).join(', ')}]`;
    }
    case 'tuple':
      return `(${parts.map((part) => brief(part.value, part.type, depth + 1)).join(', ')})`;
    case 'record': {
      if (depth > 1) return '{…}';
      return `{${parts.map((part) => `${part.name}: ${brief(part.value, part.type, depth + 1)}`).join(', ')}}`;
    }
    case 'variant':
    case 'option':
    case 'result': {
      const [payload] = parts;
      if (!payload) return printWave(value, type);
      const label = type.kind === 'result' && payload.name === 'error' ? 'err' : payload.name;
      return `${label}(${brief(payload.value, payload.type, depth + 1)})`;
    }
    default:
      return printWave(value, type);
  }
}

function handleItems(instance: ComponentInst | undefined): Item[] {
  return [...(instance?.handles ?? [])].map(([idx, entry]) => {
    const name = `${idx}`;
    if (entry.kind !== 'handle') {
      return { name, value: JSON.stringify(entry.message), type: 'error-context', readOnly: true };
    }
    const { resource, rep, own, lends } = entry;
    const of = resource.kind === 'resource' ? '' : ` (rep ${String(rep)})`;
    const lent = lends > 0 ? `, lent to ${lends} ${lends === 1 ? 'call' : 'calls'}` : '';
    return { name, value: `${own ? 'own' : 'borrow'} ${resource.name}${of}${lent}`, readOnly: true };
  });
}
