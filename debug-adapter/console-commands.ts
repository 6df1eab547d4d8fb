/**
 * Commands of the Debug Console, for what no expression can say: they begin with a colon.
 *
 *   :return 41          the frame's function returns these values at once; values are separated by commas
 *   :ignore-trap 7      the instruction that trapped counts as done, with this result
 *   :core-dump path     writes a core dump of the program
 */

import { type Context, RequestError } from './context.ts';
import { coreDump } from './core-dumps.ts';
import { forceReturn, ignoreTrap } from './moves.ts';

const COMMANDS = ':return, :ignore-trap and :core-dump';

/** Does what a line of the console says, and gives what is to be printed; undefined if it is no command. */
export async function consoleCommand(
  context: Context,
  line: string,
  frameId: number | undefined,
): Promise<string | undefined> {
  const [, name, rest] = /^\s*:([\w-]*)\s*(.*)$/s.exec(line) ?? [];
  if (name === undefined) return undefined;
  switch (name) {
    case 'return':
      if (frameId === undefined) throw new RequestError(':return needs a frame: the program is not stopped');
      await forceReturn(context, { frameId, values: valuesIn(rest) });
      return '';
    case 'ignore-trap':
      await ignoreTrap(context, { values: valuesIn(rest) });
      return '';
    case 'core-dump': {
      const path = rest.trim();
      if (path === '') throw new RequestError(':core-dump needs the path of a file');
      const written = await coreDump(context, { path });
      return 'path' in written ? `Core dump written: ${written.path}` : '';
    }
    default:
      throw new RequestError(`unknown command :${name}. There are ${COMMANDS}`);
  }
}

/** Values between commas that are in no brackets and no strings. */
export function valuesIn(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (char === ',' && depth === 0) {
      values.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === '' && values.length === 0 ? [] : [...values, last];
}
