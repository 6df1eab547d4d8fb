/**
 * Golden listings of `wasmscope objdump` in test/golden/objdump: modules, custom sections of every kind that is known,
 * malformed files, a component; and the card of every byte of fib.wasm. BLESS=1 writes them anew.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { objdump } from '../../cli/objdump.ts';
import { StructureTree } from '../../engine/binary/structure/tree.ts';
import { componentGrammar } from '../../engine/component/structure/sections.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { assembled } from './valid-modules.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-objdump-'));
after(() => rmSync(folder, { recursive: true }));

const input = (name: string) => Uint8Array.from(readFileSync(`test/golden/objdump/inputs/${name}`));

const FIB = Uint8Array.from(readFileSync('examples/fib.wasm'));
const CORE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const COMPONENT = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

const text = (s: string): number[] => {
  const bytes = [...Buffer.from(s)];
  return [bytes.length, ...bytes];
};
function component(source: string): Uint8Array {
  const { bytes, faults } = assembleComponent(parseTree(source));
  assert.deepEqual(
    faults.map(({ message }) => message),
    [],
  );
  return bytes;
}

/** A section of fewer than 16384 bytes. */
const section = (id: number, ...content: number[]): number[] => [
  id,
  (content.length & 0x7f) | 0x80,
  content.length >> 7,
  ...content,
];
const custom = (name: string, ...content: number[]): number[] => section(0, ...text(name), ...content);
const sub = (id: number, ...content: number[]): number[] => [id, content.length, ...content];

const CUSTOMS = [
  ...custom('producers', 1, ...text('language'), 1, ...text('C11'), ...text('')),
  ...custom('target_features', 2, 0x2b, ...text('simd128'), 0x2d, ...text('atomics')),
  ...custom(
    'dylink.0',
    ...sub(1, 8, 2, 0, 0),
    ...sub(2, 1, ...text('libc.so')),
    ...sub(3, 1, ...text('f'), 0),
    ...sub(4, 1, ...text('env'), ...text('g'), 1),
    ...sub(9, 1, 2, 3),
  ),
  ...custom(
    'linking',
    2,
    ...sub(5, 1, ...text('.rodata'), 2, 1),
    ...sub(6, 1, 5, 0),
    ...sub(7, 1, ...text('group'), 0, 1, 1, 0),
    ...sub(8, 4, 0, 0, 0, ...text('main'), 0, 0x10, 1, 1, 0, ...text('table'), 0, 4, 8, 3, 0, 2),
  ),
  ...custom('reloc.CODE', 3, 2, 0, 6, 1, 4, 12, 2, 0x7f),
  ...custom('metadata.code.branch_hint', 1, 0, 1, 5, 1, 1),
  ...custom('sourceMappingURL', ...text('./m.wasm.map')),
  ...custom('external_debug_info', ...text('m.debug.wasm')),
  ...custom('build_id', 4, 0xde, 0xad, 0xbe, 0xef),
  ...custom('.debug_abbrev', 1, 0x11, 1, 0x25, 0x0e, 0x13, 0x21, 0x7f, 0, 0, 0),
  ...custom('.debug_info', 13, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0),
  ...custom('.debug_str', ...Buffer.from('clang\0main.c\0')),
  ...custom(
    'component-type:world',
    ...COMPONENT,
    ...custom('wit-component-encoding', 4, 0),
    ...section(7, 0),
    ...custom('package-docs', 1, ...Buffer.from('{}')),
  ),
  ...custom('unknown', 1, 2, 3),
];

const MODULE = assembled(`(module $m
  (type $pair (sub (struct (field $a i32) (field $b (mut (ref null $pair))))))
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "env" "memory" (memory 1 10))
  (table $t 2 funcref) (table i64 1 2 externref)
  (global $base (mut i32) (i32.const 65536))
  (tag $error (param i64))
  (export "go" (func $go)) (start $init)
  (elem (table $t) (i32.const 0) func $go $malloc) (elem declare funcref (ref.func $go))
  (func $init)
  (func $go (param $n i32) (result i32) (local $p (ref null $pair)) (local i64 i64)
    (block $out
      (br_if $out (i32.eqz (local.get $n)))
      (drop (call $malloc (i32.const 300)))
      (br_table $out 1 (i32.const 0)))
    (local.set $p (struct.new $pair (i32.load offset=8 (local.get $n)) (ref.null $pair)))
    (struct.set $pair $b (local.get $p) (ref.null none))
    (drop (f64.add (f64.const 0.5) (f64.const nan))) (drop (f32.const -1)) (drop (i64.const -5))
    (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.const i64x2 1 2) (v128.const i64x2 3 4)))
    (try_table (catch $error 0) (catch_all 0) (throw $error (i64.const 1)))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))
    (call_indirect $t (param i32) (result i32) (i32.const 1) (i32.const 0)))
  (data (i32.const 1024) "Hello, \\"World\\"\\00") (data $d "abc"))`);

/** A definition of every kind that a component has, and most types. */
const COMPONENT_OF_ALL = component(`(component $c
  (core module $m
    (memory (export "mem") 1)
    (func (export "f") (param i32) (result i32) local.get 0)
    (func (export "g"))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (core type $ct (func (param i32) (result i64)))
  (core type (module (import "a" "b" (func (type 0))) (type (func)) (export "c" (memory 1 2))))
  (type $pair (record (field "x" u32) (field "y" string)))
  (type (variant (case "a") (case "b" u8)))
  (type (list $pair)) (type (tuple bool char)) (type (flags "r" "w")) (type (enum "one" "two"))
  (type (option f32)) (type (result s64 (error string))) (type (result))
  (type $res (resource (rep i32))) (type (own $res)) (type (borrow $res))
  (type (stream u8)) (type (future)) (type $u u32)
  (type (component (import "i" (func (param "p" u32))) (export "e" (type (sub resource)))))
  (import "host" (instance $host
    (alias outer $c $pair (type $p)) (export "p2" (type (eq $p))) (export "log" (func (param "s" string) (result u32)))))
  (import "m" (core module))
  (alias export $host "log" (func $log))
  (alias core export $i "mem" (core memory $mem))
  (alias core export $i "realloc" (core func $realloc))
  (core func $lowered (canon lower (func $log) (memory $mem) (realloc $realloc) string-encoding=utf16))
  (core func (canon resource.drop $res))
  (core instance $exports (export "log" (func $lowered)))
  (func $f (param "n" u32) (result u32) (canon lift (core func $i "f")))
  (component $inner (import "f" (func $f (param "n" u32) (result u32))) (export "again" (func $f)))
  (instance $j (instantiate $inner (with "f" (func $f))))
  (instance (export "f" (func $f)))
  (export "f" (func $f)))`);

/** fib.wasm with the second instruction made one that does not exist, and sections behind it. */
const DAMAGED = Uint8Array.from([...FIB, ...custom('unknown', 1, 2, 3)]);
DAMAGED[0x26] = 0xff;

const LISTINGS: Readonly<Record<string, readonly [bytes: Uint8Array, ...args: string[]]>> = {
  fib: [FIB, '--bytes'],
  module: [MODULE],
  'module-function': [MODULE, '--func', '$go'],
  'module-bytes': [MODULE, '--section', 'code', '--bytes'],
  names: [MODULE, '--section', 'name'],
  customs: [Uint8Array.from([...CORE, ...CUSTOMS])],
  component: [COMPONENT_OF_ALL],
  'module-parts': [MODULE, '-h', '-x', '-d'],
  'component-parts': [COMPONENT_OF_ALL, '-h', '-x'],
  'damaged-parts': [DAMAGED, '-h', '-x', '-d'],
  truncated: [FIB.subarray(0, 0x2a), '--bytes'],
  damaged: [DAMAGED, '--bytes'],
  'long-lebs': [Uint8Array.from([...CORE, 1, 0x84, 0x80, 0, 0x81, 0, 0x60, 0, 0].slice(0, 17)), '--at', '9'],
  'unknown-section': [Uint8Array.from([...CORE, ...section(77, 1, 2, 3), ...section(1, 0)])],
  // inputs/shapes.c by clang 22, as an object file and linked.
  dwarf5: [input('dwarf5.o')],
  dwarf4: [input('dwarf4.wasm')],
  'no-module': [Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
};

for (const [name, [bytes, ...args]] of Object.entries(LISTINGS)) {
  test(`objdump of ${name} ${args.join(' ')}`, () => check(name, listing(name, bytes, args)));
}

test('a card for every byte of fib.wasm', () => {
  check(
    'fib-cards',
    Array.from(FIB, (_, offset) => listing('fib', FIB, ['--at', String(offset)])).join('\n'),
  );
});

/** Instructions of every shape of immediates, and kinds of items, that the other modules do not have. */
const SHAPES = assembled(`(module
  (rec (type $s (struct (field i8))) (type $a (array (mut i16)))) (type $f (func (result i32 i64)))
  (import "m" "t" (table 1 2 funcref)) (import "m" "g" (global i64)) (import "m" "e" (tag))
  (memory $m 1) (memory i64 1 2 shared) (table $t 1 funcref (ref.null func))
  (func (param anyref) (result i32)
    (block (type $f) (i32.const 1) (i64.const 2)) drop drop
    (memory.copy $m $m (i32.const 0) (i32.const 0) (i32.const 0)) (table.copy (i32.const 0) (i32.const 0) (i32.const 0))
    (table.init 1 (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop 1) (data.drop 0)
    (drop (select (result anyref) (local.get 0) (local.get 0) (i32.const 1)))
    (drop (array.new_fixed $a 1 (i32.const 1))) (drop (array.new_data $a 0 (i32.const 0) (i32.const 0)))
    (drop (block (result anyref) (br_on_cast 0 anyref (ref $s) (local.get 0))))
    (drop (ref.test (ref $s) (local.get 0))) (array.copy $a $a (ref.null $a) (i32.const 0) (ref.null $a) (i32.const 0) (i32.const 0))
    (drop (v128.load8_lane 1 (i32.const 0) (v128.const i64x2 1 2))) (drop (i8x16.extract_lane_s 3 (v128.const i64x2 0 0)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 0))) (atomic.fence) (drop (i32.load 1 offset=4294967296 (i64.const 0)))
    (return (i32.const 0)))
  (elem (table $t) (i32.const 0) func 0) (elem funcref (ref.func 0)) (elem declare func 0)
  (data "x") (data (memory 1) (i64.const 0) "y") (@custom "pad" "z"))`);

/** Where the first leaf of each kind is looked for. */
const OF_ALL_KINDS: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['fib', FIB],
  ['module', MODULE],
  ['shapes', SHAPES],
  ['customs', Uint8Array.from([...CORE, ...CUSTOMS])],
  ['component', COMPONENT_OF_ALL],
  ['dwarf4', input('dwarf4.wasm')],
  ['dwarf5', input('dwarf5.o')],
  ['damaged', DAMAGED],
];

test('a card for every kind of leaf', () => {
  const seen = new Set<string>();
  const cards: string[] = [];
  for (const [name, bytes] of OF_ALL_KINDS) {
    const tree = new StructureTree(bytes, componentGrammar);
    for (const { kind, label, form, role, start } of tree.leavesIn(0, bytes.length)) {
      const key = [kind, label.replace(/\d+/g, 'N'), form, role].join(' ');
      if (seen.has(key)) continue;
      seen.add(key);
      cards.push(listing(name, bytes, ['--at', String(start)]));
    }
  }
  check('cards', cards.join('\n'));
});

test('the known custom sections have no leaf of bytes but their data', () => {
  const bytes = Uint8Array.from([...CORE, ...CUSTOMS]);
  const labels = new StructureTree(bytes, componentGrammar)
    .leavesIn(0, bytes.length)
    .filter(({ kind }) => kind === 'bytes' || kind === 'malformed')
    .map(({ label }) => label);
  assert.deepEqual(labels, ['content that is not known', 'value', 'build id', 'content']);
});

/** What the tool prints, with what it says about faults behind it. */
function listing(name: string, bytes: Uint8Array, args: readonly string[]): string {
  const file = path.join(folder, `${name}.wasm`);
  const out = path.join(folder, 'out.txt');
  writeFileSync(file, bytes);
  const { stderr } = process;
  const { write } = stderr;
  let said = '';
  stderr.write = (piece: string | Uint8Array) => {
    said += String(piece);
    return true;
  };
  try {
    const code = objdump([file, '-o', out, ...args]);
    assert.equal(code, said === '' ? 0 : 2);
  } finally {
    stderr.write = write;
  }
  return `${readFileSync(out, 'utf8')}${said}`.replaceAll(folder + path.sep, '');
}

function check(name: string, actual: string): void {
  const file = `test/golden/objdump/${name}.txt`;
  if (process.env.BLESS) writeFileSync(file, actual);
  assert.ok(existsSync(file), `${file} is there (BLESS=1 writes it)`);
  assert.equal(actual, readFileSync(file, 'utf8'), `${file} (BLESS=1 writes it anew)`);
}
