/**
 * How many calls may be active at once in a thread, and how much room their frames get. Depth is a count of frames, so it
 * does not depend on the host's stack.
 *
 * The default is close to what Node gives a small function on its default stack (17,883 measured); 8 MiB of slots hold that
 * many frames of 52 slots. Where there may be more frames, there are more slots.
 */

export const DEFAULT_DEPTH = 20_000;
/** The slots for so many take 400 MiB, as far as they are used. */
export const MOST_DEPTH = 1_000_000;

const DEFAULT_SLOTS = 1 << 20;
const FRAME_SLOTS = Math.floor(DEFAULT_SLOTS / DEFAULT_DEPTH);

/** Whether a user may want this. */
export function isCallDepth(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_DEPTH;
}

/** Slots for the frames of so many calls. */
export function slotsFor(depth: number): number {
  return Math.max(DEFAULT_SLOTS, FRAME_SLOTS * depth);
}
