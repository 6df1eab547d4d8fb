/**
 * The canonical built-ins: one row each, with its code in the binary format and its immediates in their order
 * (Binary.md, Canonical Definitions). Decoder, encoder, text and validation read the rows. `lift` and `lower` are no
 * rows: they have a shape of their own.
 */

/** What stands behind a built-in's code or name. */
export type CanonImmediate =
  /** A component type index. */
  | 'type'
  /** Canonical options. */
  | 'opts'
  /** A flag: the keyword or nothing. */
  | 'async'
  | 'cancellable'
  | 'shared'
  /** A core memory, written `(memory …)`. */
  | 'memory'
  /** A result list. */
  | 'result'
  /** A core value type and a number. */
  | 'slot'
  /** A core type index, a core table index. */
  | 'core type'
  | 'table';

interface CanonRow {
  readonly code: number;
  readonly immediates: readonly CanonImmediate[];
}

export const CANONS = {
  'resource.new': { code: 0x02, immediates: ['type'] },
  'resource.drop': { code: 0x03, immediates: ['type'] },
  'resource.rep': { code: 0x04, immediates: ['type'] },
  'task.cancel': { code: 0x05, immediates: [] },
  'subtask.cancel': { code: 0x06, immediates: ['async'] },
  'task.return': { code: 0x09, immediates: ['result', 'opts'] },
  'context.get': { code: 0x0a, immediates: ['slot'] },
  'context.set': { code: 0x0b, immediates: ['slot'] },
  'thread.yield': { code: 0x0c, immediates: ['cancellable'] },
  'subtask.drop': { code: 0x0d, immediates: [] },
  'stream.new': { code: 0x0e, immediates: ['type'] },
  'stream.read': { code: 0x0f, immediates: ['type', 'opts'] },
  'stream.write': { code: 0x10, immediates: ['type', 'opts'] },
  'stream.cancel-read': { code: 0x11, immediates: ['type', 'async'] },
  'stream.cancel-write': { code: 0x12, immediates: ['type', 'async'] },
  'stream.drop-readable': { code: 0x13, immediates: ['type'] },
  'stream.drop-writable': { code: 0x14, immediates: ['type'] },
  'future.new': { code: 0x15, immediates: ['type'] },
  'future.read': { code: 0x16, immediates: ['type', 'opts'] },
  'future.write': { code: 0x17, immediates: ['type', 'opts'] },
  'future.cancel-read': { code: 0x18, immediates: ['type', 'async'] },
  'future.cancel-write': { code: 0x19, immediates: ['type', 'async'] },
  'future.drop-readable': { code: 0x1a, immediates: ['type'] },
  'future.drop-writable': { code: 0x1b, immediates: ['type'] },
  'error-context.new': { code: 0x1c, immediates: ['opts'] },
  'error-context.debug-message': { code: 0x1d, immediates: ['opts'] },
  'error-context.drop': { code: 0x1e, immediates: [] },
  'waitable-set.new': { code: 0x1f, immediates: [] },
  'waitable-set.wait': { code: 0x20, immediates: ['cancellable', 'memory'] },
  'waitable-set.poll': { code: 0x21, immediates: ['cancellable', 'memory'] },
  'waitable-set.drop': { code: 0x22, immediates: [] },
  'waitable.join': { code: 0x23, immediates: [] },
  'backpressure.inc': { code: 0x24, immediates: [] },
  'backpressure.dec': { code: 0x25, immediates: [] },
  'thread.index': { code: 0x26, immediates: [] },
  'thread.new-indirect': { code: 0x27, immediates: ['core type', 'table'] },
  'thread.resume-later': { code: 0x28, immediates: [] },
  'thread.suspend': { code: 0x29, immediates: ['cancellable'] },
  'thread.suspend-then-resume': { code: 0x2a, immediates: ['cancellable'] },
  'thread.yield-then-resume': { code: 0x2b, immediates: ['cancellable'] },
  'thread.suspend-then-promote': { code: 0x2c, immediates: ['cancellable'] },
  'thread.yield-then-promote': { code: 0x2d, immediates: ['cancellable'] },
  'thread.spawn-ref': { code: 0x40, immediates: ['shared', 'core type'] },
  'thread.spawn-indirect': { code: 0x41, immediates: ['shared', 'core type', 'table'] },
  'thread.available-parallelism': { code: 0x42, immediates: ['shared'] },
} as const satisfies Readonly<Record<string, CanonRow>>;

export type CanonName = keyof typeof CANONS;

const BY_CODE: ReadonlyMap<number, CanonName> = new Map(
  (Object.keys(CANONS) as CanonName[]).map((name) => [CANONS[name].code, name]),
);

/** The built-in with this code; undefined if there is none. */
export function canonByCode(code: number): CanonName | undefined {
  return BY_CODE.get(code);
}

/** The built-in of this name; undefined if there is none. */
export function canonByName(name: string): CanonName | undefined {
  return Object.hasOwn(CANONS, name) ? (name as CanonName) : undefined;
}

/** The immediates of a built-in in their order. */
export function canonImmediates(name: CanonName): readonly CanonImmediate[] {
  return CANONS[name].immediates;
}
