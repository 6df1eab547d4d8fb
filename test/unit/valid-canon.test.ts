// Canonical types: equality and subtyping inside a module and between modules, matching of imports.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concreteHeap, FUNCREF, HEAP, I32, I64, refType } from '../../engine/isa/types.ts';
import { BOT_REF, TypeCanon } from '../../engine/valid/canon.ts';
import {
  funcMatches,
  globalMatches,
  limitsMatch,
  memoryMatches,
  tableMatches,
  tagMatches,
} from '../../engine/valid/extern.ts';
import { matches, typesOf } from '../../engine/valid/subtype.ts';
import { moduleOf } from './valid-modules.ts';

const { any, array, eq, exn, extern, func, i31, nofunc, none, struct } = HEAP;
const EMPTY = moduleOf('');

test('abstract heap types: who is below whom', () => {
  const below: Record<string, readonly number[]> = {
    [none]: [none, i31, struct, array, eq, any],
    [i31]: [i31, eq, any],
    [struct]: [struct, eq, any],
    [eq]: [eq, any],
    [any]: [any],
    [nofunc]: [nofunc, func],
    [func]: [func],
    [extern]: [extern],
    [exn]: [exn],
  };
  for (const [a, above] of Object.entries(below)) {
    for (const b of Object.values(HEAP)) {
      const found = matches(EMPTY, refType(false, Number(a)), refType(false, b));
      assert.equal(found, above.includes(b), `${a} <: ${b}`);
    }
  }
});

test('null goes only where null is wanted; numbers match themselves; nothing matches everything', () => {
  assert.ok(matches(EMPTY, refType(false, any), refType(true, any)));
  assert.ok(!matches(EMPTY, refType(true, any), refType(false, any)));
  assert.ok(!matches(EMPTY, I32, I64));
  assert.ok(!matches(EMPTY, I32, FUNCREF));
  assert.ok(matches(EMPTY, 0, I32) && matches(EMPTY, 0, FUNCREF));
  assert.ok(matches(EMPTY, BOT_REF, refType(false, struct)) && !matches(EMPTY, BOT_REF, I32));
});

test('concrete types match what their definition says', () => {
  const module = moduleOf(`
    (type $a (sub (struct (field i32)))) (type $b (sub $a (struct (field i32) (field i64))))
    (type $f (func)) (type $arr (array i8)) (type $other (struct (field i32)))`);
  const ref = (idx: number) => refType(false, concreteHeap(idx));
  const table: readonly (readonly [number, number, boolean])[] = [
    [ref(1), ref(0), true],
    [ref(0), ref(1), false],
    [ref(4), ref(0), false],
    [ref(1), refType(false, struct), true],
    [ref(1), refType(true, eq), true],
    [ref(1), refType(false, array), false],
    [ref(3), refType(false, array), true],
    [ref(3), refType(false, any), true],
    [ref(2), FUNCREF, true],
    [ref(2), refType(true, any), false],
    [refType(false, none), ref(0), true],
    [refType(false, nofunc), ref(2), true],
    [refType(false, none), ref(2), false],
    [refType(false, nofunc), ref(0), false],
    [refType(false, struct), ref(0), false],
  ];
  for (const [a, b, expected] of table) assert.equal(matches(module, a, b), expected, `${a} <: ${b}`);
  assert.equal(typesOf(module).topOf(concreteHeap(2)), func);
  assert.equal(typesOf(module).topOf(concreteHeap(3)), any);
});

test('types are equal by structure of their whole recursion group', () => {
  const module = moduleOf(`
    (type $a (func (param i32))) (type $b (func (param i32)))
    (rec (type $r1 (struct (field (ref null $r2)))) (type $r2 (struct (field (ref null $r1)))))
    (rec (type $q1 (struct (field (ref null $q2)))) (type $q2 (struct (field (ref null $q1)))))
    (rec (type $p (struct (field (ref null $p)))))
    (type $c (func (param (ref $a)))) (type $d (func (param (ref $b))))
    (type $sub (sub (func (param i32))))`);
  const canon = new TypeCanon();
  const same = (a: number, b: number) => canon.typesEqual(module, a, module, b);
  assert.ok(same(0, 1) && same(2, 4) && same(3, 5) && same(7, 8));
  assert.ok(!same(2, 3), 'position in the group counts');
  assert.ok(!same(2, 6), 'the size of the group counts');
  assert.ok(!same(0, 9), 'finality counts');
});

test('two modules of one store share their types', () => {
  const a = moduleOf(
    '(type (func)) (type $s (sub (struct (field i32)))) (type (sub $s (struct (field i32) (field i32))))',
  );
  const b = moduleOf(
    '(type $s (sub (struct (field i32)))) (type (func)) (type (sub $s (struct (field i32) (field i32))))',
  );
  const canon = new TypeCanon();
  assert.ok(canon.typesEqual(a, 0, b, 1) && canon.typesEqual(a, 1, b, 0) && canon.typesEqual(a, 2, b, 2));
  assert.ok(!canon.typesEqual(a, 0, b, 0) && !canon.typesEqual(a, 9, b, 9));
  assert.ok(canon.isSubId(canon.idOf(a, 2), canon.idOf(b, 0)));
  const inA = canon.typeOf(a, refType(false, concreteHeap(1)));
  assert.equal(inA, canon.typeOf(b, refType(false, concreteHeap(0))));
});

test('matching of imports', () => {
  const canon = new TypeCanon();
  const memory = { limits: { min: 1, max: 2 }, is64: false, shared: false, pageSizeLog2: 16 };
  assert.ok(
    limitsMatch({ min: 2, max: 3 }, { min: 1 }) && limitsMatch({ min: 2, max: 3 }, { min: 2, max: 3 }),
  );
  assert.ok(!limitsMatch({ min: 0 }, { min: 1 }) && !limitsMatch({ min: 1 }, { min: 1, max: 2 }));
  assert.ok(!limitsMatch({ min: 1, max: 4 }, { min: 1, max: 3 }));
  assert.ok(memoryMatches(memory, memory));
  for (const change of [{ is64: true }, { shared: true }, { pageSizeLog2: 0 }]) {
    assert.ok(!memoryMatches(memory, { ...memory, ...change }));
  }
  const table = (element: number) => ({ limits: { min: 1 }, is64: false, element });
  assert.ok(tableMatches(canon, table(FUNCREF), table(FUNCREF)));
  assert.ok(!tableMatches(canon, table(refType(false, func)), table(FUNCREF)), 'elements must be equal');
  const global = (type: number, mutable: boolean) => ({ type, mutable });
  assert.ok(globalMatches(canon, global(refType(false, func), false), global(FUNCREF, false)));
  assert.ok(!globalMatches(canon, global(refType(false, func), true), global(FUNCREF, true)));
  assert.ok(!globalMatches(canon, global(I32, true), global(I32, false)));
  const module = moduleOf('(type (sub (func))) (type (sub 0 (func)))');
  const [parent, child] = canon.idsOf(module) as unknown as readonly [number, number];
  assert.ok(funcMatches(canon, child, parent) && !funcMatches(canon, parent, child));
  assert.ok(tagMatches(canon, parent, parent) && !tagMatches(canon, child, parent));
});
