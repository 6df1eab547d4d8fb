/**
 * Parser of WIT (WIT.md): a text becomes a document, whatever it is.
 *
 * A fault is noted and ends the item that it is in; reading goes on at the next one. What names mean is resolve.ts's
 * question.
 */

import type { Fault } from '../../base/errors.ts';
import { PRIM_CODES } from '../binary/codes.ts';
import type { PrimType } from '../model.ts';
import type {
  ExternItem,
  FuncItem,
  Ident,
  IncludeItem,
  InterfaceItem,
  InterfaceMember,
  Label,
  NamedType,
  PackageItem,
  PackageName,
  TopItem,
  TopUse,
  TypeDef,
  TypeItem,
  UseItem,
  WitCase,
  WitDocument,
  WitFunc,
  WitType,
  WorldItem,
  WorldMember,
} from './ast.ts';
import { type Head, RECOVER, WIT_KEYWORDS, WitCursor } from './cursor.ts';
import { lexWit, WitTok, type WitTokens } from './lexer.ts';

export interface ParsedWit {
  readonly document: WitDocument;
  readonly tokens: WitTokens;
  /** Empty: the text is well-formed. */
  readonly faults: readonly Fault[];
}

/** Parses a text. */
export function parseWit(text: string): ParsedWit {
  const tokens = lexWit(text);
  const parser = new Parser(tokens);
  const document = parser.document();
  return { document, tokens, faults: [...tokens.faults, ...parser.faults].sort(byPlace) };
}

function byPlace(a: Fault, b: Fault): number {
  return (a.span?.start ?? 0) - (b.span?.start ?? 0);
}

/** How deep types may be written in each other. */
const MOST_DEPTH = 100;

class Parser extends WitCursor {
  private depth = 0;

  document(): WitDocument {
    let docs = this.docs();
    let name: PackageName | undefined;
    const start = this.at;
    if (this.isWord('package')) {
      this.try(() => {
        this.take();
        name = this.packageName();
        if (this.isOp('{')) {
          // The file begins with a nested package, and has no package of its own.
          this.at = start;
          name = undefined;
        } else this.op(';');
      });
    }
    if (this.at === start) docs = undefined;
    const items = this.items(() => this.topItem(), false);
    return { package: name, docs, items };
  }

  /** Items up to `}`, or up to the end of the text. */
  private items<T>(read: () => T, inBraces: boolean): T[] {
    const out: T[] = [];
    while (this.kind !== WitTok.End && !(inBraces && this.isOp('}'))) {
      const start = this.at;
      this.try(() => {
        out.push(read());
      });
      // What nothing could be made of, such as a `}` too many.
      if (this.at === start) this.take();
    }
    return out;
  }

  private try(read: () => void): void {
    const { depth, at } = this;
    try {
      read();
    } catch (error) {
      if (error !== RECOVER) throw error;
      this.depth = depth;
      this.skipItem(at);
    }
  }

  /** Steps behind the item with the fault: its `;` or `}`, or in front of the `}` around it. */
  private skipItem(start: number): void {
    let depth = 0;
    for (let token = start; token < this.at; token++) depth += this.braces(token);
    while (this.kind !== WitTok.End) {
      const braces = this.braces(this.at);
      if (braces < 0 && depth <= 0) return;
      depth += braces;
      const isEnd = depth <= 0 && (braces < 0 || this.isOp(';'));
      this.take();
      if (isEnd) {
        // `use a.{b};`
        if (braces < 0 && this.isOp(';')) this.take();
        return;
      }
    }
  }

  /** 1 for a brace that opens, -1 for one that closes. */
  private braces(token: number): number {
    if (this.tokens.kinds[token] !== WitTok.Op) return 0;
    const op = this.text(token);
    return op === '{' ? 1 : op === '}' ? -1 : 0;
  }

  /** The end of an item with others in it, which are not lost if it is missing. */
  private close(): void {
    if (this.isOp('}')) this.take();
    else this.try(() => this.unexpected('`}`'));
  }

  private topItem(): TopItem {
    const start = this.at;
    const head = this.annotations();
    const word = this.word();
    switch (word) {
      case 'use': {
        this.take();
        const path = this.usePath();
        const as = this.rename();
        this.op(';');
        return { ...head, kind: 'top use', path, as, span: this.from(start) } satisfies TopUse;
      }
      case 'package': {
        this.take();
        const name = this.packageName();
        this.op('{');
        const items = this.items(() => this.topItem(), true);
        this.close();
        return {
          ...head,
          kind: 'package',
          package: name,
          items,
          span: this.from(start),
        } satisfies PackageItem;
      }
      case 'interface': {
        this.take();
        const name = this.ident();
        const members = this.interfaceBody();
        return { ...head, kind: 'interface', name, members, span: this.from(start) } satisfies InterfaceItem;
      }
      case 'world': {
        this.take();
        const name = this.ident();
        this.op('{');
        const members = this.items(() => this.worldMember(), true);
        this.close();
        return { ...head, kind: 'world', name, members, span: this.from(start) } satisfies WorldItem;
      }
      default:
        return this.unexpected('`world`, `interface`, `use` or `package`');
    }
  }

  private interfaceBody(): readonly InterfaceMember[] {
    this.op('{');
    const members = this.items(() => this.interfaceMember(), true);
    this.close();
    return members;
  }

  private interfaceMember(): InterfaceMember {
    const start = this.at;
    const head = this.annotations();
    return this.useOrType(start, head) ?? this.func(start, head, 'function');
  }

  private useOrType(start: number, head: Head): UseItem | TypeItem | undefined {
    switch (this.word()) {
      case 'use':
        return this.use(start, head);
      case 'type':
      case 'record':
      case 'variant':
      case 'enum':
      case 'flags':
      case 'resource':
        return this.typeItem(start, head);
      default:
        return undefined;
    }
  }

  private worldMember(): WorldMember {
    const start = this.at;
    const head = this.annotations();
    const item = this.useOrType(start, head);
    if (item) return item;
    const word = this.word();
    switch (word) {
      case 'import':
      case 'export':
        return this.extern(start, head, word);
      case 'include': {
        this.take();
        const path = this.usePath();
        const names: { name: Ident; as: Ident }[] = [];
        if (this.isWord('with')) {
          this.take();
          this.op('{');
          this.list('}', () => {
            const name = this.ident();
            this.keyword('as');
            names.push({ name, as: this.ident() });
          });
          if (this.isOp(';')) this.take();
        } else this.op(';');
        return { ...head, kind: 'include', path, names, span: this.from(start) } satisfies IncludeItem;
      }
      default:
        return this.unexpected('`import`, `export`, `include`, `use` or a type');
    }
  }

  private extern(start: number, head: Head, kind: 'import' | 'export'): ExternItem {
    this.take();
    if (!this.isNamed()) {
      const path = this.usePath();
      this.op(';');
      return { ...head, kind, what: { kind: 'path', path }, span: this.from(start) };
    }
    const name = this.ident();
    this.op(':');
    if (this.isWord('interface')) {
      this.take();
      const members = this.interfaceBody();
      return { ...head, kind, name, what: { kind: 'interface', members }, span: this.from(start) };
    }
    if (this.isWord('func') || this.isWord('async')) {
      const type = this.funcType();
      this.op(';');
      return { ...head, kind, name, what: { kind: 'func', type }, span: this.from(start) };
    }
    const path = this.usePath();
    this.op(';');
    return { ...head, kind, name, what: { kind: 'path', path }, span: this.from(start) };
  }

  /** True for `name:` that is no path: what follows is a type, or a path with a colon of its own. */
  private isNamed(): boolean {
    if (this.kind !== WitTok.Word) return false;
    const colon = this.significant(this.at + 1);
    if (this.text(colon) !== ':') return false;
    const behind = this.significant(colon + 1);
    const word = this.text(behind);
    if (word === 'func' || word === 'async' || word === 'interface') return true;
    // `a:b/c` is a path; `x: a:b/c` and `x: local` have a name.
    const next = this.text(this.significant(behind + 1));
    return next === ':' || next === ';';
  }

  private use(start: number, head: Head): UseItem {
    this.take();
    const path = this.usePath();
    this.op('.');
    this.op('{');
    const names: { name: Ident; as?: Ident }[] = [];
    this.list('}', () => {
      const name = this.ident();
      names.push({ name, as: this.rename() });
    });
    this.op(';');
    return { ...head, kind: 'use', path, names, span: this.from(start) };
  }

  private typeItem(start: number, head: Head): TypeItem {
    const word = this.word();
    this.take();
    const name = this.ident();
    const def = this.typeDef(word);
    return { ...head, kind: 'type', name, def, span: this.from(start) };
  }

  private typeDef(word: string): TypeDef {
    switch (word) {
      case 'type': {
        this.op('=');
        const type = this.type();
        this.op(';');
        return { kind: 'alias', type };
      }
      case 'record': {
        this.op('{');
        const fields: NamedType[] = [];
        this.list('}', () => fields.push(this.namedType()));
        return { kind: 'record', fields };
      }
      case 'variant': {
        this.op('{');
        const cases: WitCase[] = [];
        this.list('}', () => {
          const docs = this.docs();
          const name = this.ident();
          if (!this.isOp('(')) cases.push({ name, docs });
          else {
            this.take();
            const type = this.type();
            this.op(')');
            cases.push({ name, type, docs });
          }
        });
        return { kind: 'variant', cases };
      }
      case 'enum':
      case 'flags': {
        this.op('{');
        const labels: Label[] = [];
        this.list('}', () => {
          const docs = this.docs();
          labels.push({ name: this.ident(), docs });
        });
        return { kind: word, labels };
      }
      default:
        return { kind: 'resource', methods: this.methods() };
    }
  }

  private methods(): readonly FuncItem[] {
    if (this.isOp(';')) {
      this.take();
      return [];
    }
    this.op('{');
    const methods = this.items(() => {
      const start = this.at;
      const head = this.annotations();
      return this.func(start, head, 'method');
    }, true);
    this.close();
    return methods;
  }

  private func(start: number, head: Head, role: 'function' | 'method'): FuncItem {
    if (role === 'method' && this.isWord('constructor')) {
      const name: Ident = { name: 'constructor', span: this.span(this.at) };
      this.take();
      const params = this.params();
      const result = this.result();
      this.op(';');
      const type = { async: false, params, result };
      return { ...head, kind: 'func', name, role: 'constructor', type, span: this.from(start) };
    }
    const name = this.ident();
    this.op(':');
    const isStatic = role === 'method' && this.isWord('static');
    if (isStatic) this.take();
    const type = this.funcType();
    this.op(';');
    return { ...head, kind: 'func', name, role: isStatic ? 'static' : role, type, span: this.from(start) };
  }

  private funcType(): WitFunc {
    const async = this.isWord('async');
    if (async) this.take();
    this.keyword('func');
    const params = this.params();
    return { async, params, result: this.result() };
  }

  private params(): readonly NamedType[] {
    this.op('(');
    const params: NamedType[] = [];
    this.list(')', () => params.push(this.namedType()));
    return params;
  }

  private result(): WitType | undefined {
    if (!this.isOp('->')) return undefined;
    this.take();
    return this.type();
  }

  private namedType(): NamedType {
    const docs = this.docs();
    const name = this.ident();
    this.op(':');
    return { name, type: this.type(), docs };
  }

  private type(): WitType {
    const start = this.at;
    if (++this.depth > MOST_DEPTH) this.fail(`types are nested too deep: more than ${MOST_DEPTH}`, this.at);
    const type = this.typeAt(start);
    this.depth--;
    return type;
  }

  private typeAt(start: number): WitType {
    const word = this.word();
    if (word in PRIM_CODES && WIT_KEYWORDS.has(word)) {
      this.take();
      return { kind: 'prim', prim: word as PrimType, span: this.from(start) };
    }
    switch (word) {
      case 'list': {
        this.take();
        this.op('<');
        const element = this.type();
        let length: number | undefined;
        if (this.isOp(',')) {
          this.take();
          length = this.int();
        }
        this.op('>');
        return { kind: 'list', element, length, span: this.from(start) };
      }
      case 'map': {
        this.take();
        this.op('<');
        const key = this.type();
        this.op(',');
        const value = this.type();
        this.op('>');
        return { kind: 'map', key, value, span: this.from(start) };
      }
      case 'tuple': {
        this.take();
        this.op('<');
        const types: WitType[] = [];
        this.list('>', () => types.push(this.type()));
        return { kind: 'tuple', types, span: this.from(start) };
      }
      case 'option': {
        this.take();
        this.op('<');
        const type = this.type();
        this.op('>');
        return { kind: 'option', type, span: this.from(start) };
      }
      case 'result': {
        this.take();
        let ok: WitType | undefined;
        let error: WitType | undefined;
        if (this.isOp('<')) {
          this.take();
          if (this.isOp('_')) {
            this.take();
            this.op(',');
            error = this.type();
          } else {
            ok = this.type();
            if (this.isOp(',')) {
              this.take();
              error = this.type();
            }
          }
          this.op('>');
        }
        return { kind: 'result', ok, error, span: this.from(start) };
      }
      case 'own':
      case 'borrow': {
        this.take();
        this.op('<');
        const name = this.ident();
        this.op('>');
        return { kind: word, name, span: this.from(start) };
      }
      case 'stream':
      case 'future': {
        this.take();
        let type: WitType | undefined;
        if (this.isOp('<')) {
          this.take();
          type = this.type();
          this.op('>');
        }
        return { kind: word, type, span: this.from(start) };
      }
      default: {
        if (this.kind !== WitTok.Word) this.unexpected('a type');
        const name = this.ident();
        return { kind: 'id', name, span: this.from(start) };
      }
    }
  }
}
