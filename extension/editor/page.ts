/**
 * The shell of a webview page: a strict content security policy, one script, one style, a body without content, and
 * the page's strings in the user's language (webview/strings.ts reads them).
 */

import * as vscode from 'vscode';

/** HTML that may load only `<name>.js`, by a nonce, and `<name>.css` from `assets`. */
export function pageHtml(
  webview: vscode.Webview,
  assets: vscode.Uri,
  name: 'module' | 'memory',
  strings: Readonly<Record<string, string>>,
): string {
  const asset = (extension: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(assets, `${name}.${extension}`)).toString();
  const nonce = newNonce();
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource};`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${asset('css')}">
  <title>WebAssembly</title>
</head>
<body>
  <main id="page" aria-busy="true" data-strings="${attribute(JSON.stringify(strings))}"></main>
  <script nonce="${nonce}" src="${asset('js')}"></script>
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
