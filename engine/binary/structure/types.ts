/**
 * The fields of types: recursion groups, and the types of functions, tables, memories, globals and tags (spec 5.3).
 *
 * What is no label is types.ts's: the bytes that start a type and the readers of value types come from there.
 */

import { malformed } from '../../base/errors.ts';
import { I8, I16 } from '../../isa/types.ts';
import { badTypeByte, readRefType, readZero, TYPE_BYTE } from '../types.ts';
import type { Grammar, Walker } from './walker.ts';

/** One entry of the type section, whose first type has the index `first`. Says how many types it has. */
export function recType(w: Walker, first: number): number {
  if (w.r.peek() !== TYPE_BYTE.rec) {
    subType(w);
    return 1;
  }
  w.byte('recursion group');
  const n = w.count();
  w.items(n, (items, i) => items.group('type', 'type', subType, first + i));
  return n;
}

function subType(w: Walker): void {
  const byte = w.r.peek();
  if (byte === TYPE_BYTE.sub || byte === TYPE_BYTE.subFinal) {
    w.byte(byte === TYPE_BYTE.sub ? 'sub' : 'sub final');
    const n = w.count('count of supertypes');
    w.items(n, (items) => items.u32('supertype', 'type'));
  }
  compositeType(w);
}

function compositeType(w: Walker): void {
  const start = w.pos;
  const byte = w.r.peek();
  switch (byte) {
    case TYPE_BYTE.func:
      w.byte('func');
      resultType(w, 'parameter');
      resultType(w, 'result');
      break;
    case TYPE_BYTE.struct: {
      w.byte('struct');
      const n = w.count('count of fields');
      w.items(n, (items, i) => items.group('entry', 'field', fieldType, i));
      break;
    }
    case TYPE_BYTE.array:
      w.byte('array');
      fieldType(w);
      break;
    default:
      if (byte < 0) w.r.unexpectedEnd();
      badTypeByte(start, byte, 'malformed definition type');
  }
}

function resultType(w: Walker, what: string): void {
  const n = w.count(`count of ${what}s`);
  w.items(n, (items) => items.valType(what));
}

function fieldType(w: Walker): void {
  const { r } = w;
  const start = r.pos;
  const byte = r.peek();
  if (byte === I8 || byte === I16) w.leaf('storage type', 'valtype', start, r.u8());
  else w.valType('storage type');
  mutability(w);
}

function mutability(w: Walker): void {
  const start = w.pos;
  if (w.byte('mutability') > 1) malformed(start, 'malformed mutability');
}

const HAS_MAX = 1;
const HAS_PAGE_SIZE = 8;

export function memoryType(w: Walker): void {
  const start = w.pos;
  const flags = w.byte('limits flags', 'flags');
  // As in the decoder: the suite gives nothing behind a flag that it does not know.
  if (flags > 15 || (flags & HAS_PAGE_SIZE && w.r.left < 2)) malformed(start, 'malformed limits flags');
  limits(w, flags, 'pages');
  if ((flags & HAS_PAGE_SIZE) === 0) return;
  const at = w.pos;
  if (w.u32('log2 of the page size') > 63) malformed(at, 'invalid custom page size');
}

export function tableType(w: Walker): void {
  refType(w, 'element type');
  const start = w.pos;
  const flags = w.byte('limits flags', 'flags');
  if ((flags & ~5) !== 0) malformed(start, 'malformed limits flags');
  limits(w, flags, 'elements');
}

function limits(w: Walker, flags: number, unit: string): void {
  w.u64(`minimum, in ${unit}`);
  if (flags & HAS_MAX) w.u64(`maximum, in ${unit}`);
}

export function globalType(w: Walker): void {
  w.valType('value type');
  mutability(w);
}

export function tagType(w: Walker): void {
  zero(w, 'attribute');
  w.u32('type index', 'type');
}

/** A reference type: any other value type is malformed. */
export function refType(w: Walker, label: string): void {
  const start = w.pos;
  readRefType(w.r);
  w.r.pos = start;
  w.valType(label);
}

export function zero(w: Walker, label: string): void {
  const start = w.pos;
  readZero(w.r);
  w.leaf(label, 'byte', start, 0);
}

/** The type of what is imported or exported; `func` reads a function's, which is an index. False if there is no such kind. */
export function importedType(w: Walker, kind: string | undefined, func: Grammar): boolean {
  switch (kind) {
    case 'func':
      func(w);
      return true;
    case 'table':
      tableType(w);
      return true;
    case 'memory':
      memoryType(w);
      return true;
    case 'global':
      globalType(w);
      return true;
    case 'tag':
      tagType(w);
      return true;
    default:
      return false;
  }
}
