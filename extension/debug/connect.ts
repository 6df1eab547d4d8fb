/**
 * Where a session with `"request": "attach"` goes: to the port that a program started with `wasmscope run --dap` listens at.
 */

import * as vscode from 'vscode';
import type { AdapterPipe, Platform } from '../platform.ts';

/** Connects to the program. Throws an Error for people if the configuration makes no sense, or nobody can connect here. */
export function connectToProgram(platform: Platform, { connect }: vscode.DebugConfiguration): AdapterPipe {
  const { host = '127.0.0.1', port } = (connect ?? {}) as { host?: unknown; port?: unknown };
  const number = Number(port);
  if (typeof host !== 'string' || port === '' || !Number.isInteger(number) || number < 1 || number > 65535) {
    throw new Error(
      vscode.l10n.t('"connect" must be {"port": 4711}: the port that "wasmscope run --dap" prints.'),
    );
  }
  if (!platform.connect) {
    throw new Error(vscode.l10n.t('VS Code for the Web cannot connect to a running program.'));
  }
  return platform.connect(host, number);
}
