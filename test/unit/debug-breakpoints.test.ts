/** Breakpoints in functions that were not called yet: they cost no translation, and are there when it comes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { type Anchor, anchorOf, codeHash, findAnchor } from '../../engine/debug/anchors.ts';
import { BreakpointTable } from '../../engine/debug/breakpoints.ts';
import { loadAny } from '../../engine/debug/program.ts';
import { Sites } from '../../engine/debug/sites.ts';
import { beginExport, bytesOf, load } from './exec-load.ts';

const COUNT = 3000;
const MANY = `(module
  (func (export "main") call $f7 call $f8)
  ${Array.from({ length: COUNT }, (_, i) => `(func $f${i} (param) (local $x i32) nop)`).join('\n')})`;

test('a pattern sets thousands of breakpoints and translates nothing', () => {
  const program = loadAny({ bytes: bytesOf(MANY) });
  const [only] = program.modules;
  const table = new BreakpointTable(program, 'm.wasm');
  const [{ message }] = table.setOnFunctions([{ id: 1, name: '/^f\\d+$/', condition: '$x == 0' }]);
  assert.equal(message, 'stops in 3,000 functions');
  assert.equal(table.inModule(only).size, COUNT);

  const loaded = load(only.module.bytes);
  const { machine, inst } = loaded;
  beginExport(loaded, 'main');
  const { length } = machine.space.code;
  for (const [offset, [{ funcIdx }]] of table.inModule(only))
    machine.space.breakAt(inst.funcs[funcIdx], offset);
  machine.space.unbreakAt(inst.funcs[8], only.module.funcs[8].body!.codeStart);
  assert.equal(machine.space.code.length, length);
  assert.equal(machine.run().kind, 'breakpoint');
  const [frame] = machine.frames(0, 1);
  assert.equal(frame.func.idx, 9);
});

test('rules that fit some functions only', () => {
  const program = loadAny({
    bytes: bytesOf('(module (func $a (param $x i32)) (func $b) (func $c (param $x f32)))'),
  });
  const table = new BreakpointTable(program);
  const said = (condition: string) => {
    const [{ place, message }] = table.setOnFunctions([{ id: 1, name: '/./', condition }]);
    return `${place && 'funcIdx' in place ? place.funcIdx : undefined}: ${message}`;
  };
  assert.equal(said('$x > 1'), '0: stops in 3 functions, but for 1 of them: condition: unknown local $x');
  assert.equal(said('$y'), 'undefined: condition: unknown local $y');
  assert.deepEqual([...table.inModule(program.modules[0]).values()].flat(), []);
});

/** Two texts of a function, and whether they are the same code. */
const SAME: [string, string, boolean][] = [
  ['call 0', 'call 1', true],
  ['global.get 0 drop', 'global.get 1 drop', true],
  ['i32.const 1 drop', 'i32.const 2 drop', false],
  ['i64.const 1 drop', 'i64.const 0x1_0000_0001 drop', false],
  ['f64.const 1 drop', 'f64.const -1 drop', false],
  ['nop', 'nop nop', false],
  ['i32.const 0 i32.load drop', 'i32.const 0 i32.load offset=4 drop', false],
  ['block br 0 end', 'block br 1 end', false],
];

for (const [a, b, same] of SAME) {
  test(`${a} and ${b} are ${same ? 'the same' : 'other'} code`, () => {
    const hash = (code: string): string =>
      codeHash(
        decode(
          bytesOf(
            `(module (memory 1) (global i32 (i32.const 0)) (global i32 (i32.const 0)) (func) (func) (func ${code}))`,
          ),
        ),
        2,
      );
    assert.equal(hash(a) === hash(b), same);
  });
}

/** Anchors that name nothing in a module of two functions without names; what becomes of them. */
const LOST: [Partial<Anchor>, string][] = [
  [{}, '1+1'],
  [{ nth: 99 }, '1+2'],
  [{ funcIdx: 0 }, '1+1: the function is func[1] now'],
  [{ hash: 'other' }, '1+1: the code of the function has changed: this is the nearest instruction'],
  [{ hash: 'other', funcIdx: 9 }, 'the function func[9] is no longer in the module'],
  [{ hash: 'other', name: 'f' }, 'the function f is no longer in the module'],
];

for (const [change, expected] of LOST) {
  test(`an anchor with ${JSON.stringify(change)}`, () => {
    const module = decode(bytesOf('(module (func) (func nop nop))'));
    const sites = new Sites(module);
    const { codeStart } = module.funcs[1].body!;
    const found = findAnchor(module, sites, { ...anchorOf(module, sites, 1, codeStart + 1), ...change });
    const shown =
      typeof found === 'string'
        ? found
        : `${found.funcIdx}+${found.offset - codeStart}${found.message ? `: ${found.message}` : ''}`;
    assert.equal(shown, expected);
  });
}
