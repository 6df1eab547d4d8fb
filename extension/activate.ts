/**
 * Puts the extension together: one place that says what exists and when it starts.
 *
 * Nothing here runs longer than it takes to register things: the language client starts in the background, the
 * debug adapter with the first session. Knows the parts, not their insides.
 */

import * as vscode from 'vscode';
import { DEBUG_TYPE, registerDebugging } from './debug/register.ts';
import { registerModuleEditor } from './editor/module-editor.ts';
import { registerDisassembly } from './files/disassembly.ts';
import { registerGoToFunction } from './files/go-to-function.ts';
import { registerReferences } from './language/lens-commands.ts';
import { registerNeighbours } from './language/neighbours.ts';
import { LanguageService } from './language/service.ts';
import { registerStatus } from './language/status.ts';
import type { Platform } from './platform.ts';
import { registerTesting } from './testing/register.ts';
import { registerWelcome } from './welcome.ts';

/** What VS Code hands to whoever asks for our exports: figures for the benchmark. */
export interface Activated {
  /** How long `activate()` took. */
  readonly milliseconds: number;
}

export function activateWith(context: vscode.ExtensionContext, platform: Platform): Activated {
  const began = performance.now();
  const log = vscode.window.createOutputChannel('Wasmscope', { log: true });
  const language = new LanguageService(platform, log);
  context.subscriptions.push(
    log,
    language,
    ...registerStatus(language, log),
    registerReferences(),
    ...registerNeighbours(context, language),
    ...registerDisassembly(language, DEBUG_TYPE),
    ...registerGoToFunction(language),
    ...registerModuleEditor(context, language, DEBUG_TYPE),
    ...registerDebugging(context, platform, language, log),
    ...registerTesting(language, log),
    ...registerWelcome(context),
  );
  // Loading the language client takes longer than all of this, and can wait until VS Code has its turn.
  setTimeout(() => language.start(), 0);
  return { milliseconds: performance.now() - began };
}
