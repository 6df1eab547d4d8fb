/**
 * Which module an action of a script means, and the names under which a script knows modules.
 *
 * By the commands in front of a place. Instances made of definitions lead to the definition.
 */

import { funcTypeAt, type Module } from '../../engine/module/module.ts';
import type { Command } from '../../engine/text/script.ts';
import type { Analysis } from '../analysis.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

export interface ScriptModule {
  /** Without `$`. */
  readonly name?: string;
  readonly module: ModuleAnalysis;
  /** True for a `(module definition …)`, of which only instances can be acted on. */
  readonly definition: boolean;
  /** The module names that it is registered under. */
  readonly registered: readonly string[];
}

/** The modules that stand before `pos`, in the order of the text. */
export function modulesBefore(analysis: Analysis, pos: number): ScriptModule[] {
  const found: (ScriptModule & { readonly registered: string[] })[] = [];
  const byStart = new Map(analysis.modules.map((module) => [module.span.start, module]));
  const byName = (name: string | undefined) =>
    found.findLast((known) => (name === undefined ? !known.definition : known.name === name));
  const collect = (commands: readonly Command[]) => {
    for (const command of commands) {
      if (command.span.start >= pos) return;
      if (command.kind === 'module') {
        const module = byStart.get(command.module.span.start);
        const { name, definition } = command.module;
        if (module && command.span.end <= pos) found.push({ name, module, registered: [], definition });
      } else if (command.kind === 'instance') {
        const of = found.findLast(
          ({ name, definition }) => definition && (!command.definition || name === command.definition),
        );
        if (of) found.push({ name: command.name, module: of.module, registered: [], definition: false });
      } else if (command.kind === 'register') byName(command.module)?.registered.push(command.as);
      else if (command.kind === 'thread' && pos <= command.span.end) collect(command.commands);
    }
  };
  collect(analysis.script?.commands ?? []);
  return found;
}

/** The module that an action at `pos` means: the one called so, else the last one. */
export function actedOn(
  analysis: Analysis,
  name: string | undefined,
  pos: number,
): ModuleAnalysis | undefined {
  const modules = modulesBefore(analysis, pos).filter(({ definition }) => !definition);
  if (name === undefined) return modules.at(-1)?.module;
  return modules.findLast((known) => known.name === name)?.module;
}

/** The type of an exported function. */
export function exportedFunc(module: Module | undefined, name: string) {
  const found = module?.exports.find((item) => item.kind === 'func' && item.name === name);
  const type = found && funcTypeAt(module!, module!.funcs[found.idx]?.typeIdx);
  return type && { idx: found.idx, type };
}
