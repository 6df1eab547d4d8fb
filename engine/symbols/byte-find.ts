/**
 * Searching a binary: for bytes, for instructions, for names. Ranges of the file, ascending, that do not overlap.
 *
 * Generators that yield often and hold nothing, so that whoever runs them can let others have their turn, or stop.
 */

import { InstrReader } from '../binary/instr.ts';
import type { ByteNode } from '../binary/structure/node.ts';
import { faultOf } from '../binary/structure/walker.ts';
import { type Instr, instrByCode } from '../isa/isa.ts';
import { type CodePiece, codeOf, isBehind, nodesOf } from './byte-code.ts';
import type { ByteInspector } from './byte-info.ts';
import { titleOf } from './byte-meaning.ts';
import {
  type BytePattern,
  type InstrPattern,
  type InstrSequence,
  matches,
  type NameScope,
} from './byte-pattern.ts';
import { readableName } from './disassembly.ts';

/** Characters of a name that a title has. */
const SHOWN_NAME = 80;

export interface Found {
  readonly start: number;
  readonly end: number;
  /** What it is, where there is something to say. */
  readonly title?: string;
}

export interface Search {
  readonly found: readonly Found[];
  /** It ended because there were enough. */
  readonly more: boolean;
}

/** How many bytes are looked at in one step. */
const STEP = 1 << 18;

/** The places behind `from` whose bytes are these. */
export function* findBytes(
  bytes: Uint8Array,
  { values, masks }: BytePattern,
  from: number,
  limit: number,
): Generator<void, Search> {
  const found: Found[] = [];
  const n = values.length;
  // The host looks for one byte much faster than a loop of ours.
  const fixed = masks.indexOf(0xff);
  let at = from;
  let step = from + STEP;
  while (at + n <= bytes.length) {
    if (fixed >= 0) {
      const next = bytes.indexOf(values[fixed], at + fixed);
      if (next < 0) break;
      at = next - fixed;
      if (at + n > bytes.length) break;
    }
    let i = 0;
    while (i < n && (bytes[at + i] & masks[i]) === values[i]) i++;
    if (i === n) {
      if (found.length === limit) return { found, more: true };
      found.push({ start: at, end: at + n });
      at += n;
    } else at++;
    if (at < step) continue;
    step = at + STEP;
    yield;
  }
  return { found, more: false };
}

/** The instructions of a piece of code. */
interface Read {
  readonly starts: number[];
  readonly ends: number[];
  /** For each instruction the patterns that it matches, a bit each. */
  readonly matched: number[];
}

/** The runs of instructions behind `from` that are these, each as short as it can be; none reaches over a function's end. */
export function* findInstructions(
  inspector: ByteInspector,
  sequence: InstrSequence,
  from: number,
  limit: number,
): Generator<void, Search> {
  const { bytes, tree } = inspector;
  const patterns = sequence.flat();
  if (patterns.length > 30) throw new Error('too many instructions to look for: 30 at most');
  const reader = new InstrReader(bytes);
  const found: Found[] = [];
  let step = from;
  for (const piece of codeOf(bytes, tree.root, from)) {
    const module = inspector.moduleOf(piece.file);
    const { entry, node } = piece;
    const title = [...(entry ? [entry] : []), node].map((step) => titleOf(step, module)).join(' › ');
    for (const { start, end } of inPiece(reader, piece, sequence, patterns, {
      module,
      funcIdx: piece.node.kind === 'func' ? piece.node.index : undefined,
    })) {
      if (start < from) continue;
      if (found.length === limit) return { found, more: true };
      found.push({ start, end, title });
    }
    if (piece.end < step) continue;
    step = piece.end + STEP / 16;
    yield;
  }
  return { found, more: false };
}

function inPiece(
  reader: InstrReader,
  { node, start, end }: CodePiece,
  sequence: InstrSequence,
  patterns: readonly InstrPattern[],
  scope: NameScope,
): Found[] {
  const read: Read = { starts: [], ends: [], matched: [] };
  if (node.kind === 'func') reader.startBody(start, end);
  else reader.startExpr(start, end);
  let any = 0;
  // What is behind a fault cannot be told apart.
  faultOf(() => {
    while (reader.next()) {
      const instr: Instr | undefined = instrByCode(reader.code);
      let bits = 0;
      for (let i = 0; i < patterns.length; i++) {
        if (matches(patterns[i], reader, instr, scope)) bits |= 1 << i;
      }
      any |= bits;
      read.starts.push(reader.offset);
      read.ends.push(reader.pos);
      read.matched.push(bits);
    }
  });
  return any === (1 << patterns.length) - 1 ? sequences(read, sequence) : [];
}

function sequences({ starts, ends, matched }: Read, sequence: InstrSequence): Found[] {
  const found: Found[] = [];
  let at = 0;
  for (;;) {
    let number = 0;
    for (const run of sequence) {
      const place = runAt(matched, number, run.length, at);
      if (place < 0) return found;
      at = place + run.length;
      number += run.length;
    }
    // Backwards from its end, each run as late as it can be: the shortest match that ends there.
    let first = at;
    for (const run of [...sequence].reverse()) {
      number -= run.length;
      first -= run.length;
      while (!isRun(matched, number, run.length, first)) first--;
    }
    found.push({ start: starts[first], end: ends[at - 1] });
  }
}

/** The first place from `at` on where `n` instructions match the patterns from `number` on; -1 if there is none. */
function runAt(matched: readonly number[], number: number, n: number, at: number): number {
  for (let i = at; i + n <= matched.length; i++) if (isRun(matched, number, n, i)) return i;
  return -1;
}

function isRun(matched: readonly number[], number: number, n: number, at: number): boolean {
  for (let k = 0; k < n; k++) if ((matched[at + k] & (1 << (number + k))) === 0) return false;
  return true;
}

/** A name in quotes, cut where it is longer than a line. */
function shownName({ value }: ByteNode): string {
  const name = String(value);
  return JSON.stringify(name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME)}…` : name);
}

/** What is called something that has `part` in it, in any case: functions, and all that has a name in a section. */
export function* findNames(
  inspector: ByteInspector,
  part: string,
  from: number,
  limit: number,
): Generator<void, Search> {
  const wanted = part.toLowerCase();
  if (wanted === '') throw new Error('there is no name to look for');
  const { tree } = inspector;
  const found: Found[] = [];
  const isIt = (name: string): boolean => name.toLowerCase().includes(wanted);
  let n = 0;
  const path: ByteNode[] = [];
  const wants = (node: ByteNode): boolean => node.end > from && !node.isLeaf;
  const isWhole = ({ kind }: ByteNode): boolean =>
    kind === 'func' || kind === 'name' || kind === 'expr' || kind === 'type';
  for (const node of nodesOf(tree.root, wants, isWhole)) {
    while (path.length > 0 && isBehind(node, path[path.length - 1])) path.pop();
    const { kind, start, end } = node;
    if (++n % 1024 === 0) yield;
    path.push(node);
    if (start < from) continue;
    const file = path.findLast((step) => step.kind === 'file')!;
    const module = inspector.moduleOf(file);
    if (kind === 'func') {
      const name = module?.names.of('func', node.index!);
      if (name === undefined || !(isIt(name) || isIt(readableName(name)))) continue;
    } else if (kind === 'section') {
      if (!isIt(String(node.value ?? node.label))) continue;
    } else if (kind === 'name') {
      const inHead = path[path.length - 2]?.kind === 'section';
      if (inHead || !isIt(String(node.value))) continue;
    } else continue;
    if (found.length === limit) return { found, more: true };
    const steps = path.slice(1).filter((step) => step.kind !== 'part' && step.kind !== 'file');
    const named = (step: ByteNode) => (step.kind === 'name' ? shownName(step) : titleOf(step, module));
    const title = steps.map(named).join(' › ');
    found.push(kind === 'section' ? { start, end: headEnd(node), title } : { start, end, title });
  }
  return { found, more: false };
}

/** Behind a section's id, size and, of a custom one, name: marking all of it would mark the file. */
function headEnd(section: ByteNode): number {
  const head = section.children.filter(({ label }) => /^(section id|size|section name)$/.test(label));
  return head.at(-1)?.end ?? section.end;
}
