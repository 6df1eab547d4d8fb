/**
 * Random component types and values of them, and the values as JavaScript has them behind jco's transpiled code.
 */

import { handleOf, hostResource, repOf } from '../../engine/component/host.ts';
import { primType, type ValType } from '../../engine/component/types.ts';
import { type CaseValue, type ComponentValue, isBytes } from '../../engine/component/values.ts';
import type { Random } from '../fuzz/random.ts';

const PRIMS = [
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
] as const;
const TEXTS = ['', 'a', 'hello, world', 'wörld', '☃', 'a🦀b', 'ÿ', '\u0000', 'x'.repeat(300)];
const CHARS = ['a', '\u0000', 'ÿ', '☃', '\ud7ff', '\ue000', '🦀', '\u{10ffff}'];

/** The host's objects that handles stand for. */
export class Thing {
  readonly n: number;

  constructor(n: number) {
    this.n = n;
  }
}
export const THING = hostResource<Thing>('thing');
const OWN: ValType = { kind: 'own', type: { kind: 'resource', resource: { number: 0 } } };

/** A type of at most that depth; `handles`: with such of `THING` in it. */
export function randomType(random: Random, depth: number, handles = false): ValType {
  if (handles && random.chance(0.3)) return OWN;
  const kind = depth === 0 ? 0 : random.below(10);
  const inner = (): ValType => randomType(random, depth - 1, handles);
  const some = (most: number): number => 1 + random.below(most);
  switch (kind) {
    case 1:
      return { kind: 'list', element: inner() };
    case 2:
      return { kind: 'tuple', types: Array.from({ length: some(5) }, inner) };
    case 3:
      return {
        kind: 'record',
        fields: Array.from({ length: some(random.chance(0.2) ? 20 : 4) }, (_, i) => ({
          label: `f${i}`,
          type: inner(),
        })),
      };
    case 4:
      return {
        kind: 'variant',
        cases: Array.from({ length: some(5) }, (_, i) =>
          random.chance(0.3) ? { label: `c${i}` } : { label: `c${i}`, type: inner() },
        ),
      };
    case 5:
      return { kind: 'enum', labels: Array.from({ length: some(300) }, (_, i) => `e${i}`) };
    case 6:
      return { kind: 'option', type: inner() };
    case 7:
      return {
        kind: 'result',
        ok: random.chance(0.8) ? inner() : undefined,
        error: random.chance(0.8) ? inner() : undefined,
      };
    case 8:
      return { kind: 'flags', labels: Array.from({ length: some(32) }, (_, i) => `g${i}`) };
    default:
      return primType(random.pick(PRIMS));
  }
}

/** A value of a type. */
export function randomValue(random: Random, type: ValType): ComponentValue {
  switch (type.kind) {
    case 'prim':
      return randomPrim(random, type.prim);
    case 'list': {
      const items = Array.from({ length: random.below(5) }, () => randomValue(random, type.element));
      return isBytes(type) ? Uint8Array.from(items as number[]) : items;
    }
    case 'tuple':
      return type.types.map((part) => randomValue(random, part));
    case 'record':
      return type.fields.map((field) => randomValue(random, field.type));
    case 'enum':
      return { case: random.below(type.labels.length) };
    case 'flags':
      return type.labels.reduce((sum, _, i) => sum + (random.chance(0.5) ? 2 ** i : 0), 0);
    case 'variant':
      return randomCase(
        random,
        type.cases.map((one) => one.type),
      );
    case 'option':
      return randomCase(random, [undefined, type.type]);
    case 'result':
      return randomCase(random, [type.ok, type.error]);
    case 'own':
      return handleOf(THING, new Thing(random.int32()));
    default:
      throw new TypeError(type.kind);
  }
}

function randomCase(random: Random, types: readonly (ValType | undefined)[]): CaseValue {
  const number = random.below(types.length);
  const type = types[number];
  return type ? { case: number, payload: randomValue(random, type) } : { case: number };
}

function randomPrim(random: Random, prim: string): ComponentValue {
  switch (prim) {
    case 'bool':
      return random.chance(0.5);
    case 's64':
      return random.int64();
    case 'u64':
      return BigInt.asUintN(64, random.int64());
    case 'f32':
      return Math.fround(randomFloat(random));
    case 'f64':
      return randomFloat(random);
    case 'char':
      return random.pick(CHARS);
    case 'string':
      return random.pick(TEXTS);
    default: {
      const bits = Number(prim.slice(1));
      const n = random.int32();
      if (prim.startsWith('u')) return bits === 32 ? n >>> 0 : n & (2 ** bits - 1);
      return (n << (32 - bits)) >> (32 - bits);
    }
  }
}

function randomFloat(random: Random): number {
  return random.pick([
    0,
    -0,
    1.5,
    -1e300,
    Number.NaN,
    Infinity,
    -Infinity,
    5e-324,
    Math.fround(0.1),
    random.int32(),
  ]);
}

/** A value as the transpiled code wants it. */
export function toJco(value: ComponentValue, type: ValType): unknown {
  switch (type.kind) {
    case 'prim':
      return value;
    case 'list':
      return isBytes(type) ? value : (value as ComponentValue[]).map((item) => toJco(item, type.element));
    case 'tuple':
      return (value as ComponentValue[]).map((item, i) => toJco(item, type.types[i]));
    case 'record':
      return Object.fromEntries(
        type.fields.map((field, i) => [field.label, toJco((value as ComponentValue[])[i], field.type)]),
      );
    case 'enum':
      return type.labels[(value as CaseValue).case];
    case 'flags':
      return Object.fromEntries(
        type.labels.map((label, i) => [label, Math.floor((value as number) / 2 ** i) % 2 === 1]),
      );
    case 'option': {
      const { payload } = value as CaseValue;
      if (type.type.kind === 'option') {
        return payload === undefined ? { tag: 'none' } : { tag: 'some', val: toJco(payload, type.type) };
      }
      return payload === undefined ? undefined : toJco(payload, type.type);
    }
    case 'variant': {
      const { case: number, payload } = value as CaseValue;
      const { label, type: of } = type.cases[number];
      return of ? { tag: label, val: toJco(payload!, of) } : { tag: label };
    }
    case 'result': {
      const { case: number, payload } = value as CaseValue;
      const of = number === 0 ? type.ok : type.error;
      return { tag: number === 0 ? 'ok' : 'err', val: of && toJco(payload!, of) };
    }
    case 'own':
      return repOf(THING, value);
    default:
      throw new TypeError(type.kind);
  }
}

/** What the transpiled code gave, as our value. */
export function fromJco(js: unknown, type: ValType): ComponentValue {
  switch (type.kind) {
    case 'prim':
      return js as ComponentValue;
    case 'list': {
      const items = Array.from(js as ArrayLike<unknown>, (item) => fromJco(item, type.element));
      return isBytes(type) ? Uint8Array.from(items as number[]) : items;
    }
    case 'tuple':
      return type.types.map((of, i) => fromJco((js as unknown[])[i], of));
    case 'record':
      return type.fields.map(({ label, type: of }) => fromJco((js as Record<string, unknown>)[label], of));
    case 'enum':
      return { case: type.labels.indexOf(js as string) };
    case 'flags':
      return type.labels.reduce(
        (sum, label, i) => sum + ((js as Record<string, boolean>)[label] ? 2 ** i : 0),
        0,
      );
    case 'option':
      if (type.type.kind === 'option') {
        const { tag, val } = js as { tag: string; val: unknown };
        return tag === 'none' ? { case: 0 } : { case: 1, payload: fromJco(val, type.type) };
      }
      return js === undefined ? { case: 0 } : { case: 1, payload: fromJco(js, type.type) };
    case 'variant': {
      const { tag, val } = js as { tag: string; val: unknown };
      const number = type.cases.findIndex(({ label }) => label === tag);
      const of = type.cases[number].type;
      return of ? { case: number, payload: fromJco(val, of) } : { case: number };
    }
    case 'result': {
      const { tag, val } = js as { tag: string; val: unknown };
      const number = tag === 'ok' ? 0 : 1;
      const of = number === 0 ? type.ok : type.error;
      return of ? { case: number, payload: fromJco(val, of) } : { case: number };
    }
    case 'own':
      return handleOf(THING, js as Thing);
    default:
      throw new TypeError(type.kind);
  }
}
