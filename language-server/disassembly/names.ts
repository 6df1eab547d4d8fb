/**
 * What a binary knows of a function's name beside what a disassembled document calls it: the whole of what C++ or Rust
 * called it, and what the linker did.
 */

import { demangle } from '../../engine/symbols/demangle.ts';
import type { Item } from '../facts/item.ts';
import { code } from '../facts/markdown.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { DisassembledModule } from './analysis.ts';

/** Longer names help nobody. */
const MOST = 400;

/** For a hover, in Markdown. Empty for everything but functions with mangled names in disassembled documents. */
export function linkerFacts(from: ModuleAnalysis, { space, idx }: Item): string[] {
  if (space !== 'func' || !(from instanceof DisassembledModule)) return [];
  const name = from.module.names.of('func', idx);
  const demangled = name === undefined ? undefined : demangle(name);
  if (name === undefined || demangled === undefined) return [];
  return [code(cut(demangled)), `linked as ${code(cut(name))}`];
}

function cut(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
