/**
 * The list of generated files: path in the project → text. Pure, so that the script writes them and the test
 * compares them.
 */

import { grammarFile } from './grammar.ts';
import { opFile } from './op.ts';
import { warmUpFile } from './warm-up.ts';

/** Every generated file, whole. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    'engine/exec/warm-up.gen.ts': warmUpFile(),
    'engine/isa/op.gen.ts': opFile(),
    'syntaxes/wat.tmLanguage.json': grammarFile(),
  };
}
