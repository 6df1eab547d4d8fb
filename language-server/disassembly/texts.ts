/**
 * The texts of disassembled documents: those that the debugger shows, to the letter (engine/symbols/disassembly.ts).
 * Kept for a module while it is known, as far as they are not many.
 */

import { SECTION } from '../../engine/binary/sections.ts';
import type { Module } from '../../engine/module/module.ts';
import {
  disassembleFields,
  disassembleFunc,
  disassembleModule,
  funcOfDocument,
  readableName,
} from '../../engine/symbols/disassembly.ts';
import { type DisassemblyDoc, disassemblyDoc, type Part } from '../../engine/symbols/disassembly-doc.ts';
import { type DisassemblyDocument, disassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import type { Printed } from '../../engine/text/print.ts';

/** What of a module a document shows that was named in this or another build; undefined for a function that is gone. */
export function partIn(
  module: Module,
  { part, word, options }: Pick<DisassemblyDocument, 'part' | 'word' | 'options'>,
): Part | undefined {
  return typeof part === 'number' ? funcOfDocument(module, part, word, options) : part;
}

/** What names a text of a module. */
export type Wanted = Pick<DisassemblyDocument, 'part' | 'options'>;

/** Bytes of code up to which a whole module is printed: about 20 times as much text. */
const MOST_CODE = 2_000_000;
/** Texts that are kept of a module. */
const MOST_TEXTS = 16;

const texts = new WeakMap<Module, Map<DisassemblyDoc, Printed>>();

/** The text of a document; undefined if the module has no such function with code. */
export function printed(module: Module, { part, options }: Wanted): Printed | undefined {
  if (typeof part === 'number' && !module.funcs[part]?.body) return undefined;
  let known = texts.get(module);
  if (!known) texts.set(module, (known = new Map()));
  const doc = disassemblyDoc(part, options);
  let text = known.get(doc);
  if (!text) {
    if (part === 'fields') text = disassembleFields(module, options);
    else if (part === 'module') text = disassembleModule(module, options);
    else text = disassembleFunc(module, part, options);
    known.set(doc, text);
    const [oldest] = known.keys();
    if (known.size > MOST_TEXTS) known.delete(oldest);
  }
  return text;
}

/** The same for people: throws an Error that says why there is no such text. */
export function textFor(module: Module, wanted: Wanted): string {
  const { part } = wanted;
  const text = part === 'module' && codeSize(module) > MOST_CODE ? undefined : printed(module, wanted);
  if (text) return text.text;
  if (typeof part !== 'number') {
    throw new Error(
      `the module is too large to be shown as one text: it has ${(codeSize(module) / 1e6).toFixed(1)} MB of code. ` +
        'Open its functions one at a time.',
    );
  }
  if (module.funcs[part]) throw new Error(`function ${part} is imported: it has no code`);
  throw new Error(`unknown function ${part}: there are ${module.funcs.length}`);
}

/** The URI of a function's document, as the debugger spells it. */
export function funcUri(
  program: string,
  module: Module,
  idx: number,
  { options }: Omit<Wanted, 'part'>,
): string {
  const name = module.names.of('func', idx);
  return disassemblyUri(program, idx, name && !options.mangled ? readableName(name) : name, options);
}

function codeSize(module: Module): number {
  const code = module.sections.find(({ id }) => id === SECTION.code)?.range;
  return code ? code.end - code.start : 0;
}
