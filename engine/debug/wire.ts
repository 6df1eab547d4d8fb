/**
 * The wire between the engine's thread and whoever drives it: every command, result and event, as plain data that
 * survives a structured clone.
 *
 * A command has a request id and is answered by one result or one fault with that id; events come at any time.
 * Places are byte offsets in the module and spans in UTF-16 units of a document. Lines, paths and the Debug Adapter
 * Protocol are not known here.
 *
 * It is one file above 600 lines because it is one contract: whoever speaks it reads all of it.
 */

import type { Note, Phase, Span } from '../base/errors.ts';
import type { PlanNode, PlanStart } from '../component/plan.ts';
import type { DisassemblyOptions } from '../symbols/disassembly.ts';
import type { DisassemblyDoc } from '../symbols/disassembly-doc.ts';
import type { ClientFileAnswer, ClientFileRequest } from '../wasi/client-tree.ts';
import type { Anchor } from './anchors.ts';
import type { ExpressionCompletion } from './expression-completion.ts';
import type { TrapGroup } from './trap-kinds.ts';
import type { WasiError } from './wasi-errors.ts';

export type { Anchor, DisassemblyOptions, ExpressionCompletion, WasiError };

/**
 * A text that places can be shown in: the program's own, or the disassembly of one of its functions; of one among several
 * modules with the module's number before it (docs.ts).
 */
export type Doc = TextDoc | DisassemblyDoc | `${number}/${DisassemblyDoc}`;

/** The text that the program is written in, or that of a preloaded module, by its number. */
export type TextDoc = 'program' | `${number}/program`;

/** A range of a document. */
export interface Spot {
  readonly doc: Doc;
  readonly span: Span;
}

/** An instruction: where it is in its module and in a document. */
export interface Place extends Spot {
  /** Which of a script's modules; 0 in a program that is one module. */
  readonly module: number;
  readonly funcIdx: number;
  readonly offset: number;
}

/** A fault as it crosses the wire. `span` is in the module's own text and is set wherever it can be found. */
export interface WireFault {
  readonly phase: Phase;
  /** The spec's wording first. */
  readonly message: string;
  /** The preloaded module, counted from 0, that it and its notes are in; the program otherwise. */
  readonly preload?: number;
  readonly offset?: number;
  readonly span?: Span;
  readonly notes: readonly Note[];
}

/** A module: a text to assemble, or a binary. */
export type ModuleSource = { readonly text: string } | { readonly bytes: Uint8Array };

/** The program: a module, or a script of the test suite's language. */
export type ProgramSource = ModuleSource | { readonly script: string };

/** A module that is loaded before the program, under a name that others import from. */
export interface PreloadSource {
  readonly name: string;
  /** Base name of its file, for places that name it. */
  readonly file?: string;
  readonly source: ModuleSource;
}

export interface ExportedFunc {
  readonly name: string;
  readonly funcIdx: number;
  /** Types as the text format writes them. */
  readonly params: readonly string[];
  readonly results: readonly string[];
}

export interface LoadParams {
  readonly program: ProgramSource;
  /** Base name of the program's file, for places that name it. */
  readonly file?: string;
  /** How the documents are written that places of a binary are shown in. */
  readonly disassembly?: DisassemblyOptions;
  /** In order: each may import from those before it. */
  readonly preloads?: readonly PreloadSource[];
}

export interface Loaded {
  readonly form: 'text' | 'binary' | 'script';
  /** Of a module. */
  readonly funcs: readonly ExportedFunc[];
}

/** A JavaScript module that gives the imports: by URL, and as text where the host cannot load that URL itself. */
export interface ImportsModule {
  readonly url: string;
  readonly text?: string;
}

/** A directory by its path on the host, and what the program calls it. */
export interface GrantedDirectory {
  readonly guest: string;
  readonly host: string;
  readonly readOnly: boolean;
  /** Only the client can reach it: `host` is its URI. */
  readonly client?: boolean;
}

/** What a program of WASI gets. */
export interface WasiParams {
  /** The first one is the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly dirs: readonly GrantedDirectory[];
  /** All of standard input, or that it comes by `input`: `typed`, or `asked` for by `inputWanted`. Without it there is none. */
  readonly stdin?: Uint8Array | 'typed' | 'asked';
  /** Which streams are terminals. Without it standard input is one if it is typed, and output is. */
  readonly terminals?: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Milliseconds since 1970 at which clocks stand; without it they are real. */
  readonly clock?: number;
  /** Seed of the random numbers; without it they are real. */
  readonly random?: string;
  /** Addresses to listen at: `127.0.0.1:8080`. */
  readonly listen: readonly string[];
  /** Of WASI 0.2: places of the network that may be reached: `example.com:443`, `*`. */
  readonly network?: readonly string[];
  /** Answer HTTP requests at this address: each is a thread with an instance of its own. */
  readonly serve?: string;
}

export interface LinkParams {
  readonly imports?: ImportsModule;
  /** `trap`: functions that nobody provides may be imported, but not called. */
  readonly missingImports?: 'error' | 'trap';
  /** Bytes that garbage-collected objects may take, by estimate. */
  readonly maxHeapBytes?: number;
  /** Calls that may be active at once in a thread. */
  readonly maxCallDepth?: number;
  /** `interpreter`: nothing is compiled for the host. */
  readonly engine?: 'auto' | 'interpreter';
  /** Say what the tiers do, as output for the log. */
  readonly tracesTiers?: boolean;
  readonly wasi?: WasiParams;
}

/**
 * What to run. Of a module a function: without `function` `_start`, else the only exported one without parameters. Of a script
 * all commands, or the first one that touches `span`: what is before it is done, too, but never stops.
 */
export interface PrepareParams {
  readonly function?: string;
  readonly args?: readonly (string | number)[];
  readonly span?: Span;
}

export interface Prepared {
  /** What runs, for people: `fib(10)`, `assert_return add(1, 2)`. */
  readonly label: string;
}

export interface StartParams {
  /** At the first instruction; or at that of the first start function, of the first `_initialize`, of the main function. */
  readonly stopOnEntry: boolean | 'start' | 'initialize' | 'main';
  /** Run without stopping: no breakpoints, and a trap ends the program at once. */
  readonly noDebug: boolean;
  /** Send what becomes of each command of a script. */
  readonly verdicts?: boolean;
  /** Send a core dump when the program traps. */
  readonly coreDump?: DumpNames;
}

/** What a core dump calls the program and its modules. */
export interface DumpNames {
  readonly name: string;
  /** By number; others are called as their name section says. */
  readonly modules: readonly string[];
}

/** What a breakpoint does when it is reached; without any of these it stops. */
export interface BreakpointRules {
  /** An expression that gives an i32; reached counts only where it is not 0. */
  readonly condition?: string;
  /** `5`, `>=5`, `%5`. */
  readonly hitCondition?: string;
  /** Printed instead of stopping; expressions stand in braces. */
  readonly logMessage?: string;
  /** It stops, or prints, the first time only. */
  readonly once?: boolean;
}

export interface BreakpointParams extends BreakpointRules {
  /** Chosen by the caller; stops name it. */
  readonly id: number;
  /** A line, or from a column to its line's end. */
  readonly span: Span;
  /** Take the instruction at or behind `span.start`; else the one in `span` that is executed first. */
  readonly exact: boolean;
  /** Where it was in an earlier build: counts more than `span`. */
  readonly anchor?: Anchor;
}

export interface FunctionBreakpointParams extends BreakpointRules {
  readonly id: number;
  /** A place (places.ts): `$name`, a name of an export or of an import, `func[3]`, `0x1f3`, `/^alloc/`. */
  readonly name: string;
  /** Where an offset was in an earlier build. */
  readonly anchor?: Anchor;
}

/** A breakpoint on an instruction, from a view of the machine's code. */
export interface InstructionBreakpointParams extends BreakpointRules {
  readonly id: number;
  readonly module: number;
  /** Byte offset in the module. */
  readonly offset: number;
}

/** At which accesses a data breakpoint stops; `change`: writes behind which another value is there. */
export type DataAccess = 'read' | 'write' | 'readWrite' | 'change';

/** What is to be watched: the child of a container, an expression, or bytes from an address (a number, or an expression). */
export type DataQuery =
  | { readonly container: Container; readonly name: string }
  | { readonly expression: string; readonly frame?: number; readonly bytes?: number }
  | { readonly address: string; readonly frame?: number; readonly bytes?: number };

export interface DataInfo {
  /** What `setDataBreakpoints` takes; null: it cannot be watched, as the description says. */
  readonly dataId: string | null;
  readonly description: string;
  readonly accesses: readonly DataAccess[];
  /** Whether it means the same in another run. */
  readonly persists: boolean;
}

export interface DataBreakpointParams extends BreakpointRules {
  readonly id: number;
  readonly dataId: string;
  readonly access: DataAccess;
}

export interface DataBreakpointState {
  readonly id: number;
  readonly verified: boolean;
  readonly message?: string;
  /** It will never stop again: what it watched is gone. */
  readonly removed?: true;
}

/** What was touched of what is watched. */
export interface WireDataHit {
  readonly id: number;
  /** `$count`, `mem[0x100].i32`. */
  readonly name: string;
  /** `3 (0x3) → 4 (0x4)`, of a read the value. */
  readonly text: string;
  /** `written by global.set in $bump`. */
  readonly who: string;
  /** The instruction that did it, if it was one. */
  readonly place?: Place;
}

export interface BreakpointState {
  readonly id: number;
  /** Where it is set, the first place if there are several; a command of a script is a spot. Absent if it could not be. */
  readonly place?: Place | Spot;
  /** It is set, though it has no place: on a function of the host, on an instantiation. */
  readonly verified?: true;
  /** Why it is not set, or that it was set somewhere else. */
  readonly message?: string;
  /** For finding the place again in another build, where lines and offsets alone would not. */
  readonly anchor?: Anchor;
}

/** A row of a view of the machine's code: an instruction, or a byte before or behind all code. */
export interface CodeRow {
  readonly offset: number;
  /** The instruction as the text format writes it; absent outside of the code. */
  readonly text?: string;
  /** Its bytes, in hexadecimal digits. */
  readonly bytes?: string;
  /** The function's name, at its first instruction. */
  readonly symbol?: string;
  readonly place?: Place;
}

export type StepKind = 'in' | 'over' | 'out';

/** Which thread, and whether all others stand still meanwhile. */
export interface ThreadChoice {
  readonly thread: number;
  readonly alone?: boolean;
}

export interface StepParams extends ThreadChoice {
  readonly how: StepKind;
  /** Of a step in: the offset of the call to go into; calls before it are stepped over. */
  readonly into?: number;
  /** Keep stepping while the place stays in this range of the document (a line, say) and in the same frame. */
  readonly within?: { readonly doc: Doc; readonly span: Span };
}

export interface WireThread {
  readonly id: number;
  readonly name: string;
  /** What it does instead of running: `waits at 0x40`. */
  readonly state?: string;
}

export interface WireFrame {
  /** Its number at the present stop, by which commands name it. */
  readonly frame: number;
  /**
   * `boundary`: a call into or out of an instance of a component, where it is defined; `script`: the command of a script that called;
   * `phase`: what of a program's start this is part of.
   */
  readonly kind: 'wasm' | 'host' | 'boundary' | 'script' | 'phase';
  /** `$fib` by its given name, `fib` by an export, `func[3]` else; `env.log` for a host function. */
  readonly name: string;
  readonly place?: Place | Spot;
  /** Which of the program's modules its function is in. */
  readonly module?: number;
  /** If they were asked for: its parameters as they are now. */
  readonly parameters?: readonly { readonly name?: string; readonly type: string; readonly value: string }[];
}

/** How far a node of the instantiation plan is; without one it is to come. */
export type PlanState = 'done' | 'current';

/** The instantiation plan of a component, or a part of it, as it stands in a thread. Offsets are the component's. */
export interface WirePlanNode extends Omit<PlanNode, 'children' | 'start'> {
  readonly state?: PlanState;
  /** Where it is defined, in a text, and where what it is an instance of is. */
  readonly place?: Spot;
  readonly sourcePlace?: Spot;
  readonly start?: PlanStart & { readonly place?: Spot };
  readonly children: readonly WirePlanNode[];
}

/** A module of the program. */
export interface WireModule {
  readonly number: number;
  /** Its name in the name section. */
  readonly name?: string;
  readonly form: 'text' | 'binary';
  readonly size: number;
  /** Where it begins in the bytes of its component; 0 for a module by itself. */
  readonly start: number;
  /** How many functions it defines, and how many of those have names. */
  readonly funcs: number;
  readonly named: number;
  /** The bytes of its functions. */
  readonly code: { readonly start: number; readonly end: number };
}

/** A list of values that can be asked for. `frame` is a frame's number. */
export type Container =
  | {
      readonly kind:
        | 'stack'
        | 'locals'
        | 'labels'
        | 'caught'
        | 'globals'
        | 'memories'
        | 'tables'
        | 'tags'
        | 'segments';
      readonly frame: number;
    }
  | { readonly kind: 'table' | 'elem'; readonly frame: number; readonly idx: number }
  /** A struct's fields, an array's elements, an exception's arguments; `expression` gives the object. */
  | { readonly kind: 'object'; readonly frame: number; readonly id: number; readonly expression: string }
  /** Bytes of a memory, one by one. */
  | {
      readonly kind: 'bytes';
      readonly frame: number;
      readonly memory: number;
      readonly from: number;
      readonly count: number;
    }
  /** A vector in every shape, and its lanes in one. */
  | { readonly kind: 'shapes'; readonly frame: number; readonly of: Vector }
  | { readonly kind: 'lanes'; readonly frame: number; readonly of: Vector; readonly shape: string }
  /** Values of a call between components: its arguments and result, or what is in the value at a path of numbers. */
  | { readonly kind: 'call'; readonly frame: number; readonly path: readonly number[] }
  /** The handles of a component instance. */
  | { readonly kind: 'handles'; readonly frame: number };

/** A v128: the one that a list has at a number, or one that was computed, in hexadecimal. */
export type Vector =
  | { readonly container: Container; readonly idx: number }
  | { readonly bits: string; readonly expression: string };

/** How values are to be written. */
export interface Format {
  /** Integers in hexadecimal first. */
  readonly hex?: boolean;
}

/** One value, as people read it. */
export interface Item {
  readonly name: string;
  readonly value: string;
  /** Its type as the text format writes it. */
  readonly type?: string;
  /** The expression that gives it. */
  readonly expression?: string;
  /** What is inside it, and how many; `paged`: numbered, to be asked for in parts. */
  readonly container?: Container;
  readonly count?: number;
  readonly paged?: boolean;
  /** Index of the function that it refers to. */
  readonly func?: number;
  /** Index of the memory that it is. */
  readonly memory?: number;
  /** Which instance these indices are of, if not the first. */
  readonly instance?: number;
  /** The place that explains it: the instruction that pushed a value, the one that a branch continues at. */
  readonly origin?: { readonly what: string; readonly place: Place };
  readonly readOnly?: boolean;
  /** It was an assignment, which is done. */
  readonly assigned?: boolean;
  /** Setting it wrote these bytes of a memory. */
  readonly wrote?: { readonly memory: number; readonly offset: number; readonly count: number };
}

export interface Scope {
  readonly container: Container;
  readonly count: number;
  readonly paged: boolean;
  /** The command `next` says what this frame will do. */
  readonly hasNext?: true;
}

/** A memory: its index, and in which instance if that is not the first. */
export interface MemoryChoice {
  readonly memory: number;
  readonly instance?: number;
}

/**
 * What the program stops for besides breakpoints. `traps` also stands for exhaustion and deadlocks; `wasi` for errors that
 * WASI's functions answer with, `exits` for the end with a code that is not 0.
 */
export type ExceptionFilter =
  | 'traps'
  | `traps.${TrapGroup}`
  | 'uncaught'
  | 'all'
  | 'wasi'
  | 'exits'
  | 'assertions';

export interface ExceptionBreakpointParams {
  readonly filter: ExceptionFilter;
  /**
   * Of exceptions names of tags (`$oops`, `js`), then `if` and an expression (`$oops if thrown[0] > 5`); of traps a part of
   * the message; of `wasi` names of errors (`EBADF`); of `exits` codes.
   */
  readonly condition?: string;
}

export interface MemoryBytes {
  readonly bytes: Uint8Array;
  /** How many of the bytes asked for are behind the end, or before the begin. */
  readonly unreadable: number;
}

/** How many bytes were written, from which address on. */
export interface Written {
  readonly written: number;
  readonly offset: number;
}

/** An instruction that a thread may be put at, and why it cannot. */
export interface GotoTarget {
  readonly place: Place;
  readonly problem?: string;
}

/** A call: its offset, and what it calls as people read it. */
export interface StepInTarget {
  readonly offset: number;
  readonly label: string;
  readonly place: Place;
}

/** Every command: its parameters and its result. */
export interface Commands {
  load: [LoadParams, Loaded];
  link: [LinkParams, null];
  prepare: [PrepareParams, Prepared];
  start: [StartParams, null];
  /**
   * Instead of `link`, `prepare` and running: the program's modules as a core dump has them. `start` then tells of a stop.
   * Gives what cannot be shown, for people.
   */
  openCoreDump: [{ bytes: Uint8Array }, readonly string[]];
  /** A core dump of the program that is stopped. */
  coreDump: [DumpNames, Uint8Array];
  /**
   * The document that is now what `doc` was in an earlier build, when its function was called `word` (as URIs write
   * names). Null: there is none.
   */
  currentDocument: [{ doc: Doc; word: string | undefined }, Doc | null];
  /** `now`: the document that the spans are in, if not `doc`. */
  setBreakpoints: [
    { doc: Doc; now?: Doc; breakpoints: readonly BreakpointParams[] },
    readonly BreakpointState[],
  ];
  setFunctionBreakpoints: [{ functions: readonly FunctionBreakpointParams[] }, readonly BreakpointState[]];
  breakpointLocations: [{ doc: Doc; span: Span }, readonly Place[]];
  setInstructionBreakpoints: [
    { instructions: readonly InstructionBreakpointParams[] },
    readonly BreakpointState[],
  ];
  dataBreakpointInfo: [DataQuery, DataInfo];
  /** Replaces one of two lists: the client's data breakpoints, or those of its own view. */
  setDataBreakpoints: [
    { list: 'client' | 'own'; breakpoints: readonly DataBreakpointParams[] },
    readonly DataBreakpointState[],
  ];
  /** `count` rows of code, from `skip` rows behind the instruction that covers the byte `offset`. */
  disassemble: [{ module: number; offset: number; skip: number; count: number }, readonly CodeRow[]];
  /** The text of a document, and the name of the function in it. */
  functionText: [{ doc: Doc }, { text: string; name?: string }];
  /** For each filter why it cannot be as it is wanted; null if it can. Without this command: traps and what nobody catches. */
  setExceptionBreakpoints: [{ filters: readonly ExceptionBreakpointParams[] }, readonly (string | null)[]];
  /** Bytes for standard input; `end`: nothing more will come. */
  input: [{ bytes?: Uint8Array; end?: boolean }, null];
  /** What the client says to an event `fileSystem`. */
  fileSystemAnswer: [
    { id: number; answer?: ClientFileAnswer; error?: { code: string; message: string } },
    null,
  ];
  /** So many bytes of the events `programOutput` are shown. */
  outputTaken: [{ count: number }, null];
  /**
   * Somebody looks from now on; filters are as in the beginning. `disassembly` as for `load`. `stop`: the program stands still
   * already, and tells nobody again.
   */
  attach: [{ disassembly?: DisassemblyOptions }, { stop: Stopped | undefined }];
  /** Nobody looks any more: no breakpoints, no filters, and the program runs, or it stands still until somebody looks again. */
  detach: [{ suspend: boolean } | null, null];
  threads: [null, readonly WireThread[]];
  /** Ends threads, the main one and the program with it. */
  endThreads: [{ threads: readonly number[] }, null];
  /** The program's modules: those of a script are known before they are instantiated. `count` 0: all. */
  modules: [{ start: number; count: number }, { total: number; modules: readonly WireModule[] }];
  /** Of a component: what is instantiated, and how far a thread is with it. Null: the program is no component. */
  instantiation: [{ thread?: number }, WirePlanNode | null];
  continue: [ThreadChoice, null];
  step: [StepParams, null];
  pause: [null, null];
  /** Ends the call that an expression makes, if one runs. */
  cancelCalls: [null, null];
  /** The instructions that begin in a range, with why the thread cannot go on there, if it cannot. */
  gotoTargets: [{ thread: number; doc: Doc; span: Span }, readonly GotoTarget[]];
  /** The thread goes on at another instruction of its innermost function. */
  goto: [{ thread: number; module: number; offset: number }, null];
  /** Where an innermost frame stands, and the calls behind that in its function. */
  stepInTargets: [{ frame: number }, { place?: Place; targets: readonly StepInTarget[] }];
  /** The function begins again with its arguments. */
  restartFrame: [{ frame: number }, null];
  /** The function returns at once, with these values. */
  forceReturn: [{ frame: number; values: readonly string[] }, null];
  /** What could not be executed counts as done, with these results; or this is what the results would be. */
  supplyResult: [{ thread: number; values: readonly string[] }, null];
  /** The types that `forceReturn` and `supplyResult` want. */
  forcedTypes: [{ frame: number; of: 'function' | 'instruction' }, readonly string[]];
  stackTrace: [
    { thread: number; start: number; count: number; parameters?: Format },
    { total: number; frames: readonly WireFrame[] },
  ];
  scopes: [{ frame: number }, readonly Scope[]];
  /** `most`: so many at once; one more item then says how many are left. */
  children: [
    { container: Container; start?: number; count?: number; format?: Format; most?: number },
    readonly Item[],
  ];
  /** `assigns`: `$x = 5` sets. `calls`: `!$f(1)` calls; it may take long, and `cancelCalls` ends it. */
  evaluate: [
    { expression: string; frame?: number; format?: Format; assigns?: boolean; calls?: boolean },
    Item,
  ];
  /** What can be typed at `column` (UTF-16 units) of an expression. */
  completions: [{ text: string; column: number; frame?: number }, readonly ExpressionCompletion[]];
  /** What the next instruction of a frame will do: `i32.div_s 7, 0 → will trap: integer divide by zero`. */
  next: [{ frame: number }, Item | null];
  setValue: [{ container: Container; name: string; value: string; format?: Format }, Item];
  setExpression: [{ expression: string; value: string; frame?: number; format?: Format }, Item];
  /** Where a function begins; null for one without a body. */
  funcPlace: [{ funcIdx: number; instance?: number }, Place | null];
  readMemory: [MemoryChoice & { offset: number; count: number }, MemoryBytes];
  /** Stop for good and answer nothing more; for hosts that cannot end the thread itself. */
  terminate: [null, null];
  writeMemory: [MemoryChoice & { offset: number; bytes: Uint8Array; allowPartial?: boolean }, Written];
}

export type CommandName = keyof Commands;
export type Params<K extends CommandName> = Commands[K][0];
export type Result<K extends CommandName> = Commands[K][1];

export type StopReason =
  | 'entry'
  | 'step'
  | 'breakpoint'
  | 'function breakpoint'
  | 'instruction breakpoint'
  | 'data breakpoint'
  | 'pause'
  /** The user has put it there. */
  | 'goto'
  | 'restart'
  /** It is a core dump, of a program that did not trap. */
  | 'dump'
  /** A trap, a throw, a deadlock. */
  | 'exception'
  /** An assertion of a script failed. */
  | 'assertion';

/** An exception at its throw. */
export interface WireThrown {
  /** Its tag's name, or that of the host function that threw something of its own. */
  readonly name: string;
  /** With its arguments: `$oops(7)`. */
  readonly text: string;
  /** The function that catches it, and where; absent if nobody does. */
  readonly caught?: { readonly name: string; readonly place: Place };
}

export interface Stopped {
  readonly reason: StopReason;
  readonly thread: number;
  /** The innermost Wasm instruction, else the script's command; absent when nothing is on the stack. */
  readonly place?: Place | Spot;
  readonly breakpoints?: readonly number[];
  /** Why execution cannot go on (reason `exception`). */
  readonly fault?: WireFault;
  /** What was thrown (reason `exception`). */
  readonly thrown?: WireThrown;
  /** The error that a function of WASI has answered with (reason `exception`). */
  readonly wasi?: WasiError;
  /** The code that the program is about to exit with (reason `exception`). */
  readonly exitCode?: number;
  /** What was touched (reason `data breakpoint`). */
  readonly data?: readonly WireDataHit[];
  /** Whom it waits for, when it cannot go on alone; what an assertion found. */
  readonly text?: string;
}

export interface Ended {
  /** 0: the invocation returned, all assertions hold; 1: a trap or another failure. */
  readonly code: number;
  /** What the main function of a module gave, as the text format writes it. */
  readonly results?: readonly string[];
  /** What ended a module's program, if that was not its own end. */
  readonly fault?: WireFault;
}

export interface Output {
  readonly category: 'console' | 'stdout' | 'stderr' | 'log';
  readonly text: string;
  readonly place?: Spot;
}

/** What became of a command of a script. */
export interface Verdict {
  /** The command in the script. */
  readonly span: Span;
  readonly ok: boolean;
  readonly message?: string;
  /** What an assertion wanted, and what came instead, where that can be said in a few words. */
  readonly expected?: string;
  readonly got?: string;
}

export interface Events {
  /** Only if `start` asked for them. */
  verdict: Verdict;
  /** A data breakpoint is not what it was when it was set. */
  dataBreakpoint: DataBreakpointState;
  threadStarted: { readonly id: number };
  /** Everything of a component is instantiated: `instantiation` has something new to tell. */
  made: null;
  threadEnded: { readonly id: number };
  stopped: Stopped;
  /** The program traps, and `start` asked for this; or why it could not be made. */
  coreDump: { readonly bytes: Uint8Array } | { readonly error: string };
  ended: Ended;
  output: Output;
  /** What the program wrote to a standard stream; to be answered by `outputTaken`, or it waits when too much is on its way. */
  programOutput: { readonly category: 'stdout' | 'stderr'; readonly bytes: Uint8Array };
  /** The program waits for standard input that is `asked` for; one `input` is enough. */
  inputWanted: null;
  /** The client is asked about its directories; to be answered by `fileSystemAnswer`. */
  fileSystem: { readonly id: number; readonly request: ClientFileRequest };
}

export type EventName = keyof Events;

/** One command on its way to the engine. */
export type Command = { [K in CommandName]: { id: number; command: K; params: Params<K> } }[CommandName];

/** What the engine sends. */
export type Message =
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'fault'; readonly id: number; readonly faults: readonly WireFault[] }
  | { [K in EventName]: { readonly type: 'event'; readonly event: K; readonly body: Events[K] } }[EventName];
