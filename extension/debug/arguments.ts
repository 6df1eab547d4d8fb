/**
 * Arguments as a user types them: split, counted, and checked for form while typing.
 *
 * The debugger parses them for good, with the engine's own literals; this is the early, friendly check.
 * Messages go through VS Code's l10n.
 */

import * as vscode from 'vscode';

const INTEGER = /^[+-]?(?:0x[\da-f](?:_?[\da-f])*|\d(?:_?\d)*)$/i;
const FLOAT =
  /^[+-]?(?:inf|nan(?::0x[\da-f](?:_?[\da-f])*)?|0x[\da-f](?:_?[\da-f])*(?:\.(?:[\da-f](?:_?[\da-f])*)?)?(?:p[+-]?\d+)?|\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?(?:e[+-]?\d+)?)$/i;

/** Splits at spaces and commas, but not inside of the quotes and brackets of a component's values. */
export function splitArguments(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let word = '';
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|./gs)) {
    if (depth === 0 && /^[\s,]$/.test(part)) {
      if (word !== '') found.push(word);
      word = '';
      continue;
    }
    if (/^[([{]$/.test(part)) depth++;
    else if (/^[)\]}]$/.test(part)) depth = Math.max(0, depth - 1);
    word += part;
  }
  return word === '' ? found : [...found, word];
}

/** What is wrong with the arguments typed so far; undefined if nothing is. */
export function argumentProblem(
  text: string,
  params: readonly { readonly type: string; readonly name?: string }[],
): string | undefined {
  const args = splitArguments(text);
  if (args.length !== params.length) {
    return params.length === 1
      ? vscode.l10n.t('expected 1 argument, found {0}', args.length)
      : vscode.l10n.t('expected {0} arguments, found {1}', params.length, args.length);
  }
  for (const [i, { type, name }] of params.entries()) {
    if (!isLiteral(args[i], type))
      return vscode.l10n.t('{0}: {1} expected, found {2}', name ?? i, type, args[i]);
  }
  return undefined;
}

function isLiteral(text: string, type: string): boolean {
  if (type === 'i32') return INTEGER.test(text) && inRange(text, 32n);
  if (type === 'i64') return INTEGER.test(text) && inRange(text, 64n);
  if (type === 'f32' || type === 'f64') return FLOAT.test(text);
  return true;
}

function inRange(text: string, bits: bigint): boolean {
  const negative = text.startsWith('-');
  const magnitude = BigInt(text.replace(/^[+-]/, '').replaceAll('_', ''));
  return negative ? magnitude <= 1n << (bits - 1n) : magnitude < 1n << bits;
}
