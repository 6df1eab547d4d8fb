/**
 * The terminal of a program that is launched with `"console": "integratedTerminal"`: its standard streams, on a desktop and on
 * the Web. The program runs in the debugger, so this is a terminal of the extension's own.
 */

import * as vscode from 'vscode';
import { LineEditor } from './line-editor.ts';

export interface ProgramTerminal {
  /** Shows what the program wrote. */
  write(text: string): void;
  /** The program is over; the terminal stays until a key is pressed in it. */
  exited(code: number): void;
  /** The session is over. A terminal whose program has not exited by itself closes. */
  dispose(): void;
}

export interface TerminalOwner {
  /** Text for standard input; undefined: nothing more comes. */
  input(text: string | undefined): void;
  /** The user wants the program to end. */
  stop(): void;
}

/** Opens a terminal and shows it. */
export function openTerminal(name: string, owner: TerminalOwner): ProgramTerminal {
  const written = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<void>();
  /** What comes before the terminal is open is kept for then. */
  let early: string[] | undefined = [];
  let over = false;
  const show = (text: string): void => {
    if (early) early.push(text);
    else written.fire(text);
  };
  const editor = new LineEditor({
    echo: show,
    send: (text) => owner.input(text),
    end: () => owner.input(undefined),
    interrupt: () => owner.stop(),
  });
  const pty: vscode.Pseudoterminal = {
    onDidWrite: written.event,
    onDidClose: closed.event,
    open: () => {
      const before = early ?? [];
      early = undefined;
      for (const text of before) show(text);
    },
    close: () => {
      if (!over) owner.stop();
      over = true;
    },
    handleInput: (data) => {
      if (over) closed.fire();
      else editor.input(data);
    },
  };
  vscode.window.createTerminal({ name, pty }).show(true);
  return {
    write: (text) => show(text.replace(/\r?\n/g, '\r\n')),
    exited: (code) => {
      over = true;
      const message = vscode.l10n.t(
        'The program has exited with code {0}. Press any key to close this terminal.',
        code,
      );
      show(`\r\n${message}\r\n`);
    },
    dispose: () => {
      if (!over) closed.fire();
      over = true;
    },
  };
}
