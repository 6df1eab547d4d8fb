/**
 * Expressions of the Itanium C++ ABI (section 5.1.5.4 and 5.1.5.5): they stand in template arguments, array bounds
 * and `decltype`. See `itanium-names.ts` for why the three files of the grammar import each other.
 */

import { isDigit } from './cursor.ts';
import {
  parseEncoding,
  parseOperatorName,
  parseSourceName,
  parseSubstitution,
  parseTemplateArg,
  parseTemplateArgs,
  parseUnqualified,
} from './itanium-names.ts';
import { type Node, nameNode } from './itanium-node.ts';
import { LITERAL_SUFFIX, OPERATORS } from './itanium-operators.ts';
import type { ItaniumState } from './itanium-state.ts';
import { parseDecltype, parseType } from './itanium-types.ts';
import { malformed } from './limits.ts';

type Part = string | Node;

export function parseExpression(s: ItaniumState): Node {
  s.enter();
  const node = parseExpressionInside(s);
  s.leave();
  return node;
}

function expression(...parts: Part[]): Node {
  return { kind: 'expression', parts };
}

function sub(node: Node): Node {
  return { kind: 'sub', node };
}

function operand(s: ItaniumState): Node {
  return sub(parseExpression(s));
}

function parseExpressionInside(s: ItaniumState): Node {
  const c = s.peek();
  if (c === 'L') return parseLiteral(s);
  if (c === 'T') return s.templateParam();
  if (isDigit(c)) return parseUnresolvedName(s);
  if (c === 'f' && (s.peek(1) === 'p' || (s.peek(1) === 'L' && isDigit(s.peek(2))))) {
    return parseFunctionParam(s);
  }
  if (c === 'f' && s.peek(1) !== '' && 'lrLR'.includes(s.peek(1))) return parseFold(s);
  if (c === 'u' && isDigit(s.peek(1))) {
    s.pos++;
    return expression(parseSourceName(s), '(', { kind: 'list', items: templateArgsUntilE(s) }, ')');
  }
  if (s.starts('gs')) return parseGlobal(s);
  const code = c + s.peek(1);
  const special = SPECIAL_FORMS[code];
  if (special) {
    s.pos += 2;
    return special(s);
  }
  const operator = OPERATORS.get(code);
  if (!operator) return malformed();
  s.pos += 2;
  switch (operator.form) {
    case 'prefix':
      return code === 'ad' ? parseAddress(s) : expression(operator.text, operand(s));
    case 'postfix':
      return s.eat('_') ? expression(operator.text, operand(s)) : expression(operand(s), operator.text);
    case 'binary':
      return binary(operator.text, operand(s), operand(s));
    case 'ternary': {
      const parts = [operand(s), '?', operand(s), ' : ', operand(s)];
      return expression(...parts);
    }
    default:
      return malformed();
  }
}

/** A `>` would end template arguments, hence the parentheses. */
function binary(operator: string, left: Node, right: Node): Node {
  return operator === '>' ? expression('(', left, operator, right, ')') : expression(left, operator, right);
}

/** The address of a member function is shown without its parameters. */
function parseAddress(s: ItaniumState): Node {
  const node = parseExpression(s);
  if (node.kind === 'encoding' && node.name.kind === 'nested' && !node.type.qualifiers.length) {
    return expression('&', node.name);
  }
  return expression('&', sub(node));
}

/** Expressions until E, with commas. */
function list(s: ItaniumState): Node {
  const items: Node[] = [];
  while (!s.eat('E')) items.push(parseExpression(s));
  return { kind: 'list', items };
}

function templateArgsUntilE(s: ItaniumState): Node[] {
  const items: Node[] = [];
  while (!s.eat('E')) items.push(parseTemplateArg(s));
  return items;
}

const cast =
  (keyword: string) =>
  (s: ItaniumState): Node =>
    expression(`${keyword}<`, parseType(s), '>(', parseExpression(s), ')');

const SPECIAL_FORMS: Readonly<Record<string, (s: ItaniumState) => Node>> = {
  at: (s) => expression('alignof (', parseType(s), ')'),
  az: (s) => expression('alignof (', parseExpression(s), ')'),
  cc: cast('const_cast'),
  cl: (s) => {
    const callee = operandOfCall(s);
    return expression(callee, '(', list(s), ')');
  },
  cp: (s) => {
    const callee = operandOfCall(s);
    return expression(callee, '(', list(s), ')');
  },
  cv: (s) => {
    const { takesArgs } = s;
    s.takesArgs = false;
    const type = parseType(s);
    s.takesArgs = takesArgs;
    if (s.eat('_')) return expression('(', type, ')(', list(s), ')');
    return expression('(', type, ')', operand(s));
  },
  da: (s) => expression('delete[] ', operand(s)),
  dc: cast('dynamic_cast'),
  dl: (s) => expression('delete ', operand(s)),
  dn: (s) => {
    s.pos -= 2;
    return parseUnresolvedName(s);
  },
  ds: (s) => expression(operand(s), '.*', operand(s)),
  di: (s) => designated(s, expression('.', parseSourceName(s))),
  dt: (s) => expression(operand(s), '.', operand(s)),
  dx: (s) => designated(s, expression('[', parseExpression(s), ']')),
  dX: (s) => designated(s, expression('[', parseExpression(s), ' ... ', parseExpression(s), ']')),
  il: (s) => expression('{', list(s), '}'),
  ix: (s) => expression(operand(s), '[', parseExpression(s), ']'),
  na: (s) => parseNew(s),
  nw: (s) => parseNew(s),
  nx: (s) => expression('noexcept (', parseExpression(s), ')'),
  on: (s) => {
    s.pos -= 2;
    return parseUnresolvedName(s);
  },
  pt: (s) => expression(operand(s), '->', operand(s)),
  rc: cast('reinterpret_cast'),
  rq: (s) => parseRequires(s),
  rQ: (s) => parseRequires(s),
  sP: (s) => {
    const items = templateArgsUntilE(s);
    const pattern: Node = { kind: 'list', items };
    const expanded = items.some((item) => item.kind === 'expansion');
    return expanded ? expression('sizeof...(', pattern, ')') : nameNode(String(items.length));
  },
  sZ: (s) => {
    const pattern = s.peek() === 'T' ? s.templateParam() : parseFunctionParam(s);
    return pattern.kind === 'param' ? { kind: 'length', pattern } : expression('sizeof...(', pattern, ')');
  },
  sc: cast('static_cast'),
  so: (s) => {
    const type = parseType(s);
    const base = parseExpression(s);
    const offset = (s.eat('n') ? '-' : '') + s.digits();
    while (s.eat('_')) s.digits();
    s.eat('p');
    s.expect('E');
    return expression(base, '.<', type, ` at offset ${offset || '0'}>`);
  },
  sp: (s) => ({ kind: 'expansion', pattern: parseExpression(s) }),
  sr: (s) => {
    s.pos -= 2;
    return parseUnresolvedName(s);
  },
  st: (s) => expression('sizeof (', parseType(s), ')'),
  sz: (s) => expression('sizeof ', operand(s)),
  te: (s) => expression('typeid (', parseExpression(s), ')'),
  ti: (s) => expression('typeid (', parseType(s), ')'),
  tl: (s) => expression(parseType(s), '{', list(s), '}'),
  tr: () => nameNode('throw'),
  tw: (s) => expression('throw ', operand(s)),
};

/** What is called: a function by name is called without the types of its parameters. */
function operandOfCall(s: ItaniumState): Node {
  const callee = parseExpression(s);
  return sub(callee.kind === 'encoding' ? callee.name : callee);
}

/** `.b=1` and `[0]=1` in braces; several designators in a row need only one `=`. */
function designated(s: ItaniumState, designator: Node): Node {
  const more = s.starts('di') || s.starts('dx') || s.starts('dX');
  return more ? expression(designator, parseExpression(s)) : expression(designator, '=', operand(s));
}

/** `gs` in front of a name, `new` or `delete`. */
function parseGlobal(s: ItaniumState): Node {
  const after = s.text.slice(s.pos + 2, s.pos + 4);
  if (after === 'nw' || after === 'na' || after === 'dl' || after === 'da') {
    s.pos += 2;
    return expression('::', parseExpression(s));
  }
  return parseUnresolvedName(s);
}

/** `nw <expression>* _ <type> (E | pi <expression>* E | il <expression>* E)` */
function parseNew(s: ItaniumState): Node {
  const placement: Node[] = [];
  while (!s.eat('_')) placement.push(parseExpression(s));
  const parts: Part[] = ['new '];
  if (placement.length) parts.push('(', { kind: 'list', items: placement }, ') ');
  parts.push(parseType(s));
  if (s.eat('pi')) parts.push('(', list(s), ')');
  else if (s.starts('il')) parts.push(parseExpression(s));
  else s.expect('E');
  return expression(...parts);
}

/** `fp_`, `fp0_`, `fpT`, `fL <level> p …`: parameters by number. */
function parseFunctionParam(s: ItaniumState): Node {
  if (s.eat('fpT')) return nameNode('this');
  if (s.eat('fL')) {
    s.decimal();
    s.expect('p');
  } else s.expect('fp');
  for (const qualifier of 'rVK') s.eat(qualifier);
  return nameNode(`{parm#${s.ordinal() + 1}}`);
}

/** `fl`, `fr`: unary, `fL`, `fR`: binary folds. */
function parseFold(s: ItaniumState): Node {
  s.expect('f');
  const kind = s.next();
  const text = OPERATORS.get(s.take(2))?.text ?? malformed();
  const first = operand(s);
  switch (kind) {
    case 'l':
      return expression('(...', text, first, ')');
    case 'r':
      return expression('(', first, text, '...)');
    default: {
      const second = operand(s);
      return expression('(', first, text, '...', text, second, ')');
    }
  }
}

/** `requires { … }` of a constraint. */
function parseRequires(s: ItaniumState): Node {
  const parts: Part[] = ['requires '];
  if (s.text[s.pos - 1] === 'Q') {
    const params: Node[] = [];
    while (!s.eat('_')) params.push(parseType(s));
    parts.push('(', { kind: 'list', items: params }, ') ');
  }
  parts.push('{');
  while (!s.eat('E')) {
    if (s.eat('X')) {
      parts.push(' ', parseExpression(s));
      if (s.eat('N')) parts.push(' noexcept');
      if (s.eat('R')) parts.push(' -> ', parseType(s));
    } else if (s.eat('T')) parts.push(' typename ', parseType(s));
    else {
      s.expect('Q');
      parts.push(' requires ', parseExpression(s));
    }
    parts.push(';');
  }
  return expression(...parts, ' }');
}

/** `L <type> <value> E`, `L _Z <encoding> E`, `L <string type> E`. */
export function parseLiteral(s: ItaniumState): Node {
  s.enter();
  const node = parseLiteralInside(s);
  s.leave();
  return node;
}

function parseLiteralInside(s: ItaniumState): Node {
  s.expect('L');
  if (s.eat('_Z') || s.eat('Z')) {
    const node = parseEncoding(s, true);
    s.expect('E');
    return node;
  }
  const type = parseType(s);
  if (s.eat('E')) return expression('(', type, ')');
  const negative = s.eat('n');
  const start = s.pos;
  while (s.peek() !== 'E') s.next();
  const value = s.text.slice(start, s.pos);
  s.expect('E');
  if (type.kind === 'name') {
    if (type.text === 'bool' && !negative && (value === '0' || value === '1')) {
      return { kind: 'name', text: value === '1' ? 'true' : 'false' };
    }
    const suffix = LITERAL_SUFFIX[type.text];
    if (suffix !== undefined) return { kind: 'name', text: (negative ? '-' : '') + value + suffix };
    if (FLOATS.has(type.text)) return expression('(', type, `)${negative ? '-' : ''}[${value}]`);
  }
  return expression('(', type, `)${negative ? '-' : ''}${value}`);
}

const FLOATS = new Set(['float', 'double', 'long double', '__float128']);

/** `[gs] [sr …] <base>`: a name that depends on template parameters. */
function parseUnresolvedName(s: ItaniumState): Node {
  const global = s.eat('gs') ? '::' : '';
  if (s.eat('srN')) {
    let scope = parseUnresolvedType(s);
    while (!s.eat('E')) scope = { kind: 'nested', scope, name: parseSimpleId(s) };
    return rooted(global, { kind: 'nested', scope, name: parseBaseName(s) });
  }
  if (!s.eat('sr')) return rooted(global, parseBaseName(s));
  let scope: Node;
  if (s.atDigit) {
    scope = parseSimpleId(s);
    if (!s.atDigit && s.peek() !== 'E') {
      return rooted(global, { kind: 'nested', scope, name: parseBaseName(s) });
    }
    while (!s.eat('E')) {
      if (!s.atDigit) return malformed();
      scope = { kind: 'nested', scope, name: parseSimpleId(s) };
    }
  } else scope = parseUnresolvedType(s);
  return rooted(global, { kind: 'nested', scope, name: parseBaseName(s) });
}

function rooted(global: string, node: Node): Node {
  return global ? { kind: 'wrap', before: global, node, after: '' } : node;
}

function parseUnresolvedType(s: ItaniumState): Node {
  let node: Node;
  if (s.peek() === 'T') node = s.remember(s.templateParam());
  else if (s.peek() === 'D') node = s.remember(parseDecltype(s));
  else if (s.eat('St')) {
    node = s.remember({ kind: 'nested', scope: nameNode('std'), name: parseUnqualified(s) });
  } else if (s.peek() === 'S') node = parseSubstitution(s);
  else return parseType(s);
  if (s.peek() !== 'I') return node;
  return s.remember({ kind: 'template', name: node, args: parseTemplateArgs(s) });
}

function parseSimpleId(s: ItaniumState): Node {
  const name = parseSourceName(s);
  return s.peek() === 'I' ? { kind: 'template', name, args: parseTemplateArgs(s) } : name;
}

function parseBaseName(s: ItaniumState): Node {
  if (s.atDigit) return parseSimpleId(s);
  if (s.eat('dn')) {
    const name = s.atDigit ? parseSimpleId(s) : parseUnresolvedType(s);
    return { kind: 'structor', prefix: '~', base: name };
  }
  s.eat('on');
  const name = parseOperatorName(s);
  return s.peek() === 'I' ? { kind: 'template', name, args: parseTemplateArgs(s) } : name;
}
