/**
 * Where items of a module are defined, seen from a document that shows only a part of it: a function's own document, or
 * a line of the document of the module's other fields.
 */

import type { Location } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Module } from '../../engine/module/module.ts';
import { disassemblyDoc } from '../../engine/symbols/disassembly-doc.ts';
import { moduleDisassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import type { Printed } from '../../engine/text/print.ts';
import type { Def } from '../../engine/text/symbols.ts';
import type { Analysis } from '../analysis.ts';
import { definitionOf, type Item } from '../facts/item.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { DisassembledAnalysis, DisassembledModule, type PartialDocument } from './analysis.ts';
import { funcUri, printed } from './texts.ts';

/** A definition and the document that it stands in. */
export interface Target {
  readonly analysis: Analysis;
  readonly module: ModuleAnalysis;
  readonly def: Def;
}

/** Where an item is defined that `from` uses; undefined if `from` is no part of a module, or there is no such item. */
export function targetOf(from: ModuleAnalysis, item: Item): Target | undefined {
  if (!(from instanceof DisassembledModule) || item.idx < 0) return undefined;
  const { origin, module } = from;
  const isOwnFunc = item.space === 'func' && module.funcs[item.idx]?.body !== undefined;
  const analysis = documentOf(module, { ...origin, part: isOwnFunc ? item.idx : 'fields' });
  const [target] = analysis?.modules ?? [];
  const def = target && definitionOf(target, item);
  return def && { analysis: analysis!, module: target, def };
}

export function locationOf({ analysis: { document }, def: { span } }: Target): Location {
  return {
    uri: document.uri,
    range: { start: document.positionAt(span.start), end: document.positionAt(span.end) },
  };
}

const fields = new WeakMap<Module, Map<unknown, DisassembledAnalysis>>();

/** The document of a part of a module. Of a function, as much as is needed to find its definition. */
function documentOf(module: Module, origin: PartialDocument): DisassembledAnalysis | undefined {
  const { part, options, program } = origin;
  if (part !== 'fields') {
    const text = printed(module, origin);
    const uri = funcUri(program, module, part, origin);
    return text && analysisOf(uri, headOf(text), origin, module);
  }
  let known = fields.get(module);
  if (!known) fields.set(module, (known = new Map()));
  const key = `${program} ${disassemblyDoc(part, options)}`;
  let analysis = known.get(key);
  if (!analysis) {
    const uri = moduleDisassemblyUri(program, options, 'fields');
    analysis = analysisOf(uri, printed(module, origin)!.text, origin, module);
    known.set(key, analysis);
  }
  return analysis;
}

function analysisOf(
  uri: string,
  text: string,
  origin: PartialDocument,
  module: Module,
): DisassembledAnalysis {
  return new DisassembledAnalysis({ document: TextDocument.create(uri, 'wat', 0, text) }, origin, module);
}

/** A function's text without its instructions, which may be many. */
function headOf({ text, map }: Printed): string {
  let end = text.length - 1;
  for (const { span } of map.instructions()) end = Math.min(end, span.start);
  return `${text.slice(0, end).replace(/\($/, '')})`;
}
