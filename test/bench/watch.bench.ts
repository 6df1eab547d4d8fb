/**
 * What a data breakpoint costs code that does not touch it: the programs of tiers.bench.ts in compiled code, with eight bytes
 * at the end of their memory watched, beside the same without; both take turns in one process. Then what a watch costs
 * that is touched all the time and tells nothing, beside the interpreter.
 */

import { readFileSync } from 'node:fs';
import { decode } from '../../engine/binary/decode.ts';
import { Machine, type MachineOptions } from '../../engine/exec/machine.ts';
import { Watches } from '../../engine/exec/watch.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validate } from '../../engine/valid/validate.ts';
import { median, type Row, time } from './bench.ts';

const FILE = 'test/bench/programs/programs.wasm';
const ROUNDS = 5;

/** Sizes for some tenths of a second. */
const PROGRAMS: readonly (readonly [name: string, size: number])[] = [
  ['fib', 38],
  ['sieve', 60],
  ['crc', 1500],
  ['sha512', 100],
  ['nbody', 1_500_000],
  ['matmul', 20],
  ['quicksort', 10],
  ['coremix', 4000],
];

/** Writes the same value to the same place again and again. */
const SAME = `(module (memory 1)
  (func (export "same") (param $n i32) (result i32) (local $i i32)
    (loop $l
      (i32.store (i32.const 64) (i32.const 5))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $i)))`;

export async function bench(): Promise<readonly Row[]> {
  const bytes = new Uint8Array(readFileSync(FILE));
  const atEnd = (size: number) => size - 8;
  const free = debugged(bytes, 'auto');
  const watched = debugged(bytes, 'auto', atEnd);
  const rows = PROGRAMS.map(([name, size]): Row => {
    const [without, with8] = inTurns([() => free(name, size), () => watched(name, size)]);
    const note = `${without.toFixed(0)} ms without, medians of ${ROUNDS}`;
    return {
      what: `a data breakpoint elsewhere, ${name}`,
      value: with8 / without,
      unit: '×',
      target: 2,
      note,
    };
  });
  const same = assemble(parseTree(SAME)).bytes;
  const runs = (['interpreter', 'auto'] as const).map((engine) => debugged(same, engine, () => 64));
  const [slow, touched] = inTurns(runs.map((run) => () => run('same', 300_000)));
  return [
    ...rows,
    {
      what: 'a data breakpoint that is touched and tells nothing',
      value: touched / slow,
      unit: '× the interpreter',
      target: 1.5,
      note: `${slow.toFixed(0)} ms in the interpreter`,
    },
  ];
}

function inTurns(runs: readonly (() => number)[]): number[] {
  const figures: number[][] = runs.map(() => []);
  const expected = runs[0]();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [k, run] of runs.entries()) {
      const elapsed = time(() => {
        if (run() !== expected) throw new Error('the result is another with a data breakpoint');
      });
      if (round > 0) figures[k].push(elapsed);
    }
  }
  return figures.map(median);
}

/** Calls exports; changes of eight bytes are watched, `at` of a memory of so many bytes. */
function debugged(bytes: Uint8Array, engine: MachineOptions['engine'], at?: (size: number) => number) {
  const module = decode(bytes);
  validate(module, SUPPORTED);
  const store = new Store();
  const inst = instantiate(store, module, () => undefined, SUPPORTED);
  const machine = new Machine(store, { engine });
  if (at) {
    const [memory] = inst.mems;
    const target = { kind: 'memory', memory, from: at(memory.bytes.length), count: 8 } as const;
    machine.space.watch(new Watches([{ target, reads: false, writes: true, changes: true }]));
  }
  return (name: string, size: number): number => {
    machine.begin(inst.exportedFunc(name)!, [i32(size)]);
    for (;;) {
      const outcome = machine.run(10_000_000);
      // The first value that is written is another than 0.
      if (outcome.kind === 'paused' || outcome.kind === 'watch') continue;
      if (outcome.kind !== 'done') throw new Error(`${name} ended with ${outcome.kind}`);
      const [result] = outcome.results;
      return 'bits' in result ? Number(result.bits) : Number.NaN;
    }
  };
}
