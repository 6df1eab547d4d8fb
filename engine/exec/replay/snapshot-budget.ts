/**
 * When a snapshot is worth what it costs: one twentieth of the time is saved up for them, and spent. While there is a way back
 * they keep a distance; after what took that away, as a call of the program by a host function does, the next one is taken as
 * soon as it is affordable.
 *
 * Knows no clock: times are milliseconds, ascending, and what something took is told.
 */

/** One part of so many is for snapshots. */
const SHARE = 20;
/** What is there to begin with: a first snapshot as cheap as this is not waited for. */
const AT_FIRST = 10;
/** More is not saved up, but for one that costs more. */
const AT_MOST = 50;
/** Milliseconds between two snapshots, while there is a way back. */
const DISTANCE = 50;
/** Milliseconds that a snapshot takes beside what it copies, and those that copying a byte takes at least. */
const FIXED = 0.05;
const LEAST_PER_BYTE = 1 / 4_000_000;
/** The same where the copy has no room yet, by measurement an upper bound. */
const FIRST_PER_BYTE = 1 / 500_000;

export class SnapshotBudget {
  #saved = AT_FIRST;
  #perByte = FIRST_PER_BYTE;
  #asOf: number | undefined;
  #takenAt: number | undefined;
  #granted = false;

  /** Whether to take one of so many bytes now. `isLost`: there is no way back, or a long one. */
  allows(now: number, bytes: number, isLost: boolean): boolean {
    const cost = this.#costOf(bytes);
    const since = now - (this.#asOf ?? now);
    this.#asOf = now;
    this.#saved = Math.min(Math.max(AT_MOST, cost), this.#saved + since / SHARE);
    if (this.#granted) return true;
    if (this.#saved < cost) return false;
    return isLost || this.#takenAt === undefined || now - this.#takenAt >= DISTANCE;
  }

  /** One was taken. */
  spend(now: number, bytes: number, cost: number): void {
    // A clock of milliseconds, and a busy machine, say much more of a small one than it takes.
    this.#perByte = Math.min(FIRST_PER_BYTE, Math.max(LEAST_PER_BYTE, cost / Math.max(1, bytes)));
    this.#saved -= this.#costOf(bytes);
    this.#takenAt = now;
    this.#granted = false;
  }

  /** The next one may cost what it will. */
  grant(): void {
    this.#granted = true;
  }

  #costOf(bytes: number): number {
    return FIXED + bytes * this.#perByte;
  }
}
