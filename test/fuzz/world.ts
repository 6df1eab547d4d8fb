/**
 * What a generated module declares around its functions: types, memories, tables, globals, segments, tags, imports. A
 * world always has at least one of everything, so that any instruction finds what it names; sizes and types are drawn.
 * Types are strings of the text format in one form (`(ref null any)`, never `anyref`). Knows no function bodies.
 */

import type { Random } from './random.ts';

/** A value type as the text format writes it. */
export type Type = string;

export interface Field {
  /** A value type, `i8` or `i16`. */
  readonly storage: Type;
  readonly mutable: boolean;
}

export interface Signature {
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}

/** A struct, array or function type. */
export interface Defined {
  readonly name: string;
  readonly parent?: string;
  readonly fields?: readonly Field[];
  readonly element?: Field;
  readonly func?: Signature;
}

export interface Func extends Signature {
  readonly name: string;
  readonly type: string;
}

export interface Memory {
  readonly name: string;
  readonly is64: boolean;
  readonly pages: number;
  readonly max: number;
  readonly shared: boolean;
}

export interface Table {
  readonly name: string;
  readonly is64: boolean;
  readonly type: Type;
  readonly size: number;
  readonly max: number;
}

export interface Global {
  readonly name: string;
  readonly type: Type;
  readonly mutable: boolean;
}

export interface Elem {
  readonly name: string;
  readonly type: Type;
}

export interface World {
  readonly structs: readonly Defined[];
  readonly arrays: readonly Defined[];
  readonly funcTypes: readonly Defined[];
  /** Functions that bodies are made for. */
  readonly funcs: readonly Func[];
  /** Functions of the host. */
  readonly imports: readonly Func[];
  readonly memories: readonly Memory[];
  readonly tables: readonly Table[];
  readonly globals: readonly Global[];
  readonly tags: readonly { readonly name: string; readonly params: readonly Type[] }[];
  readonly elems: readonly Elem[];
  readonly datas: readonly string[];
  /** Old exceptions, which the host does not allow beside new ones. */
  readonly legacy: boolean;
  /** Everything but the functions, as text. */
  readonly text: string;
}

export const NUMBERS = ['i32', 'i64', 'f32', 'f64', 'v128'] as const;

export function ref(heap: string, nullable = true): Type {
  return nullable ? `(ref null ${heap})` : `(ref ${heap})`;
}

export function heapOf(type: Type): string | undefined {
  return /^\(ref (?:null )?(\S+)\)$/.exec(type)?.[1];
}

export function isNullable(type: Type): boolean {
  return type.startsWith('(ref null ');
}

/** The type on the stack of what has this storage type. */
export function unpacked(storage: Type): Type {
  return storage === 'i8' || storage === 'i16' ? 'i32' : storage;
}

export function resultsText(types: readonly Type[]): string {
  return types.length > 0 ? `(result ${types.join(' ')})` : '';
}

export function paramsText(types: readonly Type[]): string {
  return types.length > 0 ? `(param ${types.join(' ')})` : '';
}

const ABSTRACT: Readonly<Record<string, string>> = { i31: 'eq', struct: 'eq', array: 'eq', eq: 'any' };

/** Subtyping of the types that generated modules use (spec 3.3.3). */
export function isSubtype(world: World, a: Type, b: Type): boolean {
  if (a === b) return true;
  const [from, to] = [heapOf(a), heapOf(b)];
  if (!from || !to || (isNullable(a) && !isNullable(b))) return false;
  for (let heap: string | undefined = from; heap; heap = parentOf(world, heap)) if (heap === to) return true;
  return false;
}

function parentOf(world: World, heap: string): string | undefined {
  if (!heap.startsWith('$')) return ABSTRACT[heap];
  const own = [...world.structs, ...world.arrays, ...world.funcTypes].find(({ name }) => name === heap);
  return own?.parent ?? (own?.fields ? 'struct' : own?.element ? 'array' : 'func');
}

/** The hierarchy that a heap type belongs to. */
export function topOf(world: World, heap: string): string {
  const parent = parentOf(world, heap);
  return parent ? topOf(world, parent) : heap;
}

const FIELD_TYPES = [...NUMBERS, 'i8', 'i16', ref('any'), ref('eq'), ref('func'), ref('extern'), ref('$s0')];
const VALUE_TYPES = [
  ...NUMBERS,
  ...NUMBERS,
  ref('any'),
  ref('eq'),
  ref('i31'),
  ref('i31', false),
  ref('struct'),
  ref('array'),
  ref('func'),
  ref('extern'),
  ref('$s0'),
  ref('$s1', false),
  ref('$a2'),
  ref('$a0', false),
  ref('$f0', false),
];

/** Declarations for a module. */
export function makeWorld(random: Random): World {
  const legacy = random.chance(0.4);
  const field = (): Field => ({ storage: random.pick(FIELD_TYPES), mutable: random.chance(0.7) });
  const fields = (n: number) => Array.from({ length: n }, field);
  const first: Field[] = [
    { storage: 'i8', mutable: true },
    { storage: 'i16', mutable: true },
    ...fields(1 + random.below(4)),
  ];
  const structs: Defined[] = [
    { name: '$s0', fields: first },
    { name: '$s1', parent: '$s0', fields: [...first, ...fields(1 + random.below(2))] },
    { name: '$s2', fields: fields(random.below(5)) },
  ];
  const arrays: Defined[] = ['i8', 'i16', ...NUMBERS, ref('any'), ref('func')].map((storage, i) => ({
    name: `$a${i}`,
    element: { storage, mutable: true },
  }));
  const types = (most: number) =>
    Array.from({ length: random.below(most + 1) }, () => random.pick(VALUE_TYPES));
  const plain: Signature = { params: ['i32'], results: ['i32'] };
  const funcTypes: Defined[] = [
    { name: '$f0', func: plain },
    { name: '$f1', parent: '$f0', func: plain },
    { name: '$f2', func: { params: [], results: [] } },
    ...[3, 4, 5].map((i) => ({ name: `$f${i}`, func: { params: types(4), results: types(3) } })),
  ];
  const funcs = funcTypes.flatMap(({ name, func }, i) =>
    [0, 1].map((k): Func => ({ name: `$fn${2 * i + k}`, type: name, ...func! })),
  );
  const imports: Func[] = [
    { name: '$host.log', type: '$log', params: ['i32', 'f64'], results: [] },
    { name: '$host.mix', type: '$mix', params: ['i32', 'i64'], results: ['i64', 'i32'] },
    { name: '$host.fail', type: '$f2', params: [], results: [] },
    { name: '$host.keep', type: '$keep', params: [ref('extern')], results: [ref('extern')] },
  ];
  const pages = () => random.below(2) + 1;
  const memory = (name: string, is64: boolean, shared = false): Memory => ({
    name,
    is64,
    shared,
    pages: pages(),
    max: 2 + random.below(2),
  });
  const memories = [
    memory('$m0', false),
    memory('$m1', false),
    memory('$m2', true),
    memory('$m3', false, true),
  ];
  const table = (name: string, type: Type, is64 = false): Table => {
    const size = 12 + random.below(6);
    return { name, type, is64, size, max: size + 8 };
  };
  const tables = [
    table('$t0', ref('func')),
    table('$t1', ref('extern')),
    table('$t2', ref('any')),
    table('$t3', ref('func'), true),
  ];
  const globals: Global[] = [
    ...NUMBERS.map((type) => ({ name: `$g_${type}`, type, mutable: true })),
    ...['any', 'func', 'extern', '$s0', '$a2'].map((heap, i) => ({
      name: `$r${i}`,
      type: ref(heap),
      mutable: true,
    })),
    { name: '$c_i32', type: 'i32', mutable: false },
    { name: '$c_i64', type: 'i64', mutable: false },
    { name: '$c_i31', type: ref('i31', false), mutable: false },
    { name: '$c_s1', type: ref('$s1', false), mutable: false },
    { name: '$c_a2', type: ref('$a2', false), mutable: false },
  ];
  const tags = [
    { name: '$e0', params: ['i32'] },
    { name: '$e1', params: types(2) },
    { name: '$e2', params: [] },
  ];
  const elems = [
    { name: '$el0', type: ref('func') },
    { name: '$el1', type: ref('any') },
    { name: '$el2', type: ref('extern') },
  ];
  const world = {
    structs,
    arrays,
    funcTypes,
    funcs,
    imports,
    memories,
    tables,
    globals,
    tags,
    elems,
    datas: ['$d0', '$d1'],
    legacy,
  };
  return { ...world, text: textOf(world, random) };
}

function textOf(world: Omit<World, 'text'>, random: Random): string {
  const fieldText = ({ storage, mutable }: Field) => (mutable ? `(mut ${storage})` : storage);
  const typeText = ({ name, parent, fields, element, func }: Defined, open: boolean) => {
    const body = fields
      ? `(struct ${fields.map((f) => `(field ${fieldText(f)})`).join(' ')})`
      : element
        ? `(array ${fieldText(element)})`
        : `(func ${paramsText(func!.params)} ${resultsText(func!.results)})`;
    return `(type ${name} ${open || parent ? `(sub ${parent ?? ''} ${body})` : body})`;
  };
  const names = world.funcs.map(({ name }) => name);
  const items = (n: number, item: () => string) => Array.from({ length: n }, item).join(' ');
  const anyItem = () =>
    random.pick([
      `(item (ref.i31 (i32.const ${random.int32()})))`,
      '(item (ref.null any))',
      '(item (struct.new_default $s1))',
      `(item (array.new_fixed $a2 2 (i32.const ${random.int32()}) (i32.const 7)))`,
      `(item (array.new $a3 (i64.const ${random.int64()}) (i32.const 3)))`,
      '(item (array.new_default $a0 (i32.const 4)))',
      '(item (global.get $c_s1))',
    ]);
  const externItem = () =>
    random.pick([
      '(item (ref.null extern))',
      '(item (extern.convert_any (ref.i31 (i32.const 3))))',
      '(item (extern.convert_any (global.get $c_s1)))',
    ]);
  const bytes = (n: number) =>
    Array.from({ length: n }, () => `\\${random.below(256).toString(16).padStart(2, '0')}`).join('');
  const constI32 = () =>
    `(i32.${random.pick(['add', 'sub', 'mul'])} (i32.const ${random.int32()}) (i32.const ${random.int32()}))`;
  const constI64 = () =>
    `(i64.${random.pick(['add', 'sub', 'mul'])} (i64.const ${random.int64()}) (i64.const ${random.int64()}))`;
  const zero: Readonly<Record<string, string>> = {
    $g_i32: constI32(),
    $g_i64: constI64(),
    $g_f32: '(f32.const nan:0x1234)',
    $g_f64: '(f64.const -0x1p-1074)',
    $g_v128: `(v128.const i32x4 ${random.words().join(' ')})`,
    $c_i32: constI32(),
    $c_i64: constI64(),
    $c_i31: `(ref.i31 ${constI32()})`,
    $c_s1: '(struct.new_default $s1)',
    $c_a2: `(array.new_fixed $a2 5 ${items(5, () => `(i32.const ${random.int32()})`)})`,
  };
  return [
    `(rec ${world.structs.map((s) => typeText(s, s.name === '$s0')).join('\n  ')}`,
    `  ${world.arrays.map((a) => typeText(a, false)).join(' ')}`,
    `  ${world.funcTypes.map((f) => typeText(f, f.name === '$f0')).join('\n  ')})`,
    ...world.imports
      .filter(({ type }) => !type.startsWith('$f'))
      .map((f) => `(type ${f.type} (func ${paramsText(f.params)} ${resultsText(f.results)}))`),
    ...world.imports.map(
      ({ name, type }) => `(import "host" "${name.slice(6)}" (func ${name} (type ${type})))`,
    ),
    ...world.memories.map(
      ({ name, is64, pages, max, shared }) =>
        `(memory ${name} (export "${name.slice(1)}") ${is64 ? 'i64' : ''} ${pages} ${max} ${shared ? 'shared' : ''})`,
    ),
    ...world.globals.map(
      ({ name, type, mutable }) =>
        `(global ${name} ${type === 'v128' ? '' : `(export "${name.slice(1)}")`} ${mutable ? `(mut ${type})` : type} ${zero[name] ?? `(ref.null ${heapOf(type)})`})`,
    ),
    '(global $fuel (mut i32) (i32.const 50))',
    '(global $h32 (export "h32") (mut i32) (i32.const 0)) (global $h64 (export "h64") (mut i64) (i64.const 0))',
    '(global $hv (mut v128) (v128.const i64x2 0 0))',
    ...world.tables.map(
      ({ name, is64, type, size, max }) =>
        `(table ${name} (export "${name.slice(1)}") ${is64 ? 'i64' : ''} ${size} ${max} ${type} ${name === '$t2' ? '(ref.i31 (i32.const 9))' : ''})`,
    ),
    ...world.tags.map(
      ({ name, params }) => `(tag ${name} (export "${name.slice(1)}") ${paramsText(params)})`,
    ),
    `(elem (table $t0) (i32.const 0) func ${names.join(' ')})`,
    `(elem (table $t3) (i64.const 0) func ${names.join(' ')})`,
    `(elem (table $t2) (i32.const 1) (ref null any) ${items(6, anyItem)})`,
    `(elem (table $t1) (i32.const 1) (ref null extern) ${items(3, externItem)})`,
    `(elem $el0 func ${items(6, () => random.pick(names))})`,
    `(elem $el1 (ref null any) ${items(6, anyItem)})`,
    `(elem $el2 (ref null extern) ${items(4, externItem)})`,
    `(elem declare func ${names.join(' ')} ${world.imports.map(({ name }) => name).join(' ')})`,
    `(data (memory $m0) (i32.const 16) "${bytes(200)}")`,
    `(data (memory $m1) (i32.const ${random.below(100)}) "${bytes(100)}")`,
    `(data (memory $m2) (i64.const 8) "${bytes(100)}")`,
    `(data $d0 "${bytes(60)}") (data $d1 "${bytes(9)}")`,
  ].join('\n');
}
