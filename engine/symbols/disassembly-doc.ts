/**
 * Short names of disassembled documents inside one program: the function's index, with the options that its text is
 * written with behind it where it has some (`12?folded.offsets`). Their URIs are disassembly-uri.ts's business.
 */

import { DISASSEMBLY_OPTIONS, type DisassemblyOptions } from './disassembly.ts';

export type DisassemblyDoc = number | `${number}?${string}`;

/** The document of a function that is written with these options. */
export function disassemblyDoc(funcIdx: number, options: DisassemblyOptions): DisassemblyDoc {
  const words = optionWords(options);
  return words === '' ? funcIdx : `${funcIdx}?${words}`;
}

/** What a document's name says. */
export function parseDoc(doc: DisassemblyDoc): { funcIdx: number; options: DisassemblyOptions } {
  if (typeof doc === 'number') return { funcIdx: doc, options: {} };
  const [index, words] = doc.split('?');
  return { funcIdx: Number(index), options: optionsOf(words) };
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
