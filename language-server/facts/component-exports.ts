/**
 * The functions of a component that can be called with arguments that somebody types: those without handles and streams.
 *
 * Of a command (`wasi:cli/run`) there are none: it is run as it is.
 */

import { exportedFunctions } from '../../engine/component/program.ts';
import { type ComponentType, partsOf, typeText, type ValType } from '../../engine/component/types.ts';
import type { ExportedFunction } from '../protocol.ts';

const RUN = /^wasi:cli\/run@0\.2\.[^#]*#run$/;

export function componentExports(type: ComponentType): ExportedFunction[] {
  const functions = exportedFunctions(type);
  if ([...functions.keys()].some((name) => RUN.test(name))) return [];
  const found: ExportedFunction[] = [];
  for (const [name, { type: of }] of functions) {
    if (!of.params.every((param) => canBeTyped(param.type))) continue;
    const params = of.params.map((param) => ({ type: typeText(param.type), name: param.label }));
    found.push({ name, params, results: of.result ? [typeText(of.result)] : [] });
  }
  return found;
}

function canBeTyped(type: ValType): boolean {
  if (type.kind === 'own' || type.kind === 'borrow') return false;
  return type.kind !== 'stream' && type.kind !== 'future' && partsOf(type).every(canBeTyped);
}
