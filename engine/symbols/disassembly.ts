/**
 * The disassembly of a binary's functions: the one text that the debugger, the language server and the module editor
 * show for them.
 *
 * How it is written is a part of a document's name (disassembly-uri.ts), so all of them print the same text for the
 * same document whatever anybody's settings say, and lines and columns agree.
 */

import type { Module } from '../module/module.ts';
import { idsOf, type ModuleIds } from '../text/ids.ts';
import { withOffsets } from '../text/margin.ts';
import {
  type Printed,
  type PrintOptions,
  printDeclarations,
  printFields,
  printFunc,
  printModule,
} from '../text/print.ts';
import { demangle, shortName } from './demangle.ts';
import { nameWord } from './disassembly-uri.ts';

/** How a disassembled document is written. Without any of them: flat, no offsets, names demangled. */
export interface DisassemblyOptions {
  /** Nest operands in their instructions instead of one instruction a line. */
  readonly folded?: boolean;
  /** Put the byte offset of each line's first instruction in front of it, as a comment. */
  readonly offsets?: boolean;
  /** Leave the names of C++ and Rust as linkers wrote them. */
  readonly mangled?: boolean;
}

/** The names of the options, in the order in which documents' names have them. */
export const DISASSEMBLY_OPTIONS = [
  'folded',
  'offsets',
  'mangled',
] as const satisfies readonly (keyof DisassemblyOptions)[];

/** The document `func-<idx>-<name>.wat`: the text of a defined function and its map to byte offsets. */
export function disassembleFunc(module: Module, funcIdx: number, options: DisassemblyOptions = {}): Printed {
  return laidOut(module, printFunc(module, funcIdx, printOptions(options)), options);
}

/** The document `module.wat`: a whole module, meant for small ones. */
export function disassembleModule(module: Module, options: DisassemblyOptions = {}): Printed {
  return laidOut(module, printModule(module, printOptions(options)), options);
}

/** The document `fields.wat`: everything of a module but its functions; long segments are cut. */
export function disassembleFields(module: Module, options: DisassemblyOptions = {}): Printed {
  return laidOut(module, printFields(module, printOptions(options)), options);
}

/** How `fields.wat` begins: without its segments, which are what makes it long. */
export function disassembleDeclarations(module: Module, options: DisassemblyOptions = {}): Printed {
  return laidOut(module, printDeclarations(module, printOptions(options)), options);
}

/** The names that documents of a module are written with. */
export function disassemblyIds(module: Module, options: DisassemblyOptions = {}): ModuleIds {
  return idsOf(module, printOptions(options).rename);
}

/**
 * The function that a document shows whose URI says `idx` and `word` (the name as URIs write it): in another build the
 * function of that name may have another index. Undefined if there is no such function with code.
 */
export function funcOfDocument(
  { funcs, names }: Module,
  idx: number,
  word: string | undefined,
  options: DisassemblyOptions,
): number | undefined {
  const isCalled = (i: number): boolean => {
    const name = names.of('func', i);
    return name !== undefined && nameWord(options.mangled ? name : readableName(name)) === word;
  };
  if (word !== undefined && !isCalled(idx)) {
    const called = [...funcs.keys()].filter((i) => funcs[i].body && isCalled(i));
    if (called.length === 1) return called[0];
  }
  return funcs[idx]?.body && idx;
}

/** A name as people should read it: C++ and Rust demangled and in short, everything else as it is. */
export function readableName(name: string): string {
  const demangled = demangle(name);
  return demangled === undefined ? name : shortName(demangled) || demangled;
}

function printOptions({ folded, mangled }: DisassemblyOptions): PrintOptions {
  return { folded, rename: mangled ? undefined : readableName, customs: false };
}

function laidOut(module: Module, printed: Printed, { offsets }: DisassemblyOptions): Printed {
  return offsets ? withOffsets(printed, module.bytes.length) : printed;
}
