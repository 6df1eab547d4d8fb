/**
 * Which expression a hover evaluates: `$name` at the mouse, or the name in `local.get 0` as `local[0]`.
 *
 * Runs in the extension host on a line of text; knows Wasm's identifiers, not its grammar.
 */

import * as vscode from 'vscode';

/** A `$name` or `$"quoted name"` of the text format (spec 6.3.5). */
export const IDENTIFIER = /\$(?:"(?:[^"\\]|\\.)*"|[\w!#$%&'*+\-./:<=>?@\\^`|~]+)/g;
const INDEXED = /\b(local|global)\.(?:get|set|tee)\s+(\d+)/g;

export class WatExpressions implements vscode.EvaluatableExpressionProvider {
  provideEvaluatableExpression(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.EvaluatableExpression | undefined {
    const { text } = document.lineAt(position.line);
    const found = expressionAt(text, position.character);
    if (!found) return undefined;
    const range = new vscode.Range(position.line, found.start, position.line, found.end);
    return new vscode.EvaluatableExpression(range, found.expression);
  }
}

/** The expression under a column of a line, with the columns it covers. */
export function expressionAt(
  line: string,
  column: number,
): { start: number; end: number; expression: string } | undefined {
  for (const match of line.matchAll(IDENTIFIER)) {
    const end = match.index + match[0].length;
    if (match.index <= column && column < end) return { start: match.index, end, expression: match[0] };
  }
  for (const match of line.matchAll(INDEXED)) {
    const end = match.index + match[0].length;
    if (match.index <= column && column <= end) {
      return { start: match.index, end, expression: `${match[1]}[${match[2]}]` };
    }
  }
  return undefined;
}
