/**
 * A string of a data segment: how many bytes it has, and where in memory they come to stand.
 */

import { ByteReader } from '../../engine/base/reader.ts';
import { Op } from '../../engine/isa/op.gen.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { stringBytes, writtenId } from '../../engine/text/strings.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { counted } from './counted.ts';
import { fieldAt } from './place.ts';

/** How many tokens in front of a string are looked at for its place in the segment. */
const MOST = 50_000;

/** `5 bytes at 0x10 to 0x14 of memory $m`; undefined for strings that are no data. */
export function dataStringText(module: ModuleAnalysis, token: number): string | undefined {
  const { tree, assembly, module: decoded } = module;
  const { tokens } = tree;
  const field = fieldAt(tree, assembly.fields, tokens.starts[token]);
  if (!field || (field.kind !== 'data' && field.kind !== 'memory')) return undefined;
  const inside = field.kind === 'data' ? field.open : tree.parent[token];
  if (tree.parent[token] !== inside || (field.kind === 'memory' && inside === field.open)) return undefined;
  const length = lengthAt(module, token);
  const size = counted(length, 'byte');
  const segment = decoded?.datas[field.kind === 'data' ? field.idx : field.segmentIdx];
  let before = 0;
  if (token - inside > MOST) return size;
  for (let at = inside; at < token; at++) {
    if (tokens.kinds[at] === Tok.String && tree.parent[at] === inside) before += lengthAt(module, at);
  }
  if (!segment || segment.mode === 'passive' || !decoded) {
    return `${size}, from byte ${before} of the segment on`;
  }
  const start = constant(decoded.bytes, segment.at?.start);
  if (start === undefined) return `${size}, from byte ${before} of the segment on`;
  const first = start + BigInt(before);
  const last = first + BigInt(Math.max(length, 1) - 1);
  const name = decoded.names.given('memory', segment.memIdx);
  const memory = name === undefined ? String(segment.memIdx) : writtenId(name);
  const range = length > 1 ? `${hex(first)} to ${hex(last)}` : hex(first);
  return `${size} at ${range} of memory ${memory}`;
}

function lengthAt({ tree }: ModuleAnalysis, token: number): number {
  const { text, starts } = tree.tokens;
  return stringBytes(text, starts[token], starts[token + 1]).length;
}

/** The value of an expression that is one constant. */
function constant(bytes: Uint8Array, offset: number | undefined): bigint | undefined {
  if (offset === undefined) return undefined;
  const r = new ByteReader(bytes, offset, bytes.length);
  const op = r.u8();
  const value =
    op === Op.i32_const
      ? BigInt(r.s32() >>> 0)
      : op === Op.i64_const
        ? BigInt.asUintN(64, r.s64())
        : undefined;
  return r.u8() === Op.end ? value : undefined;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
