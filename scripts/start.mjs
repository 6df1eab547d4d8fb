// `npm start`: a real VS Code with this extension, on a machine that has only Node >= 20 and npm.
//
//   npm start                        installs, builds, serves on http://127.0.0.1:8100 with examples/ open
//   npm start -- --port 9000         another port (the next free one if it is taken)
//   npm start -- path/to/folder      another folder
//   npm start -- --desktop           the desktop VS Code (`code` in PATH) instead of the browser
//
// Does only what is missing: `npm ci` when node_modules is absent or older than package-lock.json, the build
// when a source is newer than what was built, the .vsix when it changed. The profile lives in
// `.vscode-oss/profile`; delete `.vscode-oss` to begin afresh. Runs before `npm ci`: imports Node's own modules only.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installCodeServer, npm, projectRoot } from './vscode-oss/install.mjs';
import { freePort, installExtension, QUIET_SETTINGS, startServer } from './vscode-oss/server.mjs';

const root = projectRoot();
const say = (line) => console.log(line);

/** Nothing below these goes into the extension. */
const NO_SOURCES = new Set([
  'node_modules',
  'out',
  'dist',
  'test',
  'docs',
  'examples',
  'start.mjs',
  'vscode-oss',
]);

try {
  const { port, folder, desktop } = parseCommandLine();
  await installDependencies();
  if (desktop) startDesktop(folder);
  else await serve(folder, port);
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = error.exitCode ?? 1;
}

function parseCommandLine() {
  const options = {
    port: { type: 'string', default: '8100' },
    desktop: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  };
  let parsed;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw usageError(error.message);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    say(usage());
    process.exit(0);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw usageError(`not a port: ${values.port}`);
  if (positionals.length > 1) throw usageError('one folder only');
  // npm changes into the project's folder; INIT_CWD is where the user stands.
  const folder = positionals.length
    ? path.resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0])
    : path.join(root, 'examples');
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw usageError(`no such folder: ${folder}`);
  return { port, folder, desktop: values.desktop };
}

function usage() {
  return 'usage: npm start -- [--port N] [--desktop] [folder]';
}

function usageError(message) {
  return Object.assign(new Error(`${message}\n${usage()}`), { exitCode: 2 });
}

async function installDependencies() {
  const modified = (file) => fs.statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (modified('node_modules/.package-lock.json') >= modified('package-lock.json')) return;
  say('Installing what the build needs (npm ci)');
  await npm(['ci'], { cwd: root, log: say });
}

/** Builds unless every output is newer than every source. */
function build(outputs, args) {
  const newestSource = newest(root);
  const built = outputs.map(
    (file) => fs.statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  if (Math.min(...built) > newestSource) return;
  say('Building');
  // The build may want a newer Node than the user's; npm ci brought one where there is a package for it.
  const ownNode = path.join(root, 'node_modules/.bin/node');
  const node = process.platform !== 'win32' && fs.existsSync(ownNode) ? ownNode : process.execPath;
  const { status } = spawnSync(node, ['scripts/build.mjs', ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
}

/** The latest time of change of a file or folder (for deletions) below a folder, the folder itself aside. */
function newest(folder) {
  let latest = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || NO_SOURCES.has(entry.name)) continue;
    if (!entry.isDirectory() && !entry.isFile()) continue;
    const file = path.join(folder, entry.name);
    latest = Math.max(latest, fs.statSync(file).mtimeMs, entry.isDirectory() ? newest(file) : 0);
  }
  return latest;
}

async function serve(folder, wantedPort) {
  const codeServer = await installCodeServer({
    root,
    log: (line) => {
      if (line.startsWith('  1/')) say('Installing VS Code for the browser into .vscode-oss/');
      say(line);
    },
  });
  const vsix = path.join(root, 'dist/wasmscope.vsix');
  build(['dist/wasmscope.vsix'], ['--vsix']);

  const profile = path.join(root, '.vscode-oss/profile');
  const settings = path.join(profile, 'data/User/settings.json');
  if (!fs.existsSync(settings)) {
    fs.mkdirSync(path.dirname(settings), { recursive: true });
    fs.writeFileSync(settings, JSON.stringify(QUIET_SETTINGS, null, 2) + '\n');
  }
  const digest = createHash('sha256').update(fs.readFileSync(vsix)).digest('hex');
  const installedMark = path.join(profile, 'installed-vsix');
  if (!fs.existsSync(installedMark) || fs.readFileSync(installedMark, 'utf8') !== digest) {
    say('Installing the extension');
    await installExtension(codeServer, profile, vsix);
    fs.writeFileSync(installedMark, digest);
  }

  const port = await freePort(wantedPort);
  if (port !== wantedPort) say(`Port ${wantedPort} is taken`);
  const server = await startServer(codeServer, { profile, port });
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      await server.stop();
      process.exit(0);
    });
  say('\nVS Code with Wasmscope runs. Open this address in a browser; Ctrl+C ends it.\n');
  say(`  http://127.0.0.1:${port}/?folder=${encodeURI(folder).replace(/[?#&+]/g, encodeURIComponent)}\n`);
  const code = await server.exited;
  if (!stopping)
    throw new Error(
      `VS Code ended by itself (exit code ${code}):\n${server.log().split('\n').slice(-20).join('\n')}`,
    );
}

function startDesktop(folder) {
  const windows = process.platform === 'win32'; // there `code` is a .cmd, which needs a shell
  if (spawnSync('code', ['--version'], { shell: windows, stdio: 'ignore' }).status !== 0)
    throw new Error(
      'There is no working `code` command in PATH.\n' +
        'In VS Code run "Shell Command: Install \'code\' command in PATH" from the command palette (macOS),\n' +
        "or add VS Code's bin folder to PATH; or leave out --desktop to use VS Code in the browser.",
    );
  const { main } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  build([main], []);
  const quote = (text) => (windows ? `"${text}"` : text);
  const child = spawn('code', [quote(`--extensionDevelopmentPath=${root}`), quote(folder)], {
    shell: windows,
    stdio: 'inherit',
  });
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
  say('A VS Code window with Wasmscope opens.');
}
