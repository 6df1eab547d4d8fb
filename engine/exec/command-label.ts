/**
 * What people call a command of a script: in call stacks, in lists of tests, in messages. Runs nothing.
 */

import { formatValue } from '../runtime/values.ts';
import type { Action, Command, ScriptValue } from '../text/script.ts';

/** A command in a few words: `assert_return add(1, 2)`, `module $m`. */
export function commandLabel(command: Command): string {
  switch (command.kind) {
    case 'action':
      return actionLabel(command.action);
    case 'module':
      return labelled('module', command.module.name);
    case 'instance':
      return labelled('module instance', command.name);
    case 'register':
      return `register "${command.as}"`;
    case 'thread':
      return labelled('thread', command.name);
    case 'wait':
      return labelled('wait', command.thread);
    default: {
      const action = 'action' in command ? command.action : undefined;
      return `${command.kind} ${action ? actionLabel(action) : 'module'}`;
    }
  }
}

function actionLabel(action: Action): string {
  const name = action.module === undefined ? action.name : `$${action.module}.${action.name}`;
  return action.kind === 'get' ? `get ${name}` : `${name}(${action.args.map(argText).join(', ')})`;
}

function argText(value: ScriptValue): string {
  switch (value.kind) {
    case 'num':
      return formatValue({ type: value.type, bits: value.bits });
    case 'null':
      return 'null';
    case 'component':
      return value.value.type;
    default:
      return `ref.${value.kind} ${value.value}`;
  }
}

function labelled(what: string, name: string | undefined): string {
  return name === undefined ? what : `${what} $${name}`;
}
