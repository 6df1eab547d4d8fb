/**
 * Values in component text (Explainer.md, Value Definitions): read by their types, written as Binary.md has them.
 *
 * Only types that the scope itself defines are known here; a value of another type is written as `(binary …)`.
 */

import { parseFloat32, parseFloat64, parseInt64 } from '../../base/numbers.ts';
import { ByteWriter } from '../../base/writer.ts';
import { Tok } from '../../text/lexer.ts';
import { stringBytes, writeString } from '../../text/strings.ts';
import type { Unplaced } from '../binary/encode.ts';
import type { DefType, PrimType, ValTypeRef } from '../model.ts';
import type { ComponentCursor } from './cursor.ts';
import type { Reader } from './reader.ts';

/** Reads a value of this type. Returns its bytes. */
export function readValue(r: Reader, type: ValTypeRef): Uint8Array {
  const { cursor } = r;
  const w = new ByteWriter();
  if (cursor.isFormOf('binary')) {
    cursor.openForm();
    while (cursor.kind === Tok.String) writeString(w, cursor.tokens, cursor.take());
    cursor.close();
  } else value(r, w, type);
  return w.toBytes();
}

function value(r: Reader, w: ByteWriter, type: ValTypeRef): void {
  const { cursor } = r;
  if (typeof type === 'string') {
    prim(r, w, type);
    return;
  }
  const def = defOf(r, type);
  if (def?.kind === 'prim') {
    prim(r, w, def.prim);
    return;
  }
  switch (def?.kind) {
    case 'record':
      form(r, 'record', () => {
        for (const field of def.fields) value(r, w, field.type);
      });
      break;
    case 'tuple':
      form(r, 'tuple', () => {
        for (const one of def.types) value(r, w, one);
      });
      break;
    case 'list': {
      const items = new ByteWriter();
      let count = 0;
      const token = cursor.at;
      form(r, 'list', () => {
        for (; !cursor.isClose(); count++) value(r, items, def.element);
      });
      if (def.length === undefined) w.u32(count);
      else if (count !== def.length) {
        cursor.fail(`expected ${def.length} elements, found ${count}`, token);
      }
      w.bytes(items.view());
      break;
    }
    case 'variant':
      form(r, 'variant', () => {
        const token = cursor.at;
        const label = cursor.name('the name of a case');
        const i = def.cases.findIndex((one) => one.label === label);
        if (i < 0) cursor.fail(`unknown case \`${label}\``, token);
        w.u32(i);
        const payload = def.cases[i].type;
        if (payload !== undefined) value(r, w, payload);
      });
      break;
    case 'enum':
      form(r, 'enum', () => w.u32(labelIndex(r, def.labels)));
      break;
    case 'flags': {
      const bits = new Uint8Array(Math.ceil(def.labels.length / 8));
      form(r, 'flags', () => {
        while (!cursor.isClose()) {
          const i = labelIndex(r, def.labels);
          bits[i >> 3] |= 1 << (i & 7);
        }
      });
      w.bytes(bits);
      break;
    }
    case 'option':
      if (cursor.tryKeyword('none')) w.u8(0);
      else {
        w.u8(1);
        form(r, 'some', () => value(r, w, def.type));
      }
      break;
    case 'result': {
      const isOk = cursor.keyword() === 'ok' || cursor.isFormOf('ok');
      const word = isOk ? 'ok' : 'error';
      const payload = isOk ? def.ok : def.error;
      w.u8(isOk ? 0 : 1);
      if (payload === undefined) {
        if (!cursor.tryKeyword(word)) cursor.unexpected('ok or error');
      } else form(r, word, () => value(r, w, payload));
      break;
    }
    default:
      cursor.unexpected('(binary …): the type of this value is not known here');
  }
}

function form(r: Reader, keyword: string, read: () => void): void {
  const { cursor } = r;
  if (!cursor.isFormOf(keyword)) cursor.unexpected(`(${keyword} …)`);
  cursor.openForm();
  read();
  cursor.close();
}

function labelIndex({ cursor }: Reader, labels: readonly string[]): number {
  const token = cursor.at;
  const label = cursor.name('a name in quotes');
  const i = labels.indexOf(label);
  if (i < 0) cursor.fail(`unknown label \`${label}\``, token);
  return i;
}

function defOf(r: Reader, idx: number): Unplaced<DefType> | undefined {
  for (const { def } of r.scope.items) {
    if (!('idx' in def) || def.idx !== idx) continue;
    if (def.kind === 'type') return def.type;
    // Its name outside.
    if (def.kind === 'export' && def.item.sort === 'type') return defOf(r, def.item.idx);
    if (def.kind === 'import' && def.type.kind === 'type') {
      return typeof def.type.bound === 'string' ? undefined : defOf(r, def.type.bound.eq);
    }
  }
  return undefined;
}

const INT_BITS: Readonly<Partial<Record<PrimType, number>>> = {
  u8: 8, s8: -8, u16: 16, s16: -16, u32: 32, s32: -32, u64: 64, s64: -64,
}; // biome-ignore format: a table

function prim(r: Reader, w: ByteWriter, type: PrimType): void {
  const cursor: ComponentCursor = r.cursor;
  const token = cursor.at;
  const text = cursor.text(token);
  const bits = INT_BITS[type];
  if (bits !== undefined) {
    if (cursor.kind !== Tok.Int) cursor.unexpected(`a number of type ${type}`);
    integer(r, w, text, bits);
  } else if (type === 'bool') {
    if (text !== 'true' && text !== 'false') cursor.unexpected('true or false');
    w.u8(text === 'true' ? 1 : 0);
  } else if (type === 'f32' || type === 'f64') {
    const parsed = type === 'f32' ? parseFloat32(text) : parseFloat64(text);
    if (!parsed.ok || /nan:|[+-]nan/.test(text)) cursor.unexpected('a number');
    if (typeof parsed.value === 'number') w.f32(parsed.value);
    else w.f64Halves(parsed.value.lo, parsed.value.hi);
  } else if (type === 'string') {
    w.name(cursor.name('a text'));
    return;
  } else if (type === 'char') {
    const bytes = /^'.*'$/su.test(text) ? stringBytes(`"${text.slice(1, -1)}"`, 0, text.length) : undefined;
    if (bytes === undefined) cursor.unexpected("a character: 'a'");
    w.bytes(bytes);
  } else cursor.unexpected('(binary …)');
  cursor.take();
}

function integer({ cursor }: Reader, w: ByteWriter, text: string, bits: number): void {
  const parsed = parseInt64(text);
  const width = Math.abs(bits);
  const number = parsed.ok
    ? bits > 0
      ? BigInt.asUintN(64, parsed.value)
      : BigInt.asIntN(64, parsed.value)
    : 0n;
  const low = bits > 0 ? 0n : -(1n << BigInt(width - 1));
  const high = bits > 0 ? (1n << BigInt(width)) - 1n : (1n << BigInt(width - 1)) - 1n;
  if (!parsed.ok || number < low || number > high) cursor.fail('constant out of range', cursor.at);
  if (width === 8) w.u8(Number(number & 0xffn));
  else if (bits > 0) w.u64(number);
  else w.s64(number);
}
