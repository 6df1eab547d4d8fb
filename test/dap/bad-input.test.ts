/** Bad input: each is refused with a clear message, and nothing hangs. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Conversation, converse } from './harness.ts';
import { FIB, FIB_BYTES, LOOPS } from './programs.ts';

interface BadInput {
  readonly name: string;
  /** Makes the launch arguments. */
  readonly args: (c: Conversation) => object;
  /** The whole message. */
  readonly message: string;
  /** Where the Debug Console's line leads: line and column. */
  readonly at?: readonly [number, number];
}

const fib = (c: Conversation) => c.file('fib.wat', FIB);
const loops = (c: Conversation) => c.file('loops.wat', LOOPS);

const CASES: BadInput[] = [
  {
    name: 'no program',
    args: () => ({}),
    message: 'launch configuration: "program" is missing: the path or URI of a .wat, .wasm or .wast file',
  },
  {
    name: 'empty .wat',
    args: (c) => ({ program: c.file('empty.wat', '') }),
    message: '<dir>/empty.wat is empty: there is nothing to run',
  },
  {
    name: 'empty .wasm',
    args: (c) => ({ program: c.file('empty.wasm', '') }),
    message: '<dir>/empty.wasm is empty: there is nothing to run',
  },
  {
    name: 'truncated fib',
    args: (c) => ({ program: c.file('fib.wasm', FIB_BYTES.subarray(0, 50)) }),
    message: '<dir>/fib.wasm!0x1e: length out of bounds',
  },
  {
    name: 'text in a .wasm',
    args: (c) => ({ program: c.file('fib.wasm', FIB) }),
    message:
      '<dir>/fib.wasm: magic header not detected: this is text, not a WebAssembly binary. Rename it to fib.wat to run it',
  },
  {
    name: 'no WebAssembly at all',
    args: (c) => ({ program: c.file('x.wasm', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0)) }),
    message: '<dir>/x.wasm!0x0: magic header not detected',
  },
  {
    name: 'neither text nor binary',
    args: (c) => ({ program: c.file('x.wat', Uint8Array.of(0xff, 0xfe, 0x41)) }),
    message: '<dir>/x.wat: malformed UTF-8 encoding: this is neither text nor a binary module',
  },
  {
    name: 'a directory',
    args: (c) => {
      mkdirSync(path.join(c.dir, 'folder.wasm'));
      return { program: path.join(c.dir, 'folder.wasm') };
    },
    message: '<dir>/folder.wasm is a directory, not a file',
  },
  {
    name: 'a missing file',
    args: (c) => ({ program: path.join(c.dir, 'none.wat') }),
    message: '<dir>/none.wat: no such file',
  },
  {
    name: 'a URI that cannot be read here',
    args: () => ({ program: 'untitled:Untitled-1' }),
    message: 'cannot read untitled:Untitled-1: only local files can be read here',
  },
  {
    name: 'a syntax error',
    args: (c) => ({
      program: c.file('bad.wat', '(module\n  (func (export "f")\n    i32.cost 1\n    drop))\n'),
    }),
    message: '<dir>/bad.wat:3:5: unknown operator i32.cost',
    at: [3, 5],
  },
  {
    name: 'an unknown local',
    args: (c) => ({
      program: c.file('bad.wat', '(module\n  (func (export "f")\n    (drop (local.get $x))))\n'),
    }),
    message: '<dir>/bad.wat:3:22: unknown local $x',
    at: [3, 22],
  },
  {
    name: 'a type error',
    args: (c) => ({
      program: c.file('bad.wat', '(module\n  (func (export "f") (result i32)\n    i64.const 1))\n'),
    }),
    message:
      '<dir>/bad.wat:3:16: type mismatch: instruction requires [i32] but stack has [i64] (end of function body)',
    at: [3, 16],
  },
  {
    name: 'an unclosed parenthesis',
    args: (c) => ({ program: c.file('bad.wat', '(module\n  (func (export "f")\n') }),
    message: '<dir>/bad.wat:1:1: unexpected token: unclosed ( (and 1 more: see the Debug Console)',
  },
  {
    name: 'a missing import',
    args: (c) => ({ program: loops(c), invoke: { function: 'sum', args: [3] } }),
    message: '<dir>/loops.wat:2:3: unknown import "env" "log": (func [i32] -> [])',
    at: [2, 3],
  },
  {
    name: 'an unknown export',
    args: (c) => ({ program: fib(c), invoke: { function: 'fob', args: [1] } }),
    message: 'unknown export "fob". Exported functions: fib(i32) -> i32',
  },
  {
    name: 'too few arguments',
    args: (c) => ({ program: fib(c), invoke: { function: 'fib' } }),
    message: 'wrong number of arguments: fib(i32) -> i32 takes 1 argument, 0 given',
  },
  {
    name: 'too many arguments',
    args: (c) => ({ program: fib(c), invoke: { function: 'fib', args: [1, 2] } }),
    message: 'wrong number of arguments: fib(i32) -> i32 takes 1 argument, 2 given',
  },
  {
    name: 'an argument that is no number',
    args: (c) => ({ program: fib(c), invoke: { function: 'fib', args: ['ten'] } }),
    message:
      'parameter $n of fib(i32) -> i32: expected i32 (a whole number from -2147483648 to 4294967295), found "ten"',
  },
  {
    name: 'an argument that is no integer',
    args: (c) => ({ program: fib(c), invoke: { function: 'fib', args: [1.5] } }),
    message:
      'parameter $n of fib(i32) -> i32: expected i32 (a whole number from -2147483648 to 4294967295), found 1.5',
  },
  {
    name: 'an argument out of range',
    args: (c) => ({ program: fib(c), invoke: { function: 'fib', args: ['4294967296'] } }),
    message:
      'parameter $n of fib(i32) -> i32: expected i32 (a whole number from -2147483648 to 4294967295), found "4294967296": constant out of range',
  },
  {
    name: 'arguments that are no list',
    args: (c) => ({ program: fib(c), invoke: { function: 'fib', args: '10' } }),
    message: 'launch configuration: "invoke.args" must be a list of numbers and strings',
  },
  {
    name: 'nothing to choose',
    args: (c) => ({ program: fib(c) }),
    message:
      'say which function to run ("invoke": {"function": …, "args": […]}). Exported functions: fib(i32) -> i32',
  },
  {
    name: 'no exported function',
    args: (c) => ({ program: c.file('none.wat', '(module (memory (export "m") 1))') }),
    message: 'nothing to run. The module exports no function',
  },
  {
    name: 'an export that is no function',
    args: (c) => ({
      program: c.file('m.wat', '(module (memory (export "m") 1))'),
      invoke: { function: 'm' },
    }),
    message: 'the export "m" is a memory, not a function. The module exports no function',
  },
  {
    name: 'imports that do not exist',
    args: (c) => ({ program: fib(c), imports: './none.mjs', invoke: { function: 'fib', args: [1] } }),
    message: '<dir>/none.mjs: no such file',
  },
  {
    name: 'imports that are nothing of the kind',
    args: (c) => {
      c.file('host.mjs', 'export default 42;');
      return { program: fib(c), imports: './host.mjs', invoke: { function: 'fib', args: [1] } };
    },
    message:
      'imports: the module must export an object {module: {name: function}} or a function that gives one',
  },
  {
    name: 'imports with a syntax error',
    args: (c) => {
      c.file('host.mjs', 'const a = 1;\nexport default {{;');
      return { program: fib(c), imports: './host.mjs', invoke: { function: 'fib', args: [1] } };
    },
    message: "imports: host.mjs: SyntaxError: Unexpected token '{'",
  },
  {
    name: 'imports that throw',
    args: (c) => {
      c.file('host.mjs', 'export default () => {\n  throw new RangeError("no");\n};');
      return { program: fib(c), imports: './host.mjs', invoke: { function: 'fib', args: [1] } };
    },
    message: 'imports: host.mjs:2:9: RangeError: no',
  },
  {
    name: 'an import of the wrong kind',
    args: (c) => {
      c.file('host.mjs', 'export default { env: { log: 3 } };');
      return { program: loops(c), imports: './host.mjs', invoke: { function: 'sum', args: [1] } };
    },
    message:
      '<dir>/loops.wat:2:3: incompatible import type "env" "log": (func [i32] -> []) wanted, a number given: give a JavaScript function',
  },
];

for (const { name, args, message, at } of CASES) {
  test(name, () =>
    converse(async (c) => {
      await c.initialize();
      const refused = await c.refusal('launch', args(c));
      assert.equal(refused, message);
      if (at) {
        const { line, column } = await c.event('output');
        assert.deepEqual([line, column], at);
      }
    }),
  );
}
