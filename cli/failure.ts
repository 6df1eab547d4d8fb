/**
 * How a command ends when it does not succeed, as errors. main.ts prints them; nothing else prints errors.
 */

export const EXIT = {
  ok: 0,
  /** The program trapped, or failed in another way; an assertion of a script failed. */
  failed: 1,
  badInput: 2,
  /** Nobody reads our output any more: what shells say of a program that SIGPIPE ends. */
  brokenPipe: 141,
} as const;

/** The command line makes no sense. The message is one line without a line break. */
export class UsageError extends Error {}

/** What to print, complete lines, and the exit code. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
