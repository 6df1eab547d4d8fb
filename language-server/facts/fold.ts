/**
 * The same instructions in the other form: operands nested in their instructions, or one after the other.
 *
 * Folding is a matter of order alone (spec 6.5.11): an instruction may hold any number of those directly before it, so
 * where it is not known how many operands there are, nothing is nested and the meaning is the same. Comments stay with
 * what they stand at. Code with annotations is left alone: an annotation belongs to the place that it stands at.
 */

import type { Instr, SpecialName } from '../../engine/isa/isa.ts';
import { funcTypeAt } from '../../engine/module/module.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { everyNode, firstToken, immediates, isAnnotated, type Node } from './code.ts';
import { indentAt, lineBreakOf } from './edits.ts';
import { headWord } from './forms.ts';

/** Lines that are longer are broken. */
const WIDTH = 90;
const STEP = '  ';
/** Operands are not nested deeper: nobody could read it, and reading it again has its limit too. */
const DEEPEST = 100;

/** An instruction with its comments. */
interface Item {
  readonly node: Node;
  readonly head: string;
  /** What ends it in the flat form: `end`, or `end $l` where that was written. */
  readonly end: string;
  /** Comments on lines of their own in front of it, and behind it on its line. */
  readonly before: string[];
  readonly behind: string[];
  operands: Item[];
  /** How deep operands are nested in operands: 0 without any. */
  depth: number;
  readonly parts: PartItem[];
  /** Comments in front of what closes it. */
  readonly last: string[];
}

interface PartItem {
  /** `then`, `else`, `catch $e`; empty for the inside of a block. */
  readonly head: string;
  readonly behind: string[];
  items: Item[];
  readonly last: string[];
}

/** The text of neighbouring instructions without folding; undefined if they have annotations in them. */
export function unfolded(tree: Tree, nodes: readonly Node[]): string | undefined {
  const items = collect(tree, nodes);
  if (!items) return undefined;
  const lines: Line[] = [];
  for (const item of items) unfold(item, 0, lines);
  return laidOut(tree, nodes, lines);
}

/** The text of neighbouring instructions folded as far as it goes; undefined if they have annotations in them. */
export function folded(module: ModuleAnalysis, nodes: readonly Node[]): string | undefined {
  const { tree } = module;
  const items = collect(tree, nodes);
  if (!items) return undefined;
  const lines: Line[] = [];
  for (const item of nest(module, items)) fold(item, 0, lines);
  return laidOut(tree, nodes, lines);
}

interface Line {
  readonly level: number;
  text: string;
  /** A line comment ends it: nothing may follow. */
  full: boolean;
}

/** As lines below each other, in the indent of the first one; short code that stood on one line stays there. */
function laidOut(tree: Tree, nodes: readonly Node[], lines: readonly Line[]): string {
  const { text, starts } = tree.tokens;
  const start = starts[firstToken(nodes[0])];
  const end = starts[nodes[nodes.length - 1].end];
  const old = text.slice(start, end);
  const one = lines.map((line) => line.text).join(' ');
  const before = start > 0 && /[^\s()]/.test(text[start - 1]) && !one.startsWith('(') ? ' ' : '';
  const after = end < text.length && /[^\s()]/.test(text[end]) && !one.endsWith(')') ? ' ' : '';
  const isShort = one.length <= WIDTH && !lines.some(({ full }) => full);
  if (isShort && !/[\r\n]/.test(old)) return before + one + after;
  const indent = indentAt(text, start);
  const startsLine =
    text.slice(0, start).endsWith(indent) &&
    /(^|[\r\n])[ \t]*$/.test(text.slice(Math.max(0, start - 400), start));
  const inner = startsLine ? indent : indent + STEP;
  const br = lineBreakOf(text);
  const out = lines.map(({ level, text }) => inner + STEP.repeat(level) + text).join(br);
  const rest = /^[ \t]*([^\r\n]?)/.exec(text.slice(end, end + 200))?.[1];
  const closing = rest && lines[lines.length - 1]?.full ? br + indent : '';
  return (startsLine ? out.slice(inner.length) : `${br}${out}`) + closing;
}

function push(lines: Line[], level: number, text: string): void {
  lines.push({ level, text, full: false });
}

function comments(lines: Line[], level: number, texts: readonly string[]): void {
  for (const text of texts) lines.push({ level, text, full: text.startsWith(';;') });
}

function append(lines: Line[], texts: readonly string[]): void {
  for (const text of texts) {
    const line = lines[lines.length - 1];
    if (line.full) lines.push({ level: line.level, text, full: text.startsWith(';;') });
    else {
      line.text += ` ${text}`;
      line.full = text.startsWith(';;');
    }
  }
}

function unfold(item: Item, level: number, lines: Line[]): void {
  comments(lines, level, item.before);
  for (const operand of item.operands) unfold(operand, level, lines);
  push(lines, level, item.head);
  append(lines, item.behind);
  if (item.node.parts.length === 0) {
    comments(lines, level, item.last);
    return;
  }
  for (const { head, behind, items, last } of item.parts) {
    if (head !== '' && head !== 'then') push(lines, level, head);
    append(lines, behind);
    for (const inside of items) unfold(inside, level + 1, lines);
    comments(lines, level + 1, last);
  }
  comments(lines, level, item.last);
  push(lines, level, item.end);
}

function fold(item: Item, level: number, lines: Line[]): void {
  comments(lines, level, item.before);
  const flat = oneLine(item);
  if (
    flat !== undefined &&
    (item.parts.length === 0 || flat.length <= 60) &&
    level * 2 + flat.length <= WIDTH
  ) {
    push(lines, level, flat);
    append(lines, item.behind);
    return;
  }
  push(lines, level, `(${item.head}`);
  for (const operand of item.operands) fold(operand, level + 1, lines);
  for (const { head, behind, items, last } of item.parts) {
    const inner = head === '' ? level + 1 : level + 2;
    if (head !== '') push(lines, level + 1, `(${head}`);
    append(lines, behind);
    for (const inside of items) fold(inside, inner, lines);
    comments(lines, inner, last);
    if (head !== '') close(lines, level + 1);
  }
  comments(lines, level + 1, item.last);
  close(lines, level);
  append(lines, item.behind);
}

function close(lines: Line[], level: number): void {
  const line = lines[lines.length - 1];
  if (line.full) push(lines, level, ')');
  else line.text += ')';
}

/** Undefined if there are comments in it, or if it is long. */
function oneLine(item: Item): string | undefined {
  if (item.last.length > 0 || /[\r\n]/.test(item.head)) return undefined;
  let out = `(${item.head}`;
  for (const operand of item.operands) {
    if (operand.before.length > 0 || operand.behind.length > 0) return undefined;
    const inside = oneLine(operand);
    if (inside === undefined) return undefined;
    out += ` ${inside}`;
    if (out.length > WIDTH) return undefined;
  }
  for (const { head, behind, items, last } of item.parts) {
    if (behind.length > 0 || last.length > 0) return undefined;
    if (head !== '') out += ` (${head}`;
    for (const operand of items) {
      if (operand.before.length > 0 || operand.behind.length > 0) return undefined;
      const inside = oneLine(operand);
      if (inside === undefined) return undefined;
      out += ` ${inside}`;
      if (out.length > WIDTH) return undefined;
    }
    if (head !== '') out += ')';
  }
  return `${out})`;
}

/** Gives each instruction those directly before it that each leave one value, as many as it takes. */
function nest(module: ModuleAnalysis, items: readonly Item[], out: Item[] = []): Item[] {
  for (const item of items) {
    for (const part of item.parts) part.items = nest(module, part.items);
    const kind = arity(module, item.node);
    const own = new Set(item.operands);
    const isUnknown = kind === UNKNOWN || item.operands.some(({ node }) => arity(module, node)[1] < 0);
    if (isUnknown) {
      item.operands = nest(module, item.operands);
    } else {
      // What stands in it counts as what stands in front of it: so folding again changes nothing.
      nest(module, item.operands, out);
      let [wanted] = kind;
      let first = out.length;
      for (; wanted > 0 && first > 0; first--) {
        const [, results] = arity(module, out[first - 1].node);
        if (results < 1 || results > wanted || out[first - 1].depth >= DEEPEST) break;
        wanted -= results;
      }
      item.operands = out.splice(first);
      // What is said in front of an operand that moved here is said of the whole.
      const [front] = item.operands;
      if (front && !own.has(front)) item.before.unshift(...front.before.splice(0));
    }
    item.depth = item.operands.reduce((deepest, { depth }) => Math.max(deepest, depth + 1), 0);
    out.push(item);
  }
  return out;
}

/** Operands and results of instructions whose type is a rule. What is missing is not nested. */
const ARITY: Readonly<Partial<Record<SpecialName, readonly [operands: number, results: number]>>> = {
  drop: [1, 0],
  select: [3, 1],
  br_if: [1, 0],
  br_table: [1, 0],
  'local.get': [0, 1],
  'local.set': [1, 0],
  'local.tee': [1, 1],
  'global.get': [0, 1],
  'global.set': [1, 0],
  'ref.null': [0, 1],
  'ref.func': [0, 1],
  'ref.is_null': [1, 1],
  'ref.as_non_null': [1, 1],
  'ref.test': [1, 1],
  'ref.cast': [1, 1],
  'memory.copy': [3, 0],
  'table.init': [3, 0],
  'table.copy': [3, 0],
  'table.fill': [3, 0],
  'table.get': [1, 1],
  'table.set': [2, 0],
  'table.grow': [2, 1],
  'struct.new_default': [0, 1],
  'struct.get': [1, 1],
  'struct.get_s': [1, 1],
  'struct.get_u': [1, 1],
  'struct.set': [2, 0],
  'array.new': [2, 1],
  'array.new_default': [1, 1],
  'array.get': [2, 1],
  'array.get_s': [2, 1],
  'array.get_u': [2, 1],
  'array.set': [3, 0],
};

const UNKNOWN = [0, -1] as const;

/** How many operands an instruction takes and how many values it leaves; -1 for unknown. */
export function arity(module: ModuleAnalysis, node: Node): readonly [operands: number, results: number] {
  const { instr } = node;
  if (node.parts.length > 0) return [instr.name === 'if' ? 1 : 0, blockResults(module.tree, node)];
  if (!instr.special) return [instr.params.length, instr.results.length];
  const known = ARITY[instr.name as SpecialName];
  if (known) return known;
  const type = calledType(module, node);
  if (!type) return UNKNOWN;
  const callee = instr.shape === 'func' ? 0 : 1;
  // A tail call's results are its caller's: nothing comes behind it.
  return [type.params + callee, instr.name.startsWith('return_') ? 0 : type.results];
}

/** A block leaves what it declares; one whose type is only named, or that takes parameters, is not nested. */
function blockResults(tree: Tree, { headEnd, keyword }: Node): number {
  let results = 0;
  for (let token = keyword; token < headEnd; token++) {
    if (tree.tokens.kinds[token] !== Tok.Open) continue;
    const word = headWord(tree, token);
    if (word === 'type' || word === 'param') return -1;
    if (word === 'result') results += typesIn(tree, token);
    token = formEnd(tree, token) - 1;
  }
  return results;
}

/** How many types stand in `(result …)` or `(param …)`. */
function typesIn(tree: Tree, open: number): number {
  const { kinds } = tree.tokens;
  let count = 0;
  const close = formEnd(tree, open) - 1;
  for (let token = open + 1; token < close; token++) {
    if (kinds[token] === Tok.Open) {
      count++;
      token = formEnd(tree, token) - 1;
    } else if (kinds[token] === Tok.Keyword) count++;
  }
  return count - 1;
}

function calledType(module: ModuleAnalysis, node: Node): { params: number; results: number } | undefined {
  const { tree, assembly, module: decoded } = module;
  const { shape } = node.instr as Instr;
  if (!decoded || (shape !== 'func' && shape !== 'tableType')) return undefined;
  let typeIdx: number | undefined;
  let params = 0;
  let results = 0;
  for (const token of immediates(tree, node)) {
    const use = assembly.symbols.useOf(token);
    if (shape === 'func' && use?.space === 'func') typeIdx = decoded.funcs[use.idx]?.typeIdx;
    if (shape === 'tableType' && use?.space === 'type' && headWord(tree, tree.parent[token]) === 'type')
      typeIdx = use.idx;
    if (tree.tokens.kinds[token] !== Tok.Open) continue;
    if (headWord(tree, token) === 'param') params += typesIn(tree, token);
    if (headWord(tree, token) === 'result') results += typesIn(tree, token);
  }
  if (typeIdx === undefined) return shape === 'tableType' ? { params, results } : undefined;
  const type = funcTypeAt(decoded, typeIdx);
  return type && { params: type.params.length, results: type.results.length };
}

/** The instructions with their comments; undefined if there are annotations or legacy exceptions. */
function collect(tree: Tree, nodes: readonly Node[]): Item[] | undefined {
  const { kinds } = tree.tokens;
  const from = firstToken(nodes[0]);
  const to = nodes[nodes.length - 1].end;
  if (isAnnotated(tree, nodes[0])) return undefined;
  for (let token = from; token < to; token++) if (kinds[token] === Tok.Annot) return undefined;
  // What ends a legacy try may be a delegate: it is left as it is.
  for (const { instr } of everyNode(nodes)) if (instr.name === 'try') return undefined;
  return new Collector(tree).list(nodes, from, to).items;
}

class Collector {
  private readonly tree: Tree;

  constructor(tree: Tree) {
    this.tree = tree;
  }

  /** Items of a list that begins behind token `from` and ends before `to`, and the comments behind the last one. */
  list(nodes: readonly Node[], from: number, to: number): { first: string[]; items: Item[]; last: string[] } {
    const items: Item[] = [];
    let at = from;
    let first: string[] = [];
    let behind = first;
    let before: string[] = [];
    for (const node of nodes) {
      [first, before] = this.gap(at, firstToken(node));
      for (const text of first) behind.push(text);
      const item = this.item(node, before);
      items.push(item);
      behind = item.behind;
      at = node.end;
    }
    const [same, own] = this.gap(at, to);
    const start: string[] = nodes.length === 0 ? same : [];
    if (nodes.length > 0) for (const text of same) behind.push(text);
    return { first: nodes.length === 0 ? start : this.gap(from, firstToken(nodes[0]))[0], items, last: own };
  }

  private item(node: Node, before: string[]): Item {
    const { operands, parts, keyword, headEnd, open, end } = node;
    const item: Item = {
      node,
      head: this.slice(keyword, headEnd),
      end: this.endOf(node),
      before: [...before],
      behind: [],
      operands: [],
      depth: 0,
      parts: [],
      last: [],
    };
    // `( (; x ;) i32.add`: comments in front of the keyword.
    if (open >= 0) for (const texts of this.gap(open + 1, keyword)) item.before.push(...texts);
    let at = headEnd;
    const partStart =
      parts.length > 0 ? (parts[0].open >= 0 ? parts[0].open : headEnd) : end - (open >= 0 ? 1 : 0);
    if (operands.length > 0 || parts.length === 0) {
      const { first, items, last } = this.list(operands, at, Math.max(at, partStart));
      item.operands = items;
      item.behind.push(...first);
      item.last.push(...last);
      at = Math.max(at, partStart);
    }
    for (const part of parts) {
      const start = part.open >= 0 ? part.open : part.keyword >= 0 ? part.keyword : part.headEnd;
      const [same, own] = this.gap(at, start);
      // Behind the `)` of a part: it belongs to what that part ends with.
      const before = item.parts.at(-1);
      (before?.items.at(-1)?.behind ?? before?.last ?? item.behind).push(...same);
      (before?.last ?? item.behind).push(...own);
      const { first, items, last } = this.list(part.body, part.headEnd, part.close);
      // `else $l`: the folded form has no place for the name.
      const head = part.keyword >= 0 ? tokenText(this.tree.tokens, part.keyword) : '';
      item.parts.push({
        head: node.instr.name === 'if' && head === '' ? 'then' : head,
        behind: first,
        items,
        last,
      });
      at = part.open >= 0 ? part.close + 1 : part.close;
    }
    // Comments beside `end` or in front of the last `)`.
    if (parts.length > 0) for (const texts of this.gap(at, end)) item.last.push(...texts);
    return item;
  }

  private endOf({ open, parts, end }: Node): string {
    if (open >= 0 || parts.length === 0) return 'end';
    const written = this.slice(parts[parts.length - 1].close, end);
    return /^end\s+\$\S+$/.test(written) ? written : 'end';
  }

  /** The comments between two tokens: those on the line of the first, and the others. */
  private gap(from: number, to: number): [same: string[], own: string[]] {
    const { kinds } = this.tree.tokens;
    const same: string[] = [];
    const own: string[] = [];
    let isSame = true;
    for (let token = from; token < to; token++) {
      const kind = kinds[token];
      const text = tokenText(this.tree.tokens, token);
      if (kind === Tok.Space && /[\r\n]/.test(text)) isSame = false;
      if (kind === Tok.LineComment || kind === Tok.BlockComment) (isSame ? same : own).push(text.trimEnd());
    }
    return [same, own];
  }

  private slice(from: number, to: number): string {
    const { text, starts } = this.tree.tokens;
    return text.slice(starts[from], starts[to]);
  }
}
