/**
 * Options and operands of a command line. Knows `--name`, `--name VALUE`, `--name=VALUE` and `--`.
 */

import { UsageError } from './failure.ts';

/** How many arguments an option takes: none, one, or one each time that it is given. */
export type Arity = 'flag' | 'value' | 'values';

export interface Arguments {
  readonly operands: readonly string[];
  /** The arguments of each option that was given. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** An option's value as a port. Throws a UsageError. */
export function portNumber(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new UsageError(`${option}: '${text}' is no port`);
  return Number(text);
}

/** Reads the arguments behind a command's name. Throws a UsageError for what is not in `known`. */
export function parseArguments(args: readonly string[], known: Readonly<Record<string, Arity>>): Arguments {
  const operands: string[] = [];
  const options = new Map<string, readonly string[]>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '--') {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const arity = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!arity) throw new UsageError(`unknown option ${name}`);
    const before = options.get(name);
    if (before && arity !== 'values') throw new UsageError(`${name} is given twice`);
    if (arity === 'flag') {
      if (equals >= 0) throw new UsageError(`${name} takes no value`);
      options.set(name, []);
      continue;
    }
    const value = equals < 0 ? args[++i] : arg.slice(equals + 1);
    if (value === undefined) throw new UsageError(`${name} needs a value`);
    options.set(name, [...(before ?? []), value]);
  }
  return { operands, options };
}
