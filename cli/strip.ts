/**
 * `wasmscope strip`: a binary without its custom sections, or without some of them.
 */

import { WasmError } from '../engine/base/errors.ts';
import { strip as stripBytes } from '../engine/binary/strip.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { writeBytes } from './output.ts';
import { readBinary } from './read.ts';
import { faultReport } from './report.ts';

/** What stays unless it is named: what somebody still needs who runs, links or reads the binary. */
const KEPT = /^(name|dylink(\.0)?|component-name|component-type.*|metadata\.code\..*)$/;

export function strip(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, {
    '-o': 'value',
    '-a': 'flag',
    '--all': 'flag',
    '-d': 'values',
    '--delete': 'values',
  });
  if (operands.length !== 1) {
    throw new UsageError(operands.length === 0 ? 'strip what?' : 'strip takes one file');
  }
  const [path] = operands;
  const all = options.has('-a') || options.has('--all');
  const named = [...(options.get('-d') ?? []), ...(options.get('--delete') ?? [])];
  if (all && named.length > 0) throw new UsageError('--all and --delete exclude each other');
  const patterns = named.map(patternOf);
  const isUnwanted = (name: string): boolean => {
    if (all) return true;
    return patterns.length > 0 ? patterns.some((pattern) => pattern.test(name)) : !KEPT.test(name);
  };
  const bytes = readBinary(path);
  try {
    const stripped = stripBytes(bytes, isUnwanted);
    writeBytes(stripped.bytes, options.get('-o')?.[0]);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    throw new Failure(faultReport({ path, text: undefined }, error.fault), EXIT.badInput);
  }
}

/** A name; `*` stands for any characters. */
function patternOf(name: string): RegExp {
  const text = name.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${text.join('.*')}$`, 's');
}
