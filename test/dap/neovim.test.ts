/**
 * A client that we did not write: Neovim with nvim-dap. There is a test only where both are, because neither comes from npm:
 * WASMSCOPE_NVIM_DAP is nvim-dap's folder, WASMSCOPE_NVIM Neovim's program (docs/editors.md).
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { CLI } from './harness.ts';
import { FIB } from './programs.ts';

const { WASMSCOPE_NVIM_DAP: plugin, WASMSCOPE_NVIM: nvim = 'nvim' } = process.env;

if (plugin) {
  test('Neovim launches, stops, steps, shows values, evaluates and ends', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope nvim '));
    const file = path.join(folder, 'fib.wat');
    writeFileSync(file, FIB);
    const homes = Object.fromEntries(
      ['CONFIG', 'DATA', 'STATE', 'CACHE'].map((name) => [`XDG_${name}_HOME`, path.join(folder, name)]),
    );
    const script = path.resolve('test/editors/neovim.lua');
    const { stdout, stderr, status } = spawnSync(
      nvim,
      ['--headless', '--clean', '--cmd', `set rtp+=${plugin}`, '-c', `luafile ${script}`],
      {
        encoding: 'utf8',
        timeout: 60_000,
        env: { ...process.env, ...homes, NODE: process.execPath, CLI, FILE: file },
      },
    );
    rmSync(folder, { recursive: true, force: true });
    assert.equal(status, 0, stderr + stdout);
    const lines = stdout.split('\n');
    for (const line of [
      'breakpoint: $fib 4:33 cursor 4',
      'Locals: $n = 3 (0x3)',
      'evaluate: 6 (0x6)',
      'step over: $fib 4:48 cursor 4',
      'step into: $fib 4:23 cursor 4',
      'exit code 0 output: fib(3) = 3 : i32',
      'over',
    ]) {
      assert.ok(lines.includes(line), `${line}\nin\n${stdout}`);
    }
  });
}
