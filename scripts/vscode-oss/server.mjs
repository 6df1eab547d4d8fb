// Starts code-server and installs extensions into it: what `npm start` and the tests share.
//
// Owns the command line, the environment and the end of the process group. Does not know what is served:
// the caller chooses the profile's folder, the workspace and the extensions (start.mjs: a lasting profile;
// test/e2e/harness/serve.ts: a throw-away one). It listens on loopback only and asks for no password.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

/** Settings without which a fresh VS Code greets, updates, or asks before it does anything. */
export const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'debug.openDebug': 'openOnSessionStart',
  'debug.inlineValues': 'on',
};

/**
 * Installs a packed extension into a profile (about one second). The server may run meanwhile.
 * @param {{node: string, entry: string}} codeServer
 * @param {string} profile the profile's folder
 * @param {string} vsix
 * @param {NodeJS.ProcessEnv} [env]
 * @throws {Error} with code-server's output
 */
export async function installExtension(codeServer, profile, vsix, env = process.env) {
  const args = [codeServer.entry, ...profileArgs(profile), '--force', '--install-extension', vsix];
  const child = spawn(codeServer.node, args, { env: serverEnv(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // It exits with 0 for some failures too, so its words decide.
  if (code !== 0 || !/successfully installed/.test(output))
    throw new Error(`cannot install ${vsix}:\n${output.trim()}`);
}

/**
 * Starts code-server and waits until it answers.
 * @param {{node: string, entry: string}} codeServer
 * @param {{profile: string, port: number, args?: string[], env?: NodeJS.ProcessEnv, workspaceTrust?: boolean}} options
 *   profile: its folder, with the log in `server.log`; workspaceTrust: whether VS Code asks to trust folders
 * @returns {Promise<{port: number, exited: Promise<number | null>, log: () => string, stop: () => Promise<void>}>}
 * @throws {Error} with the end of its log when it does not come up within a minute
 */
export async function startServer(
  codeServer,
  { profile, port, args = [], env = process.env, workspaceTrust = false },
) {
  fs.mkdirSync(profile, { recursive: true });
  fs.writeFileSync(path.join(profile, 'config.yaml'), 'auth: none\n');
  const logFile = path.join(profile, 'server.log');
  const logFd = fs.openSync(logFile, 'w');
  const child = spawn(
    codeServer.node,
    [
      codeServer.entry,
      ...profileArgs(profile),
      ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
      ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
      ...['--ignore-last-opened', ...args],
    ],
    // A group of its own: code-server leaves extension hosts behind when only its first process is ended.
    { env: serverEnv(env), stdio: ['ignore', logFd, logFd], detached: true },
  );
  fs.closeSync(logFd);
  const exited = new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  const log = () => fs.readFileSync(logFile, 'utf8');
  const killGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // all of the group have ended
    }
  };
  // The last resort when our own process ends without stop().
  const onExit = () => killGroup('SIGKILL');
  process.once('exit', onExit);
  const stop = async () => {
    killGroup('SIGTERM');
    await Promise.race([exited, delay(3000)]);
    killGroup('SIGKILL');
    await exited;
    process.off('exit', onExit);
  };

  let ended = false;
  exited.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + 60_000; !(await answers(port)); await delay(100)) {
    if (!ended && Date.now() < deadline) continue;
    await stop();
    throw new Error(
      `code-server ${ended ? 'ended at once' : 'does not answer'}:\n${log().split('\n').slice(-20).join('\n')}`,
    );
  }
  return { port, exited, log, stop };
}

/**
 * A free port of 127.0.0.1: the wanted one, or the next free one above it; any for 0.
 * @param {number} wanted
 */
export async function freePort(wanted) {
  if (wanted === 0) return await tryPort(0);
  for (let port = wanted; port < Math.min(wanted + 100, 65536); port++) {
    try {
      return await tryPort(port);
    } catch (error) {
      if (error.code === 'EACCES')
        throw new Error(`port ${port} needs an administrator; choose one above 1023`);
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`no free port from ${wanted} on`);
}

function tryPort(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address();
      server.close(() => resolve(found));
    });
  });
}

async function answers(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false;
  }
}

function profileArgs(profile) {
  const at = (name) => path.join(profile, name);
  return ['--config', at('config.yaml'), '--user-data-dir', at('data'), '--extensions-dir', at('extensions')];
}

/** Without variables that change code-server: its own, those of a VS Code whose terminal we run in, Node's. */
function serverEnv(env) {
  const result = { ...env, EXTENSIONS_GALLERY: '{"serviceUrl":"","itemUrl":"","resourceUrlTemplate":""}' };
  for (const name of Object.keys(result))
    if (
      /^(VSCODE_|CODE_SERVER_|NODE_|npm_|ELECTRON_RUN_AS_NODE$|PORT$|PASSWORD$|HASHED_PASSWORD$)/.test(
        name,
      ) &&
      !/^NODE_EXTRA_CA_CERTS$/.test(name)
    )
      delete result[name];
  return result;
}

function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
