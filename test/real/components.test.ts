/**
 * Components that the field's own tools make of WIT: they decode and validate, their bytes come out again, their WIT is what
 * those tools say, and what is printed is read by those tools as it is by us.
 */

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { decode } from '../../engine/binary/decode.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { encodeComponent } from '../../engine/component/binary/encode.ts';
import type { Component } from '../../engine/component/model.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { printComponent } from '../../engine/component/text/print.ts';
import { validateComponent } from '../../engine/component/valid/validate.ts';
import type { WitDocument } from '../../engine/component/wit/ast.ts';
import { witOf } from '../../engine/component/wit/from-component.ts';
import { parseWit } from '../../engine/component/wit/parse.ts';
import { printWit } from '../../engine/component/wit/print.ts';
import { resolveWit } from '../../engine/component/wit/resolve.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { installed } from '../packages.ts';

/** What is used of the tools. */
interface WasmTools {
  parse(text: string): Promise<Uint8Array>;
  print(bytes: Uint8Array): Promise<string>;
  componentWit(component: Uint8Array): Promise<string>;
  componentNew(core: Uint8Array, adapters: readonly unknown[]): Promise<Uint8Array>;
  componentEmbed(options: {
    readonly dummy: boolean;
    readonly witSource: string;
    readonly world: string;
    readonly stringEncoding: string;
  }): Promise<Uint8Array>;
}

const PACKAGE = '@bytecodealliance/jco-transpile';

const WORLDS: Readonly<Record<string, string>> = {
  'a world of everything': `package test:all@1.2.3;
interface types {
  type id = u32;
  record point { x: s32, y: f64, name: option<string> }
  enum color { red, green-ish, blue }
  flags perms { read, write, exec }
  variant shape { circle(f32), rect(point), none, both(tuple<point, color>) }
  resource blob {
    constructor(init: list<u8>);
    read: func(n: u64) -> result<list<u8>, string>;
    merge: static func(a: blob, b: borrow<blob>) -> blob;
  }
  use-it: func(b: borrow<blob>, p: perms) -> result<_, color>;
  shapes: func(l: list<shape>, c: char, i: id) -> tuple<u8, s16, bool>;
}
interface more {
  use types.{point, shape as form, blob};
  get: func(p: point) -> form;
  give: func() -> blob;
  nothing: func();
}
world app {
  import types;
  import log: func(msg: string, level: color2);
  enum color2 { a, b }
  use types.{point};
  import local: interface { f: func(p: string) -> result; }
  export more;
  export run: func(p: point) -> list<option<result<string, u8>>>;
}`,
  'a resource that is exported': `package test:res;
interface things {
  resource thing {
    constructor(name: string);
    name: func() -> string;
    make: static func(n: u8) -> list<thing>;
  }
  record pair { a: thing, b: option<thing> }
  swap: func(p: pair) -> pair;
}
world app { export things; import things; }`,
  'functions with many parameters and results': `package test:flat;
world app {
  import many: func(a: u8, b: u16, c: u32, d: u64, e: s8, f: s16, g: s32, h: s64, i: f32, j: f64, k: char, l: bool, m: string, n: list<string>);
  import few: func() -> tuple<u64, u64, u64>;
  export nested: func(a: list<list<option<result<tuple<string, u8>, list<u8>>>>>) -> result;
  export nothing: func();
}`,
};

const found = installed(PACKAGE);

for (const [name, witSource] of Object.entries(WORLDS)) {
  test(name, { skip: 'why' in found ? found.why : false }, async () => {
    const tools = await toolsAt(found as { folder: string });
    const core = await tools.componentEmbed({ dummy: true, witSource, world: 'app', stringEncoding: 'utf8' });
    sameInterfaces(encodedIn(new Uint8Array(core)), parseWit(witSource).document);
    const bytes = new Uint8Array(await tools.componentNew(core, []));
    const component = decodeComponent(bytes);
    const valid = validateComponent(component);
    assert.equal(Buffer.compare(encodeComponent(component), bytes), 0, 'encoded again');

    const wit = witOf(valid);
    assert.equal(rootOf(printWit(wit)), rootOf(await tools.componentWit(bytes)));
    const again = parseWit(printWit(wit));
    assert.deepEqual(again.faults, []);
    assert.equal(printWit(again.document), printWit(wit));

    const { text } = printComponent(component);
    const ours = assembleComponent(parseTree(text));
    assert.deepEqual(ours.faults, []);
    assert.equal(printComponent(decodeComponent(ours.bytes)).text, text);
    const theirs = decodeComponent(new Uint8Array(await tools.parse(text)));
    assert.equal(bare(theirs), bare(component));
  });
}

async function toolsAt({ folder }: { folder: string }): Promise<WasmTools> {
  return import(pathToFileURL(path.join(folder, 'dist/wasm-tools.js')).href) as Promise<WasmTools>;
}

/** The WIT that is encoded in a core module, for the tools that make it a component. */
function encodedIn(core: Uint8Array): WitDocument {
  const section = decode(core).customs.find(({ name }) => name === 'component-type');
  assert.ok(section);
  const bytes = core.slice(section.range.start, section.range.end);
  const wit = witOf(validateComponent(decodeComponent(bytes)));
  assert.deepEqual(resolveWit([parseWit(printWit(wit)).document]).faults, []);
  return wit;
}

/** Worlds have their members in another order. */
function sameInterfaces(a: WitDocument, b: WitDocument): void {
  const told = (document: WitDocument) =>
    document.items
      .filter(({ kind }) => kind === 'interface')
      .map((item) => printWit({ items: [item] }))
      .toSorted();
  assert.deepEqual(told(a), told(b));
}

/** The root package; some versions of the tools print those that it names, some do not. */
function rootOf(wit: string): string {
  return `${wit.split(/\n\npackage /)[0].trimEnd()}\n`;
}

/** A component without names and custom sections, which have no place of their own. */
function bare(component: Component): string {
  return printComponent(component, { names: false, customs: false }).text;
}
