/**
 * The features of WebAssembly that a binary uses, each with the first byte that needs it.
 *
 * What needs a feature is read off the byte structure, so malformed files and nested modules have an answer too. Of
 * instructions it is their row in the table that says so; of everything else it is the rules below, which are those of
 * validation's gates (valid/gate.ts, valid/limits.ts).
 */

import { InstrReader } from '../binary/instr.ts';
import { SECTION } from '../binary/sections.ts';
import type { ByteNode } from '../binary/structure/node.ts';
import { faultOf } from '../binary/structure/walker.ts';
import { INSTRS, type Instr, instrByCode } from '../isa/isa.ts';
import type { Feature } from '../isa/row.ts';
import { BOT, FUNCREF, heapOf, isNullable, isRef, typeIdxOf, V128, type ValType } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { funcTypeAt } from '../module/module.ts';
import { heapFeature } from '../valid/gate.ts';
import { codeOf, nodesOf } from './byte-code.ts';
import type { ByteInspector } from './byte-info.ts';
import { titleOf } from './byte-meaning.ts';

export interface FeatureUse {
  readonly feature: Feature;
  readonly offset: number;
  /** What stands there: `i32x4.add`, `memory 1`. */
  readonly needs: string;
}

/** How many bytes of code are read in one step. */
const STEP = 1 << 15;

/** The features beyond the first version, in the order of the bytes that need them first. */
export function* featuresOf(inspector: ByteInspector): Generator<void, readonly FeatureUse[]> {
  const uses = new Map<Feature, FeatureUse>();
  const use = (feature: Feature, offset: number, needs: string): void => {
    if (feature === 'mvp') return;
    const known = uses.get(feature);
    if (!known || offset < known.offset) uses.set(feature, { feature, offset, needs });
  };
  yield* inDeclarations(inspector, use);
  yield* inCode(inspector, use);
  return [...uses.values()].sort((a, b) => a.offset - b.offset);
}

type Use = (feature: Feature, offset: number, needs: string) => void;

const DECLARES: ReadonlySet<number> = new Set([
  SECTION.type,
  SECTION.import,
  SECTION.table,
  SECTION.memory,
  SECTION.tag,
  SECTION.global,
  SECTION.export,
  SECTION.element,
  SECTION.data,
  SECTION.dataCount,
]);

function* inDeclarations(inspector: ByteInspector, use: Use): Generator<void> {
  let n = 0;
  for (const file of modulesIn(inspector.tree.root)) {
    const module = inspector.moduleOf(file);
    exported(module, file.start, use);
    const counts = { table: 0, memory: 0 };
    for (const section of file.children) {
      if (section.kind !== 'section' || !DECLARES.has(section.index!)) continue;
      if (section.index === SECTION.dataCount) use('bulk-memory', section.start, 'the data count section');
      const isWanted = ({ kind, label }: ByteNode): boolean =>
        kind !== 'name' && kind !== 'expr' && label !== 'function index';
      let entry = section;
      for (const node of nodesOf(section, isWanted)) {
        if (++n % 1024 === 0) yield;
        if (node.kind === 'entry' || (node.kind === 'type' && node.index !== undefined)) {
          entry = node;
          if (node.label === 'table' || node.label === 'memory') counted(node, node.label, counts, use);
        }
        if (node.isLeaf || node.kind === 'type') declared(node, entry, section, module, counts, use);
      }
    }
  }
}

/** The file and the modules nested in it. */
function modulesIn(root: ByteNode): ByteNode[] {
  const isWay = ({ kind, label }: ByteNode): boolean =>
    kind === 'file' || (kind === 'section' && (label === 'core module' || label === 'component'));
  return [...nodesOf(root, isWay)].filter(({ kind, value }) => kind === 'file' && value === 'module');
}

function exported(module: Module | undefined, base: number, use: Use): void {
  for (const { kind, idx, offset, name } of module?.exports ?? []) {
    if (kind !== 'global' || !module?.globals[idx]?.type.mutable) continue;
    use('mutable-globals', base + offset, `export ${JSON.stringify(name)}`);
  }
}

function counted(
  node: ByteNode,
  kind: 'table' | 'memory',
  counts: { table: number; memory: number },
  use: Use,
): void {
  if (counts[kind]++ === 0) return;
  use(kind === 'table' ? 'reference-types' : 'multi-memory', node.start, `a second ${kind}`);
}

const TABLE_KIND = 1;
const MEMORY_KIND = 2;
const TAG_KIND = 4;

/** What one leaf, or one type of two parts, needs. */
function declared(
  node: ByteNode,
  entry: ByteNode,
  section: ByteNode,
  module: Module | undefined,
  counts: { table: number; memory: number },
  use: Use,
): void {
  const { label, start } = node;
  const n = Number(node.value);
  const needs = titleOf(entry, module);
  if (node.form === 'valtype') {
    const isTableOfFunctions = label === 'element type' && n === FUNCREF;
    if (!isTableOfFunctions) typed(n, start, needs, use);
    return;
  }
  const id = section.index;
  switch (label) {
    case 'recursion group':
    case 'sub':
    case 'sub final':
    case 'struct':
    case 'array':
      use('gc', start, needs);
      break;
    case 'count of results':
      if (n > 1) use('multi-value', start, needs);
      break;
    case 'limits flags':
      if (n & 2) use('threads', start, `${needs}, shared`);
      if (n & 4) use('memory64', start, needs);
      if (n & 8) use('custom-page-sizes', start, needs);
      break;
    case 'with an initial element':
      use('function-references', start, needs);
      break;
    case 'mutability':
      if (n === 1 && id === SECTION.import) use('mutable-globals', start, needs);
      break;
    case 'kind':
      if (id !== SECTION.import) break;
      if (n === TAG_KIND) use('exceptions', start, needs);
      if (n === TABLE_KIND || n === MEMORY_KIND) {
        counted(entry, n === TABLE_KIND ? 'table' : 'memory', counts, use);
      }
      break;
    case 'attribute':
      use('exceptions', start, needs);
      break;
    case 'flags':
      if (id === SECTION.element && n !== 0) use('bulk-memory', start, needs);
      if (id === SECTION.data && n !== 0) use(n === 1 ? 'bulk-memory' : 'multi-memory', start, needs);
      break;
    default:
  }
}

function typed(type: ValType, offset: number, needs: string, use: Use): void {
  if (type === V128) use('simd', offset, needs);
  if (!isRef(type)) return;
  const heap = heapOf(type);
  if (typeIdxOf(heap) >= 0 || !isNullable(type)) use('function-references', offset, needs);
  if (typeIdxOf(heap) < 0) use(heapFeature(heap), offset, needs);
}

function* inCode(inspector: ByteInspector, use: Use): Generator<void> {
  const { bytes, tree } = inspector;
  const reader = new InstrReader(bytes);
  const seen = new Set<number>();
  let step = 0;
  for (const { file, node, start, end } of codeOf(bytes, tree.root)) {
    const module = inspector.moduleOf(file);
    const isBody = node.kind === 'func';
    if (isBody) {
      localTypes(module, node, file.start, use);
      reader.startBody(start, end);
    } else reader.startExpr(start, end);
    let isOpen = true;
    let pause = start + STEP;
    while (isOpen) {
      isOpen = false;
      // What is behind a fault cannot be told apart.
      faultOf(() => {
        while (reader.next()) {
          const { code } = reader;
          if (!isBody) constant(reader, module, use);
          // Of most instructions the code says all, once.
          if (!seen.has(code) || WITH_TYPES.has(code)) {
            seen.add(code);
            instruction(reader, module, use);
          }
          if (reader.pos < pause) continue;
          isOpen = true;
          return;
        }
      });
      if (isOpen) {
        pause = reader.pos + STEP;
        yield;
      }
    }
    if (end < step) continue;
    step = end + STEP;
    yield;
  }
}

/** Instructions whose block type may need something. */
const WITH_TYPES: ReadonlySet<number> = new Set(
  INSTRS.filter(({ shape }) => shape === 'block' || shape === 'catches').map(({ code }) => code),
);

function localTypes(module: Module | undefined, func: ByteNode, base: number, use: Use): void {
  const body = module?.funcs[func.index!]?.body;
  if (!body || body.range.end + base !== func.end) return;
  for (let i = 1; i < body.locals.length; i += 2) {
    if (!isRef(body.locals[i]) && body.locals[i] !== V128) continue;
    typed(body.locals[i], base + body.range.start, `a local of ${titleOf(func, module)}`, use);
  }
}

function instruction(reader: InstrReader, module: Module | undefined, use: Use): void {
  const instr: Instr | undefined = instrByCode(reader.code);
  if (!instr) return;
  const { name, shape, feature } = instr;
  const { offset } = reader;
  use(feature, offset, name);
  if (shape !== 'block' && shape !== 'catches') return;
  if (reader.blockTypeIdx >= 0) {
    const type = module && funcTypeAt(module, reader.blockTypeIdx);
    if (type && (type.params.length > 0 || type.results.length > 1)) use('multi-value', offset, name);
  } else if (reader.blockType !== BOT) typed(reader.blockType, offset, name, use);
}

function constant(reader: InstrReader, module: Module | undefined, use: Use): void {
  const instr: Instr | undefined = instrByCode(reader.code);
  if (instr?.constant === 'extended') use('extended-const', reader.offset, instr.name);
  if (instr?.name !== 'global.get') return;
  const global = module?.globals[reader.a];
  if (global && !global.import) use('gc', reader.offset, `${instr.name} of a global that is not imported`);
}
