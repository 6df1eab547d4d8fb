/**
 * The disassembly of a binary's functions: the one text that the debugger, the language server and the module editor
 * show for them. The options stand here so that all of them print the same text, and lines and columns agree.
 */

import type { Module } from '../module/module.ts';
import { type Printed, printFunc, printModule } from '../text/print.ts';

/** How a disassembled document is printed. */
export const DISASSEMBLY_OPTIONS = {} as const;

/** The document `func-<idx>-<name>.wat`: the text of a defined function and its map to byte offsets. */
export function disassembleFunc(module: Module, funcIdx: number): Printed {
  return printFunc(module, funcIdx, DISASSEMBLY_OPTIONS);
}

/** The document `module.wat`: a whole module, meant for small ones. */
export function disassembleModule(module: Module): Printed {
  return printModule(module, DISASSEMBLY_OPTIONS);
}
