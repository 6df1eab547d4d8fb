/**
 * The functions of a binary by their names: as its documents write them, as linkers did, and by index.
 */

import { SymbolInformation, SymbolKind } from 'vscode-languageserver';
import { funcTypeAt, type Module } from '../../engine/module/module.ts';
import { demangle } from '../../engine/symbols/demangle.ts';
import { type DisassemblyOptions, readableName } from '../../engine/symbols/disassembly.ts';
import { funcTypeText } from '../facts/signature.ts';
import type { ListedFunction } from '../protocol.ts';
import { funcUri } from './texts.ts';

const named = new WeakMap<Module, readonly (readonly [idx: number, name: string])[]>();

/** Functions with code whose names match, as symbols of their documents; `most` of them. */
export function functionSymbols(
  program: string,
  module: Module,
  matches: (name: string) => boolean,
  most: number,
): SymbolInformation[] {
  let names = named.get(module);
  if (!names) {
    names = module.funcs.flatMap(({ body }, idx) => {
      const name = body && module.names.of('func', idx);
      return name === undefined ? [] : [[idx, readableName(name)] as const];
    });
    named.set(module, names);
  }
  const found: SymbolInformation[] = [];
  const file = program.slice(program.lastIndexOf('/') + 1);
  for (const [idx, name] of names) {
    if (found.length >= most) break;
    if (!matches(name)) continue;
    const uri = funcUri(program, module, idx, { options: {} });
    found.push(SymbolInformation.create(name, SymbolKind.Function, START, uri, file));
  }
  return found;
}

/** A function's document begins with its name. */
export const START = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

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
