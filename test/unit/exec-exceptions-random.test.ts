/**
 * Random functions full of throws, handlers, branches and calls, in our engine and in the host's: the same trace, and
 * the same exception at the end. Legacy handlers and standard ones are modules of their own, since hosts take no mix.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { ThrownException } from '../../engine/runtime/thrown.ts';
import { i32, type NumValue, type Value } from '../../engine/runtime/values.ts';
import { beginExport, bytesOf, load } from './exec-load.ts';

// Node 24 has try_table behind a flag.
setFlagsFromString('--experimental-wasm-exnref');

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const MODULES = 60;
const RUNS = 12;
const FUNCS = 4;

interface Label {
  readonly name: string;
  readonly isCatch: boolean;
}

/** Writes functions that trace what they do; `labels` are those open around, innermost last, all without results. */
class Writer {
  private state: number;
  private names = 0;
  private readonly legacy: boolean;

  constructor(seed: number, legacy: boolean) {
    this.state = seed;
    this.legacy = legacy;
  }

  module(): string {
    const funcs = Array.from({ length: FUNCS }, (_, k) => `(func $f${k} ${this.statements([], 5, k)})`);
    return `(module
      (tag $a (export "a") (param i32)) (tag $b (export "b"))
      (global $trace (export "trace") (mut i32) (i32.const 0)) (global $dice (mut i32) (i32.const 0))
      (func $mark (param i32)
        (global.set $trace (i32.add (i32.mul (global.get $trace) (i32.const 31)) (local.get 0))))
      (func $roll (result i32)
        (global.set $dice (i32.add (i32.mul (global.get $dice) (i32.const 1103515245)) (i32.const 12345)))
        (i32.and (i32.shr_u (global.get $dice) (i32.const 16)) (i32.const 1)))
      ${funcs.join('\n')}
      (func (export "run") (param i32)
        (global.set $trace (i32.const 0)) (global.set $dice (local.get 0)) (call $f${FUNCS - 1}) ${this.mark()}))`;
  }

  private below(n: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * n);
  }

  private of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  private name(): string {
    return `$l${this.names++}`;
  }

  private mark(): string {
    return `(call $mark (i32.const ${this.below(1000)}))`;
  }

  private statements(labels: readonly Label[], depth: number, func: number): string {
    const parts = [this.mark()];
    for (let n = this.below(3); n >= 0; n--) parts.push(this.statement(labels, depth, func));
    return parts.join(' ');
  }

  private statement(labels: readonly Label[], depth: number, func: number): string {
    const perhaps = (text: string) => `(if (call $roll) (then ${text}))`;
    switch (this.below(depth > 0 ? 9 : 4)) {
      case 0:
        return perhaps(`(throw $a (i32.const ${this.below(100)}))`);
      case 1:
        return perhaps('(throw $b)');
      case 2:
        return perhaps(labels.length > 0 ? `(br ${this.of(labels).name})` : '(return)');
      case 3:
        return func > 0 ? `(call $f${this.below(func)})` : this.mark();
      case 4: {
        const name = this.name();
        return `(block ${name} ${this.statements([...labels, { name, isCatch: false }], depth - 1, func)})`;
      }
      default:
        return this.legacy ? this.try(labels, depth - 1, func) : this.tryTable(labels, depth - 1, func);
    }
  }

  private try(labels: readonly Label[], depth: number, func: number): string {
    const name = this.name();
    const body = `(do ${this.statements([...labels, { name, isCatch: false }], depth, func)})`;
    if (this.below(3) === 0) {
      // One label more than there are is the function itself.
      const to = this.of([...labels.map((label) => label.name), String(labels.length)]);
      return `(try ${name} ${body} (delegate ${to}))`;
    }
    const inside = [...labels, { name, isCatch: true }];
    const handler = () => {
      const caught = this.of(inside.filter(({ isCatch }) => isCatch));
      const again = this.below(3) === 0 ? `(if (call $roll) (then (rethrow ${caught.name})))` : '';
      return `${this.statements(inside, depth, func)} ${again}`;
    };
    const clauses: string[] = [];
    if (this.below(2) === 0) clauses.push(`(catch $a (call $mark) ${handler()})`);
    if (this.below(2) === 0) clauses.push(`(catch $b ${handler()})`);
    if (this.below(2) === 0) clauses.push(`(catch_all ${handler()})`);
    return `(try ${name} ${body} ${clauses.join(' ')})`;
  }

  private tryTable(labels: readonly Label[], depth: number, func: number): string {
    const [skip, done, value, ref, own] = [this.name(), this.name(), this.name(), this.name(), this.name()];
    const inside = [...labels, ...[skip, done, own].map((name) => ({ name, isCatch: false }))];
    const clauses: string[] = [];
    if (this.below(2) === 0) clauses.push(`(catch $a ${value})`);
    if (this.below(2) === 0)
      clauses.push(`(catch $b ${this.of([...labels.map((l) => l.name), skip, done])})`);
    const any = this.below(3);
    if (any === 0) clauses.push(`(catch_all ${done})`);
    else if (any === 1) clauses.push(`(catch_all_ref ${ref})`);
    return `(block ${skip} (block ${done}
      (call $mark (block ${value} (result i32)
        (block ${ref} (result exnref)
          (try_table ${own} ${clauses.join(' ')} ${this.statements(inside, depth, func)})
          ${this.mark()} (br ${skip}))
        (if (param exnref) (call $roll) (then (throw_ref)) (else (drop)))
        (i32.const 7))))
      ${this.mark()})`;
  }
}

interface HostException {
  is(tag: object): boolean;
  getArg(tag: object, index: number): unknown;
}

const HOST = WebAssembly as unknown as {
  readonly Exception: abstract new () => HostException;
};

for (const kind of ['legacy', 'standard'] as const) {
  test(`random ${kind} handlers do what the host does`, (t) => {
    let runs = 0;
    let thrown = 0;
    let caught = 0;
    for (let k = 0; k < MODULES; k++) {
      const text = new Writer((SEED + 7919 * k) >>> 0, kind === 'legacy').module();
      const bytes = bytesOf(text);
      const host = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Record<string, never>;
      const loaded = load(bytes);
      const { machine, inst } = loaded;
      for (let run = 0; run < RUNS; run++) {
        const dice = i32(Math.imul(run + 1, 0x9e3779b1));
        const go = (once: 'run' | 'step'): [string, unknown, number] => {
          const before = machine.instructions;
          beginExport(loaded, 'run', [dice]);
          let outcome = machine[once]();
          while (outcome.kind === 'stepped') outcome = machine[once]();
          const end =
            outcome.kind === 'trap' && outcome.cause instanceof ThrownException
              ? outcome.fault.message
              : outcome.kind;
          return [end, toInt(inst.exportedGlobal('trace')!), machine.instructions - before];
        };
        machine.onThrow = ({ caught: place }) => {
          if (place) caught++;
          return false;
        };
        const ours = go('run');
        machine.onThrow = undefined;
        assert.deepEqual(go('step'), ours, `seed ${SEED}, module ${k}, run ${run}: by steps`);
        runs++;
        if (ours[0] !== 'done') thrown++;
        if (host)
          assert.deepEqual(ours.slice(0, 2), hostRun(host, dice), `seed ${SEED}, module ${k}, run ${run}`);
      }
    }
    assert.ok(thrown > 0 && caught > 0);
    t.diagnostic(`${runs} runs, ${thrown} ended with an exception, ${caught} were caught`);
  });
}

function toInt(value: Value): number {
  return Number(BigInt.asIntN(32, (value as NumValue).bits));
}

function hostRun(host: Record<string, never>, dice: NumValue): [string, number] {
  const trace = () => (host.trace as { value: number }).value;
  try {
    (host.run as (dice: number) => void)(toInt(dice));
    return ['done', trace()];
  } catch (error) {
    assert.ok(error instanceof HOST.Exception);
    const text = error.is(host.a) ? `$a(${error.getArg(host.a, 0)})` : '$b()';
    return [`unhandled exception: ${text}`, trace()];
  }
}
