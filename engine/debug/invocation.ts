/**
 * What to run: the exported function that a user means, and its arguments, typed and checked.
 *
 * Every refusal says what there is instead: the exported functions with their types, the parameter with what it
 * takes. Knows no machine.
 */

import { usage } from '../base/errors.ts';
import { typeName } from '../isa/types.ts';
import { type Export, funcType, type Module } from '../module/module.ts';
import type { FuncInst } from '../runtime/func.ts';
import { formatValue, type Value } from '../runtime/values.ts';
import { signatureText } from './load.ts';
import { parseTyped } from './values.ts';
import type { PrepareParams } from './wire.ts';

/** What is run when nothing is chosen, the first that there is: a reactor without a main function is only initialised. */
const MAIN_EXPORTS = ['', '_start', '_initialize'] as const;

export interface Invocation {
  readonly funcIdx: number;
  readonly name: string;
  readonly args: readonly Value[];
  /** `fib(10)`. */
  readonly label: string;
  /** A function of the host that is called instead. */
  readonly func?: FuncInst;
}

/** The user's JavaScript says what is called. Throws a usage fault for arguments, which it does not take. */
export function mainOfImports(func: FuncInst, { args = [] }: PrepareParams): Invocation {
  if (args.length > 0) usage('the main function of the imports takes no arguments');
  return { funcIdx: -1, name: 'main', args: [], label: 'main()', func };
}

/** Chooses the function and reads the arguments. Throws a usage fault. */
export function prepareInvocation(
  module: Module,
  { function: wanted, args = [] }: PrepareParams,
): Invocation {
  const { name, idx } = wanted === undefined ? defaultExport(module) : exportNamed(module, wanted);
  const { params } = funcType(module, idx);
  const signature = signatureText(name, funcType(module, idx));
  if (args.length !== params.length) {
    const expected = params.length === 1 ? '1 argument' : `${params.length} arguments`;
    usage(`wrong number of arguments: ${signature} takes ${expected}, ${args.length} given`);
  }
  const values = params.map((type, i) => {
    const local = module.names.local(idx, i);
    const parameter = local === undefined ? `parameter ${i}` : `parameter $${local}`;
    return parseTyped(args[i], type, `${parameter} of ${signature}`);
  });
  return { funcIdx: idx, name, args: values, label: `${name}(${values.map(formatValue).join(', ')})` };
}

/** Results as they are printed behind the invocation: ` = 89 : i32`, ` = (1 : i32, 2 : i64)`. */
export function resultsText(results: readonly Value[]): string {
  const shown = results.map((value) => `${formatValue(value)} : ${typeName(value.type)}`);
  if (shown.length === 0) return ' returned';
  return shown.length === 1 ? ` = ${shown[0]}` : ` = (${shown.join(', ')})`;
}

function exportNamed(module: Module, wanted: string): Export {
  const found = module.exports.find(({ kind, name }) => kind === 'func' && name === wanted);
  if (found) return found;
  const other = module.exports.find(({ name }) => name === wanted);
  const what = other
    ? `the export "${wanted}" is a ${other.kind}, not a function`
    : `unknown export "${wanted}"`;
  return usage(`${what}. ${exportList(module)}`);
}

function defaultExport(module: Module): Export {
  const funcs = module.exports.filter(({ kind }) => kind === 'func');
  for (const known of MAIN_EXPORTS) {
    const main = funcs.find(({ name }) => name === known);
    if (main) return main;
  }
  const plain = funcs.filter(({ idx }) => funcType(module, idx).params.length === 0);
  if (plain.length === 1) return plain[0];
  if (funcs.length === 0) return usage(`nothing to run. ${exportList(module)}`);
  return usage(`say which function to run ("invoke": {"function": …, "args": […]}). ${exportList(module)}`);
}

function exportList(module: Module): string {
  const funcs = module.exports.filter(({ kind }) => kind === 'func');
  if (funcs.length === 0) return 'The module exports no function';
  return `Exported functions: ${funcs.map(({ name, idx }) => signatureText(name, funcType(module, idx))).join(', ')}`;
}
