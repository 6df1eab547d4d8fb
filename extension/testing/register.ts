/**
 * VS Code's Testing view for the assertions of `.wast` files: run, debug, and what was expected beside what came. Also
 * the lenses above assertions.
 */

import * as vscode from 'vscode';
import { LENS_COMMANDS } from '../language/lens-commands.ts';
import type { LanguageService } from '../language/service.ts';
import { runTests } from './run.ts';
import { TestTree } from './tree.ts';

/** What a lens says of its assertion, in LSP's words. */
interface LensRange {
  readonly start: { readonly line: number; readonly character: number };
}

export function registerTesting(
  language: LanguageService,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const controller = vscode.tests.createTestController('wasmscope', vscode.l10n.t('WebAssembly Scripts'));
  const tree = new TestTree(controller, language, log);
  const resolve = (file: vscode.TestItem) => tree.tests(file);
  const profile = (label: string, kind: vscode.TestRunProfileKind, debugging: boolean) =>
    controller.createRunProfile(
      label,
      kind,
      (request, token) => runTests(controller, request, token, debugging, resolve),
      true,
    );
  /** The lens above an assertion: that one alone. */
  const lens = (name: string, debugging: boolean) =>
    vscode.commands.registerCommand(name, async (file: string, { start }: LensRange) => {
      const item = tree.file(vscode.Uri.parse(file));
      await tree.tests(item);
      const test = [...item.children]
        .flatMap(([, module]) => [...module.children].map(([, assertion]) => assertion))
        .find(({ range }) => range?.start.isEqual(new vscode.Position(start.line, start.character)));
      if (!test) return;
      const source = new vscode.CancellationTokenSource();
      await runTests(controller, new vscode.TestRunRequest([test]), source.token, debugging, resolve);
    });
  return [
    controller,
    tree,
    profile(vscode.l10n.t('Run'), vscode.TestRunProfileKind.Run, false),
    profile(vscode.l10n.t('Debug'), vscode.TestRunProfileKind.Debug, true),
    lens(LENS_COMMANDS.runAssertion, false),
    lens(LENS_COMMANDS.debugAssertion, true),
  ];
}
