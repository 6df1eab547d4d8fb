/** The language server on WIT: the requests' cores, without a server; and that the server asks them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentSymbol, Range, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { lexWit, WitTok } from '../../engine/component/wit/lexer.ts';
import { parseWit } from '../../engine/component/wit/parse.ts';
import { printWit } from '../../engine/component/wit/print.ts';
import { Refusal } from '../../language-server/facts/renaming.ts';
import { DEFAULT_FORMAT } from '../../language-server/format/options.ts';
import { witDiagnostics } from '../../language-server/requests/diagnostics.ts';
import { witTokens } from '../../language-server/requests/semantic-tokens.ts';
import { witColours } from '../../language-server/wit/colours.ts';
import { witCompletion } from '../../language-server/wit/completion.ts';
import { witFormat } from '../../language-server/wit/format.ts';
import { witHover } from '../../language-server/wit/hover.ts';
import {
  witDefinition,
  witHighlight,
  witPrepareRename,
  witReferences,
  witRename,
} from '../../language-server/wit/navigation.ts';
import { witFolding, witOutline } from '../../language-server/wit/outline.ts';
import { type WitView, witText, witView } from '../../language-server/wit/view.ts';

const TYPES = `package a:b@1.0.0;

/// Shared things.
interface types {
  /// A point
  /// in the plane.
  record point {
    /// Rightwards.
    x: s32,
    y: s32,
  }
  resource file {
    constructor(name: string);
    read: func(n: u32) -> result<list<u8>, point>;
  }
  enum color { red, green }
}
`;

const WORLD = `world w {
  use types.{point, color as hue};
  use wasi:io/streams@0.2.0.{input-stream};
  import a: func(p: point, h: hue, s: borrow<input-stream>);
  export types;
}
`;

function viewOf(text: string, others: Readonly<Record<string, string>> = {}): WitView {
  const make = (name: string, of: string) => witText(TextDocument.create(`file:///p/${name}`, 'wit', 1, of));
  return witView(
    make('a.wit', text),
    Object.entries(others).map(([name, of]) => make(name, of)),
  );
}

const both = () => viewOf(WORLD, { 'types.wit': TYPES });

function at(view: WitView, text: string, plus = 0): number {
  const pos = view.document.getText().indexOf(text);
  assert.ok(pos >= 0, text);
  return pos + plus;
}

function applied(view: WitView, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(view.document, [...edits]);
}

test('good documents have no diagnostics', () => {
  assert.deepEqual(witDiagnostics(both()), []);
  assert.deepEqual(witDiagnostics(viewOf(TYPES)), []);
  assert.deepEqual(witDiagnostics(viewOf(WORLD)), [], 'what is in no open document is elsewhere');
});

/** A change of the text, and what is said about what. */
const WRONG: readonly [from: string, to: string, about: string, message: RegExp][] = [
  ['h: hue', 'h: huge', 'huge', /^type `huge` does not exist in this interface$/],
  ['point, color', 'pint, color', 'pint', /^type `pint` not defined in interface `types`\nit has point, file, color$/],
  ['export types;', 'export types', '}', /^expected `;`, found `}`$/],
  ['as hue', 'as point', 'point', /^name `point` is defined more than once$/],
  ['borrow<input-stream>', 'borrow<hue>', 'hue', /is no resource$/],
  ['world w', 'world Wx_', 'Wx_', /is not in kebab case$/],
]; // biome-ignore format: a table

for (const [from, to, about, message] of WRONG) {
  test(`what is wrong with ${to}`, () => {
    const view = viewOf(WORLD.replace(from, to), { 'types.wit': TYPES });
    const found = witDiagnostics(view);
    const told = found.map(
      ({ message: said, range }) => [view.document.getText(range), String(said)] as const,
    );
    assert.ok(
      told.some(([where, said]) => where === about && message.test(said)),
      JSON.stringify(told),
    );
  });
}

test('hover: items as they are written, words with what they mean', () => {
  const view = both();
  const of = (pos: number, markdown = true) => {
    const hover = witHover(view, pos, markdown);
    assert.ok(!hover || 'value' in Object(hover.contents));
    return (hover?.contents as { value: string } | undefined)?.value;
  };
  const point = of(at(view, 'p: point', 4));
  assert.match(String(point), /^```wit\nrecord point \{\n {2}\/\/\/ Rightwards\.\n {2}x: s32,/);
  assert.match(String(point), /\n\nA point {2}\nin the plane\.\n\nin `a:b\/types@1\.0\.0`$/);
  assert.match(
    String(of(at(view, 'export types', 8))),
    /^```wit\ninterface types \{ … \}\n```\n\nShared things\./,
  );
  assert.match(String(of(at(view, 'borrow'))), /lent for the duration/);
  assert.doesNotMatch(String(of(at(view, 'p: point', 4), false)), /```/);
  assert.equal(of(at(view, 'wasi:io/streams', 9)), undefined, 'elsewhere');
  assert.equal(of(at(view, '{')), undefined);
});

test('definition, references, highlights', () => {
  const view = both();
  const definition = witDefinition(view, at(view, 'p: point', 3));
  assert.deepEqual(definition, {
    uri: 'file:///p/types.wit',
    range: { start: { line: 6, character: 9 }, end: { line: 6, character: 14 } },
  });
  const own = witDefinition(view, at(view, 'h: hue', 3));
  assert.equal(own && view.document.getText(own.range), 'hue');
  const references = witReferences(view, at(view, 'p: point', 3), true);
  assert.deepEqual(references.map(({ uri, range }) => `${uri.slice(10)}:${range.start.line}`).toSorted(), [
    'a.wit:1',
    'a.wit:3',
    'types.wit:13',
    'types.wit:6',
  ]);
  assert.equal(witReferences(view, at(view, 'p: point', 3), false).length, 3);
  const marked = witHighlight(view, at(view, 'input-stream'));
  assert.deepEqual(
    marked.map(({ range }) => range.start.line),
    [2, 3],
  );
});

test('rename', () => {
  const view = both();
  const pos = at(view, 'p: point', 4);
  assert.equal(witPrepareRename(view, pos)?.placeholder, 'point');
  const { changes } = witRename(view, pos, 'record') ?? {};
  assert.match(applied(view, changes?.['file:///p/a.wit'] ?? []), /\{%record, color as hue\}.*p: %record,/s);
  assert.equal(changes?.['file:///p/types.wit'].length, 2);
  const refused = (place: number, name: string, why: RegExp) =>
    assert.throws(
      () => witRename(view, place, name),
      (error) => error instanceof Refusal && why.test(error.message),
    );
  refused(pos, 'hue', /there is a "hue" already/);
  refused(pos, 'a b', /kebab/);
  refused(at(view, 'input-stream'), 'x', /not open/);
  refused(at(view, 'streams'), 'x', /not open/);
  const types = viewOf(TYPES);
  assert.throws(() => witPrepareRename(types, at(types, 'constructor')), /no other name/);
});

test('outline', () => {
  const told = (symbols: readonly DocumentSymbol[], depth = 0): string[] =>
    symbols.flatMap(({ name, detail, children = [] }) => [
      `${'  '.repeat(depth)}${name}: ${detail}`,
      ...told(children, depth + 1),
    ]);
  assert.deepEqual(told(witOutline(viewOf(TYPES))), [
    'types: interface',
    '  point: record',
    '    x: s32',
    '    y: s32',
    '  file: resource',
    '    constructor: func(name: string)',
    '    read: func(n: u32) -> result<list<u8>, point>',
    '  color: enum',
    '    red: ',
    '    green: ',
  ]);
  assert.deepEqual(told(witOutline(both())), [
    'w: world',
    '  a: import func(p: point, h: hue, s: borrow<input-stream>)',
    '  types: export',
  ]);
});

test('folding', () => {
  const lines = (text: string) => witFolding(viewOf(text)).map((fold) => `${fold.startLine}-${fold.endLine}`);
  assert.deepEqual(lines(TYPES), ['3-15', '4-5', '6-9', '11-13']);
  assert.deepEqual(lines('/* a\n b */\n'), ['0-1']);
  assert.deepEqual(lines('interface i {'), []);
});

/** `|` is the caret; what is offered first, and what is not. */
const COMPLETIONS: readonly [text: string, first: readonly string[], not?: readonly string[]][] = [
  ['|', ['package', 'interface', 'world', 'use']],
  ['int|', ['package', 'interface']],
  ['interface i { | }', ['func', 'use', 'type'], ['import']],
  ['interface i { type t = u8; f: func(a: |); }', ['t', 'bool'], ['resource']],
  ['interface i { type t = u8; f: func(a: u8) -> | }', ['t', 'bool']],
  ['interface i { type t = u8; f: func(a: list<|', ['t', 'bool']],
  ['interface i { resource r; type t = u8; f: func(a: borrow<|>); }', ['r'], ['t', 'bool']],
  ['interface i { record r { a: | } type t = u8; }', ['t', 'bool']],
  ['interface i { variant r { a(|) } type t = u8; }', ['t', 'bool']],
  ['interface i { enum r { | } }', []],
  ['interface i { f: | }', ['func', 'async']],
  ['interface i { resource r { f: | } }', ['func', 'async', 'static']],
  ['interface i { resource r { | } }', ['func', 'constructor']],
  ['interface i { @| }', ['since', 'unstable', 'deprecated']],
  ['interface i { @since(| }', ['version']],
  ['interface i { @since(version = 1.0.0) | }', ['func', 'use']],
  ['package a:b; interface i { type t = u8; } interface j { use i.{| } }', ['t']],
  ['package a:b; interface i { type t = u8; type u = u8; } interface j { use i.{t, |}; }', ['u'], ['t']],
  ['package a:b; interface i {} world w { import | }', ['i', 'a:z/far@2.0.0']],
  ['package a:b; interface i {} world w { export x: | }', ['func', 'async', 'interface', 'i']],
  ['package a:b; world v {} world w { include | }', ['v'], ['w']],
  ['package a:b; world w { | }', ['import', 'export', 'include', 'use']],
  ['interface i { // | ', []],
  ['interface i { /* | */ }', []],
  ['interface i { type t = u8; f: func(a: | b', ['t', 'bool']],
]; // biome-ignore format: a table

for (const [marked, first, not = []] of COMPLETIONS) {
  test(`completion in ${marked}`, () => {
    const pos = marked.indexOf('|');
    const other = 'package a:z@2.0.0;\ninterface far { type t = u8; }';
    const view = viewOf(marked.replace('|', ''), { '../z/z.wit': other });
    const items = witCompletion(view, pos, true)?.items ?? [];
    const labels = items.map(({ label }) => label);
    assert.deepEqual(labels.slice(0, first.length), first, labels.join(' '));
    if (first.length === 0) assert.deepEqual(labels, []);
    for (const label of not) assert.ok(!labels.includes(label), label);
  });
}

const UNTIDY = `package   a:b@1.0.0-rc.1+b ;
use x : y / z @ 0.1.0 as q;


interface i{  // first
use types . { a,b as c } ;
      record  r{a:u8,b : list< u8 >,}
    @since( version=1.0.0 )
  f:func( a:u8,
b: u16 )->result<u8 , string>;
  resource h {
  constructor ( ) ;
      m : static func() ; } /* end */
/// Docs
variant v
{
x( u8 ),y }
}`;

const TIDY = `package a:b@1.0.0-rc.1+b;
use x:y/z@0.1.0 as q;

interface i {  // first
  use types.{a, b as c};
  record r { a: u8, b: list<u8>, }
  @since(version = 1.0.0)
  f: func(a: u8,
    b: u16) -> result<u8, string>;
  resource h {
    constructor();
    m: static func(); } /* end */
  /// Docs
  variant v
  {
    x(u8), y }
}
`;

test('formatting: white space only', () => {
  const view = viewOf(UNTIDY);
  assert.deepEqual(view.parsed.faults, []);
  const text = applied(view, witFormat(view, DEFAULT_FORMAT));
  assert.equal(text, TIDY);
  assert.deepEqual(witFormat(viewOf(TIDY), DEFAULT_FORMAT), [], 'and again');
  const words = (of: string) => {
    const { kinds, starts, count } = lexWit(of);
    return Array.from({ length: count }, (_, i) => i)
      .filter((i) => kinds[i] !== WitTok.Space)
      .map((i) => of.slice(starts[i], starts[i + 1]));
  };
  assert.deepEqual(words(text), words(UNTIDY));
  const part = witFormat(view, DEFAULT_FORMAT, { start: 0, end: 20 });
  assert.ok(applied(view, part).startsWith('package a:b@1.0.0-rc.1+b ;\nuse x : y'));
  assert.deepEqual(witFormat(viewOf('interface {'), DEFAULT_FORMAT), [], 'not where there are faults');
});

test('what is printed is laid out', () => {
  for (const text of [TYPES, WORLD, UNTIDY]) {
    const view = viewOf(printWit(parseWit(text).document));
    assert.equal(applied(view, witFormat(view, DEFAULT_FORMAT)), view.document.getText());
  }
});

test('colours', () => {
  const view = both();
  const told = witColours(view).map(({ start, length, type, isDefinition }) => {
    return `${view.document.getText().slice(start, start + length)} ${type}${isDefinition ? '!' : ''}`;
  });
  assert.deepEqual(told, [
    'w type!', 'types type', 'point type', 'color type', 'hue type!', 'streams type', 'input-stream type!', 'a variable!',
    'p parameter!', 'point type', 'h parameter!', 'hue type', 's parameter!', 'input-stream type', 'types type',
  ]); // biome-ignore format: a list of words
  assert.equal(witTokens(view).length, told.length * 5);
});

test('documents of other packages are seen once', () => {
  const far = 'package c:d@1.0.0;\ninterface i { type t = u8; }';
  const view = viewOf('package a:b;\ninterface i { use c:d/i@1.0.0.{t, u}; }', {
    '../x/d.wit': far,
    '../y/d.wit': far,
  });
  assert.equal(view.texts.length, 2);
  const told = witDiagnostics(view).map(({ message }) => message);
  assert.deepEqual(told, ['type `u` not defined in interface `i`\nit has t']);
  const range: Range | undefined = witDefinition(view, at(view, '.{t', 2))?.range;
  assert.equal(range?.start.line, 1);
});
