/**
 * The host's stack is never what ends a program: calls as deep as the limit of frames, in compiled code, in interpreted code, in
 * both in turns, through tables and through host functions, end at the same depth after the same instructions in both tiers.
 * All of it again in threads of Node with smaller stacks.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { WasmError } from '../../engine/base/errors.ts';
import type { MachineOptions } from '../../engine/exec/machine.ts';
import type { HostContext, HostSteps } from '../../engine/runtime/func.ts';
import type { Imports } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { formatValue, i32, type Value } from '../../engine/runtime/values.ts';
import { load } from './exec-load.ts';

const DEPTH = 6000;

type Engine = NonNullable<MachineOptions['engine']>;

interface Program {
  readonly name: string;
  /** Fields of the module; `run` takes how often it is to call, and gives how often it has. */
  readonly fields: string;
  /** The host calls in, so how deep that goes is up to its stack where this is small. */
  readonly nests?: boolean;
}

const WIDE = Array.from(
  { length: 40 },
  (_, k) => `(i64.add (i64.const ${k}) (i64.extend_i32_u (local.get $n)))`,
);

/** How to go one deeper: `(call …)` with one less, and one more than what that gives. */
const next = (call: string) => `(if (result i32) (local.get $n)
  (then (i32.add (i32.const 1) ${call.replace('$less', '(i32.sub (local.get $n) (i32.const 1))')}))
  (else (i32.const 0)))`;

const run = (body: string, locals = '') =>
  `(func $run (export "run") (type $f) (param $n i32) (result i32) ${locals} ${body})`;

const TURNS = 'functions of both tiers in turns';

const PROGRAMS: readonly Program[] = [
  { name: 'small functions', fields: run(next('(call $run $less)')) },
  {
    name: 'many locals and vectors',
    fields: run(
      `(local.set $w (i32x4.splat (local.get $n))) (local.get $w) (local.get $w) ${next('(call $run $less)')}
       (local.set $n) (drop) (drop) (local.get $n)`,
      `(local $w v128) (local ${'i64 '.repeat(30)})`,
    ),
  },
  {
    name: 'many operands',
    fields: run(
      `${WIDE.join(' ')} ${next('(call $run $less)')} (local.set $n) ${'(drop)'.repeat(40)} (local.get $n)`,
    ),
  },
  { name: 'a table', fields: run(next('(call_indirect (type $f) $less (i32.const 0))')) },
  { name: 'a reference', fields: run(next('(call_ref $f $less (ref.func $run))')) },
  {
    name: 'objects, to before which there is no way back',
    fields: `(type $box (struct (field (mut i32))))
      (func $get (param $b (ref $box)) (result i32) (struct.get $box 0 (local.get $b)))
      ${run(next('(call $run (call $get (struct.new $box $less)))'))}`,
  },
  {
    name: TURNS,
    fields: `(func $other (type $f) (drop (memory.size $odd)) ${run(next('(call $run $less)')).split('(result i32)').slice(1).join('(result i32)').slice(0, -1).replaceAll('$n', '0')})
      ${run(next('(call $other $less)'))}`,
  },
  { name: 'calls behind one another', fields: run('(return_call $tail (local.get $n) (i32.const 0))') },
  { name: 'a host function that calls by steps', fields: run(next('(call $steps $less)')) },
  { name: 'a host function that calls', fields: run(next('(call $nested $less)')), nests: true },
  {
    name: 'a host function in a table that calls',
    fields: run(next('(call_indirect (type $f) $less (i32.const 1))')),
    nests: true,
  },
  {
    name: 'deep calls below a host function that calls',
    fields: `${run(next('(call $down (i32.const 60) $less)'))}
      (func $down (param $k i32) (param $n i32) (result i32) (local i64 i64 i64 i64 i64 i64 i64 i64)
        (if (result i32) (local.get $k)
          (then (call $down (i32.sub (local.get $k) (i32.const 1)) (local.get $n)))
          (else (call $nested (local.get $n)))))`,
    nests: true,
  },
  {
    name: 'a host function that is deep itself, at the end',
    fields: run(`(if (result i32) (local.get $n)
      (then (i32.add (i32.const 1) (call $run (i32.sub (local.get $n) (i32.const 1)))))
      (else (call $deep (i32.const 0))))`),
  },
];

const AROUND = `(type $f (func (param i32) (result i32)))
  (import "" "steps" (func $steps (type $f))) (import "" "nested" (func $nested (type $f)))
  (import "" "deep" (func $deep (type $f)))
  (memory 1) (memory $odd 1 1 (pagesize 1)) (table 2 funcref) (elem (i32.const 0) $run $nested)
  (func $tail (param $n i32) (param $s i32) (result i32)
    (if (result i32) (local.get $n)
      (then (return_call $tail (i32.sub (local.get $n) (i32.const 1)) (i32.add (local.get $s) (i32.const 1))))
      (else (local.get $s))))`;

/** What is seen of a program's calls. */
function outcomes(
  { fields, nests }: Program,
  engine: Engine,
  calls = nests ? [150, 300] : [4000, 9000],
): string[] {
  const store = new Store();
  const type = { kind: 'func', params: [0x7f], results: [0x7f] } as const;
  const run = () => inst.exportedFunc('run')!;
  const hosts: Record<string, (args: Value[], context: HostContext) => readonly Value[] | HostSteps> = {
    steps: function* (args) {
      return yield { kind: 'call', func: run(), args };
    },
    nested: (args, context) => context.invoke(run(), args),
    deep: (args) => {
      const down = (n: number): number => (n === 0 ? 0 : down(n - 1) + 0);
      down(300);
      return args;
    },
  };
  const imports: Imports = ({ name }) =>
    store.addHostFunc({ type: { ...type, params: [0x7f], results: [0x7f] }, name, call: hosts[name] });
  const options = { store, imports, engine, maxDepth: calls[0] > DEPTH ? undefined : DEPTH };
  const { inst, machine } = load(`(module ${AROUND} ${fields})`, options);
  // A snapshot at every occasion is for tests of replays: with thousands of frames it takes long.
  if (machine.rewind) machine.rewind.everywhere = false;
  return calls.map((n) => {
    machine.begin(run(), [i32(n)]);
    const outcome = machine.run();
    const end =
      outcome.kind === 'done'
        ? outcome.results.map(formatValue).join()
        : outcome.kind === 'trap'
          ? `${outcome.fault.phase} ${outcome.fault.message} ${outcome.fault.notes.map(({ message }) => message)} ${outcome.cause instanceof WasmError}`
          : '';
    return `${n}: ${outcome.kind} ${end}, ${machine.depth} frames, ${machine.instructions} instructions`;
  });
}

/** In a thread with this stack: as much as does not depend on it. */
function inThread(engine: Engine): string[][] {
  return PROGRAMS.map((program) => {
    if (!program.nests) return outcomes(program, engine);
    return outcomes(program, engine, [60, 300]).map((text) => text.replace(/(call stack exhausted).*/, '$1'));
  });
}

if (isMainThread) {
  for (const program of PROGRAMS) {
    test(`as deep in compiled code: ${program.name}`, () => {
      assert.deepEqual(outcomes(program, 'compiled'), outcomes(program, 'interpreter'));
    });
  }
  test('as deep where frames are in the interpreter when code is compiled', () => {
    const program = PROGRAMS.find(({ name }) => name === TURNS)!;
    const calls = [15_000, 30_000];
    assert.deepEqual(outcomes(program, 'auto', calls), outcomes(program, 'interpreter', calls));
  });
  for (const stackSizeMb of [0.5, 0.75]) {
    test(`as deep on a stack of ${stackSizeMb} MB`, async () => {
      const file = fileURLToPath(import.meta.url);
      const worker = new Worker(file, { resourceLimits: { stackSizeMb }, workerData: 'compiled' });
      const found = await new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', (code) => reject(new Error(`the thread ended with ${code}`)));
      });
      await worker.terminate();
      assert.deepEqual(found, inThread('interpreter'));
    });
  }
} else parentPort!.postMessage(inThread(workerData));
