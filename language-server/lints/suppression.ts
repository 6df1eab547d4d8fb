/**
 * Comments that silence lints: `;; wasmscope-ignore dead-store` for its own line, or for the next one if nothing else
 * stands on its line; `;; wasmscope-ignore-file` for the text. Without codes, all lints. What comes behind `:` or
 * `--` is a reason for people.
 */

import type { Span } from '../../engine/base/errors.ts';
import { Tok, tokenAt } from '../../engine/text/lexer.ts';
import type { Tree } from '../../engine/text/tree.ts';
import type { Lint } from './lint.ts';

const MARK = 'wasmscope-ignore';

interface Suppression {
  /** Where the silenced line begins and ends; the whole text for `wasmscope-ignore-file`. */
  readonly span: Span;
  /** Empty: all. */
  readonly codes: ReadonlySet<string>;
}

export interface Suppressions {
  silences(lint: Lint): boolean;
  /** Codes in suppressions that no lint has, with their places. */
  readonly unknown: readonly { readonly code: string; readonly span: Span }[];
}

export function suppressionsOf(tree: Tree, isCode: (code: string) => boolean): Suppressions {
  const { tokens } = tree;
  const { text, kinds, starts } = tokens;
  const found: Suppression[] = [];
  const unknown: { code: string; span: Span }[] = [];
  for (let pos = text.indexOf(MARK); pos >= 0; pos = text.indexOf(MARK, pos + 1)) {
    const token = tokenAt(tokens, pos);
    const kind = kinds[token];
    if (kind !== Tok.LineComment && kind !== Tok.BlockComment) continue;
    const said = /^wasmscope-ignore(-file)?(?![\w-])([\s,a-z0-9-]*?)(?=:|--|;\)|$)/m.exec(
      text.slice(pos, starts[token + 1]),
    );
    if (!said) continue;
    const codes = new Set<string>();
    const list = said[2];
    const listAt = pos + said[0].length - list.length;
    for (const { 0: code, index } of list.matchAll(/[a-z][a-z0-9-]*/g)) {
      codes.add(code);
      const start = listAt + index;
      if (!isCode(code)) unknown.push({ code, span: { start, end: start + code.length } });
    }
    const span = said[1] ? { start: 0, end: text.length } : silencedLine(tree, token);
    found.push({ span, codes });
  }
  return {
    unknown,
    silences: ({ code, span }) =>
      found.some(
        ({ span: at, codes }) =>
          at.start <= span.start && span.start <= at.end && (codes.size === 0 || codes.has(code)),
      ),
  };
}

/** The line that the comment at `token` is about. */
function silencedLine(tree: Tree, token: number): Span {
  const { text, starts } = tree.tokens;
  const start = lineStart(text, starts[token]);
  if (text.slice(start, starts[token]).trim() !== '') return { start, end: lineEnd(text, starts[token]) };
  // Further comments may stand between it and what it is about.
  let next = lineEnd(text, starts[token + 1]) + 1;
  while (next < text.length && /^\s*(;;|$)/.test(text.slice(next, lineEnd(text, next)))) {
    next = lineEnd(text, next) + 1;
  }
  return { start: next, end: lineEnd(text, next) };
}

function lineStart(text: string, pos: number): number {
  while (pos > 0 && text[pos - 1] !== '\n' && text[pos - 1] !== '\r') pos--;
  return pos;
}

function lineEnd(text: string, pos: number): number {
  while (pos < text.length && text[pos] !== '\n' && text[pos] !== '\r') pos++;
  // A line that ends in CRLF ends behind the CR, so that the next one begins behind the LF.
  return text[pos] === '\r' && text[pos + 1] === '\n' ? pos + 1 : pos;
}
