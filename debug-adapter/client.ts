/**
 * What the client said about itself, and the conversions that follow from it: where its lines and columns begin,
 * and whether it answers our own messages.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { LineColumn } from './lines.ts';

/** `initialize` (or `launch`) with our own additions. */
export interface WasmscopeInitializeArguments extends DebugProtocol.InitializeRequestArguments {
  /** The client answers the event `wasmscope/readFile` with the request `wasmscope/fileContent`. */
  supportsWasmscopeFiles?: boolean;
  /** The client shows a variable's type nowhere but in a hover: numbers say theirs in the value, `i32 3 (0x3)`. */
  typesInValues?: boolean;
  /** The client shows a terminal of its own for a program and sends what is typed by `wasmscope/input`. */
  supportsWasmscopeInput?: boolean;
  /** The client answers the event `wasmscope/fileSystem` with the request `wasmscope/fileSystemAnswer`. */
  supportsWasmscopeDirectories?: boolean;
}

export interface ClientInfo {
  readonly linesFrom: number;
  readonly columnsFrom: number;
  /** Paths are URIs (`pathFormat: "uri"`). */
  readonly pathsAreUris: boolean;
  readonly wasmscopeFiles: boolean;
  readonly memoryEvents: boolean;
  readonly invalidatedEvents: boolean;
  readonly progress: boolean;
  /** Escape sequences in what is printed are shown as styles. */
  readonly styling: boolean;
  readonly typesInValues: boolean;
  readonly wasmscopeInput: boolean;
  readonly wasmscopeDirectories: boolean;
  /** The client runs a command in a terminal when it is asked to. */
  readonly runInTerminal: boolean;
  /** Its menu says "Break on Value Change" for data breakpoints on writes. */
  readonly writeMeansChange: boolean;
  /** It shows every exception filter above the user's own breakpoints, in a view of a few lines. */
  readonly fewFilters: boolean;
}

export function clientInfo(args: WasmscopeInitializeArguments): ClientInfo {
  const isVsCode = args.clientID === 'vscode';
  return {
    linesFrom: args.linesStartAt1 === false ? 0 : 1,
    columnsFrom: args.columnsStartAt1 === false ? 0 : 1,
    pathsAreUris: args.pathFormat === 'uri',
    wasmscopeFiles: args.supportsWasmscopeFiles === true,
    memoryEvents: args.supportsMemoryEvent === true,
    invalidatedEvents: args.supportsInvalidatedEvent === true,
    progress: args.supportsProgressReporting === true,
    styling: args.supportsANSIStyling === true,
    typesInValues: args.typesInValues === true,
    wasmscopeInput: args.supportsWasmscopeInput === true,
    wasmscopeDirectories: args.supportsWasmscopeDirectories === true,
    runInTerminal: args.supportsRunInTerminalRequest === true,
    writeMeansChange: isVsCode,
    fewFilters: isVsCode,
  };
}

/** Our line and column, which count from 0, as the client counts. */
export function toClient(client: ClientInfo, { line, column }: LineColumn): LineColumn {
  return { line: line + client.linesFrom, column: column + client.columnsFrom };
}

/** A client's line, counted from 0. */
export function fromClientLine(client: ClientInfo, line: number): number {
  return line - client.linesFrom;
}

/** A client's column, counted from 0. */
export function fromClientColumn(client: ClientInfo, column: number): number {
  return column - client.columnsFrom;
}
