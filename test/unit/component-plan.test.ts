/** The instantiation plan: order, start functions, links, found without running; and that it is what running comes to. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { instantiationSteps } from '../../engine/component/instantiate.ts';
import { loadComponent } from '../../engine/component/load.ts';
import { type PlanLink, type PlanNode, planOf } from '../../engine/component/plan.ts';
import { programOf } from '../../engine/component/program.ts';
import { Threads } from '../../engine/exec/threads.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { Store } from '../../engine/runtime/store.ts';

const EXAMPLES = 'examples/components';

function componentOf(source: { readonly text: string } | { readonly bytes: Uint8Array }) {
  const loaded = loadComponent(source);
  assert.ok(!('faults' in loaded), JSON.stringify(loaded));
  return loaded.valid;
}

function lines(node: PlanNode, indent = ''): string[] {
  const number = node.number === undefined ? '' : `${node.number}. `;
  const of = node.of === undefined ? '' : ` of ${node.of}`;
  const start = node.start ? `, start ${node.start.name}` : '';
  return [
    `${indent}${number}${node.name}${of}${start}${node.isOpen ? ' …' : ''}`,
    ...linkLines(node.links, `${indent}    `),
    ...node.children.flatMap((child) => lines(child, `${indent}  `)),
  ];
}

function linkLines(links: readonly PlanLink[], indent: string): string[] {
  return links.flatMap(({ name, to, target, items, links: inner = [] }) => [
    `${indent}${name} = ${to}${target === undefined ? '' : ` [${target}]`}${items ? `: ${items.join(', ')}` : ''}`,
    ...linkLines(inner, `${indent}  `),
  ]);
}

const planText = (file: string): string[] =>
  lines(planOf(componentOf({ text: readFileSync(`${EXAMPLES}/${file}`, 'utf8') }).component).root);

test('core instances in their order, with start functions and what they import', () => {
  assert.deepEqual(planText('start-order.wat'), [
    '$start-order',
    '  1. $trace of $Trace',
    '  2. $a of $A, start $start',
    '      trace = $trace [:0]: leave',
    '  3. $b of $B, start $start',
    '      trace = $trace [:0]: leave',
    '      a = $a [:1]: started',
  ]);
});

test('links lead through lowered and lifted functions to the instance whose code it is', () => {
  assert.deepEqual(planText('two-components.wat'), [
    '$two-components',
    '  $shout of $Shout',
    '    1. $m of $M',
    '  $app of $App',
    '      shout = shout of $m in $shout [/0:0]',
    '    2. $libc of $Libc',
    '    3. $main of $Main',
    '        libc = $libc [/1:0]: mem',
    '         = 1 item',
    '          shout = shout of $m in $shout [/0:0]',
  ]);
  assert.deepEqual(planText('resources.wat').slice(-6), [
    '        bank = 5 items',
    '          new = [constructor]account of $handles in $bank [/0:2]',
    '          balance = balance of $accounts in $bank [/0:0]',
    '          deposit = deposit of $accounts in $bank [/0:0]',
    '          count = count of $accounts in $bank [/0:0]',
    '          drop = resource.drop $account',
  ]);
});

test('a component that is instantiated twice, by another one that gets it', () => {
  const text = `(component
    (component $Inner (core module $M (func $s) (start $s)) (core instance (instantiate $M)))
    (component $Outer
      (import "inner" (component $C))
      (instance $one (instantiate $C))
      (instance $two (instantiate $C)))
    (instance $outer (instantiate $Outer (with "inner" (component $Inner)))))`;
  const { component } = componentOf({ text });
  assert.deepEqual(lines(planOf(component).root), [
    'component',
    '  $outer of $Outer',
    '      inner = $Inner',
    '    $one of $C',
    '      1. core instance 0 of $M, start $s',
    '    $two of $C',
    '      2. core instance 0 of $M, start $s',
  ]);
});

test('a plan that would be very long is cut', () => {
  const levels = Array.from(
    { length: 20 },
    (_, i) =>
      `(component $c${i + 1} (alias outer 1 ${i} (component $c)) (instance (instantiate $c)) (instance (instantiate $c)))`,
  );
  const { component } = componentOf({
    text: `(component (component $c0) ${levels.join('\n')} (instance (instantiate $c20)))`,
  });
  const { nodes, root } = planOf(component);
  assert.equal(nodes.size, 5001);
  assert.equal(
    [...nodes.values()].some(({ isOpen }) => isOpen),
    true,
  );
  assert.equal(root.isOpen, undefined);
});

for (const file of ['start-order.wat', 'two-components.wat', 'resources.wat']) {
  test(`${file}: running comes to the nodes of the plan, one after the other`, () => {
    const valid = componentOf({ text: readFileSync(`${EXAMPLES}/${file}`, 'utf8') });
    const store = new Store();
    const threads = new Threads(store);
    const reached: string[] = [];
    function* steps() {
      yield* instantiationSteps(valid, new Map(), { store, features: SUPPORTED });
    }
    const hooks = { reached: ({ id }: { readonly id: string }) => void reached.push(id) };
    threads.start(programOf(store, steps(), hooks));
    assert.equal(threads.run().kind, 'ended');
    const order = (node: PlanNode): string[] => [node.id, ...node.children.flatMap(order)];
    assert.deepEqual(reached, order(planOf(valid.component).root));
  });
}
