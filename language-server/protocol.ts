/**
 * The server's requests beside LSP's own (docs/protocol.md). Plain data only; the extension has its own copy of these
 * shapes, because neither side imports the other. A test sends each of them over stdio.
 */

import { type Range, RequestType } from 'vscode-languageserver';

export interface UriParams {
  readonly uri: string;
}

export interface ExportedFunction {
  /** The export's name, unescaped. */
  readonly name: string;
  /** Type and, where the module gives one, name of each parameter. */
  readonly params: readonly { readonly type: string; readonly name?: string }[];
  readonly results: readonly string[];
}

export interface ExportsResult {
  readonly functions: readonly ExportedFunction[];
  /** Set when the file is no valid module: the first fault, with its place in words. */
  readonly fault?: string;
}

export interface SummaryItem {
  readonly name: string;
  readonly detail: string;
}

export interface SummaryFunction extends SummaryItem {
  readonly idx: number;
  /** Byte offset and size of the body; absent for imports. */
  readonly offset?: number;
  readonly size?: number;
}

export interface SummaryFault {
  readonly message: string;
  readonly offset?: number;
}

export interface ModuleSummary {
  readonly size: number;
  readonly sections: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
  readonly imports: readonly SummaryItem[];
  readonly exports: readonly SummaryItem[];
  readonly functions: readonly SummaryFunction[];
  /** Set when the module is malformed or invalid; the rest is what could be read. */
  readonly fault?: SummaryFault;
  /** What is wrong with the custom sections of a valid module, if anything is. */
  readonly warnings?: readonly SummaryFault[];
}

export interface FunctionsParams extends UriParams {
  /** How the functions' documents are written: words of a document's query, `folded.offsets`. */
  readonly written?: string;
}

/** A function with code, as a list of functions to choose from has it. */
export interface ListedFunction {
  readonly idx: number;
  /** As its document writes it; absent for a function without a name. */
  readonly name?: string;
  /** The linker's name and the whole of what it means, where `name` is a short form of it. */
  readonly linked?: string;
  readonly full?: string;
  readonly detail: string;
  /** Bytes of code. */
  readonly size: number;
  /** Its document. */
  readonly uri: string;
}

/** client → server: the exported functions of a `.wat` or `.wasm`. */
export const ExportsRequest = new RequestType<UriParams, ExportsResult, void>('wasmscope/exports');

/** A command of a script that can be run as a test: an assertion, or an action whose results nobody checks. */
export interface ScriptTest {
  /** `assert_return add(1, 2)`. */
  readonly label: string;
  readonly range: Range;
}

/** The tests of a module: those between its command and the next one's. */
export interface ScriptTests {
  /** `module $m`; of tests before any module, the empty string. */
  readonly label: string;
  readonly range: Range;
  readonly tests: readonly ScriptTest[];
}

/** client → server: the tests of a `.wast`, by the modules in front of them. Of any other file, none. */
export const TestsRequest = new RequestType<UriParams, { modules: readonly ScriptTests[] }, void>(
  'wasmscope/tests',
);

/** client → server: what a binary holds. */
export const SummaryRequest = new RequestType<UriParams, ModuleSummary, void>('wasmscope/moduleSummary');

/** client → server: all functions of a binary that have code. */
export const FunctionsRequest = new RequestType<
  FunctionsParams,
  { functions: readonly ListedFunction[] },
  void
>('wasmscope/functions');

/** client → server: the text of a `wasmscope:` document, or of a whole binary module. */
export const PrintRequest = new RequestType<UriParams, { text: string }, void>('wasmscope/print');

/** server → client: a file that the server cannot read by itself, as base64. */
export const ReadFileRequest = new RequestType<UriParams, { data: string }, void>('wasmscope/readFile');

/** The file that a request names. Throws an Error for people if it names none. */
export function uriOf(params: UriParams): string {
  const uri: unknown = params?.uri;
  if (typeof uri !== 'string') throw new Error('the request names no file: it needs a uri');
  return uri;
}
