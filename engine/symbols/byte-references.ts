/**
 * All bytes that name a target: in code, in the other sections, and in custom sections that are known.
 *
 * A generator that yields often. Code is read by the decoder's reader; only an instruction that may have the index is
 * taken apart.
 */

import { InstrReader } from '../binary/instr.ts';
import { SECTION } from '../binary/sections.ts';
import type { ByteNode } from '../binary/structure/node.ts';
import { faultOf } from '../binary/structure/walker.ts';
import { type Instr, instrByCode } from '../isa/isa.ts';
import type { Shape } from '../isa/row.ts';
import { codeOf, firstInstruction, isBehind, nodesOf } from './byte-code.ts';
import { debugOffset } from './byte-dwarf.ts';
import type { Found, Search } from './byte-find.ts';
import type { ByteInspector } from './byte-info.ts';
import { titleOf } from './byte-meaning.ts';
import { namedBy, type Target } from './byte-targets.ts';

/** How many bytes of code are read in one step. */
const STEP = 1 << 15;

/** The leaves that name the target, in the order of the file. */
export function* referencesTo(
  inspector: ByteInspector,
  target: Target,
  limit: number,
): Generator<void, Search> {
  const { file } = target;
  const found: Found[] = [];
  const enough = (): boolean => found.length > limit;
  const add = (path: readonly ByteNode[]): void => {
    const leaf = path[path.length - 1];
    const module = inspector.moduleOf(file);
    const steps = path.filter(({ kind }) => kind !== 'file' && kind !== 'part' && kind !== 'section');
    const shown = steps.length > 1 ? steps.slice(0, -1) : steps;
    found.push({
      start: leaf.start,
      end: leaf.end,
      title: shown.map((node) => titleOf(node, module)).join(' › '),
    });
  };
  for (const section of file.children) {
    if (enough()) break;
    if (section.kind !== 'section') continue;
    if (section.index === SECTION.code && file.value === 'module')
      yield* inCode(inspector, target, section, add, enough);
    else if (!('func' in target)) yield* inNodes(inspector, target, section, [file], add, enough);
  }
  const more = enough();
  return { found: more ? found.slice(0, limit) : found, more };
}

/** False where a leaf surely names something else: finding out what costs more. */
function mayBe(target: Target, path: readonly ByteNode[], { role, value }: ByteNode): boolean {
  const isDebug = role === 'unit' || role?.startsWith('.debug_') === true;
  if (target.kind === 'symbol') return role === 'symbol' && Number(value) === target.node.index;
  if (target.kind !== 'debug') return !isDebug;
  return isDebug && debugOffset(path, role, Number(value)) === target.node.start;
}

/** All leaves below a node, one by one. */
function* inNodes(
  inspector: ByteInspector,
  target: Target,
  root: ByteNode,
  above: readonly ByteNode[],
  add: (path: readonly ByteNode[]) => void,
  enough: () => boolean,
): Generator<void> {
  const path = [...above];
  let n = 0;
  // Files in files have index spaces of their own.
  for (const node of nodesOf(root, ({ kind }) => kind !== 'file' && kind !== 'name')) {
    if (enough()) return;
    while (path.length > above.length && isBehind(node, path[path.length - 1])) path.pop();
    path.push(node);
    if (node.isLeaf && mayBe(target, path, node) && isSame(namedBy(inspector, path, node), target)) add(path);
    if (++n % 512 === 0) yield;
  }
}

function* inCode(
  inspector: ByteInspector,
  target: Target,
  section: ByteNode,
  add: (path: readonly ByteNode[]) => void,
  enough: () => boolean,
): Generator<void> {
  const { bytes } = inspector;
  const { file } = target;
  if (target.kind === 'label') {
    yield* toLabel(inspector, target, add, enough);
    return;
  }
  if (target.kind === 'local') {
    yield* inNodes(inspector, target, target.func, [file, section], add, enough);
    return;
  }
  if (target.kind !== 'item' && target.kind !== 'field') return;
  const idx = target.kind === 'field' ? target.typeIdx : target.idx;
  const shapes = SHAPES[target.kind === 'field' ? 'type' : target.space];
  const isType = target.kind === 'item' && target.space === 'type';
  const reader = new InstrReader(bytes);
  let step = section.start;
  for (const { node, start, end } of codeOf(bytes, section)) {
    if (isType && start > node.start)
      yield* declarations(inspector, target, node, start, section, add, enough);
    reader.startBody(start, end);
    let step2 = start + STEP;
    for (;;) {
      let isOpen = false;
      // What is behind a fault cannot be told apart.
      faultOf(() => {
        while (reader.next()) {
          const instr: Instr | undefined = instrByCode(reader.code);
          if (instr && shapes.has(instr.shape) && mayName(reader, instr.shape, idx)) {
            instructionLeaves(inspector, target, reader.offset, add);
          }
          if (reader.pos < step2) continue;
          isOpen = true;
          return;
        }
      });
      if (!isOpen || enough()) break;
      step2 = reader.pos + STEP;
      yield;
    }
    if (enough()) return;
    if (end < step) continue;
    step = end + STEP;
    yield;
  }
}

/** The branches of a function that lead to a label. */
function* toLabel(
  inspector: ByteInspector,
  target: Target & { readonly kind: 'label' },
  add: (path: readonly ByteNode[]) => void,
  enough: () => boolean,
): Generator<void> {
  const { bytes } = inspector;
  const { func, offset } = target;
  const reader = new InstrReader(bytes);
  const open = [func.start];
  let step = func.start + STEP;
  let isOpen = true;
  reader.startBody(firstInstruction(bytes, func), func.end);
  while (isOpen && !enough()) {
    isOpen = false;
    faultOf(() => {
      while (reader.next()) {
        const wanted = open.length - 1 - open.lastIndexOf(offset);
        if (open.includes(offset) && leadsTo(reader, wanted)) {
          instructionLeaves(inspector, target, reader.offset, add);
        }
        if (reader.depth > open.length) open.push(reader.offset);
        else open.length = reader.depth;
        if (reader.pos < step) continue;
        isOpen = true;
        return;
      }
    });
    step = reader.pos + STEP;
    yield;
  }
}

/** True if the instruction has the label, `depth` blocks out. */
function leadsTo(reader: InstrReader, depth: number): boolean {
  const instr = instrByCode(reader.code);
  switch (instr?.shape) {
    case 'label':
    case 'castBranch':
      return reader.a === depth;
    case 'labels':
      return reader.list.includes(depth);
    case 'catches':
      return reader.list.some((label, i) => i % 3 === 2 && label === depth);
    default:
      return false;
  }
}

/** A function's local declarations: their types. */
function* declarations(
  inspector: ByteInspector,
  target: Target,
  func: ByteNode,
  codeStart: number,
  section: ByteNode,
  add: (path: readonly ByteNode[]) => void,
  enough: () => boolean,
): Generator<void> {
  const wasOpen = func.isOpen;
  const declared = func.children.filter(({ end, isLeaf }) => end <= codeStart && !isLeaf);
  for (const child of declared)
    yield* inNodes(inspector, target, child, [target.file, section, func], add, enough);
  if (!wasOpen) func.close();
}

/** The leaves of one instruction. */
function instructionLeaves(
  inspector: ByteInspector,
  target: Target,
  offset: number,
  add: (path: readonly ByteNode[]) => void,
): void {
  const whole = inspector.tree.nodeAt(offset);
  const path = whole.slice(whole.findLastIndex(({ kind }) => kind === 'file'));
  const up = path.slice(0, path.findIndex(({ kind }) => kind === 'instruction') + 1);
  const look = (above: readonly ByteNode[]): void => {
    for (const child of above[above.length - 1].children) {
      const inside = [...above, child];
      if (!child.isLeaf) look(inside);
      else if (isSame(namedBy(inspector, inside, child), target)) add(inside);
    }
  };
  if (up.length > 0) look(up);
}

/** The shapes of instructions that can name an item of a space. */
const SHAPES: Readonly<Record<string, ReadonlySet<Shape>>> = {
  func: new Set<Shape>(['func']),
  global: new Set<Shape>(['global']),
  table: new Set<Shape>(['table', 'tables', 'tableType', 'elemTable']),
  memory: new Set<Shape>(['memory', 'memories', 'dataMemory', 'memarg', 'memargLane']),
  tag: new Set<Shape>(['tag', 'catches']),
  elem: new Set<Shape>(['elem', 'elemTable', 'typeElem']),
  data: new Set<Shape>(['data', 'dataMemory', 'typeData']),
  type: new Set<Shape>([
    'type',
    'tableType',
    'typeField',
    'typeSize',
    'typeData',
    'typeElem',
    'typeType',
    'types',
    'heap',
    'refType',
    'castBranch',
    'block',
    'catches',
  ]),
};

/** False where the instruction surely names something else. */
function mayName(reader: InstrReader, shape: Shape, idx: number): boolean {
  switch (shape) {
    case 'block':
      return reader.blockTypeIdx === idx || (reader.blockTypeIdx < 0 && reader.pos - reader.offset > 2);
    case 'memarg':
    case 'memargLane':
      // Memory 0 is mostly not written.
      return reader.a === idx && (idx !== 0 || saysMemory(reader));
    case 'types':
    case 'heap':
    case 'refType':
    case 'castBranch':
    case 'catches':
      return true;
    default:
      return reader.a === idx || reader.b === idx;
  }
}

/** Bit 6 of the alignment, which follows the opcode. */
function saysMemory({ bytes, offset, code }: InstrReader): boolean {
  let at = offset + 1;
  if (code > 0xff) while (bytes[at++] >= 0x80);
  return (bytes[at] & 0x40) !== 0;
}

function isSame(a: Target | undefined, b: Target): boolean {
  if (a?.kind !== b.kind) return false;
  switch (b.kind) {
    case 'item':
      return a.kind === 'item' && a.idx === b.idx && a.space === b.space;
    case 'local':
      return a.kind === 'local' && a.idx === b.idx;
    case 'definition':
      return a.kind === 'definition' && a.scope === b.scope && a.space === b.space && a.idx === b.idx;
    case 'debug':
    case 'symbol':
      return a.kind === b.kind && 'node' in a && a.node.start === b.node.start;
    case 'label':
      return a.kind === 'label' && a.offset === b.offset;
    case 'field':
      return a.kind === 'field' && a.typeIdx === b.typeIdx && a.idx === b.idx;
    default:
      return a.kind === 'section' && a.number === b.number;
  }
}
