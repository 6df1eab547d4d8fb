/** What breakpoints cost that do not stop: conditions, hit counts and log points in a hot loop, and patterns of names. */

import { createDebuggee } from '../../engine/debug/debuggee.ts';
import type { Command, CommandName, Params, Result } from '../../engine/debug/wire.ts';
import { median, type Row } from './bench.ts';

const ROUNDS = 5;
const HITS = 100_000;
const LOOP = `(module (func $loop (export "loop") (param $to i32) (result i32) (local $i i32)
  (loop $next
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_s (local.get $i) (local.get $to))))
  local.get $i))`;

const FUNCS = 30_000;

/** An engine in this thread, and when its program ends. */
function openEngine() {
  const answers = new Map<number, (result: unknown) => void>();
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const debuggee = createDebuggee({
    send(message) {
      if (message.type === 'event') {
        if (message.event === 'ended') end();
      } else if (message.type === 'result') answers.get(message.id)?.(message.result);
      else throw new Error(message.faults[0].message);
    },
    yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
    importModule: async () => ({}),
  });
  let id = 0;
  const request = <K extends CommandName>(command: K, params: Params<K>): Promise<Result<K>> =>
    new Promise((resolve) => {
      answers.set(++id, resolve as (result: unknown) => void);
      debuggee.receive({ id, command, params } as Command);
    });
  return { ended, request };
}

async function hits(rules: object): Promise<number> {
  const { ended, request } = openEngine();
  await request('load', { program: { text: LOOP } });
  await request('link', {});
  await request('prepare', { function: 'loop', args: [HITS] });
  const start = LOOP.indexOf('i32.add');
  const breakpoint = { id: 1, span: { start, end: start + 7 }, exact: true, ...rules };
  await request('setBreakpoints', { doc: 'program', breakpoints: [breakpoint] });
  const began = performance.now();
  await request('start', { stopOnEntry: false, noDebug: false });
  await ended;
  return performance.now() - began;
}

async function pattern(): Promise<number> {
  const { request } = openEngine();
  const funcs = Array.from({ length: FUNCS }, (_, i) => `(func $alloc_number_${i} nop)`);
  await request('load', { program: { text: `(module ${funcs.join('')})` } });
  await request('link', {});
  const began = performance.now();
  await request('setFunctionBreakpoints', { functions: [{ id: 1, name: '/^alloc.*\\d$/' }] });
  return performance.now() - began;
}

async function several(measure: () => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) figures.push(await measure());
  return median(figures);
}

export async function bench(): Promise<readonly Row[]> {
  const row = async (what: string, measure: () => Promise<number>): Promise<Row> => ({
    what: `breakpoints: ${what}`,
    value: await several(measure),
    unit: 'ms',
    note: `median of ${ROUNDS}`,
  });
  return [
    await row('a condition that is false 100,000 times', () => hits({ condition: '$i == -1' })),
    await row('a hit count that is not reached in 100,000 hits', () => hits({ hitCondition: '200000' })),
    await row('a log point that prints 100,000 lines', () => hits({ logMessage: 'i={$i}' })),
    await row('a pattern set on 30,000 functions', pattern),
  ];
}
