/**
 * The program's modules and sources as lists, and the events that tell of new ones.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { WireModule } from '../engine/debug/wire.ts';
import { addressOf } from './addresses.ts';
import { type Context, type Program, programOf } from './context.ts';
import { baseName } from './paths.ts';

export async function modules(
  context: Context,
  { startModule = 0, moduleCount = 0 }: DebugProtocol.ModulesArguments,
): Promise<DebugProtocol.ModulesResponse['body']> {
  const program = programOf(context);
  const wanted = { start: Math.max(0, startModule), count: Math.max(0, moduleCount) };
  const { total, modules: found } = await program.engine.request('modules', wanted);
  return { modules: found.map((module) => described(program, module)), totalModules: total };
}

/** Every text that places were shown in so far. */
export async function loadedSources(context: Context): Promise<DebugProtocol.LoadedSourcesResponse['body']> {
  return { sources: await programOf(context).documents.sources() };
}

/** Tells of what there is once the program is loaded, and from then on of every new source. */
export async function announce(context: Context, program: Program): Promise<void> {
  const { modules: found } = await program.engine.request('modules', { start: 0, count: 0 });
  for (const module of found) {
    const body = { reason: 'new' as const, module: described(program, module) };
    context.send<DebugProtocol.ModuleEvent>('module', body);
  }
  const tell = (source: DebugProtocol.Source): void =>
    context.send<DebugProtocol.LoadedSourceEvent>('loadedSource', { reason: 'new', source });
  for (const source of await program.documents.sources()) tell(source);
  program.documents.onSource = tell;
}

/** `startInFile`: where a core module begins in the bytes of its component. */
type DescribedModule = DebugProtocol.Module & { readonly startInFile?: number };

/** `startAt` and what is behind: addresses as the Disassembly view has them. */
function described({ documents }: Program, module: WireModule): DescribedModule {
  const { number, name, form, funcs, named, code, start } = module;
  const file = documents.fileOf(number);
  const shown = file ? baseName(file) : `module ${number + 1} of ${baseName(documents.fileOf(0)!)}`;
  const label = name === undefined ? shown : `${name} (${shown})`;
  return {
    id: number,
    name: label,
    path: file && documents.clientPath(file),
    isUserCode: true,
    symbolStatus: form === 'text' ? 'written as text' : `${named} of ${funcs} functions have names`,
    ...(start > 0 && { startInFile: start }),
    addressRange: `${addressOf(number, code.start)}-${addressOf(number, code.end)}`,
  };
}
