/**
 * Types of the Itanium C++ ABI (section 5.1.5). See `itanium-names.ts` for why the three files of the grammar import
 * each other.
 */

import { isDigit } from './cursor.ts';
import { parseExpression } from './itanium-expressions.ts';
import {
  parseName,
  parseParams,
  parseQualifiers,
  parseSourceName,
  parseSubstitution,
  parseTemplateArgs,
} from './itanium-names.ts';
import { type FunctionNode, type Node, nameNode, type TemplateNode } from './itanium-node.ts';
import { BUILTIN_D_TYPES, BUILTIN_TYPES } from './itanium-operators.ts';
import type { ItaniumState } from './itanium-state.ts';
import { malformed } from './limits.ts';

export function parseType(s: ItaniumState): Node {
  s.enter();
  const node = parseTypeInside(s);
  s.leave();
  return node;
}

function parseTypeInside(s: ItaniumState): Node {
  const c = s.peek();
  const builtin = BUILTIN_TYPES[c];
  if (builtin !== undefined && c !== '') {
    s.pos++;
    return nameNode(builtin);
  }
  switch (c) {
    case 'r':
    case 'V':
    case 'K':
      return parseQualified(s);
    case 'P':
      return pointer(s, '*');
    case 'R':
      return pointer(s, '&');
    case 'O':
      return pointer(s, '&&');
    case 'C':
    case 'G': {
      s.pos++;
      const after = c === 'C' ? ' _Complex' : ' _Imaginary';
      return s.remember({ kind: 'qualified', type: parseType(s), qualifier: after });
    }
    case 'A':
      return s.remember(parseArray(s));
    case 'M': {
      s.pos++;
      const owner = parseType(s);
      return s.remember({ kind: 'member', class: owner, type: parseType(s) });
    }
    case 'F':
      return s.remember(parseFunction(s, []));
    case 'T':
      return parseTemplateParamType(s);
    case 'D':
      return parseD(s);
    case 'u': {
      s.pos++;
      const name = parseSourceName(s);
      const type: Node = s.peek() === 'I' ? template(name, parseTemplateArgs(s)) : name;
      return s.remember(type);
    }
    case 'U':
      return parseVendorQualified(s);
    case 'S':
      return parseSubstitutedType(s);
    default:
      return s.remember(parseName(s));
  }
}

function template(name: Node, args: readonly Node[]): TemplateNode {
  return { kind: 'template', name, args };
}

function pointer(s: ItaniumState, sigil: '*' | '&' | '&&'): Node {
  s.pos++;
  return s.remember({ kind: 'pointer', sigil, type: parseType(s) });
}

/** Qualifiers of a function type belong behind its parameters. */
function parseQualified(s: ItaniumState): Node {
  const qualifiers = parseQualifiers(s);
  if (startsFunction(s)) return s.remember(parseFunction(s, qualifiers));
  let type = parseType(s);
  for (const qualifier of qualifiers) type = { kind: 'qualified', type, qualifier };
  return s.remember(type);
}

function startsFunction(s: ItaniumState): boolean {
  return s.peek() === 'F' || (s.peek() === 'D' && s.peek(1) !== '' && 'oOwx'.includes(s.peek(1)));
}

/** `[Do | DO <expression> E | Dw <types> E] [Dx] F [Y] <types> [R | O] E` */
function parseFunction(s: ItaniumState, outer: readonly string[]): FunctionNode {
  const exceptions: (string | Node)[] = [];
  if (s.eat('Do')) exceptions.push(' noexcept');
  else if (s.eat('DO')) {
    exceptions.push({ kind: 'expression', parts: [' noexcept(', parseExpression(s), ')'] });
    s.expect('E');
  } else if (s.eat('Dw')) {
    const types: (string | Node)[] = [];
    while (!s.eat('E')) types.push(types.length ? ', ' : '', parseType(s));
    exceptions.push({ kind: 'expression', parts: [' throw(', ...types, ')'] });
  }
  if (s.eat('Dx')) exceptions.push(' transaction_safe');
  s.expect('F');
  s.eat('Y');
  const result = parseType(s);
  const ended = () => s.peek() === 'E' || ((s.peek() === 'R' || s.peek() === 'O') && s.peek(1) === 'E');
  const params = ended() ? [] : parseParams(s, ended);
  const reference = s.eat('R') ? [' &'] : s.eat('O') ? [' &&'] : [];
  s.expect('E');
  return { kind: 'function', result, params, qualifiers: [...outer, ...reference, ...exceptions] };
}

function parseArray(s: ItaniumState): Node {
  s.expect('A');
  let size: Node | undefined;
  if (s.atDigit) size = nameNode(s.digits());
  else if (s.peek() !== '_') size = parseExpression(s);
  s.expect('_');
  return { kind: 'array', size, type: parseType(s) };
}

function parseTemplateParamType(s: ItaniumState): Node {
  const tag = { s: 'struct ', u: 'union ', e: 'enum ' }[s.peek(1)];
  if (tag) {
    s.pos += 2;
    return s.remember(parseName(s));
  }
  const param = s.remember(s.templateParam());
  if (!s.takesArgs || s.peek() !== 'I') return param;
  return s.remember(template(param, parseTemplateArgs(s)));
}

function parseSubstitutedType(s: ItaniumState): Node {
  if (s.peek(1) === 't') return s.remember(parseName(s));
  const node = parseSubstitution(s);
  if (s.peek() !== 'I' || !s.takesArgs) return node;
  return s.remember(template(node, parseTemplateArgs(s)));
}

function parseD(s: ItaniumState): Node {
  const c = s.peek(1);
  switch (c) {
    case 't':
    case 'T':
      return s.remember(parseDecltype(s));
    case 'o':
    case 'O':
    case 'w':
    case 'x':
      return s.remember(parseFunction(s, []));
    case 'p':
      s.pos += 2;
      return s.remember({ kind: 'expansion', pattern: parseType(s) });
    case 'v':
      return s.remember(parseVector(s));
    case 'F':
      return parseFloatType(s);
    case 'B':
    case 'U': {
      s.pos += 2;
      const size = s.atDigit ? nameNode(s.digits()) : parseExpression(s);
      s.expect('_');
      return { kind: 'expression', parts: [c === 'U' ? 'unsigned _BitInt(' : '_BitInt(', size, ')'] };
    }
    case 'k':
    case 'K': {
      s.pos += 2;
      const after = c === 'k' ? ' auto' : ' decltype(auto)';
      return { kind: 'qualified', type: parseType(s), qualifier: after };
    }
    default: {
      const builtin = c === '' ? undefined : BUILTIN_D_TYPES[c];
      if (builtin === undefined) malformed();
      s.pos += 2;
      return nameNode(builtin);
    }
  }
}

export function parseDecltype(s: ItaniumState): Node {
  if (!s.eat('Dt')) s.expect('DT');
  const node = parseExpression(s);
  s.expect('E');
  return { kind: 'expression', parts: ['decltype (', node, ')'] };
}

/** `Dv <number> _ <type>`, `Dv <expression> _ <type>`, `Dv [<expression>] _ <type>` */
function parseVector(s: ItaniumState): Node {
  s.expect('Dv');
  let size: Node;
  if (s.eat('_')) size = parseExpression(s);
  else size = s.atDigit ? nameNode(s.digits()) : parseExpression(s);
  s.expect('_');
  const type = s.eat('p') ? nameNode('pixel') : parseType(s);
  return { kind: 'expression', parts: [type, ' __vector(', size, ')'] };
}

function parseFloatType(s: ItaniumState): Node {
  s.expect('DF');
  if (s.eat('16b')) return nameNode('std::bfloat16_t');
  const bits = s.digits();
  if (bits === '') malformed();
  const suffix = s.eat('x') ? 'x' : '';
  if (!suffix) s.expect('_');
  return nameNode(`_Float${bits}${suffix}`);
}

/** `U <name> [<template-args>] <type>` */
function parseVendorQualified(s: ItaniumState): Node {
  if (!isDigit(s.peek(1))) return s.remember(parseName(s));
  s.expect('U');
  let name = parseSourceName(s);
  if (s.peek() === 'I') name = template(name, parseTemplateArgs(s));
  const type = parseType(s);
  if (name.kind === 'name') {
    return s.remember({ kind: 'qualified', type, qualifier: ` ${name.text}` });
  }
  return s.remember({ kind: 'expression', parts: [type, ' ', name] });
}
