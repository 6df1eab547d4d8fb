/**
 * What a binary knows of an item's names beside what a disassembled document calls it: what it is imported from, the
 * whole of what C++ or Rust called a function, and what the linker did.
 */

import { demangle } from '../../engine/symbols/demangle.ts';
import type { Item } from '../facts/item.ts';
import { code } from '../facts/markdown.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { DisassembledModule } from './analysis.ts';

/** Longer names help nobody. */
const MOST = 400;

/** For a hover, in Markdown. Empty for documents that are not disassembled. */
export function namesInBinary(from: ModuleAnalysis, { space, idx }: Item): string[] {
  if (!(from instanceof DisassembledModule)) return [];
  const { module } = from;
  const imported = module.imports.find((item) => item.kind === space && item.idx === idx);
  const facts = imported
    ? [`imported from ${code(`${JSON.stringify(imported.module)} ${JSON.stringify(imported.name)}`)}`]
    : [];
  const name = space === 'func' ? module.names.of('func', idx) : undefined;
  const demangled = name === undefined ? undefined : demangle(name);
  if (name === undefined || demangled === undefined) return facts;
  return [...facts, code(cut(demangled)), `linked as ${code(cut(name))}`];
}

function cut(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
