/**
 * The names of modules and threads in a script: where each is defined, and where it is used.
 *
 * `(module $m …)`, `(module instance $i $d)`, `(register "n" $m)`, `(invoke $m …)`, `(get $m …)`, `(shared (module $m))`,
 * `(thread $t …)` and `(wait $t)`. A name may be defined again: a use means the last definition in front of it. From
 * the tree alone, without looking into modules.
 */

import { Tok } from '../../engine/text/lexer.ts';
import { idName } from '../../engine/text/strings.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { headWord, significant } from './forms.ts';

/** A module or thread that has a name. */
export interface ScriptName {
  readonly kind: 'module' | 'thread';
  /** Without `$`. */
  readonly name: string;
  /** The token of its definition; -1 if there is none. */
  readonly token: number;
  readonly uses: readonly number[];
}

const KNOWN = new WeakMap<Tree, readonly ScriptName[]>();

/** The name whose definition or use stands at a token. */
export function scriptNameAt(tree: Tree, token: number): ScriptName | undefined {
  if (tree.tokens.kinds[token] !== Tok.Id) return undefined;
  return scriptNames(tree).find((known) => known.token === token || known.uses.includes(token));
}

/** In the order of their definitions. */
export function scriptNames(tree: Tree): readonly ScriptName[] {
  let names = KNOWN.get(tree);
  if (!names) KNOWN.set(tree, (names = new Reader(tree).read()));
  return names;
}

interface Found extends ScriptName {
  readonly uses: number[];
}

class Reader {
  private readonly tree: Tree;
  private readonly found: Found[] = [];
  private readonly known = new Map<string, Found>();

  constructor(tree: Tree) {
    this.tree = tree;
  }

  read(): readonly ScriptName[] {
    const { kinds, count } = this.tree.tokens;
    for (let token = 0; token < count; ) {
      if (kinds[token] === Tok.Annot) token = formEnd(this.tree, token);
      else if (kinds[token] === Tok.Open) token = this.form(token);
      else token++;
    }
    return this.found;
  }

  /** Returns the token to go on at: inside of the form if it may hold names too. */
  private form(open: number): number {
    const { tree } = this;
    const word = headWord(tree, open);
    const behind = significant(tree, significant(tree, open + 1) + 1);
    switch (word) {
      case 'module':
      case 'component':
        this.module(open, behind);
        return formEnd(tree, open);
      case 'thread':
        this.define('thread', behind);
        return behind;
      case 'wait':
        this.use('thread', behind);
        return formEnd(tree, open);
      case 'register':
        this.use('module', significant(tree, behind + 1));
        return formEnd(tree, open);
      case 'invoke':
      case 'get':
        this.use('module', behind);
        return formEnd(tree, open);
      default:
        return /^(assert_\w+|shared)$/.test(word) ? behind : formEnd(tree, open);
    }
  }

  private module(open: number, behind: number): void {
    const { tree } = this;
    const { kinds, starts, text } = tree.tokens;
    const around = tree.parent[open];
    if (around >= 0 && headWord(tree, around) === 'shared') {
      this.use('module', behind);
      return;
    }
    // A module that an assertion rejects has a name for nobody.
    if (around >= 0 && headWord(tree, around).startsWith('assert_')) return;
    let token = behind;
    let isInstance = false;
    while (kinds[token] === Tok.Keyword) {
      isInstance ||= text.slice(starts[token], starts[token + 1]) === 'instance';
      token = significant(tree, token + 1);
    }
    if (isInstance) this.use('module', significant(tree, token + 1));
    this.define('module', token);
  }

  private define(kind: ScriptName['kind'], token: number): void {
    const name = this.nameAt(token);
    if (name === undefined) return;
    const found: Found = { kind, name, token, uses: [] };
    this.found.push(found);
    this.known.set(`${kind} ${name}`, found);
  }

  private use(kind: ScriptName['kind'], token: number): void {
    const name = this.nameAt(token);
    if (name === undefined) return;
    let found = this.known.get(`${kind} ${name}`);
    if (!found) {
      found = { kind, name, token: -1, uses: [] };
      this.found.push(found);
      this.known.set(`${kind} ${name}`, found);
    }
    found.uses.push(token);
  }

  private nameAt(token: number): string | undefined {
    const { tokens } = this.tree;
    return tokens.kinds[token] === Tok.Id ? idName(tokens, token) : undefined;
  }
}
