/**
 * What a debugged program does in directories that only VS Code can reach: each question of the debug adapter's by VS Code's
 * file systems (docs/protocol.md, `wasmscope/fileSystem`).
 */

import * as vscode from 'vscode';
import { toBase64 } from './base64.ts';

/** The event's body. */
export interface FileSystemQuestion {
  readonly id: number;
  readonly operation: string;
  readonly uri: string;
  /** Of `rename`. */
  readonly to?: string;
  /** Of `writeFile`: base64. */
  readonly data?: string;
}

/** The arguments of the request that answers it. */
export async function answerFileSystem(question: FileSystemQuestion): Promise<object> {
  const { id } = question;
  try {
    return { id, ...(await perform(question)) };
  } catch (error) {
    return {
      id,
      error: codeOf(error, question),
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

async function perform({ operation, uri: text, to, data = '' }: FileSystemQuestion): Promise<object> {
  const { fs } = vscode.workspace;
  const uri = vscode.Uri.parse(text);
  switch (operation) {
    case 'stat': {
      const { type, size, mtime } = await fs.stat(uri);
      return { type: typeName(type), size, modified: mtime };
    }
    case 'readDirectory':
      return { entries: (await fs.readDirectory(uri)).map(([name, type]) => [name, typeName(type)]) };
    case 'readFile':
      return { data: toBase64(await fs.readFile(uri)) };
    case 'writeFile':
      await fs.writeFile(
        uri,
        Uint8Array.from(atob(data), (char) => char.charCodeAt(0)),
      );
      return {};
    case 'createDirectory':
      await fs.createDirectory(uri);
      return {};
    case 'delete':
      await fs.delete(uri, { recursive: false, useTrash: false });
      return {};
    case 'rename':
      await fs.rename(uri, vscode.Uri.parse(to ?? ''), { overwrite: true });
      return {};
    default:
      throw new Error(`unknown operation ${operation}`);
  }
}

/** A link to something is a link first. */
function typeName(type: vscode.FileType): string {
  if (type & vscode.FileType.SymbolicLink) return 'symlink';
  if (type & vscode.FileType.Directory) return 'directory';
  return type & vscode.FileType.File ? 'file' : 'unknown';
}

/** POSIX's name of what VS Code says, as WASI has it. */
const CODES: Readonly<Record<string, string>> = {
  FileNotFound: 'noent',
  FileExists: 'exist',
  FileNotADirectory: 'notdir',
  FileIsADirectory: 'isdir',
  NoPermissions: 'acces',
};

const READS: readonly string[] = ['stat', 'readDirectory', 'readFile'];

function codeOf(error: unknown, { operation, uri }: FileSystemQuestion): string {
  const { scheme } = vscode.Uri.parse(uri);
  if (!READS.includes(operation) && vscode.workspace.fs.isWritableFileSystem(scheme) === false) return 'rofs';
  const code = error instanceof vscode.FileSystemError ? error.code : undefined;
  return CODES[code ?? ''] ?? 'io';
}
