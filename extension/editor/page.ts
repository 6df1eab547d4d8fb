/**
 * The shell of a webview page: a strict content security policy, a body without content, and the page's strings in the user's
 * language (webview/strings.ts reads them). Script and style stand in it: each file that a page loads makes its way through a
 * service worker and the window first, before anything is shown.
 */

import * as vscode from 'vscode';

type PageName = 'module' | 'memory';

interface Assets {
  readonly script: string;
  readonly style: string;
}

const read = new Map<PageName, Promise<Assets>>();

/** Puts a page into a panel that is open until then. Rejects with VS Code's FileSystemError. */
export async function fillPage(
  panel: vscode.WebviewPanel,
  extension: vscode.Uri,
  name: PageName,
  strings: Readonly<Record<string, string>>,
): Promise<void> {
  let isOpen = true;
  const closed = panel.onDidDispose(() => {
    isOpen = false;
  });
  const assets = await pageAssets(extension, name).finally(() => closed.dispose());
  if (isOpen) panel.webview.html = pageHtml(assets, strings);
}

/** Reads what a page is made of, once: who will open one soon begins early. */
export function pageAssets(extension: vscode.Uri, name: PageName): Promise<Assets> {
  const known = read.get(name);
  if (known) return known;
  const text = async (ending: string) => {
    const uri = vscode.Uri.joinPath(extension, 'dist', 'webview', `${name}.${ending}`);
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  };
  const reading = Promise.all([text('js'), text('css')]).then(([script, style]) => ({ script, style }));
  read.set(name, reading);
  reading.catch(() => read.delete(name));
  return reading;
}

/** HTML that may load nothing. A nonce tells its script and style from whatever else comes into it. */
function pageHtml({ script, style }: Assets, strings: Readonly<Record<string, string>>): string {
  const nonce = newNonce();
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}';`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>WebAssembly</title>
  <style nonce="${nonce}">${style.replaceAll('</style', '<\\/style')}</style>
</head>
<body>
  <main id="page" aria-busy="true" data-strings="${attribute(JSON.stringify(strings))}"></main>
  <script nonce="${nonce}">${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>`;
}

function newNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
