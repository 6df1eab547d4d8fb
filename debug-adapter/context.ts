/**
 * What all requests of one session share: the client, the host, the program being debugged, and the numbers that
 * DAP hands out for frames and variables.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type {
  Container,
  ExceptionBreakpointParams,
  Place,
  Stopped,
  WasiParams,
} from '../engine/debug/wire.ts';
import type { RunningProgram } from './attach.ts';
import type { ClientInfo } from './client.ts';
import type { Documents } from './documents.ts';
import type { EngineClient, EngineConnection } from './engine-client.ts';
import type { Files, ReadLocal } from './files.ts';
import type { Platform } from './paths.ts';
import type { Progress } from './progress.ts';
import type { ProgramWatch } from './rebuilt.ts';
import type { TerminalHost } from './terminal.ts';

/** What a session needs of the place it runs in. */
export interface AdapterHost {
  readonly platform: Platform;
  /** Where relative paths begin when the client gives no `cwd`: a folder's URI. */
  readonly cwd: string | undefined;
  readonly readLocal: ReadLocal;
  /** Writes a file that the host itself can reach; undefined for one that it cannot. Rejects with a message for people. */
  writeLocal?(uri: string, bytes: Uint8Array): Promise<void> | undefined;
  /** `file:` URIs are directories and files of this machine. */
  readonly hasDisk: boolean;
  /**
   * Calls `changed` when a file that `readLocal` reads may have changed; gives what ends that, undefined for a file that
   * it cannot watch. Absent where nothing can be watched.
   */
  watchLocal?(uri: string, changed: () => void): (() => void) | undefined;
  /** True for URLs that the engine's thread can `import()` by itself, relative imports included. */
  canImport(uri: string): boolean;
  /** Waits until the client has room for more, where that can be known. */
  sent?(): Promise<void>;
  /** The program to attach to, where one was started already; else programs are launched. */
  readonly running?: RunningProgram;
  /** Where the program's standard streams are, if not with the client. */
  readonly streams?: ProgramStreams;
  /** How a client that can run a command in a terminal runs programs there. Absent where there are no processes. */
  readonly terminals?: TerminalHost;
  /** There is one engine only, which was started from outside: a program cannot be started anew in it. */
  readonly oneEngine?: boolean;
  /** Starts an engine thread. */
  startEngine(): EngineConnection;
  /** The session is over: let go of everything. */
  ended(): void;
}

/** Standard streams for programs. */
export interface ProgramStreams {
  readonly terminals: NonNullable<WasiParams['terminals']>;
  /** A promise if who writes has to wait. */
  write(category: 'stdout' | 'stderr', content: string | Uint8Array): Promise<void> | undefined;
  /** Calls `take` once with what comes next; undefined: nothing more comes. */
  read(take: (bytes: Uint8Array | undefined) => void): void;
  /** The program is over. */
  exited(code: number): void;
}

/** `launch` as the client sends it. */
export interface LaunchArguments extends DebugProtocol.LaunchRequestArguments {
  program?: string;
  invoke?: { function?: string; args?: (string | number)[] };
  /** Of a script: only the command in this line. */
  line?: number;
  /** Of a script: send the event `wasmscope/verdict` for each command (docs/protocol.md). */
  verdicts?: boolean;
  imports?: string;
  missingImports?: 'error' | 'trap';
  /** Bytes that objects may take, as people write them: `64M`. */
  maxHeapSize?: number | string;
  /** Calls that may be active at once in a thread. */
  maxCallDepth?: number;
  /** Which tier runs the program: compiled code where that pays, or the interpreter alone. */
  engine?: 'auto' | 'interpreter';
  /** Modules that are loaded before the program, by the names that others import from, in this order. */
  preload?: Record<string, string>;
  /** Of WASI: what a program gets (launch-wasi.ts). */
  args?: string[];
  env?: Record<string, string | null>;
  dirs?: Record<string, string> | { guest?: string; host: string; readOnly?: boolean }[];
  stdin?: string | { text: string };
  /** `integratedTerminal`: standard input is what the client sends by `wasmscope/input`. */
  console?: 'internalConsole' | 'integratedTerminal' | 'externalTerminal';
  clock?: string;
  random?: string | number;
  listen?: string[];
  /** Of WASI 0.2. */
  network?: string[];
  serve?: { port?: number; host?: string };
  /** Where a core dump is written when the program traps. */
  coreDump?: string;
  /** Of a core dump: where its modules are, by the names that it has for them. */
  modules?: Record<string, string>;
  /** Prefixes of paths from other machines, and what they are here. */
  sourceMap?: Record<string, string>;
  stopOnEntry?: boolean | 'start' | 'initialize' | 'main';
  stepBy?: 'instruction' | 'line';
  numbers?: 'decimal' | 'hexadecimal';
  maxVariables?: number;
  /** How disassembled functions are written. */
  disassembly?: { form?: 'flat' | 'folded'; offsets?: boolean; demangle?: boolean };
  cwd?: string;
  trace?: boolean | 'protocol' | 'tiers';
  supportsWasmscopeFiles?: boolean;
}

/** The program, once it is loaded. */
export interface Program {
  readonly uri: string;
  readonly engine: EngineClient;
  readonly documents: Documents;
  readonly stepBy: 'instruction' | 'line';
  /** Integers in hexadecimal first, where the client does not say. */
  readonly hex: boolean;
  /** At most so many variables in one answer. */
  readonly most: number;
}

export interface Context {
  readonly host: AdapterHost;
  readonly files: Files;
  readonly handles: Handles;
  readonly watch: ProgramWatch;
  readonly progress: Progress;
  client: ClientInfo;
  trace: boolean;
  /** The engine of this session, from the moment it is started. */
  engine: EngineClient | undefined;
  /** Resolves when a `launch` that came has its answer, whatever that is. */
  launching: Promise<void> | undefined;
  /** Set by `launch` as soon as the program is loaded. */
  program: Program | undefined;
  /** What the program stops for besides breakpoints, when the client has said so. */
  exceptionFilters: readonly ExceptionBreakpointParams[] | undefined;
  /** The last stop, while it lasts. */
  stopped: Stopped | undefined;
  /** References of the memories that the client has read: its views of them are to be refreshed at stops. */
  readonly memoriesShown: Set<string>;
  /** Resolves when the requests that are answered in order, as far as they came, have their answers. */
  answered(): Promise<void>;
  send<E extends DebugProtocol.Event>(event: E['event'], body?: E['body']): void;
  log(line: string): void;
}

/** A request is refused; the message is for people. `showUser`: worth a dialog, not only an error in place. */
export class RequestError extends Error {
  readonly showUser: boolean;

  constructor(message: string, showUser = false) {
    super(message);
    this.name = 'RequestError';
    this.showUser = showUser;
  }
}

/** The loaded program. Throws a RequestError before `launch`. */
export function programOf(context: Context): Program {
  if (!context.program) throw new RequestError('nothing is being debugged');
  return context.program;
}

/** What a value's location is: an instruction, or a function's first. */
export type Target = { readonly place: Place } | { readonly funcIdx: number; readonly instance?: number };

/** The numbers of frames and of lists of variables: valid until execution goes on. */
export interface Handles {
  /** The number for a frame of the engine's. */
  frame(frame: number): number;
  frameOf(frameId: number): number;
  /** `paged`: its variables are numbered and asked for in parts. */
  container(container: Container, paged?: boolean): number;
  isPaged(reference: number): boolean;
  location(target: Target): number;
  locationOf(reference: number): Target;
  containerOf(reference: number): Container;
  /** Forgets all; old numbers are recognised as such. */
  clear(): void;
}

export function createHandles(): Handles {
  let nextFrame = 1;
  let nextReference = 1;
  const frames = new Map<number, number>();
  const containers = new Map<number, Container>();
  const paged = new Set<number>();
  const targets = new Map<number, Target>();
  return {
    frame(frame) {
      frames.set(nextFrame, frame);
      return nextFrame++;
    },
    container(container, isPaged) {
      containers.set(nextReference, container);
      if (isPaged) paged.add(nextReference);
      return nextReference++;
    },
    frameOf(frameId) {
      const frame = frames.get(frameId);
      if (frame === undefined) throw new RequestError('that frame is gone: the program ran on');
      return frame;
    },
    isPaged: (reference) => paged.has(reference),
    location(target) {
      targets.set(nextReference, target);
      return nextReference++;
    },
    locationOf(reference) {
      const target = targets.get(reference);
      if (!target) throw new RequestError('that value is gone: the program ran on');
      return target;
    },
    containerOf(reference) {
      const container = containers.get(reference);
      if (!container) throw new RequestError('those values are gone: the program ran on');
      return container;
    },
    clear() {
      frames.clear();
      containers.clear();
      paged.clear();
      targets.clear();
    },
  };
}
