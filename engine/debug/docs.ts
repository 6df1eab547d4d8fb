/**
 * Names of documents in a program of several modules: `2/12` is the disassembly of function 12 of the module 2. In a
 * program of one module they are the plain names of symbols/disassembly-doc.ts.
 */

import type { DisassemblyDoc } from '../symbols/disassembly-doc.ts';
import type { Doc, TextDoc } from './wire.ts';

/** The document of a module among several; without a number, of the only one. */
export function docOfModule(module: number | undefined, doc: DisassemblyDoc): Exclude<Doc, 'program'> {
  return module === undefined ? doc : `${module}/${doc}`;
}

/** Whether a document is a text that somebody has written. */
export function isTextDoc(doc: Doc): doc is TextDoc {
  return doc === 'program' || String(doc).endsWith('/program');
}

/** The text of a module's own; without a number, of the only one. */
export function textDoc(module: number | undefined): TextDoc {
  return module === undefined ? 'program' : `${module}/program`;
}

/** The module and its document that a name means; of a text (`2/program`) only the module is meaningful. */
export function splitDoc(doc: Exclude<Doc, 'program'>): { module: number | undefined; doc: DisassemblyDoc } {
  const text = String(doc);
  const at = text.indexOf('/');
  if (at < 0) return { module: undefined, doc: doc as DisassemblyDoc };
  return { module: Number(text.slice(0, at)), doc: plain(text.slice(at + 1)) };
}

/** A document that is a bare index is a number. */
function plain(text: string): DisassemblyDoc {
  return (/^\d+$/.test(text) ? Number(text) : text) as DisassemblyDoc;
}
