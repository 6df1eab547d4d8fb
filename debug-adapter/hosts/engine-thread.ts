/**
 * The engine's thread, whatever the host: a Debuggee behind a port.
 *
 * Commands come in by `receive`; results and events go out by `send`. The imports' `console` becomes output events,
 * so that what a program prints keeps its order with its stops, and never mixes with the protocol on stdout.
 */

import { createDebuggee, type DebuggeeHost } from '../../engine/debug/debuggee.ts';
import type { Command, Message, Output } from '../../engine/debug/wire.ts';

/** What a thread needs of the place it runs in. */
export interface EngineThreadHost extends DebuggeeHost {
  /** Shows values as the host's console does. */
  format(values: readonly unknown[]): string;
}

const CHANNELS = { log: 'stdout', info: 'stdout', debug: 'stdout', warn: 'stderr', error: 'stderr' } as const;

/** Starts the debuggee of this thread; gives the function that takes commands. */
export function startEngineThread(host: EngineThreadHost): (command: Command) => void {
  const debuggee = createDebuggee(host);
  for (const [method, category] of Object.entries(CHANNELS)) {
    (console as unknown as Record<string, unknown>)[method] = (...values: unknown[]) =>
      debuggee.print(category, `${host.format(values)}\n`);
  }
  return (command) => debuggee.receive(command);
}

export function outputEvent(category: Output['category'], text: string): Message {
  return { type: 'event', event: 'output', body: { category, text } };
}
