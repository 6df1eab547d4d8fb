// The module editor in either extension host, for a file that only an extension can read: the language server gets its
// bytes in chunks, breakpoints on bytes become VS Code's own, and a change on disk reaches the page.
import assert from 'node:assert';
import * as vscode from 'vscode';
import { type MemoryFiles, memoryFiles } from './memory-files.ts';

const FIB = Uint8Array.from(
  '0061736d0100000001060160017f017f030201000707010366696200000a1e011c00200041014d047f410105200041026b1000200041016b10006a0b0b'
    .match(/../g)!
    .map((byte) => Number.parseInt(byte, 16)),
);
/** A custom section in front: everything is eight bytes further. */
const MOVED = Uint8Array.from([
  ...FIB.subarray(0, 8),
  0,
  6,
  4,
  0x6e,
  0x6f,
  0x74,
  0x65,
  1,
  ...FIB.subarray(8),
]);

const places = () =>
  vscode.debug.breakpoints.map((breakpoint) => (breakpoint as vscode.FunctionBreakpoint).functionName);
const run = (command: string, ...args: unknown[]) =>
  vscode.commands.executeCommand(`wasmscope.module.${command}`, ...args);

describe('the module editor', () => {
  let files: MemoryFiles;
  before(() => {
    files = memoryFiles('wasmscope-editor', { '/some/fib.wasm': FIB });
  });
  after(async () => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    files.dispose();
  });

  it('knows the bytes of a file of an extension, and of what becomes of it', async () => {
    const uri = files.uri('/some/fib.wasm');
    await run('show', uri, 0x2f);
    await run('toggleBreakpoint');
    // The byte is the second one of an instruction.
    assert.deepEqual(places(), ['fib.wasm!0x2e']);
    await run('toggleBreakpoint');
    assert.deepEqual(places(), []);
    files.write('/some/fib.wasm', MOVED);
    // The document looks when the file has been quiet for a moment.
    for (let turn = 0; turn < 100 && !places().includes('fib.wasm!0x36'); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
      await run('show', uri, 0x37);
      await run('toggleBreakpoint');
    }
    assert.deepEqual(places(), ['fib.wasm!0x36']);
  });

  it('reads both sides of a diff, one of which version control has kept', async () => {
    const asked = new Set<string>();
    const provider: vscode.FileSystemProvider = {
      onDidChangeFile: new vscode.EventEmitter<vscode.FileChangeEvent[]>().event,
      watch: () => new vscode.Disposable(() => undefined),
      stat: () => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: FIB.length }),
      readFile: (uri) => {
        asked.add(uri.toString());
        return FIB;
      },
      readDirectory: () => [],
      createDirectory: () => assert.fail('a side of a diff is only read'),
      writeFile: () => assert.fail('a side of a diff is only read'),
      delete: () => assert.fail('a side of a diff is only read'),
      rename: () => assert.fail('a side of a diff is only read'),
    };
    const kept = vscode.workspace.registerFileSystemProvider('wasmscope-kept', provider, {
      isReadonly: true,
    });
    try {
      // As the Git extension names what it keeps.
      const path = '/some/fib.wasm';
      const before = vscode.Uri.from({
        scheme: 'wasmscope-kept',
        path,
        query: JSON.stringify({ path, ref: 'HEAD' }),
      });
      await vscode.commands.executeCommand('vscode.diff', before, files.uri(path), 'fib.wasm (Working Tree)');
      for (let turn = 0; turn < 100 && !asked.has(before.toString()); turn++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.deepEqual([...asked], [before.toString()]);
      const { activeTab } = vscode.window.tabGroups.activeTabGroup;
      assert.ok(!(activeTab?.input instanceof vscode.TabInputTextDiff), 'not as text');
    } finally {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      kept.dispose();
    }
  });
});
