/**
 * Commands of an edited script: those outside of the edit are the ones of the script before, moved.
 */

import type { Span } from '../base/errors.ts';
import { type Change, unchangedAt } from './change.ts';
import type { Action, Command, ModuleForm, Script } from './script.ts';
import type { Tree } from './tree.ts';

/** The script of an older text, and what differs from it. */
export interface OlderScript {
  readonly script: Script;
  readonly change: Change;
}

/** Finds the command that an older text had at a place of the present one, as it is there now. */
export type KnownCommands = (start: number, end: number) => Command | undefined;

/** Only where all is balanced, and only commands without faults: what is told of others may depend on more than their text. */
export function knownCommands({ script, change }: OlderScript, tree: Tree): KnownCommands | undefined {
  const { tree: old, commands, faults } = script;
  if (!old.isBalanced || !tree.isBalanced) return undefined;
  // A module without parentheses around it is one because of what the text begins with.
  const written = commands.filter((one) => one.kind !== 'module' || one.module.source !== 'fields');
  const byStart = new Map(written.map((command) => [command.span.start, command]));
  for (const { span } of faults) {
    const around = span && commands.find(({ span: at }) => at.start <= span.start && span.end <= at.end);
    if (around) byStart.delete(around.span.start);
  }
  const movedTokens = tree.tokens.count - old.tokens.count;
  return (start, end) => {
    const at = unchangedAt(change, start, end);
    const command = at < 0 ? undefined : byStart.get(at);
    if (!command || command.span.end - at !== end - start) return undefined;
    // What stands before the change has not moved.
    return end <= change.start ? command : moved(command, start - at, movedTokens);
  };
}

function moved(command: Command, by: number, tokens: number): Command {
  const place = ({ start, end }: Span): Span => ({ start: start + by, end: end + by });
  const span = place(command.span);
  const form = (module: ModuleForm): ModuleForm => ({
    ...module,
    form: module.form + tokens,
    span: place(module.span),
  });
  const action = (of: Action): Action => ({ ...of, span: place(of.span) });
  switch (command.kind) {
    case 'module':
    case 'assert_malformed':
    case 'assert_malformed_custom':
    case 'assert_invalid':
    case 'assert_invalid_custom':
    case 'assert_unlinkable':
      return { ...command, span, module: form(command.module) };
    case 'assert_trap':
      return {
        ...command,
        span,
        ...(command.module && { module: form(command.module) }),
        ...(command.action && { action: action(command.action) }),
      };
    case 'action':
    case 'assert_return':
    case 'assert_exception':
    case 'assert_suspension':
    case 'assert_exhaustion':
      return { ...command, span, action: action(command.action) };
    case 'thread':
      return { ...command, span, commands: command.commands.map((inner) => moved(inner, by, tokens)) };
    default:
      return { ...command, span };
  }
}
