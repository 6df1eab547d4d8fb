/**
 * The code of one function as its text has it: a tree of instructions, flat and folded, with their tokens.
 *
 * Read from the tokens of the function alone, so it holds as long as those do. Only for code without faults of
 * syntax: anything unexpected, and nesting beyond 400, ends the reading without a result. Knows no types and no
 * stack. Spec 6.5.
 */

import type { Span } from '../../engine/base/errors.ts';
import type { Instr } from '../../engine/isa/isa.ts';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import { isTrivia, Tok } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { instrOfWord, wordText } from '../../engine/text/words.ts';
import { significant } from './forms.ts';

/** An instruction; a block with all that is inside of it. */
export interface Node {
  readonly instr: Instr;
  readonly keyword: number;
  /** The parenthesis in front of the keyword; -1 if it is written flat. */
  readonly open: number;
  /** One past the last token of the head: behind keyword and immediates. */
  readonly headEnd: number;
  /** One past its last token: behind `)` or `end`. */
  end: number;
  /** The label of a block; -1 without. */
  readonly label: number;
  /** Folded operands; of an `if` its condition. */
  readonly operands: Node[];
  /** The insides of a block, in order; empty for other instructions. */
  readonly parts: Part[];
  /** The block or folded instruction around it. */
  readonly parent: Node | undefined;
  /** Where it stands among others: a body, or operands. */
  readonly list: readonly Node[];
}

/** One inside of a block. */
export interface Part {
  /** `then`, `else`, `do`, `catch`, `catch_all`; -1 for the first inside of what is no folded `if` or `try`. */
  readonly keyword: number;
  readonly open: number;
  /** One past the head of the part. */
  readonly headEnd: number;
  readonly body: Node[];
  /** The token that ends it: a `)`, or the keyword behind. */
  close: number;
}

const MAX_DEPTH = 400;
const GIVE_UP = new Error('not read');

const TYPE_FORMS: ReadonlySet<string> = new Set(['param', 'result', 'type', 'ref']);
const CATCH_FORMS: ReadonlySet<string> = new Set(['catch', 'catch_ref', 'catch_all', 'catch_all_ref']);

/** The instructions `[start, end)`; undefined if they cannot be read. `end` is the `)` behind the last one. */
export function readCode(tree: Tree, start: number, end: number): Node[] | undefined {
  const reader = new CodeReader(tree, start, end);
  try {
    return reader.all();
  } catch (error) {
    if (error !== GIVE_UP) throw error;
    return undefined;
  }
}

/** The first token of an instruction. */
export function firstToken({ open, keyword }: Node): number {
  return open >= 0 ? open : keyword;
}

/** The whole instruction, folded operands and insides included. */
export function nodeSpan(tree: Tree, node: Node): Span {
  const { starts } = tree.tokens;
  return { start: starts[firstToken(node)], end: starts[node.end] };
}

/** True if an annotation stands right in front: it is about this instruction. */
export function isAnnotated(tree: Tree, node: Node): boolean {
  const { kinds } = tree.tokens;
  let before = firstToken(node) - 1;
  while (before >= 0 && isTrivia(kinds[before])) before--;
  return before >= 0 && kinds[before] === Tok.Close && kinds[tree.match[before]] === Tok.Annot;
}

/** Keyword and immediates. */
export function headSpan(tree: Tree, { keyword, headEnd }: Node): Span {
  const { starts } = tree.tokens;
  return { start: starts[keyword], end: starts[headEnd] };
}

/** The significant tokens of the head behind the keyword. */
export function immediates(tree: Tree, { keyword, headEnd }: Pick<Node, 'keyword' | 'headEnd'>): number[] {
  const out: number[] = [];
  for (let token = significant(tree, keyword + 1); token < headEnd; token = significant(tree, token + 1)) {
    out.push(token);
  }
  return out;
}

/** The tokens that name labels in the head of an instruction. */
export function labelTokens(tree: Tree, node: Node): number[] {
  const { kinds } = tree.tokens;
  const tokens = immediates(tree, node);
  const isIndex = (token: number) => kinds[token] === Tok.Id || kinds[token] === Tok.Int;
  switch (node.instr.shape) {
    case 'label':
    case 'castBranch':
      return tokens.slice(0, 1);
    case 'labels':
      return tokens;
    case 'catches':
      // The last index in each `(catch …)`.
      return tokens.filter((token, i) => {
        const around = tree.parent[token];
        const closes = kinds[tokens[i + 1]] === Tok.Close;
        return isIndex(token) && closes && around > node.keyword && inCatch(tree, around);
      });
    default:
      return [];
  }
}

function inCatch(tree: Tree, open: number): boolean {
  return CATCH_FORMS.has(wordText(tree.tokens.words[significant(tree, open + 1)]));
}

/** Every instruction, those around before those inside. */
export function* everyNode(nodes: readonly Node[]): Generator<Node> {
  const stack: Node[] = [...nodes].reverse();
  for (;;) {
    const node = stack.pop();
    if (!node) return;
    yield node;
    for (let i = node.parts.length - 1; i >= 0; i--) {
      const { body } = node.parts[i];
      for (let j = body.length - 1; j >= 0; j--) stack.push(body[j]);
    }
    for (let i = node.operands.length - 1; i >= 0; i--) stack.push(node.operands[i]);
  }
}

/** The smallest instruction around a token. */
export function nodeAt(nodes: readonly Node[], token: number): Node | undefined {
  let found: Node | undefined;
  let list: readonly Node[] = nodes;
  for (;;) {
    const inside: Node | undefined = list.find((node) => firstToken(node) <= token && token < node.end);
    if (!inside) return found;
    found = inside;
    list = [...inside.operands, ...inside.parts.flatMap(({ body }) => body)];
  }
}

class CodeReader {
  private at: number;
  /** One past the significant token taken last. */
  private behind: number;
  private depth = 0;
  private readonly tree: Tree;
  private readonly end: number;

  constructor(tree: Tree, start: number, end: number) {
    this.tree = tree;
    this.at = significant(tree, start);
    this.behind = this.at;
    this.end = end;
  }

  all(): Node[] {
    const nodes: Node[] = [];
    this.sequence(nodes, undefined);
    if (this.at < this.end) throw GIVE_UP;
    return nodes;
  }

  private get kind(): number {
    return this.at < this.end ? this.tree.tokens.kinds[this.at] : Tok.Close;
  }

  private get word(): number {
    return this.tree.tokens.words[this.at];
  }

  private take(): number {
    if (this.at >= this.end) throw GIVE_UP;
    const token = this.at;
    this.behind = token + 1;
    this.at = significant(this.tree, token + 1);
    return token;
  }

  private close(): number {
    if (this.kind !== Tok.Close) throw GIVE_UP;
    return this.take();
  }

  /** Up to a `)` or a keyword that goes on with the block around or ends it. */
  private sequence(into: Node[], parent: Node | undefined): void {
    if (++this.depth > MAX_DEPTH) throw GIVE_UP;
    for (;;) {
      const { kind } = this;
      if (kind === Tok.Close) break;
      if (kind === Tok.Open) into.push(this.folded(parent, into));
      else if (kind === Tok.Keyword) {
        const role = ROLES[this.word];
        if (role >= Role.Else && role <= Role.Delegate) break;
        if (role === Role.None || role > Role.Delegate) throw GIVE_UP;
        into.push(role === Role.Plain ? this.head(-1, parent, into) : this.flatBlock(parent, into));
      } else throw GIVE_UP;
    }
    this.depth--;
  }

  /** Keyword and immediates. */
  private head(open: number, parent: Node | undefined, list: readonly Node[]): Node {
    const instr = instrOfWord(this.word);
    if (!instr) throw GIVE_UP;
    const keyword = this.take();
    const isBlock = instr.shape === 'block' || instr.shape === 'catches';
    const label = isBlock && this.kind === Tok.Id ? this.at : -1;
    this.immediates(instr);
    const headEnd = this.behind;
    return { instr, keyword, open, headEnd, end: headEnd, label, operands: [], parts: [], parent, list };
  }

  private immediates({ shape }: Instr): void {
    for (;;) {
      const { kind } = this;
      if (kind === Tok.Keyword) {
        if (ROLES[this.word] !== Role.None) return;
        this.take();
      } else if (kind === Tok.Open) {
        const inside = wordText(this.tree.tokens.words[significant(this.tree, this.at + 1)]);
        if (!TYPE_FORMS.has(inside) && !(shape === 'catches' && CATCH_FORMS.has(inside))) return;
        const end = formEnd(this.tree, this.at);
        if (end > this.end) throw GIVE_UP;
        this.behind = end;
        this.at = significant(this.tree, end);
      } else if (kind === Tok.Close) return;
      else this.take();
    }
  }

  private folded(parent: Node | undefined, list: readonly Node[]): Node {
    if (++this.depth > MAX_DEPTH) throw GIVE_UP;
    const open = this.take();
    if (this.kind !== Tok.Keyword) throw GIVE_UP;
    const role = ROLES[this.word];
    if (role === Role.None || role >= Role.Else) throw GIVE_UP;
    const node = this.head(open, parent, list);
    if (role === Role.Plain) this.operands(node);
    else if (role === Role.Block) this.part(node, -1, -1);
    else if (role === Role.If) this.foldedIf(node);
    else this.foldedTry(node);
    this.close();
    node.end = this.behind;
    this.depth--;
    return node;
  }

  private operands(node: Node): void {
    while (this.kind === Tok.Open) {
      if (this.opens() === Role.Then) return;
      node.operands.push(this.folded(node, node.operands));
    }
  }

  /** The role of the keyword behind the `(` here. */
  private opens(): Role {
    return ROLES[this.tree.tokens.words[significant(this.tree, this.at + 1)]];
  }

  private foldedIf(node: Node): void {
    this.operands(node);
    if (this.kind !== Tok.Open) throw GIVE_UP;
    this.foldedPart(node);
    if (this.kind === Tok.Open && this.opens() === Role.Else) this.foldedPart(node);
  }

  private foldedTry(node: Node): void {
    while (this.kind === Tok.Open) this.foldedPart(node);
  }

  private foldedPart(node: Node): void {
    const open = this.take();
    const role = ROLES[this.word];
    if (role < Role.Else) throw GIVE_UP;
    this.part(node, this.take(), open);
    this.close();
  }

  /** The head of the part behind its keyword, then its instructions. */
  private part(node: Node, keyword: number, open: number): void {
    const { kinds } = this.tree.tokens;
    while (keyword >= 0 && (kinds[this.at] === Tok.Id || kinds[this.at] === Tok.Int)) this.take();
    const part: Part = { keyword, open, headEnd: this.behind, body: [], close: -1 };
    node.parts.push(part);
    this.sequence(part.body, node);
    part.close = this.at;
  }

  private skipIndex(numbers: boolean): void {
    if (this.kind === Tok.Id || (numbers && this.kind === Tok.Int)) this.take();
  }

  private flatBlock(parent: Node | undefined, list: readonly Node[]): Node {
    const node = this.head(-1, parent, list);
    this.part(node, -1, -1);
    for (;;) {
      if (this.kind !== Tok.Keyword) throw GIVE_UP;
      const role = ROLES[this.word];
      const keyword = this.take();
      if (role === Role.End || role === Role.Delegate) {
        this.skipIndex(role === Role.Delegate);
        break;
      }
      this.part(node, keyword, -1);
    }
    node.end = this.behind;
    return node;
  }
}
