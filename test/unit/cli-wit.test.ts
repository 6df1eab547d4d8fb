/**
 * WIT on the command line: documents, packages that are folders, and what is said of files that are something else.
 */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Failure } from '../../cli/failure.ts';
import { parse } from '../../cli/parse.ts';
import { print } from '../../cli/print.ts';
import { run } from '../../cli/run.ts';
import { validate } from '../../cli/validate.ts';
import { wit } from '../../cli/wit.ts';
import { parseWit } from '../../engine/component/wit/parse.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope wit '));
after(() => rmSync(folder, { recursive: true }));

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'good/types.wit':
    'package a:b@1.0.0;\nuse x:y/far;\ninterface types { use far.{id}; record point { at: id } }\n',
  'good/world.wit':
    'use x:y/far;\nworld w { use types.{point}; use far.{id}; import z:z/one; include z:z/base with { log as base-log }; export run: func(p: point) -> id; }\n',
  'good/deps/far.wit': 'package x:y;\ninterface far { type id = u64; }\n',
  'good/deps/z/one.wit': 'package z:z;\ninterface one {}\n',
  'good/deps/z/base.wit': 'package z:z;\nworld base { import log: func(text: string); }\n',
  'good/deps/readme.txt': 'not WIT',
  'missing/a.wit': 'package a:b;\ninterface i { use x:y/far.{id}; f: func(x: id); }\nworld w { import j; }\n',
  'several/a.wit': 'package a:a;\n',
  'several/b.wit': 'package b:b;\n',
  'nameless/a.wit': 'interface i {}\n',
  'empty/readme.txt': '',
  'broken/a.wit': 'package a:b;\ninterface i { f func(); }\n',
  'broken/deps/b.wit': 'package c:d;\n',
  'alone.wit': 'package a:b;\ninterface i { use j.{t}; f: func(x: t); }\n',
  'junk.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0x6a, 0x75),
  'noise.wasm': 'noise',
  'other-version.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 0xc, 0, 1, 0),
  'core.wat': '(module)',
  'component.wat': '(component)',
};
for (const [name, content] of Object.entries(FILES)) {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
const at = (name: string) => path.join(folder, name);

/** What a command says when it refuses something, with names of files alone. */
async function refusalOf(command: () => Promise<number> | number): Promise<string> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    assert.equal(error.exitCode, 2);
    return error.message.replaceAll(`${folder}${path.sep}`, '').replaceAll('\\', '/');
  }
  return assert.fail('nothing was refused');
}

test('a package in a folder, with those it uses, is one text that parses', () => {
  const out = at('out.wit');
  assert.equal(wit([at('good'), '-o', out]), 0);
  const text = readFileSync(out, 'utf8');
  assert.deepEqual(parseWit(text).faults, []);
  assert.equal(
    text,
    `package a:b@1.0.0;

use x:y/far;

interface types {
  use far.{id};

  record point {
    at: id,
  }
}

world w {
  use types.{point};
  use far.{id};
  import z:z/one;
  include z:z/base with {
    log as base-log,
  }

  export run: func(p: point) -> id;
}
`,
  );
  assert.equal(validate([at('good'), at('alone.wit')]), 0);
});

for (const [name, wanted] of [
  [
    'missing',
    /^missing\/a\.wit:2:19: `x:y\/far` is in none of the documents here\n.*\n.*\nmissing\/a\.wit:3:18: `a:b\/j` is in none of the documents here\n/,
  ],
  ['several', /^several: these documents are of several packages: a:a, b:b\n$/],
  ['nameless', /^nameless: none of these documents names the package\n$/],
  ['empty', /^empty: there are no \.wit files in this folder\n$/],
  ['broken', /^broken\/a\.wit:2:17: expected /],
  ['none.wit', /^none\.wit: no such file\n$/],
  ['junk.wasm', /^junk\.wasm: offset 0x8: malformed section id\n/],
  ['noise.wasm', /^noise\.wasm: offset 0x0: magic header not detected\n/],
  ['other-version.wasm', /^other-version\.wasm: offset 0x4: .*version/],
  ['core.wat', /^core\.wat: a core module has no WIT: this is no component\n$/],
] as const) {
  // biome-ignore format: a table
  test(`wasmscope wit ${name}: what is wrong`, async () => {
    assert.match(await refusalOf(() => wit([at(name)])), wanted);
  });
}

for (const [what, command] of [
  ['run', run],
  ['parse', parse],
  ['print', print],
] as const) {
  test(`wasmscope ${what} of WIT says what it is`, async () => {
    assert.equal(
      await refusalOf(() => command([at('alone.wit')])),
      'alone.wit: this is WIT, no module and no component: `wasmscope wit` reads it\n',
    );
  });
}

test('a file that cannot be written is told in words', async () => {
  const to = (name: string) => () => wit([at('component.wat'), '-o', at(name)]);
  assert.equal(await refusalOf(to('nowhere/x')), 'nowhere/x: cannot be written: no such directory\n');
  assert.equal(await refusalOf(to('core.wat/x')), 'core.wat/x: cannot be written: no such directory\n');
  assert.equal(await refusalOf(to('good')), 'good: cannot be written: is a directory, not a file\n');
});
