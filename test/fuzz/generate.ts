/**
 * Random modules that are valid by construction, as texts, from a seed: a world of declarations (world.ts), functions
 * that call each other in every way, and exports. Beside random entries a module has one entry for each of its *focus*
 * rows; a run of consecutive seeds has every row of the table in focus, so that none is left out.
 *
 * Everything ends: a global counts fuel down at every function's start and every loop's round. What differs between
 * engines that are both right (bits of computed NaNs, relaxed instructions, sizes of memory) does not show.
 */

import { SUPPORTED } from '../../engine/isa/features.ts';
import { INSTRS, type Instr } from '../../engine/isa/isa.ts';
import { Body, rowsOf } from './body.ts';
import { randomFrom } from './random.ts';
import { makeWorld, ref, type Signature, type World } from './world.ts';

/** Features that the host does not run, so that nothing can be compared. The test suite covers them. */
export const UNJUDGED: ReadonlySet<string> = new Set(['wide-arithmetic', 'custom-page-sizes']);

/** The rows that generated modules execute. */
export const GENERATED: readonly Instr[] = INSTRS.filter(
  ({ feature }) => SUPPORTED.has(feature) && !UNJUDGED.has(feature),
);

/** Those that may stand anywhere. What waits does so only where it is in focus. */
const ROWS = rowsOf(GENERATED.filter(({ special, name }) => !special && !/^memory\.atomic\.wait/.test(name)));

/** Focus rows of one module. */
const FOCUS = 12;
/** Modules of consecutive seeds that have every row in focus. */
export const ROUND = Math.ceil(GENERATED.length / FOCUS);

/** What every export takes and gives: all that passes between JavaScript and WebAssembly exactly. */
export const ENTRY: Signature = {
  params: ['i32', 'i64', 'f32', 'f64', ref('extern')],
  results: ['i32', 'i64', 'f32', 'f64', ref('extern')],
};

/** The text of the module that belongs to `seed`. */
export function generateModule(seed: number): string {
  const random = randomFrom(seed);
  const world = makeWorld(random);
  const body = (signature: Signature, budget: number) => new Body(random, world, signature, ROWS, budget);
  const funcs = world.funcs.map((func) => {
    const b = body(func, 25);
    return `(func ${func.name} (type ${func.type}) ${b.text(`${b.fuel()}\n  ${b.statements(3)}\n  ${b.exprs(func.results, 3)}`)})`;
  });
  const entry = (name: string, make: (b: Body) => string, budget: number) => {
    const b = body(ENTRY, budget);
    const code = `(global.set $fuel (i32.const ${20 + random.below(60)}))\n  ${make(b)}\n  ${b.exprs(ENTRY.results, 2)}`;
    return `(func (export "${name}") ${b.text(code)})`;
  };
  const focus = focusOf(seed, world).map((instr) => entry(instr.op, (b) => b.instr(instr, 1), 12));
  const entries = [0, 1].map((k) =>
    entry(`run${k}`, (b) => [0, 1, 2, 3].map(() => b.statement(4)).join('\n  '), 80),
  );
  const start = random.chance(0.1)
    ? [`(func $start ${startBody(body({ params: [], results: [] }, 20))}) (start $start)`]
    : [];
  return `(module\n${[world.text, ...funcs, ...entries, ...focus, ...start, dump(world)].join('\n')})\n`;
}

function startBody(b: Body): string {
  return b.text(`${b.statement(2)} ${b.statement(2)}`);
}

/** The rows that the module of this seed is about; of exceptions only those of its kind. */
function focusOf(seed: number, { legacy }: World): Instr[] {
  const wrong = legacy ? /^(try_table|throw_ref)$/ : /^(try|catch|catch_all|rethrow|delegate)$/;
  const from = ((seed % ROUND) * FOCUS) % GENERATED.length;
  const own = GENERATED.slice(from, from + FOCUS);
  const exceptions = GENERATED.filter(({ op }) =>
    /^(throw|throw_ref|try|try_table|catch|catch_all|rethrow|delegate)$/.test(op),
  );
  return [...new Set([...own, ...exceptions])].filter(({ op }) => !wrong.test(op));
}

/** Writes the globals that JavaScript cannot read into memory 0, at the end of all calls. */
function dump({ globals }: World): string {
  const vectors = globals.filter(({ type }) => type === 'v128').map(({ name }) => name);
  const stores = ['$hv', ...vectors].map(
    (name, i) => `(v128.store $m0 (i32.const ${16 * i}) (global.get ${name}))`,
  );
  return `(func (export "~dump") ${stores.join(' ')})`;
}
