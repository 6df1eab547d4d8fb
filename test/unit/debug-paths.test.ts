/** Paths and URIs over both platforms: drive letters, UNC, spaces, `#`, `%`; and disassembly URIs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  baseName,
  extension,
  folderOf,
  isUri,
  pathToUri,
  toUri,
  uriToPath,
} from '../../debug-adapter/paths.ts';
import type { DisassemblyOptions } from '../../engine/symbols/disassembly.ts';
import { disassemblyDoc, parseDoc } from '../../engine/symbols/disassembly-doc.ts';
import {
  disassemblyUri,
  moduleDisassemblyUri,
  parseDisassemblyUri,
} from '../../engine/symbols/disassembly-uri.ts';

/** Platform, path, its URI, and the path that comes back when it is not the same. */
const PATHS: ['win32' | 'posix', string, string, string?][] = [
  ['posix', '/a/b.wat', 'file:///a/b.wat'],
  ['posix', '/with space/b.wat', 'file:///with%20space/b.wat'],
  ['posix', '/a/c#1.wat', 'file:///a/c%231.wat'],
  ['posix', '/a/100%.wat', 'file:///a/100%25.wat'],
  ['posix', '/a/%20.wat', 'file:///a/%2520.wat'],
  ['posix', '/a/what?.wat', 'file:///a/what%3F.wat'],
  ['posix', '/a/back\\slash.wat', 'file:///a/back%5Cslash.wat'],
  ['posix', '/a/ü/日本.wat', 'file:///a/%C3%BC/%E6%97%A5%E6%9C%AC.wat'],
  ['posix', '/a/./x/../b.wat', 'file:///a/b.wat', '/a/b.wat'],
  ['posix', '/c:/odd.wat', 'file:///c:/odd.wat'],
  ['win32', 'c:\\a\\b.wat', 'file:///c:/a/b.wat'],
  ['win32', 'C:\\a\\b.wat', 'file:///c:/a/b.wat', 'c:\\a\\b.wat'],
  ['win32', 'C:/a/b.wat', 'file:///c:/a/b.wat', 'c:\\a\\b.wat'],
  ['win32', 'd:\\with space\\b.wat', 'file:///d:/with%20space/b.wat'],
  ['win32', 'd:\\a\\c#1.wat', 'file:///d:/a/c%231.wat'],
  ['win32', 'd:\\a\\100%.wat', 'file:///d:/a/100%25.wat'],
  ['win32', '\\\\server\\share\\b.wat', 'file://server/share/b.wat'],
  ['win32', '\\\\SERVER\\Share\\b c.wat', 'file://server/Share/b%20c.wat', '\\\\server\\Share\\b c.wat'],
  ['win32', '//server/share/b.wat', 'file://server/share/b.wat', '\\\\server\\share\\b.wat'],
  ['win32', '\\\\?\\C:\\a\\b.wat', 'file:///c:/a/b.wat', 'c:\\a\\b.wat'],
  ['win32', '\\\\?\\UNC\\server\\share\\b.wat', 'file://server/share/b.wat', '\\\\server\\share\\b.wat'],
  ['win32', 'c:\\a\\..\\b.wat', 'file:///c:/b.wat', 'c:\\b.wat'],
];

for (const [platform, path, uri, back = path] of PATHS) {
  test(`${platform}: ${path}`, () => {
    assert.equal(pathToUri(path, platform), uri);
    assert.equal(uriToPath(uri, platform), back);
  });
}

/** Platform, URI as a client may spell it, canonical URI. */
const SPELLINGS: ['win32' | 'posix', string, string][] = [
  ['win32', 'file:///C%3A/a/b.wat', 'file:///c:/a/b.wat'],
  ['win32', 'file:///c%3a/a%20b.wat', 'file:///c:/a%20b.wat'],
  ['posix', 'file://localhost/a/b.wat', 'file:///a/b.wat'],
  ['posix', 'file:///a/b%2Ewat', 'file:///a/b.wat'],
  ['posix', 'untitled:Untitled-1', 'untitled:Untitled-1'],
  ['posix', 'memfs:/dir/a.wat', 'memfs:/dir/a.wat'],
];

for (const [platform, given, uri] of SPELLINGS) {
  test(`${platform}: ${given} is ${uri}`, () => assert.equal(toUri(given, platform), uri));
}

const RELATIVE: ['win32' | 'posix', string, string, string][] = [
  ['posix', './host.mjs', 'file:///a/b', 'file:///a/b/host.mjs'],
  ['posix', '../host#1.mjs', 'file:///a/b', 'file:///a/host%231.mjs'],
  ['win32', '..\\x\\host.mjs', 'file:///c:/a/b', 'file:///c:/a/x/host.mjs'],
  ['posix', 'host.mjs', 'memfs://h/dir', 'memfs://h/dir/host.mjs'],
  ['posix', 'host.mjs', 'memfs:/dir', 'memfs:/dir/host.mjs'],
];

for (const [platform, path, base, uri] of RELATIVE) {
  test(`${platform}: ${path} from ${base}`, () => assert.equal(toUri(path, platform, base), uri));
}

test('a drive letter is no scheme', () => {
  assert.equal(isUri('c:\\a.wat'), false);
  assert.equal(isUri('c:/a.wat'), false);
  assert.equal(isUri('file:///a.wat'), true);
  assert.equal(isUri('untitled:a'), true);
  assert.equal(isUri('/a:b/c'), false);
});

test('parts of a URI', () => {
  assert.equal(baseName('file:///a/b%20c.wat'), 'b c.wat');
  assert.equal(baseName('untitled:Untitled-1'), 'Untitled-1');
  assert.equal(baseName('memfs:/x/y.wasm?q=/z'), 'y.wasm');
  assert.equal(extension('file:///a.b/C.WASM'), '.wasm');
  assert.equal(extension('file:///a.b/none'), '');
  assert.equal(folderOf('file:///a/b.wat'), 'file:///a');
});

/** Program URI, function, name, URI of its document. */
const DOCUMENTS: [string, number, string | undefined, string][] = [
  ['file:///a/m.wasm', 12, 'add', 'wasmscope:/a/m.wasm/func-12-add.wat'],
  ['file:///a/m.wasm', 0, undefined, 'wasmscope:/a/m.wasm/func-0.wat'],
  ['file:///a/m.wasm', 3, 'core::fmt/write<T>', 'wasmscope:/a/m.wasm/func-3-core_fmt_write_T_.wat'],
  ['file:///c:/a%20b/m.wasm', 1, 'f', 'wasmscope:/c%3A/a%20b/m.wasm/func-1-f.wat'],
  ['file:///a/c%231%25.wasm', 1, 'f', 'wasmscope:/a/c%231%25.wasm/func-1-f.wat'],
  [
    'file://server/share/m.wasm',
    1,
    'f',
    'wasmscope:/share/m.wasm/func-1-f.wat?uri%3Dfile%253A%252F%252Fserver%252Fshare%252Fm.wasm',
  ],
  ['memfs:/x/m.wasm', 1, 'f', 'wasmscope:/x/m.wasm/func-1-f.wat?uri%3Dmemfs%253A%252Fx%252Fm.wasm'],
];

for (const [program, funcIdx, name, uri] of DOCUMENTS) {
  test(`function ${funcIdx} of ${program}`, () => {
    assert.equal(disassemblyUri(program, funcIdx, name), uri);
    const parsed = parseDisassemblyUri(uri);
    assert.equal(parsed?.part, funcIdx);
    assert.equal(toUri(parsed!.program, 'win32'), toUri(program, 'win32'));
  });
}

test('a query that was not encoded as a whole', () => {
  const parsed = parseDisassemblyUri('wasmscope:/x/m.wasm/module.wat?uri=memfs%3A%2Fx%2Fm.wasm');
  assert.equal(parsed?.program, 'memfs:/x/m.wasm');
  assert.equal(parsed?.part, 'module');
});

test('no document of ours', () => {
  for (const uri of ['file:///a/func-1.wat', 'wasmscope:/a/m.wasm/func-x.wat', 'wasmscope:/a/m.wasm', '']) {
    assert.equal(parseDisassemblyUri(uri), undefined, uri);
  }
  assert.equal(moduleDisassemblyUri('file:///a/m.wasm'), 'wasmscope:/a/m.wasm/module.wat');
  const fields = moduleDisassemblyUri('file:///a/m.wasm', {}, 'fields');
  assert.deepEqual([fields, parseDisassemblyUri(fields)?.part], ['wasmscope:/a/m.wasm/fields.wat', 'fields']);
});

/** Options, URI of the program, URI of function 1's document. */
const WRITTEN: [DisassemblyOptions, string, string][] = [
  [{ folded: true }, 'file:///a/m.wasm', 'wasmscope:/a/m.wasm/func-1.wat?folded'],
  [{ offsets: true, folded: true }, 'file:///a/m.wasm', 'wasmscope:/a/m.wasm/func-1.wat?folded.offsets'],
  [{ folded: false }, 'file:///a/m.wasm', 'wasmscope:/a/m.wasm/func-1.wat'],
  [{ mangled: true }, 'memfs:/m.wasm', 'wasmscope:/m.wasm/func-1.wat?mangled%26uri%3Dmemfs%253A%252Fm.wasm'],
];

for (const [options, program, uri] of WRITTEN) {
  test(`how a document is written stands in ${uri}`, () => {
    assert.equal(disassemblyUri(program, 1, undefined, options), uri);
    const { word, ...parsed } = parseDisassemblyUri(uri)!;
    assert.equal(word, undefined);
    const on = Object.fromEntries(Object.entries(options).filter(([, value]) => value));
    assert.deepEqual(parsed, { program, part: 1, options: on });
    assert.equal(disassemblyDoc(1, parsed.options), disassemblyDoc(1, options));
    assert.deepEqual(parseDoc(disassemblyDoc(1, options)), { part: 1, options: on });
    assert.deepEqual(parseDoc(disassemblyDoc('module', options)), { part: 'module', options: on });
  });
}

test('options that nobody knows, and a query that VS Code did not encode', () => {
  const { options, program } = parseDisassemblyUri(
    'wasmscope:/m.wasm/func-1.wat?folded.pink&uri=memfs%3A%2Fm.wasm',
  )!;
  assert.deepEqual({ options, program }, { options: { folded: true }, program: 'memfs:/m.wasm' });
});
