// A real VS Code (code-server) on a free port, with a throw-away profile.
//
// One server serves one workspace after the other (`open`), because starting it takes seconds of work. Owns the temporary folder: profile, HOME, XDG folders, TMPDIR and the workspace all lie inside it, so a test
// neither sees nor changes anything of its user's. stop() ends the process group and deletes the folder.
// Knows no browser (page.ts) and nothing of what is shown (workbench.ts).
//
//   const vscode = await serve({ vsix: ['dist/wasmscope.vsix'], workspace: 'examples' });
//   const { workbench, close } = await openWorkbench(vscode);   // page.ts
//   ...
//   await close(); await vscode.stop();
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installCodeServer, projectRoot } from '../../../scripts/vscode-oss/install.mjs';
import {
  freePort,
  installExtension,
  QUIET_SETTINGS,
  startServer,
} from '../../../scripts/vscode-oss/server.mjs';
import { keybindings } from './keys.ts';

export interface WorkspaceOptions {
  /** Settings of the workspace, or of the user where there is none, on top of the quiet ones. */
  settings?: Record<string, unknown>;
  /** A folder that is copied and opened. Paths are relative to the project's root. */
  workspace?: string;
  /** Files written into the workspace (after the copy): relative name to contents. */
  files?: Record<string, string | Uint8Array>;
}

export interface ServeOptions extends WorkspaceOptions {
  /** code-server's version; default 4.139.1 (VS Code 1.139). Also known: 4.100.3 (VS Code 1.100). */
  version?: string;
  /** Packed extensions to install, or folders of extensions, which are packed first. */
  vsix?: string[];
  /** Keep workspace trust on: the window then starts in Restricted Mode, without asking. Default off. */
  workspaceTrust?: boolean;
  /** More arguments for code-server. */
  args?: string[];
}

export interface VsCode {
  port: number;
  /** The folder of the copied workspace, or undefined when none was asked for. */
  readonly workspace: string | undefined;
  /** Makes another workspace. A window that is opened from now on has it. */
  open(options: WorkspaceOptions): void;
  /** Puts other files and settings into the workspace. Its window has them when it has the title. */
  change(options: WorkspaceOptions, title: string): void;
  /** The address of a window on the workspace; more query parameters may be given. */
  url(parameters?: Record<string, string>): string;
  /** What code-server wrote so far. */
  log(): string;
  stop(): Promise<void>;
}

const TEST_SETTINGS = {
  ...QUIET_SETTINGS,
  'files.hotExit': 'off',
  'debug.saveBeforeStart': 'none',
  'editor.autoIndent': 'none',
  'editor.cursorBlinking': 'solid',
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'editor.hover.delay': 50,
  'editor.lightbulb.enabled': 'off',
  'editor.occurrencesHighlight': 'off',
  'editor.stickyScroll.enabled': false,
  'editor.minimap.enabled': false,
  'files.simpleDialog.enable': true,
  'workbench.reduceMotion': 'on',
  'workbench.tree.enableStickyScroll': false,
  'security.workspace.trust.startupPrompt': 'never',
};

/** The oldest that the extension allows: VS Code 1.100. */
export const OLDEST_VERSION = '4.100.3';

const SETTINGS = '.vscode/settings.json';

/** The extension host of a window that was closed ends soon; the older version knows no such limit. */
const LIMITS = { new: ['--reconnection-grace-time', '10'], old: [] };

/** Starts it; the first call on a machine installs code-server (about 25 s). */
export async function serve(options: ServeOptions = {}): Promise<VsCode> {
  const codeServer = await installCodeServer({ version: options.version, log: (line) => console.log(line) });
  // Sockets lie in TMPDIR and their paths may not exceed some hundred bytes; macOS's own TMPDIR is too long.
  const base = process.platform === 'darwin' ? '/private/tmp' : fs.realpathSync(os.tmpdir());
  const dir = fs.mkdtempSync(path.join(base, 'wasmscope-'));
  const remove = () => {
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    process.off('exit', remove);
  };
  try {
    const home = makeFolder(dir, 'home');
    const env = {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_DATA_HOME: home,
      XDG_CACHE_HOME: home,
      XDG_STATE_HOME: home,
      XDG_RUNTIME_DIR: makeFolder(dir, 'run'),
      TMPDIR: makeFolder(dir, 'tmp'),
      SHELL: '/bin/sh',
    };
    const profile = makeFolder(dir, 'profile');
    const user = makeFolder(profile, 'data/User');
    fs.writeFileSync(path.join(user, 'keybindings.json'), JSON.stringify(keybindings()));
    let workspace: string | undefined;
    let opened = 0;
    const writeSettings = (file: string, settings: object) =>
      fs.writeFileSync(file, JSON.stringify(settings));
    const open = (wanted: WorkspaceOptions) => {
      const isEmpty = !wanted.workspace && !wanted.files;
      const settings = { ...TEST_SETTINGS, ...(isEmpty && wanted.settings) };
      writeSettings(path.join(user, 'settings.json'), settings);
      workspace = isEmpty ? undefined : makeWorkspace(makeFolder(dir, String(opened++)), wanted);
    };
    open(options);
    for (const vsix of options.vsix ?? [])
      await installExtension(codeServer, profile, await packed(vsix, dir), env);
    const server = await startServer(codeServer, {
      profile,
      env,
      port: await freePort(0),
      args: [...LIMITS[codeServer.version === OLDEST_VERSION ? 'old' : 'new'], ...(options.args ?? [])],
      workspaceTrust: options.workspaceTrust,
    });
    process.once('exit', remove); // after the server's own listener, which ends it
    return {
      port: server.port,
      get workspace() {
        return workspace;
      },
      open,
      change: (wanted, title) => changeWorkspace(workspace!, wanted, title),
      url: (parameters = {}) => {
        const query = new URLSearchParams({
          ...(workspace ? { folder: workspace } : { ew: 'true' }),
          ...parameters,
        });
        return `http://127.0.0.1:${server.port}/?${query}`;
      },
      log: server.log,
      stop: async () => {
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function makeFolder(parent: string, name: string): string {
  const dir = path.join(parent, name);
  fs.mkdirSync(dir, { recursive: true });
  return dir;
}

function makeWorkspace(dir: string, { workspace, files, settings }: WorkspaceOptions): string {
  // A name of its own, so that titles and paths in screenshots look the same in every run.
  const target = makeFolder(dir, path.basename(workspace ?? 'workspace'));
  if (workspace) fs.cpSync(path.resolve(projectRoot(), workspace), target, { recursive: true });
  writeFiles(target, files);
  if (settings) writeFiles(target, { [SETTINGS]: JSON.stringify(settings) });
  return target;
}

/** VS Code reads the folder `.vscode` as one, so who sees the title of the settings sees what was written before them. */
function changeWorkspace(folder: string, { files, settings }: WorkspaceOptions, title: string): void {
  fs.rmSync(path.join(folder, '.vscode'), { recursive: true, force: true });
  writeFiles(folder, files);
  writeFiles(folder, { [SETTINGS]: JSON.stringify({ ...settings, 'window.title': title }) });
}

function writeFiles(folder: string, files: WorkspaceOptions['files'] = {}): void {
  for (const [name, contents] of Object.entries(files)) {
    makeFolder(folder, path.dirname(name));
    fs.writeFileSync(path.join(folder, name), contents);
  }
}

async function packed(vsix: string, dir: string): Promise<string> {
  const source = path.resolve(projectRoot(), vsix);
  if (!fs.statSync(source).isDirectory()) return source;
  const packagePath = path.join(dir, `${path.basename(source)}.vsix`);
  const vsce = path.join(projectRoot(), 'node_modules/@vscode/vsce/vsce');
  const args = [
    'package',
    '--no-dependencies',
    '--skip-license',
    '--allow-missing-repository',
    '--out',
    packagePath,
  ];
  try {
    execFileSync(process.execPath, [vsce, ...args], { cwd: source, stdio: 'pipe' });
  } catch (error) {
    throw new Error(`cannot pack ${vsix}:\n${(error as { stderr?: Buffer }).stderr}`);
  }
  return packagePath;
}
