/**
 * The core dump that `-D coredump=PATH` asks for, of a program that has trapped: of modules and of components.
 */

import { writeFileSync } from 'node:fs';
import type { Fault } from '../engine/base/errors.ts';
import { faultText } from '../engine/debug/coredump/format.ts';
import { type Dumped, writeCoreDump } from '../engine/debug/coredump/write.ts';
import type { Thread, Threads } from '../engine/exec/threads.ts';
import { printable } from './report.ts';

/** Writes it, if a path is given; says where it is, or why there is none. */
export function writtenTrap(
  path: string | undefined,
  program: Pick<Dumped, 'name' | 'modules' | 'instances'>,
  threads: Threads,
  thread: Thread,
  fault: Fault,
): string {
  if (path === undefined) return '';
  const alive = threads.all.filter(({ state }) => state !== 'ended');
  try {
    const dump = writeCoreDump({
      ...program,
      threads: alive.map(({ name, machine }) => ({ name, frames: machine.frames() })),
      trap: { thread: Math.max(0, alive.indexOf(thread)), message: faultText(fault) },
    });
    writeFileSync(path, dump);
    return `core dump written to ${path}\n`;
  } catch (error) {
    return `no core dump: ${printable((error as Error).message)}\n`;
  }
}
