/**
 * First steps: examples that open without a folder, a new file of WebAssembly text, and a report of a problem with the versions
 * that it needs.
 *
 * Examples open as untitled documents, which can be changed, debugged and thrown away; nothing in the extension's own
 * folder is edited.
 */

import * as vscode from 'vscode';

/** Files of `examples/` that are in the package, with what they show. */
const EXAMPLES: readonly { readonly file: string; readonly about: () => string }[] = [
  { file: 'fib.wat', about: () => vscode.l10n.t('Recursion: one function with one parameter') },
  { file: 'loop.wat', about: () => vscode.l10n.t('Blocks, loops and branches; a global') },
  { file: 'memory.wat', about: () => vscode.l10n.t('Linear memory, data segments, loads and stores') },
  { file: 'tables.wat', about: () => vscode.l10n.t('A table of functions and indirect calls') },
  { file: 'trap.wat', about: () => vscode.l10n.t('Traps, and what explains them') },
  { file: 'exceptions.wat', about: () => vscode.l10n.t('Exceptions: thrown, caught, uncaught') },
  { file: 'gc.wat', about: () => vscode.l10n.t('Structs, arrays, references and casts') },
  { file: 'simd.wat', about: () => vscode.l10n.t('Vectors and their lanes') },
];

/** What a new file begins with: something that runs, and stops at a breakpoint. */
const NEW_FILE = `(module
  (func $add (export "add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))
)
`;

export function registerWelcome(context: vscode.ExtensionContext): vscode.Disposable[] {
  const examples = vscode.Uri.joinPath(context.extensionUri, 'examples');
  return [
    vscode.commands.registerCommand('wasmscope.openExample', async (name?: string) => {
      const file = name ?? (await chooseExample());
      if (file === undefined) return;
      const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(examples, file));
      await showNew(new TextDecoder().decode(bytes));
    }),
    vscode.commands.registerCommand('wasmscope.newFile', () => showNew(NEW_FILE)),
    vscode.commands.registerCommand('wasmscope.reportIssue', () =>
      vscode.commands.executeCommand('workbench.action.openIssueReporter', {
        extensionId: context.extension.id,
        issueBody: issueBody(context.extension.packageJSON as { version: string }),
      }),
    ),
  ];
}

async function chooseExample(): Promise<string | undefined> {
  const items = EXAMPLES.map(({ file, about }) => ({ label: file, description: about() }));
  const placeHolder = vscode.l10n.t('It opens as a new file. Press F5 to debug it.');
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.label;
}

async function showNew(content: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: 'wat', content });
  await vscode.window.showTextDocument(document, { preview: false });
}

function issueBody({ version }: { version: string }): string {
  const where = vscode.env.uiKind === vscode.UIKind.Web ? 'Web' : 'desktop';
  return [
    'What I did:',
    '',
    'What I expected, and what happened instead:',
    '',
    'The module or text, as small as possible:',
    '',
    `Wasmscope ${version}, ${vscode.env.appName} ${vscode.version} (${where})`,
  ].join('\n');
}
