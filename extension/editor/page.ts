/**
 * The shell of a webview page: a strict content security policy, one script, one style, a body without content, and
 * the page's strings in the user's language (webview/strings.ts reads them).
 */

import * as vscode from 'vscode';

/** HTML that may load only `<name>.js` and `<name>.css` from `assets`. */
export function pageHtml(
  webview: vscode.Webview,
  assets: vscode.Uri,
  name: 'summary' | 'memory',
  strings: Readonly<Record<string, string>>,
): string {
  const asset = (extension: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(assets, `${name}.${extension}`)).toString();
  const policy = `default-src 'none'; script-src ${webview.cspSource}; style-src ${webview.cspSource};`;
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
  <script src="${asset('js')}"></script>
</body>
</html>`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
