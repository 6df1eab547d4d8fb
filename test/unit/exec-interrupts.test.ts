/**
 * Slices that end before their budget: a program comes back soon after somebody asks, in both tiers, whatever it does that is slow
 * for its instructions; and it comes to the same end after as many instructions as without.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MachineOptions } from '../../engine/exec/machine.ts';
import type { Imports } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { load } from './exec-load.ts';

const ROUNDS = 20_000;

const PROGRAMS: Readonly<Record<string, string>> = {
  'large copies': '(memory.copy (i32.const 65536) (i32.const 0) (i32.const 65536))',
  'large fills': '(memory.fill (i32.const 65536) (local.get $i) (i32.const 65536))',
  'copies of elements': '(table.copy (i32.const 1) (i32.const 0) (i32.const 4))',
  'host calls': '(call $host)',
};

function outcomeOf(body: string, engine: MachineOptions['engine'], every: number): string {
  const store = new Store();
  const imports: Imports = ({ kind }) =>
    kind === 'func'
      ? store.addHostFunc({ type: { kind: 'func', params: [], results: [] }, name: 'host', call: () => [] })
      : undefined;
  const { inst, machine } = load(
    `(module (import "" "host" (func $host)) (memory 2) (table 8 funcref)
      (func (export "run") (result i32) (local $i i32)
        (loop $next ${body}
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${ROUNDS}))))
        (local.get $i)))`,
    { store, imports, engine },
  );
  machine.begin(inst.exportedFunc('run')!, []);
  let looks = 0;
  let asked = 0;
  const isDue = () => {
    if (++looks % every === 0 && asked === 0) asked = machine.instructions + 1;
    return asked > 0;
  };
  machine.space.interrupts = { isAsked: isDue, isDue };
  for (let pauses = 0; ; pauses++) {
    asked = 0;
    const outcome = machine.run();
    if (outcome.kind !== 'paused') {
      assert.ok(every === Number.POSITIVE_INFINITY || pauses > 5, `only ${pauses} pauses`);
      return `${JSON.stringify(outcome, (_, value) => (typeof value === 'bigint' ? String(value) : value))} after ${machine.instructions}`;
    }
    const late = machine.instructions - asked;
    assert.ok(late < 5000, `it came back after ${late} instructions`);
  }
}

for (const [what, body] of Object.entries(PROGRAMS)) {
  test(what, () => {
    const expected = outcomeOf(body, 'interpreter', Number.POSITIVE_INFINITY);
    // The interpreter looks between slices: what is short for an instruction is no matter there.
    const everys = what === 'copies of elements' || what === 'host calls' ? [] : [50];
    for (const every of everys) assert.equal(outcomeOf(body, 'interpreter', every), expected);
    assert.equal(outcomeOf(body, 'compiled', 50), expected);
  });
}
