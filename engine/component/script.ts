/**
 * Components in `.wast` scripts: what the runner of scripts (exec/script.ts) asks of whoever knows them.
 */

import { WasmError } from '../base/errors.ts';
import type { ScriptComponents } from '../exec/script-components.ts';
import { decodeComponent } from './binary/decode.ts';
import { assembleComponent } from './text/assemble.ts';
import { type ValidComponent, validateComponent } from './valid/validate.ts';

/** Does the components of a script; its definitions are `ValidComponent`s. */
export const scriptComponents = {
  load(tree, form, features): ValidComponent {
    const { bytes, faults } = assembleComponent(tree, form.form);
    if (faults.length > 0) throw new WasmError(faults[0]);
    return validateComponent(decodeComponent(bytes), features);
  },
} satisfies ScriptComponents;
