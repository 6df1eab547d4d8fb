/**
 * The project's own Node 24 and its dependencies, on a machine that may have only Node 20 and npm.
 *
 * `npm ci` brings a Node 24 for the usual platforms (optional dependencies `node-<platform>-<arch>`): the tools
 * (vsce, node:test's reporter events) want it. Where there is none, any Node >= 22 will do.
 * Imports Node's own modules only, because it runs before `npm ci`.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const WANTED = 24;
const PLATFORM = process.platform === 'win32' ? 'win' : process.platform;
/** npm has this one platform under another name. */
const PACKAGES = [`node-${PLATFORM}-${process.arch}`, `node-bin-${PLATFORM}-${process.arch}`];

/** The path of the best Node there is: the project's own, else the one that runs this script. */
export function ownNode() {
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const candidates = PACKAGES.map((name) => path.join(root, 'node_modules', name, 'bin', binary));
  return candidates.find((file) => existsSync(file)) ?? process.execPath;
}

/** Installs the dependencies when there are none or when the lock file is newer. */
export function installDependencies() {
  const modified = (file) => statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (modified('node_modules/.package-lock.json') >= modified('package-lock.json')) return;
  console.log('Installing what the project needs (npm ci)');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci failed');
}

/**
 * Goes on in the project's own Node: runs the same script there with the same arguments and exits with its
 * code. Returns at once when this is that Node already, or when there is no better one.
 */
export function continueInOwnNode() {
  if (Number(process.versions.node.split('.')[0]) >= WANTED || process.env.WASMSCOPE_OWN_NODE) return;
  const node = ownNode();
  if (node === process.execPath) return;
  const { status } = spawnSync(node, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, WASMSCOPE_OWN_NODE: '1' },
  });
  process.exit(status ?? 1);
}

/** The files below a folder whose path matches, sorted, with `/` on every platform. */
export function filesBelow(folder, pattern) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => path.posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => pattern.test(file))
    .sort();
}
