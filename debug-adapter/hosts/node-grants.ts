/**
 * What Node gives a program of WASI under the debugger: granted directories, listening sockets, clocks, random numbers. All of
 * it ends with the engine's thread.
 */

import type { WasiHost } from '../../engine/debug/program-wasi.ts';
import type { WasiParams } from '../../engine/debug/wire.ts';
import { NetworkGrants } from '../../engine/wasi/grants.ts';
import { listenForRequests, nodeHttpClient } from './node-http.ts';
import { nodeNetwork } from './node-network.ts';
import { listenAt } from './node-sockets.ts';
import { nodeTree } from './node-tree.ts';
import { nodeClocks, nodeRandom } from './node-wasi.ts';

/** Throws an Error for people if a directory or an address cannot be had. */
export async function openNodeWasi({ dirs, listen, network = [], serve }: WasiParams): Promise<WasiHost> {
  const preopens = dirs.map(({ guest, host, readOnly }) => ({ guest, readOnly, tree: nodeTree(host) }));
  const listeners = [];
  for (const address of listen) {
    const open = await listenAt(address);
    // A port that was chosen is nowhere else to be seen.
    if (open.address !== address) console.warn(`listening on ${open.address}`);
    listeners.push(open.listener);
  }
  const grants = new NetworkGrants(network);
  const requests = serve === undefined ? undefined : await listenForRequests(serve);
  if (requests) console.warn(`serving on http://${requests.address}/`);
  return {
    preopens,
    listeners,
    clocks: nodeClocks(),
    random: nodeRandom,
    http: nodeHttpClient(grants),
    network: { network: nodeNetwork, grants },
    requests,
  };
}
