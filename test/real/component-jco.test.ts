/**
 * The canonical ABI beside somebody else's: random values of random types go through components, here and in what jco makes of
 * the same bytes: out to the host and back, through a component and into another one, and only in and out. What the host
 * sees, and what comes back, must be the same and be the value.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HostImports, type HostItem, hostFunction, hostInstance } from '../../engine/component/host.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { typeText, type ValType } from '../../engine/component/types.ts';
import type { ComponentValue } from '../../engine/component/values.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { running } from '../unit/component-load.ts';
import { throughGuests, throughHost, withinGuest } from './component-guests.ts';
import { type Imports, jcoMissing, transpiled } from './component-jco.ts';
import { fromJco, randomType, randomValue, THING, Thing, toJco } from './component-values.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const ROUNDS = process.env.WASMSCOPE_TEST_ALL ? 50 : 3;
const FUNCTIONS = 12;
const VALUES = 6;
/** jco does not have the third, latin1+utf16. */
const THEIRS = ['utf8', 'utf16'] as const;
const ALL = [...THEIRS, 'latin1+utf16'] as const;

const skip = jcoMissing();

interface Way {
  readonly what: string;
  /** What the functions take and give, for a type. */
  readonly of: (type: ValType) => ValType;
  readonly asksHost: boolean;
  text(types: readonly ValType[], pick: (beside?: string) => string): string;
}

const each = (types: readonly ValType[], pick: () => string) => types.map(() => pick());
const WAYS: readonly Way[] = [
  {
    what: 'to the host and back',
    of: (type) => type,
    asksHost: true,
    text: (types, pick) => throughHost(types, each(types, pick)),
  },
  {
    what: 'through two components to the host and back',
    of: (type) => type,
    asksHost: true,
    text: (types, pick) => {
      const outer = each(types, pick);
      return throughGuests(
        types,
        outer,
        outer.map((encoding) => pick(encoding)),
      );
    },
  },
  {
    what: 'into a component and out of it',
    of: (element) => ({ kind: 'list', element }),
    asksHost: false,
    text: (types, pick) => withinGuest(types, each(types, pick)),
  },
];

for (const { what, of, asksHost, text } of WAYS) {
  for (let round = 0; round < ROUNDS; round++) {
    test(`values ${what}, ${round}, seed ${SEED}`, { skip }, async () => {
      const random = randomFrom(SEED * 1000 + round);
      const types = Array.from({ length: FUNCTIONS }, () => randomTopType(random, round % 3 === 2));
      // Nor does it copy UTF-16 from one component to another.
      const theirs = (beside?: string) => (beside === 'utf16' ? 'utf8' : random.pick(THEIRS));
      const bytes = assembled(text(types, theirs));
      const bytesHere = assembled(text(types, () => random.pick(ALL)));

      let seen: ComponentValue | undefined;
      let seenThere: unknown;
      const engine = round % 2 === 0 ? 'interpreter' : 'compiled';
      const host = ourHost((value) => (seen = value));
      const here = await running({ bytes }, host, { engine });
      const hereAll = await running({ bytes: bytesHere }, host, { engine });
      const name = `${what.replaceAll(' ', '-')}-${round}`;
      const there = (await transpiled(bytes, name))(theirHost((value) => (seenThere = value)));
      for (const [i, element] of types.entries()) {
        const type = of(element);
        for (let k = 0; k < VALUES; k++) {
          const value = randomValue(random, type);
          const where = `f${i}: ${typeText(type)}`;
          for (const running of [here, hereAll]) {
            const back = await running.invoke([`f${i}`], [value]);
            if (asksHost) assert.deepEqual(seen, value, `${where}: the host sees another value`);
            assert.deepEqual(back, value, `${where}: another value comes back`);
          }
          const backThere = there[`f${i}`](toJco(value, type));
          if (asksHost)
            assert.deepEqual(fromJco(seenThere, type), value, `${where}: jco's host sees another value`);
          assert.deepEqual(fromJco(backThere, type), value, `${where}: another value comes back from jco`);
        }
      }
      assert.deepEqual([...here.inst.handles, ...hereAll.inst.handles], []);
    });
  }
}

/** jco throws the error of a result that is returned, and gives only what is inside of an ok. */
function randomTopType(random: Random, handles: boolean): ValType {
  const type = randomType(random, 3, handles);
  return type.kind === 'result' ? { kind: 'tuple', types: [type] } : type;
}

function assembled(text: string): Uint8Array {
  const { bytes, faults } = assembleComponent(parseTree(text));
  assert.deepEqual(
    faults.map(({ message }) => message),
    [],
  );
  return bytes;
}

function ourHost(see: (value: ComponentValue) => void): HostImports {
  const echo = hostFunction(([value]) => {
    see(value);
    return value;
  });
  return new Map<string, HostItem>([
    ...Array.from({ length: FUNCTIONS }, (_, i) => [`id${i}`, echo] as const),
    ['test:guests/things', hostInstance({ thing: THING })],
  ]);
}

function theirHost(see: (value: unknown) => void): Imports {
  const echo = (value: unknown) => {
    see(value);
    return value;
  };
  return {
    ...Object.fromEntries(Array.from({ length: FUNCTIONS }, (_, i) => [`id${i}`, { default: echo }])),
    'test:guests/things': { Thing },
  };
}
