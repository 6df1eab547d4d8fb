/**
 * Threads that wait at an address of a memory for a notification (threads proposal, memory.atomic.wait and notify).
 *
 * Knows no threads and no clock: who waits looks whether its `Wait` has a result, and who keeps time expires it.
 */

/** What memory.atomic.wait answers with. */
export const enum WaitResult {
  woken = 0,
  notEqual = 1,
  timedOut = 2,
}

/** One thread's wait. */
export class Wait {
  readonly address: number;
  /** In nanoseconds; negative: for ever. */
  readonly timeout: bigint;
  /** Undefined while it lasts. */
  result: WaitResult.woken | WaitResult.timedOut | undefined;
  private readonly queue: WaitQueue;

  constructor(queue: WaitQueue, address: number, timeout: bigint) {
    this.queue = queue;
    this.address = address;
    this.timeout = timeout;
  }

  /** Ends it because its time is over. */
  expire(): void {
    this.queue.leave(this);
    this.result = WaitResult.timedOut;
  }

  /** Takes it back: nobody waits any more. */
  cancel(): void {
    this.queue.leave(this);
  }
}

/** All waits of one memory, the longest first. */
export class WaitQueue {
  private waits: Wait[] = [];

  enter(address: number, timeout: bigint): Wait {
    const wait = new Wait(this, address, timeout);
    this.waits.push(wait);
    return wait;
  }

  leave(wait: Wait): void {
    this.waits = this.waits.filter((other) => other !== wait);
  }

  /** Wakes at most `count` waits at an address, in the order in which they began. Returns how many. */
  notify(address: number, count: number): number {
    const woken = this.waits.filter((wait) => wait.address === address).slice(0, count);
    for (const wait of woken) {
      this.leave(wait);
      wait.result = WaitResult.woken;
    }
    return woken.length;
  }
}
