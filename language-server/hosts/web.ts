/**
 * The language server in a worker of a Web page: LSP by posted messages, every file asked of the client.
 */

import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { ReadFileRequest } from '../protocol.ts';
import { startServer } from '../server.ts';

declare const self: ConstructorParameters<typeof BrowserMessageReader>[0];
declare function atob(data: string): string;

const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
startServer(connection, {
  readFile: async (uri) => {
    const { data } = await connection.sendRequest(ReadFileRequest, { uri });
    // A loop: for 14 MB it takes 28 ms, Uint8Array.from with a function 1300 ms (V8 of Node 24).
    const text = atob(data);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  },
});
