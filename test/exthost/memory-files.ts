// A file system in memory, registered with VS Code as an extension does: programs that are on no disk.
import * as vscode from 'vscode';

export interface MemoryFiles extends vscode.Disposable {
  uri(path: string): vscode.Uri;
  write(path: string, contents: string | Uint8Array): void;
  /** A file's text; undefined if there is none. */
  text(path: string): string | undefined;
  /** All files and folders that were made as such, sorted. */
  paths(): string[];
}

/** Registers `scheme` with these files; folders exist where their files do. */
export function memoryFiles(scheme: string, initial: Record<string, string | Uint8Array>): MemoryFiles {
  const files = new Map<string, Uint8Array>();
  const folders = new Set<string>();
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
  const isFolder = (path: string): boolean => {
    const below = `${path.replace(/\/$/, '')}/`;
    return folders.has(path) || [...files.keys(), ...folders].some((name) => name.startsWith(below));
  };
  const entries = (path: string): [string, vscode.FileType][] => {
    const below = `${path.replace(/\/$/, '')}/`;
    const names = [...files.keys(), ...folders].filter((name) => name.startsWith(below));
    const first = new Set(names.map((name) => name.slice(below.length).split('/')[0]));
    return [...first].map((name) => [
      name,
      files.has(below + name) ? vscode.FileType.File : vscode.FileType.Directory,
    ]);
  };
  const rename = (from: vscode.Uri, to: vscode.Uri): void => {
    files.set(to.path, read(from));
    files.delete(from.path);
  };
  const remove = ({ path }: vscode.Uri): void => {
    if (!files.delete(path) && !folders.delete(path)) throw vscode.FileSystemError.FileNotFound(path);
  };
  const registration = vscode.workspace.registerFileSystemProvider(scheme, {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: (uri) =>
      isFolder(uri.path)
        ? { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 }
        : { type: vscode.FileType.File, ctime: 0, mtime: 0, size: read(uri).length },
    readFile: read,
    readDirectory: (uri) => entries(uri.path),
    writeFile: (uri, contents) => write(uri.path, contents),
    createDirectory: (uri) => void folders.add(uri.path),
    delete: remove,
    rename,
  });
  return {
    uri: (path) => vscode.Uri.from({ scheme, path }),
    write,
    text: (path) => {
      const bytes = files.get(path);
      return bytes && new TextDecoder().decode(bytes);
    },
    paths: () => [...files.keys(), ...folders].sort(),
    dispose: () => {
      registration.dispose();
      changed.dispose();
    },
  };
}
