/**
 * How the assertions of a script want calls to end. Runs nothing.
 */

import type { Phase } from '../base/errors.ts';
import type { Command } from '../text/script.ts';

/** How a command expects its call to end, if not well. */
export function expectedEnd(command: Command): Phase | undefined {
  switch (command.kind) {
    case 'assert_trap':
      return 'trap';
    case 'assert_exhaustion':
      return 'exhaustion';
    case 'assert_exception':
      return 'exception';
    default:
      return undefined;
  }
}
