/**
 * The words of the expression language: where each token of a text begins and ends, and what kind it is.
 *
 * Names may hold the signs of operators, so who tokenizes says which names there are. Text that is no token at all does not
 * exist: every other character is a sign. Knows no grammar.
 */

import { faultIn, type Span, WasmError } from '../base/errors.ts';

/** The spec's idchar (6.3.5), without the brackets that this language needs itself. */
const TOKEN =
  /\s*(?:(\$"(?:[^"\\]|\\.)*"|\$[\w!#$%&'*+\-./:<=>?@\\^`|~]+)|("(?:[^"\\]|\\.)*")|(@\d+|[A-Za-z_][\w.]*)|(\d[\w]*(?:\.\d[\w]*)?(?:(?<=[eEpP])[+-]?\d[\w]*)?)|(>>>|(?:<=|>=|<<|>>|<|>|\/|%)(?:_[us])?|==|!=|&&|\|\||.))/suy;
/** What of `$x+1` is the name when no name of the program says more. */
const PLAIN_NAME = /^\$[\w$]+(?:\.[\w$]+)*/;

export interface Token {
  readonly kind: 'name' | 'word' | 'string' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly span: Span;
}

/** The tokens of a text, with one for its end. `isName` says which names there are. */
export function tokenize(text: string, isName: ((name: string) => boolean) | undefined): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [whole, named, string, word, number, sign] = match;
    if (sign !== undefined && sign.trim() === '') continue;
    const name = named && isName ? knownPart(named, isName) : named;
    const found = name ?? string ?? word ?? number ?? sign;
    const kind = name ? 'name' : string ? 'string' : word ? 'word' : number ? 'number' : 'sign';
    const start = match.index + whole.length - (named ?? found).length;
    tokens.push({ kind, text: found, span: { start, end: start + found.length } });
    pattern.lastIndex = start + found.length;
  }
  tokens.push({ kind: 'end', text: '', span: { start: text.length, end: text.length } });
  return tokens;
}

/** The longest beginning of `$…` that is a name of the program; else what looks like one. */
function knownPart(token: string, isName: (name: string) => boolean): string {
  if (token.startsWith('$"')) return token;
  for (let { length } = token; length > 1; length--) {
    // What is left must begin with an operator: `$nope` is not `$n` and something else.
    if (!/\w/.test(token[length] ?? '') && isName(token.slice(1, length))) return token.slice(0, length);
  }
  return PLAIN_NAME.exec(token)?.[0] ?? token;
}

/** The name that a token `$x` or `$"any name"` means. */
export function nameOf(token: string): string {
  if (!token.startsWith('$"')) return token.slice(1);
  return token
    .slice(2, -1)
    .replace(/\\(["'\\]|[0-9a-fA-F]{2})/g, (_, code: string) =>
      code.length === 1 ? code : String.fromCharCode(Number.parseInt(code, 16)),
    );
}

/** Throws a usage fault that says what stands there instead. */
export function refuseToken(token: Token, message: string): never {
  const found = token.kind === 'end' ? 'the end' : `'${token.text}'`;
  throw new WasmError(faultIn('usage', token.span, `${message}, found ${found}`));
}
