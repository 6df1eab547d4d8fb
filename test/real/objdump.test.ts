/**
 * Headers, details and disassembly of real modules, field by field beside wasm-objdump's (wabt 1.0.32 of Debian, `-h -x -d`).
 *
 * Our listings are written in the peer's notation, line by line, and must be the same lines. Where the peer is known to be
 * wrong, or says less than there is, `PEER` leaves it out, with the reason.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { printHexFloat32, printHexFloat64 } from '../../engine/base/numbers.ts';
import { instrByName } from '../../engine/isa/isa.ts';
import { heapName, typeName } from '../../engine/isa/types.ts';
import { funcTypeAt, type Module } from '../../engine/module/module.ts';
import {
  type CodeLine,
  type Detail,
  entriesOf,
  headersOf,
  linesOf,
} from '../../engine/symbols/binary-listing.ts';
import { codeOf } from '../../engine/symbols/byte-code.ts';
import { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { installed, type PackageName } from '../packages.ts';
import { assembled } from '../unit/valid-modules.ts';

const ALL = Boolean(process.env.WASMSCOPE_TEST_ALL);
const HAS_PEER = spawnSync('wasm-objdump', ['--version']).status === 0;
const NEEDS_PEER = { skip: HAS_PEER ? false : 'no wasm-objdump on the PATH (apt: wabt)' };

const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-peer-'));
after(() => rmSync(folder, { recursive: true }));

const MODULES: readonly (readonly [name: PackageName, file: string, size: 'small' | 'large'])[] = [
  ['source-map', 'lib/mappings.wasm', 'small'],
  ['web-tree-sitter', 'debug/web-tree-sitter.wasm', 'small'],
  ['@wasm-fmt/zig_fmt', 'zig_fmt.wasm', 'small'],
  ['@wasm-fmt/gofmt', 'gofmt.wasm', 'large'],
  ['vscode-oniguruma', 'release/onig.wasm', 'large'],
  ['sql.js', 'dist/sql-wasm.wasm', 'large'],
  ['@jitl/quickjs-wasmfile-release-sync', 'dist/emscripten-module.wasm', 'large'],
];
const EXAMPLES = ['c-hello/hello.wasm', 'rust-words/words.wasm', 'as-primes/primes.wasm'];

/** What the real ones do not have. */
const REST = assembled(`(module (type $t (func (param i32 i64) (result f32 f64)))
  (import "env" "g" (global i64)) (import "env" "t" (table 1 2 externref)) (import "env" "f" (func $imported (type $t)))
  (memory 1 3) (table 2 9 funcref) (table 1 externref)
  (global $f (mut f64) (f64.const 1.5)) (global i64 (i64.const -5)) (global (mut f32) (f32.const -0x1.8p3))
  (func $a (param $p i32) (local f32 f32 i64)
    (block (result i32) i32.const -1) drop (block (type 1) (unreachable)) drop drop
    f32.const nan drop f32.const -0x1.8p3 drop f64.const 1e300 drop f64.const inf drop i64.const -3 drop
    v128.const i32x4 1 2 3 4 drop (br_table 0 0 0 (i32.const 1)))
  (func (param i32)
    (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
    (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 0)) data.drop 1 (table.get 0 (i32.const 0)) drop
    memory.size drop (memory.grow (i32.const 1)) drop ref.null extern drop (ref.func $a) drop
    (i32.const 0) (v128.load8_lane offset=3 1 (i32.const 0) (v128.const i64x2 1 2)) drop drop
    (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3)) drop
    (table.copy (i32.const 0) (i32.const 0) (i32.const 0)) (table.init 1 (i32.const 0) (i32.const 0) (i32.const 0))
    elem.drop 1 (table.grow 1 (ref.null extern) (i32.const 1)) drop (table.size 2) drop
    (call_indirect (param i32 i64) (result f32 f64) (i32.const 1) (i64.const 2) (i32.const 3)) drop drop
    (if (i32.eqz (i32.const 0)) (then nop) (else (return))) (drop (i8x16.extract_lane_s 3 (v128.const i64x2 0 0)))
    (drop (i32.trunc_sat_f64_u (f64.const 0))) (i64.store16 offset=300 align=1 (i32.const 0) (i64.const 1)))
  (elem (i32.const 1) func 0 1) (elem declare func $a)
  (data (i32.const 4) "abc") (data "xyz") (start $run) (func $run) (export "t" (table 0)) (export "g" (global 1)))`);

/** Lines of the peer that ours need not equal; each with the reason. */
const PEER: readonly (readonly [line: RegExp, why: string])[] = [
  [
    /^ {3,}R_WASM_|^ {2}- relocations for/,
    'relocations have lines of their own in our listing of their section',
  ],
  [/^ {2}- [0-9a-f]{7}: /, 'contents of data segments: compared as bytes by their places'],
  [/^ {2}- \[[+=-]\]/, 'prefixes of features: compared below as fields of their section'],
  [/^ {2}- elem\[\d+\]/, 'of segments that are not active it counts on from the offset of the one before'],
  [/^ - module </, 'invents a name of the module from its file'],
  [/^ - (mem_|table_|needed|export_info|import_info)/, 'dylink: its own words for the fields'],
];

/** Parts of lines that are left out on both sides; each with the reason. */
const PARTS: readonly (readonly [part: RegExp, put: string, why: string])[] = [
  [
    /^( - (?!func).*?) <[^>]*>/,
    '$1',
    'names of globals, tables and segments: said in some lines and not in others',
  ],
  [
    /local\[\d+(\.\.\d+)?\]/,
    'locals',
    'indices of locals: counted from the parameters of another function, if there are imports',
  ],
];

function compared(line: string): string {
  return PARTS.reduce((text, [part, put]) => text.replace(part, put), line);
}

interface Listing {
  readonly headers: string[];
  readonly details: string[];
  readonly code: string[];
}

function peerListing(file: string): Listing {
  const { stdout, status, stderr } = spawnSync('wasm-objdump', ['-h', '-x', '-d', file], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  assert.equal(status, 0, stderr);
  const lines = stdout.split('\n');
  const at = (text: string) => lines.indexOf(text);
  const [headers, details, code] = [at('Sections:'), at('Section Details:'), at('Code Disassembly:')];
  return {
    headers: lines.slice(headers + 1, details).filter((line) => line !== ''),
    details: lines
      .slice(details + 1, code)
      .filter((line) => line.startsWith(' ') && !PEER.some(([pattern]) => pattern.test(line)))
      .map(compared),
    code: joined(lines.slice(code + 1).filter((line) => line !== '')),
  };
}

/** Instructions whose bytes take several lines in one; without indentation and names. */
function joined(lines: readonly string[]): string[] {
  const out: string[] = [];
  for (const line of lines) {
    const parts = /^ ([0-9a-f]{6,}): ((?:[0-9a-f]{2} )+) *\| *(.*)$/.exec(line);
    if (!parts) out.push(line.replace(/ <.*>:?$|:$/, ''));
    else if (parts[3] === '' && out.length > 0) {
      const [head, text] = out[out.length - 1].split(' | ');
      out[out.length - 1] = `${head} ${parts[2].trim()} | ${text}`;
    } else out.push(compared(`${parts[1]}: ${parts[2].trim()} | ${withoutName(parts[3])}`));
  }
  return out;
}

function withoutName(text: string): string {
  return text.replace(/ <.*>(?= \(type )/, '').replace(/ <.*>(?=\)?$)/, '');
}

const TITLES: Readonly<Record<string, string>> = {
  element: 'Elem',
  'data count': 'DataCount',
  tag: 'Tag',
};

/** Our listing in the peer's notation. */
function ourListing(inspector: ByteInspector, module: Module): Listing {
  const headers = headersOf(inspector).map(({ name, content, end, count, id }) => {
    const title = id === 0 ? 'Custom' : (TITLES[name] ?? name[0].toUpperCase() + name.slice(1));
    const hex = (n: number) => `0x${n.toString(16).padStart(8, '0')}`;
    const what =
      id === 0
        ? name.slice('custom '.length)
        : id === 8
          ? `start: ${module.start!.funcIdx}`
          : `count: ${id === 12 ? module.dataCount : count}`;
    return `${title.padStart(9)} start=${hex(content)} end=${hex(end)} (size=${hex(end - content)}) ${what}`;
  });
  const { root } = inspector.tree;
  const details = root.children
    .filter(({ kind, index }) => kind === 'section' && index !== 0)
    .flatMap((section) =>
      [...entriesOf(inspector, section)].flatMap((entry) => detailLines(section.label, entry, module)),
    );
  const code: string[] = [];
  for (const { file, node } of codeOf(inspector.bytes, root)) {
    if (node.kind !== 'func') continue;
    const { start, index } = node;
    const size = node.children[0];
    code.push(`${size.end.toString(16).padStart(6, '0')} func[${index}]`);
    assert.equal(start, size.start);
    let local = funcTypeAt(module, module.funcs[index!].typeIdx)!.params.length;
    for (const line of linesOf(inspector, file, node)) {
      const shown = Buffer.from(inspector.bytes.subarray(line.start, line.end)).toString('hex');
      const bytes = shown.match(/../g)!.join(' ');
      let text = '';
      if (line.name === 'local') {
        const [count, type] = line.immediates.map(({ value }) => Number(value));
        text = `local[${count === 1 ? local : `${local}..${local + count - 1}`}] type=${typeName(type)}`;
        local += count;
      } else text = [line.name, ...operands(line)].join(' ');
      code.push(`${line.start.toString(16).padStart(6, '0')}: ${bytes} | ${text}`);
    }
  }
  return { headers, details: details.map(compared), code: code.map(compared) };
}

/** Immediates as the peer writes them. */
function operands({ name, immediates }: CodeLine): string[] {
  const values = immediates.map(({ value }) => value);
  // Of both rows of this keyword only one has immediates.
  const shape = name === 'select' && values.length > 0 ? 'types' : instrByName(name)!.shape;
  switch (shape) {
    case 'i32':
      return [String(Number(values[0]) >>> 0)];
    case 'i64':
      return values.map(String);
    case 'f32':
      return [printHexFloat32(Number(values[0]) | 0)];
    case 'f64': {
      const bits = BigInt(values[0]);
      return [printHexFloat64(Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)))];
    }
    case 'v128': {
      const bits = BigInt(values[0]);
      const words = [0n, 32n, 64n, 96n].map((shift) => BigInt.asUintN(32, bits >> shift));
      return words.map((word) => `0x${word.toString(16).padStart(8, '0')}`);
    }
    case 'lanes': {
      const word = (i: number) =>
        [3, 2, 1, 0].map((k) =>
          Number(values[4 * i + k])
            .toString(16)
            .padStart(2, '0'),
        );
      return [0, 1, 2, 3].map((i) => `0x${word(i).join('')}`);
    }
    case 'block': {
      const [{ label, value }] = immediates;
      if (label === 'block type' && value === 0x40) return [];
      return typeof value === 'number' && value >= 0x40 ? [typeName(value)] : [`type[${value}]`];
    }
    case 'labels':
      return values.slice(1).map(String);
    case 'types':
      return values.slice(1).map((type) => typeName(Number(type)));
    case 'heap':
      return [heapName(Number(values[0]))];
    case 'tableType':
      return [String(values[1]), `(type ${values[0]})`];
    default:
      return values.map(String);
  }
}

/** The lines that the peer has for an entry; none for those that it does not list. */
function detailLines(section: string, entry: Detail, module: Module): string[] {
  const idx = Number(/ (\d+)(?: |$)/.exec(entry.title)?.[1] ?? 0);
  const field = (title: string): Detail | undefined => entry.fields?.find((one) => one.title === title);
  const raw = (title: string) => Number(field(title)?.raw);
  const named = (space: 'func' | 'global' | 'table' | 'memory', i: number): string => {
    const name = module.names.given(space, i) ?? peerName(module, space, i);
    return name === undefined ? '' : ` <${name}>`;
  };
  switch (section) {
    case 'type': {
      const types = (title: string) =>
        entry.fields!.filter((one) => one.title === title).map(({ value }) => value);
      const results = types('result');
      const shown =
        results.length === 0 ? 'nil' : results.length === 1 ? results[0] : `(${results.join(', ')})`;
      return [` - type[${idx}] (${types('parameter').join(', ')}) -> ${shown}`];
    }
    case 'import': {
      const { kind, idx: item } = module.imports[idx];
      const from = ` <- ${field('module')!.raw}.${field('name')!.raw}`;
      assert.equal(field('kind')!.meaning, kind);
      const names = kind === 'func' || kind === 'global' ? named(kind, item) : '';
      if (kind === 'func') return [` - func[${item}] sig=${raw('type index')}${names}${from}`];
      if (kind === 'global') return [` - global[${item}] ${globalText(entry)}${names}${from}`];
      return [
        ` - ${kind}[${item}] ${kind === 'memory' ? 'pages:' : `type=${field('element type')!.value}`} ${limitsText(entry)}${from}`,
      ];
    }
    case 'function':
      return [` - func[${idx}] sig=${raw('type index')}${named('func', idx)}`];
    case 'table':
      return [
        ` - table[${idx}] type=${field('element type')!.value} ${limitsText(entry)}${named('table', idx)}`,
      ];
    case 'memory':
      return [` - memory[${idx}] pages: ${limitsText(entry)}`];
    case 'global':
      return [
        ` - global[${idx}] ${globalText(entry)}${named('global', idx)} - init ${constantText(field('initial value')!, module)}`,
      ];
    case 'export': {
      const { kind, idx: item } = module.exports[idx];
      assert.equal(field('kind')!.meaning, kind);
      assert.equal(entry.fields!.at(-1)!.raw, item);
      const name = kind === 'memory' ? '' : named(kind as 'func', item);
      return [` - ${kind}[${item}]${name} -> "${field('name')!.raw}"`];
    }
    case 'start':
      return [` - start function: ${entry.raw}${named('func', Number(entry.raw))}`];
    case 'data count':
      return [` - data count: ${entry.raw}`];
    case 'element': {
      const flags = raw('flags');
      const table = flags & 2 && !(flags & 1) ? raw('table index') : 0;
      const at = field('offset');
      const init = at ? ` - init ${constantText(at, module)}` : '';
      const elements = entry.fields!.filter(({ title }) => title === 'function index' || title === 'element');
      assert.equal(elements.length, raw('count of elements'));
      return [` - segment[${idx}] flags=${flags} table=${table} count=${elements.length}${init}`];
    }
    case 'code':
      return [
        ` - func[${idx}] size=${module.funcs[idx].body!.range.end - module.funcs[idx].body!.range.start}${named('func', idx)}`,
      ];
    case 'data': {
      const name = module.names.given('data', idx);
      const at = field('offset');
      const how = raw('flags') === 1 ? 'passive' : `memory=${field('memory index')?.raw ?? 0}`;
      const init = at ? ` - init ${constantText(at, module)}` : '';
      return [
        ` - segment[${idx}]${name === undefined ? '' : ` <${name}>`} ${how} size=${raw('size')}${init}`,
      ];
    }
    default:
      return [];
  }
}

/** Without a name section, imports are called by both of their names, exports by theirs: the last export wins. */
function peerName(
  module: Module,
  space: 'func' | 'global' | 'table' | 'memory',
  idx: number,
): string | undefined {
  const exported = module.exports.findLast((item) => item.kind === space && item.idx === idx);
  const from = module.imports.find((item) => item.kind === space && item.idx === idx);
  return from ? `${from.module}.${from.name}` : exported?.name;
}

function globalText({ fields }: Detail): string {
  const find = (title: string) => fields!.find((one) => one.title === title)!;
  return `${find('value type').value} mutable=${find('mutability').raw}`;
}

function limitsText({ fields }: Detail): string {
  const find = (start: string) => fields!.find(({ title }) => title.startsWith(start))?.raw;
  const max = find('maximum');
  return `initial=${find('minimum')}${max === undefined ? '' : ` max=${max}`}`;
}

/** A constant expression of one instruction. */
function constantText({ fields }: Detail, module: Module): string {
  const [{ title, fields: own = [] }] = fields!;
  const operand = own.at(-1)!;
  switch (title) {
    case 'i32.const':
      return `i32=${Number(operand.raw) | 0}`;
    case 'i64.const':
      return `i64=${operand.raw}`;
    case 'f32.const':
      return `f32=${printHexFloat32(Number(operand.raw) | 0)}`;
    case 'f64.const': {
      const bits = BigInt(operand.raw!);
      return `f64=${printHexFloat64(Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)))}`;
    }
    default: {
      const idx = Number(operand.raw);
      const name = module.names.given('global', idx) ?? peerName(module, 'global', idx);
      return `global=${idx}${name === undefined ? '' : ` <${name}>`}`;
    }
  }
}

function check(file: string): number {
  const inspector = new ByteInspector(new Uint8Array(readFileSync(file)));
  const module = inspector.moduleOf(inspector.tree.root)!;
  const peer = peerListing(file);
  const ours = ourListing(inspector, module);
  assert.deepEqual(ours.headers, peer.headers);
  // Lines of the name section and of other custom sections follow the sections that we compare.
  const known = (line: string) => ourKinds.test(line);
  assert.deepEqual(ours.details, peer.details.filter(known).slice(0, ours.details.length));
  for (let i = 0; i < Math.max(ours.code.length, peer.code.length); i++) {
    if (ours.code[i] !== peer.code[i])
      assert.equal(ours.code[i], peer.code[i], `line ${i} of the disassembly`);
  }
  return ours.headers.length + ours.details.length + ours.code.length;
}

const ourKinds =
  /^ - (type\[\d+\] \(|func\[\d+\] (sig|size|<.*> ->|->)|func\[\d+\]( <.*>)? -> |(table|memory|global)\[\d+\].*( |=|->)|start|data count|segment)/;

for (const [name, file, size] of MODULES) {
  const why = HAS_PEER ? 'large: npm run test:all' : String(NEEDS_PEER.skip);
  const found = HAS_PEER && (ALL || size === 'small') ? installed(name) : { why };
  test(`${name}/${file}`, { skip: 'why' in found ? found.why : false }, (t) => {
    if ('why' in found) return;
    t.diagnostic(`${check(path.join(found.folder, file))} lines agree`);
  });
}

for (const example of EXAMPLES) {
  test(example, NEEDS_PEER, (t) => t.diagnostic(`${check(path.join('examples', example))} lines agree`));
}

test('what the real ones do not have', NEEDS_PEER, () => {
  const file = path.join(folder, 'rest.wasm');
  writeFileSync(file, REST);
  check(file);
});
