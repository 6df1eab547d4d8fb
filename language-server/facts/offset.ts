/**
 * The offset of an instruction by its place in the text, within the function around it.
 *
 * The map can be asked by text too, but has to be sorted for it: after an edit that takes longer than reading one
 * function.
 */

import { WasmError } from '../../engine/base/errors.ts';
import { instrReader } from '../../engine/binary/instr.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { fieldAt } from './place.ts';

/** How many instructions of a function are read for one request: farther in, places have no offset. */
const MOST = 50_000;

/** Of the instruction whose head begins at `pos`, in the body of a function; -1 if there is none. */
export function offsetOf({ tree, assembly, module }: ModuleAnalysis, pos: number): number {
  const field = fieldAt(tree, assembly.fields, pos);
  const body = field?.kind === 'func' ? module?.funcs[field.idx]?.body : undefined;
  if (!module || !body) return -1;
  const reader = instrReader(module);
  reader.startBody(body.codeStart, body.range.end);
  try {
    for (let i = 0; i < MOST && reader.next(); i++) {
      if (assembly.map.exactSpan(reader.offset)?.start === pos) return reader.offset;
    }
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
  return -1;
}
