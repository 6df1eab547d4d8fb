/**
 * The shell of a webview page: a strict content security policy, one script, one style, an empty body.
 */

import * as vscode from 'vscode';

/** HTML that may load only `summary.js` and `summary.css` from `assets`. */
export function pageHtml(webview: vscode.Webview, assets: vscode.Uri): string {
  const asset = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(assets, name)).toString();
  const policy = `default-src 'none'; script-src ${webview.cspSource}; style-src ${webview.cspSource};`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${asset('summary.css')}">
  <title>WebAssembly</title>
</head>
<body>
  <main id="page" aria-busy="true"></main>
  <script src="${asset('summary.js')}"></script>
</body>
</html>`;
}
