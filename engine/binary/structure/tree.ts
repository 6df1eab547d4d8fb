/**
 * The byte-structure tree of a binary: file, sections, entries, fields (spec 5; components: Binary.md of the component
 * model). The door of this folder.
 *
 * Any bytes have a tree, and its leaves cover them without gap and overlap. Sections are walked by id and size; what is
 * inside of one is read when somebody looks. What is in a component's sections is known by a grammar that is given from
 * outside (engine/component/structure); the modules and components in it are trees like this one.
 */

import { type Fault, faultAt, WasmError } from '../../base/errors.ts';
import { ByteReader } from '../../base/reader.ts';
import type { ByteRange, ExternKind } from '../../module/module.ts';
import { isComponent } from '../decode.ts';
import { componentSectionName, HEADER, SECTION, SECTION_ORDER, sectionName } from '../sections.ts';
import { customGrammar } from './customs.ts';
import { ByteNode } from './node.ts';
import { type ImportCounts, importEntry, sectionGrammar } from './sections.ts';
import { faultOf, type Grammar, type ReaderOf, record, Walker } from './walker.ts';

/** Ids of a component's sections that hold a file. */
const CORE_MODULE = 1;
const COMPONENT = 4;

/** Files in files, beyond which what is in one is bytes. Real components have three or four. */
const MAX_NESTED = 100;

/**
 * How many function bodies, and other nodes of more than so many bytes, stay open; what is in the others is made again when it
 * is looked at. Measured on a scroll through 35 MB: with 64 bodies the process grew to twice the size, and took longer.
 */
const OPEN_BODIES = 16;
const OPEN_PARTS = 16;
const PART_SIZE = 2048;

/** What is in one section of a component. */
export interface ComponentContent {
  /** Absent where the section holds a file. */
  readonly grammar?: Grammar;
  /** The index of that file. */
  readonly index?: () => number;
}

/** How components are read. */
export interface ComponentGrammar {
  readonly reader: ReaderOf;
  /** Of the component whose sections are `[start, end)`: what is in the one with this id that begins at `section`. */
  contentOf(
    bytes: Uint8Array,
    start: number,
    end: number,
    depth: number,
  ): (id: number, section: number) => ComponentContent | undefined;
  /** What is behind the name of a custom section that only components have. */
  custom(name: string): Grammar | undefined;
}

export class StructureTree {
  readonly bytes: Uint8Array;
  readonly root: ByteNode;
  readonly #bodies: ByteNode[] = [];
  readonly #parts: ByteNode[] = [];

  /**
   * Nothing but the root is made before it is asked for. `bytes` must not change any more. Without a grammar for components
   * what is in their sections is bytes that say so.
   */
  constructor(bytes: Uint8Array, components?: ComponentGrammar) {
    this.bytes = bytes;
    this.root = fileNode({ bytes, components }, 0, bytes.length, 'file', 0);
  }

  /** From the file down to the leaf that has the byte at `offset`; empty outside of the file. */
  nodeAt(offset: number): readonly ByteNode[] {
    const path: ByteNode[] = [];
    if (offset < 0 || offset >= this.bytes.length) return path;
    let node = this.root;
    for (;;) {
      path.push(node);
      if (node.isLeaf) return path;
      const children = this.#childrenOf(node);
      const child = children[indexAt(children, offset)];
      if (!child) return path;
      node = child;
    }
  }

  /** The leaves that have bytes in `[start, end)`, in order. Only what is there is opened. */
  leavesIn(start: number, end: number): ByteNode[] {
    const leaves: ByteNode[] = [];
    this.visit(start, end, (node) => {
      if (node.isLeaf && node.end > node.start) leaves.push(node);
      return true;
    });
    return leaves;
  }

  /** Calls with each node that has bytes in `[start, end)`, parents first; what is in a node only if that says true. */
  visit(start: number, end: number, into: (node: ByteNode, depth: number) => boolean): void {
    const walk = (node: ByteNode, depth: number): void => {
      if (!into(node, depth) || node.isLeaf) return;
      const children = this.#childrenOf(node);
      for (let i = Math.max(0, indexAt(children, start)); i < children.length; i++) {
        if (children[i].start >= end) break;
        walk(children[i], depth + 1);
      }
    };
    if (start < end) walk(this.root, 0);
  }

  /** Keeps few bodies and parts open: what is in them is the most of a tree. */
  #childrenOf(node: ByteNode): readonly ByteNode[] {
    const { kind, isOpen, start, end } = node;
    if (isOpen) return node.children;
    if (kind === 'func') keep(this.#bodies, node, OPEN_BODIES);
    else if ((kind === 'part' || kind === 'entry') && end - start > PART_SIZE)
      keep(this.#parts, node, OPEN_PARTS);
    return node.children;
  }
}

/** Puts a node behind the ones that are open, and closes the first if they are too many. */
function keep(open: ByteNode[], node: ByteNode, many: number): void {
  open.push(node);
  if (open.length > many) open.shift()!.close();
}

/** The index of the node that has the byte at `offset`; 0 for one before all, -1 behind them. */
function indexAt(nodes: readonly ByteNode[], offset: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle].end <= offset) low = middle + 1;
    else high = middle;
  }
  return low < nodes.length ? low : -1;
}

/** What a file is where it stands: the outermost may be either. */
type FileKind = 'file' | 'core module' | 'component';

/** What all files of a tree share. */
interface Source {
  readonly bytes: Uint8Array;
  readonly components: ComponentGrammar | undefined;
}

function fileNode(
  source: Source,
  start: number,
  end: number,
  what: FileKind,
  depth: number,
  index?: number,
): ByteNode {
  const { bytes, components } = source;
  const component = isComponentAt(bytes, start, end);
  const kind = component ? 'component' : 'module';
  const label = what === 'file' ? kind : what;
  const role = what === 'file' ? undefined : what;
  const readerOf = component ? components?.reader : undefined;
  return new ByteNode('file', label, start, end, { value: kind, index, role }, () =>
    record(bytes, start, end, (w) => file(w, source, component, depth, what), 'unexpected content', readerOf),
  );
}

function isComponentAt(bytes: Uint8Array, start: number, end: number): boolean {
  return isComponent(bytes.subarray(start, Math.min(end, start + 8)));
}

function file(w: Walker, source: Source, component: boolean, depth: number, what: FileKind): void {
  header(w, component, what);
  const start = w.pos;
  const { bytes, end } = w.r;
  let counts: ImportCounts | undefined;
  const imported = (): ImportCounts => (counts ??= countImports(bytes, start, end));
  let customs: ReadonlyMap<string, ByteRange> | undefined;
  const sibling = (name: string) => (customs ??= customSections(bytes, start, end)).get(name);
  const contentOf = component ? source.components?.contentOf(bytes, start, end, depth) : undefined;
  let place = -1;
  while (!w.atEnd) {
    const id = w.r.peek();
    let fault: Fault | undefined;
    const known = component ? componentSectionName(id) !== undefined : sectionName(id) !== undefined;
    if (!known) fault = faultAt('malformed', w.pos, 'malformed section id');
    else if (!component && id !== SECTION.custom) {
      const next = SECTION_ORDER.indexOf(id);
      if (next <= place) {
        fault = faultAt('malformed', w.pos, 'unexpected content after last section', [
          { message: `the ${sectionName(id)} section is a second one, or comes too late` },
        ]);
      }
      place = Math.max(place, next);
    }
    section(w, { source, component, depth, imported, contentOf, sibling }, fault);
  }
}

const NO_MODULE = 'expected a version header for a module: this is a component';
const NO_COMPONENT = 'expected a version header for a component: this is a core module';

function header(w: Walker, component: boolean, what: FileKind): void {
  const { bytes, pos: start } = w.r;
  const end = Math.min(w.r.end, start + 8);
  const magicEnd = Math.min(end, start + 4);
  const isMagic = HEADER.every((byte, i) => i >= 4 || bytes[start + i] === byte) && magicEnd === start + 4;
  if (!isMagic) {
    const cut = magicEnd < start + 4;
    const fault = cut
      ? faultAt('malformed', magicEnd, 'unexpected end')
      : faultAt('malformed', start, 'magic header not detected');
    // What does not begin as one is none: nothing in it means anything.
    throw new WasmError(fault);
  }
  const versionKnown = component
    ? bytes[start + 4] === 0x0d && bytes[start + 5] === 0
    : HEADER.every((byte, i) => i < 4 || bytes[start + i] === byte);
  const fault =
    end < start + 8
      ? faultAt('malformed', end, 'unexpected end')
      : what !== 'file' && component !== (what === 'component')
        ? faultAt('malformed', start + 4, component ? NO_MODULE : NO_COMPONENT)
        : versionKnown
          ? undefined
          : faultAt('malformed', start + 4, 'unknown binary version');
  w.r.pos = end;
  const nodes: ByteNode[] = [new ByteNode('field', 'magic', start, magicEnd, { form: 'bytes' })];
  if (end > magicEnd) {
    const kind = fault ? 'malformed' : 'field';
    const version = new Walker(new ByteReader(bytes, magicEnd, end), undefined);
    if (fault) nodes.push(new ByteNode(kind, 'version', magicEnd, end, { form: 'bytes', fault }));
    else if (component) {
      nodes.push(
        new ByteNode(kind, 'version', magicEnd, magicEnd + 2, { form: 'u16le', value: version.u16le('') }),
      );
      nodes.push(new ByteNode(kind, 'layer', magicEnd + 2, end, { form: 'u16le', value: version.u16le('') }));
    } else
      nodes.push(new ByteNode(kind, 'version', magicEnd, end, { form: 'u32le', value: version.u32le('') }));
  }
  w.add(new ByteNode('header', 'header', start, end, { fault }, () => ({ nodes })));
}

/** What a section is in. */
interface Outside {
  readonly source: Source;
  readonly component: boolean;
  /** How many files that file is nested in. */
  readonly depth: number;
  readonly imported: () => ImportCounts;
  readonly contentOf: ((id: number, section: number) => ComponentContent | undefined) | undefined;
  /** The content of the first custom section with this name. */
  readonly sibling: (name: string) => ByteRange | undefined;
}

function section(w: Walker, outside: Outside, wrong: Fault | undefined): void {
  const { r } = w;
  const { bytes, pos: start, end: fileEnd } = r;
  const id = r.u8();
  let size = 0;
  let fault = faultOf(() => {
    size = r.u32();
  });
  const contentAt = fault ? start + 1 : r.pos;
  if (!fault && size > fileEnd - contentAt) {
    // The wording depends on how much is missing, as everywhere (base/reader.ts).
    r.pos = start + 1;
    fault = faultOf(() => r.length());
  }
  const end = fault ? fileEnd : contentAt + size;
  const customName = id === SECTION.custom && !fault ? nameIn(bytes, contentAt, end) : undefined;
  const label = sectionLabel(outside.component, id, customName);
  r.pos = start;
  const grammar: Grammar = (inner) => {
    if (wrong) wrongId(inner, wrong);
    else inner.byte('section id', 'sectionId');
    if (fault?.offset === start + 1) wrongSize(inner, fault);
    else inner.u32('size', 'size');
    content(inner, id, start, outside);
  };
  w.sized('section', label, end, grammar, { index: id, value: customName, fault: wrong ?? fault });
}

/** The id of a section that must not be there. */
function wrongId(w: Walker, fault: Fault): void {
  const start = w.pos;
  const value = w.r.u8();
  w.add(
    new ByteNode('malformed', 'section id', start, w.pos, { form: 'byte', value, role: 'sectionId', fault }),
  );
}

/** A size that reaches over the end of the file, or that is none. */
function wrongSize(w: Walker, fault: Fault): void {
  const start = w.pos;
  const value = w.r.u32();
  w.add(new ByteNode('malformed', 'size', start, w.pos, { form: 'u32', value, role: 'size', fault }));
}

function sectionLabel(component: boolean, id: number, customName: string | undefined): string {
  if (id === SECTION.custom)
    return customName === undefined ? 'custom' : `custom ${JSON.stringify(customName)}`;
  return (component ? componentSectionName(id) : sectionName(id)) ?? `unknown section ${id}`;
}

function content(w: Walker, id: number, section: number, outside: Outside): void {
  const { component, imported, contentOf } = outside;
  if (id === SECTION.custom) {
    const from = w.pos;
    w.name('section name');
    const name = nameIn(w.r.bytes, from, w.r.end);
    custom(w, name, outside);
    return;
  }
  if (component) {
    const what = contentOf?.(id, section);
    if (id === CORE_MODULE) nested(w, 'core module', outside, what?.index?.());
    else if (id === COMPONENT) nested(w, 'component', outside, what?.index?.());
    else if (what?.grammar) what.grammar(w);
    else w.bytes(contentOf ? 'content of an unknown section' : 'content, not taken apart');
    return;
  }
  const grammar = sectionGrammar(id, imported);
  if (grammar) grammar(w);
  else w.bytes('content of an unknown section');
}

function custom(w: Walker, name: string | undefined, outside: Outside): void {
  const isNested = name?.startsWith('component-type') && isComponentAt(w.r.bytes, w.pos, w.r.end);
  if (isNested) {
    nested(w, 'component', outside, undefined);
    return;
  }
  const components = outside.component ? outside.source.components : undefined;
  const grammar =
    name === undefined ? undefined : (components?.custom(name) ?? customGrammar(name, outside.sibling));
  if (grammar) grammar(w);
  else w.bytes('content');
}

/** All that is left is a module or a component. */
function nested(
  w: Walker,
  what: 'core module' | 'component',
  { source, depth }: Outside,
  index: number | undefined,
): void {
  const { r } = w;
  if (depth === MAX_NESTED) {
    w.bytes(`${what}, nested too deep to be taken apart`);
    return;
  }
  if (r.left === 0) return;
  w.add(fileNode(source, r.pos, r.end, what, depth + 1, index));
  r.pos = r.end;
}

/** The name that a custom section begins with; undefined if there is none. */
function nameIn(bytes: Uint8Array, start: number, end: number): string | undefined {
  let name: string | undefined;
  faultOf(() => {
    name = new ByteReader(bytes, start, end).name();
  });
  return name;
}

/** What is behind the names of custom sections, of each name the first, as far as the sections can be read. */
function customSections(bytes: Uint8Array, start: number, end: number): ReadonlyMap<string, ByteRange> {
  const found = new Map<string, ByteRange>();
  const r = new ByteReader(bytes, start, end);
  faultOf(() => {
    while (!r.atEnd) {
      const id = r.u8();
      const size = r.length();
      const behind = r.pos + size;
      const inner = new ByteReader(bytes, r.pos, behind);
      faultOf(() => {
        const name = id === SECTION.custom ? inner.name() : undefined;
        if (name !== undefined && !found.has(name)) found.set(name, { start: inner.pos, end: behind });
      });
      r.pos = behind;
    }
  });
  return found;
}

/** Counts the imports of a module whose sections begin at `start`, as far as they can be read. */
function countImports(bytes: Uint8Array, start: number, end: number): ImportCounts {
  const counts: Record<ExternKind, number> = { func: 0, table: 0, memory: 0, global: 0, tag: 0 };
  const r = new ByteReader(bytes, start, end);
  faultOf(() => {
    while (!r.atEnd) {
      const id = r.u8();
      const size = r.length();
      const behind = r.pos + size;
      if (id === SECTION.import) {
        const w = new Walker(new ByteReader(bytes, r.pos, behind), undefined);
        for (let n = w.count(); n > 0; n--) counts[importEntry(w)]++;
      }
      r.pos = behind;
    }
  });
  return counts;
}
