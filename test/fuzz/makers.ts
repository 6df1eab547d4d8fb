/**
 * The instructions whose typing is a rule of their own, each made into code that is valid where it stands: expressions,
 * which leave one value of a type that is asked for, and statements, which leave the stack as it was. One row may have
 * several makers; `op` is its name in `Op`, and the test of coverage sees to it that none is missing. Long, because it is a
 * list: one maker an instruction.
 */

import type { Body, Label } from './body.ts';
import {
  type Defined,
  type Func,
  heapOf,
  isNullable,
  isSubtype,
  NUMBERS,
  ref,
  resultsText,
  type Type,
  topOf,
  unpacked,
} from './world.ts';

export interface Expression {
  readonly op: string;
  readonly gives: (body: Body, type: Type) => boolean;
  readonly make: (body: Body, type: Type, depth: number) => string;
}

type Statement = (body: Body, depth: number) => string;

const always = () => true;
const isNumber = (_: Body, type: Type) => !heapOf(type);
const isI32 = (_: Body, type: Type) => type === 'i32';
const ofHierarchy =
  (top: string) =>
  ({ world }: Body, type: Type): boolean => {
    const heap = heapOf(type);
    return heap !== undefined && topOf(world, heap) === top;
  };
const inAny = ofHierarchy('any');

/** Code, mostly non-null, for a reference that is looked into. */
function object(b: Body, heap: string, depth: number): string {
  return b.expr(ref(heap, b.random.chance(0.05)), depth);
}

function fieldsGiving(b: Body, type: Type, packed: boolean): { struct: Defined; k: number }[] {
  return b.world.structs.flatMap((struct) =>
    struct.fields!.flatMap(({ storage }, k) =>
      packed === (storage !== unpacked(storage)) && isSubtype(b.world, unpacked(storage), type)
        ? [{ struct, k }]
        : [],
    ),
  );
}

function arraysGiving({ world }: Body, type: Type, packed: boolean): Defined[] {
  return world.arrays.filter(({ element }) => {
    const { storage } = element!;
    return packed === (storage !== unpacked(storage)) && isSubtype(world, unpacked(storage), type);
  });
}

function structGet(op: string, packed: boolean): Expression {
  return {
    op,
    gives: (b, type) => fieldsGiving(b, type, packed).length > 0,
    make: (b, type, depth) => {
      const { struct, k } = b.random.pick(fieldsGiving(b, type, packed));
      return `(${op.replace('_', '.')} ${struct.name} ${k} ${object(b, struct.name, depth)})`;
    },
  };
}

function arrayGet(op: string, packed: boolean): Expression {
  return {
    op,
    gives: (b, type) => arraysGiving(b, type, packed).length > 0,
    make: (b, type, depth) => {
      const { name } = b.random.pick(arraysGiving(b, type, packed));
      return `(${op.replace('_', '.')} ${name} ${object(b, name, depth)} ${b.small(depth)})`;
    },
  };
}

/** Struct or array types that a reference of `type` may point at, whose own heap type is that or below it. */
function objectsFor(b: Body, type: Type, of: readonly Defined[]): Defined[] {
  return of.filter(({ name }) => isSubtype(b.world, ref(name, false), type));
}

function arrayMaker(
  op: string,
  make: (b: Body, array: Defined, depth: number) => string,
  fits = (_: Defined) => true,
) {
  const choices = (b: Body, type: Type) => objectsFor(b, type, b.world.arrays).filter(fits);
  return {
    op,
    gives: (b: Body, type: Type) => choices(b, type).length > 0,
    make: (b: Body, type: Type, depth: number) => make(b, b.random.pick(choices(b, type)), depth),
  };
}

function elementOf({ element }: Defined): Type {
  return unpacked(element!.storage);
}

const isOfNumbers = ({ element }: Defined) => !heapOf(element!.storage);
const isOfRefs = ({ element }: Defined) => heapOf(element!.storage) !== undefined;

/** Functions whose first result fits; the others are dropped. */
function callees(b: Body, type: Type): Func[] {
  return [...b.world.funcs, ...b.world.imports].filter(
    ({ results }) => results.length > 0 && isSubtype(b.world, results[0], type),
  );
}

function drops(results: readonly Type[]): string {
  return results
    .slice(1)
    .map(() => '(drop)')
    .join(' ');
}

/** An index of the function table that has this function. */
function slot(b: Body, func: Func, is64: boolean, depth: number): string {
  if (b.random.chance(0.05)) return b.index(is64, depth, 15);
  return `(${is64 ? 'i64' : 'i32'}.const ${b.world.funcs.indexOf(func)})`;
}

function funcTable(b: Body) {
  return b.random.pick(b.world.tables.filter(({ name }) => name === '$t0' || name === '$t3'));
}

function castSource(b: Body, type: Type, depth: number): string {
  const top = ref(topOf(b.world, heapOf(type)!));
  if (b.random.chance(0.3)) return b.expr(top, depth);
  return b.block([top], () => b.expr(type, depth));
}

function cast(op: string, nullable: boolean): Expression {
  return {
    op,
    gives: (_, type) => heapOf(type) !== undefined && isNullable(type) === nullable && heapOf(type) !== 'exn',
    make: (b, type, depth) => `(ref.cast ${type} ${castSource(b, type, depth)})`,
  };
}

function test(op: string, nullable: boolean): Expression {
  return {
    op,
    gives: isI32,
    make: (b, _, depth) => {
      const { structs, arrays, funcTypes } = b.world;
      const of = b.random.pick([...structs, ...arrays, ...funcTypes]).name;
      const heap = b.random.pick([of, 'i31', 'struct', 'array', 'eq', 'none', 'any']);
      const top = heap === 'none' ? 'any' : topOf(b.world, heap);
      return `(ref.test ${ref(heap, nullable)} ${b.expr(ref(top), depth)})`;
    },
  };
}

/** A label in reach that takes one value of a subtype of `type`. */
function labelFor(b: Body, type: Type): Label | undefined {
  return b.labels.findLast(({ types }) => types.length === 1 && isSubtype(b.world, types[0], type));
}

/** A loop that goes round while there is fuel and a condition holds. */
function loop(b: Body, results: readonly Type[], depth: number, last: string): string {
  return b.labelled('loop', results, [], ({ name }) => {
    const again = b.random.chance(0.7) ? `(br_if ${name} ${b.condition(depth)})` : '';
    return `${b.fuel()} ${b.statements(depth)} ${again} ${last}`;
  });
}

const CLAUSES = ['catch', 'catch_ref', 'catch_all', 'catch_all_ref'] as const;

/** A try_table around `inner` with one handler behind it; both leave `results`. */
function tryTable(b: Body, results: readonly Type[], depth: number, inner: () => string): string {
  const { random, world } = b;
  const tag = random.pick(world.tags);
  const clause = random.pick(CLAUSES);
  const carried = [
    ...(clause.startsWith('catch_all') ? [] : tag.params),
    ...(clause.endsWith('ref') ? [ref('exn')] : []),
  ];
  const what = clause.startsWith('catch_all') ? '' : tag.name;
  return b.block(results, (out) => {
    const handler = b.block(carried, (label) => {
      const others = b.labels.filter(({ types, handler }) => types.length === 0 && !handler).slice(0, 1);
      const more = random.chance(0.3) ? others.map(({ name }) => `(catch_all ${name})`) : [];
      const body = b.labelled(
        'try_table',
        results,
        results,
        inner,
        `(${clause} ${what} ${label.name}) ${more.join(' ')}`,
      );
      return `(br ${out.name} ${body})`;
    });
    const again =
      clause.endsWith('ref') && random.chance(0.2)
        ? `(local.set $l6) (if ${b.condition(1)} (then (throw_ref (local.get $l6))))`
        : clause.endsWith('ref')
          ? '(local.set $l6)'
          : '';
    const rest = clause.startsWith('catch_all') ? [] : tag.params;
    const used = rest.toReversed().map((type) => takeTop(b, type));
    return `${handler} ${again} ${used.join(' ')} ${b.statements(depth)} ${b.exprs(results, depth)}`;
  });
}

/** Puts what is on top of the stack away. */
function takeTop(b: Body, type: Type): string {
  const local = b.locals.find((one) => isSubtype(b.world, type, one.type));
  return local ? `(local.set ${local.name})` : '(drop)';
}

/** The old `try` around `inner`. */
function legacyTry(b: Body, results: readonly Type[], depth: number, inner: () => string): string {
  const { random, world } = b;
  const label = b.newLabel(results);
  b.labels.push(label);
  const body = inner();
  b.labels.pop();
  const head = `(try ${label.name} ${resultsText(results)} (do ${body})`;
  if (random.chance(0.2)) {
    const outer = b.labels.at(-1);
    return `${head} (delegate ${outer ? outer.name : 0}))`;
  }
  b.labels.push({ ...label, handler: true });
  const tags = random.chance(0.7) ? [random.pick(world.tags)] : [];
  const rethrow = () => (random.chance(0.1) ? `(if ${b.condition(1)} (then (rethrow ${label.name})))` : '');
  const catches = tags.map(({ name, params }) => {
    const taken = params.toReversed().map((type) => takeTop(b, type));
    return `(catch ${name} ${taken.join(' ')} ${b.statements(depth)} ${rethrow()} ${b.exprs(results, depth)})`;
  });
  const all =
    catches.length === 0 || random.chance(0.5)
      ? `(catch_all ${b.statements(depth)} ${rethrow()} ${b.exprs(results, depth)})`
      : '';
  b.labels.pop();
  return `${head} ${catches.join(' ')} ${all})`;
}

function guarded(b: Body, results: readonly Type[], depth: number, inner: () => string): string {
  return b.world.legacy ? legacyTry(b, results, depth, inner) : tryTable(b, results, depth, inner);
}

function throwing(b: Body, depth: number): string {
  const { name, params } = b.random.pick(b.world.tags);
  return `(throw ${name} ${b.exprs(params, depth)})`;
}

const isNew = ({ world }: Body) => !world.legacy;

/** Makers of values. */
export const EXPRESSIONS: readonly Expression[] = [
  { op: 'block', gives: always, make: (b, t, d) => b.block([t], () => `${b.statements(d)} ${b.expr(t, d)}`) },
  {
    op: 'block',
    gives: always,
    make: (b, t, d) => {
      const given = b.random.pick(NUMBERS);
      const operand = b.expr(given, d);
      const label = b.newLabel([t]);
      b.labels.push(label);
      const inner = `${takeTop(b, given)} ${b.statements(d)} ${b.expr(t, d)}`;
      b.labels.pop();
      return `${operand} (block ${label.name} (param ${given}) (result ${t}) ${inner})`;
    },
  },
  { op: 'loop', gives: always, make: (b, t, d) => loop(b, [t], d, b.expr(t, d)) },
  {
    op: 'loop',
    gives: always,
    make: (b, t, d) => {
      const operand = b.expr('i32', d);
      const label = b.newLabel(['i32']);
      b.labels.push(label);
      const round = `(br_if ${label.name} (i32.sub (local.get $i32_0) (i32.const 1)) ${b.condition(d)}) (drop)`;
      const inner = `(local.set $i32_0) ${b.fuel()} ${b.statements(d)} ${round} ${b.expr(t, d)}`;
      b.labels.pop();
      return `${operand} (loop ${label.name} (param i32) (result ${t}) ${inner})`;
    },
  },
  {
    op: 'if',
    gives: always,
    make: (b, t, d) => {
      const condition = b.condition(d);
      const label = b.newLabel([t]);
      b.labels.push(label);
      const [yes, no] = [0, 1].map(() => `${b.statements(d)} ${b.expr(t, d)}`);
      b.labels.pop();
      return `(if ${label.name} (result ${t}) ${condition} (then ${yes}) (else ${no}))`;
    },
  },
  {
    op: 'try_table',
    gives: isNew,
    make: (b, t, d) =>
      tryTable(b, [t], d, () => {
        const may = b.random.chance(0.5) ? `(if ${b.condition(d)} (then ${throwing(b, 1)}))` : '';
        return `${b.statements(d)} ${may} ${b.expr(t, d)}`;
      }),
  },
  {
    op: 'try',
    gives: ({ world }) => world.legacy,
    make: (b, t, d) =>
      legacyTry(b, [t], d, () => {
        const may = b.random.chance(0.5) ? `(if ${b.condition(d)} (then ${throwing(b, 1)}))` : '';
        return `${b.statements(d)} ${may} ${b.expr(t, d)}`;
      }),
  },
  { op: 'select', gives: isNumber, make: (b, t, d) => `(select ${b.exprs([t, t, 'i32'], d)})` },
  { op: 'select_t', gives: always, make: (b, t, d) => `(select (result ${t}) ${b.exprs([t, t, 'i32'], d)})` },
  {
    op: 'br_if',
    gives: (b, t) => labelFor(b, t) !== undefined,
    make: (b, t, d) => {
      const { name, types } = labelFor(b, t)!;
      return `(br_if ${name} ${b.exprs(types, d)} ${b.condition(d)})`;
    },
  },
  {
    op: 'local_tee',
    gives: (b, t) => b.locals.some(({ type }) => isSubtype(b.world, type, t)),
    make: (b, t, d) => {
      const { name, type } = b.random.pick(b.locals.filter((local) => isSubtype(b.world, local.type, t)));
      return `(local.tee ${name} ${b.expr(type, d)})`;
    },
  },
  {
    op: 'call',
    gives: (b, t) => callees(b, t).length > 0,
    make: (b, t, d) => {
      const { name, params, results } = b.random.pick(callees(b, t));
      return `(call ${name} ${b.exprs(params, d)}) ${drops(results)}`;
    },
  },
  {
    op: 'call_indirect',
    gives: (b, t) => callees(b, t).some((func) => b.world.funcs.includes(func)),
    make: (b, t, d) => {
      const func = b.random.pick(callees(b, t).filter((one) => b.world.funcs.includes(one)));
      const { name, is64 } = funcTable(b);
      const operands = `${b.exprs(func.params, d)} ${slot(b, func, is64, d)}`;
      return `(call_indirect ${name} (type ${func.type}) ${operands}) ${drops(func.results)}`;
    },
  },
  {
    op: 'call_ref',
    gives: (b, t) => callees(b, t).some((func) => b.world.funcs.includes(func)),
    make: (b, t, d) => {
      const func = b.random.pick(callees(b, t).filter((one) => b.world.funcs.includes(one)));
      const callee = object(b, func.type, d);
      return `(call_ref ${func.type} ${b.exprs(func.params, d)} ${callee}) ${drops(func.results)}`;
    },
  },
  structGet('struct_get', false),
  structGet('struct_get_s', true),
  structGet('struct_get_u', true),
  arrayGet('array_get', false),
  arrayGet('array_get_s', true),
  arrayGet('array_get_u', true),
  {
    op: 'struct_new',
    gives: (b, t) => objectsFor(b, t, b.world.structs).length > 0,
    make: (b, t, d) => {
      const { name, fields } = b.random.pick(objectsFor(b, t, b.world.structs));
      return `(struct.new ${name} ${b.exprs(
        fields!.map(({ storage }) => unpacked(storage)),
        d,
      )})`;
    },
  },
  {
    op: 'struct_new_default',
    gives: (b, t) => objectsFor(b, t, b.world.structs).length > 0,
    make: (b, t) => `(struct.new_default ${b.random.pick(objectsFor(b, t, b.world.structs)).name})`,
  },
  arrayMaker(
    'array_new',
    (b, a, d) => `(array.new ${a.name} ${b.expr(elementOf(a), d)} (i32.const ${4 + b.random.below(5)}))`,
  ),
  arrayMaker(
    'array_new_default',
    (b, { name }, d) => `(array.new_default ${name} (i32.and ${b.expr('i32', d)} (i32.const 15)))`,
  ),
  arrayMaker('array_new_fixed', (b, a, d) => {
    const n = b.random.below(6);
    return `(array.new_fixed ${a.name} ${n} ${b.exprs(Array<Type>(n).fill(elementOf(a)), d)})`;
  }),
  arrayMaker(
    'array_new_data',
    (b, { name }, d) =>
      `(array.new_data ${name} $d0 ${b.small(d)} (i32.const ${b.random.chance(0.05) ? 99 : b.random.below(4)}))`,
    isOfNumbers,
  ),
  arrayMaker(
    'array_new_elem',
    (b, { name, element }, d) => {
      const elem = b.world.elems.find(({ type }) => type === element!.storage)!;
      return `(array.new_elem ${name} ${elem.name} ${b.small(d)} (i32.const ${b.random.chance(0.05) ? 9 : b.random.below(4)}))`;
    },
    isOfRefs,
  ),
  {
    op: 'table_get',
    gives: ({ world }, t) => world.tables.some(({ type }) => isSubtype(world, type, t)),
    make: (b, t, d) => {
      const { name, is64 } = b.random.pick(b.world.tables.filter(({ type }) => isSubtype(b.world, type, t)));
      return `(table.get ${name} ${b.index(is64, d)})`;
    },
  },
  {
    op: 'table_grow',
    gives: (_, t) => t === 'i32' || t === 'i64',
    make: (b, t, d) => {
      const { name, type } = b.random.pick(b.world.tables.filter(({ is64 }) => is64 === (t === 'i64')));
      const n = b.random.chance(0.1) ? b.random.int32() : b.random.below(4);
      return `(table.grow ${name} ${b.expr(type, d)} (${t}.const ${n}))`;
    },
  },
  {
    op: 'memory_size',
    gives: (_, t) => t === 'i64',
    make: (b) => b.random.pick(['(memory.size $m2)', '(memory.grow $m2 (i64.const 1))', '(table.size $t3)']),
  },
  {
    op: 'ref_is_null',
    gives: isI32,
    make: (b, _, d) => {
      const heap = b.random.pick(['any', 'func', 'extern', '$s0', '$a2', 'exn']);
      return `(ref.is_null ${b.expr(ref(heap), d)})`;
    },
  },
  test('ref_test', false),
  test('ref_test_null', true),
  cast('ref_cast', false),
  cast('ref_cast_null', true),
  {
    op: 'ref_null',
    gives: (_, t) => isNullable(t),
    make: (_b, t) => `(ref.null ${heapOf(t)})`,
  },
  { op: 'ref_func', gives: ofHierarchy('func'), make: (b, t) => b.construct(heapOf(t)!) },
  {
    op: 'ref_as_non_null',
    gives: (_, t) => heapOf(t) !== undefined && heapOf(t) !== 'exn',
    make: (b, t, d) =>
      `(ref.as_non_null ${b.random.chance(0.1) ? b.expr(ref(heapOf(t)!), d) : b.construct(heapOf(t)!)})`,
  },
  {
    op: 'br_on_null',
    gives: (_, t) => heapOf(t) !== undefined && heapOf(t) !== 'exn',
    make: (b, t, d) =>
      b.block([t], (out) => {
        const isNull = b.block(
          [],
          ({ name }) => `(br ${out.name} (br_on_null ${name} ${b.expr(ref(heapOf(t)!), d)}))`,
        );
        return `${isNull} ${b.expr(t, d)}`;
      }),
  },
  {
    op: 'br_on_non_null',
    gives: (_, t) => heapOf(t) !== undefined && heapOf(t) !== 'exn',
    make: (b, t, d) =>
      b.block([t], ({ name }) => `(br_on_non_null ${name} ${b.expr(ref(heapOf(t)!), d)}) ${b.expr(t, d)}`),
  },
  {
    op: 'br_on_cast',
    gives: inAny,
    make: (b, t, d) =>
      b.block([t], ({ name }) => {
        const source = castSource(b, t, d);
        return `(br_on_cast ${name} ${ref('any')} ${t} ${source}) (drop) ${b.expr(t, d)}`;
      }),
  },
  {
    op: 'br_on_cast_fail',
    gives: inAny,
    make: (b, t, d) =>
      b.block([t], (out) => {
        const other = b.block([ref('any')], ({ name }) => {
          return `(br ${out.name} (br_on_cast_fail ${name} ${ref('any')} ${t} ${castSource(b, t, d)}))`;
        });
        return `${other} (drop) ${b.expr(t, d)}`;
      }),
  },
  {
    op: 'any_convert_extern',
    gives: (_, t) => t === ref('any'),
    make: (b, _, d) => `(any.convert_extern ${b.expr(ref('extern'), d)})`,
  },
  {
    op: 'extern_convert_any',
    gives: (_, t) => heapOf(t) === 'extern',
    make: (b, t, d) => `(extern.convert_any ${b.expr(ref('any', isNullable(t)), d)})`,
  },
  {
    op: 'ref_i31',
    gives: (_, t) => t === ref('i31') || t === ref('i31', false),
    make: (b, _, d) => `(ref.i31 ${b.expr('i32', d)})`,
  },
];

/** Functions that may be called in place of a return. */
function tails(b: Body): Func[] {
  return [...b.world.funcs, ...b.world.imports].filter(
    ({ results }) =>
      results.length === b.signature.results.length &&
      results.every((type, i) => isSubtype(b.world, type, b.signature.results[i])),
  );
}

/** A tail call in one branch, where some function fits; else the plain call. */
function tail(b: Body, depth: number, make: (func: Func) => string, imports: boolean): string {
  const fit = tails(b).filter((func) => imports || b.world.funcs.includes(func));
  if (fit.length === 0) return '(nop)';
  return `(if ${b.condition(depth)} (then ${make(b.random.pick(fit))}))`;
}

/** Makers of statements, by the row's name in `Op`. */
export const STATEMENTS: Readonly<Record<string, Statement>> = {
  unreachable: (b, d) => {
    const rarely = b.random.chance(0.8) ? `(i32.eq ${b.condition(d)} (i32.const 12345))` : b.condition(d);
    return `(if ${rarely} (then (unreachable)))`;
  },
  nop: () => '(nop)',
  block: (b, d) => b.block([], () => b.statements(d)),
  loop: (b, d) => loop(b, [], d, ''),
  if: (b, d) => `(if ${b.condition(d)} (then ${b.statements(d)}) (else ${b.statements(d)}))`,
  else: (b, d) => `(if ${b.condition(d)} (then ${b.statement(d)}) (else ${b.statement(d)}))`,
  end: (b, d) => b.block([], () => b.statement(d)),
  br: (b, d) => {
    const types = [b.random.pick(NUMBERS), b.random.pick([...NUMBERS, ref('any')])];
    const block = b.block(types, ({ name }) => `(br ${name} (nop) ${b.exprs(types, d)} (nop))`);
    return `${block} ${types
      .toReversed()
      .map((type) => takeTop(b, type))
      .join(' ')}`;
  },
  br_if: (b, d) => b.block([], ({ name }) => `(br_if ${name} ${b.condition(d)}) ${b.statements(d)}`),
  br_table: (b, d) => {
    const rest = Array.from({ length: b.random.below(4) }, () => b.random.below(3));
    const inner = () =>
      b.block(
        [],
        (l0) =>
          b.block(
            [],
            (l1) =>
              b.block([], (l2) => {
                const names = [l0, l1, l2].map(({ name }) => name);
                return `(br_table ${rest.map((k) => names[k]).join(' ')} ${names[b.random.below(3)]} ${b.small(d)})`;
              }) + b.statements(d),
          ) + b.statements(d),
      );
    return inner();
  },
  return: (b, d) => `(if ${b.condition(d)} (then (return ${b.exprs(b.signature.results, 1)})))`,
  call: (b, d) => {
    const { name, params, results } = b.random.pick([...b.world.funcs, ...b.world.imports]);
    return `(call ${name} ${b.exprs(params, d)}) ${results
      .toReversed()
      .map((type) => takeTop(b, type))
      .join(' ')}`;
  },
  call_indirect: (b, d) => {
    const func = b.random.pick(b.world.funcs);
    const { name, is64 } = funcTable(b);
    const code = `(call_indirect ${name} (type ${func.type}) ${b.exprs(func.params, d)} ${slot(b, func, is64, d)})`;
    return `${code} ${func.results
      .toReversed()
      .map((type) => takeTop(b, type))
      .join(' ')}`;
  },
  return_call: (b, d) =>
    tail(b, d, ({ name, params }) => `(return_call ${name} ${b.exprs(params, d)})`, true),
  return_call_indirect: (b, d) => {
    const { name, is64 } = funcTable(b);
    const make = (func: Func) =>
      `(return_call_indirect ${name} (type ${func.type}) ${b.exprs(func.params, d)} ${slot(b, func, is64, d)})`;
    return tail(b, d, make, false);
  },
  return_call_ref: (b, d) =>
    tail(
      b,
      d,
      ({ type, params }) => `(return_call_ref ${type} ${b.exprs(params, d)} ${object(b, type, d)})`,
      false,
    ),
  throw: (b, d) => guarded(b, [], d, () => `(if ${b.condition(d)} (then ${throwing(b, d)}))`),
  throw_ref: (b, d) => {
    if (b.world.legacy) return '(nop)';
    const caught = () =>
      b.block([ref('exn')], ({ name }) => {
        return `(try_table (catch_all_ref ${name}) ${throwing(b, 1)}) (ref.null exn)`;
      });
    return tryTable(b, [], d, () => `(if ${b.condition(d)} (then ${caught()} (throw_ref)))`);
  },
  try_table: (b, d) => (b.world.legacy ? '(nop)' : tryTable(b, [], d, () => b.statement(d))),
  try: (b, d) => (b.world.legacy ? legacyTry(b, [], d, () => b.statement(d)) : '(nop)'),
  catch: (b, d) => {
    if (!b.world.legacy) return '(nop)';
    const { name, params } = b.random.pick(b.world.tags);
    const taken = params.toReversed().map((type) => takeTop(b, type));
    const thrown = b.random.chance(0.5) ? `(throw ${name} ${b.exprs(params, d)})` : b.statement(d);
    return `(try (do ${thrown}) (catch ${name} ${taken.join(' ')} ${b.statement(d)}))`;
  },
  catch_all: (b, d) =>
    b.world.legacy
      ? `(try (do ${b.random.chance(0.5) ? throwing(b, d) : b.statement(d)}) (catch_all ${b.statement(d)}))`
      : '(nop)',
  rethrow: (b, d) => {
    if (!b.world.legacy) return '(nop)';
    const inner = `(try $again (do ${throwing(b, d)}) (catch_all (rethrow $again)))`;
    return `(try (do ${inner}) (catch_all ${b.statement(d)}))`;
  },
  delegate: (b, d) => {
    if (!b.world.legacy) return '(nop)';
    const ends = b.random.chance(0.5) ? throwing(b, d) : b.statement(d);
    return `(try $outer (do (try (do ${ends}) (delegate $outer))) (catch_all ${b.statement(d)}))`;
  },
  drop: (b, d) => `(drop ${b.expr(b.random.pick([...NUMBERS, ref('any'), ref('exn')]), d)})`,
  local_get: (b) => {
    const { name, type } = b.random.pick(b.locals.filter((local) => heapOf(local.type) !== 'exn'));
    return b.use(type, `(local.get ${name})`);
  },
  local_set: (b, d) => {
    const { name, type } = b.random.pick(b.locals);
    return `(local.set ${name} ${b.expr(type, d)})`;
  },
  global_get: (b) => {
    const { name, type } = b.random.pick(b.world.globals);
    return b.use(type, `(global.get ${name})`);
  },
  global_set: (b, d) => {
    const { name, type } = b.random.pick(b.world.globals.filter(({ mutable }) => mutable));
    return `(global.set ${name} ${b.expr(type, d)})`;
  },
  table_set: (b, d) => {
    const { name, type, is64 } = b.random.pick(
      b.world.tables.filter((t) => t.name === '$t1' || t.name === '$t2'),
    );
    return `(table.set ${name} ${b.index(is64, d)} ${b.expr(type, d)})`;
  },
  table_fill: (b, d) => {
    const { name, type, is64 } = b.random.pick(
      b.world.tables.filter((t) => t.name === '$t1' || t.name === '$t2'),
    );
    return `(table.fill ${name} ${b.index(is64, d)} ${b.expr(type, d)} ${b.size(is64, 5)})`;
  },
  table_init: (b, d) => {
    const { name, type } = b.random.pick(b.world.elems);
    const { name: table, is64 } = b.random.pick(b.world.tables.filter((t) => t.type === type));
    return `(table.init ${table} ${name} ${b.index(is64, d)} ${b.small(d)} ${b.size(false, 4)})`;
  },
  table_copy: (b, d) => {
    const to = b.random.pick(b.world.tables);
    const from = b.random.pick(b.world.tables.filter(({ type }) => type === to.type));
    const places = `${b.index(to.is64, d)} ${b.index(from.is64, d)}`;
    return `(table.copy ${to.name} ${from.name} ${places} ${b.size(to.is64 && from.is64, 6)})`;
  },
  memory_copy: (b, d) => {
    const [to, from] = [b.random.pick(b.world.memories), b.random.pick(b.world.memories)];
    const places = `${b.address(to, d)} ${b.address(from, d)}`;
    return `(memory.copy ${to.name} ${from.name} ${places} ${b.size(to.is64 && from.is64, 90)})`;
  },
  struct_set: (b, d) => {
    const fields = b.world.structs.flatMap(({ name, fields }) =>
      fields!.flatMap(({ storage, mutable }, k) => (mutable ? [{ name, storage, k }] : [])),
    );
    const { name, storage, k } = b.random.pick(fields);
    return `(struct.set ${name} ${k} ${object(b, name, d)} ${b.expr(unpacked(storage), d)})`;
  },
  array_set: (b, d) => {
    const array = b.random.pick(b.world.arrays);
    return `(array.set ${array.name} ${object(b, array.name, d)} ${b.small(d)} ${b.expr(elementOf(array), d)})`;
  },
  array_fill: (b, d) => {
    const array = b.random.pick(b.world.arrays);
    const value = b.expr(elementOf(array), d);
    return `(array.fill ${array.name} ${object(b, array.name, d)} ${b.small(d)} ${value} ${b.size(false, 3)})`;
  },
  array_copy: (b, d) => {
    const { name } = b.random.pick(b.world.arrays);
    // Where it is null and the rest out of bounds too, the host looks in another order than the spec.
    const [to, from] = [object(b, name, d), b.expr(ref(name, false), d)];
    return `(array.copy ${name} ${name} ${to} ${b.small(d)} ${from} ${b.small(d)} ${b.size(false, 3)})`;
  },
  array_init_data: (b, d) => {
    const { name } = b.random.pick(b.world.arrays.filter(isOfNumbers));
    return `(array.init_data ${name} $d0 ${object(b, name, d)} ${b.small(d)} ${b.small(d)} ${b.size(false, 3)})`;
  },
  array_init_elem: (b, d) => {
    const { name, element } = b.random.pick(b.world.arrays.filter(isOfRefs));
    const elem = b.world.elems.find(({ type }) => type === element!.storage)!;
    return `(array.init_elem ${name} ${elem.name} ${object(b, name, d)} ${b.small(d)} ${b.small(d)} ${b.size(false, 3)})`;
  },
};
