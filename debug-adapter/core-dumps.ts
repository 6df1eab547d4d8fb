/**
 * Core dumps: opening one in the place of a program (`launch` with a dump as `program`), and writing one, when the program traps
 * (`coreDump`) or on request (`wasmscope/coreDump`).
 *
 * A dump names its modules by paths or names. They are looked for where the launch configuration says (`modules`), where the
 * name leads (`sourceMap`), beside the dump, and, of the only module, where the program's name leads.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { componentOf, fingerprint } from '../engine/debug/coredump/format.ts';
import { readCoreDump } from '../engine/debug/coredump/read.ts';
import type { DumpNames, Events, PreloadSource } from '../engine/debug/wire.ts';
import { type Context, type LaunchArguments, type Program, programOf, RequestError } from './context.ts';
import type { EngineClient } from './engine-client.ts';
import { type ProgramFile, readProgram, toBase64 } from './files.ts';
import { baseName, folderOf, isAbsolutePath, isUri, toClientPath, toUri } from './paths.ts';

/** The modules that a dump is of, in its order. Throws an Error for people when one cannot be found. */
export async function readDumpModules(
  context: Context,
  dumpUri: string,
  bytes: Uint8Array,
  args: LaunchArguments,
): Promise<ProgramFile[]> {
  const { name, modules } = readCoreDump(bytes);
  if (modules.length === 0)
    throw new Error(`${baseName(dumpUri)} names no modules: there is nothing to show`);
  const names = modules.map((module) => module.name);
  const component = componentOf(names[0]);
  // The core modules of a component are all in its file.
  if (component !== undefined && names.every((own) => componentOf(own) === component)) {
    const others = name !== '' && name !== component ? [name] : [];
    return [await findModule(context, dumpUri, [component, ...others], args)];
  }
  return Promise.all(
    names.map((own) => {
      const others = names.length === 1 && name !== '' ? [name] : [];
      return findModule(context, dumpUri, [own, ...others], args);
    }),
  );
}

async function findModule(
  context: Context,
  dumpUri: string,
  names: readonly string[],
  { modules = {}, sourceMap = {} }: LaunchArguments,
): Promise<ProgramFile> {
  const { platform } = context.host;
  const folder = folderOf(dumpUri);
  const [name] = names;
  const given = modules[name];
  const places =
    given === undefined
      ? names.flatMap((one) => [mapPath(one, sourceMap), lastPart(one), `${lastPart(one)}.wasm`])
      : [given];
  for (const place of places) {
    if (place === '') continue;
    try {
      const uri = toUri(place, platform, folder);
      return await readProgram(context.files, uri, toClientPath(uri, platform));
    } catch (error) {
      if (given !== undefined) throw error;
    }
  }
  throw new Error(
    `cannot find the module ${JSON.stringify(name)} of the core dump: say where it is ("modules": {${JSON.stringify(name)}: "path"})`,
  );
}

/** A path from another machine, by the longest prefix that is mapped. */
export function mapPath(path: string, sourceMap: Readonly<Record<string, string>>): string {
  const prefixes = Object.keys(sourceMap).filter((prefix) => path.startsWith(prefix));
  const longest = prefixes.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? path : sourceMap[longest] + path.slice(longest.length);
}

/** The file's name of a path of any platform. */
function lastPart(path: string): string {
  return /[^/\\]*$/.exec(path)![0];
}

/** Opens a dump in an engine that has its modules loaded. */
export async function openDump(
  context: Context,
  engine: EngineClient,
  bytes: Uint8Array,
  files: readonly ProgramFile[],
): Promise<void> {
  const notes = [...(await engine.request('openCoreDump', { bytes }))];
  for (const [i, { print, name }] of readCoreDump(bytes).modules.entries()) {
    const file = files[i];
    // Of a component the engine compares: it has the modules in it.
    if (!print || !file || !('bytes' in file) || componentOf(name) !== undefined) continue;
    const { length, hash } = fingerprint(file.bytes);
    if (length === print.length && hash === print.hash) continue;
    notes.push(
      `${baseName(file.uri)} is not the build that the core dump is of: places and values may be wrong`,
    );
  }
  for (const note of notes) {
    context.send<DebugProtocol.OutputEvent>('output', { category: 'stderr', output: `${note}\n` });
  }
  // Nothing of it can change.
  const capabilities: DebugProtocol.Capabilities = {
    supportsSetVariable: false,
    supportsSetExpression: false,
    supportsWriteMemoryRequest: false,
    supportsRestartFrame: false,
    supportsGotoTargetsRequest: false,
    supportsStepInTargetsRequest: false,
    supportsTerminateThreadsRequest: false,
  };
  context.send<DebugProtocol.CapabilitiesEvent>('capabilities', { capabilities });
}

/** Modules behind the first one, as the engine loads them. */
export function asPreloads(files: readonly ProgramFile[]): PreloadSource[] {
  return files.slice(1).map((file) => ({ name: file.uri, file: baseName(file.uri), source: file }));
}

/** What a dump of the program calls it and its modules. */
export function dumpNames({ documents }: Program): DumpNames {
  const files: string[] = [];
  for (let i = 0; ; i++) {
    const uri = documents.fileOf(i);
    if (uri === undefined) break;
    files.push(documents.clientPath(uri));
  }
  return { name: files[0] ?? '', modules: files };
}

/** The request `wasmscope/coreDump`: with a path the dump is written there, else it is the answer. */
export async function coreDump(
  context: Context,
  { path }: { path?: string },
): Promise<{ path: string } | { data: string }> {
  const program = programOf(context);
  const bytes = await program.engine.request('coreDump', dumpNames(program));
  return path === undefined ? { data: toBase64(bytes) } : { path: await write(context, path, bytes) };
}

/** The program has trapped, and a dump of that was asked for. */
export async function trapDumped(context: Context, path: string, dump: Events['coreDump']): Promise<void> {
  const tell = (category: string, text: string): void =>
    context.send<DebugProtocol.OutputEvent>('output', { category, output: `${text}\n` });
  try {
    if ('error' in dump) throw new Error(dump.error);
    tell('console', `Core dump written: ${await write(context, path, dump.bytes)}`);
  } catch (error) {
    tell('stderr', `no core dump: ${(error as Error).message}`);
  }
}

async function write(context: Context, path: string, bytes: Uint8Array): Promise<string> {
  const { platform, cwd, writeLocal } = context.host;
  const isWhole = isUri(path) || isAbsolutePath(path, platform);
  const base = isWhole ? undefined : ((context.program && folderOf(context.program.uri)) ?? cwd);
  const uri = toUri(path, platform, base);
  const written = writeLocal?.(uri, bytes);
  if (!written) throw new RequestError(`${uri} cannot be written here`);
  await written;
  return toClientPath(uri, platform);
}
