/**
 * A large real program of WASI: yosys (C++, 30 MB) synthesises a small design on our command line, and says and writes what
 * it does under Node's own WASI.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { installed, present } from '../packages.ts';

const NAME = '@yowasp/yosys';
const found = process.env.WASMSCOPE_TEST_ALL
  ? installed(NAME)
  : (present(NAME) ?? { why: `${NAME} is not there: --all installs it` });

const DESIGN = `module top(input clk, input [3:0] a, input [3:0] b, output reg [4:0] sum);
  always @(posedge clk) sum <= a + b;
endmodule
`;
const SCRIPT = `read_verilog /design/top.v
hierarchy -top top
proc
opt
stat
write_verilog -noattr /design/out.v
`;
const ARGUMENTS = ['-Q', '-T', '-s', '/design/run.ys'];

/** The same under Node: it has no command of its own for that. */
const NODE = `
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';
const [file, work, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: ['yosys.core.wasm', ...args], preopens: { '/design': work } });
const { instance } = await WebAssembly.instantiate(readFileSync(file), wasi.getImportObject());
process.exitCode = wasi.start(instance);
`;

const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope yosys #'));
after(() => rmSync(folder, { recursive: true }));

test('yosys does what it does under Node’s WASI', {
  skip: 'why' in found ? found.why : false,
  timeout: 300_000,
}, () => {
  if ('why' in found) return;
  const program = path.join(found.folder, 'gen/yosys.core.wasm');
  const node = path.join(folder, 'node.mjs');
  writeFileSync(node, NODE);
  writeFileSync(path.join(folder, 'top.v'), DESIGN);
  writeFileSync(path.join(folder, 'run.ys'), SCRIPT);
  const run = (...args: string[]) => {
    const { status, stdout } = spawnSync(process.execPath, ['--no-warnings', ...args], { encoding: 'utf8' });
    return { status, stdout, written: readFileSync(path.join(folder, 'out.v'), 'utf8') };
  };
  const expected = run(node, program, folder, ...ARGUMENTS);
  assert.match(expected.written, /sum <= /);
  writeFileSync(path.join(folder, 'out.v'), '');
  const cli = path.resolve('dist/wasmscope.mjs');
  assert.deepEqual(run(cli, 'run', '--dir', `${folder}::/design`, program, ...ARGUMENTS), expected);
});
