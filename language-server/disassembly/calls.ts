/**
 * Who calls whom in a whole binary, for the documents of its functions.
 *
 * Instructions are read once a module; places are found in the texts of the functions alone that an answer is about.
 */

import { type CallHierarchyItem, SymbolKind } from 'vscode-languageserver';
import type { Module } from '../../engine/module/module.ts';
import { disassemblyIds } from '../../engine/symbols/disassembly.ts';
import { type Calls, instructionCalls, writtenCalls } from '../facts/calls.ts';
import { signatureOf } from '../facts/item.ts';
import { rangeOf } from '../facts/places.ts';
import type { Turns } from '../facts/turns.ts';
import type { DisassembledModule } from './analysis.ts';
import { START } from './functions.ts';
import { fieldsDocument, targetOf } from './targets.ts';
import { funcUri } from './texts.ts';

const KNOWN = new WeakMap<Module, Calls<number>>();

export async function callsInBinary(from: DisassembledModule, turns: Turns): Promise<Calls<number>> {
  const { module } = from;
  const known = KNOWN.get(module);
  if (known) return known;
  const calls = await instructionCalls(module, turns);
  const [fields] = fieldsDocument(from, true).modules;
  const { referenced } = await writtenCalls(fields, turns);
  const all = { ...calls, referenced: new Set([...referenced, ...calls.referenced]) };
  KNOWN.set(module, all);
  return all;
}

/** A function of the binary as its own document shows it, or as an import; undefined if there is none. */
export function functionItem(from: DisassembledModule, idx: number): CallHierarchyItem | undefined {
  const { module, origin } = from;
  const func = module.funcs[idx];
  if (!func) return undefined;
  const item = { space: 'func', idx } as const;
  const named = {
    name: disassemblyIds(module, origin.options).id('func', idx) ?? `func ${idx}`,
    kind: SymbolKind.Function,
    detail: signatureOf(from, item) ?? '',
    data: { module: 0, func: idx },
  };
  if (func.body) {
    const uri = funcUri(origin.program, module, idx, origin);
    return { ...named, uri, range: START, selectionRange: START };
  }
  const target = targetOf(from, item);
  if (!target) return undefined;
  const { analysis, def } = target;
  const imported = module.imports.find((one) => one.kind === 'func' && one.idx === idx);
  return {
    ...named,
    ...(imported && {
      detail: `import ${JSON.stringify(imported.module)} ${JSON.stringify(imported.name)}`,
    }),
    uri: analysis.document.uri,
    range: rangeOf(analysis, def.field),
    selectionRange: rangeOf(analysis, def.span),
  };
}
