/**
 * Short names of disassembled documents inside one program: the function's index, `module` for the whole of it, or
 * `fields` for everything but its functions; with the options that the text is written with behind it where it has some
 * (`12?folded.offsets`). Their URIs are disassembly-uri.ts's business.
 */

import { DISASSEMBLY_OPTIONS, type DisassemblyOptions } from './disassembly.ts';

/** What of a module a document shows: a function by its index, all of it, or its fields without the functions. */
export type Part = number | 'module' | 'fields';

export type DisassemblyDoc = Part | `${Part}?${string}`;

/** The document of a part that is written with these options. */
export function disassemblyDoc(part: Part, options: DisassemblyOptions): DisassemblyDoc {
  const words = optionWords(options);
  return words === '' ? part : `${part}?${words}`;
}

/** What a document's name says. */
export function parseDoc(doc: DisassemblyDoc): { part: Part; options: DisassemblyOptions } {
  const [what, words = ''] = String(doc).split('?');
  const part = what === 'module' || what === 'fields' ? what : Number(what);
  return { part, options: optionsOf(words) };
}

/** `folded.offsets`: the options that are on, as names of documents have them. */
export function optionWords(options: DisassemblyOptions): string {
  return DISASSEMBLY_OPTIONS.filter((option) => options[option]).join('.');
}

/** The options of a document's name; words that mean nothing are left out. */
export function optionsOf(words: string): DisassemblyOptions {
  const on = DISASSEMBLY_OPTIONS.filter((option) => words.split('.').includes(option));
  return Object.fromEntries(on.map((option) => [option, true]));
}
