/**
 * What expressions give that is no value of WebAssembly: bytes of a memory and texts in it; and the calls that one
 * wants made before it is computed. Knows no frames.
 */

import { usage } from '../base/errors.ts';
import { tryDecodeUtf8 } from '../base/utf8.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { MemInst } from '../runtime/memory.ts';
import { i32, type Value } from '../runtime/values.ts';
import { writeNumber } from './assign.ts';
import type { CallExpression, Expression } from './expressions.ts';
import { integerText } from './number-text.ts';
import type { Variable } from './variables.ts';
import type { Item } from './wire.ts';

/** A range of bytes of a memory. */
export interface ByteRange {
  readonly memory: number;
  readonly from: number;
  readonly count: number;
}

/** A call that an expression wants made. */
export interface WantedCall {
  readonly node: CallExpression;
  /** As it is written. */
  readonly text: string;
  /** What to call, once the calls in its arguments are made. Throws a usage fault. */
  prepare(results: ReadonlyMap<CallExpression, readonly Value[]>): {
    func: FuncInst;
    args: Value[];
    name: string;
  };
}

/** What calls gave, by how they are written: of the same text the first, the second … */
export type Called = readonly { readonly text: string; readonly results: readonly Value[] }[];

/** A text is read so far at most when nothing ends it. */
const MOST_TEXT = 4096;
/** Bytes of a range that are shown in its value. */
const MOST_SHOWN = 16;

/** The calls in an expression, inner ones first. */
export function callsIn(expression: Expression): CallExpression[] {
  switch (expression.kind) {
    case 'call':
      return [...expression.args.flatMap(callsIn), expression];
    case 'unary':
      return callsIn(expression.operand);
    case 'binary':
      return [...callsIn(expression.left), ...callsIn(expression.right)];
    case 'element':
      return [...callsIn(expression.base), ...callsIn(expression.index)];
    case 'range':
      return [...callsIn(expression.from), ...callsIn(expression.count)];
    case 'member':
      return callsIn(expression.base);
    case 'find':
      return expression.from ? callsIn(expression.from) : [];
    case 'instr':
      return expression.operands.flatMap(callsIn);
    default:
      return [];
  }
}

/** The results of the calls in an expression, which is a part of `text`, by what was called before. */
export function boundCalls(
  expression: Expression,
  text: string,
  called: Called,
): Map<CallExpression, readonly Value[]> {
  const bound = new Map<CallExpression, readonly Value[]>();
  const left = [...called];
  for (const node of callsIn(expression)) {
    const own = text.slice(node.span.start, node.span.end);
    const at = left.findIndex((call) => call.text === own);
    if (at >= 0) bound.set(node, left.splice(at, 1)[0].results);
  }
  return bound;
}

/** `68 65 6c 6c 6f "hello"`: bytes to look into one by one. Throws a usage fault for what is out of bounds. */
export function bytesItem(memory: MemInst, range: ByteRange, name: string, frame: number): Item {
  const bytes = bytesAt(memory, range);
  const shown = bytes.subarray(0, MOST_SHOWN);
  const digits = Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const chars = Array.from(shown, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  ).join('');
  const more = bytes.length > MOST_SHOWN ? ' …' : '';
  return {
    name,
    expression: name,
    value: `${digits}${more} "${chars}"${more}`,
    type: `${range.count} ${range.count === 1 ? 'byte' : 'bytes'}`,
    container: { kind: 'bytes', frame, ...range },
    count: range.count,
    paged: true,
    memory: range.memory,
    readOnly: true,
  };
}

/** One byte of a range, `at` bytes behind its begin. */
export function byteVariable(memory: MemInst, { memory: idx, from }: ByteRange, at: number): Variable {
  const address = from + at;
  const name = `[${at}]`;
  const byte = memory.bytes[address];
  if (byte === undefined) return { name, text: () => 'out of bounds' };
  const char = byte >= 0x20 && byte < 0x7f ? ` '${String.fromCharCode(byte)}'` : '';
  return {
    name,
    expression: `${idx === 0 ? 'mem' : `memory[${idx}]`}[0x${address.toString(16)}].u8`,
    type: 'u8',
    value: i32(byte),
    text: ({ hex }) => integerText(BigInt(byte), 8, hex, false) + char,
    set: (text) => {
      writeNumber(memory, BigInt(address), 'u8', text);
    },
  };
}

/** `"hello"`: the text from an address to the next zero, or all of a range. */
export function textAt(memory: MemInst, from: number, count?: number): string {
  if (count !== undefined) return quoted(bytesAt(memory, { memory: 0, from, count }));
  const { length } = memory.bytes;
  if (!(from < length)) usage(`out of bounds memory access: address ${from}, memory is ${length} bytes`);
  const window = memory.bytes.subarray(from, from + MOST_TEXT);
  const end = window.indexOf(0);
  return end < 0 ? `${quoted(window)} …` : quoted(window.subarray(0, end));
}

function bytesAt(memory: MemInst, { from, count }: ByteRange): Uint8Array {
  memory.refresh();
  const { length } = memory.bytes;
  if (!(count >= 0)) usage(`a number of bytes expected, found ${count}`);
  if (from + count > length) {
    usage(`out of bounds memory access: address ${from} + ${count} bytes, memory is ${length} bytes`);
  }
  return memory.bytes.subarray(from, from + count);
}

/** As the text format writes a string; bytes that are no UTF-8 stand as `\ff`. */
function quoted(bytes: Uint8Array): string {
  const text = tryDecodeUtf8(bytes);
  const plain =
    text ?? Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : hexEscape(byte))).join('');
  const escaped = plain.replace(
    /[\u0000-\u001f"\u007f]|\\(?![0-9a-f]{2})/g,
    (char) => SHORT[char] ?? hexEscape(char.charCodeAt(0)),
  );
  return `"${escaped}"`;
}

const SHORT: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

function hexEscape(byte: number): string {
  return `\\${byte.toString(16).padStart(2, '0')}`;
}
