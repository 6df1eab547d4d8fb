/**
 * Where items of a module are defined, seen from a document that shows only a part of it: a function's own document, or
 * a line of the document of the module's other fields.
 */

import type { Location } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Module } from '../../engine/module/module.ts';
import { disassembleDeclarations } from '../../engine/symbols/disassembly.ts';
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
  const isOwnFunc = item.space === 'func' && from.module.funcs[item.idx]?.body !== undefined;
  const isSegment = item.space === 'elem' || item.space === 'data';
  const analysis = isOwnFunc ? funcDocument(from, item.idx) : fieldsDocument(from, isSegment);
  const [module] = analysis.modules;
  const def = definitionOf(module, item);
  return def && { analysis, module, def };
}

/** Where an item is defined: in the document that uses it, or, of a part of a binary, in another one. */
export function definitionFrom(analysis: Analysis, module: ModuleAnalysis, item: Item): Target | undefined {
  const def = definitionOf(module, item);
  return def ? { analysis, module, def } : targetOf(module, item);
}

export function locationOf({ analysis: { document }, def: { span } }: Target): Location {
  return {
    uri: document.uri,
    range: { start: document.positionAt(span.start), end: document.positionAt(span.end) },
  };
}

const fields = new WeakMap<Module, Map<string, DisassembledAnalysis>>();

/**
 * The document of a module's fields that are no functions, written as `from` is. Segments come last, and there may be a
 * hundred thousand: they are left out unless they are wanted.
 */
export function fieldsDocument(
  { origin, module }: DisassembledModule,
  withSegments: boolean,
): DisassembledAnalysis {
  const { options, program } = origin;
  let known = fields.get(module);
  if (!known) fields.set(module, (known = new Map()));
  const uri = moduleDisassemblyUri(program, options, 'fields');
  const key = `${withSegments} ${uri}`;
  let analysis = known.get(key);
  if (!analysis) {
    const part = { ...origin, part: 'fields' } as const;
    const { text } = withSegments ? printed(module, part)! : disassembleDeclarations(module, options);
    analysis = analysisOf(uri, text, part, module);
    known.set(key, analysis);
  }
  return analysis;
}

/** The document of a function, as much of it as is needed to find its definition. */
function funcDocument({ origin, module }: DisassembledModule, idx: number): DisassembledAnalysis {
  const part = { ...origin, part: idx };
  return analysisOf(funcUri(origin.program, module, idx, part), headOf(printed(module, part)!), part, module);
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
