/**
 * The expressions of watch, hover and set value: parsing only.
 *
 *   expression = name | space '[' index ']'
 *   name       = '$' idchar+ | '$' string         a local, else a global, function, memory, table
 *   space      = 'local' | 'stack' | 'global' | 'func' | 'memory' | 'table'
 *   index      = an unsigned number of the text format
 *
 * `stack[0]` is the top of the operand stack. Knows nothing of frames: inspect.ts evaluates. Faults carry the span in
 * the expression.
 */

import { faultIn, type Span, WasmError } from '../base/errors.ts';
import { parseUint32 } from '../base/numbers.ts';

export type ExpressionSpace = 'local' | 'stack' | 'global' | 'func' | 'memory' | 'table';

export type Expression =
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  | { readonly kind: 'index'; readonly space: ExpressionSpace; readonly idx: number; readonly span: Span };

const SPACES: ReadonlySet<string> = new Set(['local', 'stack', 'global', 'func', 'memory', 'table']);

/** The spec's idchar (6.3.5), without the brackets that this language needs itself. */
const TOKEN =
  /\s*(?:(\$"(?:[^"\\]|\\.)*"|\$[\w!#$%&'*+\-./:<=>?@\\^`|~]+)|([A-Za-z_][\w.]*)|(\d[\w]*)|(.))/suy;

interface Token {
  readonly kind: 'name' | 'word' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly span: Span;
}

/** Parses an expression. Throws a usage fault with the place in `text`. */
export function parseExpression(text: string): Expression {
  const tokens = tokenize(text);
  let at = 0;
  const next = (): Token => tokens[Math.min(at++, tokens.length - 1)];
  const expect = (sign: string): Token => {
    const token = next();
    if (token.text !== sign) refuse(token, `'${sign}' expected`);
    return token;
  };

  const primary = (): Expression => {
    const token = next();
    if (token.kind === 'name') return { kind: 'name', name: nameOf(token.text), span: token.span };
    if (token.kind !== 'word') refuse(token, 'expression expected, such as $name, local[0] or stack[0]');
    if (!SPACES.has(token.text))
      refuse(token, `unknown name ${token.text}: names of the module begin with $`);
    expect('[');
    const index = next();
    const parsed = parseUint32(index.text);
    if (index.kind !== 'number' || !parsed.ok) return refuse(index, 'index expected');
    const { end } = expect(']').span;
    const space = token.text as ExpressionSpace;
    return { kind: 'index', space, idx: parsed.value, span: { start: token.span.start, end } };
  };

  const expression = primary();
  const rest = next();
  if (rest.kind !== 'end') refuse(rest, 'unexpected token');
  return expression;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [whole, name, word, number, sign] = match;
    if (sign !== undefined && sign.trim() === '') continue;
    const found = name ?? word ?? number ?? sign;
    const kind =
      name !== undefined ? 'name' : word !== undefined ? 'word' : number !== undefined ? 'number' : 'sign';
    const end = match.index + whole.length;
    tokens.push({ kind, text: found, span: { start: end - found.length, end } });
  }
  tokens.push({ kind: 'end', text: '', span: { start: text.length, end: text.length } });
  return tokens;
}

function nameOf(token: string): string {
  if (!token.startsWith('$"')) return token.slice(1);
  return token
    .slice(2, -1)
    .replace(/\\(["'\\]|[0-9a-fA-F]{2})/g, (_, code: string) =>
      code.length === 1 ? code : String.fromCharCode(Number.parseInt(code, 16)),
    );
}

function refuse(token: Token, message: string): never {
  const found = token.kind === 'end' ? 'the end' : `'${token.text}'`;
  throw new WasmError(faultIn('usage', token.span, `${message}, found ${found}`));
}
