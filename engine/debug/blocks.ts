/**
 * The blocks of a function: where each begins and ends, and what it is called. One walk over the function's bytes,
 * without types, so that the labels of a large function cost a search at each stop and not a validation.
 */

import { instrReader } from '../binary/instr.ts';
import { instrByCode } from '../isa/isa.ts';
import type { Module } from '../module/module.ts';

export interface Block {
  /** `block`, `loop`, `if`, `try_table` or `try`; `func` for the whole body. */
  readonly keyword: string;
  readonly name: string | undefined;
  /** Offset of the instruction that opens it, and of the `end` (or `delegate`) that closes it. */
  readonly start: number;
  readonly end: number;
  /** Index of the block around it; -1 for the body. */
  readonly parent: number;
}

/** The blocks of a defined function in the order of their starts, the body first. */
export function blocksOf(module: Module, funcIdx: number): readonly Block[] {
  const { codeStart, range } = module.funcs[funcIdx].body!;
  const reader = instrReader(module);
  const blocks: { -readonly [K in keyof Block]: Block[K] }[] = [];
  const open: number[] = [];
  const begin = (keyword: string, name: string | undefined, start: number): void => {
    blocks.push({ keyword, name, start, end: start, parent: open.at(-1) ?? -1 });
    open.push(blocks.length - 1);
  };
  begin('func', undefined, codeStart);
  reader.startBody(codeStart, range.end);
  while (reader.next()) {
    if (reader.depth > open.length) {
      const { name } = instrByCode(reader.code)!;
      begin(name, module.names.label(funcIdx, blocks.length - 1), reader.offset);
    } else if (reader.depth < open.length) {
      blocks[open.pop()!].end = reader.offset;
    }
  }
  return blocks;
}

/** The blocks that are open before the instruction at `offset`, outermost first. */
export function openAt(blocks: readonly Block[], offset: number): Block[] {
  let low = 1;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].start < offset) low = middle + 1;
    else high = middle;
  }
  const open: Block[] = [];
  for (let i = low - 1; i >= 0; i = blocks[i].parent) {
    if (i === 0 || blocks[i].end >= offset) open.push(blocks[i]);
  }
  return open.reverse();
}
