// A file system in memory, registered with VS Code as an extension does: programs that are on no disk.
import * as vscode from 'vscode';

export interface MemoryFiles extends vscode.Disposable {
  uri(path: string): vscode.Uri;
  write(path: string, contents: string | Uint8Array): void;
}

/** Registers `scheme` with these files; folders exist where their files do. */
export function memoryFiles(scheme: string, initial: Record<string, string | Uint8Array>): MemoryFiles {
  const files = new Map<string, Uint8Array>();
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const write = (path: string, contents: string | Uint8Array) => {
    const type = files.has(path) ? vscode.FileChangeType.Changed : vscode.FileChangeType.Created;
    files.set(path, typeof contents === 'string' ? new TextEncoder().encode(contents) : contents);
    changed.fire([{ type, uri: vscode.Uri.from({ scheme, path }) }]);
  };
  for (const [path, contents] of Object.entries(initial)) write(path, contents);
  const read = (uri: vscode.Uri) => {
    const bytes = files.get(uri.path);
    if (!bytes) throw vscode.FileSystemError.FileNotFound(uri);
    return bytes;
  };
  const refuse = (uri: vscode.Uri) => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  const registration = vscode.workspace.registerFileSystemProvider(scheme, {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: (uri) =>
      [...files.keys()].some((path) => path.startsWith(`${uri.path.replace(/\/$/, '')}/`))
        ? { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 }
        : { type: vscode.FileType.File, ctime: 0, mtime: 0, size: read(uri).length },
    readFile: read,
    readDirectory: () => [],
    writeFile: (uri, contents) => write(uri.path, contents),
    createDirectory: refuse,
    delete: refuse,
    rename: refuse,
  });
  return {
    uri: (path) => vscode.Uri.from({ scheme, path }),
    write,
    dispose: () => {
      registration.dispose();
      changed.dispose();
    },
  };
}
