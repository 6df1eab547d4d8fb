/**
 * Walks the tokens of a WIT text: skips trivia, expects things, says what is wrong; reads names, paths, versions, and what
 * stands in front of items.
 *
 * A fault is noted and ends the walk with RECOVER, which whoever can go on catches.
 */

import { type Fault, faultIn, type Span } from '../../base/errors.ts';
import { tryDecodeUtf8 } from '../../base/utf8.ts';
import { stringBytes } from '../../text/strings.ts';
import { isKebab, parseVersion } from '../names.ts';
import type { Annotated, Gate, Ident, PackageName, UsePath } from './ast.ts';
import { WitTok, type WitTokens } from './lexer.ts';

/** Words that are no names unless `%` stands in front. */
export const WIT_KEYWORDS: ReadonlySet<string> = new Set([
  'as', 'async', 'bool', 'borrow', 'char', 'constructor', 'enum', 'export', 'f32', 'f64', 'flags', 'from', 'func',
  'future', 'import', 'include', 'interface', 'list', 'map', 'option', 'own', 'package', 'record', 'resource', 'result',
  's16', 's32', 's64', 's8', 'static', 'stream', 'string', 'tuple', 'type', 'u16', 'u32', 'u64', 'u8', 'use', 'variant',
  'with', 'world', 'error-context',
]); // biome-ignore format: a list of words

/** Ends the walk after a fault was noted. */
export const RECOVER = new Error('a fault in a WIT text');

/** How many faults are told. */
const MOST_FAULTS = 1000;

/** What stands in front of an item. */
export type Head = Pick<Annotated, 'docs' | 'gates' | 'externalId'>;

export class WitCursor {
  readonly faults: Fault[] = [];
  protected readonly tokens: WitTokens;
  protected at = 0;
  /** The token that was taken last. */
  protected last = 0;

  constructor(tokens: WitTokens) {
    this.tokens = tokens;
    this.at = this.significant(0);
  }

  /** Things with commas between them, and maybe one behind the last, up to `close`. */
  protected list(close: string, read: () => void): void {
    while (!this.isOp(close)) {
      read();
      if (this.isOp(',')) this.take();
      else break;
    }
    this.op(close);
  }

  /** `as name` if it stands here. */
  protected rename(): Ident | undefined {
    if (!this.isWord('as')) return undefined;
    this.take();
    return this.ident();
  }

  protected usePath(): UsePath {
    const start = this.at;
    const first = this.ident();
    if (!this.isOp(':')) return { name: first, span: this.from(start) };
    this.take();
    const name = this.ident();
    this.op('/');
    const item = this.ident();
    const version = this.version();
    const span = this.from(start);
    return { package: { namespace: first.name, name: name.name, version, span }, name: item, span };
  }

  protected packageName(): PackageName {
    const start = this.at;
    const namespace = this.ident();
    this.op(':');
    const name = this.ident();
    const version = this.version();
    return { namespace: namespace.name, name: name.name, version, span: this.from(start) };
  }

  /** `@1.2.3` if it stands here. */
  protected version(): string | undefined {
    if (!this.isOp('@')) return undefined;
    this.take();
    return this.semver();
  }

  /** Versions are made of several tokens, with nothing between them. */
  protected semver(): string {
    const { text, starts, kinds } = this.tokens;
    const start = this.at;
    let end = start;
    const isPart = (token: number) => {
      const kind = kinds[token];
      if (kind === WitTok.Int || kind === WitTok.Word) return true;
      if (kind !== WitTok.Op) return false;
      const op = this.text(token);
      // A dot in front of a brace is that of `use a:b/c@1.0.0.{…}`.
      if (op === '.') return this.text(token + 1) !== '{';
      return op === '+' || op === '-';
    };
    while (isPart(end)) end++;
    if (end === start) this.unexpected('a version');
    const version = text.slice(starts[start], starts[end]);
    this.last = end - 1;
    this.at = this.significant(end);
    const parsed = parseVersion(version);
    if (!parsed.ok)
      this.note({ start: starts[start], end: starts[end] }, `\`${version}\` is no version: ${parsed.reason}`);
    return version;
  }

  /** Documentation, gates, and what else stands in front of an item. */
  protected annotations(): Head {
    const docs = this.docs();
    const gates: Gate[] = [];
    let externalId: string | undefined;
    while (this.isOp('@')) {
      const start = this.at;
      this.take();
      const name = this.ident(true);
      this.op('(');
      if (name.name === 'external-id') {
        externalId = this.string();
      } else if (name.name === 'since' || name.name === 'deprecated') {
        this.keyword('version');
        this.op('=');
        const value = this.semver();
        gates.push({ kind: name.name, value, span: this.from(start) });
      } else if (name.name === 'unstable') {
        this.keyword('feature');
        this.op('=');
        gates.push({ kind: 'unstable', value: this.ident().name, span: this.from(start) });
      } else this.failIn(`unknown attribute \`${name.name}\``, name.span);
      this.op(')');
    }
    return { docs, gates, externalId };
  }

  protected string(): string {
    if (this.kind !== WitTok.String) this.unexpected('a text in quotes');
    const { text, starts } = this.tokens;
    const token = this.take();
    return tryDecodeUtf8(stringBytes(text, starts[token], starts[token + 1])) ?? '';
  }

  protected int(): number {
    const text = this.text(this.at);
    if (this.kind !== WitTok.Int || !/^[0-9]+$/.test(text)) this.unexpected('a number');
    const value = Number(text);
    if (value === 0 || value > 0xffff_ffff)
      this.note(this.span(this.at), 'a length is at least 1 and less than 2^32');
    this.take();
    return value;
  }

  /** A name: no keyword unless `%` is in front. */
  protected ident(any = false): Ident {
    if (this.kind !== WitTok.Word) this.unexpected('an identifier');
    const text = this.text(this.at);
    const name = text.replace(/^%/, '');
    const span = this.span(this.at);
    if (!any && !text.startsWith('%') && WIT_KEYWORDS.has(text)) {
      this.failIn(`expected an identifier, found keyword \`${text}\``, span, [
        `write \`%${text}\` for the name`,
      ]);
    }
    if (!isKebab(name)) this.note(span, `\`${name}\` is not in kebab case`);
    this.take();
    return { name, span };
  }

  /** The documentation in front of the current token. */
  protected docs(): string | undefined {
    const { kinds } = this.tokens;
    const lines: string[] = [];
    for (let token = this.previous(); token < this.at; token++) {
      if (kinds[token] === WitTok.DocComment) lines.push(docText(this.text(token)));
      // A blank line and another comment keep documentation together; plain comments are not part of it.
    }
    return lines.length > 0 ? lines.join('\n') : undefined;
  }

  /** The first token behind the last one that means something. */
  protected previous(): number {
    let token = this.at;
    while (token > 0 && this.tokens.kinds[token - 1] <= WitTok.DocComment) token--;
    return token;
  }

  protected get kind(): number {
    return this.tokens.kinds[this.at];
  }

  protected significant(token: number): number {
    const { kinds } = this.tokens;
    while (kinds[token] <= WitTok.DocComment) token++;
    return token;
  }

  protected take(): number {
    const token = this.at;
    if (this.kind === WitTok.End) return token;
    this.last = token;
    this.at = this.significant(token + 1);
    return token;
  }

  protected text(token: number): string {
    const { text, starts } = this.tokens;
    return text.slice(starts[token], starts[token + 1]);
  }

  protected span(token: number): Span {
    const { starts, count } = this.tokens;
    return { start: starts[token], end: starts[Math.min(token + 1, count)] };
  }

  protected from(start: number): Span {
    const { starts } = this.tokens;
    return { start: starts[start], end: starts[Math.max(this.last + 1, start)] };
  }

  protected word(): string {
    return this.kind === WitTok.Word ? this.text(this.at) : '';
  }

  protected isWord(word: string): boolean {
    return this.word() === word;
  }

  protected keyword(word: string): void {
    if (!this.isWord(word)) this.unexpected(`\`${word}\``);
    this.take();
  }

  protected isOp(op: string): boolean {
    return this.kind === WitTok.Op && this.text(this.at) === op;
  }

  protected op(op: string): void {
    if (!this.isOp(op)) this.unexpected(`\`${op}\``);
    this.take();
  }

  protected note(span: Span, message: string, notes: readonly string[] = []): void {
    if (this.faults.length >= MOST_FAULTS) return;
    this.faults.push(
      faultIn(
        'malformed',
        span,
        message,
        notes.map((note) => ({ message: note })),
      ),
    );
  }

  protected fail(message: string, token: number): never {
    this.failIn(message, this.span(token));
  }

  protected failIn(message: string, span: Span, notes: readonly string[] = []): never {
    this.note(span, message, notes);
    throw RECOVER;
  }

  protected unexpected(expected: string): never {
    if (this.kind === WitTok.Bad) throw RECOVER;
    if (this.kind === WitTok.End) {
      const end = this.tokens.text.length;
      this.failIn(`expected ${expected}, found the end of the text`, { start: end, end });
    }
    this.fail(`expected ${expected}, found \`${this.text(this.at)}\``, this.at);
  }
}

/** A documentation comment without its marks. */
function docText(comment: string): string {
  if (comment.startsWith('///')) return comment.slice(3).replace(/^ /, '').trimEnd();
  return comment
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}
