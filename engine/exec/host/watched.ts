/**
 * Compiled code and what is watched: whether it looks for what is watched now, and whether it had better rest, because it is
 * left for that again and again (watch-leaves.ts). What code looks for is watch-plan.ts, how is watched-body.ts.
 */

import type { CodeSpace } from '../code.ts';
import type { Watches } from '../watch.ts';
import { SiteKind } from './sites.ts';
import type { HostTier } from './tier.ts';
import { WatchLeaves } from './watch-leaves.ts';
import { WatchPlan } from './watch-plan.ts';

export class WatchedCode {
  readonly #space: CodeSpace;
  readonly #tier: HostTier;
  /** Whether it may rest. */
  readonly #mayRest: boolean;
  readonly #leaves = new WatchLeaves();
  /** What compiled code looks for, and which version of it. */
  #watches: Watches | undefined;
  #version = 0;

  constructor(space: CodeSpace, tier: HostTier, mayRest: boolean) {
    this.#space = space;
    this.#tier = tier;
    this.#mayRest = mayRest;
  }

  /** Compiled code had better not run now: calls do not go there. */
  get resting(): boolean {
    return this.#leaves.resting;
  }

  /** Something else is watched than what compiled code looks for. */
  get changed(): boolean {
    const { watches } = this.#space;
    return watches !== this.#watches || (watches !== undefined && watches.version !== this.#version);
  }

  /** Compiled code shall look for what is watched now. Only while none of it runs. */
  follow(): void {
    const { watches } = this.#space;
    this.#watches = watches;
    this.#version = watches?.version ?? 0;
    this.#tier.watchFor(WatchPlan.of(watches));
    if (this.resting) this.#space.enterNative(this.#tier.functions());
    this.#leaves.reset();
  }

  /** Asked whenever compiled code could go on: true if it still rests. */
  rests(): boolean {
    if (!this.resting) return false;
    if (!this.#leaves.look()) return true;
    this.#space.enterNative(this.#tier.functions());
    return false;
  }

  /** Compiled code came back, from a place of this kind. True if it was left for what is watched. */
  came(executed: number, from: SiteKind | undefined): boolean {
    if (!this.#watches) return false;
    const touched = from === SiteKind.Step;
    if (this.#mayRest && this.#leaves.ran(executed, touched)) this.#space.enterNative([]);
    return touched;
  }
}
