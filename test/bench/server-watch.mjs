/**
 * Loaded into the language server's process before it starts: says how long the turns of its event loop were, and how much
 * memory it holds, when its parent asks. Nothing of it is in the product.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Timers are asked for every so many milliseconds; what they are late by is what others took. */
const RESOLUTION = 1;

const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
delays.enable();

process.on('message', async (question) => {
  if (question === 'turns') {
    const longest = Math.max(0, delays.max / 1e6 - RESOLUTION);
    const usual = Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION);
    delays.reset();
    process.send({ longest, usual });
    return;
  }
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send({ held: heapUsed + external });
});
process.channel.unref();
