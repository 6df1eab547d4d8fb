/**
 * Launch configurations: what F5 means without a launch.json, what is filled in with one, and what VS Code offers.
 */

import * as vscode from 'vscode';
import { disassemblySettings } from '../files/disassembly.ts';
import { programUri } from '../files/program-uri.ts';
import type { Invocations } from './invocation.ts';
import { activeProgram, isScript } from './program.ts';

const TYPE = 'wasmscope';

export class ConfigurationProvider implements vscode.DebugConfigurationProvider {
  readonly #invocations: Invocations;

  constructor(invocations: Invocations) {
    this.#invocations = invocations;
  }

  /** The first content of a new launch.json. */
  provideDebugConfigurations(folder: vscode.WorkspaceFolder | undefined): vscode.DebugConfiguration[] {
    const program = activeProgram();
    const path = program ? programText(program, folder) : '$' + '{file}';
    return [{ type: TYPE, request: 'launch', name: vscode.l10n.t('Debug WebAssembly'), program: path }];
  }

  /** F5 without launch.json comes with an empty configuration. */
  resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    config: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration | undefined {
    if (config.type) return config;
    const program = activeProgram();
    if (!program) {
      void vscode.window.showErrorMessage(vscode.l10n.t('Open a .wat, .wasm or .wast file to debug it.'));
      return undefined;
    }
    return {
      ...config,
      type: TYPE,
      request: 'launch',
      name: vscode.l10n.t('Debug WebAssembly'),
      program: program.scheme === 'file' ? program.fsPath : program.toString(),
    };
  }

  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    config: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showErrorMessage(vscode.l10n.t('Nothing is executed in an untrusted folder.'));
      return undefined;
    }
    const uri = programUri(config.program, programUri(config.cwd, folder?.uri) ?? folder?.uri);
    const settings = vscode.workspace.getConfiguration('wasmscope.debug', uri);
    const filled: vscode.DebugConfiguration = {
      // The console would be shown in the place of the terminal.
      ...(config.console === 'integratedTerminal' && { internalConsoleOptions: 'neverOpen' }),
      ...config,
      disassembly: disassemblyOf(config, uri),
      stepBy: config.stepBy ?? settings.get('stepBy'),
      numbers: config.numbers ?? settings.get('numbers'),
      maxVariables: config.maxVariables ?? settings.get('maxVariables'),
      trace: config.trace ?? settings.get('trace'),
      ...virtualPaths(config, folder),
    };
    if (!uri) return filled;
    // What the debugger cannot read by itself (virtual file systems, untitled files) goes as a URI.
    filled.program = uri.scheme === 'file' ? uri.fsPath : uri.toString();
    if (filled.invoke !== undefined || isScript(uri)) return filled;
    const invocation = await this.#invocations.forProgram(uri);
    if (invocation === undefined) return undefined;
    return invocation === 'none' ? filled : { ...filled, invoke: invocation };
  }
}

/**
 * Attributes with paths of a folder that is on no disk, as URIs: there `${workspaceFolder}` is a bare path. Relative paths are the
 * debugger's business, and so is what is no path.
 */
function virtualPaths(
  config: vscode.DebugConfiguration,
  folder: vscode.WorkspaceFolder | undefined,
): Partial<vscode.DebugConfiguration> {
  if (!folder || folder.uri.scheme === 'file') return {};
  const uriOf = (path: unknown): unknown =>
    typeof path === 'string' && path.startsWith('/') ? folder.uri.with({ path }).toString() : path;
  const each = (paths: object): object =>
    Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, uriOf(path)]));
  const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;
  const { dirs, preload } = config;
  const changed: Partial<vscode.DebugConfiguration> = {};
  for (const name of ['cwd', 'imports', 'stdin'])
    if (config[name] !== undefined) changed[name] = uriOf(config[name]);
  if (isRecord(preload) && !Array.isArray(preload)) changed.preload = each(preload);
  if (Array.isArray(dirs)) {
    changed.dirs = dirs.map((dir: unknown) =>
      isRecord(dir) && 'host' in dir ? { ...dir, host: uriOf(dir.host) } : dir,
    );
  } else if (isRecord(dirs)) changed.dirs = each(dirs);
  return changed;
}

/** "Run and Debug" offers the active file, and each module of the folder. */
export async function dynamicConfigurations(
  folder: vscode.WorkspaceFolder | undefined,
): Promise<vscode.DebugConfiguration[]> {
  const MOST = 50;
  const active = activeProgram();
  const pattern = folder ? new vscode.RelativePattern(folder, '**/*.{wat,wasm,wast}') : undefined;
  const found = pattern ? await vscode.workspace.findFiles(pattern, '**/node_modules/**', MOST) : [];
  const programs = new Map([...(active ? [active] : []), ...found].map((uri) => [uri.toString(), uri]));
  return [...programs.values()].map((uri) => ({
    type: TYPE,
    request: 'launch',
    name: vscode.l10n.t('Debug {0}', vscode.workspace.asRelativePath(uri)),
    program: programText(uri, folder),
  }));
}

/** A program as launch.json should spell it: below `${workspaceFolder}` where it can be. */
export function programText(uri: vscode.Uri, folder: vscode.WorkspaceFolder | undefined): string {
  if (folder && uri.toString().startsWith(`${folder.uri.toString()}/`)) {
    return '$' + `{workspaceFolder}/${vscode.workspace.asRelativePath(uri, false)}`;
  }
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

/** The settings, and what a configuration says instead. What is no object is for the debugger to refuse. */
function disassemblyOf({ disassembly }: vscode.DebugConfiguration, uri: vscode.Uri | undefined): unknown {
  if (disassembly !== undefined && typeof disassembly !== 'object') return disassembly;
  return { ...disassemblySettings(uri), ...disassembly };
}
