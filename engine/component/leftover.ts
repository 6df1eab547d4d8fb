/**
 * What instances leave behind when they are over: handles to objects of the host, which would stay open for good.
 *
 * A component that is over drops nothing itself; that is nobody's fault after a trap.
 */

import type { HostResource } from './host.ts';
import type { ComponentInst } from './instance.ts';

/** Drops every object of the host that one of the instances owns, the youngest handles first. Whatever fails is left. */
export async function dropLeftovers(instances: Iterable<ComponentInst>): Promise<void> {
  for (const { handles } of instances) {
    // What was made of something goes before it: streams before bodies.
    for (const [i, entry] of [...handles].reverse()) {
      if (entry.kind !== 'handle' || !entry.own || entry.resource.kind !== 'resource') continue;
      handles.remove(i);
      try {
        await (entry.resource as HostResource).drop?.(entry.rep as object);
      } catch {
        // There is nobody left to tell.
      }
    }
  }
}
