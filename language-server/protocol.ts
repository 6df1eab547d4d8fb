/**
 * The server's requests beside LSP's own (docs/protocol.md). Plain data only; the extension has its own copy of these
 * shapes, because neither side imports the other. A test sends each of them over stdio.
 */

import { NotificationType, type Range, RequestType } from 'vscode-languageserver';

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

/** Something that is given to an import: what it is for people, the node that it is of, what of it is imported, or what is in it. */
export interface InstantiationLink {
  readonly name: string;
  readonly to: string;
  readonly target?: string;
  readonly items?: readonly string[];
  readonly links?: readonly InstantiationLink[];
}

/** What is instantiated when a component starts. Offsets are those of its bytes; a range is there in a text. */
export interface InstantiationNode {
  /** The same in every run; the component itself has the empty one. */
  readonly id: string;
  readonly kind: 'component' | 'core instance' | 'start';
  readonly name: string;
  /** The module or component that it is an instance of. */
  readonly of?: string;
  /** Of a core instance: which one it is, counted from 1. */
  readonly number?: number;
  readonly offset: number;
  readonly range?: Range;
  /** The module or component that it is an instance of. */
  readonly source?: { readonly offset: number; readonly range?: Range };
  readonly start?: { readonly name: string; readonly offset?: number; readonly range?: Range };
  readonly links: readonly InstantiationLink[];
  readonly children: readonly InstantiationNode[];
  /** There is more in it than is known before it runs. */
  readonly isOpen?: boolean;
}

/** client → server: what is instantiated when a component starts; null for what is no valid component. */
export const InstantiationRequest = new RequestType<UriParams, { root: InstantiationNode | null }, void>(
  'wasmscope/instantiation',
);

/** client → server: what a binary holds, in short. */
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
  /**
   * True adds `instruction.wat`, whose first making takes a second in a module with 40,000 names of C++; `byteWat` has it
   * by itself. `ready` adds it where that takes no time, and makes the names that it needs in the background.
   */
  readonly wat?: boolean | 'ready';
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
  /** Which child at each level of `wasmscope/byteTree` leads to the byte. It also counts groups, which `path` leaves out. */
  readonly treePath: readonly number[];
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

/** At most 1 KiB is answered at once. */
export interface ByteCardsParams extends UriParams {
  readonly start: number;
  readonly end: number;
}

/**
 * A field as `byteInfo` has it, without what is of one byte, and without the shares. `leb` is there if it has more than one
 * byte. Numbers in place of what is shared are indices in the lists of the answer.
 */
export interface ByteCardField
  extends Omit<
    ByteInfoResult,
    'offset' | 'path' | 'meaning' | 'instruction' | 'clause' | 'share' | 'sectionShare'
  > {
  readonly path: readonly number[];
  readonly instruction?: number;
  readonly clause: number;
}

/** An instruction as `byteInfo` has it; the texts are indices in `words`. */
export interface ByteCardInstruction
  extends Omit<NonNullable<ByteInfoResult['instruction']>, 'sentence' | 'type' | 'labels'> {
  readonly sentence: number;
  readonly type: number;
  readonly labels?: readonly number[];
}

/**
 * The cards of a range: what `byteInfo` (with `wat: 'ready'`) says of each byte, without saying anything twice. A card is of all
 * bytes from its `offset` up to that of the next card, the last one up to the end of its field.
 */
export interface ByteCardsResult {
  /** `start` is that of the first field, which may be in front of what was asked for. */
  readonly start: number;
  readonly end: number;
  readonly steps: readonly ByteStep[];
  readonly clauses: readonly ByteInfoResult['clause'][];
  readonly words: readonly string[];
  readonly instructions: readonly ByteCardInstruction[];
  readonly fields: readonly ByteCardField[];
  readonly cards: readonly {
    readonly offset: number;
    readonly field: number;
    /** Indices in `words`. */
    readonly meaning: readonly number[];
  }[];
}

export interface ByteLeavesParams extends UriParams {
  readonly start: number;
  readonly end: number;
}

/**
 * What a view colours a field by, beside its section. The number in `tones` is an index into this list; new ones are
 * added at its end.
 */
export const BYTE_TONES = [
  /** Magic, versions, section ids, subsection ids. */
  'frame',
  /** Byte lengths and counts of items. */
  'length',
  /** Opcodes and prefixes. */
  'opcode',
  /** Indices into index spaces, also of locals and labels. */
  'index',
  /** Types and what they are made of. */
  'type',
  /** Numbers and other immediates. */
  'number',
  /** Flags, kinds, alignments. */
  'flags',
  'text',
  'data',
  'malformed',
] as const;

/**
 * The fields that have bytes in a range, as columns: entry `i` of each list is about field `i`. Fields stand without gaps, so
 * field `i` begins where field `i - 1` ends, the first one at `start`. Words are numbers in `words`; -1 is none.
 */
export interface ByteLeavesResult {
  /** Bytes of the file. */
  readonly size: number;
  /** Where the first field begins, which may be in front of the range; and up to where the answer goes: long ranges are cut. */
  readonly start: number;
  readonly end: number;
  readonly words: readonly string[];
  readonly ends: readonly number[];
  /** Words: `field`, `bytes`, `malformed`. */
  readonly kinds: readonly number[];
  /** Words: `type index`, `opcode`, … */
  readonly labels: readonly number[];
  /** Words: how the bytes are read, `u32`, `utf8`, … */
  readonly forms: readonly number[];
  /** Words: what a number stands for, `func`, `size`, … */
  readonly roles: readonly number[];
  /** Numbers in BYTE_TONES. */
  readonly tones: readonly number[];
  /** Words: the innermost section, `code`, `custom "name"`; none in a header. */
  readonly sections: readonly number[];
  /** Words: the instruction that it is of. */
  readonly instructions: readonly number[];
  /** How many nodes the field is in, down from the file. */
  readonly depths: readonly number[];
  /** Words: what is wrong with it. */
  readonly faults: readonly number[];
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

/** client → server: all about the bytes of a range, for views that show one at once when it is pointed at. */
export const ByteCardsRequest = new RequestType<ByteCardsParams, ByteCardsResult, void>(
  'wasmscope/byteCards',
);

/** client → server: the fields that have bytes in a range. They cover it without gaps. */
export const ByteLeavesRequest = new RequestType<ByteLeavesParams, ByteLeavesResult, void>(
  'wasmscope/byteLeaves',
);

/** client → server: what a node of the byte structure is made of. */
export const ByteTreeRequest = new RequestType<ByteTreeParams, ByteTreeResult, void>('wasmscope/byteTree');

/**
 * A binary that the client shows and owns the bytes of. From now on all questions about this URI are about these bytes. With
 * neither `data` nor `length` the server reads the file, and what the file is later does not matter until `didChange`.
 */
export interface BinaryDidOpenParams extends UriParams {
  readonly version: number;
  /** All bytes, as base64. */
  readonly data?: string;
  /** How many bytes there are. They follow in chunks; questions wait for the last one. */
  readonly length?: number;
}

/** Some of the bytes of a binary that was opened, or opened again, with a `length`: in any order, each byte once. */
export interface BinaryChunkParams extends UriParams {
  readonly version: number;
  readonly offset: number;
  /** As base64. */
  readonly data: string;
}

export interface BinaryDidChangeParams extends UriParams {
  readonly version: number;
  /** One after the other, each about what the one before made. Absent: the server reads the file again. */
  readonly changes?: readonly {
    readonly start: number;
    readonly end: number;
    /** What stands in place of `[start, end)`, as base64. */
    readonly data: string;
  }[];
}

/** client → server. */
export const BinaryDidOpen = new NotificationType<BinaryDidOpenParams>('wasmscope/binary/didOpen');
export const BinaryChunk = new NotificationType<BinaryChunkParams>('wasmscope/binary/chunk');
export const BinaryDidChange = new NotificationType<BinaryDidChangeParams>('wasmscope/binary/didChange');
export const BinaryDidClose = new NotificationType<UriParams>('wasmscope/binary/didClose');

export interface ByteWatParams extends UriParams {
  readonly offset: number;
  /** How the text is written: words of a document's query, `folded.offsets`. */
  readonly written?: string;
}

/** The function that has a byte, as text. */
export interface ByteWatResult {
  readonly funcIdx: number;
  /** `func 12 $add`. */
  readonly title: string;
  /** The bytes of its code entry, size included. */
  readonly start: number;
  readonly end: number;
  /** Its document; absent for a function of a nested module. */
  readonly uri?: string;
  /** Absent where a function is too long to be printed for a view; its document has it all the same. */
  readonly text?: string;
  /** For each line of `text` the offset of its first instruction by bytes, -1 where it has none. */
  readonly offsets?: readonly number[];
  /** The line of the byte asked about. */
  readonly line?: number;
}

/** client → server: the text of the function that has a byte; null where no function has it. The first one may take a second. */
export const ByteWatRequest = new RequestType<ByteWatParams, ByteWatResult | null, void>('wasmscope/byteWat');

/** What is looked for: one of these. */
export interface ByteFindParams extends UriParams {
  /** Bytes in hexadecimal, `??` for any: `00 61 ?? 6d`. */
  readonly pattern?: string;
  /** A text in UTF-8. */
  readonly text?: string;
  /** Only of `text`: letters of ASCII match in both cases. */
  readonly anyCase?: boolean;
  /** Instructions that follow each other, `…` (or `...`) for any in between: `i32.const 65536 … memory.grow`. */
  readonly instructions?: string;
  /** A part of a name: of functions, other items, imports, exports, sections; in any case. */
  readonly name?: string;
  /** Only what begins at or behind this offset. */
  readonly from?: number;
  /** How many matches are sent at most; 10,000 unless told. */
  readonly limit?: number;
}

export interface ByteRanges {
  /** Start and end of each, one after the other, ascending by start. */
  readonly ranges: readonly number[];
  /** What each of them is, where there is something to say: `func 12 $add › call`. */
  readonly titles?: readonly string[];
  /** There are more than were asked for. */
  readonly more: boolean;
}

/** client → server: where something is. Can be cancelled. Refused with what is wrong with a pattern. */
export const ByteFindRequest = new RequestType<ByteFindParams, ByteRanges, void>('wasmscope/byteFind');

/** Where to go: one of these. */
export interface ByteGotoParams extends UriParams {
  readonly offset?: number;
  /** An index, or a name with or without `$`. Index spaces are the outermost module's. */
  readonly func?: number | string;
  /** A section's name as the structure has it, or a custom section's own. */
  readonly section?: string;
  readonly export?: string;
  /** What somebody typed: an offset (`0x1f3`, `499`), `func 12`, `$name`, `section code`, `export go`, or a part of a name. */
  readonly text?: string;
}

export interface ByteTarget {
  /** `offset`, `func`, `section`, `export`, `import`, … */
  readonly kind: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/** client → server: places by what they are called, the best first, at most 100; none if there is no such place. */
export const ByteGotoRequest = new RequestType<
  ByteGotoParams,
  { readonly targets: readonly ByteTarget[] },
  void
>('wasmscope/byteGoto');

export interface BytePlaceParams extends UriParams {
  readonly offset: number;
}

/** client → server: where the thing is that the index, label or reference at an offset names. */
export const ByteDefinitionRequest = new RequestType<
  BytePlaceParams,
  { readonly targets: readonly ByteTarget[] },
  void
>('wasmscope/byteDefinition');

/**
 * client → server: all bytes that name what the index at an offset names, or what is defined there. Can be cancelled.
 * `target` is what it is about; absent where there is nothing to ask about.
 */
export const ByteReferencesRequest = new RequestType<
  BytePlaceParams,
  ByteRanges & { readonly target?: ByteTarget },
  void
>('wasmscope/byteReferences');

export interface BinarySummaryParams extends UriParams {
  /** How many functions are listed, the largest first; 500 unless told. */
  readonly functions?: number;
  /** Leaves out what reads all of the code: `features`, and faults in bodies. For a page that shows at once and asks again. */
  readonly brief?: boolean;
}

/** What a binary is and holds. Of a malformed one, what could be read. Ranges are offsets in the file. */
export interface BinarySummary {
  readonly size: number;
  readonly kind: 'module' | 'component' | 'unknown';
  /** For people: `a WASI command`, `a component of the world wasi:cli/command`. */
  readonly what: string;
  /** Of the outermost file, in order; those of nested modules and components below theirs. */
  readonly sections: readonly SummarySection[];
  readonly imports: readonly SummaryPlace[];
  readonly exports: readonly SummaryPlace[];
  readonly memories: readonly SummaryPlace[];
  readonly tables: readonly SummaryPlace[];
  readonly counts: readonly { readonly what: string; readonly count: number }[];
  readonly start?: SummaryPlace;
  readonly functions: {
    readonly imported: number;
    readonly defined: number;
    /** Bytes of all code entries. */
    readonly size: number;
    /** The largest, the largest first. */
    readonly largest: readonly (SummaryPlace & { readonly idx: number; readonly size: number })[];
  };
  /** Features beyond the first version, each with the first thing that needs it. */
  readonly features: readonly {
    readonly name: string;
    /** Byte, and what stands there: `i32x4.add`, `type 3`. */
    readonly offset: number;
    readonly needs: string;
  }[];
  readonly producers: readonly {
    readonly field: string;
    readonly values: readonly { readonly name: string; readonly version: string }[];
  }[];
  /** What its makers say that it uses: `+simd128`. */
  readonly targetFeatures: readonly string[];
  /** For people, one a kind: `names of 120 functions`, `DWARF 4, 81 % of the file`, `source map ./a.map`. */
  readonly debugInfo: readonly string[];
  readonly fault?: SummaryFault;
  readonly warnings: readonly SummaryFault[];
}

export interface SummarySection {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** How many items are in it, where that is known. */
  readonly count?: number;
  readonly sections?: readonly SummarySection[];
}

export interface SummaryPlace extends SummaryItem {
  /** Where it stands in the file; absent where that is not known. */
  readonly offset?: number;
}

/** client → server: what a binary is, for a page about it. */
export const BinarySummaryRequest = new RequestType<BinarySummaryParams, BinarySummary, void>(
  'wasmscope/binarySummary',
);

/** server → client: a file that the server cannot read by itself, as base64. */
export const ReadFileRequest = new RequestType<UriParams, { data: string }, void>('wasmscope/readFile');

/** The file that a request names. Throws an Error for people if it names none. */
export function uriOf(params: UriParams): string {
  const uri: unknown = params?.uri;
  if (typeof uri !== 'string') throw new Error('the request names no file: it needs a uri');
  return uri;
}
