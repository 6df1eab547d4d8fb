/**
 * What is said of data breakpoints: their names, and at a stop what was there, what is there now, and who did it.
 */

import { InstrReader } from '../binary/instr.ts';
import type { Held, WatchHit } from '../exec/watch.ts';
import { instrByCode } from '../isa/isa.ts';
import { F32, F64, V128 } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { formatValue } from '../runtime/values.ts';
import type { DataRef } from './data-ids.ts';
import { integerText } from './number-text.ts';
import { funcName, named, type Rename, type Style } from './style.ts';
import { showValue } from './values.ts';

/** Bytes that are shown one by one. */
const MOST_BYTES = 16;

/** `$count`, `mem[0x100].i32`, `$jobs[3]`: an expression that gives it, as far as there is one. */
export function dataName(ref: DataRef, module: Module, funcIdx?: number): string {
  const nameOf = (space: 'global' | 'memory' | 'table', idx: number): string =>
    named(module.names.given(space, idx), `${space}[${idx}]`).expression;
  switch (ref.kind) {
    case 'memory': {
      const memory = ref.idx === 0 ? 'mem' : nameOf('memory', ref.idx);
      const at = `0x${ref.from.toString(16)}`;
      return ref.view === undefined ? `${memory}[${at}..+${ref.count}]` : `${memory}[${at}].${ref.view}`;
    }
    case 'global':
      return nameOf('global', ref.idx);
    case 'table':
      return `${nameOf('table', ref.idx)}[${ref.index}]`;
    case 'local': {
      const given = funcIdx === undefined ? undefined : module.names.local(funcIdx, ref.idx);
      return named(given, `local[${ref.idx}]`).expression;
    }
  }
}

/** `3 (0x3) → 4 (0x4)`; of many bytes only those that changed: `at 0x110: 00 → 05`. */
export function changeText({ access, before, after }: WatchHit, ref: DataRef, style: Style): string {
  const isLong = before instanceof Uint8Array && after instanceof Uint8Array && viewOf(ref, after) === '';
  if (!isLong || ref.kind !== 'memory') {
    const now = heldText(after, ref, style);
    return access === 'read' ? now : `${heldText(before, ref, style)} → ${now}`;
  }
  if (access === 'read') return bytesText(after);
  const first = after.findIndex((byte, i) => byte !== before[i]);
  if (first < 0) return `${bytesText(after)}, unchanged`;
  const last = after.findLastIndex((byte, i) => byte !== before[i]);
  const part = (bytes: Uint8Array): string => bytesText(bytes.subarray(first, last + 1));
  return `at 0x${(ref.from + first).toString(16)}: ${part(before)} → ${part(after)}`;
}

/** `written by i32.store in $f`, `read by wasi_snapshot_preview1.fd_write`. */
export function whoText({ access, by }: WatchHit, rename: Rename | undefined): string {
  const what = access === 'read' ? 'read' : 'written';
  if ('host' in by) return `${what} by ${by.host ?? 'the host'}`;
  return `${what} by ${wordAt(by.func.inst!.module, by.offset)} in ${funcName(by.func, rename)}`;
}

/** The keyword of the instruction at an offset. */
export function wordAt({ bytes }: Module, offset: number): string {
  const reader = new InstrReader(bytes, true);
  reader.readAt(offset, bytes.length);
  return instrByCode(reader.code)?.name ?? 'an instruction';
}

function heldText(held: Held, ref: DataRef, style: Style): string {
  if (held === undefined) return 'nothing';
  if (!(held instanceof Uint8Array)) return showValue(held, style);
  if (held.length === 0) return 'nothing';
  const view = viewOf(ref, held);
  if (view === '') return bytesText(held);
  const bits = held.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (view === 'f32' || view === 'f64') return formatValue({ type: view === 'f32' ? F32 : F64, bits });
  if (view === 'v128') return showValue({ type: V128, bits }, style);
  return integerText(bits, 8 * held.length, style.hex, !view.startsWith('u'));
}

/** How bytes are shown: as they were asked for, else as an integer where they are as many as one has. */
function viewOf(ref: DataRef, { length }: Uint8Array): string {
  if (ref.kind !== 'memory' || length !== ref.count) return '';
  return ref.view ?? { 1: 'u8', 2: 'i16', 4: 'i32', 8: 'i64' }[length] ?? '';
}

function bytesText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, MOST_BYTES), (byte) => byte.toString(16).padStart(2, '0'));
  const more = bytes.length > MOST_BYTES ? ` … ${bytes.length - MOST_BYTES} more` : '';
  return shown.join(' ') + more;
}
