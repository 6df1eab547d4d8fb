/**
 * Random component types and values of them, a component that passes such values through its host, and the values as
 * JavaScript has them behind jco's transpiled code.
 */

import { flattenTypes, layoutOf } from '../../engine/component/abi.ts';
import { primType, type ValType } from '../../engine/component/types.ts';
import { type CaseValue, type ComponentValue, isBytes } from '../../engine/component/values.ts';
import { I32, typeName } from '../../engine/isa/types.ts';
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

/** A type of at most that depth. No option stands right in another one: JavaScript has a form of its own for that. */
export function randomType(random: Random, depth: number, inOption = false): ValType {
  const kind = depth === 0 ? 0 : random.below(10);
  const inner = (): ValType => randomType(random, depth - 1);
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
      return inOption ? primType('u8') : { kind: 'option', type: randomType(random, depth - 1, true) };
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

/**
 * A component text: for each type a function `f0`, `f1`, … that passes what it gets to the import `id0`, `id1`, … and
 * answers what that answers. `encodings`: of the strings of each.
 */
export function throughHost(types: readonly ValType[], encodings: readonly string[]): string {
  const names = new Map<ValType, string>();
  const defs: string[] = [];
  const nameOf = (type: ValType): string => {
    if (type.kind === 'prim') return type.prim;
    let name = names.get(type);
    if (name === undefined) {
      const body = bodyOf(type, nameOf);
      name = `$t${names.size}`;
      names.set(type, name);
      const isNamed = ['record', 'variant', 'enum', 'flags'].includes(type.kind);
      defs.push(
        isNamed
          ? `(type ${name}d ${body}) (import "${name.slice(1)}" (type ${name} (eq ${name}d)))`
          : `(type ${name} ${body})`,
      );
    }
    return name;
  };
  const head: string[] = [];
  const lowers: string[] = [];
  const imports: string[] = [];
  const funcs: string[] = [];
  const given: string[] = [];
  const lifts: string[] = [];
  types.forEach((type, i) => {
    const name = nameOf(type);
    const params = flattenTypes([type], I32, 16) ?? [I32];
    const [result] = flattenTypes([type], I32, 1) ?? [];
    const list = params.map((one) => typeName(one)).join(' ');
    const gets = params.map((_, k) => `(local.get ${k})`).join(' ');
    const { alignment } = layoutOf(type, I32);
    const room = `(call $room (i32.const ${alignment}) (i32.const ${layoutOf(type, I32).size}))`;
    const options = (encoding: string) =>
      `(memory (core memory $libc "mem")) (realloc (core func $libc "realloc")) string-encoding=${encoding}`;
    head.push(`(import "id${i}" (func $id${i} (param "x" ${name}) (result ${name})))`);
    lowers.push(`(core func $low${i} (canon lower (func $id${i}) ${options(encodings[i])}))`);
    imports.push(
      `(import "" "id${i}" (func $id${i} (param ${list}${result ? '' : ' i32'}) ${result ? `(result ${typeName(result)})` : ''}))`,
    );
    funcs.push(
      result
        ? `(func (export "f${i}") (param ${list}) (result ${typeName(result)}) (call $id${i} ${gets}))`
        : `(func (export "f${i}") (param ${list}) (result i32) (local $at i32)
             (local.set $at ${room}) (call $id${i} ${gets} (local.get $at)) (local.get $at))`,
    );
    given.push(`(export "id${i}" (func $low${i}))`);
    lifts.push(
      `(func (export "f${i}") (param "x" ${name}) (result ${name}) (canon lift (core func $m "f${i}") ${options(encodings[i])}))`,
    );
  });
  return `(component
    ${defs.join('\n    ')}
    ${head.join('\n    ')}
    (core module $Libc (memory (export "mem") 4)
      (global $next (mut i32) (i32.const 1024))
      (func $room (export "room") (param $align i32) (param $size i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (block $fits
          (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
          (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16))))))
        (local.get $at))
      (func (export "realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (call $room (local.get $align) (local.get $size)))
        (memory.copy (local.get $at) (local.get $old)
          (select (local.get $had) (local.get $size) (i32.lt_u (local.get $had) (local.get $size))))
        (local.get $at)))
    (core instance $libc (instantiate $Libc))
    ${lowers.join('\n    ')}
    (core module $M
      (import "libc" "room" (func $room (param i32 i32) (result i32)))
      ${imports.join('\n      ')}
      ${funcs.join('\n      ')})
    (core instance $m (instantiate $M (with "libc" (instance $libc)) (with "" (instance
      ${given.join('\n      ')}))))
    ${lifts.join('\n    ')})`;
}

function bodyOf(type: ValType, nameOf: (type: ValType) => string): string {
  const optional = (of: ValType | undefined): string => (of ? ` ${nameOf(of)}` : '');
  switch (type.kind) {
    case 'list':
      return `(list ${nameOf(type.element)})`;
    case 'tuple':
      return `(tuple ${type.types.map(nameOf).join(' ')})`;
    case 'record':
      return `(record ${type.fields.map(({ label, type: of }) => `(field "${label}" ${nameOf(of)})`).join(' ')})`;
    case 'variant':
      return `(variant ${type.cases.map(({ label, type: of }) => `(case "${label}"${optional(of)})`).join(' ')})`;
    case 'enum':
    case 'flags':
      return `(${type.kind} ${type.labels.map((label) => `"${label}"`).join(' ')})`;
    case 'option':
      return `(option ${nameOf(type.type)})`;
    case 'result':
      return `(result${optional(type.ok)}${type.error ? ` (error ${nameOf(type.error)})` : ''})`;
    default:
      throw new TypeError(type.kind);
  }
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
    default:
      throw new TypeError(type.kind);
  }
}
