/**
 * Compilers that tests and benchmarks use where they are there; they are no dependencies of the project. Without one, what needs
 * it does not run, and says so.
 */

import { spawnSync } from 'node:child_process';
import path from 'node:path';

export type Built = { readonly file: string } | { readonly why: string };

/** The Go example, built into a folder. `GO` names the compiler. */
export function builtGo(folder: string): Built {
  const file = path.join(folder, 'greet.wasm');
  const env = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GO111MODULE: 'off' };
  return build(
    process.env.GO ?? 'go',
    ['build', '-trimpath', '-o', file, 'examples/go-greet/greet.go'],
    file,
    env,
  );
}

/** The Rust example without optimisation and with debug information: 6 MB. `RUSTC` names the compiler. */
export function builtRustForDebugging(folder: string): Built {
  const file = path.join(folder, 'words.wasm');
  const args = [
    '--edition',
    '2021',
    '--target',
    'wasm32-wasip1',
    '-g',
    '-o',
    file,
    'examples/rust-words/words.rs',
  ];
  return build(process.env.RUSTC ?? 'rustc', args, file, process.env);
}

function build(compiler: string, args: readonly string[], file: string, env: NodeJS.ProcessEnv): Built {
  const { error, status, stderr } = spawnSync(compiler, args, { encoding: 'utf8', env });
  if (error) return { why: `there is no ${compiler}: ${error.message}` };
  return status === 0 ? { file } : { why: `${compiler} cannot build it: ${stderr.trim().split('\n')[0]}` };
}
