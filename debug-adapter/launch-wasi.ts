/**
 * The attributes of `launch` that say what a program of WASI gets, and what is loaded before it: checked, and in the engine's
 * words. Paths begin at `cwd`, else at the program's own folder.
 */

import type { PreloadSource, WasiParams } from '../engine/debug/wire.ts';
import { type Context, type LaunchArguments, RequestError } from './context.ts';
import { type ProgramFile, readProgram } from './files.ts';
import { baseName, toClientPath, toUri, uriToPath } from './paths.ts';

/** Attributes that mean nothing for a script, which says itself what it imports. */
export const MODULE_ATTRIBUTES = [
  'invoke',
  'imports',
  'missingImports',
  'preload',
  'args',
  'env',
  'dirs',
  'stdin',
  'clock',
  'random',
  'listen',
  'network',
  'serve',
] as const satisfies readonly (keyof LaunchArguments)[];

/** Throws a RequestError that names the attribute and what it should be. */
export function checkWasiArguments(args: LaunchArguments): void {
  const { preload, env, dirs, stdin, clock, random, missingImports } = args;
  for (const name of ['args', 'listen', 'network'] as const) {
    const list: unknown = args[name];
    if (list !== undefined && !(Array.isArray(list) && list.every(isString))) {
      wrong(`"${name}" must be a list of strings`);
    }
  }
  if (preload !== undefined && !(isObject(preload) && Object.values(preload).every(isString))) {
    wrong('"preload" must be an object: {"name": "path of a module"}');
  }
  if (
    env !== undefined &&
    !(isObject(env) && Object.values(env).every((one) => one === null || isString(one)))
  ) {
    wrong('"env" must be an object: {"NAME": "value"}');
  }
  const { serve } = args;
  const isPort = (port: unknown) =>
    port === undefined || (Number.isInteger(port) && (port as number) >= 0 && (port as number) < 65_536);
  if (
    serve !== undefined &&
    !(isObject(serve) && isPort(serve.port) && (serve.host === undefined || isString(serve.host)))
  ) {
    wrong('"serve" must be an object: {"port": 8080}');
  }
  const isDir = (dir: unknown): boolean =>
    isObject(dir) &&
    isString(dir.host) &&
    (dir.guest === undefined || isString(dir.guest)) &&
    (dir.readOnly === undefined || typeof dir.readOnly === 'boolean');
  const areDirs = Array.isArray(dirs)
    ? dirs.every(isDir)
    : isObject(dirs) && Object.values(dirs).every(isString);
  if (dirs !== undefined && !areDirs) {
    wrong(
      '"dirs" must be an object {"/guest": "path"} or a list of {"guest": "/guest", "host": "path", "readOnly": true}',
    );
  }
  if (stdin !== undefined && !isString(stdin) && !(isObject(stdin) && isString(stdin.text))) {
    wrong('"stdin" must be the path of a file, or {"text": "what the program reads"}');
  }
  const consoles: readonly unknown[] = [
    undefined,
    'internalConsole',
    'integratedTerminal',
    'externalTerminal',
  ];
  if (!consoles.includes(args.console)) {
    wrong('"console" must be "internalConsole", "integratedTerminal" or "externalTerminal"');
  }
  if (clock !== undefined && clock !== 'real' && !(isString(clock) && !Number.isNaN(Date.parse(clock)))) {
    wrong('"clock" must be "real" or a time such as "2025-01-31T12:00:00Z"');
  }
  if (random !== undefined && random !== 'real' && !/^(\d+|0x[0-9a-f]+)$/i.test(String(random))) {
    wrong('"random" must be "real" or a number, the seed');
  }
  if (missingImports !== undefined && missingImports !== 'error' && missingImports !== 'trap') {
    wrong('"missingImports" must be "error" or "trap"');
  }
}

/** What the program gets. Throws an Error for people if something of it cannot be read. */
export async function wasiParams(
  { host, files, client }: Context,
  args: LaunchArguments,
  program: string,
  base: string | undefined,
): Promise<WasiParams> {
  const { args: given = [], env = {}, dirs = {}, clock, random, listen = [], network, serve } = args;
  const list = Array.isArray(dirs)
    ? dirs
    : Object.entries(dirs).map(([guest, path]) => ({ guest, host: path }));
  const wanted = list.map((dir: { guest?: string; host: string; readOnly?: boolean }) => {
    const uri = toUri(dir.host, host.platform, base);
    const path = host.hasDisk ? uriToPath(uri, host.platform) : undefined;
    const granted = { guest: dir.guest ?? dir.host, host: path ?? uri, readOnly: dir.readOnly === true };
    if (path !== undefined || (!host.hasDisk && !client.wasmscopeDirectories)) return granted;
    if (!client.wasmscopeDirectories) throw new Error(`dirs: ${uri} is no directory of this machine`);
    return { ...granted, client: true };
  });
  return {
    args: [baseName(program), ...given],
    env: Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== null)),
    dirs: wanted,
    stdin: await standardInput(
      files,
      args,
      (path) => toUri(path, host.platform, base),
      host.streams !== undefined,
    ),
    terminals: host.streams?.terminals,
    clock: clock === undefined || clock === 'real' ? undefined : Date.parse(clock),
    random: random === undefined || random === 'real' ? undefined : String(random),
    listen,
    network,
    serve: serve && `${serve.host ?? '127.0.0.1'}:${serve.port ?? 8080}`,
  };
}

/** The modules that are loaded before the program, and their files. Throws an Error for people. */
export async function readPreloads(
  { host, files }: Context,
  { preload = {} }: LaunchArguments,
  base: string | undefined,
): Promise<{ readonly sources: PreloadSource[]; readonly files: ProgramFile[] }> {
  const read = await Promise.all(
    Object.entries(preload).map(async ([name, path]) => {
      const uri = toUri(path, host.platform, base);
      const file = await readProgram(files, uri, toClientPath(uri, host.platform));
      const { uri: _, ...source } = file;
      return { source: { name, file: baseName(uri), source }, file };
    }),
  );
  return { sources: read.map(({ source }) => source), files: read.map(({ file }) => file) };
}

/** What was given; else what comes from a stream of the host's, or is `typed` for a terminal. */
async function standardInput(
  files: Context['files'],
  { stdin, console }: LaunchArguments,
  uriOf: (path: string) => string,
  hasStream: boolean,
): Promise<WasiParams['stdin']> {
  if (isString(stdin)) return bytesOf(files, uriOf(stdin));
  if (stdin) return encode(stdin.text);
  if (hasStream) return 'asked';
  return console === 'integratedTerminal' ? 'typed' : undefined;
}

async function bytesOf(files: Context['files'], uri: string): Promise<Uint8Array> {
  const content = await files.read(uri);
  return 'text' in content ? encode(content.text) : content.bytes;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function wrong(what: string): never {
  throw new RequestError(`launch configuration: ${what}`, true);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
