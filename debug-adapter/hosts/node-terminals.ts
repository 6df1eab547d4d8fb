/**
 * What a client is to run in a terminal: this command line as an adapter that connects back to a port of this process.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ProtocolServer } from '@vscode/debugadapter/lib/protocol.js';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { AdapterPipe, TerminalHost } from '../terminal.ts';

/** `script`: the bundle of the command line. */
export function nodeTerminals(script: URL): TerminalHost {
  return {
    async prepare() {
      const server = createServer();
      const connected = once(server, 'connection').then(([socket]: Socket[]) => {
        server.close();
        return pipeOf(socket);
      });
      // Nobody waits for it when the server is closed before.
      connected.catch(() => undefined);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      return {
        cwd: process.cwd(),
        args: [process.execPath, fileURLToPath(script), 'dap', '--terminal', String(port)],
        // VS Code's own executable is Node only if it is told so.
        env: asNode(),
        connected,
        close: () => void server.close(),
      };
    },
  };
}

function asNode(): Record<string, string> {
  const { ELECTRON_RUN_AS_NODE: flag } = process.env;
  return flag ? { ELECTRON_RUN_AS_NODE: flag } : {};
}

/** Reads what comes by the protocol's own server; requests that are answered are the other side's. */
class Reader extends ProtocolServer {
  readonly #tell: (message: DebugProtocol.ProtocolMessage) => void;

  constructor(tell: (message: DebugProtocol.ProtocolMessage) => void) {
    super();
    this.#tell = tell;
  }

  override handleMessage(message: DebugProtocol.ProtocolMessage): void {
    this.#tell(message);
  }
}

function pipeOf(socket: Socket): AdapterPipe {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  return {
    send(message) {
      const json = JSON.stringify(message);
      if (socket.writable) socket.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
    },
    onMessage: (listener) => new Reader(listener).start(socket, socket),
    onClose: (listener) => void socket.on('close', listener),
    end: () => socket.end(),
  };
}
