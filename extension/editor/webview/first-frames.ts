/**
 * Marks for whoever measures: when the first frame with bytes was painted (`wasmscope:bytes`), and the first with colours
 * (`wasmscope:colours`). They are in the page's own performance timeline and go nowhere.
 */

import type { ByteRange } from '../messages.ts';
import type { Blocks } from './blocks.ts';

const marked = new Set<string>();

/** Called when the rows in sight may have more to show. */
export function markFirstFrames(blocks: Blocks, { start, end }: ByteRange): void {
  const fresh = [
    ...(blocks.has(start, end) ? ['wasmscope:bytes'] : []),
    ...(blocks.fieldsAround(start) ? ['wasmscope:colours'] : []),
  ].filter((name) => !marked.has(name));
  if (fresh.length === 0) return;
  for (const name of fresh) marked.add(name);
  requestAnimationFrame(() => {
    // A message comes behind the frame.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      for (const name of fresh) performance.mark(name);
      port1.close();
    };
    port2.postMessage(null);
  });
}
