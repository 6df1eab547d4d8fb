/**
 * Call stacks and threads of a stopped program, as plain data: frames of Wasm, of host functions, and the command of a
 * script that called.
 */

import { boundaryOf } from '../component/canon/boundary.ts';
import type { Frame, WasmFrame } from '../exec/frame.ts';
import type { Thread } from '../exec/threads.ts';
import { frameNumber } from './frames.ts';
import type { Program } from './program.ts';
import { typeText } from './ref-values.ts';
import type { Run } from './run.ts';
import { funcName } from './style.ts';
import { showValue } from './values.ts';
import type { Format, WireFrame, WireThread } from './wire.ts';

/** Frames of a thread, innermost first, `count` of them from `start`; with their parameters if a format for those is given. */
export function stackTrace(
  program: Program,
  run: Run,
  thread: Thread,
  start: number,
  count: number,
  parameters?: Format,
): { total: number; frames: WireFrame[] } {
  const { machine } = thread;
  const { depth } = machine;
  const frames = machine
    .frames(start, count)
    .map((frame, i) => wireFrame(program, frame, frameNumber(thread.id, start + i), parameters));
  const callers = run.callersOf(thread);
  for (const [i, { label: name, span }] of callers.entries()) {
    if (depth + i < start || depth + i >= start + count) continue;
    const frame = frameNumber(thread.id, depth + i);
    if (span) frames.push({ frame, kind: 'script', name, place: { doc: 'program', span } });
    else frames.push({ frame, kind: 'phase', name });
  }
  return { total: depth + callers.length, frames };
}

function wireFrame(program: Program, frame: Frame, number: number, format: Format | undefined): WireFrame {
  const { func } = frame;
  const loaded = func.inst && program.of(func.inst.module);
  const name = funcName(func, loaded?.rename);
  if (frame.kind === 'host') {
    const boundary = boundaryOf(func);
    if (!boundary) return { frame: number, kind: 'host', name };
    const shown = boundary.kind === 'lower' ? `lowered ${name}` : name;
    const span = program.plan?.spanAt(boundary.offset);
    return { frame: number, kind: 'boundary', name: shown, place: span && { doc: 'program', span } };
  }
  const shown: WireFrame = {
    frame: number,
    kind: 'wasm',
    name,
    place: loaded?.place(func.idx, frame.offset),
    module: loaded && (loaded.number ?? 0),
  };
  return format ? { ...shown, parameters: parametersOf(frame, format) } : shown;
}

function parametersOf(frame: WasmFrame, { hex }: Format): WireFrame['parameters'] {
  const { module } = frame.func.inst!;
  return frame.func.type.params.map((type, i) => ({
    name: module.names.local(frame.func.idx, i),
    type: typeText(module, type),
    value: showValue(frame.local(i), { hex }),
  }));
}

/** A thread, and what it does instead of running. */
export function wireThread(thread: Thread): WireThread {
  const { id, name } = thread;
  return { id, name: name === '' ? `thread ${id}` : name, state: stateText(thread) };
}

/** `waits at 0x40`; undefined for one that can run. */
export function stateText({ state, waitsAt, joins }: Thread): string | undefined {
  switch (state) {
    case 'waiting':
      return `waits at address 0x${(waitsAt ?? 0).toString(16)}`;
    case 'host':
      return 'waits for the host';
    case 'joining':
      return `waits for ${joins?.name || `thread ${joins?.id}`}`;
    default:
      return undefined;
  }
}
