/**
 * Component text to bytes: one component of a tree becomes a binary, a map, and lists of its modules and its symbols.
 *
 * Tolerant as assembling a module is: whatever the text is, there are bytes; definitions with faults are left out, and a
 * text is a component if the list of faults is empty. Validity is not judged here.
 */

import { type Fault, faultIn, type Span } from '../../base/errors.ts';
import { tryDecodeUtf8 } from '../../base/utf8.ts';
import { type Assembly, stringsAt } from '../../text/assemble.ts';
import { RECOVER } from '../../text/cursor.ts';
import { Tok } from '../../text/lexer.ts';
import { Entry, MapBuilder, type TextMap } from '../../text/map.ts';
import { formEnd, parseTree, type Tree } from '../../text/tree.ts';
import { ComponentWriter, nameSection, type Writable } from '../binary/encode.ts';
import { SORTS, type Sort } from '../model.ts';
import { readDefinitions } from './definitions.ts';
import { type ComponentSymbol, Reader } from './reader.ts';
import type { Scope } from './scope.ts';

export interface ComponentAssemblyOptions {
  /** Write name sections from the `$names`; they are on unless this is false. */
  readonly names?: boolean;
  /**
   * Modules inside that are assembled already, by the open parenthesis of `(core module`. What is wrong with them is not told
   * again.
   */
  readonly moduleAt?: (form: number) => Assembly | undefined;
}

/** A core module that is written inside of a component. */
export interface ModuleInside {
  /** Where its bytes begin among the component's. */
  readonly offset: number;
  readonly assembly: Assembly;
}

/** What one component of a text comes to. */
export interface ComponentAssembly {
  /** A complete binary, also if there are faults. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What is wrong with the text, that of modules inside included. Empty: the text is well-formed. */
  readonly faults: readonly Fault[];
  /** Offsets are the component's, also inside of modules and components in it. */
  readonly map: TextMap;
  /** The modules in it, at any depth, in the order of the bytes. */
  readonly modules: readonly ModuleInside[];
  /** Definitions and uses of the component's own index spaces, in the order of reading. */
  readonly symbols: readonly ComponentSymbol[];
  /** The whole component in the text. */
  readonly span: Span;
}

/** True if the text's first form is a component's. */
export function isComponentText(tree: Tree): boolean {
  const { cursor } = new Reader(tree, []);
  cursor.seek(0);
  return cursor.isFormOf('component');
}

/**
 * Assembles one component, however it is given (`(component …)`, `(component binary …)`, `(component quote …)`). `form` is
 * the open parenthesis of its form; undefined stands for the file's only component, or for the file itself when it
 * consists of definitions.
 */
export function assembleComponent(
  tree: Tree,
  form?: number,
  options: ComponentAssemblyOptions = {},
): ComponentAssembly {
  const faults: Fault[] = [];
  const r = new Reader(tree, faults, options.names, options.moduleAt);
  const { cursor } = r;
  cursor.seek(0);
  const whole = form === undefined;
  if (whole && cursor.isFormOf('component')) form = cursor.at;
  const span = form === undefined ? { start: 0, end: tree.tokens.text.length } : cursor.formSpan(form);
  let id = -1;
  if (form !== undefined) {
    if (whole) checkNothingBehind(r, form);
    cursor.enterForm(form);
    cursor.take();
    cursor.tryKeyword('definition');
    id = r.id();
    cursor.tryKeyword('definition');
    if (cursor.tryKeyword('binary')) return fromBytes(r, span);
    if (cursor.tryKeyword('quote')) return fromQuotes(r, span, options);
  }
  const scope = r.begin(r.nameOf(id));
  readDefinitions(r, form ?? -1);
  const own = whole ? tree.faults : tree.faults.filter(({ span: at }) => at && isInside(at, span));
  const assembly = layOut(r, scope, span, scope.id);
  return { ...assembly, faults: [...own.map(worded), ...faults] };
}

/** The suite's words for what the lexer says in the core suite's. */
function worded(fault: Fault): Fault {
  return fault.message === 'illegal escape' ? { ...fault, message: 'invalid string escape' } : fault;
}

function isInside(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.start < outer.end;
}

/** The bytes of a scope that was read to its end, and where everything in them comes from. */
export function layOut(r: Reader, scope: Scope, span: Span, name: string | undefined): ComponentAssembly {
  const writer = new ComponentWriter();
  for (const { def } of scope.items) writer.add(def as Writable);
  const section = r.names ? nameSection(name, namesOf(scope)) : undefined;
  if (section) writer.add(section);
  const { bytes, offsets } = writer.finish();
  const map = new MapBuilder();
  const modules: ModuleInside[] = [];
  scope.items.forEach(({ span: at, module, component }, i) => {
    const offset = offsets[i];
    map.add(Entry.Item, offset, at.start, at.end);
    if (module) {
      module.map.appendTo(map, offset);
      modules.push({ offset, assembly: module });
    }
    if (component) {
      component.map.appendTo(map, offset);
      for (const inside of component.modules) modules.push({ ...inside, offset: inside.offset + offset });
    }
  });
  return { bytes, faults: [], map: map.finish(), modules, symbols: r.symbols, span };
}

function namesOf(scope: Scope): [Sort, [number, string][]][] {
  return SORTS.map((sort) => {
    const names = new Map([...scope.names.get(sort)!].map(([name, idx]) => [idx, name]));
    for (const [idx, name] of scope.given.get(sort)!) names.set(idx, name);
    return [sort, [...names].sort(([a], [b]) => a - b)];
  });
}

function checkNothingBehind({ cursor }: Reader, form: number): void {
  cursor.seek(formEnd(cursor.tree, form));
  if (cursor.kind === Tok.End) return;
  try {
    cursor.unexpected('nothing behind the component');
  } catch (error) {
    if (error !== RECOVER) throw error;
  }
}

function fromBytes({ cursor, tree, symbols }: Reader, span: Span): ComponentAssembly {
  const bytes = stringsAt(cursor);
  const own = tree.faults.filter(({ span: at }) => at && isInside(at, span));
  return { ...whole(span), bytes, faults: [...own.map(worded), ...cursor.faults], symbols };
}

/** The text inside of the quotes is assembled; faults are told at the form, with their place in that text. */
function fromQuotes(
  { cursor, symbols }: Reader,
  span: Span,
  options: ComponentAssemblyOptions,
): ComponentAssembly {
  const text = tryDecodeUtf8(stringsAt(cursor));
  if (text === undefined) {
    const bad = faultIn('malformed', span, 'malformed UTF-8 encoding');
    return { ...whole(span), faults: [...cursor.faults, bad], symbols };
  }
  const inner = assembleComponent(parseTree(text), undefined, options);
  const told = inner.faults.map(({ message, span: at, notes }) => {
    const where = { message: `in the quoted text: ${text.slice(at?.start, at?.end)}` };
    return faultIn('malformed', span, message, [where, ...notes.map((note) => ({ message: note.message }))]);
  });
  return { ...whole(span), bytes: inner.bytes, faults: [...cursor.faults, ...told], symbols };
}

/** An assembly without definitions: one entry of the map stands for all bytes. */
function whole(span: Span): ComponentAssembly {
  const map = new MapBuilder();
  map.add(Entry.Item, 0, span.start, span.end);
  const { bytes } = new ComponentWriter().finish();
  return { bytes, faults: [], map: map.finish(), modules: [], symbols: [], span };
}
