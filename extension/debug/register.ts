/**
 * Debugging in VS Code: the debug type, its configurations, the commands around F5, and what the views cannot do
 * by themselves (the exact range of the current instruction).
 */

import * as vscode from 'vscode';
import type { LanguageService } from '../language/service.ts';
import { registerMemoryViews } from '../memory/view.ts';
import type { Platform } from '../platform.ts';
import { AdapterFactory } from './adapter.ts';
import { forgetMovedAnchors } from './anchors.ts';
import { registerCommands } from './commands.ts';
import { ConfigurationProvider, dynamicConfigurations } from './configuration.ts';
import { registerExpertCommands } from './experts.ts';
import { registerInstantiation } from './instantiation.ts';
import { InstructionRange } from './instruction-range.ts';
import { Invocations } from './invocation.ts';
import { offerRestarts } from './rebuilt.ts';
import { WatExpressions } from './wat-expressions.ts';
import { registerWatchpoints } from './watchpoints.ts';

export const DEBUG_TYPE = 'wasmscope';

export function registerDebugging(
  context: vscode.ExtensionContext,
  platform: Platform,
  language: LanguageService,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const invocations = new Invocations(context.workspaceState, language, log);
  const range = new InstructionRange();
  const provider = new ConfigurationProvider(invocations);
  return [
    range,
    vscode.debug.registerDebugAdapterDescriptorFactory(
      DEBUG_TYPE,
      new AdapterFactory(platform, log, range, context.workspaceState),
    ),
    forgetMovedAnchors(context.workspaceState),
    ...offerRestarts(DEBUG_TYPE),
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, provider),
    vscode.debug.registerDebugConfigurationProvider(
      DEBUG_TYPE,
      { provideDebugConfigurations: dynamicConfigurations },
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
    vscode.languages.registerEvaluatableExpressionProvider({ language: 'wat' }, new WatExpressions()),
    ...registerCommands(invocations),
    ...registerExpertCommands(DEBUG_TYPE),
    ...registerMemoryViews(context, DEBUG_TYPE),
    ...registerWatchpoints(context.workspaceState, DEBUG_TYPE),
    ...registerInstantiation(language, DEBUG_TYPE),
  ];
}
