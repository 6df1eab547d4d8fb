/**
 * WAVE: values of component types as people write them, `{name: "a", sizes: [1, 2], kind: circle(0.5)}`.
 *
 * Reading goes by the type, as writing does (wave-print.ts). A record may leave out fields whose type is an option; the payload of `some` and of
 * `ok` may stand alone where that cannot be mistaken; names that are keywords have a `%`. What is wrong is thrown as a
 * usage fault with its place in the text.
 */

import { WasmError } from '../base/errors.ts';
import { casesOf } from './abi.ts';
import { type CaseType, type Field, typeText, type ValType } from './types.ts';
import { type CaseValue, type ComponentValue, isBytes } from './values.ts';

/** A call as it is written: `f({name: "a"}, 1)`. */
export interface WaveCall {
  readonly name: string;
  readonly args: readonly ComponentValue[];
}

/** Reads a value of this type; the text must hold nothing else. Throws a usage fault. */
export function parseWave(text: string, type: ValType): ComponentValue {
  const reader = new WaveReader(text);
  const value = reader.value(type);
  reader.end();
  return value;
}

/** Reads a call's arguments, `(1, "a")`; of the last parameters those may be missing that are options. Throws a usage fault. */
export function parseWaveArgs(text: string, params: readonly Field[]): readonly ComponentValue[] {
  const reader = new WaveReader(text);
  const args = reader.args(params);
  reader.end();
  return args;
}

/** Reads a call. `paramsOf` says what the function takes; undefined if there is none. Throws a usage fault. */
export function parseWaveCall(
  text: string,
  paramsOf: (name: string) => readonly Field[] | undefined,
): WaveCall {
  const open = text.indexOf('(');
  const name = (open < 0 ? text : text.slice(0, open)).trim();
  const params = paramsOf(name);
  if (!params) fail(`unknown function \`${name}\``, 0, text.length);
  const reader = new WaveReader(text, open < 0 ? text.length : open);
  const args = open < 0 ? reader.noArgs(params) : reader.args(params);
  reader.end();
  return { name, args };
}

function fail(message: string, start: number, end: number): never {
  throw new WasmError({ phase: 'usage', message, span: { start, end }, notes: [] });
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  s8: [-0x80n, 0x7fn],
  u8: [0n, 0xffn],
  s16: [-0x8000n, 0x7fffn],
  u16: [0n, 0xffffn],
  s32: [-0x8000_0000n, 0x7fff_ffffn],
  u32: [0n, 0xffff_ffffn],
  s64: [-(1n << 63n), (1n << 63n) - 1n],
  u64: [0n, (1n << 64n) - 1n],
};

/** How deep values may be nested in a text. */
const MOST_DEPTH = 200;

class WaveReader {
  private readonly text: string;
  private pos: number;
  private depth = 0;

  constructor(text: string, pos = 0) {
    this.text = text;
    this.pos = pos;
    this.space();
  }

  end(): void {
    this.space();
    if (this.pos < this.text.length) this.unexpected('the end');
  }

  args(params: readonly Field[]): readonly ComponentValue[] {
    this.expect('(');
    const args: ComponentValue[] = [];
    while (!this.is(')')) {
      if (args.length === params.length) {
        if (this.pos >= this.text.length) this.unexpected('`)`');
        this.fail(`too many arguments: ${count(params.length)} expected`, this.pos, this.pos + 1);
      }
      args.push(this.value(params[args.length].type));
      if (!this.take(',')) break;
    }
    const close = this.pos;
    this.expect(')');
    return this.filled(args, params, close);
  }

  noArgs(params: readonly Field[]): readonly ComponentValue[] {
    return this.filled([], params, this.pos);
  }

  /** Options that are not given are none. */
  private filled(args: ComponentValue[], params: readonly Field[], at: number): readonly ComponentValue[] {
    for (const { label: name, type } of params.slice(args.length)) {
      if (type.kind !== 'option') this.fail(`missing argument \`${name}\`: ${typeText(type)}`, at, at + 1);
      args.push({ case: 0 });
    }
    return args;
  }

  value(type: ValType): ComponentValue {
    if (++this.depth > MOST_DEPTH) this.fail('values are nested too deep', this.pos, this.pos + 1);
    const value = this.valueOf(type);
    this.depth--;
    this.space();
    return value;
  }

  private valueOf(type: ValType): ComponentValue {
    switch (type.kind) {
      case 'prim':
        return this.prim(type.prim);
      case 'list':
        return this.list(type);
      case 'tuple': {
        this.expect('(', typeText(type));
        const values = type.types.map((one, i) => {
          if (i > 0) this.expect(',');
          return this.value(one);
        });
        this.take(',');
        this.expect(')');
        return values;
      }
      case 'map': {
        this.expect('{', typeText(type));
        const pairs: [ComponentValue, ComponentValue][] = [];
        if (this.take(':')) this.space();
        else {
          while (!this.is('}')) {
            const key = this.value(type.key);
            this.expect(':');
            pairs.push([key, this.value(type.value)]);
            if (!this.take(',')) break;
          }
        }
        this.expect('}');
        return pairs;
      }
      case 'record':
        return this.record(type.fields);
      case 'flags':
        return this.flags(type.labels);
      case 'variant':
      case 'enum':
        return this.variant(casesOf(type), typeText(type));
      case 'option':
        return this.option(type);
      case 'result':
        return this.result(type);
      default:
        return this.fail(`a value of type ${typeText(type)} cannot be written`, this.pos, this.pos + 1);
    }
  }

  private prim(prim: string): ComponentValue {
    switch (prim) {
      case 'bool': {
        const start = this.pos;
        const word = this.word();
        if (word !== 'true' && word !== 'false') this.wrong('true or false', start);
        return word === 'true';
      }
      case 'char': {
        const start = this.pos;
        if (!this.is("'")) this.unexpected("a character: 'a'");
        const text = this.quoted("'");
        if ([...text].length !== 1) this.fail('a char is one character', start, this.pos);
        return text;
      }
      case 'string':
        if (!this.is('"')) this.unexpected('a string: "…"');
        return this.text.startsWith('"""', this.pos) ? this.multiline() : this.quoted('"');
      case 'f32':
      case 'f64':
        return this.float(prim === 'f32');
      case 'error-context':
        return this.fail('an error context cannot be written', this.pos, this.pos + 1);
      default:
        return this.integer(prim);
    }
  }

  private integer(prim: string): number | bigint {
    const start = this.pos;
    const found = this.match(/-?[0-9]+(?![.eE0-9])/y);
    if (found === undefined) this.wrong(`a number of type ${prim}`, start);
    const value = BigInt(found);
    const [low, high] = RANGES[prim];
    if (value < low || value > high) {
      this.fail(`${found} is no ${prim}: it must be between ${low} and ${high}`, start, this.pos);
    }
    return prim.endsWith('64') ? value : Number(value);
  }

  private float(isSingle: boolean): number {
    const start = this.pos;
    const found = this.match(/-?inf\b|nan\b|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
    if (found === undefined) this.wrong('a number', start);
    const value = Number(found.replace('inf', 'Infinity').replace('nan', 'NaN'));
    return isSingle ? Math.fround(value) : value;
  }

  private list(type: Extract<ValType, { kind: 'list' }>): ComponentValue {
    const start = this.pos;
    this.expect('[', typeText(type));
    const values: ComponentValue[] = [];
    while (!this.is(']')) {
      values.push(this.value(type.element));
      if (!this.take(',')) break;
    }
    this.expect(']');
    if (type.length !== undefined && values.length !== type.length) {
      this.fail(`expected ${type.length} elements, found ${values.length}`, start, this.pos);
    }
    return isBytes(type) ? Uint8Array.from(values as number[]) : values;
  }

  private record(fields: readonly Field[]): ComponentValue {
    const start = this.pos;
    this.expect('{', `record { ${fields.map(({ label: name }) => name).join(', ')} }`);
    const values = new Map<string, ComponentValue>();
    if (!this.take(':')) {
      while (!this.is('}')) {
        const at = this.pos;
        const name = this.name('the name of a field');
        const field = fields.find((one) => one.label === name);
        const known = fields.map((one) => one.label).join(', ');
        if (!field) this.fail(`unknown field \`${name}\`: there are ${known}`, at, this.pos);
        if (values.has(name)) this.fail(`field \`${name}\` is there twice`, at, this.pos);
        this.space();
        this.expect(':');
        values.set(name, this.value(field.type));
        if (!this.take(',')) break;
      }
    }
    this.expect('}');
    return fields.map(({ label: name, type }) => {
      const value = values.get(name);
      if (value !== undefined) return value;
      if (type.kind !== 'option') this.fail(`missing field \`${name}\`: ${typeText(type)}`, start, this.pos);
      return { case: 0 };
    });
  }

  private flags(labels: readonly string[]): number {
    this.expect('{', `flags { ${labels.join(', ')} }`);
    let bits = 0;
    while (!this.is('}')) {
      const at = this.pos;
      const name = this.name('the name of a flag');
      const i = labels.indexOf(name);
      if (i < 0) this.fail(`unknown flag \`${name}\`: there are ${labels.join(', ')}`, at, this.pos);
      bits |= 1 << i;
      this.space();
      if (!this.take(',')) break;
    }
    this.expect('}');
    return bits >>> 0;
  }

  private variant(cases: readonly CaseType[], what: string): CaseValue {
    const at = this.pos;
    const name = this.name(what);
    const number = cases.findIndex((one) => one.label === name);
    if (number < 0) {
      this.fail(
        `unknown case \`${name}\`: there are ${cases.map((one) => one.label).join(', ')}`,
        at,
        this.pos,
      );
    }
    return this.payload(number, cases[number].type, name);
  }

  private payload(number: number, type: ValType | undefined, name: string): CaseValue {
    this.space();
    if (!type) {
      if (this.is('(')) this.fail(`case \`${name}\` has no payload`, this.pos, this.pos + 1);
      return { case: number };
    }
    this.expect('(', `the payload of \`${name}\``);
    const payload = this.value(type);
    this.expect(')');
    return { case: number, payload };
  }

  private option(type: Extract<ValType, { kind: 'option' }>): CaseValue {
    const word = this.peekWord();
    if (word === 'none') {
      this.word();
      return { case: 0 };
    }
    if (word === 'some') {
      this.word();
      return this.payload(1, type.type, 'some');
    }
    if (canStandAlone(type.type)) return { case: 1, payload: this.value(type.type) };
    return this.unexpected('some(…) or none');
  }

  private result(type: Extract<ValType, { kind: 'result' }>): CaseValue {
    const word = this.peekWord();
    if (word === 'ok' || word === 'err') {
      this.word();
      return this.payload(word === 'ok' ? 0 : 1, word === 'ok' ? type.ok : type.error, word);
    }
    if (type.ok && canStandAlone(type.ok)) return { case: 0, payload: this.value(type.ok) };
    return this.unexpected('ok or err');
  }

  private quoted(quote: string): string {
    const start = this.pos++;
    let out = '';
    for (;;) {
      const char = this.text[this.pos];
      if (char === undefined || char === '\n') {
        this.fail(`this ${quote === '"' ? 'string' : 'char'} does not end`, start, this.pos);
      }
      this.pos++;
      if (char === quote) return out;
      out += char === '\\' ? this.escaped() : char;
    }
  }

  private escaped(): string {
    const start = this.pos - 1;
    const char = this.text[this.pos++];
    switch (char) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case '"':
      case "'":
      case '\\':
        return char;
      case 'u': {
        const found = this.match(/\{([0-9a-fA-F]{1,6})\}/y);
        const code = found === undefined ? Number.NaN : Number.parseInt(found.slice(1, -1), 16);
        if (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) return String.fromCodePoint(code);
        return this.fail('not a Unicode character', start, this.pos);
      }
      default:
        return this.fail('unknown escape', start, this.pos);
    }
  }

  /** `"""`, lines that are indented as the last one, `"""`. */
  private multiline(): string {
    const start = this.pos;
    const found = this.match(/"""\r?\n((?:(?!""")[\s\S])*?)\n?([ \t]*)"""/y);
    if (found === undefined) this.fail('this string does not end', start, start + 3);
    const lines = found.slice(3, -3).split(/\r?\n/).slice(1);
    const indent = lines.pop() ?? '';
    const text = lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line)).join('\n');
    const inner = new WaveReader(`"${text.replaceAll(/(?<!\\)"/g, '\\"').replaceAll('\n', '\\n')}"`);
    return inner.quoted('"');
  }

  /** A name, which may have `%` in front. */
  private name(what: string): string {
    const start = this.pos;
    const found = this.match(/%?[A-Za-z][0-9A-Za-z]*(?:-[0-9A-Za-z]+)*/y);
    if (found === undefined) this.wrong(what, start);
    return found.replace(/^%/, '');
  }

  private word(): string {
    return this.match(/[A-Za-z][0-9A-Za-z-]*/y) ?? '';
  }

  private peekWord(): string {
    const { pos } = this;
    const word = this.word();
    this.pos = pos;
    return word;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.pos;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.pos += found.length;
    return found;
  }

  /** Steps over white space and comments. */
  private space(): void {
    this.match(/(?:[ \t\r\n]|\/\/[^\n]*)+/y);
  }

  private is(text: string): boolean {
    this.space();
    return this.text.startsWith(text, this.pos);
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false;
    this.pos += text.length;
    this.space();
    return true;
  }

  private expect(text: string, what = `\`${text}\``): void {
    if (!this.take(text)) this.unexpected(what);
  }

  private unexpected(expected: string): never {
    return this.wrong(expected, this.pos);
  }

  /** What stands at `start` is not what is expected. */
  private wrong(expected: string, start: number): never {
    const found = /^(?:[0-9A-Za-z_%.-]+|\S)?/.exec(this.text.slice(start))?.[0] ?? '';
    const end = start + Math.max(1, found.length);
    return this.fail(`expected ${expected}, found ${found === '' ? 'the end' : `\`${found}\``}`, start, end);
  }

  private fail(message: string, start: number, end: number): never {
    return fail(message, start, Math.min(end, this.text.length));
  }
}

function count(n: number): string {
  return `${n} argument${n === 1 ? '' : 's'}`;
}

/** True if a payload of this type is clear without its case: options and results would not be. */
function canStandAlone(type: ValType): boolean {
  return type.kind !== 'option' && type.kind !== 'result';
}
