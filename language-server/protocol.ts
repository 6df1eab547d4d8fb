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

export interface ByteInfoParams extends UriParams {
  readonly offset: number;
  /** False leaves out `instruction.wat`, whose first making takes a second in a module with 40,000 names of C++. */
  readonly wat?: boolean;
}

export interface ByteFault {
  readonly message: string;
  readonly offset?: number;
  readonly notes: readonly { readonly message: string; readonly offset?: number }[];
}

/** A node of the path from the file to a byte. */
export interface ByteStep {
  /** `file`, `section`, `entry`, `func`, `instruction`, `field`, `bytes`, `malformed`, … */
  readonly kind: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/** All about one byte. Ranges are offsets in the file, `end` exclusive; texts are plain. */
export interface ByteInfoResult {
  readonly offset: number;
  readonly path: readonly ByteStep[];
  /** The field that has the byte. */
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  readonly label: string;
  /** How its bytes are read: `u32`, `s64`, `utf8`, `valtype`, `opcode`, … */
  readonly form?: string;
  /** The bytes in hexadecimal, the first 64. */
  readonly bytes: string;
  readonly value?: string;
  /** Of a LEB128: seven bits a byte. If `needed` is less than there are groups, it is longer than it must be. */
  readonly leb?: {
    readonly signed: boolean;
    readonly needed: number;
    readonly groups: readonly {
      readonly offset: number;
      readonly byte: number;
      readonly bits: number;
      readonly shift: number;
      readonly more: boolean;
    }[];
  };
  /** What the value means in the module, a line each. */
  readonly meaning: readonly string[];
  readonly instruction?: {
    readonly name: string;
    readonly start: number;
    readonly end: number;
    readonly funcIdx?: number;
    /** `[i32 i32] -> [i32]`. */
    readonly type: string;
    readonly sentence: string;
    readonly traps: readonly string[];
    readonly stack?: { readonly before: string; readonly after?: string; readonly reachable: boolean };
    /** Why validation refuses it, if it is the first that it refuses in its function. */
    readonly fault?: ByteFault;
    readonly labels?: readonly string[];
    /** The line of the function's disassembled document, from 0, and its text. */
    readonly wat?: { readonly line: number; readonly text: string };
  };
  readonly clause: { readonly title: string; readonly url: string };
  /** 0 to 1: of the whole file. */
  readonly share: number;
  readonly sectionShare?: number;
  readonly fault?: ByteFault;
}

export interface ByteLeavesParams extends UriParams {
  readonly start: number;
  readonly end: number;
}

/** A field of a binary, in short. */
export interface ByteLeaf {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  readonly label: string;
  readonly form?: string;
  readonly role?: string;
  /** The section that it is in; absent in a header. */
  readonly section?: string;
  /** The instruction that it is of. */
  readonly instruction?: string;
  readonly fault?: string;
}

export interface ByteLeavesResult {
  /** Bytes of the file. */
  readonly size: number;
  /** Up to where the answer goes: long ranges are cut. */
  readonly end: number;
  readonly leaves: readonly ByteLeaf[];
}

export interface ByteTreeParams extends UriParams {
  /** Which child at each level; absent for the file. */
  readonly path?: readonly number[];
}

export interface ByteTreeNode extends ByteStep {
  readonly leaf: boolean;
  readonly value?: string;
  readonly fault?: string;
}

export interface ByteTreeResult {
  readonly node: ByteTreeNode;
  readonly children: readonly ByteTreeNode[];
}

/** client → server: all about the byte of a binary. */
export const ByteInfoRequest = new RequestType<ByteInfoParams, ByteInfoResult, void>('wasmscope/byteInfo');

/** client → server: the fields that have bytes in a range. They cover it without gaps. */
export const ByteLeavesRequest = new RequestType<ByteLeavesParams, ByteLeavesResult, void>(
  'wasmscope/byteLeaves',
);

/** client → server: what a node of the byte structure is made of. */
export const ByteTreeRequest = new RequestType<ByteTreeParams, ByteTreeResult, void>('wasmscope/byteTree');

/** server → client: a file that the server cannot read by itself, as base64. */
export const ReadFileRequest = new RequestType<UriParams, { data: string }, void>('wasmscope/readFile');

/** The file that a request names. Throws an Error for people if it names none. */
export function uriOf(params: UriParams): string {
  const uri: unknown = params?.uri;
  if (typeof uri !== 'string') throw new Error('the request names no file: it needs a uri');
  return uri;
}
