/**
 * The command line as its users have it: the built file in a process of its own; exit codes, both output streams.
 */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { parseArguments } from '../../cli/arguments.ts';
import { UsageError } from '../../cli/failure.ts';
import { faultReport, printable } from '../../cli/report.ts';

const CLI = path.resolve('dist/wasmscope.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope cli #'));
after(() => rmSync(folder, { recursive: true }));

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'empty.wat': '',
  'empty.wasm': '',
  'text.wasm': '(module)',
  'truncated.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f),
  'bad-utf8.wat': Uint8Array.of(0x28, 0xff, 0xfe, 0x29),
  'syntax.wat': '(module\n  (func (export "f")\n    (local.get $nope)))\n',
  'types.wat': '(module\n  (func (export "f") (result i32)\n    i64.const 1))\n',
  'bad-names.wat': '(module (func nop) (@custom "name" "\\01\\05\\01\\00"))',
  'customs.wat': '(module (@custom "x" "y") (memory 1) (data "z") (@datacount))',
  'component.wat': '(component (type (record (field "x" u32))))',
  'bom.wat': '\uFEFF(module (func (export "f") (result i32) (i32.const 7)))',
  'start.wat': '(module (func (export "_start")) (func (export "f") (result i32) (i32.const 1)))',
  'many.wat': '(module (func (export "a") (param i32)) (func (export "b")) (func (export "c")))',
  'values.wat': `(module
    (func (export "i32") (param i32) (result i32) (local.get 0))
    (func (export "i64") (param i64) (result i64) (local.get 0))
    (func (export "f32") (param f32) (result f32) (local.get 0))
    (func (export "f64") (param f64) (result f64) (local.get 0))
    (func (export "none")))`,
  'hostile.wat': '(module (func (export "\\1b[31mred\\07") (unreachable)))',
  'throws.wat': '(module (import "m" "f" (func $f)) (func (export "g") (call $f)))',
  'throws.mjs': 'export default { m: { f() { throw new TypeError("from JavaScript"); } } };',
  'broken.mjs': 'export default {',
  'good.wast':
    '(module (func (export "f") (result i32) (i32.const 1)))\n(assert_return (invoke "f") (i32.const 1))\n',
  'messy.wat': '\uFEFF(module\n(func ;; here\nnop))',
  'tidy.wat': '(module)\n',
  'messy.wit': 'package a:b;\ninterface i{ // here\nf:func( x:u8 ) ;\n}',
  'syntax.wit': 'package a:b;\ninterface i {\n  f func();\n}\n',
  'names.wit': 'package a:b;\ninterface i {\n  f: func(x: t);\n}\n',
  'world.wat': '(component (import "f" (func (param "x" (option string)))))',
  'asks.wat': `(component (import "a:b/c@1.0.0" (instance (export "g" (func (param "x" u8)))))
    (core module $m (func (export "f")))
    (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f"))))`,
  'unreachable.wat': `(component
    (core module $m (func (export "f")
                     unreachable))
    (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f"))))`,
  'bad-world.wat': '(component\n  (import "f" (func $f)) (export "g_" (func $f)))',
  'old.wast': '(assert_invalid (module (memory 0) (memory 0)) "multiple memories")\n',
  'bad.wast': '(module)\n(assert_return (invoke "f"))\n(assert_invalid (module) "type mismatch")\n',
};
for (const [name, content] of Object.entries(FILES)) writeFileSync(path.join(folder, name), content);

function wasmscope(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const example = (name: string) => path.resolve('examples', name);

/** Arguments, exit code, standard output, and what standard error begins with or matches (nothing: it is empty). */
const CASES: readonly (readonly [
  args: readonly string[],
  status: number,
  stdout: string | RegExp,
  stderr?: string | RegExp,
])[] = [
  [['run', example('fib.wasm'), '--invoke', 'fib', '10'], 0, '89\n'],
  [['run', example('fib.wat'), '--invoke', 'fib', '10'], 0, '89\n'],
  [['run', '--invoke', 'fib', example('fib.wat'), '10'], 0, '89\n'],
  [['run', '--invoke', 'fib'], 2, '', 'wasmscope: run what?'],
  [['run', example('memory.wat')], 0, '3515\n'],
  [['run', example('tables.wat'), '--invoke', 'calculate', '2', '7', '6'], 0, '42\n'],
  [['run', example('gc.wat')], 0, '39.81637061435917\n'],
  [['run', example('simd.wat'), '--invoke', 'main'], 0, '204\n'],
  [['run', example('loop.wat'), '--invoke', 'gcd', '1071', '462'], 0, '21\n'],
  [
    ['run', example('imports.wat'), '--imports', example('host.mjs'), '--invoke', 'main'],
    0,
    'hello from wasm\n402\n',
  ],
  [['run', example('tests.wast')], 2, '', /\n {2}note: `wasmscope wast` runs the commands of scripts\n$/],
  [
    ['run', '--max-heap-size', '1K', example('gc.wat')],
    1,
    '',
    /note: the program's objects take \d+ bytes, 1 KiB are allowed\n/,
  ],
  [['run', 'start.wat'], 0, ''],
  [['run', 'bom.wat'], 0, '7\n'],
  [['run', 'values.wat', '--invoke', 'i32', '-1'], 0, '-1\n'],
  [['run', 'values.wat', '--invoke', 'i32', '0xffff_ffff'], 0, '-1\n'],
  [['run', 'values.wat', '--invoke', 'i64', '-9223372036854775808'], 0, '-9223372036854775808\n'],
  [['run', 'values.wat', '--invoke', 'f32', '0.1'], 0, '0.1\n'],
  [['run', 'values.wat', '--invoke', 'f64', 'nan:0x4000000000001'], 0, 'nan:0x4000000000001\n'],
  [['run', 'values.wat', '--invoke', 'f64', '-inf'], 0, '-inf\n'],
  [['run', 'values.wat', '--invoke', 'none'], 0, ''],
  // The program's own failures.
  [
    ['run', example('trap.wat'), '--invoke', 'unreachable'],
    1,
    '',
    `${example('trap.wat')}:33:5: unreachable\n`,
  ],
  [
    ['run', example('trap.wat'), '--invoke', 'out_of_bounds'],
    1,
    '',
    `${example('trap.wat')}:13:50: out of bounds memory access\n`,
  ],
  [['run', example('fib.wasm'), '--invoke', 'fib', '-1'], 1, '', `${example('fib.wasm')}: `],
  [['run', 'throws.wat', '--imports', 'throws.mjs', '--invoke', 'g'], 1, '', 'throws.wat'],
  // Bad input.
  [['run', 'empty.wat'], 2, '', 'empty.wat: the file is empty\n'],
  [['run', 'empty.wasm'], 2, '', 'empty.wasm: the file is empty\n'],
  [['run', 'text.wasm'], 2, '', 'text.wasm: magic header not detected'],
  [['run', 'truncated.wasm'], 2, '', 'truncated.wasm: offset 0x'],
  [['run', 'bad-utf8.wat'], 2, '', 'bad-utf8.wat: malformed UTF-8 encoding\n'],
  [['run', 'nowhere.wat'], 2, '', 'nowhere.wat: no such file\n'],
  [['run', example('imports.wat'), '--imports', 'nowhere.mjs'], 2, '', 'nowhere.mjs: no such file\n'],
  [['run', '.'], 2, '', '.: is a directory, not a file\n'],
  [['run', 'syntax.wat'], 2, '', 'syntax.wat:3:16: unknown local $nope\n'],
  [['run', 'types.wat'], 2, '', 'types.wat:3:'],
  [['run', 'throws.wat', '--invoke', 'g'], 2, '', 'throws.wat:1:'],
  [['run', 'throws.wat', '--imports', 'broken.mjs', '--invoke', 'g'], 2, '', 'broken.mjs: '],
  [['run', 'throws.wat', '--imports', 'nowhere.mjs', '--invoke', 'g'], 2, '', 'nowhere.mjs: '],
  [['run', 'many.wat'], 2, '', 'many.wat: say which function to run with --invoke'],
  [['run', 'values.wat', '--invoke', 'nope'], 2, '', 'values.wat: unknown export "nope"'],
  [['run', 'values.wat', '--invoke', 'i32'], 2, '', 'values.wat: wrong number of arguments'],
  [['run', 'values.wat', '--invoke', 'i32', '1', '2'], 2, '', 'values.wat: wrong number of arguments'],
  [['run', 'values.wat', '--invoke', 'i32', '1.5'], 2, '', 'values.wat: '],
  // Validate, parse, print.
  [['validate', example('fib.wasm'), example('fib.wat'), 'many.wat'], 0, ''],
  [['validate', 'types.wat', 'start.wat'], 2, '', 'types.wat:3:'],
  [['validate', 'truncated.wasm'], 2, '', 'truncated.wasm: offset 0x'],
  [
    ['validate', 'bad-names.wat'],
    0,
    '',
    'bad-names.wat:1:20: warning: @name section: length out of bounds\n',
  ],
  [['validate', 'nowhere.wat'], 2, '', 'nowhere.wat: no such file\n'],
  [['validate'], 2, '', 'wasmscope: validate what?\n'],
  [['parse', 'types.wat', '--no-names'], 0, /^\0asm/],
  [['parse', 'syntax.wat'], 2, '', 'syntax.wat:3:16: unknown local $nope\n'],
  [['parse', 'start.wat', '-o', 'nowhere/out.wasm'], 2, '', 'nowhere/out.wasm: '],
  [['print', example('fib.wasm')], 0, /^\(module\n {2}\(type \(;0;\) .*\n {2}\(func \$fib /],
  [['print', example('fib.wasm'), '--func', '$fib', '--folded'], 0, /^\(func \$fib [\s\S]*\(i32\.add\n/],
  [['print', example('fib.wasm'), '--func', '0', '--offsets'], 0, /\n\(;0x0022;\) {3}local\.get 0\n/],
  [['print', example('fib.wasm'), '--no-names'], 0, /\n {2}\(func \(;0;\)/],
  [['print', 'types.wat'], 0, /i64\.const 1/],
  [
    ['print', '--plan', example('components/start-order.wat')],
    0,
    /^\$start-order\n {2}1\. \$trace, instance of \$Trace\n[\s\S]*\n {6}a = \$a: started\n {6}runs \$start\n$/,
  ],
  [['print', 'customs.wat'], 0, /@custom "x" "y"[\s\S]*\(@datacount\)/],
  [['print', 'customs.wat', '--no-customs'], 0, /^[^@]*$/],
  [
    ['print', example('fib.wasm'), '--func', '1'],
    2,
    '',
    'wasmscope: no function 1: the module has 1 function',
  ],
  [['objdump', example('fib.wasm')], 0, /: module, 61 bytes\n\nsections\n[\s\S]* func 0 \$fib, 29 bytes\n$/],
  [['objdump', 'customs.wat'], 0, /custom "x"\n/],
  [['objdump', example('fib.wasm'), '--func', '$fib'], 0, /\n0x0031 {2}10 00 +call 0 → \$fib : /],
  [
    ['objdump', example('fib.wasm'), '--section', 'start'],
    2,
    '',
    'wasmscope: no section start: there are type, ',
  ],
  [['objdump', example('fib.wasm'), '--func', 'nope'], 2, '', 'wasmscope: no function nope with code'],
  [
    ['objdump', example('fib.wasm'), '--at', '0x32'],
    0,
    /\n {2}path {4}module › code › func 0 \$fib › call › /,
  ],
  [['objdump', example('fib.wasm'), '--at', '61'], 2, '', 'wasmscope: --at: offset 61 is behind the end'],
  [['objdump', example('fib.wasm'), '--at', 'x'], 2, '', "wasmscope: --at: 'x' is no offset"],
  [
    ['objdump', example('fib.wasm'), '--at', '1', '--func', '0'],
    2,
    '',
    'wasmscope: --at, --section and --func',
  ],
  [['objdump', example('fib.wasm'), '-h'], 0, /\n {2}code {6}0x001f … 0x003d +30 bytes {2}1 item\n$/],
  [
    ['objdump', example('fib.wasm'), '-x'],
    0,
    /\nexport\n0x0017 {3}export 0: "fib" → func 0 : \(i32\) → \(i32\)\n/,
  ],
  [['objdump', example('fib.wasm'), '-d'], 0, /\n0x0029 {2}41 01 +i32\.const 1\n/],
  [['objdump', example('fib.wasm'), '--json'], 0, /^\{"file":".*","kind":"module","size":61,\n"sections":\[/],
  [['objdump', example('fib.wasm'), '--json', '--at', '0x32'], 0, /"label": "function index"/],
  [
    ['objdump', example('fib.wasm'), '-h', '--at', '1'],
    2,
    '',
    'wasmscope: -h, -x and -d are about the whole file',
  ],
  [['objdump', 'component.wat', '-x'], 0, /\n0x000b {3}type 0: record \(x: u32\)\n/],
  [['objdump', 'truncated.wasm'], 2, /! /, 'truncated.wasm: offset 0x'],
  [['strip', example('fib.wasm')], 0, /^\0asm/],
  [['strip', 'truncated.wasm'], 2, '', 'truncated.wasm: offset 0x9: '],
  [['strip', 'syntax.wat'], 2, '', 'syntax.wat: offset 0x0: magic header not detected: this is text'],
  [
    ['parse', example('fib.wasm')],
    2,
    '',
    `${example('fib.wasm')}: this is a WebAssembly binary, not a text\n`,
  ],
  [
    ['format', example('fib.wasm')],
    2,
    '',
    `${example('fib.wasm')}: this is a WebAssembly binary, not a text\n`,
  ],
  [
    ['wast', example('fib.wasm')],
    2,
    /./,
    `${example('fib.wasm')}: this is a WebAssembly binary, not a text\n`,
  ],
  [
    ['serve', example('fib.wat')],
    2,
    '',
    `${example('fib.wat')}: this is no component: only those answer requests\n`,
  ],
  [
    ['serve', '--addr', '127.0.0.1:65536', example('components/http-c/handler.wasm')],
    2,
    '',
    '127.0.0.1:65536: ports end',
  ],
  [['strip', '-a', '-d', 'name', 'x.wasm'], 2, '', 'wasmscope: --all and --delete exclude each other'],
  [['strip'], 2, '', 'wasmscope: strip what?'],
  [['objdump', 'syntax.wat'], 2, '', 'syntax.wat:3:'],
  [['format', 'messy.wat'], 0, /^\(module\n {2}\(func ;; here\n {4}nop\)\)\n$/],
  [
    ['format', 'messy.wat', '--tabs', '--closing', 'line'],
    0,
    /^\(module\n\t\(func ;; here\n\t\tnop\n\t\)\n\)\n$/,
  ],
  [['format', '--fold', 'types.wat'], 0, /^\(module\n {2}\(func /],
  [['format', '--check', 'messy.wat', 'tidy.wat'], 1, /^messy\.wat\n$/],
  [['format', '--check', 'tidy.wat'], 0, ''],
  [['format', 'messy.wat', 'tidy.wat'], 2, '', 'wasmscope: several files need'],
  [['format', '--width', '5', 'messy.wat'], 2, '', 'wasmscope: --width takes a number'],
  [['format', 'nowhere.wat'], 2, '', 'nowhere.wat: no such file'],
  [['format', 'messy.wit'], 0, 'package a:b;\ninterface i { // here\n  f: func(x: u8);\n}\n'],
  [['format', '--check', 'messy.wit', 'names.wit'], 1, 'messy.wit\n'],
  [['format', 'syntax.wit'], 2, '', 'syntax.wit:3:5: '],
  [['wit', 'messy.wit'], 0, 'package a:b;\n\ninterface i {\n  f: func(x: u8);\n}\n'],
  [['wit', 'syntax.wit'], 2, '', 'syntax.wit:3:5: '],
  [['wit', 'names.wit'], 2, '', 'names.wit:3:14: '],
  [
    ['wit', 'world.wat'],
    0,
    /^package root:component;\n\nworld root \{\n {2}import f: func\(x: option<string>\);\n\}\n$/,
  ],
  [['wit', 'bad-world.wat'], 2, '', 'bad-world.wat:2:'],
  [['wit', 'tidy.wat'], 2, '', 'tidy.wat: a core module has no WIT'],
  [['wit'], 2, '', 'wasmscope: wit of what?'],
  [['validate', 'world.wat'], 0, ''],
  [['validate', 'bad-world.wat'], 2, '', 'bad-world.wat:2:'],
  [['print', 'world.wat'], 0, /^\(component\n.*\(import "f" /s],
  [['print', 'truncated.wasm'], 2, '', 'truncated.wasm: offset 0x'],
  // Components.
  [['run', '--invoke', 'order()', example('components/start-order.wat')], 0, '"AB"\n'],
  [['run', '--invoke', 'hello', example('components/two-components.wat'), '"you"'], 0, '"HELLO, YOU"\n'],
  [
    ['run', '--stats', '--invoke', 'order()', example('components/start-order.wat')],
    0,
    '"AB"\n',
    /^instructions {2}function\n(.+\n)* +\d+ {2}in all\n$/,
  ],
  [
    ['run', '--max-call-depth', '2', '--invoke', 'hello("you")', example('components/two-components.wat')],
    1,
    '',
    /call stack exhausted\n/,
  ],
  [
    ['run', '--invoke', 'hello("you"', example('components/two-components.wat')],
    2,
    '',
    /expected `\)`, found the end\n {2}note: at the end of the call\n$/,
  ],
  [
    ['run', '--invoke', 'client#run()', example('components/resources.wat')],
    0,
    '{balance: 123, open-before: 2, open-after: 0}\n',
  ],
  [
    ['run', example('components/resources.wat')],
    2,
    '',
    /the component has no `wasi:cli\/run`\. Name a function with --invoke\./,
  ],
  [
    ['run', '--invoke', 'walk()', example('components/resources.wat')],
    2,
    '',
    /unknown function "walk"\n {2}note: it exports bank#/,
  ],
  [
    ['run', '--invoke', 'hello(1)', example('components/two-components.wat')],
    2,
    '',
    /expected a string: "…", found `1`\n/,
  ],
  [['run', '--invoke', 'f()', 'world.wat'], 2, '', /unknown function "f"/],
  [
    ['run', '--invoke', 'f()', 'asks.wat'],
    2,
    '',
    'asks.wat:1:12: unknown import a:b/c@1.0.0: g: func(x: u8)\n',
  ],
  [
    ['run', '--invoke', 'f()', 'unreachable.wat'],
    1,
    '',
    /^unreachable\.wat:3:22: unreachable\n.*\n.*\n {2}in f \(unreachable\.wat:3:22\)\n {2}in lift f\n$/,
  ],
  [
    ['run', '--preload', 'x=start.wat', example('components/resources.wat')],
    2,
    '',
    /--preload is for core modules/,
  ],
  [['run', '--preload', 'x=world.wat', 'start.wat'], 2, '', 'world.wat:1:2: unexpected token component'],
  [['run', 'bad-world.wat'], 2, '', 'bad-world.wat:2:'],
  // Bad usage.
  [[], 2, '', 'wasmscope: no command\n'],
  [['fly'], 2, '', "wasmscope: unknown command 'fly'\n"],
  [['toString'], 2, '', "wasmscope: unknown command 'toString'\n"],
  [['run', '--frob', 'start.wat'], 2, '', 'wasmscope: unknown option --frob\n'],
  [['run', 'start.wat', '--invoke'], 2, '', 'wasmscope: --invoke needs a value\n'],
  [['dap', '--port', 'x'], 2, '', "wasmscope: --port: 'x' is no port\n"],
  [['dap', '--port', '65536'], 2, '', "wasmscope: --port: '65536' is no port\n"],
  [['wast'], 2, '', 'wasmscope: wast needs files\n'],
  // Help.
  [['--help'], 0, /^wasmscope: .*\n\nusage: /],
  [['run', '--help'], 0, /^usage: wasmscope run \[OPTIONS\] FILE/],
  [['help', 'wast'], 0, /^usage: wasmscope wast/],
  [['--version'], 0, /^wasmscope \d+\.\d+\.\d+\n$/],
  // Scripts.
  [
    ['wast', '--features', '1.0,threads', 'old.wast'],
    0,
    'old.wast: 1 passed, 0 failed\n1 passed, 0 failed\n',
  ],
  [['wast', 'old.wast'], 1, /multiple memories/],
  [
    ['wast', '--features', '1.0,magic', 'old.wast'],
    2,
    '',
    'wasmscope: unknown feature magic: there are 1.0, ',
  ],
  [['wast', 'good.wast'], 0, 'good.wast: 2 passed, 0 failed\n2 passed, 0 failed\n'],
  [
    ['wast', '--verbose', 'good.wast'],
    0,
    /good\.wast:1:1: module: ok\n {2}good\.wast:2:1: assert_return: ok\n2 passed, 0 failed\n$/,
  ],
  [
    ['wast', 'good.wast', 'bad.wast'],
    1,
    /bad\.wast: 1 passed, 2 failed\n +bad\.wast:2:1: assert_return: .*\n +bad\.wast:3:1: assert_invalid: .*\n3 passed, 2 failed\n$/,
  ],
  [['wast', 'good.wast', 'nowhere.wast'], 2, /2 passed, 0 failed\n$/, 'nowhere.wast: no such file\n'],
];

for (const [args, status, stdout, stderr = ''] of CASES) {
  test(`wasmscope ${args.map((arg) => path.basename(arg)).join(' ')}`, () => {
    const result = wasmscope(...args);
    const what = JSON.stringify(result);
    assert.equal(result.status, status, what);
    if (typeof stdout === 'string') assert.equal(result.stdout, stdout, what);
    else assert.match(result.stdout, stdout, what);
    if (stderr === '') assert.equal(result.stderr, '', what);
    else if (typeof stderr === 'string') assert.ok(result.stderr.startsWith(stderr), what);
    else assert.match(result.stderr, stderr);
  });
}

test('a report has the source line, a caret and indented notes', () => {
  const { stderr } = wasmscope('run', example('trap.wat'), '--invoke', 'divide_by_zero');
  const file = example('trap.wat');
  assert.equal(
    stderr,
    `${file}:19:6: integer divide by zero
        (i32.div_s (local.get $a) (local.get $b)))
         ^~~~~~~~~
  note: i32.div_s of 1 and 0
  in $divide (${file}:19:6)
  in divide_by_zero (${file}:22:6)
`,
  );
});

test('a trap in a binary has offsets, and shows both ends of a long stack', () => {
  const { stderr } = wasmscope('run', example('fib.wasm'), '--invoke', 'fib', '-1');
  assert.match(stderr, /^.*fib\.wasm: .*call stack exhausted(?:: |\n.*)\d+ frames/);
  assert.match(stderr, /\n {2}in fib \(.*fib\.wasm: offset 0x31\)\n/);
  assert.match(stderr, /\n {2}… \d+ more …\n/);
  assert.ok(stderr.split('\n').length < 40);
});

test('what a JavaScript import throws ends the program with its stack', () => {
  const { status, stderr } = wasmscope('run', 'throws.wat', '--imports', 'throws.mjs', '--invoke', 'g');
  assert.equal(status, 1);
  assert.match(stderr, /TypeError: from JavaScript\n.*throws\.mjs:1/);
});

test('names from the program cannot drive the terminal', () => {
  const { stderr } = wasmscope('run', 'hostile.wat');
  assert.match(stderr, /\\u\{1b\}\[31mred\\u\{7\}/);
  assert.ok(!stderr.includes('\x1b') && !stderr.includes('\x07'));
  assert.equal(printable('a\u202eb\ud800'), 'a\\u{202e}b\\u{d800}');
});

test('the caret stands under the place behind tabs and in long lines', () => {
  const report = (text: string, start: number, end: number) =>
    faultReport({ path: 'f', text }, { phase: 'malformed', message: 'm', span: { start, end }, notes: [] });
  assert.equal(report('\t(a)\n', 1, 2), 'f:1:2: m\n    \t(a)\n    \t^\n');
  assert.equal(report('(a\nb)', 0, 5), 'f:1:1: m\n    (a\n    ^~\n');
  assert.equal(report('', 0, 0), 'f:1:1: m\n    \n    ^\n');
  const [, line, marks] = report(`${' '.repeat(500)}x${' '.repeat(500)}`, 500, 501).split('\n');
  assert.equal(line.indexOf('x'), marks.indexOf('^'));
  assert.ok(line.length < 120);
});

test('options: values, the rest, what is unknown', () => {
  const known = { '--a': 'flag', '--b': 'value' } as const;
  const parse = (...args: string[]) => {
    const { operands, options } = parseArguments(args, known);
    return { operands, ...Object.fromEntries(options) };
  };
  assert.deepEqual(parse('x', '--a', 'y'), { operands: ['x', 'y'], '--a': [] });
  assert.deepEqual(parse('--b', '-1', '-'), { operands: ['-'], '--b': ['-1'] });
  assert.deepEqual(parse('--b=x=y'), { operands: [], '--b': ['x=y'] });
  assert.deepEqual(parse('--', '--a'), { operands: ['--a'] });
  for (const bad of [['--c'], ['-x'], ['--a=1'], ['--b'], ['--a', '--a'], ['--toString']]) {
    assert.throws(() => parse(...bad), UsageError, bad.join(' '));
  }
});

test('dap --port listens, says where, and serves a session', async () => {
  const child = spawn(process.execPath, [CLI, 'dap', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (data) => resolve(String(data))),
    );
    const port = Number(/^listening on 127\.0\.0\.1:(\d+)\n$/.exec(line)?.[1]);
    const body = JSON.stringify({
      seq: 1,
      type: 'request',
      command: 'initialize',
      arguments: { adapterID: 'wasmscope' },
    });
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`),
      );
      socket.once('data', (data) => {
        socket.destroy();
        resolve(String(data));
      });
      socket.once('error', reject);
    });
    assert.match(answer, /"command":"initialize"/);
  } finally {
    child.kill();
  }
});

test('print and parse are inverse: the same bytes again', () => {
  const text = path.join(folder, 'again.wat');
  const binary = path.join(folder, 'again.wasm');
  for (const how of [[], ['--folded'], ['--offsets']]) {
    assert.deepEqual(wasmscope('print', example('fib.wasm'), ...how, '-o', text), {
      status: 0,
      stdout: '',
      stderr: '',
    });
    assert.deepEqual(wasmscope('parse', '--no-names', text, '-o', binary), {
      status: 0,
      stdout: '',
      stderr: '',
    });
    assert.deepEqual(readFileSync(binary), readFileSync(example('fib.wasm')));
  }
});

for (const [what, args, out] of [
  ['a function', ['run', '--invoke', 'fib', 'examples/fib.wat', '10'], '89\n'],
  ['a program of WASI', ['run', 'examples/c-hello/hello.wasm', 'you'], undefined],
  ['a script', ['wast', 'good.wast'], undefined],
] as const) {
  test(`where the host has no WebAssembly it runs ${what}`, () => {
    const given = args.map((arg) => (arg in FILES ? path.join(folder, arg) : arg));
    const [wanted, found] = [[], ['--jitless']].map((flags) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, CLI, ...given], {
        encoding: 'utf8',
      });
      return { status, stdout, stderr: stderr.replace(/^Warning: disabling flag .*\n/m, '') };
    });
    assert.deepEqual(found, wanted);
    if (out !== undefined) assert.equal(found.stdout, out);
  });
}
