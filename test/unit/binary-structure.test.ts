/**
 * The byte-structure tree: leaves tile every file, good or damaged; bodies have the decoder's instructions; what is
 * malformed says so in the suite's words, and what is behind it is decoded all the same.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { instrReader } from '../../engine/binary/instr.ts';
import { encodeLeaf } from '../../engine/binary/structure/encode.ts';
import { lebOf } from '../../engine/binary/structure/leb.ts';
import type { ByteNode } from '../../engine/binary/structure/node.ts';
import { StructureTree } from '../../engine/binary/structure/tree.ts';
import type { Module } from '../../engine/module/module.ts';
import { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { binaryBytes, type Command, parseScript } from '../../engine/text/script.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { bytesOfText } from '../fuzz/compare.ts';
import { generateModule } from '../fuzz/generate.ts';
import { damageBytes } from '../fuzz/mutate.ts';
import { randomFrom } from '../fuzz/random.ts';
import { suiteFiles, suiteFolder } from '../spec/suite.ts';
import { assembled } from './valid-modules.ts';

const SUITE = suiteFolder();
const NEEDS_SUITE = { skip: SUITE ? false : 'no test suite: set WASMSCOPE_SPEC_TESTSUITE' };
const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const SCALE = process.env.WASMSCOPE_TEST_ALL ? 50 : 1;

/** Throws if children do not tile their parents, down to the leaves. Gives the leaves. */
function tiled(bytes: Uint8Array): ByteNode[] {
  const leaves: ByteNode[] = [];
  const check = (node: ByteNode): void => {
    if (node.isLeaf) {
      leaves.push(node);
      if (node.kind === 'malformed') assert.ok(node.fault, 'what is malformed says why');
      return;
    }
    let at = node.start;
    for (const child of node.children) {
      assert.equal(child.start, at, `${node.label} › ${child.label} begins where the one before ends`);
      assert.ok(child.end > child.start || child.end === node.end, `${child.label} has bytes`);
      at = child.end;
      check(child);
    }
    assert.equal(at, node.end, `the children of ${node.kind} ${node.label} fill it`);
  };
  const { root } = new StructureTree(bytes);
  assert.deepEqual([root.start, root.end], [0, bytes.length]);
  check(root);
  return leaves;
}

/** What is no field and no data: nothing of a well-formed module. */
function malformedIn(leaves: readonly ByteNode[]): string[] {
  return leaves
    .filter(({ kind }) => kind === 'malformed')
    .map(({ fault, start }) => `${fault!.message} @${start}`);
}

function decoded(bytes: Uint8Array): Module | string {
  try {
    const module = decode(bytes);
    const reader = instrReader(module);
    for (const { body } of module.funcs) {
      if (!body) continue;
      reader.startBody(body.codeStart, body.range.end);
      while (reader.next());
    }
    return module;
  } catch (error) {
    if (error instanceof WasmError) return error.message;
    throw error;
  }
}

/** Instructions of all bodies and expressions of the tree, by offset. */
function instructionsOf(bytes: Uint8Array): string[] {
  const found: string[] = [];
  new StructureTree(bytes).visit(0, bytes.length, (node) => {
    if (node.kind === 'expr') return false;
    if (node.kind === 'instruction') found.push(`${node.start}-${node.end}`);
    return node.kind !== 'instruction';
  });
  return found;
}

function decoderInstructions(module: Module): string[] {
  const found: string[] = [];
  const reader = instrReader(module);
  for (const { body } of module.funcs) {
    if (!body) continue;
    reader.startBody(body.codeStart, body.range.end);
    while (reader.next()) found.push(`${reader.offset}-${reader.pos}`);
  }
  return found;
}

function* suiteBinaries(): Generator<readonly [at: string, bytes: Uint8Array]> {
  for (const file of suiteFiles(SUITE!)) {
    const script = readFileSync(path.join(SUITE!, file), 'utf8');
    const tree = parseTree(script);
    const commands: Command[] = [...parseScript(tree).commands];
    for (const command of commands) {
      if (!('module' in command) || typeof command.module !== 'object') continue;
      const { module } = command;
      if (module.source === 'quote') continue;
      const text = script.slice(module.span.start, module.span.end);
      yield [
        `${file}:${script.slice(0, command.span.start).split('\n').length}`,
        module.source === 'binary' ? binaryBytes(tree, module) : assemble(parseTree(text)).bytes,
      ];
    }
  }
}

/** Every fault of a tree, innermost first; the decoder's own words. */
function faultsIn(bytes: Uint8Array): string[] {
  const faults = new Set<string>();
  const walk = (node: ByteNode): void => {
    for (const child of node.children) walk(child);
    if (node.fault) faults.add(node.fault.message);
  };
  walk(new StructureTree(bytes).root);
  return [...faults];
}

/** What no section says about itself: only a whole module has these faults, and cards have them from the decoder. */
const OF_THE_WHOLE =
  /^(function and code section|data count and data section) have inconsistent|^data count section required/;

/** Where the suite's decoder reads on across the end of a section, and so sees another fault than we at that end. */
const READS_ON = /binary-leb128\.wast:(217|225|347|525|533|541|550)$|binary\.wast:(737|716|458|44)$/;

test(
  'every binary of the suite is tiled, and has faults exactly if it is malformed, in its words',
  NEEDS_SUITE,
  (t) => {
    let count = 0;
    const wrong: string[] = [];
    for (const [at, bytes] of suiteBinaries()) {
      count++;
      const malformed = malformedIn(tiled(bytes));
      const module = decoded(bytes);
      if (typeof module === 'string') {
        if (OF_THE_WHOLE.test(module)) continue;
        const [first = 'nothing'] = faultsIn(bytes);
        if (first !== module && !READS_ON.test(at))
          wrong.push(`${at}: "${module}" is expected, found "${first}"`);
        continue;
      }
      if (malformed.length > 0) wrong.push(`${at}: ${malformed.join(', ')}`);
      assert.deepEqual(instructionsOf(bytes), decoderInstructions(module), at);
    }
    assert.deepEqual(wrong, []);
    assert.ok(count > 4000, `${count} binaries`);
    t.diagnostic(`${count} binaries`);
  },
);

const DWARF = ['dwarf4.wasm', 'dwarf5.o'].map(
  (name) => new Uint8Array(readFileSync(`test/golden/objdump/inputs/${name}`)),
);

test(`damaged binaries are tiled, and every byte has a card, seed ${SEED}`, () => {
  const generated = Array.from({ length: 12 }, (_, k) => bytesOfText(generateModule((SEED + k) >>> 0)));
  const modules = [...generated, ...DWARF, ...DWARF, ...DWARF];
  for (let k = 0; k < 150 * SCALE; k++) {
    const random = randomFrom(SEED + k);
    const bytes = damageBytes(random.pick(modules), random);
    try {
      tiled(bytes);
      const inspector = new ByteInspector(bytes);
      for (let n = 0; n < 20; n++) {
        const offset = random.below(bytes.length);
        const card = inspector.at(offset)!;
        assert.ok(card.start <= offset && offset < card.end);
      }
    } catch (error) {
      throw new Error(`case ${k}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
  }
});

test('values and lengths give the bytes back; nothing but data is raw', NEEDS_SUITE, () => {
  const raw = new Set<string>();
  for (const [at, bytes] of suiteBinaries()) {
    if (typeof decoded(bytes) === 'string') continue;
    for (const leaf of new StructureTree(bytes).leavesIn(0, bytes.length)) {
      const again = encodeLeaf(leaf);
      if (!again) raw.add(leaf.label);
      else
        assert.deepEqual(
          [...again],
          [...bytes.subarray(leaf.start, leaf.end)],
          `${at}: ${leaf.label} at ${leaf.start}`,
        );
    }
  }
  assert.deepEqual([...raw].sort(), ['content', 'data', 'value']);
});

test('what is asked for is what is opened', () => {
  const bytes = assembled('(module (func nop) (func nop) (data "x"))');
  const tree = new StructureTree(bytes);
  const opened: string[] = [];
  const look = (node: ByteNode): void => {
    if (!node.isOpen) return;
    opened.push(node.label);
    node.children.forEach(look);
  };
  const [file, section, func, ...rest] = tree.nodeAt(bytes.indexOf(0x01, bytes.indexOf(0x0a) + 4));
  assert.deepEqual([file.label, section.label, func.label, func.index], ['module', 'code', 'func', 0]);
  assert.ok(rest.length > 0);
  look(tree.root);
  assert.deepEqual(opened.slice(0, 3), ['module', 'code', 'func']);
  assert.equal(opened.filter((label) => label === 'func').length, 1);
  assert.ok(!opened.includes('data'));
});

test('components in components, deeper than any real one', () => {
  let nested = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
  for (let n = 0; n < 3000; n++) {
    const size = nested.length;
    const leb = [(size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, (size >> 14) & 0x7f];
    nested = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 4, ...leb, ...nested];
  }
  const bytes = Uint8Array.from(nested);
  const leaves = tiled(bytes);
  assert.deepEqual(malformedIn(leaves), []);
  assert.equal(leaves.at(-1)!.label, 'component, nested too deep to be taken apart');
  assert.equal(new StructureTree(bytes).leavesIn(0, bytes.length).length, leaves.length);
  assert.ok(new ByteInspector(bytes).at(bytes.length - 1)!.path.length > 200);
});

test('a file that is cut off anywhere is known up to there, and says so', () => {
  for (const whole of [
    ...DWARF,
    assembled('(module (import "m" "f" (func)) (func $f nop) (data "abc") (memory 1))'),
  ]) {
    for (let n = 9; n < whole.length; n += 1 + (n >> 4)) {
      const bytes = whole.subarray(0, n);
      const leaves = tiled(bytes);
      const section = new StructureTree(whole).nodeAt(n - 1).find(({ kind }) => kind === 'section')!;
      // In front of the section that is cut everything is as it was.
      const before = leaves.filter(({ end }) => end <= section.start);
      assert.deepEqual(
        before.map(({ label, start }) => `${start} ${label}`),
        new StructureTree(whole).leavesIn(0, section.start).map(({ label, start }) => `${start} ${label}`),
      );
      if (section.end !== n && section.start !== n) {
        assert.ok(faultsIn(bytes).length > 0, `cut at ${n}`);
      }
    }
  }
});

test('in the code section decoding goes on at the next function', () => {
  const bytes = assembled('(module (func i32.const 1 drop) (func nop nop) (func i64.const 2 drop))');
  const [first, second, third] = [0, 1, 2].map((idx) => {
    const found: ByteNode[] = [];
    new StructureTree(bytes).visit(0, bytes.length, (node) => {
      if (node.kind === 'func' && node.index === idx) found.push(node);
      return true;
    });
    return found[0];
  });
  const broken = Uint8Array.from(bytes);
  broken[second.start + 2] = 0xff;
  const inspector = new ByteInspector(broken);
  assert.equal(inspector.at(second.start + 2)!.fault!.message, 'illegal opcode ff');
  assert.equal(inspector.at(second.start + 2)!.kind, 'malformed');
  assert.equal(inspector.at(first.start + 2)!.instruction!.name, 'i32.const');
  assert.equal(inspector.at(third.start + 2)!.instruction!.name, 'i64.const');
});

test('entries of debugging information in entries, deeper than any real ones', () => {
  const custom = (name: string, content: readonly number[]) => {
    const all = [name.length, ...Buffer.from(name), ...content];
    return [0, (all.length & 0x7f) | 0x80, all.length >> 7, ...all];
  };
  const deep = 300;
  const unit = [4, 0, 0, 0, 0, 0, 4, ...Array(deep).fill(1), ...Array(deep).fill(0)];
  const bytes = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...custom('.debug_abbrev', [1, 0x34, 1, 0, 0, 0]),
    ...custom('.debug_info', [unit.length & 0xff, unit.length >> 8, 0, 0, ...unit]),
  ]);
  const leaves = tiled(bytes);
  assert.deepEqual(malformedIn(leaves), []);
  assert.equal(leaves.filter(({ label }) => label === 'abbreviation code').length, deep);
  assert.equal(leaves.filter(({ label }) => label === 'end of the entries').length, deep);
});

test('of a malformed module all sections that are well-formed are known', () => {
  const bytes = assembled(`(module (import "m" "f" (func $f (param i32))) (global $g i64 (i64.const 1))
    (func $h (param f32) (call $f (i32.const 1)) (drop (global.get $g))) (data "abc") (export "e" (func $h)))`);
  const sectionOf = (label: string) =>
    new StructureTree(bytes).root.children.find((node) => node.label === label)!;
  const withCount = (label: string) => {
    const broken = Uint8Array.from(bytes);
    broken[sectionOf(label).start + 2] = 0x55;
    return new ByteInspector(broken);
  };
  const inspector = withCount('export');
  assert.equal(inspector.firstFault()!.phase, 'malformed');
  const call = bytes.indexOf(0x10, sectionOf('code').start);
  const card = inspector.at(call + 1)!;
  assert.deepEqual(card.meaning, ['$f : (i32) → (), import "m" "f"']);
  assert.deepEqual(
    card.path.map(({ title }) => title),
    ['module', 'code', 'func 1 $h', 'call', 'function index'],
  );
  assert.equal(card.instruction!.stack, undefined);
  // Which function has which index is not known without the imports.
  assert.deepEqual(withCount('import').at(call + 1)!.meaning, []);
});

test('an instruction that validation refuses says why', () => {
  const bytes = assembled('(module (func (result i32) i64.const 1 i32.eqz))');
  const inspector = new ByteInspector(bytes);
  const eqz = bytes.indexOf(0x45);
  assert.equal(
    inspector.at(eqz)!.fault!.message,
    'type mismatch: instruction requires [i32] but stack has [i64] (i32.eqz)',
  );
  assert.deepEqual(inspector.at(eqz)!.instruction!.stack, { before: '[i64]', reachable: true });
  assert.equal(inspector.at(eqz - 1)!.fault, undefined);
  assert.equal(inspector.at(eqz + 1)!.fault, undefined);
});

test('leaves of a range', () => {
  const bytes = assembled('(module (func i32.const 5 drop))');
  const tree = new StructureTree(bytes);
  const all = tree.leavesIn(0, bytes.length);
  for (let start = 0; start < bytes.length; start++) {
    for (let end = start; end <= bytes.length; end++) {
      const expected = all.filter((leaf) => leaf.start < end && leaf.end > start).map((leaf) => leaf.start);
      assert.deepEqual(
        tree.leavesIn(start, end).map((leaf) => leaf.start),
        end > start ? expected : [],
      );
    }
  }
  assert.deepEqual(tree.nodeAt(-1), []);
  assert.deepEqual(tree.nodeAt(bytes.length), []);
});

test('long bodies and long lists are in parts, and the parts change nothing', () => {
  const n = 5000;
  const elements = '0 '.repeat(n);
  const bytes = assembled(
    `(module (table ${n} funcref) (func $f ${'i32.const 1 drop '.repeat(n)}) (elem (i32.const 0) func ${elements}))`,
  );
  const leaves = tiled(bytes);
  assert.deepEqual(malformedIn(leaves), []);
  assert.deepEqual(instructionsOf(bytes), decoderInstructions(decode(bytes)));
  assert.ok(new StructureTree(bytes).nodeAt(bytes.length - 100).some(({ kind }) => kind === 'part'));
});

test('a fault ends its section, and the next one is decoded', () => {
  const good = assembled('(module (type (func)) (memory 1) (export "m" (memory 0)))');
  const bytes = Uint8Array.from(good);
  bytes[11] = 0x33; // where the type begins
  const tree = new StructureTree(bytes);
  const [malformed] = tree.leavesIn(0, bytes.length).filter(({ kind }) => kind === 'malformed');
  assert.equal(malformed.start, 11);
  assert.equal(malformed.fault!.message, 'malformed definition type');
  assert.equal(tree.nodeAt(bytes.length - 1).at(-1)!.label, 'memory index');
});

const LEBS: readonly (readonly [hex: string, form: 'u32' | 's32' | 's64', needed: number])[] = [
  ['00', 'u32', 1],
  ['8000', 'u32', 1],
  ['ff00', 'u32', 1],
  ['8001', 'u32', 2],
  ['ffffffff0f', 'u32', 5],
  ['8080808000', 'u32', 1],
  ['7f', 's32', 1],
  ['ff7f', 's32', 1],
  ['ff00', 's32', 2],
  ['bf7f', 's32', 2],
  ['c07f', 's32', 1],
  ['ffffffff7f', 's32', 1],
  ['8080808078', 's32', 5],
  ['ffffffffffffffffff7f', 's64', 1],
];

for (const [hex, form, needed] of LEBS) {
  test(`LEB128 ${form} ${hex} needs ${needed}`, () => {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    const leb = lebOf(bytes, 0, bytes.length, form)!;
    assert.equal(leb.needed, needed);
    assert.equal(leb.groups.length, bytes.length);
    assert.deepEqual(
      leb.groups.map(({ more }) => more),
      [...bytes].map((_, i) => i + 1 < bytes.length),
    );
  });
}
