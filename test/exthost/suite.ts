// The extension's own tests inside VS Code's extension host: Node's and the Web worker's, from this one source.
//
// They drive the extension by VS Code's API alone: what is registered, what debugging gives, what the language
// server answers, whatever file system the program is in. Nothing here knows which host it runs in.
import assert from 'node:assert';
import * as vscode from 'vscode';
import { argumentProblem, splitArguments } from '../../extension/debug/arguments.ts';
import { programText } from '../../extension/debug/configuration.ts';
import { expressionAt } from '../../extension/debug/wat-expressions.ts';
import { programUri } from '../../extension/files/program-uri.ts';
import './activation.ts';
import './module-editor.ts';
import { type MemoryFiles, memoryFiles } from './memory-files.ts';
import { Sessions } from './sessions.ts';

const SUM = `(module
  (import "env" "twice" (func $twice (param i32) (result i32)))
  (func $sum (export "sum") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (call $twice (local.get $b)))))
`;
const HOST = 'export default { env: { twice: async (x) => x * 2 } };\n';
const FIB = Uint8Array.from(
  '0061736d0100000001060160017f017f030201000707010366696200000a1e011c00200041014d047f410105200041026b1000200041016b10006a0b0b'
    .match(/../g)!
    .map((byte) => Number.parseInt(byte, 16)),
);
/** The same with an empty function in front, so that fib has another index. */
const FIB_BEHIND_ANOTHER = Uint8Array.from(
  '0061736d010000000109026001 7f017f600000 0303020100 070701036669620001 0a210202000b1c00200041014d047f410105200041026b1001200041016b10016a0b0b'
    .replaceAll(' ', '')
    .match(/../g)!
    .map((byte) => Number.parseInt(byte, 16)),
);

/** Makes, renames and removes things in a directory; exits with the number of calls that did not answer as they should. */
const FILER = `(module
  (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory" (func $rmdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "d")
  (data (i32.const 110) "new")
  (data (i32.const 120) "d/named")
  (data (i32.const 130) "old")
  (data (i32.const 140) "nowhere")
  (data (i32.const 0) "\\6e\\00\\00\\00\\03\\00\\00\\00")
  (global $wrong (mut i32) (i32.const 0))
  (func $is (param $errno i32) (param $expected i32)
    (global.set $wrong
      (i32.add (global.get $wrong) (i32.ne (local.get $errno) (local.get $expected)))))
  (func (export "_start")
    (call $is (call $mkdir (i32.const 3) (i32.const 100) (i32.const 1)) (i32.const 0))
    (call $is (call $mkdir (i32.const 3) (i32.const 100) (i32.const 1)) (i32.const 20))
    (call $is (call $open (i32.const 3) (i32.const 0) (i32.const 110) (i32.const 3) (i32.const 1)
      (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 16)) (i32.const 0))
    (call $is (call $write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20)) (i32.const 0))
    (call $is (call $rename (i32.const 3) (i32.const 110) (i32.const 3)
      (i32.const 3) (i32.const 120) (i32.const 7)) (i32.const 0))
    (call $is (call $unlink (i32.const 3) (i32.const 130) (i32.const 3)) (i32.const 0))
    (call $is (call $unlink (i32.const 3) (i32.const 140) (i32.const 7)) (i32.const 44))
    (call $is (call $rmdir (i32.const 3) (i32.const 100) (i32.const 1)) (i32.const 55))
    (call $is (call $readdir (i32.const 3) (i32.const 200) (i32.const 500) (i64.const 0) (i32.const 20))
      (i32.const 0))
    (call $exit (global.get $wrong))))
`;

describe('debugging', () => {
  const sessions = new Sessions();
  let files: MemoryFiles;
  before(() => {
    files = memoryFiles('wasmscope-test', {
      '/a b/sum.wat': SUM,
      '/a b/host.mjs': HOST,
      '/a b/fib.wasm': FIB,
    });
  });
  afterEach(() => sessions.stop());
  after(() => {
    files.dispose();
    sessions.dispose();
  });

  it('a file of the workspace stops at a breakpoint and shows its values', async () => {
    const folder = vscode.workspace.workspaceFolders![0];
    const uri = vscode.Uri.joinPath(folder.uri, 'fib.wat');
    await vscode.workspace.openTextDocument(uri);
    const stop = await sessions.stopAt(uri, 11, {
      program: '$' + '{workspaceFolder}/fib.wat',
      invoke: { function: 'fib', args: ['7'] },
    });
    assert.equal(stop.reason, 'breakpoint');
    assert.equal(stop.frames[0].name, '$fib');
    assert.equal(stop.frames[0].line, 12);
    assert.deepEqual(await sessions.variables(stop.frames[0].id), {
      'Value stack': { 'stack[0]': 'i32 0 (0x0)' },
      Locals: { $n: 'i32 7 (0x7)' },
      Labels: { '0: func': 'br 0 → returns with [i32]' },
    });
  });

  it('a program and its imports in a file system of an extension', async () => {
    const uri = files.uri('/a b/sum.wat');
    const stop = await sessions.stopAt(uri, 3, {
      program: uri.toString(),
      imports: './host.mjs',
      invoke: { function: 'sum', args: ['3', '4'] },
    });
    assert.equal(vscode.Uri.parse(stop.frames[0].source!.path!).toString(), uri.toString());
    const output = await sessions.toEnd();
    assert.match(output, /sum\(3, 4\) = 11 : i32/);
  });

  it('a binary there, stopped in its disassembly', async () => {
    const uri = files.uri('/a b/fib.wasm');
    const stop = await sessions.launch({
      program: uri.toString(),
      invoke: { function: 'fib', args: [6] },
      stopOnEntry: true,
    });
    assert.equal(stop.reason, 'entry');
    const path = stop.frames[0].source!.path!;
    assert.match(path, /^wasmscope:.*\/fib\.wasm\/func-0-fib\.wat\?/);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(path));
    assert.match(document.getText(), /^\(func \$fib[\s\S]*i32\.le_u/);
    assert.match(await sessions.toEnd(), /fib\(6\) = 13 : i32/);
  });

  it('a binary that is built anew, whose breakpoints go with their function', async () => {
    const uri = files.uri('/rebuilt/fib.wasm');
    files.write('/rebuilt/fib.wasm', FIB);
    const config = { program: uri.toString(), invoke: { function: 'fib', args: [3] }, stopOnEntry: true };
    const { frames } = await sessions.launch(config);
    const document = vscode.Uri.parse(frames[0].source!.path!);
    const at = new vscode.Location(document, new vscode.Position(2, 0));
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(at, true, 'stack[0] == 3')]);
    await sessions.answered('setBreakpoints');

    const news = new Promise<unknown>((resolve) => {
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ event, body }) => {
        if (event === 'wasmscope/programChanged') resolve(body);
      });
    });
    files.write('/rebuilt/fib.wasm', FIB_BEHIND_ANOTHER);
    assert.deepEqual(await news, { uri: uri.toString() });
    await vscode.debug.stopDebugging();

    await sessions.launch({ ...config, stopOnEntry: false });
    await waitFor('the breakpoint in the new document', () => {
      const [breakpoint] = vscode.debug.breakpoints as vscode.SourceBreakpoint[];
      return /func-1-fib\.wat/.test(breakpoint.location.uri.path);
    });
    const [{ location, condition }] = vscode.debug.breakpoints as vscode.SourceBreakpoint[];
    assert.deepEqual([location.range.start.line, condition], [2, 'stack[0] == 3']);
  });

  it('a directory there, which a program of WASI changes', async () => {
    files.write('/wasi/filer.wat', FILER);
    files.write('/wasi/data/old', 'old');
    files.write('/wasi/data/kept', 'kept');
    const program = files.uri('/wasi/filer.wat').toString();
    const exited = new Promise<number>((resolve) => {
      const tracker = vscode.debug.registerDebugAdapterTrackerFactory('wasmscope', {
        createDebugAdapterTracker: () => ({
          onDidSendMessage: ({ event, body }) => {
            if (event === 'exited') resolve(body.exitCode);
            if (event === 'exited') tracker.dispose();
          },
        }),
      });
    });
    await sessions.begin({ program, dirs: { '/': 'data' } });
    assert.equal(await exited, 0);
    const there = files.paths().filter((path) => path.startsWith('/wasi/data/'));
    assert.deepEqual(there, ['/wasi/data/d', '/wasi/data/d/named', '/wasi/data/kept']);
    // The program never closed it.
    assert.equal(files.text('/wasi/data/d/named'), 'new');
  });

  it('a preloaded module there, which is built anew', async () => {
    const lib = '(module (func (export "f") (result i32) (i32.const 1)))';
    files.write('/linked/lib.wat', lib);
    files.write(
      '/linked/p.wat',
      '(module (import "lib" "f" (func $f (result i32))) (func (export "") (drop (call $f))))',
    );
    const program = files.uri('/linked/p.wat').toString();
    await sessions.launch({ program, preload: { lib: 'lib.wat' }, stopOnEntry: true });
    const news = new Promise<unknown>((resolve) => {
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ event, body }) => {
        if (event === 'wasmscope/programChanged') resolve(body);
      });
    });
    files.write('/linked/lib.wat', lib.replace('const 1', 'const 2'));
    assert.deepEqual(await news, { uri: files.uri('/linked/lib.wat').toString() });
  });

  it('an untitled document, with what was typed last', async () => {
    const content = '(module (func (export "main") (result i32)\n  (i32.const 1)))\n';
    const document = await vscode.workspace.openTextDocument({ language: 'wat', content });
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(1, 13, 1, 14), '23');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await sessions.stopAt(document.uri, 1, { program: document.uri.toString() });
    assert.match(await sessions.toEnd(), /main\(\) = 23 : i32/);
  });

  it('an endless loop is paused at once', async () => {
    files.write('/spin.wat', '(module (func (export "main") (loop $l (br $l))))');
    await sessions.begin({ program: files.uri('/spin.wat').toString() });
    const stop = await sessions.pause();
    assert.equal(stop.reason, 'pause');
  });

  it('refuses in words what cannot be run', async () => {
    files.write('/bad.wat', '(module (func (export "main") i32.frob))');
    assert.equal(await sessions.refused({ program: files.uri('/bad.wat').toString() }), true);
    assert.match(sessions.output, /unknown operator/);
  });
});

describe('the language server', () => {
  it('reports faults and takes them back', async () => {
    const content = '(module (func (export "f") (param $x i32) (result i32) (local.get $y)))';
    const document = await vscode.workspace.openTextDocument({ language: 'wat', content });
    await vscode.window.showTextDocument(document);
    const faults = () => vscode.languages.getDiagnostics(document.uri);
    await waitFor('a diagnostic', () => faults().length === 1);
    const [fault] = faults();
    assert.match(fault.message, /^unknown local \$y/);
    assert.equal(document.getText(fault.range), '$y');
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, fault.range, '$x');
    await vscode.workspace.applyEdit(edit);
    await waitFor('no diagnostic', () => faults().length === 0);
  });

  it('answers hovers and outlines', async () => {
    const content = '(module (func $f (param $x i32) (drop (i32.clz (local.get $x)))))';
    const document = await vscode.workspace.openTextDocument({ language: 'wat', content });
    const at = document.positionAt(content.indexOf('i32.clz') + 2);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      at,
    );
    const text = hovers
      .flatMap(({ contents }) => contents.map((c) => (typeof c === 'string' ? c : c.value)))
      .join();
    assert.match(text, /i32\.clz/);
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.deepEqual([symbols[0].name, symbols[0].children[0].name], ['module', '$f']);
  });

  it('restarts', async () => {
    await vscode.commands.executeCommand('wasmscope.restartLanguageServer');
    const document = await vscode.workspace.openTextDocument({ language: 'wat', content: '(module (fun))' });
    await vscode.window.showTextDocument(document);
    await waitFor('a diagnostic', () => vscode.languages.getDiagnostics(document.uri).length === 1);
  });
});

describe('arguments', () => {
  const n = { type: 'i32', name: 'n' };
  const cases: [typed: string, params: { type: string; name?: string }[], problem: string | undefined][] = [
    ['', [], undefined],
    ['', [n], 'expected 1 argument, found 0'],
    ['1 2', [], 'expected 0 arguments, found 2'],
    ['1, 2', [n, n], undefined],
    ['-2147483648', [n], undefined],
    ['-2147483649', [n], 'n: i32 expected, found -2147483649'],
    ['4294967295', [n], undefined],
    ['4294967296', [n], 'n: i32 expected, found 4294967296'],
    ['0xffff_ffff', [n], undefined],
    ['1__0', [n], 'n: i32 expected, found 1__0'],
    ['1.5', [n], 'n: i32 expected, found 1.5'],
    ['1.5', [{ type: 'f64' }], undefined],
    ['-inf nan:0x7 0x1.8p3 1e5', Array.from({ length: 4 }, () => ({ type: 'f32' })), undefined],
    ['ten', [{ type: 'f64' }], '0: f64 expected, found ten'],
    ['18446744073709551615', [{ type: 'i64' }], undefined],
    ['18446744073709551616', [{ type: 'i64' }], '0: i64 expected, found 18446744073709551616'],
    ['null', [{ type: 'funcref' }], undefined],
  ];
  for (const [typed, params, problem] of cases) {
    it(`'${typed}' for (${params.map(({ type }) => type)})`, () =>
      assert.equal(argumentProblem(typed, params), problem));
  }
  it('are split at spaces and commas', () =>
    assert.deepEqual(splitArguments(' 1,2  -3 ,\t0x4 '), ['1', '2', '-3', '0x4']));
  it('keep together what is in quotes and brackets of a component', () =>
    assert.deepEqual(splitArguments('{a: 1, b: [x, "y, ] z"]} some(1) \'"\', "q w"'), [
      '{a: 1, b: [x, "y, ] z"]}',
      'some(1)',
      "'\"'",
      '"q w"',
    ]));
});

describe('the expression under the mouse', () => {
  const cases: [line: string, at: string, expression: string | undefined][] = [
    ['  local.get $n', '$n', '$n'],
    ['  (local.set $a.b-c! (i32.const 1))', 'b-c', '$a.b-c!'],
    ['  global.get $"two words"', 'words', '$"two words"'],
    ['  local.get 12', '12', 'local[12]'],
    ['  local.tee 3', 'local', 'local[3]'],
    ['  (global.set 0 (i32.const 1))', 'global', 'global[0]'],
    ['  i32.const 5', '5', undefined],
    ['  call 3', '3', undefined],
  ];
  for (const [line, at, expression] of cases) {
    it(`${line.trim()} at ${at}`, () =>
      assert.equal(expressionAt(line, line.indexOf(at) + 1)?.expression, expression));
  }
});

describe('programs in configurations', () => {
  const folder = vscode.Uri.parse('memfs://host/work space');
  const local = vscode.Uri.file('/me/p');
  const uris: [program: string, base: vscode.Uri | undefined, uri: string | undefined][] = [
    ['', local, undefined],
    ['a.wat', local, 'file:///me/p/a.wat'],
    ['./b/a.wat', local, 'file:///me/p/b/a.wat'],
    ['/x/a b.wat', local, 'file:///x/a%20b.wat'],
    ['/x/a#b.wat', undefined, 'file:///x/a%23b.wat'],
    ['untitled:Untitled-1', local, 'untitled:Untitled-1'],
    ['https://example.org/a.wasm', local, 'https://example.org/a.wasm'],
    ['a.wat', folder, 'memfs://host/work%20space/a.wat'],
    ['/work space/a.wat', folder, 'memfs://host/work%20space/a.wat'],
  ];
  for (const [program, base, uri] of uris) {
    it(`'${program}' below ${base ?? 'nothing'}`, () =>
      assert.equal(programUri(program, base)?.toString(), uri));
  }
  it('are written below their folder', () => {
    const own = vscode.workspace.workspaceFolders![0];
    assert.equal(
      programText(vscode.Uri.joinPath(own.uri, 'fib.wat'), own),
      '$' + '{workspaceFolder}/fib.wat',
    );
    assert.equal(programText(vscode.Uri.parse('untitled:Untitled-1'), own), 'untitled:Untitled-1');
  });
});

async function waitFor(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 15_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 50)))
    if (Date.now() > end) throw new Error(`waited for ${what}`);
}
