/**
 * The canonical ABI beside somebody else's: random values of random types go through components into their host and back,
 * here and in what jco makes of the same bytes. What the host sees, and what comes back, must be the same and be the value.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostFunction } from '../../engine/component/host.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { typeText } from '../../engine/component/types.ts';
import type { ComponentValue } from '../../engine/component/values.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { randomFrom } from '../fuzz/random.ts';
import { installed } from '../packages.ts';
import { running } from '../unit/component-load.ts';
import { transpiled } from './component-jco.ts';
import { fromJco, randomType, randomValue, throughHost, toJco } from './component-values.ts';

const PACKAGE = '@bytecodealliance/jco-transpile';
const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const COMPONENTS = process.env.WASMSCOPE_TEST_ALL ? 100 : 6;
const FUNCTIONS = 12;
const VALUES = 8;
const ENCODINGS = ['utf8', 'utf16'] as const;

const found = installed(PACKAGE);

for (let round = 0; round < COMPONENTS; round++) {
  test(`values through component ${round}, seed ${SEED}`, {
    skip: 'why' in found ? found.why : false,
  }, async () => {
    const random = randomFrom(SEED * 1000 + round);
    const types = Array.from({ length: FUNCTIONS }, () => {
      const type = randomType(random, 3);
      // jco throws the error of a result that is returned, and gives only what is inside of an ok.
      return type.kind === 'result' ? ({ kind: 'tuple', types: [type] } as const) : type;
    });
    const encodings = types.map(() => random.pick(ENCODINGS));
    const text = throughHost(types, encodings);
    const { bytes, faults } = assembleComponent(parseTree(text));
    assert.deepEqual(faults, []);

    let seen: ComponentValue | undefined;
    const here = await running(
      { bytes },
      new Map(
        types.map((_, i) => [
          `id${i}`,
          hostFunction(([value]) => {
            seen = value;
            return value;
          }),
        ]),
      ),
      { engine: round % 2 === 0 ? 'interpreter' : 'compiled' },
    );
    let seenThere: unknown;
    const there = (await transpiled(bytes, `c${round}`))(
      Object.fromEntries(
        types.map((_, i) => [
          `id${i}`,
          {
            default: (value: unknown) => {
              seenThere = value;
              return value;
            },
          },
        ]),
      ),
    );
    for (const [i, type] of types.entries()) {
      for (let k = 0; k < VALUES; k++) {
        const value = randomValue(random, type);
        const where = `f${i}: ${typeText(type)}`;
        const back = await here.invoke([`f${i}`], [value]);
        assert.deepEqual(seen, value, `${where}: the host sees another value`);
        assert.deepEqual(back, value, `${where}: another value comes back`);
        const backThere = there[`f${i}`](toJco(value, type));
        assert.deepEqual(fromJco(seenThere, type), value, `${where}: jco's host sees another value`);
        assert.deepEqual(fromJco(backThere, type), value, `${where}: another value comes back from jco`);
      }
    }
  });
}
