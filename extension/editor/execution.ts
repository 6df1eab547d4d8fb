/**
 * Where the program that is being debugged is, as bytes of a module, and the breakpoints that are bytes.
 *
 * Frames are read off the stack traces that pass by: the address of an instruction has its offset in the last eight digits
 * (docs/protocol.md), and its document says the module. A breakpoint on a byte is a function breakpoint with a place,
 * `m.wasm!0x1f3`, so that VS Code shows and keeps it.
 */

import * as vscode from 'vscode';
import { moduleOf } from '../files/disassembly.ts';
import { programUri } from '../files/program-uri.ts';
import type { LiveValue } from './messages.ts';

interface StackFrame {
  readonly id: number;
  readonly instructionPointerReference?: string;
  readonly source?: { readonly path?: string };
}

interface ProtocolMessage {
  readonly type: string;
  readonly success?: boolean;
  readonly command?: string;
  readonly event?: string;
  readonly body?: {
    readonly stackFrames?: readonly StackFrame[];
    readonly module?: { readonly id: number; readonly startInFile?: number };
  };
}

/** The focused frame, if it is in a binary. */
export interface CurrentFrame {
  readonly session: vscode.DebugSession;
  readonly frameId: number;
  /** The module, as its URI is written. */
  readonly module: string;
  readonly offset: number;
}

/** Operands that are shown of a stack. */
const SHOWN = 4;

export class Execution implements vscode.Disposable {
  readonly #frames = new Map<string, Map<number, CurrentFrame>>();
  /** By session, where each core module begins in the program's bytes, if that is a component. */
  readonly #starts = new Map<string, Map<number, number>>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  /** The focused frame is another one, or has other values, or a breakpoint on bytes is. */
  readonly onDidChange = this.#changed.event;

  constructor(debugType: string) {
    const changed = () => this.#changed.fire();
    this.#subscriptions = [
      vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
        createDebugAdapterTracker: (session) => ({
          onDidSendMessage: (message: ProtocolMessage) => this.#heard(session, message),
        }),
      }),
      vscode.debug.onDidChangeActiveStackItem(changed),
      vscode.debug.onDidChangeBreakpoints(changed),
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        this.#starts.delete(id);
        if (this.#frames.delete(id)) changed();
      }),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions, this.#changed).dispose();
  }

  /** The focused frame, if it is in this module. */
  currentIn(module: vscode.Uri): CurrentFrame | undefined {
    const item = vscode.debug.activeStackItem;
    if (!(item instanceof vscode.DebugStackFrame)) return undefined;
    const frame = this.#frames.get(item.session.id)?.get(item.frameId);
    return frame?.module === module.toString() ? frame : undefined;
  }

  /** The breakpoints on bytes of a module, by its name, as VS Code has them. */
  breakpointsIn(module: vscode.Uri): { readonly offset: number; readonly breakpoint: vscode.Breakpoint }[] {
    const name = nameOf(module).toLowerCase();
    return vscode.debug.breakpoints.flatMap((breakpoint) => {
      if (!(breakpoint instanceof vscode.FunctionBreakpoint)) return [];
      const place = /^(?:([^!/[\]]+)!)?0x([\da-f_]+)$/i.exec(breakpoint.functionName.trim());
      if (!place || (place[1] !== undefined && place[1].toLowerCase() !== name)) return [];
      return [{ offset: Number.parseInt(place[2].replaceAll('_', ''), 16), breakpoint }];
    });
  }

  /** Sets a breakpoint on an instruction, or removes those that are there. */
  toggleBreakpoint(module: vscode.Uri, offset: number): void {
    const here = this.breakpointsIn(module).filter((found) => found.offset === offset);
    if (here.length > 0) vscode.debug.removeBreakpoints(here.map(({ breakpoint }) => breakpoint));
    else {
      const place = `${nameOf(module)}!0x${offset.toString(16)}`;
      vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint(place)]);
    }
  }

  /** The operands that the current instruction finds, the topmost first. */
  async operands({ session, frameId }: CurrentFrame): Promise<LiveValue[]> {
    const { scopes } = await session.customRequest('scopes', { frameId });
    const stack = scopes?.find(({ name }: { name: string }) => name === 'Value stack');
    if (!stack) return [];
    const { variables } = await session.customRequest('variables', {
      variablesReference: stack.variablesReference,
      filter: 'indexed',
    });
    return (variables as { name: string; value: string }[]).slice(0, SHOWN).map(plain);
  }

  /** What an expression is worth in the focused frame; empty where it means nothing. */
  async valueOf({ session, frameId }: CurrentFrame, expression: string): Promise<LiveValue[]> {
    try {
      const { result } = await session.customRequest('evaluate', { expression, frameId, context: 'hover' });
      return [plain({ name: expression, value: result })];
    } catch {
      return [];
    }
  }

  #heard(session: vscode.DebugSession, { type, success, command, event, body }: ProtocolMessage): void {
    if (type === 'event' && (event === 'continued' || event === 'stopped')) {
      if (this.#frames.delete(session.id)) this.#changed.fire();
    } else if (type === 'event' && event === 'module') {
      this.#loaded(session, body?.module);
    } else if (type !== 'response') {
      return;
    } else if (command === 'stackTrace') {
      this.#remember(session, body?.stackFrames ?? []);
    } else if (success && (command === 'setVariable' || command === 'setExpression')) {
      this.#changed.fire();
    }
  }

  #loaded({ id }: vscode.DebugSession, module: NonNullable<ProtocolMessage['body']>['module']): void {
    if (module?.startInFile === undefined) return;
    const starts = this.#starts.get(id) ?? new Map<number, number>();
    starts.set(module.id, module.startInFile);
    this.#starts.set(id, starts);
  }

  #remember(session: vscode.DebugSession, frames: readonly StackFrame[]): void {
    const known = this.#frames.get(session.id) ?? new Map<number, CurrentFrame>();
    const program = programUri(session.configuration.program, session.workspaceFolder?.uri);
    for (const { id, instructionPointerReference: address, source } of frames) {
      if (!address || !/^0x[\da-f]{9,}$/i.test(address)) continue;
      const document = source?.path?.startsWith('wasmscope:') ? vscode.Uri.parse(source.path) : undefined;
      // The first module is the program itself, also where its frames are shown in other sources; or all are parts of it.
      const number = Number.parseInt(address.slice(2, -8), 16) - 1;
      const start = this.#starts.get(session.id)?.get(number);
      const isProgram = start !== undefined || number === 0;
      const module = (document && moduleOf(document)) ?? (isProgram ? program : undefined);
      if (!module) continue;
      const offset = Number.parseInt(address.slice(-8), 16) + (start ?? 0);
      known.set(id, { session, frameId: id, module: module.toString(), offset });
    }
    this.#frames.set(session.id, known);
    this.#changed.fire();
  }
}

function plain({ name, value }: LiveValue): LiveValue {
  return { name, value: value.slice(0, 200) };
}

function nameOf(module: vscode.Uri): string {
  return module.path.slice(module.path.lastIndexOf('/') + 1);
}
