/**
 * Damaged components that are still valid, instantiated and called with random values, bounded: they end, trap or are
 * refused, and nothing of ours breaks.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Fault, WasmError } from '../../engine/base/errors.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { callFunc } from '../../engine/component/canon/lift.ts';
import { type HostImports, hostFunction } from '../../engine/component/host.ts';
import { linkHost } from '../../engine/component/host-imports.ts';
import { instantiateComponent } from '../../engine/component/instantiate.ts';
import { exportAt, exportedFunctions, programOf } from '../../engine/component/program.ts';
import type { Steps } from '../../engine/component/task.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { type ValidComponent, validateComponent } from '../../engine/component/valid/validate.ts';
import { Threads } from '../../engine/exec/threads.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { Store } from '../../engine/runtime/store.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { throughHost } from '../real/component-guests.ts';
import { randomType, randomValue } from '../real/component-values.ts';
import { damageBytes } from './mutate.ts';
import { type Random, randomFrom } from './random.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const ROUNDS = process.env.WASMSCOPE_TEST_ALL ? 50_000 : 1500;
/** Instructions of one component, about. */
const SLICES = 20;
const SLICE = 20_000;

const EXAMPLES = ['start-order', 'two-components', 'resources'].map((name) =>
  readFileSync(`examples/components/${name}.wat`, 'utf8'),
);

const FUNCTIONS = 6;
/** What the component of random types imports. */
const ECHO: HostImports = new Map(
  Array.from({ length: FUNCTIONS }, (_, i) => [`id${i}`, hostFunction(([value]) => value)]),
);

test(`damaged components run, seed ${SEED}`, () => {
  const random = randomFrom(SEED);
  const types = Array.from({ length: FUNCTIONS }, () => randomType(random, 2));
  const texts = [
    ...EXAMPLES,
    throughHost(
      types,
      types.map(() => 'latin1+utf16'),
    ),
  ];
  const seeds = texts.map((text) => assembleComponent(parseTree(text)).bytes);
  let called = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const seed = random.pick(seeds);
    const bytes = random.chance(0.1) ? seed : damageBytes(seed, random);
    try {
      called += run(random, validateComponent(decodeComponent(bytes)));
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      assert.notEqual(error.fault.phase, 'crash', error.fault.message);
    }
  }
  assert.ok(called > ROUNDS / 20, `only ${called} calls`);
});

/** Instantiates a component and calls what it exports; gives how many calls came back. */
function run(random: Random, valid: ValidComponent): number {
  const imports = linkHost(valid, ECHO);
  const store = new Store();
  const engine = random.chance(0.2) ? 'compiled' : 'interpreter';
  const threads = new Threads(store, { maxSlots: 1 << 13, maxDepth: 100, engine });
  let called = 0;
  function* steps(): Steps<void> {
    const inst = yield* instantiateComponent(valid, imports, { store, features: SUPPORTED });
    for (const { path, type } of exportedFunctions(valid.type).values()) {
      // The host has no handles to give.
      if (type.params.some((param) => param.type.kind === 'own' || param.type.kind === 'borrow')) continue;
      const args = type.params.map((param) => randomValue(random, param.type));
      yield* callFunc(exportAt(inst, path), args);
      called++;
    }
  }
  let fault: Fault | undefined;
  const failed = (why: Fault): void => {
    fault = why;
  };
  threads.start(programOf(store, steps(), { failed }), 'main');
  for (let slice = 0; slice < SLICES; slice++) if (threads.run(SLICE).kind === 'ended') break;
  // A damaged type may have another result than parameter: then it is the echo that is wrong.
  const isEcho = fault?.notes.some(({ message }) => message === 'the host function failed');
  if (!isEcho) assert.notEqual(fault?.phase, 'crash', fault?.message);
  return called;
}
