/**
 * The command line of `wasmscope run`: options, the file, and what the program gets.
 *
 * Options stand before the file, or right behind it; the first thing there that is none of them begins the program's
 * arguments, and so does `--`. Everything behind `--invoke NAME` is an argument, because arguments of a WebAssembly
 * function may begin with a dash.
 */

import path from 'node:path';
import { parseSize } from '../debug-adapter/sizes.ts';
import { isCallDepth, MOST_DEPTH } from '../engine/exec/call-depth.ts';
import { portNumber } from './arguments.ts';
import { UsageError } from './failure.ts';

/** A directory of the host and what the guest calls it. */
export interface GrantedDir {
  readonly host: string;
  readonly guest: string;
  readonly readOnly: boolean;
}

export interface RunArguments {
  readonly file: string;
  /** The function to call, if one was named. */
  readonly invoke: string | undefined;
  /** What stands behind the file: arguments of the program, and of the function that was named. */
  readonly given: readonly string[];
  readonly imports: string | undefined;
  readonly preloads: readonly { readonly name: string; readonly file: string }[];
  readonly dirs: readonly GrantedDir[];
  readonly env: Readonly<Record<string, string>>;
  readonly listen: readonly string[];
  /** What of the network the program may reach: `HOST`, `HOST:PORT`, `*`. */
  readonly network: readonly string[];
  /** Nanoseconds since 1970 at which the clocks stand; undefined: real ones. */
  readonly clock: bigint | undefined;
  readonly seed: bigint | undefined;
  readonly missingImports: 'error' | 'trap';
  readonly dap: DapArguments | undefined;
  /** What runs the program: compiled code where that pays, or the interpreter alone. */
  readonly engine: 'auto' | 'interpreter';
  /** Say at the end how many instructions each function has executed. */
  readonly stats: boolean;
  /** Bytes that garbage-collected objects may take. */
  readonly maxHeapBytes: number | undefined;
  /** Calls that may be active at once in a thread. */
  readonly maxCallDepth: number | undefined;
  /** Where a core dump is written when the program traps. */
  readonly coreDump: string | undefined;
}

/** How debuggers find the program. */
export interface DapArguments {
  /** They connect to this port of this machine; 0: any free one. */
  readonly port: number;
  /** The program begins when the first one is ready. */
  readonly wait: boolean;
}

/** Options that may be given several times, and those that may not. */
const LISTS = [
  '--preload',
  '--dir',
  '--dir-readonly',
  '--env',
  '--listen',
  '--network',
  '-W',
  '-D',
  '-S',
] as const;
const SINGLE = [
  '--invoke',
  '--imports',
  '--missing-imports',
  '--clock',
  '--random',
  '--dap',
  '--max-heap-size',
  '--max-call-depth',
  '--engine',
] as const;
const FLAGS = ['--dap-wait', '--stats'] as const;

type Option = (typeof LISTS)[number] | (typeof SINGLE)[number] | (typeof FLAGS)[number];

const OPTIONS: ReadonlySet<string> = new Set<Option>([...LISTS, ...SINGLE, ...FLAGS]);

/** Reads them. `environment` is what `--env NAME` takes values from. Throws a UsageError. */
export function parseRunArguments(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  command: 'run' | 'serve' = 'run',
): RunArguments {
  const { file, given, values } = split(args);
  if (file === undefined) throw new UsageError(`${command} what?`);
  const last = (option: Option): string | undefined => values.get(option)?.at(-1);
  const all = (option: Option): readonly string[] => values.get(option) ?? [];
  for (const option of SINGLE) if (all(option).length > 1) throw new UsageError(`${option} is given twice`);
  return {
    file,
    invoke: last('--invoke'),
    given,
    imports: last('--imports'),
    preloads: all('--preload').map(preload),
    dirs: [
      ...all('--dir').map((text) => directory(text, false)),
      ...all('--dir-readonly').map((text) => directory(text, true)),
    ],
    env: Object.fromEntries(all('--env').map((text) => variable(text, environment))),
    listen: all('--listen'),
    network: [...all('--network'), ...all('-S').flatMap(inheritedNetwork)],
    clock: clock(last('--clock')),
    seed: seed(last('--random')),
    missingImports: missing(last('--missing-imports'), all('-W')),
    dap: dap(last('--dap'), all('--dap-wait').length > 0),
    engine: engine(last('--engine')),
    stats: all('--stats').length > 0,
    maxHeapBytes: size('--max-heap-size', last('--max-heap-size')),
    maxCallDepth: callDepth(last('--max-call-depth')),
    coreDump: coreDump(all('-D')),
  };
}

function engine(text = 'auto'): 'auto' | 'interpreter' {
  if (text === 'auto' || text === 'interpreter') return text;
  throw new UsageError(`--engine ${text}: auto or interpreter`);
}

/** The arguments as WASI programs see them: the first is the program's name, without its folder. */
export function programArguments({ file, given }: RunArguments): string[] {
  return [path.basename(file), ...given];
}

function split(args: readonly string[]): {
  file: string | undefined;
  given: readonly string[];
  values: Map<string, string[]>;
} {
  const values = new Map<string, string[]>();
  let file: string | undefined;
  for (let i = 0; i < args.length; ) {
    const arg = args[i];
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const option = equals < 0 ? arg : arg.slice(0, equals);
    const attached = equals < 0 ? undefined : arg.slice(equals + 1);
    if (!OPTIONS.has(option)) {
      if (file !== undefined) return { file, given: args.slice(arg === '--' ? i + 1 : i), values };
      if (arg === '--') i++;
      else if (arg.startsWith('-') && arg !== '-') throw new UsageError(`unknown option ${option}`);
      file = args[i++];
      if (file === undefined) break;
      if (arg === '--') return { file, given: args.slice(i), values };
      continue;
    }
    if ((FLAGS as readonly string[]).includes(option)) {
      if (attached !== undefined) throw new UsageError(`${option} takes no value`);
      values.set(option, ['']);
      i++;
      continue;
    }
    const value = attached ?? args[i + 1];
    if (value === undefined) throw new UsageError(`${option} needs a value`);
    i += attached === undefined ? 2 : 1;
    values.set(option, [...(values.get(option) ?? []), value]);
    if (option === '--invoke' && file !== undefined) return { file, given: args.slice(i), values };
  }
  return { file, given: [], values };
}

function preload(text: string): { name: string; file: string } {
  const at = text.indexOf('=');
  if (at < 0 || at === text.length - 1) throw new UsageError(`--preload ${text}: NAME=FILE is expected`);
  return { name: text.slice(0, at), file: text.slice(at + 1) };
}

function directory(text: string, readOnly: boolean): GrantedDir {
  const [host, guest = host, ...more] = text.split('::');
  if (host === '' || guest === '' || more.length > 0) {
    throw new UsageError(`--dir ${text}: HOST or HOST::GUEST is expected`);
  }
  return { host, guest, readOnly };
}

function variable(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at === 0) throw new UsageError(`--env ${text}: NAME=VALUE or NAME is expected`);
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  const value = environment[text];
  if (value === undefined) throw new UsageError(`--env ${text}: there is no such environment variable`);
  return [text, value];
}

function clock(text: string | undefined): bigint | undefined {
  if (text === undefined || text === 'real') return undefined;
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds))
    throw new UsageError(`--clock ${text}: real or a time such as 2025-01-31T12:00:00Z`);
  return BigInt(milliseconds) * 1_000_000n;
}

function seed(text: string | undefined): bigint | undefined {
  if (text === undefined || text === 'real') return undefined;
  if (!/^(\d+|0x[0-9a-f]+)$/i.test(text))
    throw new UsageError(`--random ${text}: real or a number is expected`);
  return BigInt(text);
}

function size(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined)
    throw new UsageError(`${option} ${text}: a number of bytes such as 64M is expected`);
  return bytes;
}

function callDepth(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const depth = /^\d+$/.test(text) ? Number(text) : 0;
  if (!isCallDepth(depth))
    throw new UsageError(`--max-call-depth ${text}: a number from 1 to ${MOST_DEPTH} is expected`);
  return depth;
}

function dap(port: string | undefined, wait: boolean): DapArguments | undefined {
  if (port !== undefined) return { port: portNumber('--dap', port), wait };
  if (wait) throw new UsageError('--dap-wait needs --dap PORT');
  return undefined;
}

/** `-S inherit-network` is what wasmtime calls the whole network. */
function inheritedNetwork(option: string): string[] {
  const value = /^inherit-network(?:=(.*))?$/.exec(option);
  if (!value) throw new UsageError(`unknown option -S ${option}: inherit-network is expected`);
  return ['n', 'no', 'false'].includes(value[1] ?? 'y') ? [] : ['*'];
}

/** `-D coredump=PATH`, as wasmtime has it. */
function coreDump(options: readonly string[]): string | undefined {
  const paths = options.map((option) => {
    const path = /^coredump=(.+)$/.exec(option)?.[1];
    if (path === undefined) throw new UsageError(`unknown option -D ${option}: coredump=PATH is expected`);
    return path;
  });
  return paths.at(-1);
}

/** `-W unknown-imports-trap` is what wasmtime calls it. */
function missing(text: string | undefined, wasm: readonly string[]): 'error' | 'trap' {
  if (text !== undefined && text !== 'error' && text !== 'trap') {
    throw new UsageError(`--missing-imports ${text}: error or trap is expected`);
  }
  let choice: 'error' | 'trap' = text ?? 'error';
  for (const option of wasm) {
    const yes = /^unknown-imports-trap(?:=(y|yes|true))?$/.test(option);
    if (!yes && !/^unknown-imports-trap=(n|no|false)$/.test(option))
      throw new UsageError(`unknown option -W ${option}`);
    choice = yes ? 'trap' : 'error';
  }
  return choice;
}
