/**
 * The functions of a binary by their names: as its documents write them, as linkers did, and by index.
 */

import { funcTypeAt, type Module } from '../../engine/module/module.ts';
import { demangle } from '../../engine/symbols/demangle.ts';
import { type DisassemblyOptions, readableName } from '../../engine/symbols/disassembly.ts';
import { funcTypeText } from '../facts/signature.ts';
import type { ListedFunction } from '../protocol.ts';
import { funcUri } from './texts.ts';

/** All functions with code; `options`: how their documents are written. */
export function functionsOf(program: string, module: Module, options: DisassemblyOptions): ListedFunction[] {
  const out: ListedFunction[] = [];
  module.funcs.forEach(({ typeIdx, body }, idx) => {
    if (!body) return;
    const linked = module.names.of('func', idx);
    const name = linked === undefined ? undefined : readableName(linked);
    const type = funcTypeAt(module, typeIdx);
    out.push({
      idx,
      ...(name !== undefined && { name }),
      ...(linked !== name && { linked, full: linked && demangle(linked) }),
      detail: type ? funcTypeText(module, type) : '',
      size: body.range.end - body.range.start,
      uri: funcUri(program, module, idx, { options }),
    });
  });
  return out;
}
