/**
 * Names and encodings of the Itanium C++ ABI (sections 5.1.2 to 5.1.4 and 5.1.6): nested and local names, template
 * arguments, special names. The grammar is mutually recursive, so this file, `itanium-types.ts` and
 * `itanium-expressions.ts` import each other.
 */

import { isDigit, isLower } from './cursor.ts';
import { parseExpression, parseLiteral } from './itanium-expressions.ts';
import { type FunctionNode, type Node, nameNode } from './itanium-node.ts';
import { OPERATORS, operatorFunctionName, STANDARD } from './itanium-operators.ts';
import type { ItaniumState, NameFacts } from './itanium-state.ts';
import { parseDecltype, parseType } from './itanium-types.ts';
import { malformed } from './limits.ts';

/** A function or an object; `inner` ones, in local names and literals, are printed without their result type. */
export function parseEncoding(s: ItaniumState, inner: boolean): Node {
  s.enter();
  const { takesArgs } = s;
  s.takesArgs = true;
  const node = s.peek() === 'T' || s.peek() === 'G' ? parseSpecial(s) : parseFunctionOrData(s, inner);
  s.takesArgs = takesArgs;
  s.leave();
  return node;
}

function parseFunctionOrData(s: ItaniumState, inner: boolean): Node {
  const facts: NameFacts = { qualifiers: [], noResult: false, endsWithArgs: false, args: [] };
  const name = parseName(s, facts);
  if (endsEncoding(s)) return name;
  const qualifiers: (string | Node)[] = facts.qualifiers;
  if (s.eat('Ua9enable_ifI')) {
    const conditions: (string | Node)[] = [' [enable_if:'];
    while (!s.eat('E')) conditions.push(conditions.length > 1 ? ', ' : '', parseTemplateArg(s));
    qualifiers.push({ kind: 'expression', parts: [...conditions, ']'] });
  }
  let result: Node | undefined;
  if (facts.endsWithArgs && !facts.noResult) result = parseType(s);
  const params = parseParams(s, () => endsEncoding(s) || s.peek() === 'Q');
  if (s.eat('Q')) {
    qualifiers.push({ kind: 'constraint', node: parseExpression(s) });
  }
  const type: FunctionNode = { kind: 'function', result: inner ? undefined : result, params, qualifiers };
  return { kind: 'encoding', name, type, templateArgs: facts.args };
}

function endsEncoding(s: ItaniumState): boolean {
  const c = s.peek();
  return c === '' || c === 'E' || c === '.' || c === '_';
}

/** Parameter types; a single `v` is none. */
export function parseParams(s: ItaniumState, ended: () => boolean): Node[] {
  if (s.eat('v')) {
    if (!ended()) malformed();
    return [];
  }
  const params: Node[] = [];
  do params.push(parseType(s));
  while (!ended());
  return params;
}

const SPECIAL_TYPES: Readonly<Record<string, string>> = {
  TV: 'vtable for ',
  TT: 'VTT for ',
  TI: 'typeinfo for ',
  TS: 'typeinfo name for ',
  TF: 'typeinfo fn for ',
};

const SPECIAL_NAMES: Readonly<Record<string, string>> = {
  TH: 'TLS init function for ',
  TW: 'TLS wrapper function for ',
  GV: 'guard variable for ',
};

const SPECIAL_ENCODINGS: Readonly<Record<string, string>> = {
  GA: 'hidden alias for ',
  GTt: 'transaction clone for ',
  GTn: 'non-transaction clone for ',
};

function parseSpecial(s: ItaniumState): Node {
  const code = s.take(2);
  if (code in SPECIAL_TYPES) return prefixed(SPECIAL_TYPES[code]!, parseType(s));
  if (code in SPECIAL_NAMES) return prefixed(SPECIAL_NAMES[code]!, parseName(s));
  switch (code) {
    case 'GA':
      return prefixed(SPECIAL_ENCODINGS[code]!, parseEncoding(s, true));
    case 'GT': {
      const kind = s.next();
      return prefixed(SPECIAL_ENCODINGS[code + kind] ?? malformed(), parseEncoding(s, true));
    }
    case 'GI':
      return prefixed('initializer for module ', parseModule(s));
    case 'GR': {
      const name = parseName(s);
      const number = s.atEnd ? 0 : s.sequence();
      return prefixed(`reference temporary #${number} for `, name);
    }
    case 'TA':
      return prefixed('template parameter object for ', parseTemplateArg(s));
    case 'TC': {
      const type = parseType(s);
      s.decimal();
      s.expect('_');
      const base = parseType(s);
      return { kind: 'expression', parts: ['construction vtable for ', base, '-in-', type] };
    }
    case 'Th':
    case 'Tv':
      s.pos--;
      parseCallOffset(s);
      return prefixed(code === 'Th' ? 'non-virtual thunk to ' : 'virtual thunk to ', parseEncoding(s, true));
    case 'Tc':
      parseCallOffset(s);
      parseCallOffset(s);
      return prefixed('covariant return thunk to ', parseEncoding(s, true));
    default:
      return malformed();
  }
}

function prefixed(before: string, node: Node): Node {
  return { kind: 'wrap', before, node, after: '' };
}

function parseCallOffset(s: ItaniumState): void {
  const kind = s.next();
  if (kind !== 'h' && kind !== 'v') malformed();
  for (let i = kind === 'h' ? 1 : 2; i > 0; i--) {
    s.eat('n');
    if (s.digits() === '') malformed();
    s.expect('_');
  }
}

function parseModule(s: ItaniumState): Node {
  const parts: string[] = [];
  do {
    const separator = s.eat('P') ? ':' : parts.length ? '.' : '';
    parts.push(separator + s.take(s.decimal()));
  } while (s.eat('W') || s.atDigit);
  return nameNode(parts.join(''));
}

/** `<name>`; `facts` are wanted where the name is that of an encoding. */
export function parseName(s: ItaniumState, facts?: NameFacts): Node {
  s.enter();
  const node = parseNameInside(s, facts);
  s.leave();
  return node;
}

function parseNameInside(s: ItaniumState, facts: NameFacts | undefined): Node {
  if (s.peek() === 'N') return parseNested(s, facts);
  if (s.peek() === 'Z') return parseLocal(s, facts);
  if (s.peek() === 'S' && s.peek(1) !== 't') {
    const name = parseSubstitution(s);
    if (s.peek() !== 'I') return tagged(s, name);
    return withArgs(s, name, facts);
  }
  let name: Node;
  if (s.eat('St')) {
    const std = nameNode('std');
    name = { kind: 'nested', scope: std, name: parseUnqualified(s, std, facts) };
  } else name = parseUnqualified(s, undefined, facts);
  if (s.peek() !== 'I') return name;
  s.remember(name);
  return withArgs(s, name, facts);
}

function withArgs(s: ItaniumState, name: Node, facts: NameFacts | undefined): Node {
  const args = parseTemplateArgs(s);
  if (facts) {
    facts.endsWithArgs = true;
    facts.args = args;
  }
  return { kind: 'template', name, args };
}

function parseNested(s: ItaniumState, facts: NameFacts | undefined): Node {
  s.expect('N');
  s.eat('H');
  const qualifiers = parseQualifiers(s);
  if (s.eat('R')) qualifiers.push(' &');
  else if (s.eat('O')) qualifiers.push(' &&');
  let scope: Node | undefined;
  while (!s.eat('E')) {
    if (facts) facts.endsWithArgs = false;
    const c = s.peek();
    if (c === 'T') {
      if (scope) malformed();
      scope = s.remember(s.templateParam());
    } else if (c === 'I') {
      if (!scope || scope.kind === 'template') malformed();
      scope = s.remember(withArgs(s, scope, facts));
    } else if (c === 'D' && (s.peek(1) === 't' || s.peek(1) === 'T')) {
      if (scope) malformed();
      scope = s.remember(parseDecltype(s));
    } else if (c === 'S') {
      if (scope) malformed();
      scope = s.eat('St') ? nameNode('std') : parseSubstitution(s);
    } else if (c === 'M') {
      if (!scope) malformed();
      s.pos++;
    } else {
      const name = parseUnqualified(s, scope, facts);
      scope = s.remember(scope ? { kind: 'nested', scope, name } : name);
    }
  }
  if (!scope) malformed();
  const last = s.substitutions[s.substitutions.length - 1];
  if (last === scope) s.substitutions.pop();
  facts?.qualifiers.push(...qualifiers);
  return scope;
}

/** Of a type or a member function, in the order in which they are printed. */
export function parseQualifiers(s: ItaniumState): string[] {
  const qualifiers: string[] = [];
  if (s.eat('r')) qualifiers.unshift(' __restrict');
  if (s.eat('V')) qualifiers.unshift(' volatile');
  if (s.eat('K')) qualifiers.unshift(' const');
  return qualifiers;
}

function parseLocal(s: ItaniumState, facts: NameFacts | undefined): Node {
  s.expect('Z');
  const scope = parseEncoding(s, true);
  s.expect('E');
  if (s.eat('s')) {
    parseDiscriminator(s);
    return { kind: 'nested', scope, name: nameNode('string literal') };
  }
  if (s.eat('d')) {
    const number = s.ordinal();
    const argument: Node = { kind: 'nested', scope, name: nameNode(`{default arg#${number + 1}}`) };
    return { kind: 'nested', scope: argument, name: parseName(s, facts) };
  }
  const name = parseName(s, facts);
  parseDiscriminator(s);
  return { kind: 'nested', scope, name };
}

function parseDiscriminator(s: ItaniumState): void {
  if (s.eat('__')) {
    if (s.digits() === '') malformed();
    s.expect('_');
  } else if (s.peek() === '_' && isDigit(s.peek(1))) s.pos += 2;
}

/** `S_`, `S0_`, or one of the standard's abbreviations. */
export function parseSubstitution(s: ItaniumState): Node {
  s.expect('S');
  const standard = STANDARD[s.peek()];
  if (!standard || !isLower(s.peek())) return s.substitution();
  s.pos++;
  const full = s.peek() === 'C' || s.peek() === 'D';
  const node: Node = { kind: 'std', text: full ? standard.full : standard.short, base: standard.base };
  return s.peek() === 'B' ? s.remember(tagged(s, node)) : node;
}

/** A name without its scope; the scope names constructors. */
export function parseUnqualified(s: ItaniumState, scope?: Node, facts?: NameFacts): Node {
  let module = '';
  while (s.eat('W')) {
    module += (s.eat('P') ? ':' : module ? '.' : '@') + s.take(s.decimal());
  }
  if (scope) s.eat('F');
  while (s.peek() === 'L') s.pos++;
  const c = s.peek();
  let name: Node;
  if (isDigit(c)) name = parseSourceName(s);
  else if (c === 'U') name = parseUnnamed(s);
  else if (s.eat('DC')) {
    const parts: (string | Node)[] = ['['];
    do parts.push(parts.length > 1 ? ', ' : '', parseSourceName(s));
    while (!s.eat('E'));
    name = { kind: 'expression', parts: [...parts, ']'] };
  } else if (c === 'C' || c === 'D') name = parseStructor(s, scope ?? malformed(), facts);
  else name = parseOperatorName(s, facts);
  if (module) name = { kind: 'wrap', before: '', node: name, after: module };
  return tagged(s, name);
}

function tagged(s: ItaniumState, node: Node): Node {
  while (s.eat('B')) {
    node = { kind: 'wrap', before: '', node, after: `[abi:${s.take(s.decimal())}]` };
  }
  return node;
}

export function parseSourceName(s: ItaniumState): Node {
  const length = s.decimal();
  if (length === 0) malformed();
  const text = s.take(length);
  return nameNode(/^_GLOBAL_[._$]N/.test(text) ? '(anonymous namespace)' : text);
}

function parseStructor(s: ItaniumState, scope: Node, facts: NameFacts | undefined): Node {
  const prefix = s.next() === 'D' ? '~' : '';
  const inherits = prefix === '' && s.eat('I');
  const kind = s.next();
  if (kind < '0' || kind > '5') malformed();
  if (inherits) parseName(s, facts);
  const base = unqualifiedOf(scope);
  if (facts) facts.noResult = true;
  return { kind: 'structor', prefix, base };
}

/** What a constructor of the class is called: without scopes, arguments and tags. */
function unqualifiedOf(node: Node): Node {
  for (;;) {
    if (node.kind === 'nested') {
      const unnamed = node.name.kind === 'name' && node.name.text.startsWith('{');
      node = unnamed ? node.scope : node.name;
    } else if (node.kind === 'template') node = node.name;
    else if (node.kind === 'wrap') node = node.node;
    else if (node.kind === 'std') return nameNode(node.base);
    else return node;
  }
}

/** Closures and types without a name. */
function parseUnnamed(s: ItaniumState): Node {
  if (s.eat('Ut')) return { kind: 'name', text: `{unnamed type#${s.ordinal() + 1}}` };
  if (s.eat('Ub')) return nameNode(`'block-literal${s.ordinal() || ''}'`);
  s.expect('Ul');
  while (s.peek() === 'T' && 'yptnk'.includes(s.peek(1)) && s.peek(1) !== '') skipParamDeclaration(s);
  if (s.eat('Q')) parseExpression(s);
  const params = parseParams(s, () => s.peek() === 'E' || s.peek() === 'Q');
  if (s.eat('Q')) parseExpression(s);
  s.expect('E');
  return { kind: 'lambda', params, number: s.ordinal() + 1 };
}

/** `Ty`, `Tn <type>`, `Tt … E`, `Tp <declaration>`, `Tk <concept>`: not shown. */
function skipParamDeclaration(s: ItaniumState): void {
  s.enter();
  s.expect('T');
  switch (s.next()) {
    case 'y':
      break;
    case 'n':
      parseType(s);
      break;
    case 'k':
      parseName(s);
      break;
    case 'p':
      skipParamDeclaration(s);
      break;
    case 't':
      while (!s.eat('E')) {
        if (s.eat('Q')) parseExpression(s);
        else skipParamDeclaration(s);
      }
      break;
    default:
      malformed();
  }
  s.leave();
}

export function parseOperatorName(s: ItaniumState, facts?: NameFacts): Node {
  if (s.eat('cv')) return parseConversion(s, facts);
  if (s.eat('li')) {
    return { kind: 'expression', parts: ['operator"" ', parseSourceName(s)] };
  }
  const code = s.take(2);
  if (code[0] === 'v' && isDigit(code[1]!)) {
    return { kind: 'expression', parts: ['operator ', parseSourceName(s)] };
  }
  const operator = OPERATORS.get(code);
  if (!operator || NOT_FUNCTIONS.has(code)) malformed();
  return { kind: 'name', text: operatorFunctionName(code, operator.text) };
}

const NOT_FUNCTIONS = new Set(['at', 'az', 'cc', 'dc', 'dt', 'nx', 'rc', 'sc', 'st', 'sz']);

/** Arguments behind `T_` belong to the operator: `operator T<T>()` is `cv T_ I … E`. */
function parseConversion(s: ItaniumState, facts: NameFacts | undefined): Node {
  const { takesArgs } = s;
  s.takesArgs = false;
  const type = parseType(s);
  s.takesArgs = takesArgs;
  if (facts) facts.noResult = true;
  return { kind: 'conversion', type };
}

/** `I…E` */
export function parseTemplateArgs(s: ItaniumState): readonly Node[] {
  s.enter();
  s.expect('I');
  const { takesArgs } = s;
  s.takesArgs = true;
  const args: Node[] = [];
  while (!s.eat('E')) {
    if (s.eat('Q')) parseExpression(s);
    else args.push(parseTemplateArg(s));
  }
  s.takesArgs = takesArgs;
  s.leave();
  return args;
}

export function parseTemplateArg(s: ItaniumState): Node {
  s.enter();
  const node = parseTemplateArgInside(s);
  s.leave();
  return node;
}

function parseTemplateArgInside(s: ItaniumState): Node {
  switch (s.peek()) {
    case 'X': {
      s.pos++;
      const node = parseExpression(s);
      s.expect('E');
      return node;
    }
    case 'L':
      return parseLiteral(s);
    case 'J':
    case 'I': {
      s.pos++;
      const items: Node[] = [];
      while (!s.eat('E')) items.push(parseTemplateArg(s));
      return { kind: 'list', items };
    }
    case 'T':
      if (s.peek(1) !== '' && 'yptnk'.includes(s.peek(1))) {
        skipParamDeclaration(s);
        return parseTemplateArg(s);
      }
      return parseType(s);
    default:
      return parseType(s);
  }
}
