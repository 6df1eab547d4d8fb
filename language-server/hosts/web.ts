/**
 * The language server in a worker of a Web page: LSP by posted messages, every file asked of the client.
 */

import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { fromBase64 } from '../facts/base64.ts';
import { ReadFileRequest } from '../protocol.ts';
import { startServer } from '../server.ts';

declare const self: ConstructorParameters<typeof BrowserMessageReader>[0];

const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
startServer(connection, {
  readFile: async (uri) => {
    const { data } = await connection.sendRequest(ReadFileRequest, { uri });
    return fromBase64(data);
  },
});
