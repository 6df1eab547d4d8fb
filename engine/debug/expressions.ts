/**
 * The expressions of watch, hover, conditions, log points and set value: parsing only (docs/expressions.md).
 *
 *   expression = operand (operator operand)*      operators bind as in C; see LEVELS
 *   operand    = ('-' | '!' | '~') operand | primary ('[' expression ('..' '+'? expression)? ']' | '.' member)*
 *   primary    = name | space '[' index ']' | 'mem' | '@' index | number | 'null'
 *              | instruction '(' expression, … ')' | '(' instruction operand … ')' | '(' expression ')'
 *              | '!' function '(' expression, … ')'   a call
 *              | memory '.find(' string, expression? ')'
 *   member     = word | number | name             a type to read memory as, a shape of lanes, a field
 *   name       = '$' idchar+ | '$' string         a local, else a global, function, memory, table
 *   space      = 'local' | 'stack' | 'caught' | 'thrown' | 'global' | 'func' | 'memory' | 'table'
 *
 * `lib.` before a name, a space or `mem` says of which module it is. The first operand of `ref.cast` and `ref.test` is a type: `$point`, `3`, `i31`, `structref`, `(ref null $point)`.
 *
 * `stack[0]` is the top of the operand stack, `mem` is `memory[0]`. Knows nothing of frames and of types:
 * expression-types.ts has those. Faults carry the span in the expression.
 */

import { faultIn, type Span, WasmError } from '../base/errors.ts';
import { parseUint32 } from '../base/numbers.ts';
import { stringBytes } from '../text/strings.ts';
import { nameOf, refuseToken, type Token, tokenize } from './expression-tokens.ts';

export type ExpressionSpace =
  | 'local'
  | 'stack'
  | 'caught'
  | 'thrown'
  | 'global'
  | 'func'
  | 'memory'
  | 'table';

interface Node<K extends string> {
  readonly kind: K;
  readonly span: Span;
}

/** `of`: the name of the module that it is in, where that is not the one of the frame. */
export type NameExpression = Node<'name'> & { readonly name: string; readonly of?: string };
export type IndexExpression = Node<'index'> & {
  readonly space: ExpressionSpace;
  readonly idx: number;
  readonly of?: string;
};
/** A number as it was written; its type comes from where it stands. */
export type NumberExpression = Node<'number'> & { readonly text: string };
export type UnaryExpression = Node<'unary'> & { readonly operator: string; readonly operand: Expression };
export type BinaryExpression = Node<'binary'> & {
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
};
/** The object that was shown with this number: `@3`. */
export type ObjectExpression = Node<'object'> & { readonly id: number };
/** `base[index]`: a place in a memory, a slot of a table, an element of an array, a lane. */
export type ElementExpression = Node<'element'> & { readonly base: Expression; readonly index: Expression };
/** `mem[…].u8`: a place in a memory, read as a type; `$v.i32x4`: a vector by its lanes; `$p.x`: a field. */
/** `mem[$p..+32]`, `mem[$p..$q]`: bytes of a memory, by how many there are (`isLength`) or up to an address. */
export type RangeExpression = Node<'range'> & {
  readonly base: Expression;
  readonly from: Expression;
  readonly count: Expression;
  readonly isLength: boolean;
};
export type MemberExpression = Node<'member'> & { readonly base: Expression; readonly name: string };
/** A reference type as `ref.cast` takes it: the heap type's name, `$name` or index. */
export interface TypeOperand {
  readonly heap: string;
  readonly nullable: boolean;
  readonly span: Span;
}
/** An instruction by its keyword: `i32.rotl($x, 5)`, `(i32.rotl (local.get $x) (i32.const 5))`. */
export type InstrExpression = Node<'instr'> & {
  readonly name: string;
  readonly operands: readonly Expression[];
  /** Of `ref.cast` and `ref.test`. */
  readonly type?: TypeOperand;
};

/** `!$f(1, 2)`: a call of a function of the program. */
export type CallExpression = Node<'call'> & {
  readonly callee: NameExpression | IndexExpression;
  readonly args: readonly Expression[];
};
/** `mem.find("text", from)`: the address of the first place with these bytes. */
export type FindExpression = Node<'find'> & {
  readonly base: Expression;
  readonly bytes: Uint8Array;
  readonly from?: Expression;
};

export type Expression =
  | NameExpression
  | IndexExpression
  | NumberExpression
  | Node<'null'>
  | UnaryExpression
  | BinaryExpression
  | ElementExpression
  | RangeExpression
  | ObjectExpression
  | MemberExpression
  | CallExpression
  | FindExpression
  | InstrExpression;

const SPACES: ReadonlySet<string> = new Set([
  'local',
  'stack',
  'caught',
  'thrown',
  'global',
  'func',
  'memory',
  'table',
]);
/** Instructions with a type before their operand. */
const TYPED = /^ref\.(?:cast|test)$/;

/** Binary operators, loosest first. `_u` takes integers as unsigned, `_s` as signed, which is the default. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>=', '<_u', '>_u', '<=_u', '>=_u'],
  ['<<', '>>', '>>_u'],
  ['+', '-'],
  ['*', '/', '%', '/_u', '%_u'],
];

const MOST_LENGTH = 2000;
const MOST_DEPTH = 100;

/**
 * Parses an expression. Names may hold the signs of operators: `isName` says which names there are, so that
 * `$x+1` is a sum unless something is called that. Throws a usage fault with the place in `text`.
 */
export function parseExpression(text: string, isName?: (name: string) => boolean): Expression {
  if (text.length > MOST_LENGTH) {
    const span = { start: MOST_LENGTH, end: text.length };
    throw new WasmError(faultIn('usage', span, `the expression is longer than ${MOST_LENGTH} characters`));
  }
  return new Parser(tokenize(text, isName)).parse();
}

/**
 * The two sides of `$x = 5`; undefined for what is an expression as a whole, or has no target on its left. What is on the
 * right may be a literal that is no expression.
 */
export function assignmentIn(
  text: string,
  isName?: (name: string) => boolean,
): readonly [target: string, value: string] | undefined {
  if (parses(text, isName)) return undefined;
  for (const { index } of text.matchAll(/(?<![=!<>])=(?!=)/g)) {
    const target = text.slice(0, index).trim();
    const value = text.slice(index + 1).trim();
    if (value !== '' && parses(target, isName)) return [target, value];
  }
  return undefined;
}

function parses(text: string, isName: ((name: string) => boolean) | undefined): boolean {
  try {
    parseExpression(text, isName);
    return true;
  } catch {
    return false;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expression {
    const expression = this.#binary(0);
    const rest = this.#next();
    if (rest.kind === 'end') return expression;
    refuseToken(
      rest,
      rest.text === '(' ? 'unexpected token (calls of functions begin with !)' : 'unexpected token',
    );
    return expression;
  }

  #binary(level: number): Expression {
    if (level === LEVELS.length) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operatorOf(this.#peek());
      if (!LEVELS[level].includes(operator)) return left;
      this.#next();
      const right = this.#binary(level + 1);
      left = { kind: 'binary', operator, left, right, span: { start: left.span.start, end: right.span.end } };
    }
  }

  #unary(): Expression {
    const token = this.#peek();
    if (token.kind !== 'sign' || !['-', '!', '~', '+'].includes(token.text)) return this.#postfix();
    this.#next();
    this.#enter(token);
    const call = token.text === '!' ? this.#callee(token) : undefined;
    if (call) {
      this.#depth--;
      return call;
    }
    const operand = this.#unary();
    this.#depth--;
    const span = { start: token.span.start, end: operand.span.end };
    const literal = operand.kind === 'number' && !/^[-+]/.test(operand.text);
    if (literal && (token.text === '-' || token.text === '+')) {
      return { kind: 'number', text: token.text + operand.text, span };
    }
    if (token.text === '+') refuseToken(token, 'expression expected, such as $name, local[0] or stack[0]');
    return { kind: 'unary', operator: token.text, operand, span };
  }

  /** A call, if a function and its arguments come next: `!$x` alone is not `$x`. */
  #callee({ span: { start } }: Token): Expression | undefined {
    const from = this.#at;
    const [first, second] = [this.#peek(), this.#tokens[this.#at + 1]];
    const isCallee =
      first.kind === 'name' ||
      (first.kind === 'word' && /(?:^|\.)func$|\.$/.test(first.text)) ||
      (first.kind === 'string' && second?.text === '.');
    if (!isCallee) return undefined;
    const callee = this.#primary();
    if (this.#peek().text !== '(' || (callee.kind !== 'name' && callee.kind !== 'index')) {
      this.#at = from;
      return undefined;
    }
    const { operands: args, end } = this.#operands(this.#next());
    return this.#postfixOn({ kind: 'call', callee, args, span: { start, end } });
  }

  #postfix(): Expression {
    return this.#postfixOn(this.#primary());
  }

  #postfixOn(primary: Expression): Expression {
    let base = primary;
    for (;;) {
      if (this.#take('[')) {
        const index = this.#binary(0);
        const range = this.#range();
        const { end } = this.#expect(']').span;
        const span = { start: base.span.start, end };
        base = range
          ? { kind: 'range', base, from: index, ...range, span }
          : { kind: 'element', base, index, span };
      } else if (!this.#isRange() && this.#take('.')) {
        base = this.#members(base, this.#next());
      } else return base;
    }
  }

  #isRange(): boolean {
    return this.#peek().text === '.' && this.#tokens[this.#at + 1]?.text === '.';
  }

  /** `..+32` or `..$q`, if that comes next. */
  #range(): Pick<RangeExpression, 'count' | 'isLength'> | undefined {
    if (!this.#isRange()) return undefined;
    this.#at += 2;
    const isLength = this.#take('+');
    return { count: this.#binary(0), isLength };
  }

  /** `.next.x` comes as one word, `.0.1` as one number. */
  #members(base: Expression, token: Token): Expression {
    const { kind, text, span } = token;
    const { start } = base.span;
    if (kind === 'name') return { kind: 'member', base, name: nameOf(text), span: { start, end: span.end } };
    const plain = kind === 'word' ? !text.startsWith('@') : /^\d+(?:\.\d+)*$/.test(text);
    if ((kind !== 'word' && kind !== 'number') || !plain) {
      refuseToken(token, 'a type, a shape or a field expected, such as i32, i32x4 or x');
    }
    let end = span.start;
    return text.split('.').reduce((inner: Expression, name): Expression => {
      if (name === '') refuseToken(token, 'a field expected');
      end += name.length + (end === span.start ? 0 : 1);
      if (name === 'find' && end === span.end && this.#peek().text === '(') return this.#find(inner);
      return { kind: 'member', base: inner, name, span: { start, end } };
    }, base);
  }

  /** `("text", from)` behind `.find`. */
  #find(base: Expression): FindExpression {
    this.#enter(this.#next());
    const token = this.#next();
    if (token.kind !== 'string') refuseToken(token, 'a text expected, as in mem.find("text")');
    const bytes = stringBytes(token.text, 0, token.text.length);
    const from = this.#take(',') ? this.#binary(0) : undefined;
    const { end } = this.#expect(')').span;
    this.#depth--;
    return { kind: 'find', base, bytes, from, span: { start: base.span.start, end } };
  }

  #primary(): Expression {
    const token = this.#next();
    const { span, text } = token;
    if (token.kind === 'name') return { kind: 'name', name: nameOf(text), span };
    if (token.kind === 'string' && this.#peek().text.startsWith('.')) {
      this.#next();
      return this.#ofModule(nameOf(`$${text}`), this.#next(), span.start);
    }
    if (token.kind === 'number') return { kind: 'number', text, span };
    if (text === '(') return this.#parenthesis(token);
    if (token.kind !== 'word') refuseToken(token, 'expression expected, such as $name, local[0] or stack[0]');
    if (text.startsWith('@')) return { kind: 'object', id: Number(text.slice(1)), span };
    if (text === 'null') return { kind: 'null', span };
    if (text === 'inf' || text === 'nan') return { kind: 'number', text: this.#nan(text), span };
    if (text.startsWith('mem.')) return this.#members(memory(span), restOf(token, 4));
    const qualified = /^(\w+)\.((?:mem|local|stack|caught|thrown|global|func|memory|table)(?:\..*)?)?$/.exec(
      text,
    );
    if (qualified && !isInstruction(text)) {
      const [, of, rest] = qualified;
      return this.#ofModule(of, rest === undefined ? this.#next() : restOf(token, of.length + 1), span.start);
    }
    if (this.#peek().text === '(' && text.includes('.')) return this.#call(token);
    return this.#inSpace(token);
  }

  /** `mem`, `global[3]`. */
  #inSpace(token: Token): IndexExpression {
    const { text, span } = token;
    if (text === 'mem') return memory(span);
    if (!SPACES.has(text)) refuseToken(token, `unknown name ${text}: names of the module begin with $`);
    this.#expect('[');
    const index = this.#next();
    const parsed = parseUint32(index.text);
    if (index.kind !== 'number' || !parsed.ok) return refuseToken(index, 'index expected');
    const { end } = this.#expect(']').span;
    return { kind: 'index', space: text as ExpressionSpace, idx: parsed.value, span: { ...span, end } };
  }

  /** What stands behind `lib.`. */
  #ofModule(of: string, token: Token, start: number): Expression {
    const span = { start, end: token.span.end };
    if (token.kind === 'name') return { kind: 'name', name: nameOf(token.text), of, span };
    if (token.kind !== 'word')
      refuseToken(token, `what of ${of} expected, as in ${of}.$name or ${of}.mem[0].i32`);
    if (/^(?:local|stack|caught|thrown)\b/.test(token.text)) refuseToken(token, `${of} has no frame here`);
    const [space] = token.text.split('.', 1);
    const head = { ...token, text: space, span: { start, end: token.span.start + space.length } };
    const item = { ...this.#inSpace(head), of };
    return space === token.text ? item : this.#members(item, restOf(token, space.length + 1));
  }

  /** `nan:0x4` */
  #nan(word: string): string {
    if (word !== 'nan' || !this.#take(':')) return word;
    const payload = this.#next();
    if (payload.kind !== 'number') refuseToken(payload, 'the bits of a NaN expected');
    return `${word}:${payload.text}`;
  }

  /** `i32.rotl($x, 5)` */
  #call({ text: name, span: { start } }: Token): Expression {
    const open = this.#next();
    const type = TYPED.test(name) ? this.#type() : undefined;
    if (type) this.#take(',');
    const { operands, end } = this.#operands(open);
    return { kind: 'instr', name, operands, type, span: { start, end } };
  }

  /** What stands in parentheses behind `open`. */
  #operands(open: Token): { operands: Expression[]; end: number } {
    this.#enter(open);
    const operands: Expression[] = [];
    if (this.#peek().text !== ')') {
      do operands.push(this.#binary(0));
      while (this.#take(','));
    }
    const { end } = this.#expect(')').span;
    this.#depth--;
    return { operands, end };
  }

  /** An expression in parentheses, or an instruction as the text format folds it. */
  #parenthesis(open: Token): Expression {
    this.#enter(open);
    const word = this.#peek();
    let inner: Expression;
    if (word.kind === 'word' && word.text.includes('.') && this.#tokens[this.#at + 1]?.text !== '(') {
      inner = this.#folded(this.#next(), open.span.start);
    } else if (word.kind === 'word' && word.text.includes('.')) {
      inner = this.#foldedOrCall(open.span.start);
    } else {
      inner = this.#binary(0);
      this.#expect(')');
    }
    this.#depth--;
    return inner;
  }

  /** `(i32.add (…) (…))` is folded; `(i32.add(1, 2))` is a call in parentheses. */
  #foldedOrCall(start: number): Expression {
    const from = this.#at;
    try {
      return this.#folded(this.#next(), start);
    } catch (error) {
      this.#at = from;
      const inner = this.#binary(0);
      if (this.#peek().text !== ')') throw error;
      this.#next();
      return inner;
    }
  }

  #folded({ text: name }: Token, start: number): Expression {
    const operands: Expression[] = [];
    const type = TYPED.test(name) ? this.#type() : undefined;
    while (this.#peek().text !== ')') {
      if (this.#peek().kind === 'end') refuseToken(this.#peek(), "')' expected");
      operands.push(this.#unary());
    }
    const { end } = this.#next().span;
    return { kind: 'instr', name, operands, type, span: { start, end } };
  }

  /** `(ref null $point)`, `$point`, `3`, `i31`, `structref`. */
  #type(): TypeOperand {
    const first = this.#next();
    const { start } = first.span;
    if (first.text === '(') {
      if (this.#next().text !== 'ref') refuseToken(first, 'a reference type expected, such as (ref $point)');
      const nullable = this.#peek().text === 'null';
      if (nullable) this.#next();
      const heap = this.#next();
      const { end } = this.#expect(')').span;
      return { heap: heapText(heap), nullable, span: { start, end } };
    }
    const short = first.kind === 'word' && /^(\w+)ref$/.exec(first.text)?.[1];
    if (short) return { heap: short, nullable: true, span: first.span };
    return { heap: heapText(first), nullable: false, span: first.span };
  }

  #enter(token: Token): void {
    if (++this.#depth > MOST_DEPTH) refuseToken(token, 'too many parentheses in each other');
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #take(sign: string): boolean {
    const found = this.#peek().kind === 'sign' && this.#peek().text === sign;
    if (found) this.#at++;
    return found;
  }

  #expect(sign: string): Token {
    const token = this.#next();
    if (token.kind !== 'sign' || token.text !== sign) refuseToken(token, `'${sign}' expected`);
    return token;
  }
}

/** The operator that a token is, in the one spelling that LEVELS has; signed is the default. */
function operatorOf({ kind, text }: Token): string {
  if (kind !== 'sign') return '';
  return text === '>>>' ? '>>_u' : text.replace(/_s$/, '');
}

function heapText(token: Token): string {
  if (token.kind === 'name') return `$${nameOf(token.text)}`;
  if (token.kind !== 'word' && token.kind !== 'number')
    refuseToken(token, 'a type expected, such as $point or i31');
  return token.text;
}

function memory(span: Span): IndexExpression {
  return { kind: 'index', space: 'memory', idx: 0, span };
}

/** A token without its first characters. */
function restOf({ kind, text, span }: Token, from: number): Token {
  return { kind, text: text.slice(from), span: { start: span.start + from, end: span.end } };
}

/** `table.get`, which could be a module's name and a space. */
function isInstruction(text: string): boolean {
  return /^(?:[if](?:32|64|8x16|16x8|32x4|64x2)|v128|local|global|table|memory|ref|array|struct|i31)\./.test(
    text,
  );
}
