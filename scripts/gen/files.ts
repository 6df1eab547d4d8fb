/**
 * The list of generated files: path in the project → text. Pure, so that the script writes them and the test
 * compares them.
 */

import { grammarFile } from './grammar.ts';
import { opFile } from './op.ts';

/** Every generated file, whole. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    'engine/isa/op.gen.ts': opFile(),
    'syntaxes/wat.tmLanguage.json': grammarFile(),
  };
}
