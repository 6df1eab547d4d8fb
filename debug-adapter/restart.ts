/**
 * `restart`: the same program from its begin, read anew, in a new engine. Breakpoints and filters are set again by the adapter:
 * clients do not send them a second time.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Breakpoints } from './breakpoints.ts';
import { type Context, type LaunchArguments, RequestError } from './context.ts';
import { resumed } from './events.ts';
import { launch } from './launch.ts';

/** `last`: what the program was launched with. Without it nothing was launched here. */
export async function restart(
  context: Context,
  breakpoints: Breakpoints,
  last: LaunchArguments | undefined,
  args: DebugProtocol.RestartArguments,
): Promise<LaunchArguments> {
  if (context.host.running)
    throw new RequestError('a program that was attached to cannot be restarted from here');
  if (!last) throw new RequestError('nothing was launched that could be restarted');
  const wanted = { ...((args.arguments as LaunchArguments | undefined) ?? last) };
  await context.launching;
  const { engine } = context;
  context.program = undefined;
  context.engine = undefined;
  context.watch.end();
  context.memoriesShown.clear();
  resumed(context);
  await engine?.terminate();
  try {
    await launch(context, breakpoints, wanted, 'again');
  } catch (error) {
    // Nothing runs any more.
    context.send<DebugProtocol.TerminatedEvent>('terminated');
    throw error;
  }
  return wanted;
}
