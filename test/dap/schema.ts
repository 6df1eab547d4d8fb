/**
 * Checks messages against the protocol's own schema: `debugProtocol.d.ts` of @vscode/debugprotocol, which is generated from the
 * published JSON schema and says the same. It is read here, as text, by a reader for the little of TypeScript that it uses.
 *
 * Stricter than the JSON schema in one way: properties that the protocol does not know are faults, but for ours.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

type Type =
  | { readonly kind: 'any' }
  | { readonly kind: 'primitive'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'array'; readonly of: Type }
  | { readonly kind: 'union'; readonly of: readonly Type[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Member>; readonly others?: Type };

interface Member {
  readonly type: Type;
  readonly optional: boolean;
}

interface Declared {
  readonly parents: readonly string[];
  readonly type: Type;
}

/** Properties of ours in messages of the protocol (docs/protocol.md). */
const OURS: ReadonlySet<string> = new Set([
  'anchor',
  'startInFile',
  'supportsWasmscopeFiles',
  'supportsWasmscopeInput',
  'typesInValues',
]);

/** Interfaces whose other properties are the adapter's affair. */
const OPEN: ReadonlySet<string> = new Set(['LaunchRequestArguments', 'AttachRequestArguments']);

export class DapSchema {
  readonly #types = new Map<string, Declared>();

  constructor() {
    const require = createRequire(path.join(process.cwd(), 'package.json'));
    const main = require.resolve('@vscode/debugprotocol/package.json');
    const text = readFileSync(path.join(path.dirname(main), 'lib/debugProtocol.d.ts'), 'utf8');
    const reader = new Reader(text);
    reader.declarations((name, declared) => this.#types.set(name, declared));
  }

  /** The members of an interface of the protocol. */
  namesOf(name: string): string[] {
    return [...this.#members(name).keys()];
  }

  /** What is wrong with a message; empty if nothing is. Messages of ours are not looked at. */
  faultsOf(message: Record<string, unknown>): string[] {
    const { type, command, event, success } = message as Record<string, string>;
    if (!Number.isInteger(message.seq)) return ['seq is no integer'];
    const word = type === 'event' ? event : command;
    if (word.startsWith('wasmscope/')) return [];
    const suffix = { request: 'Request', event: 'Event', response: 'Response' }[type];
    if (!suffix) return [`unknown type ${type}`];
    const name = `${word[0].toUpperCase()}${word.slice(1)}${suffix}`;
    if (type === 'response' && !success)
      return this.#check({ kind: 'name', name: 'ErrorResponse' }, message, word);
    if (!this.#types.has(name)) return [`the protocol has no ${name}`];
    return this.#check({ kind: 'name', name }, message, word);
  }

  #check(type: Type, value: unknown, at: string): string[] {
    switch (type.kind) {
      case 'any':
        return [];
      case 'literal':
        return value === type.value
          ? []
          : [`${at}: ${JSON.stringify(value)} is not ${JSON.stringify(type.value)}`];
      case 'primitive': {
        const kind = value === null ? 'null' : typeof value;
        if (kind !== type.name && type.name !== 'object')
          return [`${at}: ${type.name} expected, found ${kind}`];
        return type.name === 'number' && !Number.isFinite(value) ? [`${at}: no number`] : [];
      }
      case 'array':
        if (!Array.isArray(value)) return [`${at}: a list expected`];
        return value.flatMap((one, i) => this.#check(type.of, one, `${at}[${i}]`));
      case 'union': {
        const tried = type.of.map((one) => this.#check(one, value, at));
        return tried.some((faults) => faults.length === 0) ? [] : tried.at(-1)!;
      }
      case 'name': {
        const declared = this.#types.get(type.name);
        if (!declared) return [`${at}: unknown type ${type.name}`];
        if (declared.type.kind !== 'object') return this.#check(declared.type, value, at);
        return this.#checkObject(this.#members(type.name), OPEN.has(type.name) ? ANY : undefined, value, at);
      }
      case 'object':
        return this.#checkObject(type.members, type.others, value, at);
    }
  }

  #checkObject(
    members: ReadonlyMap<string, Member>,
    others: Type | undefined,
    value: unknown,
    at: string,
  ): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return [`${at}: an object expected`];
    const found = value as Record<string, unknown>;
    const faults: string[] = [];
    for (const [name, { type, optional }] of members) {
      if (found[name] !== undefined) faults.push(...this.#check(type, found[name], `${at}.${name}`));
      else if (!optional) faults.push(`${at}.${name} is missing`);
    }
    for (const [name, one] of Object.entries(found)) {
      if (members.has(name) || one === undefined || OURS.has(name)) continue;
      if (others) faults.push(...this.#check(others, one, `${at}.${name}`));
      else faults.push(`${at}.${name} is unknown`);
    }
    return faults;
  }

  /** The members of an interface with those that it inherits. */
  #members(name: string): ReadonlyMap<string, Member> {
    const declared = this.#types.get(name);
    const all = new Map<string, Member>();
    for (const parent of declared?.parents ?? [])
      for (const [key, one] of this.#members(parent)) all.set(key, one);
    if (declared?.type.kind === 'object') for (const [key, one] of declared.type.members) all.set(key, one);
    return all;
  }
}

const ANY: Type = { kind: 'any' };

/** Everything that an adapter can declare. */
export function capabilityNames(): string[] {
  return new DapSchema().namesOf('Capabilities');
}

/** Reads declarations of interfaces and types. */
class Reader {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    const plain = text.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\/\/.*$/gm, ' ');
    this.#tokens = plain.match(/'[^']*'|[A-Za-z_$][\w$]*|-?\d+|[{}[\]();:,|?<>=.]/g) ?? [];
  }

  declarations(add: (name: string, declared: Declared) => void): void {
    while (this.#at < this.#tokens.length) {
      if (this.#accept('interface')) {
        const name = this.#take();
        const parents: string[] = [];
        if (this.#accept('extends'))
          do parents.push(this.#take());
          while (this.#accept(','));
        add(name, { parents, type: this.#object() });
      } else if (this.#tokens[this.#at] === 'type' && this.#tokens[this.#at + 2] === '=') {
        this.#at++;
        const name = this.#take();
        this.#expect('=');
        add(name, { parents: [], type: this.#type() });
        this.#accept(';');
      } else this.#at++;
    }
  }

  #type(): Type {
    const of = [this.#one()];
    while (this.#accept('|')) of.push(this.#one());
    return of.length === 1 ? of[0] : { kind: 'union', of };
  }

  #one(): Type {
    let type = this.#plain();
    while (this.#accept('[')) {
      this.#expect(']');
      type = { kind: 'array', of: type };
    }
    return type;
  }

  #plain(): Type {
    if (this.#tokens[this.#at] === '{') return this.#object();
    if (this.#accept('(')) {
      const type = this.#type();
      this.#expect(')');
      return type;
    }
    const word = this.#take();
    if (word.startsWith("'")) return { kind: 'literal', value: word.slice(1, -1) };
    if (['string', 'number', 'boolean', 'null', 'object'].includes(word))
      return { kind: 'primitive', name: word };
    return word === 'any' ? ANY : { kind: 'name', name: word };
  }

  #object(): Type {
    const members = new Map<string, Member>();
    let others: Type | undefined;
    this.#expect('{');
    while (!this.#accept('}')) {
      if (this.#accept('[')) {
        while (!this.#accept(']')) this.#at++;
        this.#expect(':');
        others = this.#type();
      } else {
        const name = this.#take().replace(/^'|'$/g, '');
        const optional = this.#accept('?');
        this.#expect(':');
        members.set(name, { type: this.#type(), optional });
      }
      this.#accept(';');
    }
    return { kind: 'object', members, others };
  }

  #take(): string {
    return this.#tokens[this.#at++];
  }

  #accept(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    const found = this.#take();
    if (found !== token) throw new Error(`debugProtocol.d.ts: ${token} expected, found ${found}`);
  }
}
