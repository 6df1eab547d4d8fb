/**
 * The frames of a stop, by number: one number says the thread and how deep, so that whatever names a frame (values, lists
 * of values, expressions) names its thread with it.
 *
 * Frames know what was found out about their stacks, so they are kept as long as their thread executes nothing.
 */

import type { Frame } from '../exec/frame.ts';
import type { Machine } from '../exec/machine.ts';

/** More frames than a thread can have. */
const FRAMES_PER_THREAD = 2 ** 20;

/** The number of a thread's frame; `depth` counts from the innermost. */
export function frameNumber(thread: number, depth: number): number {
  return thread * FRAMES_PER_THREAD + depth;
}

/** What a frame's number says. */
export function frameParts(frame: number): { thread: number; depth: number } {
  return { thread: Math.floor(frame / FRAMES_PER_THREAD), depth: frame % FRAMES_PER_THREAD };
}

interface Known {
  readonly machine: Machine;
  readonly instructions: number;
  readonly frames: number;
  readonly at: Map<number, Frame | undefined>;
}

export class StoppedFrames {
  readonly #machineOf: (thread: number) => Machine | undefined;
  readonly #known = new Map<number, Known>();

  /** `machineOf` gives what a thread's frames are on; undefined when there is no such thread. */
  constructor(machineOf: (thread: number) => Machine | undefined) {
    this.#machineOf = machineOf;
  }

  /** A debugger has changed where a thread stands. */
  forget(): void {
    this.#known.clear();
  }

  /** A frame by its number; undefined if there is none. */
  at(frame: number): Frame | undefined {
    const { thread, depth } = frameParts(frame);
    const machine = this.#machineOf(thread);
    if (!machine) return undefined;
    const { instructions, depth: frames } = machine;
    let known = this.#known.get(thread);
    if (known?.machine !== machine || known.instructions !== instructions || known.frames !== frames) {
      known = { machine, instructions, frames, at: new Map() };
      this.#known.set(thread, known);
    }
    if (!known.at.has(depth)) known.at.set(depth, machine.frames(depth, 1)[0]);
    return known.at.get(depth);
  }
}
