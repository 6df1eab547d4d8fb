/**
 * One function body in the making: what its makers (makers.ts) may use. Locals and labels in reach, a budget of nodes,
 * and the ways to get an operand of a type, to use a value up, and to keep loops and recursion bounded by fuel.
 *
 * Every text made here is a sequence of folded instructions that is valid where it stands. Computed floats are made
 * canonical at once, since the host's NaNs may have any bits (spec 4.3.3).
 */

import { ADDR, type Instr } from '../../engine/isa/isa.ts';
import {
  HEAP,
  heapOf as heapCode,
  isNullable as isNullableCode,
  isRef,
  typeName,
} from '../../engine/isa/types.ts';
import { EXPRESSIONS, STATEMENTS } from './makers.ts';
import type { Random } from './random.ts';
import {
  heapOf,
  isNullable,
  isSubtype,
  type Memory,
  NUMBERS,
  paramsText,
  ref,
  resultsText,
  type Signature,
  type Type,
  type World,
} from './world.ts';

export interface Label {
  readonly name: string;
  /** What a branch to it takes along. */
  readonly types: readonly Type[];
  /** A legacy handler, whose exception `rethrow` may name. */
  readonly handler?: boolean;
}

export interface Local {
  readonly name: string;
  readonly type: Type;
}

/** Instructions whose NaNs are computed; others move bits. */
const COMPUTES_NAN =
  /^f(32|64)\.(sqrt|ceil|floor|trunc|nearest|add|sub|mul|div|min|max|demote_f64|promote_f32)$|^f(32x4|64x2)\.(sqrt|ceil|floor|trunc|nearest|add|sub|mul|div|min|max|demote|promote|relaxed)/;

const HEAP_NAMES = new Map(Object.entries(HEAP).map(([name, code]) => [code as number, name]));

const F32_CONSTS = [
  '0', '-0', '1', '-1', '0.5', '-2.5', 'inf', '-inf', 'nan', '-nan', 'nan:0x1', '-nan:0x200001', '0x1p-149', '-0x1p-126',
  '0x1.fffffep+127', '2147483648', '-2147483904', '4294967296', '9223372036854775808', '-9223373136366403584', '1e10', '3.1',
  '8388608.5', '16777217', '127.9', '-128.5',
] as const; // biome-ignore format: a list
const F64_CONSTS = [
  '0', '-0', '1', '-1', '0.5', '-1.5', 'inf', '-inf', 'nan', '-nan', 'nan:0x1', '-nan:0x8000000000001', '0x1p-1074', '-0x1p-1022',
  '0x1.fffffffffffffp+1023', '2147483647.5', '-2147483649', '4294967295.9', '18446744073709551616', '-9223372036854775808',
  '1e300', '0.1', '9007199254740993', '4503599627370497.5', '0x1.fffffefp+127', '0x1p-150',
] as const; // biome-ignore format: a list

/** Rows that may stand in random places: all, and by the type of their one result. */
export interface Rows {
  readonly all: readonly Instr[];
  readonly giving: ReadonlyMap<Type, readonly Instr[]>;
}

export function rowsOf(all: readonly Instr[]): Rows {
  const giving = new Map<Type, Instr[]>();
  for (const instr of all) {
    if (instr.results.length !== 1) continue;
    const type = typeText(instr.results[0]);
    giving.set(type, [...(giving.get(type) ?? []), instr]);
  }
  return { all, giving };
}

/** A type of the table as the text has it; an address is one of 32 bits. */
function typeText(code: number): Type {
  if (code === ADDR) return 'i32';
  if (!isRef(code)) return typeName(code);
  return ref(HEAP_NAMES.get(heapCode(code))!, isNullableCode(code));
}

export class Body {
  readonly random: Random;
  readonly world: World;
  readonly signature: Signature;
  readonly locals: Local[];
  readonly labels: Label[] = [];
  private readonly rows: Rows;
  private budget: number;
  private names = 0;

  constructor(random: Random, world: World, signature: Signature, rows: Rows, budget: number) {
    this.random = random;
    this.world = world;
    this.signature = signature;
    this.rows = rows;
    this.budget = budget;
    this.locals = [
      ...signature.params.map((type, i) => ({ name: `$p${i}`, type })),
      ...NUMBERS.flatMap((type) => [0, 1].map((k) => ({ name: `$${type}_${k}`, type }))),
      ...['any', 'func', 'extern', '$s0', '$a2', '$f0', 'exn'].map((heap, i) => ({
        name: `$l${i}`,
        type: ref(heap),
      })),
    ];
  }

  /** The function's text behind its name: signature, locals, the look at the fuel, `body`. */
  text(body: string): string {
    const { params } = this.signature;
    const own = this.locals.slice(params.length);
    return [
      params.map((type, i) => `(param $p${i} ${type})`).join(' '),
      resultsText(this.signature.results),
      own.map(({ name, type }) => `(local ${name} ${type})`).join(' '),
      '(local $nan32 f32) (local $nan64 f64) (local $nanv v128)',
      `\n  ${body}`,
    ].join(' ');
  }

  /** Goes on only while there is fuel; else returns something. */
  fuel(): string {
    return `(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
  (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (return ${this.leaves(this.signature.results)})))`;
  }

  /** Code that leaves one value of a subtype of `type`. */
  expr(type: Type, depth: number): string {
    this.budget--;
    if (depth <= 0 || this.budget <= 0 || this.random.chance(0.1)) return this.leaf(type);
    const heap = heapOf(type);
    if (!heap && this.random.chance(0.6)) {
      const rows = this.rows.giving.get(type);
      if (rows) return this.row(this.random.pick(rows), depth - 1);
    }
    // Some maker gives every type, a block for one, so this ends.
    let maker = this.random.pick(EXPRESSIONS);
    while (!maker.gives(this, type)) maker = this.random.pick(EXPRESSIONS);
    return maker.make(this, type, depth - 1);
  }

  exprs(types: readonly Type[], depth: number): string {
    return types.map((type) => this.expr(type, depth)).join(' ');
  }

  /** Code that leaves the stack as it was. */
  statement(depth: number): string {
    this.budget--;
    if (this.budget <= 0) return '(nop)';
    if (this.random.chance(0.35)) return this.instr(this.random.pick(this.rows.all), depth);
    if (this.random.chance(0.4)) {
      const type = this.random.pick([...NUMBERS, ref('any'), ref('func'), ref('extern'), ref('$s0')]);
      return this.use(type, this.expr(type, depth));
    }
    return this.random.pick(Object.values(STATEMENTS))(this, depth - 1);
  }

  statements(depth: number): string {
    const n = depth > 0 ? this.random.below(3) : 0;
    return Array.from({ length: n }, () => this.statement(depth - 1)).join('\n  ');
  }

  /** A statement that executes this very row. */
  instr(instr: Instr, depth: number): string {
    if (!instr.special) {
      const code = this.row(instr, depth);
      return instr.results.length === 0 ? code : this.use(typeText(instr.results[0]), code);
    }
    const statement = STATEMENTS[instr.op];
    if (statement) return statement(this, depth);
    const makers = EXPRESSIONS.filter(({ op }) => op === instr.op);
    const types = [
      ...NUMBERS,
      ref('any'),
      ref('eq'),
      ref('i31'),
      ref('i31', false),
      ref('func'),
      ref('extern'),
    ];
    const heaps = [...this.world.structs, ...this.world.arrays, ...this.world.funcTypes];
    types.push(...heaps.flatMap(({ name }) => [ref(name), ref(name, false)]), ref('extern', false));
    const choices = makers.flatMap((maker) =>
      types.filter((type) => maker.gives(this, type)).map((type) => ({ maker, type })),
    );
    if (choices.length === 0) throw new Error(`no maker for ${instr.op}`);
    const { maker, type } = this.random.pick(choices);
    return this.use(type, maker.make(this, type, depth));
  }

  /** A row by its operand types; its address in bounds most of the time. */
  row(instr: Instr, depth: number): string {
    const { name, shape, params, results } = instr;
    if (instr.feature === 'relaxed-simd') return this.relaxed(instr, depth);
    const memory = this.memoryFor(instr);
    const is64 = memory?.is64 ?? false;
    let immediates = '';
    switch (shape) {
      case 'memarg':
      case 'memargLane': {
        const offset = this.random.chance(0.1) ? this.random.below(70000) : this.random.below(8) * 8;
        const align = instr.exactAlign ? instr.width : 2 ** this.random.below(instr.naturalAlign + 1);
        immediates = `${memory!.name} offset=${offset} align=${align}`;
        if (shape === 'memargLane') immediates += ` ${this.random.below(instr.lanes)}`;
        const address = this.address(memory!, depth, instr.exactAlign ? instr.width : 1);
        const rest = params.slice(1).map((type) => this.expr(typeText(type), depth));
        if (/wait/.test(name)) rest[1] = `(i64.const ${this.random.below(2) * 1000})`;
        const code = `(${name} ${immediates} ${address} ${rest.join(' ')})`;
        return code;
      }
      case 'memory':
        if (name === 'memory.grow') {
          const delta = this.random.chance(0.8) ? this.random.below(2) : this.random.int32();
          return `(memory.grow ${memory!.name} (${is64 ? 'i64' : 'i32'}.const ${delta}))`;
        }
        if (name === 'memory.fill')
          return `(memory.fill ${memory!.name} ${this.address(memory!, depth)} ${this.expr('i32', depth)} ${this.size(is64)})`;
        return `(${name} ${memory!.name})`;
      case 'dataMemory':
        return `(memory.init ${memory!.name} ${this.random.pick(this.world.datas)} ${this.address(memory!, depth)} ${this.small(depth)} ${this.size(false)})`;
      case 'data':
        return `(${name} ${this.random.pick(this.world.datas)})`;
      case 'elem':
        return `(${name} ${this.random.pick(this.world.elems).name})`;
      case 'table':
        return `(${name} ${this.random.pick(this.world.tables.filter(({ is64 }) => !is64)).name})`;
      case 'lane':
        immediates = String(this.random.below(instr.lanes));
        break;
      case 'lanes':
        immediates = Array.from({ length: 16 }, () => this.random.below(32)).join(' ');
        break;
      case 'i32':
      case 'i64':
      case 'f32':
      case 'f64':
      case 'v128':
        return this.constant(shape);
      default:
        break;
    }
    const operands = params.map((type) => this.expr(typeText(type), depth)).join(' ');
    const code = `(${name} ${immediates} ${operands})`;
    return results.length === 1 && COMPUTES_NAN.test(name) ? this.canonical(name, code) : code;
  }

  /** A value without any computing behind it. */
  leaf(type: Type): string {
    const heap = heapOf(type);
    const locals = this.locals.filter((local) => isSubtype(this.world, local.type, type));
    if (locals.length > 0 && this.random.chance(heap ? 0.3 : 0.5))
      return `(local.get ${this.random.pick(locals).name})`;
    const globals = this.world.globals.filter((global) => isSubtype(this.world, global.type, type));
    if (globals.length > 0 && this.random.chance(0.2))
      return `(global.get ${this.random.pick(globals).name})`;
    if (!heap) return this.constant(type);
    if (isNullable(type) && (heap === 'exn' || this.random.chance(0.2))) return `(ref.null ${heap})`;
    return this.construct(heap);
  }

  leaves(types: readonly Type[]): string {
    return types.map((type) => this.leaf(type)).join(' ');
  }

  /** A new, non-null value of a heap type. */
  construct(heap: string): string {
    const { random, world } = this;
    switch (heap) {
      case 'any':
      case 'eq':
        return this.construct(random.pick(['i31', 'struct', 'array']));
      case 'i31':
        return `(ref.i31 (i32.const ${random.int32()}))`;
      case 'struct':
        return this.construct(random.pick(world.structs).name);
      case 'array':
        return this.construct(random.pick(world.arrays).name);
      case 'func':
        return `(ref.func ${random.pick([...world.funcs, ...world.imports]).name})`;
      case 'extern':
        return `(extern.convert_any ${this.construct('any')})`;
      default:
        break;
    }
    const struct = world.structs.find(({ name }) => name === heap);
    if (struct) return `(struct.new_default ${heap === '$s0' && random.chance(0.3) ? '$s1' : heap})`;
    const array = world.arrays.find(({ name }) => name === heap);
    if (array) return `(array.new_default ${heap} (i32.const ${4 + random.below(6)}))`;
    const funcs = world.funcs.filter(({ type }) => isSubtype(world, ref(type), ref(heap)));
    return `(ref.func ${random.pick(funcs).name})`;
  }

  constant(type: Type): string {
    const { random } = this;
    switch (type) {
      case 'i32':
        return `(i32.const ${random.int32()})`;
      case 'i64':
        return `(i64.const ${random.int64()})`;
      case 'f32':
        return `(f32.const ${random.pick(F32_CONSTS)})`;
      case 'f64':
        return `(f64.const ${random.pick(F64_CONSTS)})`;
      default:
        return random.chance(0.3)
          ? `(v128.const f32x4 ${Array.from({ length: 4 }, () => random.pick(F32_CONSTS)).join(' ')})`
          : `(v128.const i32x4 ${random.words().join(' ')})`;
    }
  }

  /** Uses up the value of `type` that `code` leaves, so that it shows. */
  use(type: Type, code: string): string {
    const local = this.locals.filter((one) => isSubtype(this.world, type, one.type));
    if (local.length > 0 && this.random.chance(0.3))
      return `(local.set ${this.random.pick(local).name} ${code})`;
    const mix32 = (text: string) =>
      `(global.set $h32 (i32.add (i32.mul (global.get $h32) (i32.const 31)) ${text}))`;
    const mix64 = (text: string) =>
      `(global.set $h64 (i64.xor (i64.rotl (global.get $h64) (i64.const 7)) ${text}))`;
    switch (type) {
      case 'i32':
        return mix32(code);
      case 'i64':
        return mix64(code);
      case 'f32':
        return mix32(`(i32.reinterpret_f32 ${code})`);
      case 'f64':
        return mix64(`(i64.reinterpret_f64 ${code})`);
      case 'v128':
        return `(global.set $hv (i8x16.add (i8x16.shuffle 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 0 (global.get $hv) (global.get $hv)) ${code}))`;
      default:
        return mix32(this.look(type, code));
    }
  }

  /** What can be said about a reference as an i32. */
  look(type: Type, code: string): string {
    const heap = heapOf(type)!;
    if (!['any', 'eq', 'struct', 'array', 'i31'].includes(heap)) return `(ref.is_null ${code})`;
    const fit = heap === 'any' || heap === 'eq' ? this.random.pick(['i31', 'struct', '$s1', '$a2']) : heap;
    return `(ref.test ${ref(fit, this.random.chance(0.5))} ${code})`;
  }

  /** An i32 that is a condition. */
  condition(depth: number): string {
    return this.expr('i32', Math.min(depth, 2));
  }

  /** An i32 in 0…3 nearly always: an index into a fresh array. */
  small(depth: number): string {
    if (this.random.chance(0.03)) return this.expr('i32', depth);
    if (this.random.chance(0.4)) return `(i32.const ${this.random.below(4)})`;
    return `(i32.and ${this.expr('i32', depth)} (i32.const 3))`;
  }

  /** How much a bulk instruction moves. */
  size(is64: boolean, most = 12): string {
    const n = this.random.chance(0.03) ? this.random.int32() : this.random.below(most);
    return `(${is64 ? 'i64' : 'i32'}.const ${n})`;
  }

  /** An index into a table of twelve and more elements. */
  index(is64: boolean, depth: number, mask = 7): string {
    const code = this.random.chance(0.03)
      ? this.expr('i32', depth)
      : `(i32.and ${this.expr('i32', depth)} (i32.const ${mask}))`;
    return is64 ? `(i64.extend_i32_u ${code})` : code;
  }

  address(memory: Memory, depth: number, step = 1): string {
    const type = memory.is64 ? 'i64' : 'i32';
    const mask = this.random.chance(0.04) ? -step : 0xffff & -step;
    return `(${type}.and ${this.expr(type, depth)} (${type}.const ${mask}))`;
  }

  /** A block around what `inner` makes with the label in reach. */
  block(types: readonly Type[], inner: (label: Label) => string): string {
    return this.labelled('block', types, types, inner);
  }

  /** Any block instruction without parameters; `carries` is what a branch to it takes along. */
  labelled(
    head: string,
    results: readonly Type[],
    carries: readonly Type[],
    inner: (label: Label) => string,
    clauses = '',
  ): string {
    const label = { name: `$b${this.names++}`, types: carries };
    this.labels.push(label);
    const code = inner(label);
    this.labels.pop();
    return `(${head} ${label.name} ${resultsText(results)} ${clauses} ${code})`;
  }

  /** A name for a label that the caller pushes. */
  newLabel(types: readonly Type[], handler = false): Label {
    return { name: `$b${this.names++}`, types, handler };
  }

  blockType({ params, results }: Signature): string {
    return `${paramsText(params)} ${resultsText(results)}`;
  }

  private memoryFor(instr: Instr): Memory | undefined {
    const { memories } = this.world;
    if (instr.addr !== 'memory') return undefined;
    // What gives an address cannot be of a 64-bit memory where an i32 is wanted.
    const fit = instr.results.includes(ADDR) ? memories.filter(({ is64 }) => !is64) : memories;
    return this.random.pick(fit);
  }

  private canonical(name: string, code: string): string {
    if (name.startsWith('f32x4') || name.startsWith('f64x2')) {
      const shape = name.slice(0, 5);
      const lanes = shape === 'f32x4' ? 'nan nan nan nan' : 'nan nan';
      const same = `(${shape}.eq (local.get $nanv) (local.get $nanv))`;
      return `(v128.bitselect (local.tee $nanv ${code}) (v128.const ${shape} ${lanes}) ${same})`;
    }
    const type = name.slice(0, 3);
    const local = `$nan${name.slice(1, 3)}`;
    const same = `(${type}.eq (local.get ${local}) (local.get ${local}))`;
    return `(select (local.tee ${local} ${code}) (${type}.const nan) ${same})`;
  }

  /** Relaxed instructions on operands for which the spec leaves no choice. */
  private relaxed({ name }: Instr, depth: number): string {
    const any = () => this.expr('v128', depth);
    const masked = (lanes: string) => `(v128.and ${any()} (v128.const ${lanes}))`;
    const ints = () => masked('i32x4 0xff 0xff 0xff 0xff');
    const floats = () =>
      name.startsWith('f64') || name.includes('f64x2')
        ? `(f64x2.convert_low_i32x4_s ${ints()})`
        : `(f32x4.convert_i32x4_s ${ints()})`;
    const bytes = (byte: number) => `i8x16 ${Array(16).fill(byte).join(' ')}`;
    const shape = name.slice(0, name.indexOf('.'));
    const args = name.includes('swizzle')
      ? [any(), masked(bytes(15))]
      : name.includes('laneselect')
        ? [any(), any(), `(${shape}.gt_s ${any()} ${any()})`]
        : name.includes('q15mulr')
          ? [any(), masked('i16x8 32767 32767 32767 32767 32767 32767 32767 32767')]
          : name.includes('dot')
            ? [any(), masked(bytes(127)), ...(name.includes('add') ? [any()] : [])]
            : Array.from({ length: /madd/.test(name) ? 3 : /trunc/.test(name) ? 1 : 2 }, floats);
    return `(${name} ${args.join(' ')})`;
  }
}
