/**
 * Text to bytes: one module of a tree becomes a binary, a map and an index of names (spec 6).
 *
 * Tolerant: whatever the text is, there are bytes; fields with faults are replaced by harmless ones and functions
 * with faults are listed. A text is a module if the list of faults is empty. Validity is not judged here.
 */

import { type Fault, faultIn, type Span } from '../base/errors.ts';
import { tryDecodeUtf8 } from '../base/utf8.ts';
import { ByteWriter } from '../base/writer.ts';
import { annotationsOf } from './annotations.ts';
import { Cursor, RECOVER } from './cursor.ts';
import { Emitter } from './emit.ts';
import type { FieldMemory } from './emitted.ts';
import { collectFields, type Field } from './fields.ts';
import { layOut } from './layout.ts';
import { Tok } from './lexer.ts';
import { Entry, MapBuilder, type TextMap } from './map.ts';
import { writeNames } from './name-section.ts';
import { Names } from './names.ts';
import { Recording } from './output.ts';
import { writeString } from './strings.ts';
import { SymbolIndex, SymbolList } from './symbols.ts';
import { formEnd, parseTree, type Tree } from './tree.ts';
import { word } from './words.ts';

export interface AssembleOptions {
  /** Write a name section from the `$names`; it is on unless this is false. */
  readonly names?: boolean;
  /** A module that is written inside of a component: there is more in front of its fields than `(module $name`. */
  readonly inside?: {
    /** Its name without `$`. */
    readonly name?: string;
    /** The token where its fields begin, or `binary` or `quote`. */
    readonly at: number;
  };
}

/** What one module of a text comes to. */
export interface Assembly {
  /** A complete binary, also if there are faults. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What is wrong with the text, the tree's faults of this form included. Empty: the text is well-formed. */
  readonly faults: readonly Fault[];
  readonly map: TextMap;
  readonly symbols: SymbolIndex;
  /** Functions whose code stands for something else because of a fault: validation has nothing to say on them. */
  readonly broken: ReadonlySet<number>;
  /** The module's fields in the order of the text. */
  readonly fields: readonly Field[];
  /** The whole module in the text. */
  readonly span: Span;
  /**
   * One object an entry of the code section. In two assemblies with one memory it is the same object if the entry has the
   * same bytes, wherever it stands in them.
   */
  readonly codes: readonly object[];
}

const W = {
  module: word('module'),
  binary: word('binary'),
  quote: word('quote'),
  definition: word('definition'),
};

/**
 * Assembles one module. `form` is the open parenthesis of its `(module`; undefined stands for the file's only
 * module, or for the file itself when it consists of fields.
 */
export function assemble(tree: Tree, form?: number, options: AssembleOptions = {}): Assembly {
  const steps = assembling(tree, form, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same in steps. What fields of an earlier text came to is taken from memory where it still holds. */
export function* assembling(
  tree: Tree,
  form: number | undefined,
  options: AssembleOptions = {},
  memory?: FieldMemory,
): Generator<void, Assembly> {
  const faults: Fault[] = [];
  const cursor = new Cursor(tree, faults);
  cursor.seek(0);
  const whole = form === undefined;
  if (whole && cursor.isForm(W.module)) form = cursor.at;
  const span = form === undefined ? { start: 0, end: tree.tokens.text.length } : cursor.formSpan(form);
  let moduleName: string | undefined;
  if (form !== undefined) {
    if (whole) checkNothingBehind(cursor, form);
    cursor.enterForm(form);
    if (options.inside) {
      moduleName = options.inside.name;
      cursor.seek(options.inside.at);
    } else {
      cursor.take();
      cursor.tryWord(W.definition);
      const id = cursor.tryId();
      if (id >= 0) moduleName = new Names(cursor, new SymbolList()).idName(id);
      cursor.tryWord(W.definition);
    }
    if (cursor.tryWord(W.binary)) return binaryModule(cursor, faultsOf(tree, span, faults), span);
    if (cursor.tryWord(W.quote)) return quotedModule(cursor, faults, span, options);
  }
  const recording = new Recording(
    memory?.isEmpty === false ? 256 : Math.max(256, (span.end - span.start) >> 3),
  );
  const annotations = annotationsOf(cursor, form ?? -1);
  const names = new Names(cursor, recording.symbols, annotations);
  const limit = cursor.limit;
  const fields = yield* collectFields(cursor, names, recording.symbols);
  const emitter = new Emitter(cursor, names, recording, memory);
  yield* emitter.fields(fields);
  cursor.limit = limit;
  const { broken, codes } = emitter;
  const nameSection =
    options.names === false
      ? new Uint8Array()
      : writeNames(moduleName, names, emitter.localNames, emitter.labelNames);
  yield;
  const before = faults.length;
  annotations?.finish();
  const misplaced = faults.splice(before);
  const told = [...faults, ...emitter.faults(fields), ...misplaced];
  const { bytes, map } = yield* layOut(emitter.output, nameSection, annotations?.sections);
  yield;
  const symbols = yield* emitter.symbols(fields);
  if (memory) recording.trim();
  const all = whole ? [...tree.faults, ...told] : faultsOf(tree, span, told);
  return { bytes, faults: all, map, symbols, broken, fields, span, codes };
}

/** The bytes of string tokens up to the form's end. Faults are noted at the cursor. */
export function stringsAt(cursor: Cursor): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  try {
    while (cursor.kind === Tok.String) writeString(out, cursor.tokens, cursor.take());
    if (!cursor.isClose()) cursor.unexpected('a string or )');
  } catch (error) {
    if (error !== RECOVER) throw error;
  }
  return out.toBytes();
}

function checkNothingBehind(cursor: Cursor, form: number): void {
  cursor.seek(formEnd(cursor.tree, form));
  if (cursor.kind === Tok.End) return;
  try {
    cursor.unexpected('nothing behind the module');
  } catch (error) {
    if (error !== RECOVER) throw error;
  }
}

/** The tree's faults inside the span, and the others. */
function faultsOf(tree: Tree, span: Span, faults: readonly Fault[]): Fault[] {
  const own = tree.faults.filter(({ span: at }) => at && at.start >= span.start && at.start < span.end);
  return [...own, ...faults];
}

function binaryModule(cursor: Cursor, faults: Fault[], span: Span): Assembly {
  const bytes = stringsAt(cursor);
  return { ...nothing(cursor, span), bytes, faults: [...faults, ...cursor.faults] };
}

/** The text inside of the quotes is assembled; faults are told at the form, with their place in that text. */
function quotedModule(cursor: Cursor, faults: Fault[], span: Span, options: AssembleOptions): Assembly {
  const text = tryDecodeUtf8(stringsAt(cursor));
  if (text === undefined) {
    const bad = faultIn('malformed', span, 'malformed UTF-8 encoding');
    return { ...nothing(cursor, span), faults: [...faults, bad] };
  }
  const inner = assemble(parseTree(text), undefined, options);
  const told = inner.faults.map(({ phase, message, span: at, notes }) => {
    const where = { message: `in the quoted text: ${text.slice(at?.start, at?.end)}` };
    return faultIn(phase, span, message, [where, ...notes.map(({ message }) => ({ message }))]);
  });
  return { ...nothing(cursor, span), bytes: inner.bytes, broken: inner.broken, faults: [...faults, ...told] };
}

/** An assembly without fields: one entry of the map stands for all bytes. */
function nothing(cursor: Cursor, span: Span): Assembly {
  const map = new MapBuilder();
  map.add(Entry.Item, 0, span.start, span.end);
  return {
    bytes: Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00),
    faults: [],
    map: map.finish(),
    symbols: new SymbolIndex(cursor.tokens),
    broken: new Set(),
    fields: [],
    span,
    codes: [],
  };
}
