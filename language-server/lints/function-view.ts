/**
 * One function as the lints see it: its code as a tree, in the order of execution, its locals and its labels.
 *
 * Everything comes from the function's own text; only the number of parameters of a `(type $t)` without `(param …)`
 * is asked of the module.
 */

import type { Span } from '../../engine/base/errors.ts';
import { parseUint32 } from '../../engine/base/numbers.ts';
import type { Instr } from '../../engine/isa/isa.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenSpan, tokenText } from '../../engine/text/lexer.ts';
import { idName } from '../../engine/text/strings.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import {
  everyNode,
  firstToken,
  headSpan,
  immediates,
  labelTokens,
  type Node,
  nodeSpan,
  readCode,
} from '../facts/code.ts';
import { bodyStart, headWord, significant } from '../facts/forms.ts';

export interface LocalDef {
  readonly idx: number;
  readonly isParam: boolean;
  /** The token of its name; -1 without. */
  readonly id: number;
  readonly name: string | undefined;
  /** First and last token of its type. */
  readonly type: readonly [first: number, last: number];
  /** The form it is declared in. */
  readonly open: number;
}

/** A step of the execution when nothing branches. */
export interface Step {
  readonly node: Node;
  /** `head`: the instruction itself, behind its operands; `part`: `else`, `catch`; `end` of a block. */
  readonly at: 'head' | 'part' | 'end';
}

export interface LabelDef {
  readonly block: Node;
  readonly name: string | undefined;
  /** The tokens that branch to it. */
  readonly branches: number[];
  /** The open block of the same name further outside. */
  readonly shadows: Node | undefined;
}

/** How a branch may name its label. */
export interface BranchTarget {
  readonly depth: number;
  /** The token of its name; -1 if it has none, or if another label hides it. */
  readonly id: number;
}

export interface LocalUse {
  readonly node: Node;
  readonly idx: number;
  readonly token: number;
}

/** What the lints of a function know of its module. */
export interface Several {
  readonly memories: boolean;
  readonly tables: boolean;
}

export class FunctionView {
  readonly tree: Tree;
  readonly field: Field;
  readonly body: readonly Node[];
  /** Parameters first. Those of a type that is only named have no definitions. */
  readonly locals: readonly LocalDef[];
  readonly close: number;
  #flow: Step[] | undefined;
  #labels: LabelDef[] | undefined;
  #uses: LocalUse[] | undefined;
  readonly #targets = new Map<number, BranchTarget>();
  readonly #names = new Map<string, number>();

  /** Whether the module has more than one memory, or table. */
  readonly several: Several;

  constructor(
    tree: Tree,
    field: Field,
    body: readonly Node[],
    locals: readonly LocalDef[],
    several: Several,
  ) {
    this.several = several;
    this.tree = tree;
    this.field = field;
    this.body = body;
    this.locals = locals;
    this.close = formEnd(tree, field.open) - 1;
    for (const { name, idx } of locals)
      if (name !== undefined && !this.#names.has(name)) this.#names.set(name, idx);
  }

  text(token: number): string {
    return tokenText(this.tree.tokens, token);
  }

  spanOf(token: number): Span {
    return tokenSpan(this.tree.tokens, token);
  }

  span(node: Node): Span {
    return nodeSpan(this.tree, node);
  }

  head(node: Node): Span {
    return headSpan(this.tree, node);
  }

  /** All steps in the order of execution. */
  get flow(): readonly Step[] {
    this.#flow ??= steps(this.body);
    return this.#flow;
  }

  /** Every block's label, in the order of the text. */
  get labels(): readonly LabelDef[] {
    this.#labels ??= this.#findLabels();
    return this.#labels;
  }

  /** By the token of each branch in the function. */
  get branchTargets(): ReadonlyMap<number, BranchTarget> {
    void this.labels;
    return this.#targets;
  }

  /** Every `local.get`, `local.set` and `local.tee`. */
  get localUses(): readonly LocalUse[] {
    if (!this.#uses) {
      this.#uses = [];
      for (const node of everyNode(this.body)) {
        const idx = this.localOf(node);
        if (idx >= 0) this.#uses.push({ node, idx, token: immediates(this.tree, node)[0] });
      }
    }
    return this.#uses;
  }

  /** The local that an instruction is about; -1 for none. */
  localOf(node: Node): number {
    if (node.instr.shape !== 'local') return -1;
    const [token] = immediates(this.tree, node);
    return token === undefined ? -1 : this.localAt(token);
  }

  localAt(token: number): number {
    const { tokens } = this.tree;
    if (tokens.kinds[token] === Tok.Id) return this.#names.get(idName(tokens, token) ?? '') ?? -1;
    const parsed = parseUint32(this.text(token));
    return parsed.ok ? parsed.value : -1;
  }

  /** The number that a constant pushes; undefined for other instructions. 64-bit ones come as bigint. */
  constant(node: Node): bigint | undefined {
    if (node.instr.name !== 'i32.const' && node.instr.name !== 'i64.const') return undefined;
    const [token] = immediates(this.tree, node);
    return token === undefined
      ? undefined
      : integerOf(this.text(token), node.instr.name === 'i32.const' ? 32 : 64);
  }

  #findLabels(): LabelDef[] {
    const found: LabelDef[] = [];
    const { tokens } = this.tree;
    const open: LabelDef[] = [];
    const find = (token: number): LabelDef | undefined => {
      if (tokens.kinds[token] === Tok.Int) {
        const parsed = parseUint32(tokenText(tokens, token));
        return parsed.ok ? open[open.length - 1 - parsed.value] : undefined;
      }
      const name = idName(tokens, token);
      return open.findLast((label) => label.name === name);
    };
    const branch = (token: number) => {
      const label = find(token);
      if (!label) return;
      label.branches.push(token);
      const { name, block } = label;
      const isSeen = name !== undefined && open.findLast((other) => other.name === name) === label;
      this.#targets.set(token, {
        depth: open.length - 1 - open.lastIndexOf(label),
        id: isSeen ? block.label : -1,
      });
    };
    const visit = (nodes: readonly Node[]) => {
      for (const node of nodes) {
        for (const token of labelTokens(this.tree, node)) branch(token);
        // The condition of an `if` is outside of its label.
        visit(node.operands);
        if (node.parts.length === 0) continue;
        const name = node.label >= 0 ? idName(tokens, node.label) : undefined;
        const shadows = name === undefined ? undefined : open.findLast((label) => label.name === name)?.block;
        const label: LabelDef = { block: node, name, branches: [], shadows };
        found.push(label);
        open.push(label);
        for (const part of node.parts) {
          if (part.keyword >= 0 && /^(delegate|rethrow)$/.test(this.text(part.keyword))) {
            for (const token of immediates(this.tree, part)) branch(token);
          }
          visit(part.body);
        }
        open.pop();
      }
    };
    visit(this.body);
    return found;
  }
}

/** Undefined if the function's code cannot be read; it then has faults. `typeParams`: how many its type has. */
export function viewFunction(
  tree: Tree,
  field: Field,
  typeParams: number,
  several: Several,
): FunctionView | undefined {
  if (field.kind !== 'func' || field.import || !field.ok) return undefined;
  const start = bodyStart(tree, field);
  const body = readCode(tree, start, formEnd(tree, field.open) - 1);
  return body && new FunctionView(tree, field, body, localsOf(tree, field, start, typeParams), several);
}

/** The declared parameters and locals, with their indices. */
export function localsOf(tree: Tree, field: Field, end: number, typeParams: number): LocalDef[] {
  const { kinds } = tree.tokens;
  const found: LocalDef[] = [];
  let idx = 0;
  let named = false;
  let params = false;
  for (let open = significant(tree, field.at); open < end; open = significant(tree, formEnd(tree, open))) {
    if (kinds[open] !== Tok.Open) break;
    const word = headWord(tree, open);
    if (word === 'type') named = true;
    if (word !== 'param' && word !== 'local') continue;
    const isParam = word === 'param';
    if (isParam) params = true;
    else if (named && !params) {
      idx = Math.max(idx, typeParams);
      params = true;
    }
    const close = formEnd(tree, open) - 1;
    let token = significant(tree, significant(tree, open + 1) + 1);
    const id = kinds[token] === Tok.Id ? token : -1;
    if (id >= 0) token = significant(tree, token + 1);
    while (token < close) {
      const last = kinds[token] === Tok.Open ? formEnd(tree, token) - 1 : token;
      const name = id >= 0 ? idName(tree.tokens, id) : undefined;
      found.push({ idx: idx++, isParam, id, name, type: [token, last], open });
      token = significant(tree, last + 1);
    }
  }
  return found;
}

/** The bits of an integer literal as a signed number; undefined if it is out of range. */
export function integerOf(text: string, bits: 32 | 64): bigint | undefined {
  const plain = text.replaceAll('_', '');
  const negative = plain.startsWith('-');
  try {
    const size = BigInt(plain.replace(/^[+-]/, ''));
    return BigInt.asIntN(bits, negative ? -size : size);
  } catch {
    return undefined;
  }
}

function steps(body: readonly Node[]): Step[] {
  const out: Step[] = [];
  const visit = (nodes: readonly Node[]) => {
    for (const node of nodes) {
      visit(node.operands);
      out.push({ node, at: 'head' });
      if (node.parts.length === 0) continue;
      node.parts.forEach((part, i) => {
        if (i > 0) out.push({ node, at: 'part' });
        visit(part.body);
      });
      out.push({ node, at: 'end' });
    }
  };
  visit(body);
  return out;
}

const PURE: ReadonlySet<string> = new Set([
  'local.get',
  'global.get',
  'ref.null',
  'ref.func',
  'ref.is_null',
  'ref.eq',
  'memory.size',
  'table.size',
]);
const CONSTANTS: ReadonlySet<string> = new Set(['i32', 'i64', 'f32', 'f64', 'v128']);

/** True if an instruction only computes one value: no trap, no effect. */
export function isPure({ name, shape, traps, special, results, feature }: Instr): boolean {
  if (PURE.has(name) || CONSTANTS.has(shape)) return true;
  if (special || results.length !== 1 || traps.length > 0 || feature === 'threads') return false;
  return shape === 'none' || shape === 'lane' || shape === 'lanes';
}

/** How many operands a pure instruction takes. */
export function pureOperands({ name, params }: Instr): number {
  return name === 'ref.is_null' ? 1 : params.length;
}

/**
 * The step where the expression begins whose value the step `last` pushes, if all of it is pure; else -1. Only heads
 * are part of such an expression.
 */
export function pureStart(flow: readonly Step[], last: number): number {
  let needed = 1;
  for (let i = last; i >= 0; i--) {
    const { node, at } = flow[i];
    if (at !== 'head' || node.parts.length > 0 || !isPure(node.instr)) return -1;
    needed += pureOperands(node.instr) - 1;
    if (needed === 0) return i;
  }
  return -1;
}

/**
 * The instructions of the list around `beside` that the steps `[from, to]` make up. Undefined if they also hold other
 * steps, or are not all in that list.
 */
export function rootsOf(flow: readonly Step[], from: number, to: number, beside: Node): Node[] | undefined {
  const roots: Node[] = [];
  let count = 0;
  for (let i = from; i <= to; i++) {
    let { node } = flow[i];
    while (node.parent && node.list !== beside.list) node = node.parent;
    if (node.list !== beside.list) return undefined;
    if (roots.includes(node)) continue;
    roots.push(node);
    for (const _ of everyNode([node])) count++;
  }
  return count === to - from + 1 ? roots : undefined;
}

/** From the first token of the first instruction to the last of the last. */
export function spanOfNodes(tree: Tree, nodes: readonly Node[]): Span {
  const { starts } = tree.tokens;
  return {
    start: starts[Math.min(...nodes.map(firstToken))],
    end: starts[Math.max(...nodes.map(({ end }) => end))],
  };
}
