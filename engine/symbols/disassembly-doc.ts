/**
 * Short names of disassembled documents inside one program: the function's index, or `module` for the whole of it, with
 * the options that the text is written with behind it where it has some (`12?folded.offsets`). Their URIs are
 * disassembly-uri.ts's business.
 */

import { DISASSEMBLY_OPTIONS, type DisassemblyOptions } from './disassembly.ts';

export type DisassemblyDoc = number | 'module' | `${number}?${string}` | `module?${string}`;

/** The document of a function that is written with these options; of the whole module without an index. */
export function disassemblyDoc(funcIdx: number | undefined, options: DisassemblyOptions): DisassemblyDoc {
  const words = optionWords(options);
  const what = funcIdx ?? 'module';
  return words === '' ? what : `${what}?${words}`;
}

/** What a document's name says. */
export function parseDoc(doc: DisassemblyDoc): { funcIdx: number | undefined; options: DisassemblyOptions } {
  const [what, words = ''] = String(doc).split('?');
  return { funcIdx: what === 'module' ? undefined : Number(what), options: optionsOf(words) };
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
