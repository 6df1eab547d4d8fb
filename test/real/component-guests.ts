/**
 * Components that give back what they get, as text: for values of any types, on each way that values can go.
 */

import { flattenTypes, layoutOf } from '../../engine/component/abi.ts';
import type { ValType } from '../../engine/component/types.ts';
import { I32, typeName } from '../../engine/isa/types.ts';

/** Gives room and never takes it back. */
const LIBC = `(core module $Libc (memory (export "mem") 4)
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
    (core instance $libc (instantiate $Libc))`;

const options = (encoding: string) =>
  `(memory (core memory $libc "mem")) (realloc (core func $libc "realloc")) string-encoding=${encoding}`;

/**
 * For each type a function `f0`, `f1`, … that passes what it gets to the import `id0`, `id1`, … and answers what that
 * answers. `encodings`: of the strings of each.
 */
export function throughHost(types: readonly ValType[], encodings: readonly string[]): string {
  const named = namesOf(types);
  const lowers: string[] = [];
  const imports: string[] = [];
  const funcs: string[] = [];
  const given: string[] = [];
  const lifts: string[] = [];
  types.forEach((type, i) => {
    const name = named.names[i];
    const params = flattenTypes([type], I32, 16) ?? [I32];
    const [result] = flattenTypes([type], I32, 1) ?? [];
    const list = params.map((one) => typeName(one)).join(' ');
    const gets = params.map((_, k) => `(local.get ${k})`).join(' ');
    const { alignment, size } = layoutOf(type, I32);
    const room = `(call $room (i32.const ${alignment}) (i32.const ${size}))`;
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
    ${named.defs.join('\n    ')}
    ${importsOf(named.names).join('\n    ')}
    ${LIBC}
    ${lowers.join('\n    ')}
    (core module $M
      (import "libc" "room" (func $room (param i32 i32) (result i32)))
      ${imports.join('\n      ')}
      ${funcs.join('\n      ')})
    (core instance $m (instantiate $M (with "libc" (instance $libc)) (with "" (instance
      ${given.join('\n      ')}))))
    ${lifts.join('\n    ')})`;
}

/** For each type a function `f0`, `f1`, … that answers the list that it gets, out of the memory that it got it in. */
export function withinGuest(types: readonly ValType[], encodings: readonly string[]): string {
  const named = namesOf(types);
  const lifts = types.map((_, i) => {
    const list = `(list ${named.names[i]})`;
    return `(type $l${i} ${list}) (func (export "f${i}") (param "x" $l${i}) (result $l${i}) (canon lift (core func $m "f") ${options(encodings[i])}))`;
  });
  return `(component
    ${named.defs.join('\n    ')}
    ${LIBC}
    (core module $M
      (import "libc" "room" (func $room (param i32 i32) (result i32)))
      (import "libc" "mem" (memory 4))
      (func (export "f") (param i32 i32) (result i32) (local $at i32)
        (local.set $at (call $room (i32.const 4) (i32.const 8)))
        (i32.store (local.get $at) (local.get 0))
        (i32.store offset=4 (local.get $at) (local.get 1))
        (local.get $at)))
    (core instance $m (instantiate $M (with "libc" (instance $libc))))
    ${lifts.join('\n    ')})`;
}

/**
 * `throughHost` twice inside of a third: what comes in goes from the one to the other, whose strings are encoded in another
 * way, to the host, and back.
 */
export function throughGuests(
  types: readonly ValType[],
  outer: readonly string[],
  inner: readonly string[],
): string {
  const named = namesOf(types);
  const given = named.imports.map((name) => `(with "${name}" ${named.argument(name)})`).join(' ');
  const funcs = (of: (i: number) => string) => types.map((_, i) => `(with "id${i}" ${of(i)})`).join(' ');
  return `(component
    ${named.defs.join('\n    ')}
    ${importsOf(named.names).join('\n    ')}
    (component $A ${throughHost(types, inner).slice('(component'.length)}
    (component $B ${throughHost(types, outer).slice('(component'.length)}
    (instance $a (instantiate $A ${given} ${funcs((i) => `(func $id${i})`)}))
    (instance $b (instantiate $B ${given} ${funcs((i) => `(func $a "f${i}")`)}))
    ${types.map((_, i) => `(export "f${i}" (func $b "f${i}"))`).join('\n    ')})`;
}

function importsOf(names: readonly string[]): string[] {
  return names.map((name, i) => `(import "id${i}" (func $id${i} (param "x" ${name}) (result ${name})))`);
}

const THINGS = 'test:guests/things';

/** Definitions of types, whose names are imported as those of an interface would be, and how each type is called then. */
function namesOf(types: readonly ValType[]) {
  const names = new Map<ValType, string>();
  const defs: string[] = [];
  const imports: string[] = [];
  let hasThings = false;
  const nameOf = (type: ValType): string => {
    if (type.kind === 'prim') return type.prim;
    if (type.kind === 'own' && !hasThings) {
      hasThings = true;
      imports.push(THINGS);
      defs.push(`(import "${THINGS}" (instance $things (export "thing" (type (sub resource)))))
    (alias export $things "thing" (type $thing))`);
    }
    let name = names.get(type);
    if (name === undefined) {
      const body = bodyOf(type, nameOf);
      name = `$t${names.size}`;
      names.set(type, name);
      if (['record', 'variant', 'enum', 'flags'].includes(type.kind)) {
        imports.push(name.slice(1));
        defs.push(`(type ${name}d ${body}) (import "${name.slice(1)}" (type ${name} (eq ${name}d)))`);
      } else defs.push(`(type ${name} ${body})`);
    }
    return name;
  };
  return {
    names: types.map(nameOf),
    defs,
    imports,
    argument: (name: string) => (name === THINGS ? '(instance $things)' : `(type $${name})`),
  };
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
    case 'own':
      return '(own $thing)';
    default:
      throw new TypeError(type.kind);
  }
}
