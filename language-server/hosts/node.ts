/**
 * The language server in a process of Node's: LSP over stdio, files read from disk.
 *
 * URIs that are not `file:` are asked of the client.
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { ReadFileRequest } from '../protocol.ts';
import { startServer } from '../server.ts';

/** Serves one client on stdin and stdout until it sends `exit` or closes the stream. */
export function serveStdio(): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  startServer(connection, {
    readFile: async (uri) => {
      if (uri.startsWith('file:')) return readDisk(uri);
      const { data } = await connection.sendRequest(ReadFileRequest, { uri });
      return Buffer.from(data, 'base64');
    },
  });
}

/** Bytes of a file from which on the process is kept small. */
const LARGE = 16 << 20;

const KEPT_SMALL = ['--heap-growing-percent=30', '--semi-space-growth-factor=1', '--optimize-for-size'];

let isKeptSmall = false;

/**
 * Has V8 collect garbage before the heap is twice the size of what lives, and keep what is young small: who looks through a large
 * binary makes much of it. A scroll through 35 MB made the process grow by six times the file without, by three times with it
 * (Node 24); it costs time, about half of it more.
 */
function keepSmall(): void {
  if (isKeptSmall) return;
  isKeptSmall = true;
  for (const flag of KEPT_SMALL) setFlagsFromString(flag);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'reading it is not allowed',
  EPERM: 'reading it is not allowed',
};

/** Throws an Error whose message names the file and the reason. */
async function readDisk(uri: string): Promise<Uint8Array> {
  const file = fileURLToPath(uri);
  try {
    const bytes = await readFile(file);
    if (bytes.length > LARGE) keepSmall();
    return bytes;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Error(`cannot read ${file}: ${REASONS[code] ?? message}`);
  }
}
