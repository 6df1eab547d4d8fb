/**
 * The open labels of a frame as variables: what a branch to each of them does, and where it goes on.
 */

import type { WasmFrame } from '../exec/frame.ts';
import type { ValType } from '../isa/types.ts';
import { openAt } from './blocks.ts';
import type { LoadedProgram } from './load.ts';
import { typeText } from './ref-values.ts';
import type { Variable } from './variables.ts';

/** Innermost label first: `br 0` is the first one. */
export function labelsOf(program: LoadedProgram, frame: WasmFrame): Variable[] {
  const { controls } = frame.stack;
  const { idx } = frame.func;
  const carrying = (types: readonly ValType[]): string =>
    types.length > 0 ? ` with [${types.map((type) => typeText(program.module, type)).join(' ')}]` : '';
  const open = openAt(program.blocksOf(idx), frame.offset);
  return open.reverse().map((block, i): Variable => {
    const { results } = controls[open.length - 1 - i];
    const name = block.name === undefined ? '' : ` $${block.name}`;
    if (block.keyword === 'func') {
      return { name: `${i}: func`, text: () => `br ${i} → returns${carrying(results)}` };
    }
    const loop = block.keyword === 'loop';
    const text = loop
      ? `br ${i} → continues at loop start`
      : `br ${i} → leaves the ${block.keyword}${carrying(results)}`;
    const what = loop ? 'continues' : 'goes on';
    const place = program.place(idx, loop ? block.start : block.end);
    return { name: `${i}: ${block.keyword}${name}`, text: () => text, origin: { what, place } };
  });
}
