/**
 * `wasmscope parse`: text to binary. The text must be well-formed; whether it is valid is `validate`'s question.
 */

import { assembleComponent, isComponentText } from '../engine/component/text/assemble.ts';
import { assemble } from '../engine/text/assemble.ts';
import { parseTree } from '../engine/text/tree.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { writeBytes } from './output.ts';
import { readText, refuseWit } from './read.ts';
import { faultReport } from './report.ts';

export function parse(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, { '-o': 'value', '--no-names': 'flag' });
  if (operands.length !== 1)
    throw new UsageError(operands.length === 0 ? 'parse what?' : 'parse takes one file');
  const [path] = operands;
  const text = readText(path);
  refuseWit(path);
  const tree = parseTree(text);
  const names = !options.has('--no-names');
  const { bytes, faults } = isComponentText(tree)
    ? assembleComponent(tree, undefined, { names })
    : assemble(tree, undefined, { names });
  if (faults.length > 0) {
    throw new Failure(faults.map((fault) => faultReport({ path, text }, fault)).join(''), EXIT.badInput);
  }
  writeBytes(bytes, options.get('-o')?.[0]);
  return EXIT.ok;
}
